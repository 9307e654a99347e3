"""How we talk to Shoko 5: who answers, and whether it has matched a file.

Until it has started, Shoko takes every key for a good one, so a key is judged only afterwards.
Version 6 names everything otherwise; it is recognised and refused.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
import re
from typing import Final
from urllib.parse import quote

import aiohttp

from ..domain.text import say
from . import shoko_models as models
from .errors import (
    NEEDS_NO_KEY,
    NotReady,
    Refused,
    TooNew,
    TooOld,
    Unauthorized,
    Unreadable,
    WrongProduct,
)
from .http import SMALL, HttpClient
from .listing import listed
from .parse import table, text
from .shoko_hub import LARGEST, ShokoHub
from .shoko_models import HubEvent, ShokoFile, ShokoStatus, StartState, tail

__all__ = ["PRODUCT", "HubEvent", "ShokoClient", "ShokoFile", "ShokoHub", "ShokoStatus"]

PRODUCT: Final = "Shoko"
_MAJOR: Final = 5
_HUB: Final = "/signalr/aggregate"
_FEEDS: Final = "feeds=shoko"
_NOT_FOUND: Final = 404
_ANSWERS: Final = 20
_SEASON: Final = re.compile(r"(?:season|series|staffel|saison|s)[ ._-]*\d+|specials?|extras?")
_NOBODYS: Final = "showrunner/does the key work.mkv"


class ShokoClient:
    """One Shoko. Every method raises a ServiceError when the answer can't be had or believed."""

    def __init__(self, session: aiohttp.ClientSession, url: str, api_key: str) -> None:
        """Take the address (normalised) and the API key, which only ever goes into a header."""
        self.url = url.rstrip("/")
        self._http = HttpClient(
            session,
            self.url,
            service=PRODUCT,
            headers={"apikey": api_key, "Accept": "application/json"},
            secrets=(api_key,),
        )

    async def status(self) -> ShokoStatus:
        """Ask who answers, whether it has started, and only then whether the key is good.

        Raises WrongProduct, TooOld, TooNew, Unauthorized; NotReady while it starts.
        """
        version = await self._version()
        await self._started()
        await self._find(_NOBODYS)
        return ShokoStatus(version)

    async def _version(self) -> str:
        try:
            answer = await self._http.get("/api/v3/Init/Version", max_bytes=SMALL)
        except Unauthorized:
            raise WrongProduct(PRODUCT, NEEDS_NO_KEY) from None
        except (Refused, Unreadable) as err:
            # It tells everybody its version; who does not is somebody else.
            raise WrongProduct(PRODUCT, err.said) from None
        version = models.server_version(answer)
        number = None if version is None else models.major(version)
        if version is None or number is None:
            raise WrongProduct(PRODUCT, say("error_something_else_not_product", product=PRODUCT))
        if number < _MAJOR:
            raise TooOld(
                PRODUCT, say("error_version_too_old_needed_needed", version=version, needed=_MAJOR)
            )
        if number > _MAJOR:
            raise TooNew(
                PRODUCT,
                say(
                    "error_version_speaks_another_language_than_needed",
                    version=version,
                    needed=_MAJOR,
                ),
            )
        return version

    async def _started(self) -> None:
        state = models.start_state(await self._http.get("/api/v3/Init/Status", max_bytes=SMALL))
        if state is StartState.STARTED:
            return
        said = {
            StartState.FAILED: say("error_could_not_start"),
            StartState.WAITING: say("error_waits_to_be_set_up"),
        }
        raise NotReady(PRODUCT, said.get(state, say("error_still_starting")))

    async def file(self, file_id: int) -> ShokoFile | None:
        """Find a file by its number; None when there is none."""
        try:
            answer = await self._http.get(f"/api/v3/File/{file_id}", {"includeXRefs": "true"})
        except Refused as err:
            if err.status != _NOT_FOUND:
                raise
            return None
        found = models.file(table(answer))
        if found is None:
            raise Unreadable(PRODUCT, say("error_file_no_number"))
        return found

    async def is_matched(self, path: str) -> bool | None:
        """Say whether the file is matched that an arr names so; None when it is not known there.

        Found by the end of its path. Where that fits several files, all must be matched: none of
        them is taken for the right one.
        """
        wanted = self.wanted_end(path)
        if not wanted:
            return None
        files = await self._find("/".join(path.replace("\\", "/").split("/")[-len(wanted) :]))
        if len(files) >= _ANSWERS:
            return None  # there may be more of them, and all would have to be matched
        found = [
            one for one in files if any(tail(place, len(wanted)) == wanted for place in one.paths)
        ]
        if not found:
            return None
        if any(one.matched is None for one in found):
            raise Unreadable(PRODUCT, say("error_file_comes_without_links"))
        return all(one.matched for one in found)

    @staticmethod
    def wanted_end(path: str) -> tuple[str, ...]:
        """Give the end of a path that names one file: with its series where a season says nothing.

        Empty for what is no path of a file in a folder.
        """
        end = tail(path, 3)
        if len(end) < 2:  # noqa: PLR2004
            return ()
        return end if _SEASON.fullmatch(end[-2]) else end[-2:]

    async def _find(self, end: str) -> list[ShokoFile]:
        """List the files whose path ends so."""
        query: dict[str, str | int] = {"path": end, "includeXRefs": "true", "limit": _ANSWERS}
        answer = await self._http.get("/api/v3/File/PathEndsWith", query)
        return list(listed(answer, models.file, PRODUCT).rows)

    @asynccontextmanager
    async def hub(self) -> AsyncGenerator[ShokoHub]:
        """Open the hub, where Shoko tells what happens. Raises ServiceError."""
        answer = table(
            await self._http.request(
                "POST", f"{_HUB}/negotiate?negotiateVersion=1&{_FEEDS}", body=None
            )
        )
        # With version 1 the token opens the socket; a server that knows only 0 has just an id.
        token = text(answer.get("connectionToken")) or text(answer.get("connectionId"))
        if token is None:
            raise Unreadable(PRODUCT, say("error_hub_lets_nobody"))
        path = f"{_HUB}?{_FEEDS}&id={quote(token, safe='')}"
        async with self._http.websocket(path, max_bytes=LARGEST) as socket:
            hub = ShokoHub(socket)
            await hub.handshake()
            yield hub
