"""Jellyfin's sessions, polled or pushed, as one value: who plays what, and how it is sent."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ..domain.media import Unit, UnitKind, normalize_guid
from ..domain.streams import Codecs, PlayMethod, Reasons, Stream, StreamMedia
from ..domain.text import say
from ..domain.watching import PlaybackReport, ReportKind, ReportSource
from .errors import Unreadable
from .jellyfin_models import is_extra, runtime, seconds, unit
from .parse import Json, flag, instant, integer, path, positive, rows, table, text, texts

_METHODS: Final = {
    "directplay": PlayMethod.DIRECT_PLAY,
    "directstream": PlayMethod.DIRECT_STREAM,
    "transcode": PlayMethod.TRANSCODE,
}
_LONGEST: Final = 86_400.0
_WITHOUT_FILES: Final = frozenset({"TvChannel", "LiveTvChannel", "Program", "LiveTvProgram"})


@dataclass(frozen=True, slots=True)
class SessionsSnapshot:
    """What plays at one instant: a report for each session and user, a stream for each session.

    A stream may be of something that is no viewing: live television, a music video.
    """

    reports: tuple[PlaybackReport, ...] = ()
    streams: tuple[Stream, ...] = ()


def snapshot(
    sessions: Iterable[Json], server_id: str, now: datetime, source: ReportSource
) -> SessionsSnapshot:
    """Read the list of all sessions."""
    found: list[PlaybackReport] = []
    streams: list[Stream] = []
    for row in sessions:
        found += reports(row, server_id, now, source)
        if (playing := stream(row, server_id)) is not None:
            streams.append(playing)
    return SessionsSnapshot(tuple(found), tuple(streams))


def playing_paths(sessions: Iterable[Json]) -> tuple[str, ...]:
    """Name the files that play, paused or not, also trailers and whatever else is no title.

    Raises Unreadable where a video plays and its file is not told; channels have none.
    """
    found: list[str] = []
    for row in sessions:
        playing = table(row.get("NowPlayingItem"))
        if not playing or text(playing.get("MediaType")) == "Audio":
            continue
        if (where := path(playing.get("Path"))) is not None:
            found.append(where)
        elif text(playing.get("Type")) not in _WITHOUT_FILES:
            raise Unreadable("Jellyfin", say("error_plays_what_has_no_path"))
    return tuple(found)


def playing_units(sessions: Iterable[Json], server_id: str) -> tuple[Unit, ...]:
    """Name what plays, paused or not, whoever watches it, also where no user is told.

    Raises Unreadable where something plays and nobody can tell what.
    """
    found: list[Unit] = []
    for row in sessions:
        item = row.get("NowPlayingItem")
        playing = table(item)
        if item is None or text(playing.get("MediaType")) == "Audio":
            continue
        server = normalize_guid(row.get("ServerId")) or server_id
        item_id = normalize_guid(playing.get("Id"))
        if item_id is None:
            raise Unreadable("Jellyfin", say("error_plays_what_has_no_id"))
        name = text(playing.get("Name")) or "?"
        found.append(
            unit(playing, server) or Unit(UnitKind.MOVIE, name, server_id, item_id),
        )
    return tuple(found)


def reports(
    row: Json, server_id: str, now: datetime, source: ReportSource = ReportSource.POLL
) -> list[PlaybackReport]:
    """Read what a session plays: one report for each user who watches, none when it is idle."""
    playing = table(row.get("NowPlayingItem"))
    found = unit(playing, normalize_guid(row.get("ServerId")) or server_id)
    if found is None:
        return []
    state, transcoding = table(row.get("PlayState")), table(row.get("TranscodingInfo"))
    # Every second that the server moves the position on by itself is an activity of the session.
    checked_in = instant(row.get("LastPlaybackCheckIn"))
    silent = silence(checked_in, instant(row.get("LastActivityDate")))
    return [
        PlaybackReport(
            source=source,
            kind=ReportKind.PROGRESS,
            at=now,
            user_id=user_id,
            user_name=user_name,
            unit=found,
            position=seconds(state.get("PositionTicks")),
            runtime=runtime(playing.get("RunTimeTicks")),
            paused=flag(state.get("IsPaused")) or False,
            session_id=text(row.get("Id")) or "",
            device=text(row.get("DeviceName")) or "",
            client=text(row.get("Client")) or "",
            play_method=(text(state.get("PlayMethod")) or "").lower(),
            transcode_reasons=_reasons(transcoding),
            is_theme=is_extra(playing),
            checked_in=checked_in,
            silent=silent,
        )
        for user_id, user_name in _users(row)
    ]


def silence(checked_in: datetime | None, answered_at: datetime | None) -> float:
    """Say how long a client had been silent when that was told, by the server's clock (seconds).

    What makes no sense is none: a check-in that is not told, lies ahead, or more than a day back.
    """
    if checked_in is None or answered_at is None:
        return 0.0
    passed = (answered_at - checked_in).total_seconds()
    return passed if 0 < passed <= _LONGEST else 0.0


def stream(row: Json, server_id: str) -> Stream | None:
    """Read how a session's video is sent; None for music, trailers, and where nothing plays."""
    playing, state = table(row.get("NowPlayingItem")), table(row.get("PlayState"))
    item_id, users = normalize_guid(playing.get("Id")), _users(row)
    found = unit(playing, normalize_guid(row.get("ServerId")) or server_id)
    video = found is not None or text(playing.get("MediaType")) == "Video"
    if item_id is None or not users or not video or is_extra(playing):
        return None
    transcoding = table(row.get("TranscodingInfo"))
    tracks = rows(playing.get("MediaStreams"))
    picture, sound = _track(tracks, "Video", None), _track(tracks, "Audio", state)
    return Stream(
        session_id=text(row.get("Id")) or "",
        user_id=users[0][0],
        watching=tuple(user_id for user_id, _ in users),
        item_id=item_id,
        title=found.label if found else text(playing.get("Name")) or "?",
        media=_media(found.kind if found else None),
        device=text(row.get("DeviceName")) or "",
        client=text(row.get("Client")) or "",
        method=_method(state, transcoding),
        reasons=Reasons.of(_reasons(transcoding)),
        source=Codecs(
            container=_code(playing.get("Container")),
            video=_code(picture.get("Codec")),
            audio=_code(sound.get("Codec")),
            audio_profile=text(sound.get("Profile")),
        ),
        target=_target(transcoding),
        video_direct=flag(transcoding.get("IsVideoDirect")),
        audio_direct=flag(transcoding.get("IsAudioDirect")),
        bitrate=_bitrate(playing, state, transcoding, (picture, sound)),
        paused=flag(state.get("IsPaused")) or False,
        position=seconds(state.get("PositionTicks")),
        runtime=runtime(playing.get("RunTimeTicks")),
    )


def _users(row: Json) -> list[tuple[str, str]]:
    """List who sits before a session, the one who signed in first: ids and names."""
    return [
        (user_id, text(user.get("UserName")) or "")
        for user in (row, *rows(row.get("AdditionalUsers")))
        if (user_id := normalize_guid(user.get("UserId"))) is not None
    ]


def _media(kind: UnitKind | None) -> StreamMedia:
    return StreamMedia.OTHER if kind is None else StreamMedia(kind.value)


def _reasons(transcoding: Json) -> tuple[str, ...]:
    """Read the reasons: a list of names, or one text with commas, as flags are written too."""
    reasons = transcoding.get("TranscodeReasons")
    if isinstance(reasons, str):
        return tuple(name for part in reasons.split(",") if (name := part.strip()))
    return texts(reasons)


def _method(state: Json, transcoding: Json) -> PlayMethod:
    """Read the method; "Transcode" of which both parts are passed through is another container."""
    said = _METHODS.get((text(state.get("PlayMethod")) or "").lower(), PlayMethod.UNKNOWN)
    direct = [flag(transcoding.get(name)) for name in ("IsVideoDirect", "IsAudioDirect")]
    if said is PlayMethod.TRANSCODE and direct == [True, True]:
        return PlayMethod.DIRECT_STREAM
    if said is not PlayMethod.DIRECT_PLAY and False in direct:
        return PlayMethod.TRANSCODE
    return said


def _target(transcoding: Json) -> Codecs | None:
    if not transcoding:
        return None
    return Codecs(
        container=_code(transcoding.get("Container")),
        video=_code(transcoding.get("VideoCodec")),
        audio=_code(transcoding.get("AudioCodec")),
    )


def _track(tracks: list[Json], kind: str, state: Json | None) -> Json:
    """Find the track that plays: the chosen one, the default one, the first."""
    mine = [track for track in tracks if text(track.get("Type")) == kind]
    chosen = integer(state.get("AudioStreamIndex")) if state else None
    for suits in (
        lambda track: chosen is not None and integer(track.get("Index")) == chosen,
        lambda track: flag(track.get("IsDefault")) is True,
    ):
        if (found := next(filter(suits, mine), None)) is not None:
            return found
    return mine[0] if mine else {}


def _bitrate(
    playing: Json, state: Json, transcoding: Json, tracks: tuple[Json, Json]
) -> int | None:
    """Read the bitrate of what is sent: the conversion's, else the file's, else its tracks'."""
    if (sent := positive(transcoding.get("Bitrate"))) is not None:
        return sent
    chosen = normalize_guid(state.get("MediaSourceId"))
    sources = rows(playing.get("MediaSources"))
    mine = [one for one in sources if len(sources) == 1 or normalize_guid(one.get("Id")) == chosen]
    if mine and (whole := positive(mine[0].get("Bitrate"))) is not None:
        return whole
    rates = [positive(track.get("BitRate")) for track in tracks if track]
    known = [rate for rate in rates if rate is not None]
    return sum(known) if known and len(known) == len(rates) else None


def _code(value: object) -> str | None:
    found = text(value)
    return None if found is None else found.lower()
