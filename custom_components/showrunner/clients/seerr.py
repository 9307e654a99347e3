"""How we talk to Seerr 3 (formerly Jellyseerr and Overseerr).

Nothing in its lists says what has changed: `updatedAt` stays what it was (captured: 3.1 on SQLite),
and so does the order `modified`. Who looks for changes asks for what is open, and for the newest.
"""

from dataclasses import dataclass
from typing import Final, Literal

import aiohttp

from ..domain.media import MediaType
from ..domain.text import say
from . import seerr_models as models
from .errors import NEEDS_NO_KEY, NotReady, Refused, TooOld, Unauthorized, Unreadable, WrongProduct
from .http import SMALL, HttpClient
from .json_rows import read_rows
from .listing import listed
from .offload import cooperative_yield
from .parse import natural, positive, table, text, version as version_of
from .seerr_models import (
    PRODUCT,
    MediaStatus,
    RequestStatus,
    SeerrArr,
    SeerrRequest,
    SeerrTitle,
)
from .seerr_notifications import SeerrNotifications, WebhookUse

__all__ = [
    "PRODUCT",
    "MediaStatus",
    "RequestPage",
    "RequestStatus",
    "SeerrArr",
    "SeerrClient",
    "SeerrRequest",
    "SeerrTitle",
    "WebhookUse",
]

OLDEST: Final = 2
_PAGE: Final = 100
_MOST_PAGES: Final = 500
# For a list it asks every Radarr and Sonarr, and waits ten seconds and more for each that is off.
_LIST: Final = 90.0
_TITLES: Final = {MediaType.MOVIE: "movie", MediaType.SERIES: "tv"}
_NOT_FOUND: Final = 404

type Filter = Literal["all", "pending", "approved"]


@dataclass(frozen=True, slots=True)
class RequestPage:
    """The newest requests, how many there are in all, and which of its arrs it can't reach."""

    requests: tuple[SeerrRequest, ...]
    total: int
    complete: bool
    unreached: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Page:
    """Some requests, and the numbers of all that were on the page; None: one without a number."""

    requests: tuple[SeerrRequest, ...]
    ids: tuple[int | None, ...]
    total: int
    unreached: frozenset[str]

    @property
    def unread(self) -> int:
        """Count those that can't be read."""
        return self.ids.count(None)


class SeerrClient:
    """One Seerr. Every method raises a ServiceError when the answer can't be had or believed."""

    def __init__(self, session: aiohttp.ClientSession, url: str, api_key: str) -> None:
        """Take the address (normalised) and the API key."""
        self.url = url.rstrip("/")
        self._http = HttpClient(
            session,
            f"{self.url}/api/v1",
            service=PRODUCT,
            headers={"X-Api-Key": api_key, "Accept": "application/json"},
            secrets=(api_key,),
        )
        self.notifications = SeerrNotifications(self._http)

    async def check(self) -> str:
        """Ask who answers and whether the key is good; give the version."""
        version = await self.answers()
        await self._let_in()
        return version

    async def answers(self) -> str:
        """Ask who answers, which nobody needs a key for; give the version."""
        try:
            answer = table(await self._http.get("/status", max_bytes=SMALL))
        except Unauthorized:
            raise WrongProduct(PRODUCT, NEEDS_NO_KEY) from None
        except (Refused, Unreadable) as err:
            raise WrongProduct(PRODUCT, err.said) from None
        version = text(answer.get("version"))
        if version is None or "commitTag" not in answer:
            raise WrongProduct(PRODUCT, say("error_not_seerr"))
        major = version_of(version)[:1]
        if major and major < (OLDEST,):
            raise TooOld(
                PRODUCT,
                say("error_version_too_old_needed_0_needed", version=version, needed=OLDEST),
            )
        return version

    async def _let_in(self) -> None:
        """Ask whether the key is good. While nobody has set it up, the right one is refused."""
        try:
            await self._http.get("/auth/me", max_bytes=SMALL)
        except Unauthorized as err:
            refused = err
        else:
            return
        answer = table(await self._http.get("/settings/public", max_bytes=SMALL))
        if answer.get("initialized") is False:
            raise NotReady(PRODUCT, say("error_not_set_up_finish_own_set"))
        raise refused

    async def name(self) -> str:
        """Give what this Seerr calls itself."""
        answer = table(await self._http.get("/settings/public", max_bytes=SMALL))
        return text(answer.get("applicationTitle")) or PRODUCT

    async def identity(self) -> str | None:
        """Give what only this Seerr has: the public half of the key for its push messages."""
        answer = table(await self._http.get("/settings/public", max_bytes=SMALL))
        return text(answer.get("vapidPublic"))

    async def newest(self) -> RequestPage:
        """List the newest requests, whatever their state."""
        page = await self._page(0, "all")
        if page.ids and page.unread == len(page.ids):
            raise Unreadable(PRODUCT, say("error_no_row_list_can_read"))
        complete = len(page.ids) >= page.total and not page.unread
        return RequestPage(page.requests, page.total, complete=complete, unreached=page.unreached)

    async def requests(self, which: Filter = "all") -> tuple[SeerrRequest, ...]:
        """List requests by their state. A list that is cut short, or moves, is unreadable."""
        found: dict[int, SeerrRequest] = {}
        seen: set[int] = set()
        total = 0
        for number in range(_MOST_PAGES):
            page = await self._page(number * _PAGE, which)
            total = page.total
            # One that can't be read would look as if it were gone.
            if None in page.ids:
                raise Unreadable(PRODUCT, say("error_request_without_id"))
            seen.update(one for one in page.ids if one is not None)
            found |= {one.id: one for one in page.requests}
            if not page.ids or (number + 1) * _PAGE >= total:
                break
        if len(seen) < total:
            # Also when one was deleted while we read: then another moved over the page's edge.
            raise Unreadable(
                PRODUCT, say("error_tells_total_requests_names_named", total=total, named=len(seen))
            )
        return tuple(found.values())

    async def _page(self, skip: int, which: Filter) -> _Page:
        query: dict[str, str | int] = {
            "take": _PAGE,
            "skip": skip,
            "filter": which,
            "sort": "added",  # the newest first
        }
        page = await self._http.get_decoded("/request", _read_page, query, timeout=_LIST)
        if page is None:
            raise Unreadable(PRODUCT, say("error_answer_not_page_requests"))
        return page

    async def request(self, number: int) -> SeerrRequest | None:
        """Find a request; None when Seerr says that there is none."""
        try:
            answer = table(await self._http.get(f"/request/{number}"))
        except Refused as err:
            if err.status == _NOT_FOUND:
                return None
            raise
        return models.request(answer)

    async def title(self, media: MediaType, tmdb: int) -> SeerrTitle:
        """Ask what a title is called. Of one that TMDb does not know it says that it failed."""
        return models.title(table(await self._http.get(f"/{_TITLES[media]}/{tmdb}")))

    async def arrs(self, media: MediaType) -> tuple[SeerrArr, ...]:
        """List the Radarrs or Sonarrs that Seerr hands requests to. Needs an administrator."""
        name = "radarr" if media is MediaType.MOVIE else "sonarr"
        answer = await self._http.get(f"/settings/{name}")
        return listed(answer, models.arr, PRODUCT).rows

    # -- what changes something ------------------------------------------------------------------

    async def approve(self, number: int) -> SeerrRequest | None:
        """Approve a request; the answer says whether Seerr could hand it on."""
        answer = table(await self._http.request("POST", f"/request/{number}/approve"))
        return models.request(answer)

    async def retry(self, number: int) -> SeerrRequest | None:
        """Have a failed request handed on once more."""
        answer = table(await self._http.request("POST", f"/request/{number}/retry"))
        return models.request(answer)

    async def decline(self, number: int) -> SeerrRequest | None:
        """Decline a request."""
        answer = table(await self._http.request("POST", f"/request/{number}/decline"))
        return models.request(answer)

    async def delete_request(self, number: int) -> None:
        """Delete a request; one that is gone already is as good."""
        await self._delete(f"/request/{number}")

    async def delete_media(self, number: int) -> None:
        """Have a title forgotten, so that it can be requested again."""
        await self._delete(f"/media/{number}")

    async def _delete(self, path: str) -> None:
        try:
            await self._http.request("DELETE", path)
        except Refused as err:
            if err.status != _NOT_FOUND:
                raise


def _read_page(body: bytes) -> _Page | None:
    """Read a page; None where it is none. Of its rows only what we need is kept."""
    around, rows = read_rows(body, "results")
    total = natural(table(around.get("pageInfo")).get("results"))
    if not isinstance(around.get("results"), list) or total is None:
        return None
    requests: list[SeerrRequest] = []
    ids: list[int | None] = []
    for row in rows:
        cooperative_yield()
        one = table(row)
        ids.append(positive(one.get("id")))
        if ids[-1] is not None and (request := models.request(one)) is not None:
            requests.append(request)
    return _Page(tuple(requests), tuple(ids), total, models.unreached(around.get("serviceErrors")))
