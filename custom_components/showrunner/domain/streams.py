"""Streams: what Jellyfin sends to whom, converted or not, and why.

Pure. A stream is one session, however many people sit before it. Seconds, and bits per second.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, Self


class PlayMethod(StrEnum):
    """How the file reaches the device: as it is, in another container, or converted."""

    DIRECT_PLAY = "direct_play"
    DIRECT_STREAM = "direct_stream"
    TRANSCODE = "transcode"
    UNKNOWN = "unknown"


class StreamMedia(StrEnum):
    """What is played. Other: live television, music videos, what people filmed themselves."""

    MOVIE = "movie"
    EPISODE = "episode"
    OTHER = "other"


# The server's names without the part in them. What a newer server adds is read by its words.
_PARTS: Final = {
    "RefFramesNotSupported": "video",
    "AnamorphicVideoNotSupported": "video",
    "InterlacedVideoNotSupported": "video",
    "StreamCountExceedsLimit": "container",
}
_WORDS: Final = ("subtitle", "audio", "video", "container")


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why a stream is converted, in the server's words, by the part that is to blame."""

    video: tuple[str, ...] = ()
    audio: tuple[str, ...] = ()
    subtitle: tuple[str, ...] = ()
    container: tuple[str, ...] = ()
    other: tuple[str, ...] = ()

    @classmethod
    def of(cls, names: Iterable[str]) -> Self:
        """Sort the server's reasons."""
        found: dict[str, list[str]] = {}
        for name in names:
            found.setdefault(_part(name), []).append(name)
        return cls(**{part: tuple(said) for part, said in found.items()})

    @property
    def all(self) -> tuple[str, ...]:
        """Every reason."""
        return (*self.video, *self.audio, *self.subtitle, *self.container, *self.other)


def _part(name: str) -> str:
    if name in _PARTS:
        return _PARTS[name]
    return next((word for word in _WORDS if word in name.lower()), "other")


@dataclass(frozen=True, slots=True)
class Codecs:
    """What a file holds, or what is made of it; lower case, None where it is not told."""

    container: str | None = None
    video: str | None = None
    audio: str | None = None
    audio_profile: str | None = None


@dataclass(frozen=True, slots=True)
class Stream:
    """One session that plays. `watching` are all its users, `user_id` the one who signed in.

    `audio_direct` and `video_direct` are None where the server does not say. `bitrate` is that of
    what is sent, as far as it is known.
    """

    session_id: str
    user_id: str
    watching: tuple[str, ...]
    item_id: str
    title: str
    media: StreamMedia
    device: str
    client: str
    method: PlayMethod
    reasons: Reasons = Reasons()
    source: Codecs = Codecs()
    target: Codecs | None = None
    video_direct: bool | None = None
    audio_direct: bool | None = None
    bitrate: int | None = None
    paused: bool = False
    position: float | None = None
    runtime: float | None = None

    @property
    def is_transcoding(self) -> bool:
        """Tell whether the server converts what it sends."""
        return self.method is PlayMethod.TRANSCODE


def lossless(codecs: Codecs) -> bool:
    """Tell whether the sound is Dolby TrueHD or DTS-HD Master Audio.

    These two, and no FLAC or PCM: those are small enough for any line and play nearly everywhere,
    while who keeps TrueHD or DTS-HD MA has a receiver for it. DTS-HD HRA has losses already.
    """
    codec = (codecs.audio or "").lower().replace("_", "-")
    if codec in ("truehd", "dts-hd ma", "dtshd-ma"):
        return True
    profile = (codecs.audio_profile or "").upper()
    return codec in ("dts", "dca", "dtshd", "dts-hd") and profile.startswith("DTS-HD MA")


def lossless_transcoded(stream: Stream) -> bool:
    """Tell whether lossless sound is converted: always a mistake in somebody's set-up.

    Where the server does not say what it does to the sound, another codec in what it sends does.
    """
    if not stream.is_transcoding or not lossless(stream.source):
        return False
    if stream.audio_direct is not None:
        return not stream.audio_direct
    sent = stream.target.audio if stream.target else None
    return sent is not None and sent != stream.source.audio


def total_bitrate(streams: Iterable[Stream]) -> int | None:
    """Add up the bitrates of what is being sent; None as soon as one is not known."""
    rates = [stream.bitrate for stream in streams if not stream.paused]
    known = [rate for rate in rates if rate is not None]
    return sum(known) if len(known) == len(rates) else None


def visible(streams: Iterable[Stream], tracked: Callable[[str], bool]) -> tuple[Stream, ...]:
    """Give the streams of tracked viewers, without the others who sit there too."""
    found = []
    for stream in streams:
        viewers = tuple(user_id for user_id in stream.watching if tracked(user_id))
        if viewers:
            first = stream.user_id if stream.user_id in viewers else viewers[0]
            found.append(replace(stream, user_id=first, watching=viewers))
    return tuple(found)
