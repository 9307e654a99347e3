"""One torrent's files and trackers as qBittorrent tells them, and its limits.

Its names are the ones on the disk: what no file can be called it has replaced before it wrote
anything (recorded with 4.5 and 5.3: a Latin-1 `Café-Amélie.mkv` is `Caf_m_e.mkv` there and here).
"""

from collections.abc import Mapping
from contextlib import suppress
import re
from typing import Final

from ..domain.text import say
from ..domain.torrent_details import TorrentFile, TorrentFiles, TrackerState, is_below
from .decoding import decoded
from .errors import Unreadable
from .http_errors import no_json
from .offload import cooperative_yield, members
from .parse import Json, integer, natural, number, path

PRODUCT: Final = "qBittorrent"
_KIB: Final = 1024
# 4.1 says -1 for none.
_LIMIT: Final = re.compile(rb"-1|[0-9]{1,10}")
_WHOLE: Final = 1.0
_ABSOLUTE: Final = re.compile(r"/|[A-Za-z]:[\\\\/]")
# It counts in 32 bits: what is more becomes 0, no limit at all (recorded with both versions).
_MOST: Final = 2**31 - _KIB


def root_of(content: bytes) -> str | None:
    """Read where a torrent's files are from its row; None when there is no row."""
    answer = _decoded(content)
    if not isinstance(answer, list):
        raise _odd()
    if not answer:
        return None
    row = answer[0]
    if not isinstance(row, Mapping):
        raise _odd()
    # What is not complete may lie elsewhere until it is.
    unfinished = path(row.get("download_path")) if integer(row.get("amount_left")) else None
    if (root := unfinished or path(row.get("save_path"))) is None:
        raise _odd()
    return root


def files_below(root: str, content: bytes) -> TorrentFiles:
    """Read a torrent's files."""
    answer = _decoded(content)
    if not isinstance(answer, list):
        raise _odd()
    found: list[TorrentFile] = []
    for row in answer:
        cooperative_yield()
        if not isinstance(row, Mapping):
            raise _odd()
        name, size = path(row.get("name")), natural(row.get("size"))
        progress = number(row.get("progress"))
        if name is None or size is None or progress is None:
            raise _odd()
        written = name.encode()
        exact = "\ufffd" not in name and is_below(written)
        found.append(TorrentFile(written, size, progress >= _WHOLE, exact))
    exact = "\ufffd" not in root and _ABSOLUTE.match(root) is not None
    return TorrentFiles(root.encode(), tuple(found), root_exact=exact)


def all_trackers(content: bytes) -> Mapping[str, tuple[TrackerState, ...]] | frozenset[str]:
    """Read every torrent's trackers from a whole answer; only the hashes where it tells none."""
    hashes: set[str] = set()
    rows: dict[str, object] = {}
    readable = False
    with suppress(ValueError, RecursionError):
        for key, value in members(content.decode("utf-8", "replace"), within="torrents"):
            cooperative_yield()
            outer, _, info_hash = key.partition(" ")
            if not info_hash:
                rows[key] = value
            elif outer == "torrents":
                hashes.add(info_hash.upper())
        readable = True
    if not readable:
        raise no_json(PRODUCT, content)
    if rows.get("full_update") is not True:
        raise Unreadable(PRODUCT, say("error_answer_names_changes_not_what_there"))
    listed = rows.get("trackers")
    return _by_torrent(hashes, listed) if isinstance(listed, Mapping) else frozenset(hashes)


def _by_torrent(hashes: set[str], listed: Json) -> dict[str, tuple[TrackerState, ...]]:
    """Turn the torrents of each tracker into the trackers of each torrent."""
    found: dict[str, list[TrackerState]] = {one: [] for one in hashes}
    for url, holders in listed.items():
        cooperative_yield()
        if not isinstance(holders, list):
            raise _odd()
        if not url.isprintable():
            raise _odd()
        if (state := TrackerState.of(url)) is None:
            continue
        for one in holders:
            if isinstance(one, str) and (states := found.get(one.upper())) is not None:
                states.append(state)
    return {key: tuple(states) for key, states in found.items()}


def trackers_of_one(content: bytes) -> tuple[TrackerState, ...]:
    """Read the trackers of one torrent, with what they said last.

    One whose address can't be one makes them unknown: it may be any, also one that obliges.
    """
    answer = _decoded(content)
    if not isinstance(answer, list):
        raise _odd()
    found: list[TrackerState] = []
    for row in answer:
        url = row.get("url") if isinstance(row, Mapping) else None
        if not isinstance(url, str) or not url.isprintable():
            raise _odd()
        # Status 0 is one that is switched off.
        state = TrackerState.of(url, enabled=row.get("status") != 0)
        found += [] if state is None else [state]
    return tuple(found)


def rounded(limit: int) -> int:
    """Give a limit that it takes as it is meant: whole KiB, rounded up, and within its numbers."""
    return min(-(-limit // _KIB) * _KIB, _MOST)


def limit_of(content: bytes) -> int:
    """Read a limit."""
    said = content.strip()
    if not _LIMIT.fullmatch(said):
        raise _odd()
    return max(int(said), 0)


def _decoded(content: bytes) -> object:
    with suppress(ValueError, RecursionError):
        return decoded(content)
    # Outside of the handler: the decoder's own error holds the whole answer.
    raise no_json(PRODUCT, content)


def _odd() -> Unreadable:
    return Unreadable(PRODUCT, say("error_rows_have_another_shape"))
