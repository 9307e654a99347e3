"""How we talk to Prowlarr (API version 1): how many seeders all indexers together know of."""

import re
from typing import Final

import aiohttp

from ..domain.knowledge import Absent, Knowledge, Known, Unknown
from ..domain.media import ProviderIds
from ..domain.text import say
from . import arr
from .arr import ArrStatus
from .errors import Unreadable
from .parse import Json, flag, natural, number, rows, table, text, texts

PRODUCT: Final = "Prowlarr"
_SLOW: Final = 60.0
_MOVIES: Final = "2000"
_YEAR: Final = re.compile(r"(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])")
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

        Every indexer is asked in the way that it can answer: by the ids where it knows one of them,
        else by name and year; where the ids find nothing, by name too. One that is switched off, or
        that Prowlarr does not ask at present because it fails, counts as nothing; where there is no
        other the number is unknown. Results that are known to be another film are left out. A
        torrent without a number of seeders tells nothing. May take a minute.
        """
        by_id, by_name = await self._who_can(ids)
        if not name:
            by_name = frozenset()
        if not by_id | by_name:
            return Unknown(say("no_indexer"), _SOURCE)
        found = await self._search(_marks(ids), by_id)
        found += await self._search(_words(name, year), by_name - by_id)
        best = _counted(found, ids, year)
        if not best:
            again = await self._search(_words(name, year), by_id & by_name)
            best = _counted(again, ids, year)
        return Known(sum(best.values()), _SOURCE) if best else Absent(_SOURCE)

    async def _who_can(self, ids: ProviderIds) -> tuple[frozenset[int], frozenset[int]]:
        """Say which indexers can be asked by these ids, and which by a name."""
        answer = await self._http.get("/indexer")
        blocked = await self._http.get("/indexerstatus")
        if not isinstance(answer, list) or not isinstance(blocked, list):
            raise Unreadable(PRODUCT, say("error_indexers_not_list"))
        resting = {
            natural(row.get("indexerId")) for row in rows(blocked) if row.get("disabledTill")
        }
        wanted = {"imdbId": ids.imdb, "tmdbId": ids.tmdb}
        by_id, by_name = set(), set()
        for row in rows(answer):
            indexer, can = natural(row.get("id")), table(row.get("capabilities"))
            if indexer is None or indexer in resting or not flag(row.get("enable")):
                continue
            if text(row.get("protocol")) != "torrent":
                continue
            params = texts(can.get("movieSearchParams"))
            if any(wanted.get(param) for param in params):
                by_id.add(indexer)
            if "q" in (*params, *texts(can.get("searchParams"))):
                by_name.add(indexer)
        return frozenset(by_id), frozenset(by_name)

    async def _search(self, query: str, indexers: frozenset[int]) -> list[Json]:
        if not query or not indexers:
            return []
        asked: list[tuple[str, str | int]] = [
            ("query", query),
            ("type", "movie"),
            ("categories", _MOVIES),
            ("limit", "100"),
        ]
        asked += [("indexerIds", str(one)) for one in sorted(indexers)]
        answer = await self._http.get("/search", asked, timeout=_SLOW)
        if not isinstance(answer, list):
            raise Unreadable(PRODUCT, say("error_answer_not_list"))
        return rows(answer)


def _marks(ids: ProviderIds) -> str:
    marks = [f"{{ImdbId:{ids.imdb}}}"] if ids.imdb else []
    return "".join((*marks, *([f"{{TmdbId:{ids.tmdb}}}"] if ids.tmdb else [])))


def _words(name: str, year: int | None) -> str:
    return f"{name} {year or ''}".strip()


def _counted(found: list[Json], ids: ProviderIds, year: int | None) -> dict[str, int]:
    """Count the seeders of each torrent."""
    best: dict[str, int] = {}
    for row in found:
        seeders = natural(row.get("seeders"))
        if seeders is None or _is_another(row, ids) or _is_of_another_year(row, year):
            continue
        looks = (text(row.get("title")), number(row.get("size")), natural(row.get("indexerId")))
        torrent = (text(row.get("infoHash")) or text(row.get("guid")) or str(looks)).upper()
        best[torrent] = max(best.get(torrent, 0), seeders)
    return best


def _is_another(row: Json, ids: ProviderIds) -> bool:
    """Tell whether a result names another film. Indexers write 0 where they know no id."""
    found = ProviderIds.parse(row.get("tmdbId"), None, row.get("imdbId"))
    return found.matches(ids).value == "no"


def _is_of_another_year(row: Json, year: int | None) -> bool:
    """Tell whether a release names a year, and none that may be the film's."""
    years = [int(found) for found in _YEAR.findall(text(row.get("title")) or "")]
    return bool(year and years) and not any(abs(one - (year or 0)) <= 1 for one in years)
