"""Why a download that a request waits for must not be removed from its torrent client.

It is removed only while it is surely this request's alone: our facts and the arr's live queue both
say so, nobody else waits for it, no other torrent shares its data, and it is not complete. What is
complete seeds, and goes with the purge.
"""

from collections.abc import Iterable
from typing import Final

from ..deletion.proofs import KEEP, Objection
from ..inventory import ArrTitle
from ..knowledge import Answer, Known, Unknown
from ..media import MOVIE, Place
from ..paths import contains
from ..plan import Proof, ProofKind
from ..text import Text, say
from ..torrents import Torrent, TorrentState
from .holdings import ClientTorrent, Gathered, Queued
from .request import Request

# What a client does with the data itself; else nobody knows.
_WORK: Final = {
    TorrentState.CHECKING: say("work_checking"),
    TorrentState.MOVING: say("work_moving"),
    TorrentState.ALLOCATING: say("work_allocating"),
}


def under_way(gathered: Gathered, download: str) -> ClientTorrent | None:
    """Find the one torrent of a download; None when there is none, or more than one."""
    found = _found(gathered, download)
    return found[0] if len(found) == 1 else None


def _found(gathered: Gathered, download: str) -> list[ClientTorrent]:
    torrents = gathered.torrents.value if isinstance(gathered.torrents, Known) else ()
    return [one for one in torrents if download in (one.torrent.hash, *one.torrent.other_hashes)]


def against_removing(
    request: Request,
    gathered: Gathered,
    download: str,
    places: frozenset[Place | None],
    *,
    files: bool,
) -> Objection | None:
    """Say why a download stays; None: it may go. An empty reason: there is nothing to remove.

    What is under way and stays keeps its request (law 15): closed, nobody would see to its end. Not
    so what another request waits for, or what is complete; unless, with `files`, its import would
    bring back what goes.
    """
    if (said := _unknown(gathered)) is not None:
        return Objection(said, unknown=True)
    found, lines = _found(gathered, download), _lines(gathered, download)
    if not found and not lines:
        return Objection("", harmless=True)
    if download in gathered.other_downloads:
        return Objection(say("torrent_another_waits"), harmless=True)
    if not found:
        # It goes on where nobody here can look; or was removed, and its arr has not looked yet.
        return Objection(say("torrent_in_queue_only"), unknown=True)
    if len(found) > 1:
        return Objection(say("torrent_several"))
    return (
        _at_work(found[0].torrent)
        or _complete(found[0].torrent, lines, files=files)
        or _not_asked(request, places)
        or _not_ours(request, gathered, lines)
        or _in_use(gathered, found[0])
        or _in_library(gathered, found[0].torrent)
    )


def _unknown(gathered: Gathered) -> Text | None:
    """Say what of all that has to be known is not; None: it is."""
    if isinstance(gathered.record, Unknown):
        return say("title_holder_unknown", why=gathered.record.reason)
    if isinstance(gathered.torrents, Unknown):
        return say("torrents_unknown", why=gathered.torrents.reason)
    if isinstance(gathered.queue, Unknown):
        return say("whose_downloads_unknown", why=gathered.queue.reason)
    return None


def _lines(gathered: Gathered, download: str) -> list[Queued]:
    queue = gathered.queue.value if isinstance(gathered.queue, Known) else ()
    return [line for line in queue if line.download == download]


def _at_work(torrent: Torrent) -> Objection | None:
    """Refuse while the client itself works on the data: how much of it is there is not known."""
    if not torrent.state.is_at_work:
        return None
    work = _WORK.get(torrent.state, say("work_unknown"))
    return Objection(say("torrent_at_work", state=work), unknown=True)


def _complete(torrent: Torrent, lines: list[Queued], *, files: bool) -> Objection | None:
    if not torrent.complete and torrent.progress < 100:  # noqa: PLR2004
        return None
    if files and lines:
        return Objection(say("torrent_to_import"), unknown=True)
    return Objection(say("torrent_complete"), harmless=True)


def _not_asked(request: Request, places: frozenset[Place | None]) -> Objection | None:
    """Compare what it was grabbed for, by our own facts, with what was asked for."""
    if not places:
        return Objection(say("torrent_not_told"), unknown=True)
    if None in places:
        return Objection(say("torrent_not_named"), unknown=True)
    if all(place is not None and _wanted(request, place) for place in places):
        return None
    return Objection(say("torrent_for_more"))


def _wanted(request: Request, place: Place) -> bool:
    return place == MOVIE if request.is_movie else request.wants(place.season)


def _not_ours(request: Request, gathered: Gathered, lines: list[Queued]) -> Objection | None:
    """Ask the arrs' own queues: is it this title's, and nothing else's?"""
    record = gathered.record.value if isinstance(gathered.record, Known) else None
    if record is None:
        return Objection(say("torrent_no_arr"))
    if not lines:
        # The queue is written anew once a minute: what was just grabbed is not in it yet.
        said = say("torrent_not_in_queue", arr=record.name)
        return Objection(said, unknown=True)
    if not all(_is_ours(request, record, line) for line in lines):
        return Objection(say("torrent_of_another"))
    return None


def _is_ours(request: Request, record: ArrTitle, line: Queued) -> bool:
    if (line.service, line.media_id) != (record.service, record.id):
        return False
    if request.is_movie:
        return True
    place = next((unit.place for unit in record.units if unit.id == line.unit_id), None)
    return place is not None and request.wants(place.season)


def queue_proof(request: Request, gathered: Gathered, download: str) -> Proof:
    """Give the proof of a torrent: its client and the arr's queue name the same hash as its own."""
    found, lines = _found(gathered, download), _lines(gathered, download)
    ours = tuple(say("proof_of_client", hash=one.torrent.hash, client=one.kind) for one in found)
    record = gathered.record.value if isinstance(gathered.record, Known) else None
    same = bool(lines) and len(found) == 1
    mine = record is not None and same and all(_is_ours(request, record, one) for one in lines)
    theirs = say("nothing") if record is None else say("proof_of_queue", arr=record.name)
    return Proof(ProofKind.HASH, say("listed", what=ours), theirs, Answer.of(mine))


def _in_use(gathered: Gathered, found: ClientTorrent) -> Objection | None:
    torrent = found.torrent
    if KEEP in {tag.strip().lower() for tag in (*torrent.tags, torrent.label)}:
        return Objection(say("torrent_kept", tag=KEEP))
    if not torrent.content_path:
        return Objection(say("torrent_place_unknown"), unknown=True)
    torrents = gathered.torrents.value if isinstance(gathered.torrents, Known) else ()
    if any(_shares(torrent, other) for other in _others(torrents, found)):
        return Objection(say("torrent_shares_data"))
    return None


def _in_library(gathered: Gathered, torrent: Torrent) -> Objection | None:
    """Refuse data that lies among the title's own files: it would take these along, unproven.

    A client and an arr mostly have the same names for the same folders; where not, nothing matches.
    """
    record = gathered.record.value if isinstance(gathered.record, Known) else None
    data = torrent.content_path or ""
    if record is None or not (contains(record.path, data) or contains(data, record.path)):
        return None
    return Objection(say("torrent_in_library", arr=record.name, folder=data))


def _others(torrents: Iterable[ClientTorrent], found: ClientTorrent) -> Iterable[Torrent]:
    return (one.torrent for one in torrents if one is not found)


def _shares(one: Torrent, other: Torrent) -> bool:
    """Tell whether two torrents may have data in common: by place, or by name, as cross-seeds do.

    One whose place is not told shares what lies under its folder, or bears its name.
    """
    if one.name.casefold() == other.name.casefold():
        return True
    mine, theirs = one.content_path or "", other.content_path or ""
    return contains(mine, theirs) or contains(theirs, mine) or mine == theirs
