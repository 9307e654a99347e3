"""How we talk to rTorrent (0.9 to 0.16): one call for all torrents, in the speech that it knows.

JSON-RPC is a third of the size, and only 0.16 speaks it; ruTorrent's proxy passes XML only. Names
that are no UTF-8 spoil a whole JSON answer: then they are asked for in base64, then XML is spoken.
A server refuses a whole list for one field that it doesn't know or grant: then it is left out.
Behind ruTorrent a dead rTorrent answers "false", which is no empty list.
"""

from collections.abc import Mapping
from enum import StrEnum
import json
import re
from typing import Final

import aiohttp
import orjson

from ..domain.text import say
from ..domain.torrents import TorrentList
from . import xmlrpc
from .errors import (
    Refused,
    ServiceError,
    TlsFailed,
    TooOld,
    Unauthorized,
    Unreachable,
    Unreadable,
    WrongProduct,
)
from .http import normalize_url
from .offload import offload
from .parse import Json, integer, text, version
from .redaction import excerpt
from .rtorrent_models import ENCODED, FREE, NEEDED, OPTIONAL, PLAIN, Cell, Reader
from .rtorrent_wire import PRODUCT, Wire
from .scgi import normalize_scgi
from .xmlrpc import Fault, NotXml

_OLDEST: Final = (0, 9)
_XML: Final = "text/xml"
_JSON: Final = "application/json"
_PARSE_ERROR: Final = -32700
_HASH: Final = re.compile(r"[0-9A-Fa-f]{40}")
_COMMAND: Final = re.compile(r'[Cc]ommand "([A-Za-z0-9_.]+)"')
_SHOWN: Final = 40


class Speech(StrEnum):
    """How a server is spoken to."""

    JSON = "json"
    JSON_ENCODED = "json_encoded"
    XML = "xml"


class _Spoilt(Exception):
    """A JSON answer that can't be had because of one name's bytes."""


class _NoJson(Exception):
    """The server does not speak JSON, or not any more."""


def normalize(typed: str) -> str:
    """Write an address of one of the four forms in one way. Raises ValueError."""
    if typed.strip().lower().startswith("scgi:"):
        return normalize_scgi(typed)
    return normalize_url(typed)


class RTorrentClient:
    """One rTorrent. Every method raises a ServiceError when the answer can't be had or believed."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        url: str,
        *,
        username: str | None = None,
        password: str | None = None,
    ) -> None:
        """Take the address (normalised) and the login, which SCGI has none of."""
        self.url = url
        self.speech: Speech | None = None
        self.version = ""
        self._wire = Wire(session, url, username or "", password or "")
        self._refused: set[str] = set()
        self._reader: Reader | None = None

    async def status(self) -> str:
        """Ask who answers, and find out how to speak; give the version. Raises WrongProduct."""
        try:
            self.version = await self._meet()
        except Refused as err:
            raise WrongProduct(PRODUCT, say("error_not_rtorrent_why", why=err.said)) from None
        if version(self.version) < _OLDEST:
            raise TooOld(
                PRODUCT,
                say("error_version_too_old_0_9_needed", version=self.version[:_SHOWN] or "?"),
            )
        return self.version

    async def torrents(self) -> TorrentList:
        """Ask for everything, in one request once the server is known."""
        if self.speech is None:
            await self.status()
        try:
            return await self._list()
        except Unreachable:
            # Another version may come back.
            self.speech, self._reader = None, None
            self._refused.clear()
            raise

    @property
    def removes_data(self) -> bool:
        """Tell whether `remove` deletes a torrent's data too: d.erase never does."""
        return False

    async def remove(self, info_hash: str) -> None:
        """Remove one torrent from the list; its data stays where it is."""
        if not _HASH.fullmatch(info_hash):
            raise ValueError("a hash")
        told = await self._xml("d.erase", info_hash.upper())
        # The call may have been repeated: one that is gone already is as good.
        if isinstance(told, Fault) and "info-hash" not in told.text.lower():
            raise Refused(PRODUCT, 0, excerpt(told.text))

    # -- finding out -----------------------------------------------------------------------------

    async def _meet(self) -> str:
        self.speech = None
        if self._wire.may_speak_json:
            try:
                version = await self._json("system.client_version", [])
            except Unauthorized, TlsFailed:
                raise
            except ServiceError, _NoJson, _Spoilt:
                pass  # some servers hang up on it, some say no in XML
            else:
                if isinstance(version, str):
                    self.speech = Speech.JSON
                    return version
        told = await self._xml("system.client_version")
        if isinstance(told, Fault):
            raise Refused(PRODUCT, 0, excerpt(told.text))
        if not isinstance(told, str):
            raise WrongProduct(PRODUCT, say("error_answers_something_else_than_version"))
        self.speech = Speech.XML
        return told

    async def _list(self) -> TorrentList:
        """Ask for the list; change the speech or leave a field out as often as it takes."""
        for _ in range(len(OPTIONAL) + len(Speech) + 1):
            try:
                told = await self._ask_list()
            except _Spoilt:
                encoded = self.speech is Speech.JSON
                self.speech = Speech.JSON_ENCODED if encoded else Speech.XML
            except _NoJson:
                await self.status()
            else:
                if isinstance(told, TorrentList):
                    return told
                self._leave_out(told)
            self._reader = None
        raise Unreadable(PRODUCT, say("error_answers_another_way_every_time"))

    def _leave_out(self, fault: Fault) -> None:
        named = _COMMAND.search(fault.text)
        command = f"{named[1]}=" if named else ""
        found = {field for field in OPTIONAL if command and field.startswith(command)}
        if not found - self._refused:
            raise Refused(PRODUCT, 0, excerpt(fault.text))
        self._refused |= found

    async def _ask_list(self) -> TorrentList | Fault:
        if self._reader is None:
            names = ENCODED if self.speech is Speech.JSON_ENCODED else PLAIN
            kept = [field for field in OPTIONAL if field not in self._refused]
            self._reader = Reader((*NEEDED, *names, *kept))
        reader = self._reader
        params = ["", "main", *reader.names, FREE]
        if self.speech is Speech.XML:
            content = await self._wire.ask(xmlrpc.request("d.multicall2", *params), _XML)
            return await offload(len(content), lambda: self._read_xml(reader, content))
        content = await self._wire.ask(_call("d.multicall2", params), _JSON)
        return await offload(len(content), lambda: self._read_json(reader, content))

    # -- reading; these run aside of the event loop ----------------------------------------------

    def _read_xml(self, reader: Reader, content: bytes) -> TorrentList | Fault:
        try:
            found = reader.from_xml(content)
            if found is None:
                told = _xml(content)
                if isinstance(told, Fault):
                    return told
                if not isinstance(told, list):
                    raise Unreadable(PRODUCT, say("error_answer_not_list"))
                found = reader.from_rows(xmlrpc.table(told))
        except NotXml:
            raise _not_xml(content) from None
        return TorrentList.of(found[0], free_bytes=found[1], version=self.version)

    def _read_json(self, reader: Reader, content: bytes) -> TorrentList | Fault:
        told = _json(content)
        if isinstance(told, Fault):
            return told
        if not isinstance(told, list):
            raise Unreadable(PRODUCT, say("error_answer_not_list"))
        rows: list[list[Cell]] = [row for row in told if isinstance(row, list)]
        try:
            found, free = reader.from_rows(rows)
        except NotXml:
            raise Unreadable(PRODUCT, say("error_rows_have_another_shape")) from None
        if len(rows) != len(told):
            raise Unreadable(PRODUCT, say("error_rows_have_another_shape"))
        return TorrentList.of(found, free_bytes=free, version=self.version)

    # -- single calls ----------------------------------------------------------------------------

    async def _json(self, method: str, params: list[str]) -> object:
        return _json(await self._wire.ask(_call(method, params), _JSON))

    async def _xml(self, method: str, *params: str) -> xmlrpc.Value | Fault:
        content = await self._wire.ask(xmlrpc.request(method, *params), _XML)
        try:
            return _xml(content)
        except NotXml:
            raise _not_xml(content) from None


def _call(method: str, params: list[str]) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()


def _xml(content: bytes) -> xmlrpc.Value | Fault:
    _check_false(content)
    return xmlrpc.read(content)


def _json(content: bytes) -> object:
    """Read a JSON-RPC answer: its result, or a Fault. Raises _Spoilt, _NoJson."""
    _check_false(content)
    told = _object(content)
    if told is None:
        if content.lstrip()[:1] == b"{":
            raise Unreadable(PRODUCT, say("error_answer_not_json_only_part"))
        raise _NoJson
    if "result" in told:
        return told["result"]
    error = told.get("error")
    if not isinstance(error, Mapping):
        raise _NoJson
    if error.get("code") == _PARSE_ERROR:
        raise _Spoilt
    return Fault(integer(error.get("code")) or 0, text(error.get("message")) or "")


def _object(content: bytes) -> Json | None:
    """Decode an object, None for anything else. Lists have a part in a few bytes."""
    try:
        told = orjson.loads(content)
    except ValueError:
        return None
    return told if isinstance(told, Mapping) else None


def _check_false(content: bytes) -> None:
    if content.strip() in (b"", b"false"):
        raise Unreachable(PRODUCT, say("error_web_server_answers_rtorrent_itself_does"))


def _not_xml(content: bytes) -> ServiceError:
    start = content.lstrip()[:15].lower()
    if start.startswith((b"<!doctype", b"<html")):
        return WrongProduct(PRODUCT, say("error_answers_web_page_proxy_another_product"))
    if start.startswith(b"<?xml"):
        return Unreadable(PRODUCT, say("error_answer_not_xml_rpc_only_part"))
    return WrongProduct(PRODUCT, say("error_what_answers_here_not_rtorrent"))
