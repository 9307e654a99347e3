"""rTorrent's torrents as ours: which fields are asked for, and what they mean.

Ratios come per mille, labels URL-encoded, numbers as whole ones; a path that is not said exactly is
none at all. A row that says the same as the last time is the same object as the last time.
"""

import binascii
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
import posixpath
from typing import Final
from urllib.parse import unquote

from ..domain.torrents import Torrent, TorrentState
from . import xmlrpc
from .offload import cooperative_yield
from .parse import epoch, integer, natural, path as whole_path, text
from .redaction import excerpt
from .xmlrpc import may_have_lost

# Of what a tracker or a disk says so much is kept (characters).
_LONGEST: Final = 500

FREE: Final = "d.free_diskspace="
NAME64: Final = "d.name.base64="
PATH64: Final = "d.base_path.base64="
# What every rTorrent from 0.9 answers, also to somebody whom it does not trust.
NEEDED: Final = (
    "d.hash=",
    "d.size_bytes=",
    "d.bytes_done=",
    "d.up.total=",
    "d.ratio=",
    "d.complete=",
    "d.state=",
    "d.is_active=",
    "d.hashing=",
    "d.timestamp.finished=",
    "d.custom1=",
    "d.message=",
)
# What may be refused: then the list goes on without it.
OPTIONAL: Final = (
    "d.is_hash_checking=",
    "d.is_multi_file=",
    "d.is_private=",
    "d.is_meta=",
    "d.load_date=",
    "d.down.rate=",
    "d.up.rate=",
    "d.peers_complete=",
    "d.peers_connected=",
    "d.custom=addtime",
    "d.custom=seedingtime",
)
PLAIN: Final = ("d.name=", "d.base_path=", "d.directory=")
ENCODED: Final = (NAME64, PATH64)

type Cell = str | int
type Row = Mapping[str, Cell]


def torrent(row: Row) -> Torrent | None:
    """Read one torrent; None without a hash, which nothing can be done with."""
    info_hash = str(row.get("d.hash=", "")).upper()
    if len(info_hash) != 40 or not info_hash.isascii() or not info_hash.isalnum():  # noqa: PLR2004
        return None
    size, done = _count(row, "d.size_bytes="), _count(row, "d.bytes_done=")
    complete = _count(row, "d.complete=") == 1
    down = _count(row, "d.down.rate=")
    finished = epoch(row.get("d.timestamp.finished=")) if complete else None
    seeds, everybody = (
        natural(row.get(key)) for key in ("d.peers_complete=", "d.peers_connected=")
    )
    private = integer(row.get("d.is_private="))
    content, folder = _places(row)
    ratio = natural(row.get("d.ratio="))
    return Torrent(
        hash=info_hash,
        name=text(_name(row)) or "",
        size_bytes=size,
        done_bytes=done,
        uploaded_bytes=_count(row, "d.up.total="),
        progress=100.0 if complete else min(100 * done / size, 100.0) if size else 0.0,
        ratio=None if ratio is None else ratio / 1000,
        state=_state(row, complete=complete, down=down),
        complete=complete,
        is_active=_count(row, "d.is_active=") == 1,
        eta=None if complete or not down else max(size - done, 0) // down,
        down_rate=down,
        up_rate=_count(row, "d.up.rate="),
        connected_seeds=seeds,
        connected_peers=None if seeds is None or everybody is None else max(everybody - seeds, 0),
        label=(text(unquote(str(row.get("d.custom1=", "")))) or "").strip(),
        save_path=folder,
        content_path=content,
        added_at=epoch(row.get("d.custom=addtime")) or epoch(row.get("d.load_date=")),
        completed_at=finished,
        seeding_since=(epoch(row.get("d.custom=seedingtime")) or finished) if complete else None,
        message=_message(row),
        private=None if private is None else private == 1,
    )


def _state(row: Row, *, complete: bool, down: int) -> TorrentState:
    if _count(row, "d.hashing=") or _count(row, "d.is_hash_checking="):
        return TorrentState.CHECKING
    message = _message(row)
    if not _count(row, "d.state="):
        # What a tracker says is no reason to stop; a disk or a failed check is.
        failed = message and not message.startswith("Tracker:")
        return TorrentState.ERROR if failed else TorrentState.STOPPED
    if not _count(row, "d.is_active="):
        return TorrentState.PAUSED
    if _count(row, "d.is_meta="):
        return TorrentState.METADATA
    if complete:
        return TorrentState.SEEDING
    return TorrentState.DOWNLOADING if down else TorrentState.STALLED


def _message(row: Row) -> str:
    return excerpt(text(str(row.get("d.message=", ""))) or "", _LONGEST)


def _name(row: Row) -> str:
    """Say the name as it is: it may be a part of the path."""
    if NAME64 in row:
        return _bytes(row[NAME64]).decode("utf-8", "replace")
    return str(row.get("d.name=", ""))


def _places(row: Row) -> tuple[str | None, str | None]:
    """Say where the data and its folder are; None where that is not said exactly.

    The base path is empty until a torrent was opened once since rTorrent started.
    """
    if PATH64 in row:
        try:
            path = _bytes(row[PATH64]).decode()
        except UnicodeDecodeError:
            return None, None
    else:
        path = str(row.get("d.base_path=", ""))
        folder = str(row.get("d.directory=", ""))
        multi = integer(row.get("d.is_multi_file="))
        if not path and folder and multi is not None:
            path = folder if multi else posixpath.join(folder, _name(row))
    exact = whole_path(path)
    if exact is None or "\ufffd" in exact:
        return None, None
    return exact, posixpath.dirname(exact)


def _bytes(value: Cell) -> bytes:
    try:
        return binascii.a2b_base64(str(value))
    except binascii.Error, ValueError:
        return b""


def _count(row: Row, key: str) -> int:
    return natural(row.get(key, 0)) or 0


def _most(sizes: Iterable[int]) -> int | None:
    """Give the most of what is free on the disks; 0 is what rTorrent says before it knows."""
    return max((known for one in sizes if (known := natural(one))), default=None)


class Reader:
    """Reads lists, and remembers rows: most torrents say the same the next time.

    The last field of every row is the free space, which changes for all at once: it is read apart.
    """

    def __init__(self, names: Sequence[str], *, exact: bool = True) -> None:
        """Take the fields' names in their order, without the free space at the end.

        Not `exact`: letters that the server can't say come as others.
        """
        self.names = tuple(names)
        self._exact = exact
        self._by_text: dict[str, Torrent | None] = {}
        self._by_row: dict[Cell, tuple[list[Cell], Torrent | None]] = {}

    def from_xml(self, content: bytes) -> tuple[list[Torrent], int | None] | None:
        """Read rTorrent's usual XML; None when it is something else. Raises NotXml."""
        free: list[int] = []
        seen: dict[str, Torrent | None] = {}

        def read(text: str) -> Torrent | None:
            cut = text.rfind("<value>")
            head = text[:cut]
            free.extend(one for one in xmlrpc.fields(text[cut:]) if isinstance(one, int))
            if head in self._by_text:
                found = self._by_text[head]
            else:
                found = self._torrent(xmlrpc.fields(head))
            seen[head] = found
            return found

        found = xmlrpc.rows(content, read)
        if found is None:
            return None
        self._by_text = seen
        return [one for one in found if one is not None], _most(free)

    def from_rows(self, rows: Iterable[list[Cell]]) -> tuple[list[Torrent], int | None]:
        """Read rows that are values already. Raises NotXml for rows of another length."""
        found: list[Torrent] = []
        seen: dict[Cell, tuple[list[Cell], Torrent | None]] = {}
        frees: list[int] = []
        for row in rows:
            cooperative_yield()
            free = row.pop() if row else 0
            if isinstance(free, int):
                frees.append(free)
            key = row[0] if row and isinstance(row[0], str | int) else ""
            known = self._by_row.get(key)
            if known is None or known[0] != row:
                known = (row, self._torrent(row))
            seen[key] = known
            if known[1] is not None:
                found.append(known[1])
        self._by_row = seen
        return found, _most(frees)

    def _torrent(self, row: Sequence[Cell]) -> Torrent | None:
        if len(row) != len(self.names):
            raise xmlrpc.NotXml
        cells = (cell if isinstance(cell, str | int) else "" for cell in row)
        found = torrent(dict(zip(self.names, cells, strict=True)))
        if found is None or self._exact or not may_have_lost(found.content_path or ""):
            return found
        return replace(found, content_path=None, save_path=None)
