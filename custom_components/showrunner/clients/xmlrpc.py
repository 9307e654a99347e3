"""XML-RPC as rTorrent writes it: requests, and answers read fast, safely, and in small bites.

rTorrent's lists have one shape, so rows are cut apart as text, and who reads them may remember a
row. Whatever has another shape goes through expat, which is told to refuse a document type, the
only place where entities can be made. Control characters, which rTorrent writes although XML
forbids them, survive the first way and are left out by the second.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
import html
import re
from typing import Final
from xml.parsers import expat
from xml.sax.saxutils import escape

from .offload import cooperative_yield
from .parse import integer, text

# What servers write for letters that XML can't hold; a real one of these is written the same way.
_LOST: Final = re.compile(r"\?|%[0-9A-Fa-f]{2}|\ufffd")


def may_have_lost(name: str) -> bool:
    """Tell whether a name that came by XML may have had other letters."""
    return _LOST.search(name) is not None


type Value = str | int | float | list[Value] | dict[str, Value] | None

_ILLEGAL: Final = bytes(char for char in range(32) if char not in (9, 10, 13))
_CHUNK: Final = 16 * 1024
_DEEPEST: Final = 64

_HEAD: Final = re.compile(
    r"<\?xml[^>]*\?>\s*<methodResponse>\s*<params>\s*<param>\s*<value><array><data>\s*"
)
_TAIL: Final = re.compile(
    r"\s*</data></array></value>\s*</param>\s*</params>\s*</methodResponse>\s*"
)
_ROW: Final = "<value><array><data>"
_END: Final = "</data></array></value>"
_FIELD: Final = re.compile(
    r"\s*<value><(?:(?:i8|i4|int)>(-?[0-9]{1,19})</(?:i8|i4|int)|string>([^<]*)</string)></value>"
)


class NotXml(Exception):
    """The answer is no XML-RPC."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What the server says of a call that failed."""

    code: int
    text: str


def request(method: str, *params: str) -> bytes:
    """Write a call; all parameters are texts."""
    values = "".join(
        f"<param><value><string>{escape(one)}</string></value></param>" for one in params
    )
    body = f"<methodName>{escape(method)}</methodName><params>{values}</params>"
    return f'<?xml version="1.0"?><methodCall>{body}</methodCall>'.encode()


def multicall(calls: Iterable[tuple[str, Iterable[str]]]) -> bytes:
    """Write many calls as one: each a method and its parameters, all texts."""
    values = "".join(
        "<value><struct><member><name>methodName</name>"
        f"<value><string>{escape(method)}</string></value></member>"
        "<member><name>params</name><value><array><data>"
        f"{''.join(f'<value><string>{escape(one)}</string></value>' for one in params)}"
        "</data></array></value></member></struct></value>"
        for method, params in calls
    )
    body = (
        "<methodName>system.multicall</methodName><params><param>"
        f"<value><array><data>{values}</data></array></value></param></params>"
    )
    return f'<?xml version="1.0"?><methodCall>{body}</methodCall>'.encode()


def read_multicall(content: bytes) -> list[Value | Fault] | Fault:
    """Read the answer to many calls: a value or a Fault for each. Raises NotXml."""
    answers = read(content)
    if isinstance(answers, Fault):
        return answers
    if not isinstance(answers, list):
        raise NotXml
    found: list[Value | Fault] = []
    for one in answers:
        match one:
            case [value]:
                found.append(value)
            case {"faultCode": _}:
                found.append(_fault(one))
            case _:
                raise NotXml
    return found


def rows[T](content: bytes, read: Callable[[str], T]) -> list[T] | None:
    """Cut a list of rows apart and have each read; None when it has not rTorrent's usual shape.

    `read` gets a row's text as `fields` takes it, and may remember what it has seen.
    """
    answer = content.decode("utf-8", "replace")
    head = _HEAD.match(answer)
    if head is None:
        return None
    found: list[T] = []
    at, begin = head.end(), len(_ROW)
    while answer.startswith(_ROW, at):
        end = answer.find(_END, at)
        if end < 0:
            return None
        cooperative_yield()
        found.append(read(answer[at + begin : end]))
        at = end + len(_END)
        while answer[at : at + 1] in ("\r", "\n", " "):
            at += 1
    return found if _TAIL.fullmatch(answer, at) else None


def fields(row: str) -> list[str | int]:
    """Read the values of one row. Raises NotXml when it holds anything but texts and numbers."""
    found: list[str | int] = []
    at, end = 0, len(row)
    escaped = "&" in row
    while match := _FIELD.match(row, at):
        number, word = match.groups()
        if number is not None:
            found.append(int(number))
        else:
            found.append(html.unescape(word) if escaped else word)
        at = match.end()
    if row[at:end].strip():
        raise NotXml
    return found


def read(content: bytes) -> Value | Fault:
    """Read any answer. Raises NotXml."""
    reader = _Reader()
    parser = expat.ParserCreate("UTF-8")
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.texts.append
    parser.StartDoctypeDeclHandler = _refuse
    clean = content.translate(None, _ILLEGAL).decode("utf-8", "replace").encode()
    try:
        for begin in range(0, len(clean), _CHUNK):
            cooperative_yield()
            parser.Parse(clean[begin : begin + _CHUNK], False)  # noqa: FBT003
        parser.Parse(b"", True)  # noqa: FBT003
    except expat.ExpatError, ValueError, IndexError:
        raise NotXml from None
    if reader.root != "methodResponse" or len(reader.results) != 1:
        raise NotXml
    [value] = reader.results
    return _fault(value) if reader.is_fault else value


def _refuse(*_: object) -> None:
    raise NotXml


def _fault(value: Value) -> Fault:
    if not isinstance(value, dict):
        raise NotXml
    code, said = integer(value.get("faultCode")), text(value.get("faultString"))
    return Fault(code or 0, said or "")


class _Reader:
    """Builds values from elements, without recursion."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.results: list[Value] = []
        self.root = ""
        self.is_fault = False
        self._open: list[str] = []
        self._values: list[Value] = []  # lists and structures that are being filled
        self._names: list[str] = []
        self._value: Value = None
        self._typed = False

    def start(self, name: str, _: dict[str, str]) -> None:
        """Open an element."""
        if not self._open:
            self.root = name
        if len(self._open) > _DEEPEST:
            raise NotXml
        self._open.append(name)
        self.texts.clear()
        match name:
            case "value":
                self._typed = False
            case "array":
                self._values.append([])
            case "struct":
                self._values.append({})
            case "fault":
                self.is_fault = True

    def end(self, name: str) -> None:
        """Close an element."""
        self._open.pop()
        said = "".join(self.texts)
        match name:
            case "i8" | "i4" | "int":
                self._set(int(said))
            case "double":
                self._set(float(said))
            case "boolean":
                self._set(said.strip() == "1")
            case "string" | "base64" | "dateTime.iso8601":
                self._set(said)
            case "nil" | "ex:nil":
                self._set(None)
            case "array" | "struct":
                self._set(self._values.pop())
            case "name":
                self._names.append(said)
            case "value":
                self._keep(self._value if self._typed else said)
        self.texts.clear()

    def _set(self, value: Value) -> None:
        self._value, self._typed = value, True

    def _keep(self, value: Value) -> None:
        self._typed = False
        match self._values[-1] if self._values else None:
            case list() as items:
                items.append(value)
            case dict() as members:
                members[self._names.pop()] = value
            case _:
                self.results.append(value)


def table(value: Iterable[Value]) -> list[list[str | int]]:
    """Read rows of texts and numbers out of a value. Raises NotXml."""
    found: list[list[str | int]] = []
    for row in value:
        if not isinstance(row, list):
            raise NotXml
        found.append([one if isinstance(one, str | int) else "" for one in row])
    return found
