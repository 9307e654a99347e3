"""How we talk to Jellystat 1.1: what was played before we looked, and how often.

Its answers as captured from a real 1.1.8 count, not its guides:
- `getHistory` shows one row for each title and viewer; only episodes carry their other plays
  inside (`results`, while the outer duration is then the sum of them all), of a film one sees the
  last play alone. `getUserHistory` shows every play, so that is what is read.
- Every column that looks like a number is one: a film called "1917", a user called "1234".
- `desc` is true for any text and `search` drops other filters: neither is ever sent.
- A key that comes while it is not set up, or its database is down, ends its process. So the key is
  never sent before it says that it is ready, and it is asked that without the key every time.
- A database that is down answers 200 with nothing, "no rows", 503, or not at all. No rows are
  believed only when another question shows that there are some.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import aiohttp

from ..domain.importing import HistoryRow, Refusal
from ..domain.media import Unit, UnitKind, normalize_guid
from ..domain.text import Text, say
from .errors import NEEDS_NO_KEY, NotReady, Refused, Unauthorized, Unreadable, WrongProduct
from .http import SMALL, HttpClient
from .jellyfin_models import TICKS
from .json_rows import read_page
from .parse import Json, instant, integer, natural, rows, seconds, table, text

PRODUCT: Final = "Jellystat"
# Rows are long (streams, transcoding).
_PAGE: Final = 100
# No list is longer: one that is has no end, or is told again and again.
_MOST_PAGES: Final = 100_000
# A decision waits for it; a database that is down would never answer.
_QUICK: Final = 5.0
_SLOW: Final = 60.0
_NOT_FOUND: Final = 404
# What it says of itself once a key may be sent; 0: not set up, or no database; 1: half set up.
_CONFIGURED: Final = 2

type Page = tuple[HistoryRow | Refusal, ...]


@dataclass(frozen=True, slots=True)
class JellystatStatus:
    """Who answers, and how many libraries it looks after."""

    version: str
    libraries: int


class JellystatClient:
    """One Jellystat. Every method raises a ServiceError when the answer can't be believed."""

    def __init__(self, session: aiohttp.ClientSession, url: str, api_key: str) -> None:
        """Take the address (normalised) and the API key."""
        self.url = url.rstrip("/")
        # What everybody may ask is asked without the key, which may end the process.
        self._open = HttpClient(
            session, self.url, service=PRODUCT, headers={"Accept": "application/json"}
        )
        self._was_ready = False
        # An Authorization header would win over the key, so there is none.
        self._http = HttpClient(
            session,
            self.url,
            service=PRODUCT,
            headers={"x-api-token": api_key, "Accept": "application/json"},
            secrets=(api_key,),
        )

    async def status(self) -> JellystatStatus:
        """Ask who answers and whether the key is good. Raises WrongProduct, Unauthorized."""
        version = await self._ready()
        return JellystatStatus(version, await self._libraries())

    async def _ready(self) -> str:
        """Ask, without the key, whether a key may be sent; give the version.

        Raises NotReady while it may not, WrongProduct.
        """
        try:
            answer = table(
                await self._open.get("/auth/isConfigured", timeout=_QUICK, max_bytes=SMALL)
            )
        except Unauthorized:
            raise WrongProduct(PRODUCT, NEEDS_NO_KEY) from None
        except (Refused, Unreadable) as err:
            # It answers this to everybody; who does not is somebody else.
            raise WrongProduct(PRODUCT, err.said) from None
        version = text(answer.get("version"))
        if version is None or "state" not in answer:
            raise WrongProduct(PRODUCT, say("error_something_else_not_product", product=PRODUCT))
        state = integer(answer.get("state"))
        if state is None or state < _CONFIGURED:
            raise NotReady(PRODUCT, self._why_not(state))
        self._was_ready = True
        return version

    def _why_not(self, state: int | None) -> Text:
        """Say what it waits for. A database that is down looks like a Jellystat just installed."""
        if self._was_ready and not state:
            return say("error_database_down")
        if state:
            return say("error_not_set_up_to_the_end")
        return say("error_database_down_or_not_set_up")

    async def _libraries(self) -> int:
        try:
            answer = await self._http.get("/api/getLibraries", max_bytes=SMALL)
        except Unauthorized:
            raise Unauthorized(PRODUCT, say("error_api_key_was_refused")) from None
        except Refused as err:
            if err.status != _NOT_FOUND:
                raise
            raise Unauthorized(PRODUCT, say("error_no_api_key_been_made_there")) from None
        if answer is None:
            raise NotReady(PRODUCT, say("error_database_does_not_answer"))
        if not isinstance(answer, list):
            raise Unreadable(PRODUCT, say("error_libraries_not_list"))
        return len(rows(answer))

    async def user_history(self, user_id: str) -> AsyncGenerator[Page]:
        """Give every play of a user, page by page, the newest first."""
        async for part in self._pages("/api/getUserHistory", {"userid": user_id}, _PAGE, _SLOW):
            yield tuple(_row(table(row)) for row in part)

    async def history(self) -> AsyncGenerator[Page]:
        """Give the plays of all users; of each film and user the last one only."""
        async for part in self._pages("/api/getHistory", None, _PAGE, _SLOW):
            yield tuple(_row(row) for outer in part for row in _plays(table(outer)))

    async def has_history(self) -> bool:
        """Tell whether there is any play at all: the proof that "none" is an answer."""
        first = await self._page("/api/getHistory", None, 1, 1, _QUICK)
        return bool(first[1])

    async def plays(self, item_id: str, user_id: str, since: datetime) -> tuple[HistoryRow, ...]:
        """Give a user's plays of one item since then, the newest first."""
        found: list[HistoryRow] = []
        empty = True
        body = {"itemid": item_id}
        async for part in self._pages("/api/getItemHistory", body, _PAGE, _QUICK):
            empty = empty and not part
            read = (_row(table(row)) for row in part)
            page = [row for row in read if isinstance(row, HistoryRow)]
            found += [row for row in page if row.user_id == user_id and row.at >= since]
            if page and page[-1].at < since:
                break
        if empty and not await self.has_history():
            raise Unreadable(PRODUCT, say("error_knows_no_play_all_which_not"))
        return tuple(found)

    async def _pages(
        self,
        path: str,
        body: Json | None,
        size: int,
        timeout: float,
    ) -> AsyncGenerator[list[object]]:
        """Go through all pages. Raises Unreadable for half a page: it is no end."""
        page, pages = 1, 1
        before: list[object] = []
        while page <= pages:
            if page > _MOST_PAGES:
                raise Unreadable(PRODUCT, say("error_list_never_ends"))
            pages, part = await self._page(path, body, page, size, timeout)
            if part and part == before:
                raise Unreadable(PRODUCT, say("error_page_page_one_before_once_more", page=page))
            before = part
            yield part
            page += 1

    async def _page(
        self,
        path: str,
        body: Json | None,
        page: int,
        size: int,
        timeout: float,
    ) -> tuple[int, list[object]]:
        await self._ready()
        params: dict[str, str | int] = {"size": size, "page": page}
        # Rows are long, and a page of them is read beside the event loop.
        if body is None:
            answer, results = await self._http.get_decoded(path, _read, params, timeout=timeout)
        else:
            answer, results = await self._http.post_decoded(
                path, _read, dict(body), params=params, timeout=timeout
            )
        pages = natural(answer.get("pages"))
        if results is None or pages is None:
            raise Unreadable(PRODUCT, say("error_answer_no_page_history"))
        if integer(answer.get("current_page")) not in (None, page):
            raise Unreadable(PRODUCT, say("error_asked_page_page_another_one_came", page=page))
        full = min(size, integer(answer.get("size")) or size)
        if page < pages and len(results) < full:
            raise Unreadable(
                PRODUCT, say("error_page_page_pages_only_part", page=page, pages=pages)
            )
        if page <= pages and not results:
            raise Unreadable(PRODUCT, say("error_page_page_pages_empty", page=page, pages=pages))
        return pages, results


def _read(body: bytes) -> tuple[Json, list[object] | None]:
    return read_page(body, "results")


def _plays(outer: Json) -> list[Json]:
    """Give the plays that a grouped row holds; a row without any is one itself."""
    inner = rows(outer.get("results"))
    return inner or [outer]


def _word(value: object) -> str:
    """Read a text that may have been taken for a number on its way."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        whole = integer(value)
        return str(whole) if whole is not None else f"{value:g}" if isinstance(value, float) else ""
    return text(value) or ""


def _row(row: Json) -> HistoryRow | Refusal:
    """Read a play. For episodes `NowPlayingItemId` is the series."""
    user_id = normalize_guid(row.get("UserId"))
    playing = normalize_guid(row.get("NowPlayingItemId"))
    played, ended = seconds(row.get("PlaybackDuration")), instant(row.get("ActivityDateInserted"))
    if user_id is None or playing is None or played is None or ended is None:
        return Refusal.UNREADABLE
    unit = _unit(row, playing)
    if unit is None:
        return Refusal.UNKNOWN_ITEM
    return HistoryRow(
        row_id=_word(row.get("Id")) or f"{user_id}/{unit.item_id}/{ended.isoformat()}",
        user_id=user_id,
        unit=unit,
        at=ended,
        seconds=played,
        at_end=True,
        position=seconds(table(row.get("PlayState")).get("PositionTicks"), TICKS),
        device=_word(row.get("DeviceName")),
        client=_word(row.get("Client")),
        play_method=_word(row.get("PlayMethod")).lower(),
    )


def _unit(row: Json, playing: str) -> Unit | None:
    """Read what was played as far as the row tells; None for music."""
    episode_id = normalize_guid(row.get("EpisodeId"))
    name = _word(row.get("NowPlayingItemName")) or "?"
    if episode_id is not None:
        return Unit(
            UnitKind.EPISODE,
            name,
            "",
            episode_id,
            series_item_id=playing,
            series_name=_word(row.get("SeriesName")) or None,
            season=natural(row.get("SeasonNumber")),
            episode=natural(row.get("EpisodeNumber")),
        )
    streams = rows(row.get("MediaStreams"))
    if streams and not any(stream.get("Type") == "Video" for stream in streams):
        return None
    return Unit(UnitKind.MOVIE, name, "", playing)
