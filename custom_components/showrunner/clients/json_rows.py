"""Reads a page of rows in small parts, so that one page never holds all threads up.

Decoding is one step that no other thread can interrupt, the event loop's included: a page of a
thousand rows would be a stall of its own. So the list is cut where a row ends. A cut that turns out
to be inside of a row can't be decoded, and is moved on; what can't be cut is decoded whole.
"""

from collections.abc import Iterator
import re
from typing import Final

import orjson

from .offload import cooperative_yield
from .parse import Json, table

_PART: Final = 48 * 1024
# Between two rows, as servers write them. A text can't hold this: its quotes are escaped. With the
# rows' first key, because what lies in a row (its tracks) mostly begins with another one.
_SEAM: Final = b'},{"'
_FIRST: Final = re.compile(rb'\{"[^"\\]*":')


def read_rows(body: bytes, name: str) -> tuple[Json, Iterator[object]]:
    """Give what stands around the list of that name, and its rows as they are read.

    A list that is missing is None in what stands around. Raises ValueError for what is no JSON,
    possibly only in the middle of the rows.
    """
    begin = body.find(b'"%s":[' % name.encode())
    end = body.rfind(b"]")
    first = begin + len(name) + 4
    if begin < 0 or end < first or len(body) <= _PART:
        return _whole(body, name)
    try:
        around = table(orjson.loads(body[:first] + body[end:]))
    except orjson.JSONDecodeError:
        return _whole(body, name)
    if around.get(name) != []:
        return _whole(body, name)
    return around, _rows(body, first, end)


def read_page(body: bytes, name: str) -> tuple[Json, list[object] | None]:
    """Give what stands around the list of that name, and all its rows; None without such a list.

    Raises ValueError for what is no JSON.
    """
    page, listed = read_rows(body, name)
    return page, list(listed) if isinstance(page.get(name), list) else None


def _whole(body: bytes, name: str) -> tuple[Json, Iterator[object]]:
    page = table(orjson.loads(body)) if body.strip() else {}
    listed = page.get(name)
    return page, iter(listed if isinstance(listed, list) else ())


def _rows(body: bytes, start: int, end: int) -> Iterator[object]:
    opening = _FIRST.match(body, start)
    between = b"}," + opening[0] if opening else _SEAM
    while start < end:
        cut, part_size = start + _PART, _PART
        while True:
            seam = body.find(between, cut, end)
            stop = end if seam < 0 else seam + 1
            try:
                part = orjson.loads(b"[" + body[start:stop] + b"]")
            except orjson.JSONDecodeError:
                if stop == end:
                    raise
                # Twice as far each time, or what has many false seams would be read over and over.
                part_size = 2 * max(part_size, stop - start)
                cut = start + part_size
                cooperative_yield()
                continue
            break
        yield from part
        cooperative_yield()
        start = stop + 1
