"""What people and services ask of Home Assistant meanwhile, and how long they wait."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
import json
import random
import sys
import time
from typing import Final

import aiohttp

from bench.house.home import Home
from bench.house.house import SERVER, House, user_id
from demo.homeassistant import DemoError

_PAUSE: Final = 0.25


async def times(home: Home, house: House, rounds: int) -> Mapping[str, list[float]]:
    """Ask everything so often; give the waits (seconds) by what was asked."""
    dice = random.Random(3)

    def act(name: str, **data: object) -> Callable[[], Awaitable[object]]:
        path = f"/api/services/showrunner/{name}?return_response"
        return lambda: home.call("POST", path, data)

    found: dict[str, list[float]] = {}
    async with home.socket() as send:

        def command(name: str, **more: object) -> Callable[[], Awaitable[object]]:
            return lambda: send({"type": f"showrunner/{name}", **more})

        for number in range(rounds):
            movie = dice.randrange(house.movies)
            asked = {
                "get_history": act("get_history", limit=100),
                "get_title": act("get_title", title=f"tmdb:{1_000_000 + movie}"),
                "get_requests": act("get_requests", limit=100),
                "decide": act("decide", tmdb_id=1_000_000 + movie),
                "overview": command("overview"),
                "requests/list": command("requests/list"),
                "leaving/list": command("leaving/list"),
            }
            for name, ask in asked.items():
                begun = time.perf_counter()
                try:
                    await ask()
                except DemoError as err:
                    # What is refused is no measure of anything; that it is missing can be seen.
                    print(f"{name}: {err}", file=sys.stderr, flush=True)
                    continue
                if number or rounds == 1:
                    found.setdefault(name, []).append(time.perf_counter() - begun)
    return found


async def webhooks(home: Home, answers: list[float]) -> None:
    """Send webhooks until cancelled: of plays of nobody's film, and of grabs; note the waits."""
    doors, number = home.webhooks(), 0
    async with aiohttp.ClientSession() as session:
        while True:
            number += 1
            kind = ("jellyfin", "radarr")[number % 2]
            if kind not in doors:
                kind = "jellyfin"
            begun = time.perf_counter()
            async with session.post(doors[kind], data=_body(kind, number)) as answer:
                await answer.read()
            answers.append(time.perf_counter() - begun)
            await asyncio.sleep(_PAUSE)


def _body(kind: str, number: int) -> bytes:
    if kind == "radarr":
        movie = {"id": 1, "title": "Nobody's film", "year": 2001, "tmdbId": 9}
        name = f"{number:040X}"
        told = {"eventType": "Grab", "movie": movie, "downloadId": name, "release": {}}
        return json.dumps(told).encode()
    film = {"ItemType": "Movie", "Name": f"Nobody's film {number}", "Provider_tmdb": str(9_000)}
    play = {
        "NotificationType": "PlaybackProgress",
        "ServerId": SERVER,
        "ItemId": f"f{number:031x}",
        "UserId": user_id(0),
        "RunTimeTicks": 72_000_000_000,
        "PlaybackPositionTicks": 600_000_000 + number * 10_000_000,
    }
    return json.dumps(film | play).encode()
