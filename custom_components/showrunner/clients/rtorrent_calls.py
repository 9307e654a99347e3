"""Calls to rTorrent and its answers: JSON-RPC, XML-RPC, many in one, and ruTorrent's forms."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import batched
import json
from typing import Final
from urllib.parse import urlencode

import orjson

from ..domain.text import say
from . import xmlrpc
from .errors import Refused, ServiceError, Unreachable, Unreadable, WrongProduct
from .offload import offload
from .parse import Json, integer, text
from .redaction import excerpt
from .rtorrent_wire import PRODUCT, Wire
from .xmlrpc import Fault, NotXml

XML: Final = "text/xml"
JSON: Final = "application/json"
_FORM: Final = "application/x-www-form-urlencoded"
_PARSE_ERROR: Final = -32700
# 0.9.8 hangs up on more than 2 MiB, 512 KiB is the usual limit of both, and 0.16's time grows with
# the square: so many calls of 450 bytes go into one (lab, 5,000 torrents).
_MANY: Final = 400
# ruTorrent's forms go through PHP, which has limits of its own.
_FORM_HASHES: Final = 200
_RUTORRENT: Final = "/httprpc/action.php"


class Spoilt(Exception):
    """A JSON answer that can't be had because of one name's bytes."""


class NoJson(Exception):
    """The server does not speak JSON, or not any more."""


class Calls:
    """Calls over one wire. Every method raises a ServiceError when no answer can be had."""

    def __init__(self, wire: Wire, url: str) -> None:
        """Take the wire, and the address by which ruTorrent is known."""
        self.wire = wire
        self.is_rutorrent = url.endswith(_RUTORRENT)

    async def json(self, method: str, params: Sequence[str]) -> object:
        """Ask in JSON: the result or a Fault. Raises Spoilt, NoJson."""
        content = await self.wire.ask(json_request(method, params), JSON)
        return await offload(len(content), lambda: read_json(content))

    async def xml(self, method: str, *params: str) -> xmlrpc.Value | Fault:
        """Ask in XML: a value or a Fault."""
        content = await self.xml_content(method, *params)
        try:
            return await offload(len(content), lambda: xmlrpc.read(content))
        except NotXml:
            raise not_xml(content) from None

    async def xml_content(self, method: str, *params: str) -> bytes:
        """Ask in XML, and give the answer as it is written."""
        content = await self.wire.ask(xmlrpc.request(method, *params), XML)
        check_false(content)
        return content

    async def each(
        self, method: str, hashes: Sequence[str], *params: str
    ) -> dict[str, xmlrpc.Value | Fault]:
        """Call the same for many torrents, in few requests: a value or a Fault for each."""
        found: dict[str, xmlrpc.Value | Fault] = {}
        for some in batched(hashes, _MANY, strict=False):
            content = await self.wire.ask(
                xmlrpc.multicall((method, (one, *params)) for one in some), XML
            )
            check_false(content)
            try:
                answers = await offload(len(content), lambda: xmlrpc.read_multicall(content))  # noqa: B023
            except NotXml:
                raise not_xml(content) from None
            if isinstance(answers, Fault):
                raise Refused(PRODUCT, 0, excerpt(answers.text))
            if len(answers) != len(some):
                raise Unreadable(PRODUCT, say("error_rows_have_another_shape"))
            found.update(zip(some, answers, strict=True))
        return found

    async def form(self, mode: str, hashes: Sequence[str], **more: str) -> list[object]:
        """Send one of ruTorrent's own forms; give an answer for each part of the hashes.

        Its word for "could not", for one of them or for all, is false.
        """
        answers: list[object] = []
        for some in batched(hashes, _FORM_HASHES, strict=False):
            pairs = [("mode", mode), *(("hash", one) for one in some), *more.items()]
            content = await self.wire.ask(urlencode(pairs).encode(), _FORM)
            answers.append(_form_answer(content))
        return answers


def _form_answer(content: bytes) -> object:
    with suppress(ValueError):
        return orjson.loads(content)
    # Outside of the handler: the decoder's own error holds the whole answer.
    raise not_xml(content)


def no_such_torrent(value: object) -> bool:
    """Tell whether a fault says that there is no such torrent: 0.9.8 and 0.16 agree on a word."""
    return isinstance(value, Fault) and "info-hash" in value.text.lower()


def unfaulted[T](value: T | Fault) -> T:
    """Give a value on. Raises Refused for a fault."""
    if isinstance(value, Fault):
        raise Refused(PRODUCT, 0, excerpt(value.text))
    return value


def faults(values: Mapping[str, object]) -> Iterator[Fault]:
    """Give what was refused of many calls, without torrents that are not there."""
    for one in values.values():
        if isinstance(one, Fault) and not no_such_torrent(one):
            yield one


def json_request(method: str, params: Sequence[str]) -> bytes:
    """Write a call in JSON."""
    return json.dumps(
        {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
    ).encode()


def read_json(content: bytes) -> object:
    """Read a JSON-RPC answer: its result, or a Fault. Raises Spoilt, NoJson."""
    check_false(content)
    answer = _object(content)
    if answer is None:
        if content.lstrip()[:1] == b"{":
            raise Unreadable(PRODUCT, say("error_answer_not_json_only_part"))
        raise NoJson
    if "result" in answer:
        return answer["result"]
    error = answer.get("error")
    if not isinstance(error, Mapping):
        raise NoJson
    if error.get("code") == _PARSE_ERROR:
        raise Spoilt
    return Fault(integer(error.get("code")) or 0, text(error.get("message")) or "")


def _object(content: bytes) -> Json | None:
    """Decode an object, None for anything else. Lists have a part in a few bytes."""
    try:
        answer = orjson.loads(content)
    except ValueError:
        return None
    return answer if isinstance(answer, Mapping) else None


def check_false(content: bytes) -> None:
    """Raise Unreachable for what a proxy says when rTorrent itself is down."""
    if content.strip() in (b"", b"false"):
        raise Unreachable(PRODUCT, say("error_web_server_answers_rtorrent_itself_does"))


def not_xml(content: bytes) -> ServiceError:
    """Say what an answer is that is no XML-RPC."""
    start = content.lstrip()[:15].lower()
    if start.startswith((b"<!doctype", b"<html")):
        return WrongProduct(PRODUCT, say("error_answers_web_page_proxy_another_product"))
    if start.startswith(b"<?xml"):
        return Unreadable(PRODUCT, say("error_answer_not_xml_rpc_only_part"))
    return WrongProduct(PRODUCT, say("error_what_answers_here_not_rtorrent"))
