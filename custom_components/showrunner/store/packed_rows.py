"""The facts of a request in columns: what is alike stands together, and nearly vanishes.

A season's facts are a hundred short rows of a few kinds, in which all goes on as before: the next
episode, the same instant, the same download. Of each kind the columns are written one after the
other, as what changes from row to row; one that is like an earlier one says so. A text stands once,
as what it has beside the one before it, and a hash as its bytes. What is read is what was written,
to the type of each value: JSON's, as `record` writes facts.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate, pairwise
import math
import re
from typing import Any, Final
import zlib

from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator

from ..domain.text import say
from .codec import dump, load
from .errors import StoreDamaged
from .packed import pack, unpack

# As a first byte: beside the numbers of `packed`. Another sample would be another number.
_COLUMNS: Final = 2
# First the numbers of a season of ten episodes that came in one download, then texts.
_SAMPLE: Final = bytes.fromhex(
    "bf011111000000000000000b0b0b0b0b0b0b0b0a0011110000000000000004040404040404040400111101080007"
    "08011001010101010101010201010114290506060609072900010203040102030401020304010203040102030401"
    "02030401020304010203040102030401020304010301130182a0a98c6a010001230004010302330302c2a7a98c6a"
    "020296e2091601040223030005024303028291ae8c6a0200080009000a025303000802b1cfe8da88c10601021101"
    "000f0282d0da876afacfce04010002631300110283020300080281f9e8da88c10601000f00110282a0ae8c6a0200"
    "14"
) + (
    b"qbittorrentclientqueue0.060.0stalledno_seedspausedfailedmatcheddeletedwithdrawnrefused"
    b"declinedpending SDTV HDTV-720p.mp4 Bluray-2160p.mkv WEBRip-1080p.mkv Bluray-1080p.mkv "
    b"WEBDL-2160p.mkv WEBDL-1080p.mkv/media/movies/data/media/movies/data/movies/ (2019)/Season 02/"
    b" (2020)/Season 01//data/media/tv//media/tv//data/tv/t100.0startedcompletemovieapproved"
    b"grabbedimportedeis"
)
# Fewer rows have too little in common.
_FEWEST: Final = 12
_CHECKSUM: Final = 4
_SEVEN, _MORE = 0b0111_1111, 0b1000_0000

# What a value is: three bits beside its number, of which the difference is written. Of a text the
# number is its place among the texts, of a fraction too (as it is written), of a hash among those.
_NONE, _WHOLE, _THOUSANDS, _TEXT, _UPPER, _LOWER, _PLACE, _FRACTION = range(8)
_BITS: Final = 3
_KIND: Final = 0b111
_UNIT: Final = re.compile(r"s(0|[1-9][0-9]{0,4})e(0|[1-9][0-9]{0,3})")
_SEASON: Final = 10_000
_HASH: Final = re.compile(r"(?:[0-9A-F]{2}){16,32}|(?:[0-9a-f]{2}){16,32}")
# Beginning and end of a text are shared with the one before if that is worth its two numbers.
_SHARED: Final = 6

type Row = Sequence[object]


class Rows(TypeDecorator[Any]):
    """A column of such rows. What is a text, packed or not, was written before this."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Sequence[Row] | None, dialect: Dialect) -> bytes | None:
        """Pack what is written."""
        return None if value is None else pack_rows(value)

    def process_result_value(self, value: bytes | str | None, dialect: Dialect) -> object:
        """Unpack what is read."""
        return None if value is None else unpack_rows(value)


def pack_rows(rows: Sequence[Row]) -> bytes:
    """Pack rows of JSON's plain values."""
    if len(rows) < _FEWEST or not all(row and all(map(_is_plain, row)) for row in rows):
        return pack(dump(rows))
    return bytes((_COLUMNS,)) + _Writer().packed(rows)


def unpack_rows(stored: bytes | str) -> object:
    """Give what was packed, or is older and a text. Raises StoreDamaged: we packed it whole."""
    if isinstance(stored, str):
        return load(stored)
    if stored[:1] != bytes((_COLUMNS,)):
        return load(unpack(stored))
    try:
        return _Reader(stored[1:]).rows()
    except (zlib.error, ValueError, IndexError, StopIteration) as err:
        raise StoreDamaged(say("store_row_unreadable", why=type(err).__name__)) from None


# -- writing ---------------------------------------------------------------------------------------


class _Writer:
    """Writes rows."""

    def __init__(self) -> None:
        """Nothing is written yet."""
        self._numbers: list[int] = []
        self._texts: dict[str, int] = {}
        self._hashes: dict[bytes, int] = {}
        self._columns: dict[tuple[str, ...], int] = {}

    def packed(self, rows: Sequence[Row]) -> bytes:
        """Give the bytes."""
        kinds: dict[Row, int] = {}
        of, tables = list[int](), list[list[Row]]()
        for row in rows:
            # Of events it is also what has happened.
            kind = (len(row), *row[: 2 if row[0] == "e" else 1])
            number = kinds.setdefault(kind, len(kinds))
            if number == len(tables):
                tables.append([])
            of.append(number)
            tables[number].append(row)
        self._numbers += (len(rows), len(tables), *(len(table[0]) for table in tables))
        self._numbers += _run(of)
        for table in tables:
            for column in zip(*table, strict=True):
                self._column(column)
        return self._whole()

    def _column(self, column: Row) -> None:
        # As they are written: 1 is 1.0, and another value.
        told = tuple(map(repr, column))
        if (same := self._columns.get(told)) is not None:
            self._numbers += (0, same)
            return
        self._columns[told] = len(self._columns)
        before, steps = [0] * (1 << _BITS), list[int]()
        for value in column:
            what, number = self._numbered(value)
            steps.append(_folded(number - before[what]) << _BITS | what)
            before[what] = number
        self._numbers += _run(steps)

    def _numbered(self, value: object) -> tuple[int, int]:
        """Say what a value is, and give its number."""
        if value is None:
            return _NONE, 0
        if isinstance(value, int):
            return (_THOUSANDS, value // 1000) if value and not value % 1000 else (_WHOLE, value)
        if isinstance(value, float):
            return _FRACTION, self._text(repr(value))
        text = str(value)
        if (unit := _UNIT.fullmatch(text)) is not None:
            return _PLACE, int(unit[1]) * _SEASON + int(unit[2])
        if _HASH.fullmatch(text) is not None:
            what = _UPPER if text == text.upper() else _LOWER
            return what, self._hashes.setdefault(bytes.fromhex(text), len(self._hashes))
        return _TEXT, self._text(text)

    def _text(self, text: str) -> int:
        return self._texts.setdefault(text, len(self._texts))

    def _whole(self) -> bytes:
        parts, before = list[tuple[int, int, str]](), ""
        for text in self._texts:
            parts.append(_apart(text, before))
            before = text
        lists = (
            [begin for begin, _, _ in parts],
            [end for _, end, _ in parts],
            [len(own) for _, _, own in parts],
            [len(one) for one in self._hashes],
        )
        heads = [number for one in lists for number in (len(one), *_run(one))]
        numbers = (len(heads) + len(self._numbers), *heads, *self._numbers)
        body = _bytes_of(numbers) + "".join(own for _, _, own in parts).encode()
        hashes = b"".join(self._hashes)
        packing = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS, 9, zdict=_SAMPLE)
        return _checksum(body, hashes) + packing.compress(body) + packing.flush() + hashes


def _is_plain(value: object) -> bool:
    """Tell whether a value can stand in a column; JSON has no infinity."""
    kind = type(value)
    return value is None or kind is str or kind is int or (kind is float and math.isfinite(value))  # type: ignore[arg-type]


def _run(numbers: Sequence[int]) -> Sequence[int]:
    """Write numbers: how many are written, and those; the last goes on to the end."""
    many = len(numbers)
    while many > 1 and numbers[many - 2] == numbers[-1]:
        many -= 1
    return (many, *numbers[:many])


def _apart(text: str, before: str) -> tuple[int, int, str]:
    """Say how much of the text before a text begins and ends with, and what else it has."""
    begin = _alike(text, before)
    end = _alike(text[begin:][::-1], before[begin:][::-1])
    if begin + end < _SHARED:
        begin = end = 0
    return begin, end, text[begin : len(text) - end]


def _alike(one: str, other: str) -> int:
    """Say how many letters two texts begin with together."""
    both = enumerate(zip(one, other, strict=False))
    return next((n for n, (a, b) in both if a != b), min(len(one), len(other)))


def _bytes_of(numbers: Iterable[int]) -> bytes:
    """Write numbers from 0, seven bits a byte."""
    found = bytearray()
    for number in numbers:
        left = number
        while left > _SEVEN:
            found.append(left & _SEVEN | _MORE)
            left >>= 7
        found.append(left)
    return bytes(found)


def _folded(number: int) -> int:
    """Write a number that may be below 0 as one that is not, small if it was."""
    return 2 * number if number >= 0 else -2 * number - 1


def _checksum(body: bytes, hashes: bytes) -> bytes:
    return zlib.crc32(hashes, zlib.crc32(body)).to_bytes(_CHECKSUM)


# -- reading ---------------------------------------------------------------------------------------


class _Reader:
    """Reads what a `_Writer` has written."""

    def __init__(self, stored: bytes) -> None:
        """Take the bytes. Raises ValueError and others where they are not whole."""
        unpacking = zlib.decompressobj(-zlib.MAX_WBITS, zdict=_SAMPLE)
        body = unpacking.decompress(stored[_CHECKSUM:])
        hashes = unpacking.unused_data
        if not unpacking.eof or _checksum(body, hashes) != stored[:_CHECKSUM]:
            raise ValueError("not what was written")
        numbers, end = _numbers_of(body)
        self._next = iter(numbers).__next__
        begins, ends, own, sizes = (self._run(self._next()) for _ in range(4))
        texts = list(_joined(begins, ends, _cut(body[end:].decode(), own)))
        lower = [one.hex() for one in _cut(hashes, sizes)]
        upper = [one.upper() for one in lower]
        self._reads: tuple[Callable[[int], object], ...] = (
            lambda _: None,
            lambda number: number,
            lambda number: number * 1000,
            texts.__getitem__,
            upper.__getitem__,
            lower.__getitem__,
            lambda number: f"s{number // _SEASON}e{number % _SEASON}",
            lambda number: float(texts[number]),
        )
        self._columns: list[list[object]] = []

    def _run(self, size: int) -> list[int]:
        """Read what `_run` gave for so many numbers."""
        found = [self._next() for _ in range(self._next())]
        return found + found[-1:] * (size - len(found))

    def rows(self) -> list[list[object]]:
        """Give the rows."""
        size, kinds = self._next(), self._next()
        widths = [self._next() for _ in range(kinds)]
        of = self._run(size)
        tables = []
        for kind, width in enumerate(widths):
            height = of.count(kind)
            columns = [self._column(height) for _ in range(width)]
            tables.append(map(list, zip(*columns, strict=True)))
        return [next(tables[kind]) for kind in of]

    def _column(self, size: int) -> list[object]:
        many = self._next()
        if not many:
            return self._columns[self._next()]
        before, column, reads = [0] * (1 << _BITS), list[object](), self._reads
        step = what = 0
        for _ in range(many):
            step = self._next()
            what = step & _KIND
            before[what] += _unfolded(step >> _BITS)
            column.append(reads[what](before[what]))
        if more := size - many:
            by, read, last = _unfolded(step >> _BITS), reads[what], before[what]
            column += (
                [read(last + by * n) for n in range(1, more + 1)] if by else column[-1:] * more
            )
        self._columns.append(column)
        return column


def _numbers_of(body: bytes) -> tuple[list[int], int]:
    """Read the numbers with which it begins, after how many they are; and where they end."""
    found, number, bits = list[int](), 0, 0
    for place, byte in enumerate(body):
        if byte > _SEVEN:
            number |= (byte & _SEVEN) << bits
            bits += 7
            continue
        found.append(number | byte << bits)
        number = bits = 0
        if len(found) > found[0]:
            return found[1:], place + 1
    raise ValueError("it ends too early")


def _cut[S: (str, bytes)](whole: S, sizes: Iterable[int]) -> list[S]:
    """Cut something in pieces of these sizes."""
    return [whole[begin:end] for begin, end in pairwise(accumulate(sizes, initial=0))]


def _joined(begins: Iterable[int], ends: Iterable[int], own: Iterable[str]) -> Iterator[str]:
    """Give the texts of which these are the parts."""
    before = ""
    for begin, end, text in zip(begins, ends, own, strict=True):
        before = before[:begin] + text + before[len(before) - end :]
        yield before


def _unfolded(number: int) -> int:
    return -(number >> 1) - 1 if number & 1 else number >> 1
