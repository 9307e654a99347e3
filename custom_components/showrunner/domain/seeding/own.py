"""What a torrent says by itself, whoever else there is: is it whole, and has it seeded enough."""

from datetime import datetime, timedelta
from typing import Final

from ..finding import Finding
from ..knowledge import Answer, all_of
from ..text import Words, say
from ..torrents import Torrent, TorrentState
from .facts import ClientTorrents
from .verdict import PurgeRule

_TRACKER: Final = "tracker:"
_RESTS: Final = frozenset(
    {TorrentState.SEEDING, TorrentState.PAUSED, TorrentState.STOPPED, TorrentState.QUEUED}
)


def complete(torrent: Torrent, client: ClientTorrents) -> Finding:
    """Tell whether all of it is there, and its client does nothing to it."""
    state = torrent.state
    answer, said = Answer.NO, say("purge_not_complete")
    if state.is_at_work:
        answer, said = Answer.UNKNOWN, say("purge_at_work")
    elif torrent.complete and state in (*_RESTS, TorrentState.ERROR):
        return Finding(PurgeRule.COMPLETE, Answer.YES, state.value, source=client.name)
    return Finding(PurgeRule.COMPLETE, answer, state.value, source=client.name, detail=said)


def errored(torrent: Torrent, client: ClientTorrents) -> Finding:
    """Tell whether something is wrong with the data; what only a tracker says is not."""
    message = torrent.message.strip()
    tracker = message.casefold().startswith(_TRACKER)
    is_errored = torrent.state is TorrentState.ERROR or bool(message and not tracker)
    said: Words = say("purge_errored", why=message or torrent.state.value) if is_errored else ""
    answer = Answer.of(is_errored)
    return Finding(PurgeRule.ERRORED, answer, message, source=client.name, detail=said)


def untimed(torrent: Torrent, client: ClientTorrents, now: datetime) -> Finding:
    """Keep what may be a private tracker's while nobody knows how long it has seeded."""
    nobody_knows = Answer.of(seeded(torrent, now) is None)
    private = Answer.UNKNOWN if torrent.private is None else Answer.of(torrent.private)
    answer = all_of((nobody_knows, private))
    said: Words = "" if answer is Answer.NO else say("purge_untimed")
    return Finding(PurgeRule.UNTIMED, answer, source=client.name, detail=said)


def seeded(torrent: Torrent, now: datetime) -> timedelta | None:
    """Say how long it has surely seeded; None when nobody knows.

    Without a count of the client's own it is since when it could, and only while it does: one that
    is stopped may have been so all the time.
    """
    if torrent.seeding_seconds is None and torrent.state is not TorrentState.SEEDING:
        return None
    return torrent.seeded(now)


def days(torrent: Torrent, now: datetime) -> float | None:
    """Say how many days it has surely seeded; None when nobody knows."""
    time = seeded(torrent, now)
    return None if time is None else time / timedelta(days=1)


def reaches(value: float | None, wanted: float) -> Answer:
    """Compare what may not be known with what is wanted."""
    return Answer.UNKNOWN if value is None else Answer.of(value >= wanted)
