"""rTorrent's torrents as ours: which fields are asked for, and what they mean.

Ratios come per mille, labels URL-encoded, numbers as whole ones; a path that is not said exactly is
none at all. A row that says the same as the last time is the same object as the last time.
"""

import binascii
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
import posixpath
from typing import Final
from urllib.parse import unquote

from ..domain.torrents import Torrent, TorrentState
from . import xmlrpc
from .aside import breathe
from .parse import integer

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
    if len(info_hash) != 40 or not info_hash.isalnum():  # noqa: PLR2004
        return None
    size, done = _count(row, "d.size_bytes="), _count(row, "d.bytes_done=")
    complete = _count(row, "d.complete=") == 1
    down = _count(row, "d.down.rate=")
    finished = _instant(row.get("d.timestamp.finished=")) if complete else None
    seeds, everybody = (
        integer(row.get(key)) for key in ("d.peers_complete=", "d.peers_connected=")
    )
    private = integer(row.get("d.is_private="))
    content, folder = _places(row)
    ratio = integer(row.get("d.ratio="))
    return Torrent(
        hash=info_hash,
        name=_name(row),
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
        label=unquote(str(row.get("d.custom1=", ""))).strip(),
        save_path=folder,
        content_path=content,
        added_at=_instant(row.get("d.custom=addtime")) or _instant(row.get("d.load_date=")),
        completed_at=finished,
        seeding_since=(_instant(row.get("d.custom=seedingtime")) or finished) if complete else None,
        message=str(row.get("d.message=", "")).strip(),
        private=None if private is None else private == 1,
    )


def _state(row: Row, *, complete: bool, down: int) -> TorrentState:
    if _count(row, "d.hashing=") or _count(row, "d.is_hash_checking="):
        return TorrentState.CHECKING
    message = str(row.get("d.message=", ""))
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


def _name(row: Row) -> str:
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
    if not path or "\ufffd" in path:
        return None, None
    return path, posixpath.dirname(path)


def _bytes(value: Cell) -> bytes:
    try:
        return binascii.a2b_base64(str(value))
    except binascii.Error, ValueError:
        return b""


def _count(row: Row, key: str) -> int:
    return max(integer(row.get(key, 0)) or 0, 0)


def _instant(value: Cell | None) -> datetime | None:
    seconds = integer(value)
    if not seconds or seconds < 0:
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except ValueError, OverflowError, OSError:
        return None


class Reader:
    """Reads lists, and remembers rows: most torrents say the same the next time.

    The last field of every row is the free space, which changes for all at once: it is read apart.
    """

    def __init__(self, names: Sequence[str]) -> None:
        """Take the fields' names in their order, without the free space at the end."""
        self.names = tuple(names)
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
        return [one for one in found if one is not None], max(free, default=0) or None

    def from_rows(self, rows: Iterable[list[Cell]]) -> tuple[list[Torrent], int | None]:
        """Read rows that are values already. Raises NotXml for rows of another length."""
        found: list[Torrent] = []
        seen: dict[Cell, tuple[list[Cell], Torrent | None]] = {}
        most = 0
        for row in rows:
            breathe()
            free = row.pop() if row else 0
            if isinstance(free, int):
                most = max(most, free)
            key = row[0] if row else ""
            known = self._by_row.get(key)
            if known is None or known[0] != row:
                known = (row, self._torrent(row))
            seen[key] = known
            if known[1] is not None:
                found.append(known[1])
        self._by_row = seen
        return found, most or None

    def _torrent(self, row: Sequence[Cell]) -> Torrent | None:
        if len(row) != len(self.names):
            raise xmlrpc.NotXml
        return torrent(dict(zip(self.names, row, strict=True)))
