"""Questions that several tests have about the world."""

import asyncio
from collections.abc import Callable
from typing import Any

from .conftest import House


async def until(true: Callable[[], object]) -> None:
    """Wait for something that must happen soon."""
    async with asyncio.timeout(60):
        while not true():
            await asyncio.sleep(0.01)


async def jellyfin_films(house: House, user: str = "Sofa") -> dict[str, dict[str, Any]]:
    """Ask Jellyfin for all films, by TMDb id."""
    body: Any = await house.get(
        "jellyfin",
        "/Items",
        userId=house.servers.world.user(user).id,
        includeItemTypes="Movie",
        fields="ProviderIds,Path,MediaSources",
    )
    assert body["TotalRecordCount"] == len(body["Items"])
    return {dto["ProviderIds"]["Tmdb"]: dto for dto in body["Items"]}


async def radarr_movies(house: House) -> dict[str, dict[str, Any]]:
    """Ask Radarr for all movies, by TMDb id."""
    body: Any = await house.get("radarr", "/api/v3/movie")
    return {str(row["tmdbId"]): row for row in body}
