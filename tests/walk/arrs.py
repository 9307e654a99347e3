"""A household with a Sonarr beside its Radarr, and requests that somebody has made."""

from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.showrunner.coordinators.arr import ArrCoordinator
from custom_components.showrunner.domain.media import MediaType, ProviderIds, Title
from custom_components.showrunner.domain.requests.facts import Event, EventKind
from custom_components.showrunner.domain.requests.request import Request
from custom_components.showrunner.domain.requests.seasons import named
from custom_components.showrunner.domain.requests.state import RequestStatus
from world.catalogue import by_name
from world.clock import utcnow
from world.servers import Servers
from world.shows import show_by_name

from .household import Household, entry_for, living, with_links

HOOKS = {"radarr": "b" * 64, "sonarr": "c" * 64}


def entry_with_arrs(
    servers: Servers,
    *,
    add_webhook: bool = True,
    more: int = 0,
    uhd: bool = False,
    viewers: tuple[str, ...] = ("Sofa",),
) -> MockConfigEntry:
    """Make an entry with a Radarr and a Sonarr, and so many Sonarrs more that nobody reaches.

    `uhd`: also with the Radarr for films in 4K.
    """
    plain = entry_for(servers, viewers=viewers)
    hook = {"add_webhook": add_webhook}
    subentries = [
        ConfigSubentryData(
            data={**one.data, **(_hook("radarr", hook) if one.subentry_type == "radarr" else {})},
            subentry_type=one.subentry_type,
            title=one.title,
            unique_id=one.unique_id,
        )
        for one in plain.subentries.values()
    ]
    if uhd:
        data = {
            "url": servers.radarr_4k.url,
            "api_key": servers.world.keys.radarr_4k,
            "verify_ssl": True,
            "permanent_folders": ["/data/movies-4k"],
            "path_map": [{"here": "/media", "there": "/data"}],
        }
        subentries.append(
            ConfigSubentryData(
                data=data, subentry_type="radarr", title="Radarr 4K", unique_id="radarr:4k"
            )
        )
    for number in range(more + 1):
        url = f"http://127.0.0.1:{number}" if number else servers.sonarr.url
        data = {
            "url": url,
            "api_key": servers.world.keys.sonarr,
            "verify_ssl": True,
            "permanent_folders": ["/data/shows"],
            "path_map": [{"here": "/media", "there": "/data"}],
        }
        title = f"Sonarr {number}" if number else "Sonarr"
        subentries.append(
            ConfigSubentryData(
                data=data | (_hook("sonarr", hook) if not number else {}),
                subentry_type="sonarr",
                title=title,
                unique_id=f"sonarr:{url}",
            )
        )
    return with_links(plain, subentries)


def _hook(kind: str, hook: dict[str, Any]) -> dict[str, Any]:
    return {**hook, "webhook_id": HOOKS[kind]}


@asynccontextmanager
async def house_with_arrs(
    hass: HomeAssistant,
    servers: Servers,
    client: ClientSessionGenerator,
    **how: Any,
) -> AsyncGenerator[Household]:
    """Live in it."""
    await async_setup_component(hass, "webhook", {})
    async with living(hass, servers, await client(), entry_with_arrs(servers, **how)) as house:
        yield house


def arr(house: Household, kind: str) -> ArrCoordinator[Any]:
    """Give the coordinator of the first Radarr or Sonarr."""
    found = house.runtime.radarrs if kind == "radarr" else house.runtime.sonarrs
    return next(iter(found.values()))


def request_for(
    title: str, number: int = 1, *, seasons: Iterable[int] = (), **more: Any
) -> Request:
    """Make a request for a film or a series of the demo's world, as Seerr tells it."""
    try:
        film = by_name(title)
        wanted = Title(MediaType.MOVIE, ProviderIds(tmdb=film.tmdb), title, film.year)
    except KeyError:
        show = show_by_name(title)
        ids = ProviderIds(tvdb=show.tvdb, tmdb=show.tmdb)
        wanted = Title(MediaType.SERIES, ids, title, show.year)
    ref = f"seerr:x:{number}"
    # Seerr was asked a moment before the arr was.
    at = more.pop("at", utcnow() - timedelta(seconds=5))
    return Request(ref, ref, wanted, at, named(seasons), **more)


async def ask_for(house: Household, *requests: Request, at: datetime | None = None) -> None:
    """Have requests made and approved."""
    said = [(one, (Event(EventKind.APPROVED, at or one.requested_at),)) for one in requests]
    await house.runtime.requests.asked(said)


def status(house: Household, number: int = 1) -> RequestStatus:
    """Say how a request stands."""
    view = house.runtime.requests.find(f"seerr:x:{number}")
    assert view is not None
    return view.status
