"""What qBittorrent tells in parts (`sync/maindata`), put together."""

from collections.abc import Mapping
from typing import Final

from ..domain.torrents import Torrent, TorrentList
from .offload import cooperative_yield, members
from .parse import Json, natural
from .qbittorrent_models import KEPT, torrent

# What a torrent must have to be one; less than that is a change of one that we don't know.
_WHOLE: Final = frozenset({"name", "state"})
# A torrent's fields as they were told, in the order of KEPT: 20,000 are held, and the collector
# passes over what holds nothing but texts and numbers.
type _Row = tuple[object, ...]
_ABSENT: Final = object()
_COMMON: Final = tuple(
    place
    for place, key in enumerate(KEPT)
    if key in ("state", "category", "tags", "save_path", "tracker")
)


class UnknownTorrent(Exception):
    """A change of a torrent that we do not know."""


class MainData:
    """What qBittorrent told so far, kept up to date by what it says has changed."""

    def __init__(self, version: str = "") -> None:
        """Begin with nothing; `version` is the server's."""
        self.rid = 0
        self.version = version
        self.torrents: dict[str, Torrent] = {}
        self.list: TorrentList | None = None
        self._rows: dict[str, _Row] = {}
        # Texts that many torrents share: their folders, trackers, states and categories.
        self._shared: dict[str, str] = {}
        self._state: dict[str, object] = {}
        self._doubts_free = False

    def merge(self, content: bytes) -> bool:
        """Take an answer; tell whether everything is known. Raises ValueError, UnknownTorrent.

        Nothing is changed unless the whole answer could be read. Runs aside of the event loop.
        """
        entries: dict[str, object] = {}
        changed: dict[str, Json] = {}
        for key, value in members(content.decode("utf-8", "replace"), within="torrents"):
            cooperative_yield()
            outer, _, info_hash = key.partition(" ")
            if not info_hash:
                entries[key] = value
            elif outer == "torrents" and isinstance(value, Mapping):
                changed[info_hash] = {one: value[one] for one in KEPT if one in value}
        rid = natural(entries.get("rid"))
        if rid is None:
            raise ValueError("no rid")
        whole = entries.get("full_update") is True
        if not whole and self.list is None:
            return False
        rows = {} if whole else self._rows
        merged = {key: {**_told(rows.get(key, ())), **row} for key, row in changed.items()}
        if any(not row.keys() >= _WHOLE for row in merged.values()):
            raise UnknownTorrent
        self._take(entries, merged, whole=whole)
        self.rid = rid
        return True

    def _take(self, answer: Json, merged: Mapping[str, Json], *, whole: bool) -> None:
        removed = answer.get("torrents_removed")
        state = answer.get("server_state")
        gone = [key for key in removed if isinstance(key, str)] if isinstance(removed, list) else []
        if not (whole or merged or gone or state or self._doubts_free):
            return
        if whole:
            self._rows, self.torrents, self._state, self._shared = {}, {}, {}, {}
        for key in gone:
            self._rows.pop(key, None)
            self.torrents.pop(key, None)
        for key, row in merged.items():
            cooperative_yield()
            kept = self._kept(row)
            self._rows[key] = kept
            self.torrents[key] = torrent(key, _told(kept))
        if isinstance(state, Mapping):
            self._state.update(state)
        free = self._number("free_space_on_disk")
        # It measures the disk after a login, beside the first answer, which says 0 until then
        # (qBittorrent's synccontroller.cpp): a full disk is one that the next answer leaves at 0.
        was = self.list.free_bytes if self.list else None
        self._doubts_free = whole and free == 0 and was != 0
        self.list = TorrentList.of(
            self.torrents.values(),
            free_bytes=None if self._doubts_free else free,
            down_rate=self._number("dl_info_speed"),
            up_rate=self._number("up_info_speed"),
            version=self.version,
        )

    def _kept(self, row: Json) -> _Row:
        """Keep the fields that were told; a text that others have, too, once for all of them."""
        values = [_plain(row.get(key, _ABSENT)) for key in KEPT]
        for place in _COMMON:
            if isinstance(value := values[place], str):
                values[place] = self._shared.setdefault(value, value)
        return tuple(values)

    def _number(self, key: str) -> int | None:
        return natural(self._state.get(key))


def _told(row: _Row) -> dict[str, object]:
    """Give the fields that were told by their names."""
    return {key: value for key, value in zip(KEPT, row, strict=False) if value is not _ABSENT}


def _plain(value: object) -> object:
    """Leave out what is no text and no number: it can't be read as anything of a torrent."""
    return value if value is _ABSENT or isinstance(value, str | int | float) else None
