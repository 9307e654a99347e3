"""A real `hass` with Showrunner set up over the demo's running world."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from aiohttp.test_utils import TestClient
from homeassistant.config_entries import ConfigEntryState, ConfigSubentryData
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.showrunner.const import DOMAIN
from custom_components.showrunner.domain.acquisition import Acquisition, AcquisitionState
from custom_components.showrunner.domain.media import MediaType, ProviderIds, TitleKey
from custom_components.showrunner.runtime import Runtime
from world.catalogue import by_name
from world.people import User
from world.servers import Servers
from world.world import Pace, World, build

FAST = Pace(search=0.05, grab=0.02, download=0.2, seeders=0.01, miss=0.4)
WEBHOOK_ID = "a" * 64
# Films of the demo's world last seconds, and nobody wants to wait in a test.
OPTIONS: Mapping[str, Mapping[str, object]] = {
    "watching": {"min_seconds": 1, "lost_after": 300},
    "downloads": {"searches_per_hour": 60, "tag": "showrunner", "root_folder": "/data/movies"},
    "refresh": {"collect_seconds": 0},
    "safety": {"dry_run": False},
}
EVENTS = ["decision", "outcome", "plan_ready", "service_down", "service_back"]


@dataclass
class Household:
    """Home Assistant, the world, and the entry between them."""

    hass: HomeAssistant
    servers: Servers
    entry: MockConfigEntry
    client: TestClient  # type: ignore[type-arg]

    @property
    def runtime(self) -> Runtime:
        """What the loaded entry has."""
        runtime: Runtime = self.entry.runtime_data
        return runtime

    @property
    def writes(self) -> list[str]:
        """All changes that Radarr was asked for: method and path."""
        calls = self.servers.radarr.calls
        return [f"{call.method} {call.path}" for call in calls if call.method != "GET"]

    @property
    def searches(self) -> int:
        """How many searches Radarr has begun."""
        commands = self.servers.radarr_state.library.commands.values()
        return sum(command["name"] == "MoviesSearch" for command in commands)

    def user(self, name: str) -> User:
        """Find a Jellyfin user."""
        return self.servers.world.user(name)

    async def watch(
        self, user: str, film: str, begin: float = 0.5, end: float | None = None, speed: float = 1.8
    ) -> None:
        """Watch something from `begin` to `end` (shares of it; twice as fast would be skipping)."""
        play = self.servers.play(user, film, begin, end, speed)
        assert play.done is not None
        await play.done

    async def acquisition(self, film: str, *states: AcquisitionState) -> Acquisition:
        """Wait until the film's newest acquisition is in one of the states (any that ended)."""
        found: list[Acquisition] = []

        async def there() -> bool:
            ids = self._ids(film)
            found[:] = await self.runtime.store.acquisitions.for_title(ids)
            return bool(found) and (
                found[-1].state in states if states else not found[-1].state.open
            )

        await until(there)
        return found[-1]

    async def acquisitions(self, film: str) -> tuple[Acquisition, ...]:
        """All acquisitions of a film."""
        return tuple(await self.runtime.store.acquisitions.for_title(self._ids(film)))

    async def decisions(self, film: str) -> list[Mapping[str, object]]:
        """All decisions about a film, as they were recorded."""
        return list(await self.runtime.store.decisions.for_title(self._ids(film)))

    def _ids(self, film: str) -> TitleKey:
        found = by_name(film)
        return TitleKey(MediaType.MOVIE, ProviderIds(tmdb=found.tmdb, imdb=found.imdb))

    async def post(self, body: object, *, kind: str = "text/plain") -> tuple[int, str]:
        """Post a body to our webhook; give status and text."""
        import json

        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        url = f"/api/webhook/{WEBHOOK_ID}"
        async with self.client.post(url, data=data, headers={"Content-Type": kind}) as answer:
            return answer.status, await answer.text()


def short_world() -> World:
    """Make a world whose films last five seconds, so that nobody waits long for their end."""
    world = build(pace=FAST)
    for film in world.films.values():
        for (_, item_id), data in world.data.items():
            if item_id == film.item_id:
                data.position *= 5 / film.seconds  # left at the same share of it
    world.films = {key: replace(film, seconds=5) for key, film in world.films.items()}
    return world


async def until(
    condition: Callable[[], Awaitable[bool] | bool], seconds: float = 60.0, what: str = ""
) -> None:
    """Wait until something is so; fail with a time-out."""
    try:
        async with asyncio.timeout(seconds):
            while True:
                answer = condition()
                if (await answer) if isinstance(answer, Awaitable) else answer:
                    return
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(f"never happened: {what or condition}") from None


def entry_for(
    servers: Servers,
    options: Mapping[str, Mapping[str, object]] | None = None,
    viewers: tuple[str, ...] = ("Sofa",),
) -> MockConfigEntry:
    """Make an entry as the flows do, with everything linked."""
    keys, world = servers.world.keys, servers.world

    def service(kind: str, title: str, **data: object) -> ConfigSubentryData:
        url = servers.all[kind].url
        return ConfigSubentryData(
            data={"url": url, "verify_ssl": True, **data},
            subentry_type=kind,
            title=title,
            unique_id=f"{kind}:{url}",
        )

    subentries = [
        service(
            "radarr",
            "Radarr",
            api_key=keys.radarr,
            permanent_folders=["/data/movies"],
            path_map=[{"here": "/media", "there": "/data"}],
        ),
        service("prowlarr", "Prowlarr", api_key=keys.prowlarr),
        service("ntfy", "Phone", topic=keys.topic, token=keys.ntfy, events=EVENTS, priority=3),
    ]
    subentries += [
        ConfigSubentryData(
            data={
                "user_id": world.user(name).id,
                "user_name": name,
                "may_download": True,
                "counts_for_cleanup": True,
                "primary": False,
            },
            subentry_type="viewer",
            title=name,
            unique_id=f"viewer:{world.user(name).id}",
        )
        for name in viewers
    ]
    merged = {page: {**OPTIONS.get(page, {}), **(options or {}).get(page, {})} for page in OPTIONS}
    return MockConfigEntry(
        domain=DOMAIN,
        title="Demo",
        unique_id=world.server_id,
        data={
            "url": servers.jellyfin.url,
            "api_key": keys.jellyfin,
            "verify_ssl": True,
            "webhook_id": WEBHOOK_ID,
            "add_webhook": True,
        },
        options=merged,
        subentries_data=subentries,
    )


def with_links(
    entry: MockConfigEntry,
    links: Iterable[Mapping[str, object]],
    options: Mapping[str, object] | None = None,
) -> MockConfigEntry:
    """Make an entry like another one, with these links; `options` are changed pages."""
    return MockConfigEntry(
        domain=entry.domain,
        title=entry.title,
        unique_id=entry.unique_id,
        data=dict(entry.data),
        options={**entry.options, **(options or {})},
        subentries_data=list(links),
    )


def with_more(
    entry: MockConfigEntry,
    *more: Mapping[str, object],
    options: Mapping[str, object] | None = None,
) -> MockConfigEntry:
    """Make an entry like another one, with links more; `options` are changed pages."""
    links = [one.as_dict() for one in entry.subentries.values()]
    return with_links(entry, [*links, *more], options)


@asynccontextmanager
async def living(
    hass: HomeAssistant,
    servers: Servers,
    client: TestClient,  # type: ignore[type-arg]
    entry: MockConfigEntry,
) -> AsyncGenerator[Household]:
    """Set the entry up, wait until the webhook is in Jellyfin's plugin, unload at the end."""
    hass.config.internal_url = str(client.make_url("/")).rstrip("/")
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    house = Household(hass, servers, entry, client)
    try:
        if entry.state is ConfigEntryState.LOADED and entry.data["add_webhook"]:
            await until(lambda: bool(servers.webhooks.configuration.get("GenericOptions")))
        yield house
    finally:
        if entry.state is ConfigEntryState.LOADED:
            await hass.config_entries.async_unload(entry.entry_id)
        await hass.async_block_till_done()
