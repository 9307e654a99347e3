"""Whether a release that is home may be removed at its source.

Only what we have fetched in the very version that is there, whole; only when nobody seeds it any
more, as the purge removes what is seeded; and only when an arr has imported it from where it came
home. Unknown keeps.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
import unicodedata

from ..history import HistoryEvent, HistoryKind
from ..knowledge import Answer, Known, Unknown
from ..paths import components
from ..seeding import ClientTorrents, SeedingFacts, gone_torrent, uses
from ..seeding.imports import Imported, hashes, key as hash_key
from ..seeding.placed import may_be_same
from ..seeding.places import skeleton
from ..text import Words, say
from ..torrents import Torrent
from .selection import included
from .tree import Release, Version, shown

# What no import names may be so much of the smallest file that one does: samples, subtitles, notes.
_BESIDE: Final = 4


@dataclass(frozen=True, slots=True)
class Source:
    """The linked transfer that a release lies at: subentry's id, name, host, and its folder."""

    service: str
    name: str
    host: str
    folder: bytes


@dataclass(frozen=True, slots=True)
class Removable:
    """A release may go: these files of it, which are home, while `left` others stay.

    `hash` is the download that it came with, `imported` how it stands with that, and `path` a
    place from which the arr has imported it.
    """

    release: Release
    files: Mapping[bytes, Version]
    left: int
    hash: str
    imported: Imported
    path: str

    @property
    def size(self) -> int:
        """How many bytes that are."""
        return sum(version.size for version in self.files.values())


@dataclass(frozen=True, slots=True)
class Stay:
    """A release stays. `seeded`: a torrent client has it, and the purge sees to it."""

    release: Release
    reason: Words
    unknown: bool = False
    seeded: bool = False


def home(
    release: Release, fetched: Mapping[bytes, Version], exclude: Sequence[str]
) -> Mapping[bytes, Version] | Stay:
    """Give the files that are home in the version that is there; all that is wanted must be."""
    if release.unread:
        return Stay(release, say("transfer_not_readable", name=shown(release.unread[0])), True)  # noqa: FBT003
    files = {path: one for path, one in release.files.items() if fetched.get(path) == one}
    if not files or not included(release, exclude, fetched).keys() <= files.keys():
        return Stay(release, say("source_not_home"))
    return files


def against_clients(release: Release, source: Source, facts: SeedingFacts) -> Stay | None:
    """Say which torrent client has a release, or may have it; None: none has.

    A server may show a transfer other paths than a client: so names tell, wherever they lie.
    """
    if facts.silent or facts.blind:
        return Stay(release, say("transfer_client_silent"), unknown=True)
    if not any(may_be_same(source.host, client.host) for client in facts.clients):
        return Stay(release, say("source_no_client"), unknown=True)
    for client in facts.clients:
        if any(_has(torrent, release) for torrent in client.torrents):
            return Stay(release, say("source_seeded", client=client.name), seeded=True)
    mine = ClientTorrents(source.service, "transfer", source.name, source.host, ())
    place = f"{_text(source.folder).rstrip('/')}/{_text(release.name)}"
    size = sum(version.size for version in release.files.values())
    names = [_text(path) for path in release.files]
    if uses(facts, mine, gone_torrent("", _text(release.name), place, size), names) is Answer.NO:
        return None
    return Stay(release, say("purge_sharing_unknown"), unknown=True)


def _has(torrent: Torrent, release: Release) -> bool:
    """Tell whether a torrent may be this release, lie in it, or it in the torrent."""
    places = [components(one or "") or () for one in (torrent.content_path, torrent.save_path)]
    above = {skeleton(part) for parts in places for part in parts[1:]}
    mine = {
        skeleton(_text(part))
        for path in (release.name, *release.files, *release.others, *release.unread)
        for part in path.split(b"/")
    }
    last = places[0][-1:]
    own = {skeleton(one) for one in (torrent.name, *last)}
    return skeleton(_text(release.name)) in above or not mine.isdisjoint(own)


def by_imports(
    release: Release,
    files: Mapping[bytes, Version],
    fetched: Mapping[bytes, Version],
    rows: Iterable[HistoryEvent],
    facts: SeedingFacts,
) -> Removable | Stay:
    """Say whether an arr has imported a release, by its path and by its download's hash.

    `rows` is what has happened since it came home. What no import names may only be little; what
    is named need not be there any more: an earlier removal may have been interrupted.
    """
    imports = [row for row in rows if row.kind is HistoryKind.IMPORTED and row.source_path]
    below = [row for row in imports if is_below(row.source_path or "", release)]
    if not below:
        return Stay(release, say("source_not_imported"))
    places = [row.source_path or "" for row in below]
    named = {path for path in fetched if any(_names(place, path) for place in places)}
    rest = sum(version.size for path, version in files.items() if path not in named)
    if not named or rest * _BESIDE > min(fetched[path].size for path in named):
        return Stay(release, say("source_not_all_imported"))
    downloads = {one for row in below for one in (row.download_id, row.info_hash) if one}
    names = {hash_key(one) for one in downloads}
    found = next(iter(names), None)
    if found is None or len(names) != 1:
        return Stay(release, say("source_of_several"))
    imported = _imported_whole(release, found, facts)
    if isinstance(imported, Stay):
        return imported
    left = len(release.files.keys() - files.keys()) + len(release.others)
    return Removable(release, files, left, found, imported, places[0])


def _imported_whole(release: Release, found: str, facts: SeedingFacts) -> Imported | Stay:
    """Ask what the arrs say of all that was grabbed with a download; no client may have it."""
    for client in facts.clients:
        for torrent in client.torrents:
            if found in {hash_key(one) for one in hashes(torrent)}:
                return Stay(release, say("source_seeded", client=client.name), seeded=True)
    imported: Imported | None = None
    match facts.imports, facts.queued:
        case (Unknown(reason), _) | (_, Unknown(reason)):
            return Stay(release, say("purge_history_unknown", why=reason), unknown=True)
        case _, Known(names) if found in names:
            return Stay(release, say("purge_in_queue"))
        case Known(imports), _:
            imported = imports.of_torrent(gone_torrent(found, release.label, None, 0))
    if imported is None or imported.state.answer is not Answer.YES:
        why = say("source_not_imported") if imported is None else imported.said
        return Stay(release, why, imported is not None and imported.state.answer is Answer.UNKNOWN)
    return imported


def is_below(place: str, release: Release) -> bool:
    """Tell whether a place is a release's, in whatever folder it came home to."""
    name = comparable(release.name)
    parts = (components(place) or ())[1:]
    if not release.is_folder:
        return bool(parts) and parts[-1] == name
    return name is not None and name in parts[:-1]


def _names(place: str, path: bytes) -> bool:
    """Tell whether a place is that of a file, by its path from its release on."""
    parts = tuple(comparable(part) for part in path.split(b"/"))
    return (components(place) or ())[1:][-len(parts) :] == parts


def comparable(name: bytes) -> str | None:
    """Write a name as `components` does; None for what is no text."""
    try:
        return unicodedata.normalize("NFC", name.decode())
    except UnicodeDecodeError:
        return None


def _text(path: bytes) -> str:
    return path.decode("utf-8", "replace")
