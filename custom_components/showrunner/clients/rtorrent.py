"""How we talk to rTorrent (0.9 to 0.16): one call for all torrents, in the speech that it knows.

JSON-RPC is a third of the size, and only 0.16 speaks it; ruTorrent's proxy passes XML only. Names
that are no UTF-8 spoil a whole JSON answer: then they are asked for in base64, then XML is spoken.
A server refuses a whole list for one field that it doesn't know or grant: then it is left out.
Behind ruTorrent a dead rTorrent answers "false", which is no empty list.
"""

from collections.abc import Collection, Mapping
from enum import StrEnum
import re
from typing import Final

import aiohttp

from ..domain.text import say
from ..domain.torrent_details import RateLimits, Removal, TorrentFiles, TrackerState
from ..domain.torrents import TorrentList
from . import rtorrent_details, xmlrpc
from .addresses import normalize_url
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
from .offload import offload
from .parse import version
from .redaction import excerpt
from .rtorrent_calls import JSON, Calls, NoJson, Spoilt, json_request, not_xml, read_json
from .rtorrent_control import Control
from .rtorrent_models import ENCODED, FREE, NEEDED, OPTIONAL, PLAIN, Cell, Reader
from .rtorrent_wire import PRODUCT, Wire
from .scgi import normalize_scgi
from .xmlrpc import Fault, NotXml

_OLDEST: Final = (0, 9)
_HASH: Final = re.compile(r"[0-9A-Fa-f]{40}")
_COMMAND: Final = re.compile(r'[Cc]ommand "([A-Za-z0-9_.]+)"')
_SHOWN: Final = 40


class Speech(StrEnum):
    """How a server is spoken to."""

    JSON = "json"
    JSON_ENCODED = "json_encoded"
    XML = "xml"


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
        self._calls = Calls(Wire(session, url, username or "", password or ""), url)
        self._control = Control(self._calls)
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

    tells_changes: Final = False

    async def hashes(self) -> frozenset[str]:
        """Ask for the hashes only; a server that came back as another one for everything."""
        if self.speech is None:
            await self.status()
        try:
            return await rtorrent_details.hashes(
                self._calls, speaks_json=self.speech is not Speech.XML
            )
        except Spoilt, NoJson:
            return frozenset((await self.torrents()).by_hash)

    async def files(self, info_hash: str) -> TorrentFiles | None:
        """Ask for a torrent's files; None when there is no such torrent."""
        if self.speech is None:
            await self.status()
        may_speak_json = self.speech is not Speech.XML and self._calls.wire.may_speak_json
        return await rtorrent_details.files(
            self._calls, _hash(info_hash), may_speak_json=may_speak_json
        )

    async def trackers(self, hashes: Collection[str]) -> Mapping[str, tuple[TrackerState, ...]]:
        """Ask for the trackers of many torrents, in few requests."""
        return await rtorrent_details.trackers(self._calls, _hashes(hashes))

    @property
    def removal(self) -> Removal:
        """Tell what becomes of a torrent's data."""
        return self._control.removal

    async def remove(self, info_hash: str, *, data: bool) -> None:
        """Remove one torrent; its data too, where ruTorrent sees to that."""
        await self._control.remove(_hash(info_hash), data=data)

    async def pause(self, hashes: Collection[str]) -> None:
        """Stop torrents."""
        await self._control.pause(_hashes(hashes))

    async def resume(self, hashes: Collection[str]) -> None:
        """Start torrents."""
        await self._control.resume(_hashes(hashes))

    async def limits(self) -> RateLimits:
        """Ask for the limits of everything together."""
        return await self._control.limits()

    async def set_limits(self, down: int, up: int) -> None:
        """Limit everything together (bytes per second); 0 is no limit."""
        await self._control.set_limits(down, up)

    # -- finding out -----------------------------------------------------------------------------

    async def _meet(self) -> str:
        self.speech = None
        if self._calls.wire.may_speak_json:
            try:
                version = await self._calls.json("system.client_version", [])
            except Unauthorized, TlsFailed:
                raise
            except ServiceError, NoJson, Spoilt:
                pass  # some servers hang up on it, some say no in XML
            else:
                if isinstance(version, str):
                    self.speech = Speech.JSON
                    return version
        answer = await self._calls.xml("system.client_version")
        if isinstance(answer, Fault):
            raise Refused(PRODUCT, 0, excerpt(answer.text))
        if not isinstance(answer, str):
            raise WrongProduct(PRODUCT, say("error_answers_something_else_than_version"))
        self.speech = Speech.XML
        return answer

    async def _list(self) -> TorrentList:
        """Ask for the list; change the speech or leave a field out as often as it takes."""
        for _ in range(len(OPTIONAL) + len(Speech) + 1):
            try:
                listed = await self._ask_list()
            except Spoilt:
                encoded = self.speech is Speech.JSON
                self.speech = Speech.JSON_ENCODED if encoded else Speech.XML
            except NoJson:
                await self.status()
            else:
                if isinstance(listed, TorrentList):
                    return listed
                self._leave_out(listed)
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
            exact = self.speech is not Speech.XML
            self._reader = Reader((*NEEDED, *names, *kept), exact=exact)
        reader = self._reader
        params = ["", "main", *reader.names, FREE]
        if self.speech is Speech.XML:
            content = await self._calls.xml_content("d.multicall2", *params)
            return await offload(len(content), lambda: self._read_xml(reader, content))
        content = await self._calls.wire.ask(json_request("d.multicall2", params), JSON)
        return await offload(len(content), lambda: self._read_json(reader, content))

    # -- reading; these run aside of the event loop ----------------------------------------------

    def _read_xml(self, reader: Reader, content: bytes) -> TorrentList | Fault:
        try:
            found = reader.from_xml(content)
            if found is None:
                answer = xmlrpc.read(content)
                if isinstance(answer, Fault):
                    return answer
                if not isinstance(answer, list):
                    raise Unreadable(PRODUCT, say("error_answer_not_list"))
                found = reader.from_rows(xmlrpc.table(answer))
        except NotXml:
            raise not_xml(content) from None
        return TorrentList.of(found[0], free_bytes=found[1], version=self.version)

    def _read_json(self, reader: Reader, content: bytes) -> TorrentList | Fault:
        answer = read_json(content)
        if isinstance(answer, Fault):
            return answer
        if not isinstance(answer, list):
            raise Unreadable(PRODUCT, say("error_answer_not_list"))
        rows: list[list[Cell]] = [row for row in answer if isinstance(row, list)]
        try:
            found, free = reader.from_rows(rows)
        except NotXml:
            raise Unreadable(PRODUCT, say("error_rows_have_another_shape")) from None
        if len(rows) != len(answer):
            raise Unreadable(PRODUCT, say("error_rows_have_another_shape"))
        return TorrentList.of(found, free_bytes=free, version=self.version)


def _hash(info_hash: str) -> str:
    if not _HASH.fullmatch(info_hash):
        raise ValueError("a hash")
    return info_hash.upper()


def _hashes(hashes: Collection[str]) -> list[str]:
    return list(dict.fromkeys(_hash(one) for one in hashes))
