"""What is sent to whom, and when lossless sound is converted."""

import json
from pathlib import Path

from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.domain.streams import (
    Codecs,
    PlayMethod,
    Reasons,
    Stream,
    StreamMedia,
    lossless_transcoded,
    total_bitrate,
    visible,
)

CONTRACTS = Path(__file__).parents[3] / "shared" / "contracts"
# As Jellyfin 10.11 and 12 describe them: TranscodeReason.
REASONS = {
    "video": (
        *("VideoCodecNotSupported", "VideoProfileNotSupported", "VideoLevelNotSupported"),
        *("VideoResolutionNotSupported", "VideoBitDepthNotSupported", "VideoBitrateNotSupported"),
        *("VideoFramerateNotSupported", "RefFramesNotSupported", "AnamorphicVideoNotSupported"),
        *("InterlacedVideoNotSupported", "UnknownVideoStreamInfo", "VideoRangeTypeNotSupported"),
        *("VideoCodecTagNotSupported", "VideoRotationNotSupported"),
    ),
    "audio": (
        *("AudioCodecNotSupported", "AudioIsExternal", "SecondaryAudioNotSupported"),
        *("AudioChannelsNotSupported", "AudioProfileNotSupported", "AudioSampleRateNotSupported"),
        *("AudioBitDepthNotSupported", "AudioBitrateNotSupported", "UnknownAudioStreamInfo"),
    ),
    "subtitle": ("SubtitleCodecNotSupported",),
    "container": (
        *("ContainerNotSupported", "ContainerBitrateExceedsLimit", "StreamCountExceedsLimit"),
    ),
    "other": ("DirectPlayError",),
}
TRUEHD = Codecs(audio="truehd")
AAC = Codecs(audio="aac")


def stream(**rest: object) -> Stream:
    """Make a stream of Sofa's that is converted."""
    values: dict[str, object] = {
        "session_id": "s",
        "user_id": "sofa",
        "watching": ("sofa",),
        "item_id": "i",
        "title": "Heat (1995)",
        "media": StreamMedia.MOVIE,
        "device": "Television",
        "client": "Web",
        "method": PlayMethod.TRANSCODE,
    }
    return Stream(**(values | rest))  # type: ignore[arg-type]


@pytest.mark.parametrize(("part", "names"), REASONS.items())
def test_every_reason_blames_a_part(part: str, names: tuple[str, ...]) -> None:
    """Video, audio, subtitles, container; what blames none of them is kept too."""
    reasons = Reasons.of(names)
    assert getattr(reasons, part) == names
    assert reasons.all == names


@pytest.mark.skipif(not CONTRACTS.is_dir(), reason="the contracts are not beside the repository")
@pytest.mark.parametrize("version", ["10.11.11", "12.0.0"])
def test_the_servers_know_no_other_reasons(version: str) -> None:
    """What is listed above is what the servers' descriptions list."""
    path = CONTRACTS / "openapi" / f"jellyfin-{version}.min.openapi.json"
    known = json.loads(path.read_text())["components"]["schemas"]["TranscodeReason"]["enum"]
    ours = {name for names in REASONS.values() for name in names}
    assert set(known) <= ours
    assert version == "10.11.11" or set(known) == ours


def test_a_newer_servers_reason_is_read_by_its_words() -> None:
    """And none is lost."""
    reasons = Reasons.of(["AudioMoodNotSupported", "Moonlight"])
    assert (reasons.audio, reasons.other) == (("AudioMoodNotSupported",), ("Moonlight",))


@given(st.lists(st.text(max_size=30)))
def test_no_reason_is_lost(names: list[str]) -> None:
    """Whatever they are."""
    assert sorted(Reasons.of(names).all) == sorted(names)


@pytest.mark.parametrize(
    ("source", "lossless"),
    [
        (TRUEHD, True),
        (Codecs(audio="TrueHD", audio_profile="Dolby TrueHD + Dolby Atmos"), True),
        (Codecs(audio="dts", audio_profile="DTS-HD MA"), True),
        (Codecs(audio="dts", audio_profile="DTS-HD MA + DTS:X"), True),
        (Codecs(audio="dca", audio_profile="DTS-HD MA"), True),
        (Codecs(audio="dts", audio_profile="DTS-HD HRA"), False),
        (Codecs(audio="dts", audio_profile="DTS"), False),
        (Codecs(audio="dts"), False),
        (Codecs(audio="flac"), False),
        (Codecs(audio="pcm_s24le"), False),
        (Codecs(audio="eac3", audio_profile="Dolby Digital Plus + Dolby Atmos"), False),
        (Codecs(), False),
    ],
)
def test_which_sound_is_lossless(source: Codecs, lossless: bool) -> None:
    """Dolby TrueHD and DTS-HD Master Audio."""
    assert lossless_transcoded(stream(source=source, audio_direct=False)) is lossless


@pytest.mark.parametrize(
    ("method", "direct", "target", "converted"),
    [
        (PlayMethod.TRANSCODE, False, AAC, True),
        (PlayMethod.TRANSCODE, True, AAC, False),
        (PlayMethod.TRANSCODE, None, AAC, True),
        (PlayMethod.TRANSCODE, None, TRUEHD, False),
        (PlayMethod.TRANSCODE, None, Codecs(), False),
        (PlayMethod.TRANSCODE, None, None, False),
        (PlayMethod.DIRECT_STREAM, True, TRUEHD, False),
        (PlayMethod.DIRECT_PLAY, None, None, False),
        (PlayMethod.UNKNOWN, None, AAC, False),
    ],
)
def test_whether_the_sound_is_converted(
    method: PlayMethod, direct: bool | None, target: Codecs | None, converted: bool
) -> None:
    """As the server says; where it does not, by another codec. Unknown is no conversion."""
    one = stream(method=method, source=TRUEHD, audio_direct=direct, target=target)
    assert lossless_transcoded(one) is converted


def test_the_bitrate_of_all_is_unknown_when_one_is() -> None:
    """Nobody: nothing. What is paused is not sent."""
    assert total_bitrate([]) == 0
    assert total_bitrate([stream(bitrate=3), stream(bitrate=4)]) == 7
    assert total_bitrate([stream(bitrate=3), stream()]) is None
    assert total_bitrate([stream(bitrate=3), stream(paused=True)]) == 3


def test_who_is_not_tracked_is_not_seen() -> None:
    """Not beside a tracked viewer either."""
    both = stream(user_id="guest", watching=("guest", "sofa"))
    (seen,) = visible([stream(user_id="guest", watching=("guest",)), both], {"sofa"}.__contains__)
    assert (seen.user_id, seen.watching) == ("sofa", ("sofa",))
    assert "guest" not in repr(seen)
    assert visible([stream()], {"sofa"}.__contains__) == (stream(),)
