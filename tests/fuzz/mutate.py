"""Answers as no service means them: values of the wrong kind, absurd, missing, doubled and huge."""

from collections.abc import Callable
import json
from random import Random
from typing import Any, Final

# Kept apart from texts until the document is written: numbers that Python would not write.
RAW: Final = "\ue000raw:"
_DEEP: Final = "[" * 200 + "]" * 200

ODD: Final[tuple[Any, ...]] = (
    *(
        None,
        True,
        False,
        0,
        1,
        -1,
        1.5,
        2**31,
        2**53,
        2**63,
        -(2**63) - 1,
        2**64,
        8_640_000,
        28_800,
    ),
    *(1e16, -1e308, 1e308, f"{RAW}1e999", f"{RAW}NaN", f"{RAW}-Infinity", f"{RAW}{'9' * 4000}"),
    *(f"{RAW}{'9' * 5000}", f"{RAW}{_DEEP}", f'{RAW}{{"a":{{"a":{{"a":{_DEEP}}}}}}}'),
    *("", " ", "0", "-1", "--5", "+", "5" * 19, "5" * 5000, "-" + "9" * 5000, "1e400", "NaN", "٣"),
    *("True", "false", "Unknown", "Any", "Original", "4513-some-words", "tt0000000", "0" * 32),
    *("0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.9999999-12:00"),
    *("9999-12-31", "1970-01-01T00:00:00Z", "2026-13-45", "20110112", "2026-11-20T15:18:57+99:99"),
    *("\ud800", "a\udfffb", "\ud83d\ude00", "a\0b", "\x1b[31m", "\u202e", "\r\n", "x" * 5000),
    *(" " * 5000, "<" * 3000, "&" * 3000, "(" * 3000, "&#55296;", "http://[", "http://a:99999/"),
    *("../../etc", "C:\\", "//", "\\\\", "{", '"', "]", "},{", "%ff%00", "s01e01", " - s1e1 - "),
    *([], {}, [[]], [None], {"": ""}, [1, "x", None, {}], {"id": None}, ["\ud800"]),
    *(1999, 9999, 20110112, "1999", -0.0, 4_294_967_295, "2.0", "v1" + ".1" * 500),
)

type Path = tuple[str | int, ...]
type Change = Callable[[Any, Random], Any]


def write(document: object) -> bytes:
    """Write a document as bytes, raw numbers and half surrogates included."""
    text = json.dumps(document)
    if RAW not in text and "\\ue000" not in text:
        return text.encode()
    parts = text.split('"\\ue000raw:')
    written = [parts[0]]
    for part in parts[1:]:
        raw, rest = _cut(part)
        written.append(raw + rest)
    return "".join(written).encode()


def _cut(part: str) -> tuple[str, str]:
    at = 0
    while part[at] != '"':
        at += 2 if part[at] == "\\" else 1
    raw: str = json.loads(f'"{part[:at]}"')
    return raw, part[at + 1 :]


def places(document: object, at: Path = ()) -> list[Path]:
    """List the places of all values, the document's own first."""
    found: list[Path] = [at]
    if isinstance(document, dict):
        for key, one in document.items():
            found += places(one, (*at, key))
    elif isinstance(document, list):
        for index, one in enumerate(document[:20]):
            found += places(one, (*at, index))
    return found


def put(document: Any, at: Path, value: Any) -> Any:
    """Give the document with another value at one place; all else is shared."""
    if not at:
        return value
    key, rest = at[0], at[1:]
    copy = document.copy()
    copy[key] = put(document[key], rest, value)
    return copy


def get(document: Any, at: Path) -> Any:
    """Give the value at one place."""
    for key in at:
        document = document[key]
    return document


def mutated(document: Any, rng: Random, others: tuple[Any, ...]) -> Any:
    """Change a document in one to four ways."""
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 4))):
        document = rng.choice(_WAYS)(document, rng)
        if others and rng.random() < 0.1:
            document = put(document, rng.choice(places(document)), rng.choice(others))
    return document


def _odd(document: Any, rng: Random) -> Any:
    return put(document, rng.choice(places(document)), rng.choice(ODD))


def _missing(document: Any, rng: Random) -> Any:
    at = rng.choice(places(document))
    if not at:
        return document
    holder = get(document, at[:-1]).copy()
    del holder[at[-1]]
    return put(document, at[:-1], holder)


def _doubled(document: Any, rng: Random) -> Any:
    lists = [at for at in places(document) if isinstance(get(document, at), list)]
    if not lists:
        return [document, document]
    at = rng.choice(lists)
    rows = get(document, at)
    more = [rng.choice(rows) for _ in range(rng.choice((1, 2, 40)))] if rows else [None]
    return put(document, at, [*rows, *more])


def _retyped(document: Any, rng: Random) -> Any:
    at = rng.choice(places(document))
    value = get(document, at)
    ways: list[Any] = [[value], {"value": value}]
    if isinstance(value, dict):
        ways += [list(value.values()), list(value.items())]
    elif isinstance(value, list):
        ways += [
            value[:1],
            value[0] if value else None,
            {str(i): one for i, one in enumerate(value)},
        ]
    else:
        ways += [str(value), f" {value} ", f"{value}-x", f"-{value}"]
    return put(document, at, rng.choice(ways))


def _swapped(document: Any, rng: Random) -> Any:
    """Exchange two values, or put one in the other's place."""
    found = places(document)
    one, other = rng.choice(found), rng.choice(found)
    if one[: len(other)] == other or other[: len(one)] == one:
        return document
    first, second = get(document, one), get(document, other)
    return put(put(document, one, second), other, first)


def _renamed(document: Any, rng: Random) -> Any:
    at = rng.choice(
        [at for at in places(document) if isinstance(get(document, at), dict)] or [None]
    )
    if at is None:
        return document
    holder = dict(get(document, at))
    if holder:
        key = rng.choice(list(holder))
        new = rng.choice((key.upper(), key.lower(), f"{key} ", "", "\ud800", "a b", key * 500))
        holder[new] = holder.pop(key)
    return put(document, at, holder)


_WAYS: Final[tuple[Change, ...]] = (
    *(_odd, _odd, _odd, _odd, _missing, _doubled, _retyped, _swapped, _renamed),
)


def garbled(content: bytes, rng: Random) -> bytes:
    """Change bytes: cut, flipped, doubled, taken out or put in."""
    for _ in range(rng.choice((1, 1, 2, 4))):
        start = rng.randrange(len(content) + 1)
        end = min(len(content), start + rng.choice((1, 1, 2, 8, 64, 512)))
        piece = content[start:end]
        content = rng.choice(
            (
                content[:start],
                content[:start] + content[end:],
                content[:end] + piece * rng.choice((1, 2, 200)) + content[end:],
                content[:start] + bytes(rng.randrange(256) for _ in piece) + content[end:],
                content[:start] + rng.choice(_BYTES) + content[start:],
                content[:start] + rng.choice(_BYTES) + content[end:],
                content[start:],
            )
        )
    return content


_BYTES: Final = (
    *(b"", b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\r\n\r\n", b" " * 3000, b"\t", b'"', b"\\", b"'"),
    *(
        b"<",
        b">",
        b"&",
        b"&amp;",
        b"&#0;",
        b"<!DOCTYPE a>",
        b"]]>",
        b"<value>",
        b"</value>",
        b"<i8>",
    ),
    *(b"<i8>" + b"9" * 5000 + b"</i8>", b"<string>", b"<array><data>", b"<struct><member><name>"),
    *(
        b"<value><array><data>" * 70,
        b"{" * 300,
        b"[" * 2000,
        b"},{",
        b",",
        b":",
        b"null",
        b"-",
        b".",
    ),
    *(
        b"Content-Length: " + b"9" * 5000,
        b"Status: 200",
        b"Status: 999",
        b"1e999",
        b"NaN",
        b"\xed\xa0\x80",
    ),
)
