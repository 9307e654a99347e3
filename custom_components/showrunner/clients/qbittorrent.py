"""How we talk to qBittorrent (4.1 to 5.3): what changed since the last answer, and signing in.

Its session is a cookie whose name changes between versions, so the HTTP session's jar keeps it: it
must be ours alone and take cookies of bare addresses. From 5.2 an API key does instead. It bans an
address after five wrong logins, so a login that was refused is not tried again for a while.
"""

import asyncio
from collections.abc import Mapping
from http import HTTPStatus
import re
import time
from typing import Final

import aiohttp

from ..domain.text import say
from ..domain.torrents import Torrent, TorrentList
from .errors import (
    Blocked,
    Forbidden,
    Refused,
    TlsFailed,
    TooOld,
    Unauthorized,
    Unreachable,
    Unreadable,
    WrongProduct,
)
from .http import SMALL, Answer, HttpClient
from .http_errors import is_page, no_json
from .login_rest import REST, Forgetful, LoginMemory, Refusal
from .offload import cooperative_yield, members, offload
from .parse import Json, natural, version
from .qbittorrent_models import KEPT, torrent
from .redaction import conceal_login

PRODUCT: Final = "qBittorrent"
_SYNC: Final = "/sync/maindata"
_TIMEOUT: Final = 30.0
_PAUSE: Final = 0.2
_OLDEST: Final = (4, 1)
# More than a version has (bytes).
_LONGEST: Final = 100
_NO_LOGIN: Final = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_HOST_REFUSED: Final = say("error_host_refused")
_HASH: Final = re.compile(r"[0-9A-Fa-f]{40}")
# What a torrent must have to be one; less than that is a change of one that we don't know.
_WHOLE: Final = frozenset({"name", "state"})


class _Unknown(Exception):
    """A change of a torrent that we do not know."""


class QBittorrentClient:
    """One qBittorrent. Every method raises a ServiceError when no answer can be had or believed."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        url: str,
        *,
        username: str | None = None,
        password: str | None = None,
        api_key: str | None = None,
        memory: LoginMemory | None = None,
    ) -> None:
        """Take the address (normalised), a session of our own, and one way to sign in or none.

        `memory`: where a refusal is kept for longer than this object lives.
        """
        self.url = url
        self.version = ""
        self._login = {"username": username, "password": password or ""} if username else {}
        self._memory: LoginMemory = memory or Forgetful()
        self._signed_in = False
        self._data = _MainData()
        # A change is only understood after the one before it, and read in a thread of its own.
        self._turn = asyncio.Lock()
        self._http = HttpClient(
            session,
            f"{url.rstrip('/')}/api/v2",
            service=PRODUCT,
            headers={"Authorization": f"Bearer {api_key}"} if api_key else {},
            secrets=(api_key or "",),
            timeout=_TIMEOUT,
        )
        self._has_key = bool(api_key)
        conceal_login(username or "", password or "")

    async def status(self) -> str:
        """Ask who answers; give the version. Raises WrongProduct, TooOld."""
        try:
            answer = await self._get("/app/version")
            self._http.check(answer)
        except Unauthorized:
            raise
        except Unreadable as err:
            raise WrongProduct(PRODUCT, err.said) from None
        except Refused as err:
            raise WrongProduct(
                PRODUCT, say("error_not_qbittorrent_status", status=err.status)
            ) from None
        said = answer.content[:_LONGEST].decode("utf-8", "replace").strip()
        found = version(said)
        if len(found) < len(_OLDEST):
            raise WrongProduct(PRODUCT, say("error_answers_something_else_than_version"))
        if found < _OLDEST:
            raise TooOld(PRODUCT, say("error_version_too_old_4_1_needed", version=said))
        self.version = said.removeprefix("v")
        return self.version

    async def torrents(self) -> TorrentList:
        """Ask what changed, and give everything as it is now: one asker after another."""
        async with self._turn:
            return await self._torrents()

    async def _torrents(self) -> TorrentList:
        if not self.version:
            await self.status()
        data = self._data
        for _ in range(2):
            whole: bool | None
            try:
                answer = await self._get(_SYNC)
                self._http.check(answer)
                weight = max(len(answer.content), 64 * len(data.torrents))
                whole = await offload(weight, lambda: data.merge(answer.content))  # noqa: B023
            except Unreachable:
                # Another version may come back, and another count of answers.
                self.version, data.rid = "", 0
                raise
            except _Unknown:
                whole = False
            except ValueError, RecursionError:
                whole = None
            if whole is None:
                self._data = _MainData()
                raise no_json(PRODUCT, answer.content)
            if whole and data.list is not None:
                return data.list
            # A change to something that we never heard of: begin anew, with everything.
            data = self._data = _MainData(version=self.version)
        raise Unreadable(PRODUCT, say("error_answer_names_changes_not_what_there"))

    @property
    def removes_data(self) -> bool:
        """Tell whether `remove` deletes a torrent's data too."""
        return True

    async def remove(self, info_hash: str) -> None:
        """Remove one torrent with its data; one that is gone already is as good."""
        if not _HASH.fullmatch(info_hash):
            raise ValueError("a hash, and never all of them")
        form = {"hashes": info_hash.lower(), "deleteFiles": "true"}
        answer = await self._http.exchange("POST", "/torrents/delete", data=form)
        self._check_host(answer)
        if answer.status in _NO_LOGIN and self._login:
            await self._sign_in()
            self._data.rid = 0
            answer = await self._http.exchange("POST", "/torrents/delete", data=form)
        self._http.check(answer)

    # -- signing in ------------------------------------------------------------------------------

    async def _get(self, path: str) -> Answer:
        """Ask; sign in when that is what it takes, once."""
        answer = await self._ask(path)
        if answer.status not in _NO_LOGIN:
            return answer
        self._check_host(answer)
        if not self._login:
            self._http.check(answer)
        await self._sign_in()
        # A new session counts its answers anew: the same number may be another answer's.
        self._data.rid = 0
        answer = await self._ask(path)
        self._check_host(answer)
        if answer.status in _NO_LOGIN:
            raise Forbidden(PRODUCT, say("error_login_good_still_refused_here"))
        return answer

    def _check_host(self, answer: Answer) -> None:
        """Raise Blocked when it is not our login that is refused.

        A login is missing where it says 403. 401 without one is its check of the Host header or of
        the proxy in front (5.2.2), whatever the login; a web page is the proxy's own.
        """
        if answer.status not in _NO_LOGIN or self._has_key:
            return
        if is_page(answer.content):
            self._http.check(answer)
        if answer.status == HTTPStatus.UNAUTHORIZED:
            raise Blocked(PRODUCT, _HOST_REFUSED)

    async def _ask(self, path: str) -> Answer:
        params = {"rid": self._data.rid} if path == _SYNC else None
        limit = None if params else SMALL
        try:
            return await self._http.exchange("GET", path, params=params, max_bytes=limit)
        except TlsFailed:
            raise
        except Unreachable:
            await asyncio.sleep(_PAUSE)
        return await self._http.exchange("GET", path, params=params, max_bytes=limit)

    async def _sign_in(self) -> None:
        """Sign in. Raises Unauthorized, which rests: five wrong logins would have us banned."""
        known = None if self._signed_in else await self._memory.recall()
        if known is not None and known.holds:
            raise _refused(known)
        answer = await self._http.exchange("POST", "/auth/login", data=self._login, max_bytes=SMALL)
        if answer.status in _NO_LOGIN and is_page(answer.content):
            self._http.check(answer)  # the proxy's page: it says nothing of the login
        if answer.status in _NO_LOGIN or answer.content.strip() == b"Fails.":
            self._signed_in = False
            banned = answer.status == HTTPStatus.FORBIDDEN
            refusal = Refusal(time.time() + REST, banned)
            await self._memory.keep(refusal)
            raise _refused(refusal)
        self._http.check(answer)
        self._signed_in = True
        if known is not None:
            await self._memory.keep(None)


def _refused(refusal: Refusal) -> Unauthorized:
    if refusal.banned:
        return Forbidden(PRODUCT, say("error_banned_address_too_many_wrong_logins"))
    return Unauthorized(PRODUCT, say("error_name_password_was_refused"))


class _MainData:
    """What qBittorrent told so far, kept up to date by what it says has changed."""

    def __init__(self, version: str = "") -> None:
        self.rid = 0
        self.version = version
        self.torrents: dict[str, Torrent] = {}
        self.list: TorrentList | None = None
        self._rows: dict[str, Json] = {}
        self._state: dict[str, object] = {}

    def merge(self, content: bytes) -> bool:
        """Take an answer; tell whether everything is known. Raises ValueError, _Unknown.

        Nothing is changed unless the whole answer could be read. Runs aside of the event loop.
        """
        told: dict[str, object] = {}
        changed: dict[str, Json] = {}
        for key, value in members(content.decode("utf-8", "replace"), within="torrents"):
            cooperative_yield()
            outer, _, info_hash = key.partition(" ")
            if not info_hash:
                told[key] = value
            elif outer == "torrents" and isinstance(value, Mapping):
                changed[info_hash] = {one: value[one] for one in KEPT if one in value}
        rid = natural(told.get("rid"))
        if rid is None:
            raise ValueError("no rid")
        whole = told.get("full_update") is True
        if not whole and self.list is None:
            return False
        rows = {} if whole else self._rows
        merged = {key: {**rows.get(key, {}), **row} for key, row in changed.items()}
        if any(not row.keys() >= _WHOLE for row in merged.values()):
            raise _Unknown
        self._take(told, merged, whole=whole)
        self.rid = rid
        return True

    def _take(self, told: Json, merged: Mapping[str, Json], *, whole: bool) -> None:
        removed = told.get("torrents_removed")
        state = told.get("server_state")
        gone = [key for key in removed if isinstance(key, str)] if isinstance(removed, list) else []
        if not (whole or merged or gone or state):
            return
        if whole:
            self._rows, self.torrents, self._state = {}, {}, {}
        for key in gone:
            self._rows.pop(key, None)
            self.torrents.pop(key, None)
        for key, row in merged.items():
            cooperative_yield()
            self._rows[key] = row
            self.torrents[key] = torrent(key, row)
        if isinstance(state, Mapping):
            self._state.update(state)
        self.list = TorrentList.of(
            self.torrents.values(),
            free_bytes=self._number("free_space_on_disk"),
            down_rate=self._number("dl_info_speed"),
            up_rate=self._number("up_info_speed"),
            session_down=self._number("dl_info_data"),
            session_up=self._number("up_info_data"),
            version=self.version,
        )

    def _number(self, key: str) -> int | None:
        return natural(self._state.get(key))
