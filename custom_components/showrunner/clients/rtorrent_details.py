"""One torrent's files and trackers as rTorrent tells them, and which names are exact.

XML holds not every name: 0.9.8 writes `?` for each byte that it can't hold, 0.16 writes `%C3`, and
a real `%` or `?` stays as it is. JSON is exact, or fails as a whole for one name that is no UTF-8;
then the paths of opened files can be had in base64 (0.16). Measured with both versions.
"""

import binascii
from collections.abc import Sequence
import posixpath
import re
from typing import Final

from ..domain.text import say
from ..domain.torrent_details import TorrentFile, TorrentFiles, TrackerState, is_below, trackers_of
from . import xmlrpc
from .errors import Refused, Unreadable
from .offload import cooperative_yield, offload
from .parse import integer, natural
from .redaction import excerpt
from .rtorrent_calls import (
    Calls,
    NoJson,
    Spoilt,
    faults,
    no_such_torrent,
    not_xml,
    unfaulted,
)
from .rtorrent_wire import PRODUCT
from .xmlrpc import Fault, NotXml, may_have_lost

_PATH: Final = ("f.path=", "f.frozen_path=")
_PATH64: Final = ("f.frozen_path.base64=", "f.frozen_path.base64=")
_NUMBERS: Final = ("f.size_bytes=", "f.completed_chunks=", "f.size_chunks=")
_TRACKER: Final = ("", "t.url=", "t.is_enabled=")
# All trackers of a torrent in one text, each with a mark behind each of its two values: 3,000
# torrents take 0.4 s so, and 4 s by a call for each (measured on a busy machine, both versions).
_TRACKERS: Final = 'cat="$t.multicall=d.hash=,t.url=,cat=#,t.is_enabled=,cat=#"'
_FEW: Final = 20
_HASHES: Final = ("", "main", "d.hash=")
_HASH: Final = re.compile("[0-9A-Fa-f]{40}")
_UNSEEN: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")

type Row = Sequence[object]


class _NotHere(Exception):
    """There is no such torrent."""


async def files(calls: Calls, info_hash: str, *, may_speak_json: bool) -> TorrentFiles | None:
    """Ask for a torrent's files in the way that loses the fewest letters; None without it."""
    ways = (_json, _json_encoded, _xml) if may_speak_json else (_xml,)
    for way in ways:
        try:
            found = await way(calls, info_hash)
        except Spoilt, NoJson:
            continue
        except _NotHere:
            return None
        if found is not None:
            return found
    raise Unreadable(PRODUCT, say("error_rows_have_another_shape"))


async def hashes(calls: Calls, *, speaks_json: bool) -> frozenset[str]:
    """Ask for the hash of every torrent. Raises Spoilt, NoJson.

    One that can't be read spoils all: what was left out would be taken for gone.
    """
    if speaks_json:
        answer: object = await calls.json("d.multicall2", _HASHES)
    else:
        answer = await calls.xml("d.multicall2", *_HASHES)
    found: set[str] = set()
    for row in _rows(unfaulted(answer)):
        match row:
            case [str(one)] if _HASH.fullmatch(one):
                found.add(one.upper())
            case _:
                raise _odd()
    return frozenset(found)


async def trackers(calls: Calls, hashes: Sequence[str]) -> dict[str, tuple[TrackerState, ...]]:
    """Ask for the trackers of many torrents, of all at once where the server lets us."""
    found = await _all_trackers(calls) if len(hashes) > _FEW else {}
    answers = await calls.each(
        "t.multicall", [one for one in hashes if one not in found], *_TRACKER
    )
    for fault in faults(answers):
        raise Refused(PRODUCT, 0, excerpt(fault.text))
    singly = {key: _trackers(one) for key, one in answers.items() if not isinstance(one, Fault)}
    return {key: found[key] for key in hashes if key in found} | singly


async def _all_trackers(calls: Calls) -> dict[str, tuple[TrackerState, ...]]:
    """Ask for every torrent's trackers; what can't be read so is left out, and asked for singly."""
    content = await calls.xml_content("d.multicall2", "", "main", "d.hash=", _TRACKERS)

    def read() -> dict[str, tuple[TrackerState, ...]]:
        try:
            rows = xmlrpc.rows(content, xmlrpc.fields)
        except NotXml:
            rows = None
        pairs = ((str(row[0]).upper(), _joined(row[1])) for row in rows or () if len(row) > 1)
        return {key: states for key, states in pairs if states is not None}

    return await offload(len(content), read)


def _joined(value: object) -> tuple[TrackerState, ...] | None:
    """Read trackers out of one text; None where it can't be told, or an address holds the mark.

    An empty text may be a torrent without any, or a server that does not answer this way.
    """
    cooperative_yield()
    if value == "":
        return None
    *values, end = str(value).split("#")
    urls, switches = values[::2], values[1::2]
    if end or len(urls) != len(switches) or not set(switches) <= {"0", "1"}:
        return None
    return trackers_of((url, on == "1") for url, on in zip(urls, switches, strict=True))


def _trackers(value: xmlrpc.Value) -> tuple[TrackerState, ...]:
    found: list[tuple[str, bool]] = []
    for row in _rows(value):
        match row:
            case [str(url), enabled]:
                found.append((url, integer(enabled) != 0))
            case _:
                raise _odd()
    return trackers_of(found)


# -- files, in three ways ------------------------------------------------------------------------


async def _json(calls: Calls, info_hash: str) -> TorrentFiles | None:
    answer = await calls.json("f.multicall", (info_hash, "", *_PATH, *_NUMBERS))
    rows = _rows(_there(answer))
    directory = _text(_there(await calls.json("d.directory", (info_hash,))))
    return await offload(64 * len(rows), lambda: _plain(rows, directory, surely=True))


async def _json_encoded(calls: Calls, info_hash: str) -> TorrentFiles | None:
    """Take what opened files lie under; None where the server can't, or never opened them."""
    answer = await calls.json("f.multicall", (info_hash, "", *_PATH64, *_NUMBERS))
    base64 = await calls.json("d.base_path.base64", (info_hash,))
    multi = await calls.json("d.is_multi_file", (info_hash,))
    if isinstance(answer, Fault) and not no_such_torrent(answer):
        return None
    rows, base = _rows(_there(answer)), _bytes(_there(base64))
    root = base if integer(_there(multi)) else posixpath.dirname(base)
    found: list[TorrentFile] = []
    for row in rows:
        cooperative_yield()
        frozen = _bytes(row[0]) if row else b""
        path = frozen.removeprefix(root + b"/")
        if not root or path == frozen:
            return None
        found.append(_file(row, path, exact=True))
    return TorrentFiles(root, tuple(found), root_exact=root.startswith(b"/"))


async def _xml(calls: Calls, info_hash: str) -> TorrentFiles | None:
    content = await calls.xml_content("f.multicall", info_hash, "", *_PATH, *_NUMBERS)
    sent_directory = await calls.xml_content("d.directory", info_hash)

    def read() -> TorrentFiles:
        try:
            # The first way keeps control characters, the second leaves them out.
            rows: Sequence[Row] | None = xmlrpc.rows(content, xmlrpc.fields)
            whole = rows is not None or not _UNSEEN.search(content)
            if rows is None:
                rows = _rows(_there(xmlrpc.read(content)))
            directory = _text(_there(xmlrpc.read(sent_directory)))
        except NotXml:
            raise not_xml(content) from None
        found = _plain(rows, directory, surely=False)
        root_exact = found.root_exact and not _UNSEEN.search(sent_directory)
        if whole and root_exact == found.root_exact:
            return found
        some = tuple(
            TorrentFile(one.path, one.size_bytes, one.complete, exact=one.exact and whole)
            for one in found.files
        )
        return TorrentFiles(found.root, some, root_exact=root_exact)

    return await offload(len(content), read)


def _plain(rows: Sequence[Row], directory: str, *, surely: bool) -> TorrentFiles:
    """Read rows with the names as texts; `surely`: no letter can have been lost."""
    if not directory:
        raise _odd()
    found: list[TorrentFile] = []
    for row in rows:
        cooperative_yield()
        path, frozen = (_text(one) for one in row[:2]) if len(row) > 1 else ("", "")
        # A torrent that was moved lies where it was opened.
        moved = bool(frozen) and frozen != posixpath.join(directory, path)
        exact = not moved and (surely or not may_have_lost(path)) and _writable(path)
        found.append(_file(row, _encoded(path), exact=exact))
    exact = directory.startswith("/") and (surely or not may_have_lost(directory))
    return TorrentFiles(
        _encoded(directory), tuple(found), root_exact=exact and _writable(directory)
    )


def _file(row: Row, path: bytes, *, exact: bool) -> TorrentFile:
    if len(row) != len(_PATH) + len(_NUMBERS) or not path:
        raise _odd()
    size, done, chunks = (natural(one) for one in row[len(_PATH) :])
    if size is None or done is None or chunks is None:
        raise _odd()
    return TorrentFile(path, size, done >= chunks, exact and is_below(path))


def _there[T](value: T | Fault) -> T:
    if no_such_torrent(value):
        raise _NotHere
    return unfaulted(value)


def _rows(value: object) -> list[Row]:
    if not isinstance(value, list) or not all(isinstance(row, list) for row in value):
        raise _odd()
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise _odd()
    return value


def _writable(path: str) -> bool:
    """Tell whether a name can be written down as bytes: half a pair of surrogates can't."""
    return path.isascii() or not any("\ud800" <= one <= "\udfff" for one in path)


def _encoded(path: str) -> bytes:
    return path.encode("utf-8", "replace")


def _bytes(value: object) -> bytes:
    try:
        return binascii.a2b_base64(_text(value))
    except binascii.Error, ValueError:
        raise _odd() from None


def _odd() -> Unreadable:
    return Unreadable(PRODUCT, say("error_rows_have_another_shape"))
