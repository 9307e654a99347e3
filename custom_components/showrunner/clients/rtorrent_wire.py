"""How a call gets to rTorrent: over HTTP with the login that is asked for, or over SCGI."""

import asyncio
import base64
from http import HTTPStatus
from typing import Final

import aiohttp

from ..domain.text import say
from .errors import Blocked, TlsFailed, Unauthorized, Unreachable
from .http import Answer, HttpClient
from .redaction import conceal_login
from .scgi import Scgi

PRODUCT: Final = "rTorrent"
_TIMEOUT: Final = 30.0
_PAUSE: Final = 0.2


class Wire:
    """Carries a call to the server over HTTP, with the login that it asks for, or over SCGI."""

    def __init__(
        self, session: aiohttp.ClientSession, url: str, username: str, password: str
    ) -> None:
        """Take the address (normalised) and the login, which may be empty."""
        self._scgi = Scgi(url, PRODUCT) if url.startswith("scgi:") else None
        self._http = HttpClient(session, url, service=PRODUCT, timeout=_TIMEOUT)
        conceal_login(username, password)
        self._username, self._password = username, password
        self._basic: dict[str, str] = {}
        self._digest: aiohttp.DigestAuthMiddleware | None = None
        self.may_speak_json = not url.endswith(".php")

    async def ask(self, content: bytes, content_type: str) -> bytes:
        """Ask, once more if no answer came at all: what we ask changes nothing, or only once."""
        try:
            return await self._ask(content, content_type)
        except TlsFailed, Blocked:
            raise
        except Unreachable:
            await asyncio.sleep(_PAUSE)
        return await self._ask(content, content_type)

    async def _ask(self, content: bytes, content_type: str) -> bytes:
        if self._scgi is not None:
            return await self._scgi.ask(content, content_type, _TIMEOUT)
        answer = await self._post(content, content_type)
        if answer.status == HTTPStatus.UNAUTHORIZED and self._username and self._choose(answer):
            answer = await self._post(content, content_type)
        if answer.status == HTTPStatus.UNAUTHORIZED:
            # A web server's page, and about our login all the same: rTorrent has none of its own.
            said = say("error_asks_for_login")
            if self._username:
                said = say("error_login_refused")
            raise Unauthorized(PRODUCT, said)
        self._http.check(answer)
        return answer.content

    async def _post(self, content: bytes, content_type: str) -> Answer:
        return await self._http.exchange(
            "POST",
            "",
            data=content,
            headers={"Content-Type": content_type, **self._basic},
            middlewares=None if self._digest is None else (self._digest,),
        )

    def _choose(self, answer: Answer) -> bool:
        """Take the way to sign in that is offered first; tell whether it is another one.

        So the password goes out in the open only where a server asks for that.
        """
        if ":" in self._username:
            raise Unauthorized(PRODUCT, say("error_user_name_cant_have_colon"))
        scheme = next(iter(answer.challenges), "").split(" ", 1)[0].lower()
        if scheme == "digest" and self._digest is None:
            self._basic = {}
            self._digest = aiohttp.DigestAuthMiddleware(self._username, self._password)
            return True
        if scheme == "basic" and not self._basic:
            login = base64.b64encode(f"{self._username}:{self._password}".encode()).decode()
            self._digest, self._basic = None, {"Authorization": f"Basic {login}"}
            return True
        return False
