"""An arr's list that breaks off is asked for once more: only a whole one counts (law 9)."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
from aiohttp import web
import pytest

from custom_components.showrunner.clients import sonarr_models
from custom_components.showrunner.clients.radarr import RadarrClient
from custom_components.showrunner.clients.sonarr import SonarrClient
from custom_components.showrunner.coordinators.arr_counts import ArrCounts
from custom_components.showrunner.domain.counted import FILES, TITLES
from custom_components.showrunner.domain.keeps import Keep
from custom_components.showrunner.domain.media import MediaType, ProviderIds, TitleKey
from custom_components.showrunner.jobs.cleanup.arr_lists import ArrLists, Listing
from custom_components.showrunner.jobs.cleanup.doubles import held_twice
from custom_components.showrunner.jobs.cleanup.watchers import Seen
from custom_components.showrunner.jobs.cleanup.words import KeptNames
from custom_components.showrunner.signals import Signals
from custom_components.showrunner.store import Store

NOW = datetime(2026, 11, 30, tzinfo=UTC)
LISTS = {"radarr": "/api/v3/movie", "sonarr": "/api/v3/series"}


def row(number: int, *, has_file: bool) -> dict[str, Any]:
    """Write a title as both write one."""
    seasons = [{"seasonNumber": 1, "statistics": {"episodeFileCount": int(has_file)}}]
    return {
        "id": number,
        "title": f"Film {number}",
        "path": f"/data/{number}",
        "tmdbId": number,
        "tvdbId": number,
        "hasFile": has_file,
        "seasons": seasons,
        "statistics": {"sizeOnDisk": 5 * has_file},
    }


def titles(count: int, files: int) -> list[dict[str, Any]]:
    """Write so many titles; the first ones have files."""
    return [row(number, has_file=number <= files) for number in range(1, count + 1)]


@dataclass
class Arr:
    """A Radarr, or a Sonarr. `broken`: with what the next list begins, before it breaks off."""

    all: list[dict[str, Any]] = field(default_factory=list)
    broken: list[dict[str, Any]] = field(default_factory=list)
    lists: int = 0
    # Set once all of what is broken off was read.
    read: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer what it is asked."""
        if request.path not in LISTS.values():
            return web.json_response([])
        self.lists += 1
        if not self.broken:
            return web.json_response(self.all)
        begun, self.broken = self.broken, []
        response = web.StreamResponse()
        response.content_length = 1_000_000
        await response.prepare(request)
        await response.write(b"[" + b"".join(json.dumps(one).encode() + b"," for one in begun))
        await self.read.wait()
        assert request.transport is not None
        request.transport.abort()
        return response


@dataclass
class Met:
    """Waits for everything, and for the last title of what breaks off."""

    arr: Arr
    last: int = 0
    met: list[int] = field(default_factory=list)

    def waits_for(self, entry: Any) -> bool:
        """Say so."""
        if entry.id == self.last:
            self.arr.read.set()
        return True

    def meet(self, arr: Any, entry: Any) -> None:
        """Take it that an arr holds a title."""
        self.met.append(entry.id)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncGenerator[Store]:
    """Open an empty store."""
    opened = await Store.open(tmp_path / "showrunner.db")
    yield opened
    await opened.close()


@pytest.mark.parametrize("kind", ["radarr", "sonarr"])
async def test_what_a_list_that_broke_off_had_counts_for_nothing(
    kind: str,
    store: Store,
    session: aiohttp.ClientSession,
    serve: Callable[..., Awaitable[str]],
) -> None:
    """Neither twice, so that a fall is not seen, nor as what an arr holds."""
    arr = Arr(titles(10, 10))
    url, met = await serve(arr.answer), Met(arr)
    client = (RadarrClient if kind == "radarr" else SonarrClient)(session, url, "key")
    linked = SimpleNamespace(subentry_id="it", title="It", client=client)
    asker: Any = SimpleNamespace(radarrs={}, sonarrs={})
    getattr(asker, f"{kind}s")["it"] = linked
    lists = ArrLists(
        asker,
        store,
        ArrCounts(store, Signals(), now=lambda: NOW, max_drop=lambda: 50.0),
        policy=lambda: None,
        keep_tags=frozenset,
        now=lambda: NOW,
        met=met,
    )
    assert await lists.records(Seen(), Listing(KeptNames())) == ()
    assert not lists.in_doubt
    assert met.met == list(range(1, 11))

    met.met.clear()
    arr.all, arr.broken, met.last = titles(10, 4), [*titles(6, 4), row(99, has_file=True)], 99
    media, ids = MediaType.MOVIE, ProviderIds(tmdb=99)
    if kind == "sonarr":
        media, ids = MediaType.SERIES, ProviderIds(tvdb=99)
    gone = Keep(TitleKey(media, ids), None, None, NOW, "somebody")
    there = replace(gone, title=TitleKey(media, ProviderIds(tmdb=5, tvdb=5)))
    listing = Listing(KeptNames((gone, there)))
    assert await lists.records(Seen(), listing) == ()
    assert arr.lists == 3
    assert listing.silent == {kind}
    assert lists.in_doubt
    kept: Any = await store.kv.get("counted:it")
    assert kept["low"] == {TITLES: 10, FILES: 4}
    assert met.met == list(range(1, 11))
    (unmatched,) = await listing.keeps.unmatched(store)
    assert unmatched.title == gone.title.names[0]


async def test_what_a_list_that_broke_off_had_is_not_held_twice(
    session: aiohttp.ClientSession,
    serve: Callable[..., Awaitable[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Only what two arrs list that have answered in full."""
    one, other = Arr(titles(3, 2)), Arr(titles(2, 2), [*titles(1, 1), row(3, has_file=True)])
    one.all[2]["statistics"]["sizeOnDisk"] = 5
    reads = sonarr_models.series

    def read(value: Any) -> Any:
        if other.broken == [] and value["id"] == 3:
            other.read.set()
        return reads(value)

    monkeypatch.setattr(sonarr_models, "series", read)
    arrs = {
        str(number): SimpleNamespace(client=SonarrClient(session, await serve(arr.answer), "key"))
        for number, arr in enumerate((one, other))
    }
    assert await held_twice(arrs) == {"tmdb:1", "tvdb:1", "tmdb:2", "tvdb:2"}
    assert other.lists == 2
