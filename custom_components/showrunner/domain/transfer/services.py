"""What torrent clients and arrs say of releases: whether they are complete, whether imported."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Self

from ..history import HistoryEvent, HistoryKind
from ..knowledge import Answer
from ..torrents import Torrent

# What clients put where letters of a name were lost on the way.
_LOST: Final = ("?", "%", "\ufffd")


@dataclass(frozen=True, slots=True)
class Downloads:
    """What all linked torrent clients have, by the names that lie on the disk.

    `unfinished`: every folder and file on the way to something that is not whole. `silent`: one of
    them did not tell. `lossy`: one has something unfinished whose name lost letters, so that it may
    be any name with such.
    """

    by_name: Mapping[str, tuple[Torrent, ...]]
    unfinished: frozenset[str] = frozenset()
    silent: bool = False
    lossy: bool = False

    @classmethod
    def of(cls, torrents: Iterable[Torrent], *, silent: bool) -> Self:
        """Sort what the clients that did tell have."""
        found: dict[str, tuple[Torrent, ...]] = {}
        unfinished: set[str] = set()
        for one in torrents:
            name = _last(one.content_path or "") or one.name
            found[name] = (*found.get(name, ()), one)
            if not _whole(one):
                unfinished.update((name, one.name))
                unfinished.update(_parts(one.content_path), _parts(one.save_path))
        lossy = any(lost in name for name in unfinished for lost in _LOST)
        return cls(found, frozenset(unfinished), silent, lossy)

    def complete(self, name: bytes) -> Answer | None:
        """Tell whether a release is complete; None when no client knows it.

        A folder in which anything unfinished lies, or may lie, is not.
        """
        if _text(name) in self.unfinished:
            return Answer.NO
        if self.torrents(name):
            return Answer.YES
        plain = name.isascii() and name.decode().isprintable()
        if self.silent or (self.lossy and not plain):
            return Answer.UNKNOWN
        return None

    def torrents(self, name: bytes) -> tuple[Torrent, ...]:
        """Give the torrents that a release belongs to."""
        text = _text(name)
        return () if text is None else self.by_name.get(text, ())

    def hashes(self, name: bytes) -> frozenset[str]:
        """Give all hashes by which a release's torrents are known."""
        return frozenset(
            info_hash.upper()
            for one in self.torrents(name)
            for info_hash in (one.hash, *one.other_hashes)
        )


@dataclass(frozen=True, slots=True)
class AskedFor:
    """The arr (its subentry's id) that has asked for a download, and how it calls that."""

    service: str
    download_id: str | None


@dataclass(frozen=True, slots=True)
class Imports:
    """What the arrs' histories tell of downloads: by their hashes, and by the names on the disk.

    `hashes`: when each was imported last; `grabs`: when it was asked for last. `grabbed`: which arr
    (its subentry's id) has asked for a download, by hash and by name. `unknown`: not all arrs did
    tell.
    """

    hashes: Mapping[str, datetime] = field(default_factory=dict)
    names: frozenset[str] = frozenset()
    grabs: Mapping[str, datetime] = field(default_factory=dict)
    grabbed: Mapping[str, str] = field(default_factory=dict)
    unknown: bool = False

    @classmethod
    def of(cls, histories: Mapping[str, Iterable[HistoryEvent]], *, unknown: bool) -> Self:
        """Read the events of each arr."""
        hashes: dict[str, datetime] = {}
        names: set[str] = set()
        grabs: dict[str, datetime] = {}
        grabbed: dict[str, str] = {}
        for service, events in histories.items():
            for event in events:
                ids = {one for one in (event.download_id, event.info_hash) if one}
                if event.kind is HistoryKind.IMPORTED:
                    _note(hashes, ids, event.at)
                    # The file and its folder: what is above is the folder of all downloads.
                    names.update(_parts(event.source_path)[-2:])
                elif event.kind is HistoryKind.GRABBED:
                    _note(grabs, ids, event.at)
                    grabbed |= dict.fromkeys({*ids, event.source_title} - {""}, service)
        return cls(hashes, frozenset(names), grabs, grabbed, unknown)

    def imported(self, name: bytes, hashes: frozenset[str]) -> Answer:
        """Tell whether anything of a release was imported, and not asked for anew since."""
        text = name.decode("utf-8", "replace")
        if hashes & self.hashes.keys():
            if self._imported_last(hashes):
                return Answer.YES
        elif text in self.names:
            return Answer.YES
        return Answer.UNKNOWN if self.unknown else Answer.NO

    def wanted_since(self, hashes: frozenset[str], at: datetime) -> bool:
        """Tell whether a download was asked for after an instant, and not imported since."""
        asked = [self.grabs[one] for one in hashes & self.grabs.keys()]
        return bool(asked) and max(asked) > at and not self._imported_last(hashes)

    def _imported_last(self, hashes: frozenset[str]) -> bool:
        """Tell whether the last that happened to a download was its import, and no new grab."""
        imported = [self.hashes[one] for one in hashes & self.hashes.keys()]
        asked = [self.grabs[one] for one in hashes & self.grabs.keys()]
        return bool(imported) and (not asked or max(imported) >= max(asked))

    def asked_for(self, name: bytes, hashes: frozenset[str]) -> AskedFor | None:
        """Say which arr has asked for a release; None when none is known to."""
        text = name.decode("utf-8", "replace")
        stem = text.rpartition(".")[0]
        for one in (*sorted(hashes), text, stem):
            if (service := self.grabbed.get(one)) is not None:
                return AskedFor(service, one if one in hashes else None)
        return None


def _note(last: dict[str, datetime], names: Iterable[str], at: datetime) -> None:
    for name in names:
        last[name] = max(last.get(name, at), at)


def _text(name: bytes) -> str | None:
    try:
        return name.decode()
    except UnicodeDecodeError:
        return None


def _whole(torrent: Torrent) -> bool:
    return torrent.complete and not torrent.state.is_at_work


def _parts(path: str | None) -> list[str]:
    return [part for part in (path or "").replace("\\", "/").split("/") if part]


def _last(path: str) -> str:
    parts = _parts(path)
    return parts[-1] if parts else ""
