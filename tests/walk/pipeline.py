"""A household with the whole way from a wish to a film: Seerr, arrs, a torrent client, Shoko.

What Home Assistant is told comes by webhooks alone, by polls alone, or both ways. Polls are made
here and now instead of after minutes, by the coordinators' own hands.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any

import aiohttp
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.showrunner.coordinators import arr, availability, seerr, shoko, torrents
from custom_components.showrunner.coordinators.base import ServiceCoordinator
from custom_components.showrunner.coordinators.requests import RequestView
from custom_components.showrunner.coordinators.shoko import ShokoCoordinator
from custom_components.showrunner.domain.media import Place
from custom_components.showrunner.domain.requests.request import RequestState
from custom_components.showrunner.domain.requests.unit import Ledger
from custom_components.showrunner.runtime import Runtime
from custom_components.showrunner.services import matches_anime
from custom_components.showrunner.signals import Attributes, Topic
from world.catalogue import Film
from world.people import USERS
from world.servers import Servers
from world.shows import Show

from .arrs import entry_with_arrs
from .household import FAST, Household, living, until, with_links

_NEVER = timedelta(days=1)
_BETWEEN = 0.05  # seconds from one look at everything to the next
SEERR_HOOK = "d" * 64


class Via(StrEnum):
    """How Home Assistant learns of what happens."""

    WEBHOOKS = "webhooks"
    POLLS = "polls"
    MIXED = "mixed"


def _services(runtime: Runtime) -> tuple[ServiceCoordinator[Any], ...]:
    return (
        *runtime.seerrs.values(),
        *runtime.arrs.values(),
        *runtime.torrents.values(),
        *runtime.links.of(ShokoCoordinator).values(),
    )


@dataclass
class Pipeline:
    """The household, and everything that was shown of its requests."""

    house: Household
    told: Via
    steps: dict[str, list[tuple[RequestState, int]]] = field(default_factory=dict)
    units: dict[tuple[str, Place, int], list[RequestState]] = field(default_factory=dict)
    signals: list[tuple[str, str]] = field(default_factory=list)

    def listen(self) -> None:
        """Write down all changes and events from now on."""
        runtime = self.house.runtime
        runtime.requests.add_listener(self._changed)
        runtime.signals.subscribe(Topic.REQUEST, self._event)

    def _changed(self, view: RequestView) -> None:
        one, status = view.request.id, view.status
        self.steps.setdefault(one, []).append((status.state, status.attempts))
        ledger = Ledger(self.house.runtime.requests.facts(one))
        anime = view.request.anime and matches_anime(self.house.entry)
        for place in ledger.places:
            unit = ledger.unit(place, approved=True, anime=anime)
            self.units.setdefault((one, place, unit.attempts), []).append(unit.state)

    def _event(self, kind: str, attributes: Attributes) -> None:
        self.signals.append((str(attributes["request_id"]), kind))

    def view(self, number: int) -> RequestView | None:
        """Give a request as it stands."""
        [subentry_id] = self.house.runtime.seerrs
        return self.house.runtime.requests.find(f"seerr:{subentry_id}:{number}")

    def state(self, number: int) -> RequestState | None:
        """Say how far a request is."""
        view = self.view(number)
        return None if view is None else view.status.state

    async def ask(
        self, entry: Film | Show, seasons: tuple[int, ...] = (), user: str = "Sofa"
    ) -> int:
        """Ask for a title in Seerr; give the request's number."""
        body: dict[str, object] = {
            "mediaType": "movie" if isinstance(entry, Film) else "tv",
            "mediaId": entry.tmdb,
        }
        if seasons:
            body["seasons"] = list(seasons)
        number = next(i for i, one in enumerate(USERS, 1) if one.name == user)
        servers = self.house.servers
        headers = {"X-Api-Key": servers.world.keys.seerr, "X-API-User": str(number)}
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{servers.seerr.url}/api/v1/request", json=body, headers=headers) as got,
        ):
            assert got.status == 201, await got.text()
            return int((await got.json())["id"])

    async def reaches(self, number: int, state: RequestState) -> None:
        """Wait until a request is so far."""
        await until(lambda: self.state(number) is state, what=f"{number} is {state.value}")

    async def pump(self) -> None:
        """Look at every service, again and again. What a reload has replaced is taken apart."""
        while True:
            runtime = self._loaded
            for service in () if runtime is None else _services(runtime):
                if self._loaded is not runtime:
                    break
                if isinstance(service, arr.ArrCoordinator):
                    service._full_at = None
                await service.async_refresh()
            await asyncio.sleep(_BETWEEN)

    @property
    def _loaded(self) -> Runtime | None:
        """What the entry has; None while it is not loaded."""
        return getattr(self.house.entry, "runtime_data", None)

    def went_well(self, number: int) -> None:
        """Check what was shown: nothing went back within an attempt, and it came once."""
        view = self.view(number)
        assert view is not None
        one = view.request.id
        for (request_id, place, attempt), states in self.units.items():
            ranks = [state.rank for state in states]
            assert request_id != one or ranks == sorted(ranks), (place, attempt, states)
        kinds = [kind for request_id, kind in self.signals if request_id == one]
        assert kinds.count("available") == 1, kinds
        assert kinds[-1] == "available"
        assert "stuck" not in kinds
        assert "closed" not in kinds
        if view.request.is_movie:
            ranks = [state.rank for state, _ in self.steps[one]]
            assert ranks == sorted(ranks), self.steps[one]


def _service(servers: Servers, kind: str, **data: object) -> ConfigSubentryData:
    url = servers.all[kind].url
    return ConfigSubentryData(
        data={"url": url, "verify_ssl": True, **data},
        subentry_type=kind,
        title=kind.capitalize(),
        unique_id=f"{kind}:{url}",
    )


def whole_entry(
    servers: Servers, *, hooks: bool, more: Iterable[ConfigSubentryData] = ()
) -> MockConfigEntry:
    """Make an entry with everything linked, and `more`; `hooks`: the services may call us."""
    keys, plain = servers.world.keys, entry_with_arrs(servers, add_webhook=hooks)
    kept = [
        ConfigSubentryData(
            data=dict(one.data),
            subentry_type=one.subentry_type,
            title=one.title,
            unique_id=one.unique_id,
        )
        for one in plain.subentries.values()
    ]
    login = {"username": keys.torrent_user, "password": keys.torrents}
    return with_links(
        plain,
        [
            *kept,
            _service(
                servers, "seerr", api_key=keys.seerr, webhook_id=SEERR_HOOK, add_webhook=hooks
            ),
            _service(servers, "shoko", api_key=keys.shoko),
            _service(servers, "qbittorrent", **login),
            *more,
        ],
    )


def _freeze(monkeypatch: pytest.MonkeyPatch, answer: Via) -> None:
    """Let no look come by itself, but those at Jellyfin where webhooks are not all."""
    for module, names in (
        (arr, ("INTERVAL", "BUSY")),
        (seerr, ("INTERVAL",)),
        (torrents, ("BUSY",)),
        (shoko, ("INTERVAL", "WAITING")),
        (availability, ("IMPORTED", "WAITING")),
    ):
        for name in names:
            monkeypatch.setattr(module, name, _NEVER)
    monkeypatch.setattr(arr, "PROMPT", 0.2)
    monkeypatch.setattr(torrents, "IDLE", 2 * _NEVER)  # it looks sooner than that when it may
    monkeypatch.setattr(availability, "COLLECT", 0.02)
    monkeypatch.setattr(availability, "AGAIN_IMPORTED", timedelta(seconds=0.1))
    monkeypatch.setattr(shoko, "FIRST_PAUSE", 0.05)
    if answer is not Via.WEBHOOKS:
        monkeypatch.setattr(availability, "IMPORTED", timedelta(seconds=0.1))
        monkeypatch.setattr(availability, "WAITING", timedelta(seconds=0.2))


def _silence(servers: Servers) -> None:
    """Let no service tell anything by itself."""
    servers.webhooks.mute = True
    servers.shoko_state.hub_refused = 503
    servers.radarr_state.connect.mute = True
    servers.sonarr_state.connect.mute = True
    servers.seerr_state.agent.mute = True


def _linked(servers: Servers) -> bool:
    arrs = (servers.radarr_state, servers.sonarr_state)
    return (
        all(len(one.connect.notifications) == 1 for one in arrs)
        and bool(servers.seerr_state.agent.settings["enabled"])
        and servers.shoko_state.open == 1
    )


@asynccontextmanager
async def pipeline(
    hass: HomeAssistant,
    servers: Servers,
    client: ClientSessionGenerator,
    monkeypatch: pytest.MonkeyPatch,
    answer: Via,
    *,
    more: Iterable[ConfigSubentryData] = (),
) -> AsyncGenerator[Pipeline]:
    """Live in it, with these linked, too, and end what was begun."""
    _freeze(monkeypatch, answer)
    servers.world.pace = replace(FAST, scan=0.2, match=0.15, notice=0.4)
    if answer is Via.WEBHOOKS:
        # A search takes its time, in which the request itself is heard of.
        servers.world.pace = replace(servers.world.pace, search=2.0, download=0.6)
    if answer is Via.POLLS:
        _silence(servers)
    await async_setup_component(hass, "webhook", {})
    entry = whole_entry(servers, hooks=answer is not Via.POLLS, more=more)
    async with living(hass, servers, await client(), entry) as house:
        made = Pipeline(house, answer)
        pump: asyncio.Task[None] | None = None
        if answer is not Via.POLLS:
            await until(lambda: _linked(servers), what="everybody calls us")
        if answer is not Via.WEBHOOKS:
            pump = asyncio.create_task(made.pump())
        made.listen()
        try:
            yield made
        finally:
            if pump is not None:
                pump.cancel()
                with suppress(asyncio.CancelledError):
                    await pump
