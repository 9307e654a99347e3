"""How we talk to qBittorrent (4.1 to 5.3): what changed since the last answer, and signing in.

Its session is a cookie whose name changes between versions, so the HTTP session's jar keeps it: it
must be ours alone and take cookies of bare addresses. From 5.2 an API key does instead. It bans an
address after five wrong logins, so a login that was refused is not tried again for a while.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from http import HTTPStatus
from itertools import batched
import re
import time
from typing import Final

import aiohttp

from ..domain.text import say
from ..domain.torrent_details import RateLimits, Removal, TorrentFiles, TrackerState
from ..domain.torrents import TorrentList
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
from .http import SMALL, Answer, HttpClient, Params
from .http_errors import is_page, no_json
from .login_rest import REST, Forgetful, LoginMemory, Refusal
from .offload import offload
from .parse import version
from .qbittorrent_changes import MainData, UnknownTorrent
from .qbittorrent_details import (
    all_trackers,
    files_below,
    limit_of,
    root_of,
    rounded,
    trackers_of_one,
)
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
# So many hashes are named in one request.
_MANY: Final = 500
# So many torrents are asked for their trackers one by one.
_FEW: Final = 5
# 5.0 calls stop and start what was pause and resume.
_STOP: Final = ("stop", "pause")
_START: Final = ("start", "resume")
_RENAMED: Final = (5,)


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
        self._data = MainData()
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
                answer = await self._get(_SYNC, max_bytes=None)
                self._http.check(answer)
                weight = max(len(answer.content), 64 * len(data.torrents))
                whole = await offload(weight, lambda: data.merge(answer.content))  # noqa: B023
            except Unreachable:
                # Another version may come back, and another count of answers.
                self.version, data.rid = "", 0
                raise
            except UnknownTorrent:
                whole = False
            except ValueError, RecursionError:
                whole = None
            if whole is None:
                self._data = MainData()
                raise no_json(PRODUCT, answer.content)
            if whole and data.list is not None:
                return data.list
            # A change to something that we never heard of: begin anew, with everything.
            data = self._data = MainData(version=self.version)
        raise Unreadable(PRODUCT, say("error_answer_names_changes_not_what_there"))

    tells_changes: Final = True

    async def hashes(self) -> frozenset[str]:
        """Give the hashes of everything, those of hybrids too; it only tells what changed."""
        listing = await self.torrents()
        return frozenset(listing.by_hash) | listing.by_other_hash.keys()

    async def files(self, info_hash: str) -> TorrentFiles | None:
        """Ask for a torrent's files and where they are; None when there is no such torrent."""
        wanted = _hash(info_hash)
        answer = await self._get("/torrents/files", {"hash": wanted}, max_bytes=None)
        if answer.status == HTTPStatus.NOT_FOUND:
            return None
        self._http.check(answer)
        where = await self._get("/torrents/info", {"hashes": wanted})
        self._http.check(where)
        if (root := root_of(where.content)) is None:
            return None
        return await offload(len(answer.content), lambda: files_below(root, answer.content))

    async def trackers(self, hashes: Collection[str]) -> Mapping[str, tuple[TrackerState, ...]]:
        """Ask for all trackers at once; for each torrent's where a server doesn't tell that.

        And for each torrent's where there are few: all trackers come with all that it has.
        """
        wanted = {_hash(one).upper() for one in hashes}
        if len(wanted) <= _FEW:
            return await self._each_trackers(wanted)
        async with self._turn:
            # Whoever asks for changes next is told everything: this answer was counted too.
            self._data.rid = 0
            answer = await self._get(_SYNC, max_bytes=None)
            self._http.check(answer)
            found = await offload(len(answer.content), lambda: all_trackers(answer.content))
        if isinstance(found, Mapping):
            return {key: trackers for key, trackers in found.items() if key in wanted}
        return await self._each_trackers(wanted & found)

    async def _each_trackers(
        self, wanted: Collection[str]
    ) -> Mapping[str, tuple[TrackerState, ...]]:
        return {
            key: trackers
            for key in sorted(wanted)
            if (trackers := await self._trackers_of(key.lower())) is not None
        }

    async def _trackers_of(self, info_hash: str) -> tuple[TrackerState, ...] | None:
        answer = await self._get("/torrents/trackers", {"hash": info_hash})
        if answer.status == HTTPStatus.NOT_FOUND:
            return None
        self._http.check(answer)
        return trackers_of_one(answer.content)

    @property
    def removal(self) -> Removal:
        """Tell what becomes of a torrent's data."""
        return Removal.WITH_DATA

    async def remove(self, info_hash: str, *, data: bool) -> None:
        """Remove one torrent; one that is gone already is as good."""
        form = {"hashes": _hash(info_hash), "deleteFiles": "true" if data else "false"}
        self._http.check(await self._post("/torrents/delete", form))

    async def pause(self, hashes: Collection[str]) -> None:
        """Stop torrents."""
        await self._set(_STOP, hashes)

    async def resume(self, hashes: Collection[str]) -> None:
        """Start torrents."""
        await self._set(_START, hashes)

    async def _set(self, words: Sequence[str], hashes: Collection[str]) -> None:
        wanted = sorted({_hash(one) for one in hashes})
        if not self.version:
            await self.status()
        new, old = words
        first, second = (new, old) if version(self.version) >= _RENAMED else (old, new)
        for some in batched(wanted, _MANY, strict=False):
            form = {"hashes": "|".join(some)}
            answer = await self._post(f"/torrents/{first}", form)
            if answer.status == HTTPStatus.NOT_FOUND:
                answer = await self._post(f"/torrents/{second}", form)
            self._http.check(answer)

    async def limits(self) -> RateLimits:
        """Ask for the limits of everything together."""
        answers = [await self._get(f"/transfer/{one}Limit") for one in ("download", "upload")]
        for answer in answers:
            self._http.check(answer)
        down, up = (limit_of(answer.content) for answer in answers)
        return RateLimits(down, up)

    async def set_limits(self, down: int, up: int) -> None:
        """Limit everything together (bytes per second); 0 is no limit."""
        for name, limit in (("Download", down), ("Upload", up)):
            form = {"limit": str(rounded(limit))}
            self._http.check(await self._post(f"/transfer/set{name}Limit", form))

    # -- signing in ------------------------------------------------------------------------------

    async def _post(self, path: str, form: Mapping[str, str]) -> Answer:
        """Do something once; sign in when that is what it takes, and do it then."""
        answer = await self._http.exchange("POST", path, data=form)
        self._check_host(answer)
        if answer.status in _NO_LOGIN and self._login:
            await self._sign_in()
            self._data.rid = 0
            answer = await self._http.exchange("POST", path, data=form)
        return answer

    async def _get(
        self, path: str, params: Params | None = None, *, max_bytes: int | None = SMALL
    ) -> Answer:
        """Ask; sign in when that is what it takes, once."""
        answer = await self._ask(path, params, max_bytes)
        if answer.status not in _NO_LOGIN:
            return answer
        self._check_host(answer)
        if not self._login:
            self._http.check(answer)
        await self._sign_in()
        # A new session counts its answers anew: the same number may be another answer's.
        self._data.rid = 0
        answer = await self._ask(path, params, max_bytes)
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

    async def _ask(self, path: str, params: Params | None, max_bytes: int | None) -> Answer:
        if path == _SYNC:
            params = {"rid": self._data.rid}
        try:
            return await self._http.exchange("GET", path, params=params, max_bytes=max_bytes)
        except TlsFailed:
            raise
        except Unreachable:
            await asyncio.sleep(_PAUSE)
        return await self._http.exchange("GET", path, params=params, max_bytes=max_bytes)

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


def _hash(info_hash: str) -> str:
    if not _HASH.fullmatch(info_hash):
        raise ValueError("a hash, and never all of them")
    return info_hash.lower()
