"""Lossless sound that is converted: told once a play, of tracked viewers only."""

from collections.abc import Callable, Iterable

from ..domain.streams import Stream, lossless_transcoded, visible
from ..signals import Signals, Topic

type Play = tuple[str, str, str]


class Conversions:
    """Remembers which plays were told. A play is named by user, session and item."""

    def __init__(self, signals: Signals, tracked: Callable[[str], bool]) -> None:
        """Take whom to tell, and what tells whether a user is tracked."""
        self._signals = signals
        self._tracked = tracked
        self._announced: frozenset[Play] = frozenset()

    def forget(self, streams: tuple[Stream, ...], plays: Iterable[Play]) -> None:
        """Forget what is over by a look at the sessions; `plays` are those that may go on unseen.

        At once, in the order of the looks: what plays next may bear the same name.
        """
        # What is no viewing (live television, a home video) is a stream only.
        self._announced &= {*plays, *(play for stream in streams for play in _plays(stream))}

    def look(self, streams: tuple[Stream, ...]) -> None:
        """Tell what is new in a look at the sessions."""
        for stream in visible(streams, self._tracked):
            if not lossless_transcoded(stream):
                continue
            for play in sorted(_plays(stream) - self._announced):
                self._announced |= {play}
                self._signals.send(Topic.PLAYBACK, "transcoding", _attributes(stream, play[0]))


def _plays(stream: Stream) -> set[Play]:
    return {(user_id, stream.session_id, stream.item_id) for user_id in stream.watching}


def _attributes(stream: Stream, user_id: str) -> dict[str, object]:
    """Give what the event says: small and flat."""
    return {
        "viewer_id": user_id,
        "title": stream.title,
        "media": stream.media.value,
        "device": stream.device,
        "client": stream.client,
        "reasons": list(stream.reasons.all),
        "codec": stream.source.audio_profile or stream.source.audio,
    }
