"""How we talk to Prowlarr (API version 1): how many seeders all indexers together know of."""

from typing import Final

import aiohttp

from ..domain.knowledge import Absent, Knowledge, Known
from ..domain.media import ProviderIds
from . import arr
from .arr import ArrStatus
from .errors import Unreadable
from .parse import Json, natural, number, rows, text

PRODUCT: Final = "Prowlarr"
_SLOW: Final = 60.0
_MOVIES: Final = 2000
_SOURCE: Final = "prowlarr"


class ProwlarrClient:
    """One Prowlarr. Every method raises a ServiceError when the answer can't be had or believed."""

    def __init__(self, session: aiohttp.ClientSession, url: str, api_key: str) -> None:
        """Take the address (normalised) and the API key."""
        self.url = url.rstrip("/")
        self._http = arr.http_client(session, url, api_key, PRODUCT, "v1")

    async def status(self) -> ArrStatus:
        """Ask who answers. Raises WrongProduct when it is not Prowlarr."""
        return await arr.status(self._http, PRODUCT)

    async def seeders(self, ids: ProviderIds, name: str, year: int | None) -> Knowledge[int]:
        """Count the seeders over all results for a movie, each torrent once; absent when none.

        By the ids where there are any, else by name and year; may take a minute. Results that are
        known to be another film are left out. A torrent without a number of seeders tells nothing:
        if no result tells any, the count is absent.
        """
        told = await self._http.get("/search", _query(ids, name, year), timeout=_SLOW)
        if not isinstance(told, list):
            raise Unreadable(PRODUCT, "the answer is not a list")
        best: dict[str, int] = {}
        for row in rows(told):
            seeders = natural(row.get("seeders"))
            if seeders is None or _is_another(row, ids):
                continue
            looks = (text(row.get("title")), number(row.get("size")), natural(row.get("indexerId")))
            torrent = (text(row.get("infoHash")) or text(row.get("guid")) or str(looks)).upper()
            best[torrent] = max(best.get(torrent, 0), seeders)
        return Known(sum(best.values()), _SOURCE) if best else Absent(_SOURCE)


def _query(ids: ProviderIds, name: str, year: int | None) -> dict[str, str | int]:
    marks = [f"{{ImdbId:{ids.imdb}}}"] if ids.imdb else []
    if ids.tmdb:
        marks.append(f"{{TmdbId:{ids.tmdb}}}")
    words = [] if marks else [name, str(year or "")]
    query = "".join(marks) or " ".join(words).strip()
    return {"query": query, "type": "movie", "categories": _MOVIES, "limit": 100}


def _is_another(row: Json, ids: ProviderIds) -> bool:
    """Tell whether a result names another film. Indexers write 0 where they know no id."""
    found = ProviderIds.parse(row.get("tmdbId"), None, row.get("imdbId"))
    return found.matches(ids).value == "no"
