"""Seerr's coordinator over captured answers: what it tells the tracker, and what it does not."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
import itertools
import json
from pathlib import Path
import random
from typing import Any

import aiohttp
from aiohttp import web
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.showrunner.clients.errors import NotOurs
from custom_components.showrunner.clients.seerr import SeerrClient
from custom_components.showrunner.clients.seerr_webhook import parse_webhook
from custom_components.showrunner.const import DOMAIN
from custom_components.showrunner.coordinators import seerr as module, seerr_titles as titles_module
from custom_components.showrunner.coordinators.base import DOWN_AFTER
from custom_components.showrunner.coordinators.requests import RequestTracker
from custom_components.showrunner.coordinators.seerr import LinkedArr, SeerrCoordinator
from custom_components.showrunner.domain.fall import FallMoved
from custom_components.showrunner.domain.library import ItemKind, LibraryItem
from custom_components.showrunner.domain.media import MediaType, ProviderIds
from custom_components.showrunner.domain.requests.facts import Event, EventKind
from custom_components.showrunner.domain.requests.hints import SETTLES
from custom_components.showrunner.domain.requests.request import RequestState, StuckReason
from custom_components.showrunner.domain.sweep import ReadState
from custom_components.showrunner.services.seerr import issues
from custom_components.showrunner.signals import Signals, Topic
from custom_components.showrunner.store import Store
from custom_components.showrunner.texts import async_load

FIXTURES = Path(__file__).parents[1] / "fixtures" / "seerr"
BODIES = [json.loads(file.read_text()) for file in sorted((FIXTURES / "webhooks").glob("*.json"))]
KEY, SUBENTRY = "key", "one"


def captured(name: str) -> Any:
    """Read what a real Seerr answered."""
    return json.loads((FIXTURES / f"api/{name}.json").read_text())["response"]


NAMES = {
    int(body["media"]["tmdbId"]): body["subject"].rpartition(" (")[0]
    for body in BODIES
    if body["media"]
}


@dataclass
class Replica:
    """A Seerr that answers as captured, of the requests in `rows`; `size` is its page."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    unknown: set[int] = field(default_factory=set)
    down: bool = False
    errors: Any = None
    radarrs: list[dict[str, Any]] = field(
        default_factory=lambda: [captured("settings-radarr-post")]
    )

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        path = request.path.removeprefix("/api/v1")
        self.asked.append(f"{request.method} {request.path_qs.removeprefix('/api/v1')}")
        if self.down:
            return web.Response(status=502)
        match path.split("/")[1:]:
            case ["status"]:
                return web.json_response(captured("status"))
            case ["auth", "me"]:
                return web.json_response(captured("auth-me"))
            case ["settings", "radarr"]:
                return web.json_response(self.radarrs)
            case ["settings", "sonarr"]:
                return web.json_response([captured("settings-sonarr-post")])
            case ["request"]:
                return web.json_response(self._page(request))
            case ["request", number]:
                return self._one(int(number))
            case ["request", number, ("approve" | "retry")]:
                self.row(int(number))["status"] = 2
                return self._one(int(number))
            case [("movie" | "tv") as kind, tmdb]:
                return self._title(kind, int(tmdb))
        return web.Response(status=404)

    def _page(self, request: web.Request) -> dict[str, Any]:
        wanted = {"pending": (1,), "approved": (2,)}.get(request.query["filter"], range(9))
        found = sorted(
            (row for row in self.rows if row["status"] in wanted), key=lambda row: -row["id"]
        )
        take, skip = int(request.query["take"]), int(request.query["skip"])
        answer = {"pageInfo": {"results": len(found)}, "results": found[skip : skip + take]}
        return answer if self.errors is None else answer | {"serviceErrors": self.errors}

    def _one(self, number: int) -> web.Response:
        row = next((row for row in self.rows if row["id"] == number), None)
        if row is None:
            return web.json_response(captured("request-get-deleted"), status=404)
        return web.json_response(row)

    def _title(self, kind: str, tmdb: int) -> web.Response:
        if tmdb in self.unknown:
            return web.json_response(captured("movie-get-unknown"), status=500)
        name = NAMES.get(tmdb, f"Title {tmdb}")
        page = captured("movie-get" if kind == "movie" else "tv-get")
        words = {"title": name} if kind == "movie" else {"name": name}
        ids = {"imdbId": None, "externalIds": {}, "mediaInfo": {}}
        return web.json_response(page | words | ids | {"id": tmdb})

    def row(self, number: int) -> dict[str, Any]:
        """Find a request."""
        return next(row for row in self.rows if row["id"] == number)

    def count(self, path: str) -> int:
        """Count the questions whose path begins so."""
        return sum(one.split(" ")[1].startswith(path) for one in self.asked)


@dataclass
class Clock:
    """The hour of the captured requests, so that they are no history; it goes on by itself."""

    now: datetime = datetime(2026, 11, 20, 16, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Say what time it is: a little later at every look."""
        self.tick(timedelta(milliseconds=1))
        return self.now

    def tick(self, time: timedelta) -> None:
        """Let time pass."""
        self.now += time


@dataclass
class World:
    """One coordinator with everything around it."""

    replica: Replica
    seerr: SeerrCoordinator
    tracker: RequestTracker
    store: Store
    told: list[tuple[str, dict[str, object]]]
    clock: Clock

    async def poll(self) -> bool:
        """Look once; tell whether the answer was good."""
        await self.seerr.async_refresh()
        return self.seerr.last_update_success

    async def restart(self) -> None:
        """Begin anew with what was stored."""
        await self.seerr.async_shutdown()
        signals = Signals()
        self.tracker = RequestTracker(
            self.store, signals, matcher=lambda: False, now=dt_util.utcnow
        )
        await self.tracker.load()
        self.seerr = SeerrCoordinator(
            self.seerr.hass,
            self.seerr.config_entry,
            signals,
            self.seerr.client,
            self.tracker,
            self.store,
            subentry_id=SUBENTRY,
            title="Seerr",
            arrs=list,
            max_drop=lambda: 50,
        )

    async def hear(self, *bodies: dict[str, Any]) -> None:
        """Take in webhooks and work on them, as the inbox does."""
        for body in bodies:
            self.seerr.inbox.accept(body)
        while not self.seerr.inbox._backlog.empty():
            await self.seerr._heard(self.seerr.inbox._backlog.get_nowait())

    async def settled_poll(self) -> bool:
        """Look once, when whatever a webhook told must have been written."""
        self.clock.tick(SETTLES)
        return await self.poll()

    def states(self) -> dict[str, tuple[object, ...]]:
        """Give what people see of the open requests."""
        return {
            view.request.ref.rpartition(":")[2]: (
                view.request.title.name,
                view.request.title.year,
                view.request.ids,
                tuple(view.as_dict()["seasons"]),  # type: ignore[arg-type]
                view.request.is_4k,
                view.request.requested_by,
                view.status.state,
                view.status.stuck.reason if view.status.stuck else None,
            )
            for view in self.tracker.views.values()
        }

    def state(self, number: int) -> RequestState | None:
        """Give a request's state; None when it is not open."""
        view = self.tracker.find(f"seerr:{SUBENTRY}:{number}")
        return None if view is None else view.status.state

    async def closed(self, number: int) -> str | None:
        """Say why a request is over."""
        row = await self.store.requests.get(f"seerr:{SUBENTRY}:{number}")
        closing = row.status.closed if row and row.status else None
        return closing.value if closing else None


type Make = Callable[..., Any]


@pytest.fixture
async def make(
    hass: HomeAssistant, tmp_path: Path, socket_enabled: None, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[Make]:
    """Give a function that makes a world; several stand side by side."""
    stores: list[Store] = []
    runners: list[web.AppRunner] = []
    session = aiohttp.ClientSession()
    numbers = itertools.count()
    seerrs: list[SeerrCoordinator] = []
    clock = Clock()
    monkeypatch.setattr(dt_util, "utcnow", clock)

    async def build(
        rows: list[dict[str, Any]] | None = None, arrs: list[LinkedArr] | None = None
    ) -> World:
        replica = Replica(rows or [])
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", replica.answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        runners.append(runner)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        store = await Store.open(tmp_path / f"{next(numbers)}.db")
        stores.append(store)
        signals = Signals()
        events: list[tuple[str, dict[str, object]]] = []
        signals.subscribe(Topic.REQUEST, lambda kind, what: events.append((kind, dict(what))))
        tracker = RequestTracker(store, signals, matcher=lambda: False, now=dt_util.utcnow)
        entry = MockConfigEntry(domain=DOMAIN)
        entry.add_to_hass(hass)
        seerr = SeerrCoordinator(
            hass,
            entry,
            signals,
            SeerrClient(session, url, KEY),
            tracker,
            store,
            subentry_id=SUBENTRY,
            title="Seerr",
            arrs=lambda: arrs or [],
            max_drop=lambda: 50,
        )
        seerrs.append(seerr)
        return World(replica, seerr, tracker, store, events, clock)

    yield build
    for seerr in seerrs:
        await seerr.async_shutdown()
    await hass.async_block_till_done(wait_background_tasks=True)
    await session.close()
    for runner in runners:
        await runner.cleanup()
    for store in stores:
        await store.close()


def final() -> list[dict[str, Any]]:
    """Give the requests as the captured Seerr had them in the end."""
    rows: list[dict[str, Any]] = captured("request-list-modified")["results"]
    return rows


def row(number: int, status: int = 2, **more: Any) -> dict[str, Any]:
    """Make a request for a film of its own."""
    base = next(one for one in final() if one["type"] == "movie")
    ids = {"tmdbId": 700_000 + number, "imdbId": None, "id": number}
    media = base["media"] | ids | {"status": 3}
    return base | {"id": number, "status": status, "media": media} | more


def heard(kind: str, number: int) -> dict[str, Any]:
    """Make a webhook's body about the request that `row` makes under this number."""
    body: dict[str, Any] = json.loads(json.dumps(BODIES[1]))
    body |= {"notification_type": kind}
    body["media"] |= {"tmdbId": str(700_000 + number), "tvdbId": "", "imdbId": ""}
    body["request"] |= {"request_id": str(number)}
    return body


# -- the captured story ----------------------------------------------------------------------------


async def test_polling_alone_tells_the_captured_story(make: Make) -> None:
    """Approved ones are approved, the pending one waits; what came and went is not taken up."""
    world = await make(final())
    assert await world.poll()
    found = world.states()
    assert {number: one[6] for number, one in found.items()} == {
        "2": RequestState.REQUESTED,
        "4": RequestState.APPROVED,
        "5": RequestState.APPROVED,
        "6": RequestState.APPROVED,
        "8": RequestState.APPROVED,
        "9": RequestState.APPROVED,
    }
    assert found["5"][:6] == (
        "Quiet Signal",
        2020,
        ProviderIds(tmdb=910002, tvdb=810002),
        (1, 2),
        False,
        "bob",
    )
    assert world.state(1) is None  # there and deleted again before anybody looked


@pytest.mark.parametrize("order", ["told", "doubled", *range(6)])
async def test_the_26_captured_webhooks_and_a_poll_end_as_polling_alone(
    make: Make, order: str | int
) -> None:
    """In order, doubled, shuffled and with losses: what people see is the same."""
    plain = await make(final())
    await plain.poll()
    world = await make(final())
    bodies = list(BODIES)
    if order == "doubled":
        bodies = [body for body in BODIES for _ in range(2)]
    elif isinstance(order, int):
        dice = random.Random(order)
        bodies = [body for body in BODIES * 2 if dice.random() < 0.6]
        dice.shuffle(bodies)
    # The first request was followed while it was open: it is not history here.
    bodies = [body for body in bodies if (body["request"] or {}).get("request_id") != "1"]
    await world.hear(*bodies)
    for _ in range(2):  # what nobody has deleted aloud needs two looks
        await world.poll()
    assert world.states() == plain.states()


async def test_webhooks_alone_begin_and_end_nothing(make: Make) -> None:
    """Nobody knows who sent them: a request is what Seerr itself lists, as it lists it."""
    world = await make()
    await world.poll()
    world.replica.down = True
    await world.hear(*BODIES)
    assert world.states() == {}
    assert world.told == []
    assert [await world.closed(number) for number in range(1, 10)] == [None] * 9
    assert await world.store.requests.sources() == frozenset()


async def test_an_approval_is_shown_at_once_until_seerr_is_read(make: Make) -> None:
    """It is a hint: no event is sent of it, nothing is written, and the list decides."""
    world = await make([row(1, 1)])
    await world.poll()
    before = await world.store.requests.get(f"seerr:{SUBENTRY}:1")
    world.replica.down = True
    await world.hear(heard("MEDIA_APPROVED", 1))
    assert world.state(1) is RequestState.APPROVED
    assert [kind for kind, _ in world.told] == ["requested"]
    assert await world.store.requests.get(f"seerr:{SUBENTRY}:1") == before
    await world.poll()
    assert world.state(1) is RequestState.APPROVED  # not answered: nothing is decided
    world.replica.down = False
    await world.settled_poll()
    assert world.state(1) is RequestState.REQUESTED
    assert [kind for kind, _ in world.told] == ["requested"]
    world.replica.row(1)["status"] = 2
    await world.hear(heard("MEDIA_APPROVED", 1))
    await world.settled_poll()
    assert world.state(1) is RequestState.APPROVED
    assert [kind for kind, _ in world.told] == ["requested", "approved"]


async def test_a_read_that_came_too_soon_says_nothing_against_a_webhook(make: Make) -> None:
    """Seerr may call before it has written what it tells; the next look finds it."""
    world = await make([row(1, 1)])
    await world.poll()
    await world.hear(heard("MEDIA_APPROVED", 1))
    await world.poll()
    assert world.state(1) is RequestState.APPROVED
    await world.settled_poll()
    assert world.state(1) is RequestState.REQUESTED


@pytest.mark.parametrize("kind", ["MEDIA_DECLINED", "MEDIA_FAILED", "MEDIA_AVAILABLE"])
async def test_no_webhook_ends_a_request_or_makes_it_stuck(make: Make, kind: str) -> None:
    """Not even for as long as Seerr does not answer."""
    world = await make([row(1, 1)])
    await world.poll()
    before = world.states()
    world.replica.down = True
    await world.hear(heard(kind, 1))
    assert world.states() == before
    world.replica.down = False
    await world.settled_poll()
    assert world.states() == before
    assert await world.closed(1) is None


async def test_a_webhook_that_contradicts_a_request_is_not_about_it(make: Make) -> None:
    """Another film under its number: somebody else's Seerr, or nobody's."""
    world = await make([row(1, 1)])
    await world.poll()
    world.replica.down = True
    body = heard("MEDIA_APPROVED", 1)
    body["media"] |= {"tmdbId": "999999"}
    await world.hear(body)
    assert world.state(1) is RequestState.REQUESTED
    body["media"] |= {"tmdbId": str(row(1)["media"]["tmdbId"]), "imdbId": "tt7777777"}
    await world.hear(body)
    assert world.states()["1"][2] == ProviderIds(tmdb=700_001)  # and it teaches no id


async def test_a_flood_of_invented_requests_leaves_nothing(make: Make) -> None:
    """Neither in what is shown nor in what Seerr is asked, nor in what it seems to have lost."""
    world = await make([row(number, 1) for number in (1, 2)])
    await world.poll()
    before = world.states()
    world.replica.asked.clear()
    bodies = [heard("MEDIA_PENDING", number) for number in range(1000, 5000)]
    for body in bodies:
        message = parse_webhook(body)
        await world.seerr._heard(message)
    assert world.states() == before
    for _ in range(2):
        assert await world.poll()
    assert world.states() == before
    assert world.replica.count("/request/") <= 100


@pytest.mark.parametrize("number", ["-1", "0", 0, str(2**31), 2**40])
async def test_a_number_that_seerr_gives_to_none_is_refused(make: Make, number: object) -> None:
    """By the reader, so that whoever sends it is told."""
    world = await make()
    body = heard("MEDIA_PENDING", 1)
    body["request"] |= {"request_id": number}
    with pytest.raises(NotOurs):
        world.seerr.inbox.accept(body)


async def test_available_is_only_a_hint_to_look(make: Make) -> None:
    """Whether it can be played is for Jellyfin to say; a doubled one changes nothing."""
    world = await make(final())
    await world.poll()
    hints: list[list[str]] = []
    world.seerr.on_hint.append(lambda refs: hints.append(list(refs)))
    rows = list(world.told)
    await world.hear(BODIES[24], BODIES[24])
    assert hints[0] == [f"seerr:{SUBENTRY}:8"]
    assert world.state(8) is RequestState.APPROVED
    assert world.told == rows


async def test_a_webhook_leads_to_a_look_at_the_truth(make: Make, hass: HomeAssistant) -> None:
    """At once: it finds the request, its name, and what no body says, 4K and its Radarr."""
    arrs = [LinkedArr("radarr", MediaType.MOVIE, "http://127.0.0.1:17878/radarr")]
    rows = final()
    lantern = next(one for one in rows if one["id"] == 8)
    lantern |= {"is4k": True}
    lantern["media"] |= {"serviceId4k": 0, "externalServiceId4k": 5, "status4k": 3}
    world = await make(rows, arrs)
    await world.hear(BODIES[19])
    await hass.async_block_till_done(wait_background_tasks=True)
    view = world.tracker.find(f"seerr:{SUBENTRY}:8")
    assert view.request.title.label == "The Paper Lantern (2019)"
    assert view.request.is_4k is True
    assert view.request.arr == ("radarr", 5)
    assert world.replica.count("/request?") == 1


async def test_a_series_without_its_seasons_is_not_begun_from_a_list_either(make: Make) -> None:
    """It is followed once Seerr names some; one that is followed keeps those that were named."""
    world = await make(final())
    row = world.replica.row(5)
    named, row["seasons"] = row["seasons"], []
    await world.poll()
    assert "5" not in world.states()
    row["seasons"] = named
    await world.poll()
    assert world.states()["5"][3] == (1, 2)
    row["seasons"] = []
    await world.poll()
    assert world.states()["5"][3] == (1, 2)


# -- what was decided ------------------------------------------------------------------------------


async def test_a_failed_request_was_approved_and_does_not_wait_for_it(make: Make) -> None:
    """It is stuck, because Seerr could not hand it on, until that has worked."""
    world = await make([row(1, 1)])
    await world.poll()
    assert world.state(1) is RequestState.REQUESTED
    world.replica.row(1)["status"] = 4
    await world.poll()
    view = world.tracker.find(f"seerr:{SUBENTRY}:1")
    assert view.status.state is RequestState.APPROVED
    assert view.status.stuck.reason is StuckReason.REFUSED
    answer = await world.seerr.retry(1)
    assert answer is not None
    view = world.tracker.find(f"seerr:{SUBENTRY}:1")
    assert (view.status.state, view.status.stuck) == (RequestState.APPROVED, None)
    world.replica.row(1)["status"] = 4
    await world.poll()
    view = world.tracker.find(f"seerr:{SUBENTRY}:1")
    assert view.status.stuck.reason is StuckReason.REFUSED


async def test_a_failure_that_is_told_again_stays_one(make: Make) -> None:
    """By a doubled webhook and the look that follows it."""
    rows = [one | {"status": 4} for one in final() if one["id"] == 6]
    world = await make(rows)
    await world.poll()
    for _ in range(2):
        await world.hear(BODIES[16])
        await world.poll()
        view = world.tracker.find(f"seerr:{SUBENTRY}:6")
        assert view.status.stuck.reason is StuckReason.REFUSED


async def test_a_failed_request_at_first_sight_is_stuck_too(make: Make) -> None:
    """Webhooks and polls agree on it."""
    world = await make([row(1, 4)])
    await world.poll()
    view = world.tracker.find(f"seerr:{SUBENTRY}:1")
    assert (view.status.state, view.status.stuck.reason) == (
        RequestState.APPROVED,
        StuckReason.REFUSED,
    )


async def test_a_declined_request_is_over_and_stays_so(make: Make) -> None:
    """Declined requests do not count as requested; a new one is a new one."""
    world = await make([row(1, 1)])
    await world.poll()
    world.replica.row(1)["status"] = 3
    await world.poll()
    assert (world.state(1), await world.closed(1)) == (None, "declined")
    asked = len(world.told)
    await world.poll()
    assert len(world.told) == asked
    again = row(2, 1)
    again["media"]["tmdbId"] = 700_001
    world.replica.rows.append(again)
    await world.poll()
    assert world.state(2) is RequestState.REQUESTED
    view = world.tracker.find(f"seerr:{SUBENTRY}:2")
    assert view.request.floor is not None


@pytest.mark.parametrize(
    ("status", "state", "kind"),
    [(2, RequestState.APPROVED, "approved"), (1, RequestState.REQUESTED, "requested")],
)
async def test_a_declined_request_that_is_taken_up_again_is_followed_again(
    make: Make, status: int, state: RequestState, kind: str
) -> None:
    """Approved after all, or waiting once more; also when nobody looked for long."""
    world = await make([row(1, 1), row(2, 2)])
    await world.poll()
    world.replica.row(1)["status"] = 3
    await world.poll()
    assert (world.state(1), await world.closed(1)) == (None, "declined")
    world.clock.tick(timedelta(days=3))
    world.replica.row(1)["status"] = status
    world.told.clear()
    await world.poll()
    assert (world.state(1), await world.closed(1)) == (state, None)
    assert [one for one, _ in world.told] == [kind]
    await world.poll()
    assert world.state(1) is state
    world.replica.row(1)["status"] = 3
    await world.poll()
    assert (world.state(1), await world.closed(1)) == (None, "declined")


async def test_an_approval_that_was_believed_before_is_taken_back(make: Make) -> None:
    """What an older version took from a webhook as a fact gives way to what Seerr lists."""
    world = await make([row(1, 1)])
    await world.poll()
    view = world.tracker.find(f"seerr:{SUBENTRY}:1")
    await world.tracker.asked([(view.request, (Event(EventKind.APPROVED, dt_util.utcnow()),))])
    assert world.state(1) is RequestState.APPROVED
    world.seerr._reports._reported.clear()  # as after a restart
    await world.poll()
    assert world.state(1) is RequestState.REQUESTED


async def test_a_withdrawn_request_is_never_taken_up_again(make: Make) -> None:
    """Its number may be given anew; what is listed under it is not it."""
    world = await make([row(1, 1), row(2, 1), row(3, 1)])
    await world.poll()
    lost, world.replica.rows = world.replica.row(1), world.replica.rows[1:]
    await world.poll()
    assert await world.closed(1) == "withdrawn"
    world.replica.rows.append(lost | {"status": 2})
    await world.poll()
    assert (world.state(1), await world.closed(1)) == (None, "withdrawn")


async def test_the_time_of_a_decision_is_when_we_learned_of_it(make: Make) -> None:
    """Seerr does not move its own time, which would be when the request was made."""
    world = await make([row(1, 1)])
    await world.poll()
    world.replica.row(1)["status"] = 2
    await world.poll()
    approved = world.tracker.facts(f"seerr:{SUBENTRY}:1").event(EventKind.APPROVED)
    assert approved.at > dt_util.utcnow() - timedelta(minutes=1)
    fresh = await make([row(1, 2)])
    await fresh.poll()
    approved = fresh.tracker.facts(f"seerr:{SUBENTRY}:1").event(EventKind.APPROVED)
    assert approved.at < dt_util.utcnow() - timedelta(minutes=30)


async def test_a_deleted_requester_takes_no_request_with_him(make: Make) -> None:
    """The request is kept, with the name that it had."""
    world = await make([row(1, 2)])
    await world.poll()
    world.replica.row(1)["requestedBy"] = None
    await world.poll()
    assert world.states()["1"][5] == "bob"


async def test_seasons_that_were_changed_before_the_approval_count(make: Make) -> None:
    """An administrator may ask for less."""
    world = await make(final())
    await world.poll()
    signal = world.replica.row(5)
    signal["seasons"] = signal["seasons"][:1]
    await world.poll()
    assert world.states()["5"][3] == (1,)


async def test_nothing_is_told_twice(make: Make) -> None:
    """A poll that finds everything as it was does not even ask the store."""
    world = await make(final())
    await world.poll()
    saved = []
    put = world.store.requests.put
    world.store.requests.put = lambda rows: saved.append(rows) or put(rows)
    await world.poll()
    assert not saved


# -- what was deleted ------------------------------------------------------------------------------


async def test_a_deleted_request_is_closed_after_a_list_and_an_answer_agree(make: Make) -> None:
    """One that is only missing from the list is asked for by name."""
    world = await make([row(number) for number in range(1, 6)])
    await world.poll()
    gone = world.replica.row(3)
    world.replica.rows.remove(gone)
    await world.poll()
    assert "GET /request/3" in world.replica.asked
    assert (world.state(3), await world.closed(3)) == (None, "withdrawn")
    assert world.state(4) is RequestState.APPROVED


async def test_a_request_that_a_list_lacks_and_seerr_still_has_is_kept(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list was wrong."""
    world = await make([row(number) for number in range(1, 6)])
    await world.poll()
    page = world.replica._page

    def lacking(request: web.Request) -> dict[str, Any]:
        answer = page(request)
        results = [one for one in answer["results"] if one["id"] != 3]
        return {"pageInfo": {"results": 4}, "results": results}

    monkeypatch.setattr(world.replica, "_page", lacking)
    assert await world.poll()
    assert world.state(3) is RequestState.APPROVED


@pytest.mark.parametrize("left", [0, 1])
async def test_a_seerr_that_lost_more_than_half_is_ill_until_it_says_so_twice(
    make: Make, left: int
) -> None:
    """An empty list from a Seerr that had requests is a failure (law 9)."""
    world = await make([row(number) for number in range(1, 6)])
    await world.poll()
    kept = world.replica.rows
    world.replica.rows = kept[:left]
    assert not await world.poll()
    assert len(world.tracker.views) == 5
    world.replica.rows = kept  # it was ill
    assert await world.poll()
    assert len(world.tracker.views) == 5
    world.replica.rows = kept[:left]
    assert not await world.poll()
    assert await world.poll()
    assert len(world.tracker.views) == left
    assert await world.poll()


async def test_two_lists_agree_when_they_miss_the_same_requests(make: Make) -> None:
    """A window that moves is no agreement, and what was missed once is not gone."""
    world = await make([row(number) for number in range(1, 11)])
    await world.poll()
    kept = world.replica.rows
    for window in (kept[6:], kept[:4], kept[6:]):
        world.replica.rows = window
        assert not await world.poll()
    assert len(world.tracker.views) == 10
    world.replica.rows = kept[7:]  # it loses another one meanwhile
    assert await world.poll()
    assert {int(number) for number in world.states()} == {7, 8, 9, 10}
    assert await world.poll()
    assert {int(number) for number in world.states()} == {8, 9, 10}


async def test_what_a_list_has_missed_is_kept_over_a_restart(make: Make) -> None:
    """Else half of what is left could go, after a fall of nearly everything."""
    world = await make([row(number, 3 if number < 90 else 2) for number in range(1, 101)])
    assert await world.poll()
    assert await world.poll()
    kept = world.replica.rows
    await world.restart()
    world.replica.rows = kept[-6:]
    assert not await world.poll()
    assert world.state(90) is RequestState.APPROVED
    await world.restart()
    world.replica.rows = [*kept[:60], *kept[-6:]]
    assert await world.poll()
    assert await world.closed(90) == "withdrawn"


async def test_a_fall_that_a_person_confirms_is_believed_over_a_restart(make: Make) -> None:
    """Seerr is asked for each by name all the same; what goes missing later waits."""
    world = await make([row(number) for number in range(1, 11)])
    await world.poll()
    kept = world.replica.rows
    world.replica.rows = kept[6:]
    assert not await world.poll()
    fall = world.seerr.fall
    assert fall is not None
    assert (fall.had, fall.lost, fall.percent) == ({"requests": 10}, {"requests": 6}, 60)
    await world.seerr.accept_fall(fall.mark)
    assert world.seerr.last_update_success
    assert {int(number) for number in world.states()} == {7, 8, 9, 10}
    assert world.seerr.fall is None
    with pytest.raises(FallMoved):
        await world.seerr.accept_fall(fall.mark)
    world.replica.rows = kept[9:]
    assert not await world.poll()
    first = world.seerr.fall
    assert first is not None
    # What was confirmed while Seerr does not answer is remembered until it does.
    world.replica.down = True
    await world.seerr.accept_fall(first.mark)
    assert not world.seerr.last_update_success
    assert len(world.states()) == 4
    await world.restart()
    world.replica.down = False
    assert await world.poll()
    assert {int(number) for number in world.states()} == {10}


@pytest.mark.parametrize(
    ("spoken", "moment"), [("en", "%Y-%m-%d %H:%M"), ("de", "%d.%m.%Y, %H:%M")]
)
async def test_an_arr_that_seerr_does_not_reach_is_a_repair(
    make: Make, spoken: str, moment: str
) -> None:
    """When it lasts; it names which, and since when, and goes when Seerr reaches it again."""
    world = await make([row(1)])
    world.seerr.hass.config.language = spoken
    await async_load(world.seerr.hass)
    registry = ir.async_get(world.seerr.hass)

    def shown() -> ir.IssueEntry | None:
        return registry.async_get_issue(DOMAIN, f"seerr_unreached_{SUBENTRY}")

    issues.follow(world.seerr.hass, world.seerr)
    world.replica.errors = {"radarr": [{"id": 1, "name": "Old `4K`"}], "sonarr": []}
    assert await world.poll()
    assert world.states()  # the list is good all the same
    assert shown() is None  # it may be restarting
    since = dt_util.as_local(world.clock.now)
    world.clock.tick(DOWN_AFTER)
    world.replica.errors["sonarr"] = [{"id": 0, "name": "TV"}]
    assert await world.poll()
    issue = shown()
    assert issue is not None
    assert issue.translation_key == "seerr_unreached"
    assert issue.translation_placeholders == {
        "seerr": "Seerr",
        "services": "Radarr Old '4K'",
        "since": since.strftime(moment),
    }
    for rubbish in ({}, [], {"radarr": None, "sonarr": [7, {"name": 7}, {}]}):
        world.replica.errors = rubbish
        assert await world.poll()
        assert shown() is None
    world.replica.errors = {"radarr": [{"id": 1, "name": "Old"}], "sonarr": []}
    await world.poll()
    world.clock.tick(DOWN_AFTER)
    await world.poll()
    assert shown() is not None
    await world.seerr.async_shutdown()  # unlinked
    assert shown() is None


async def test_a_seerr_that_is_down_changes_nothing(make: Make) -> None:
    """No answer is no answer."""
    world = await make(final())
    await world.poll()
    before = world.states()
    world.replica.down = True
    assert not await world.poll()
    assert world.states() == before
    world.replica.down = False
    assert await world.poll()
    assert world.states() == before


# -- many of them ----------------------------------------------------------------------------------


async def test_of_many_requests_a_poll_asks_for_the_newest_and_the_open_ones(make: Make) -> None:
    """The first look is short; everything is read later, and deletions are found then."""
    world = await make([row(number, 5 if number < 240 else 1) for number in range(1, 251)])
    assert await world.poll()
    assert world.replica.count("/request?") == 3
    assert len(world.tracker.views) == 100
    await world.poll()
    assert len(world.tracker.views) == 250
    world.replica.asked.clear()
    world.replica.row(245)["status"] = 2
    world.replica.rows.remove(world.replica.row(120))
    await world.poll()
    assert world.replica.count("/request?") == 3
    assert world.state(245) is RequestState.APPROVED
    assert world.state(120) is RequestState.APPROVED  # no list could have named it


async def test_what_is_no_longer_open_is_asked_for_by_name(make: Make) -> None:
    """An old request that was declined is on none of the short lists."""
    world = await make([row(1, 1), row(2, 1), *(row(number, 5) for number in range(3, 251))])
    await world.poll()
    world.seerr._full_at = dt_util.utcnow()  # the next whole list is far away
    world.replica.row(1)["status"] = 3
    world.replica.rows.remove(world.replica.row(2))
    await world.poll()
    assert await world.closed(1) == "declined"
    # One answer is not enough for a deletion: a whole list has its say first.
    assert world.state(2) is RequestState.REQUESTED
    assert world.seerr._full_at is None
    await world.poll()
    assert await world.closed(2) == "withdrawn"


async def test_names_are_asked_for_some_at_a_time_and_the_open_ones_first(make: Make) -> None:
    """Until then a request goes by its id, and it is told of again with its name."""
    world = await make(
        [row(number, 5) for number in range(1, 31)] + [row(number, 1) for number in range(31, 51)]
    )
    await world.poll()
    assert world.replica.count("/movie/") == 20
    named = {number for number, one in world.states().items() if one[0]}
    assert named == {str(number) for number in range(31, 51)}
    view = world.tracker.find(f"seerr:{SUBENTRY}:1")
    assert view.request.title.label == "tmdb:700001"
    for _ in range(2):
        await world.poll()
    assert all(one[0] for one in world.states().values())
    asked = world.replica.count("/movie/")
    await world.poll()
    assert world.replica.count("/movie/") == asked == 50


async def test_a_title_that_tmdb_does_not_know_stops_no_other(make: Make) -> None:
    """It is not asked for at every poll, either; what waits for its name waits no longer."""
    world = await make([row(1, 1), row(2, 1), row(3, 3)])
    world.replica.unknown = {700_002, 700_003}
    await world.poll()
    assert world.states()["1"][0] == "Title 700001"
    assert world.states()["2"][0] == ""
    assert await world.closed(3) == "declined"
    asked = world.replica.count("/movie/")
    await world.poll()
    assert world.replica.count("/movie/") == asked


async def test_history_makes_no_noise(make: Make) -> None:
    """What is old when it is first seen is no event; what is new is one."""
    old = {"createdAt": "2026-01-01T00:00:00.000Z", "updatedAt": "2026-01-01T00:00:00.000Z"}
    world = await make([row(1, 5, **old), row(2, 3, **old), row(3, 1)])
    await world.poll()
    assert [(kind, one["request_id"]) for kind, one in world.told] == [
        ("requested", f"seerr:{SUBENTRY}:3")
    ]


async def test_after_a_restart_nothing_is_new(make: Make) -> None:
    """Neither open requests nor closed ones are told of once more."""
    world = await make([row(1, 1), row(2, 2), row(3, 3)])
    await world.poll()
    before = world.tracker.views.keys()
    world.replica.asked.clear()
    await world.restart()
    await world.poll()
    assert world.tracker.views.keys() == before
    assert world.replica.count("/movie/") == 0


async def test_an_unlinked_seerr_is_forgotten_with_its_history(make: Make) -> None:
    """And nothing else is."""
    world = await make([row(1, 1), row(3, 3)])
    await world.poll()
    await world.tracker.forget_unlinked({SUBENTRY, "other"})
    assert world.state(1) is not None
    await world.tracker.forget_unlinked({"other"})
    assert not world.tracker.views
    assert await world.store.requests.sources() == frozenset()


# -- which Radarr ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("urls", "ours"),
    [
        (["http://127.0.0.1:17878/radarr", "http://127.0.0.1:7878"], 0),
        # In containers the name differs; port and path are the same.
        (["http://192.0.2.1:7878", "http://192.0.2.1:17878/radarr"], 1),
        # The only one on both sides.
        (["https://radarr.example"], 0),
        # Two that it could be.
        (["http://192.0.2.1:17878/radarr", "http://192.0.2.2:17878/radarr"], None),
        (["http://192.0.2.1:1/a", "http://192.0.2.1:2/b"], None),
        ([], None),
    ],
)
async def test_a_request_is_known_to_its_radarr_when_that_is_sure(
    make: Make, urls: list[str], ours: int | None
) -> None:
    """Seerr names it by its own number, and reaches it under its own address."""
    arrs = [LinkedArr(str(n), MediaType.MOVIE, url) for n, url in enumerate(urls)]
    world = await make([row(1)], [*arrs, LinkedArr("s", MediaType.SERIES, "http://s:17878/radarr")])
    await world.poll()
    view = world.tracker.find(f"seerr:{SUBENTRY}:1")
    expected = None if ours is None else (str(ours), row(1)["media"]["externalServiceId"])
    assert view.request.arr == expected


async def test_of_two_radarrs_in_seerr_the_one_that_got_it_counts(make: Make) -> None:
    """The only linked one may be the other."""
    arrs = [LinkedArr("one", MediaType.MOVIE, "http://192.0.2.1:7878")]
    world = await make([row(1)], arrs)
    first = captured("settings-radarr-post")
    world.replica.radarrs = [first, first | {"id": 1, "is4k": True, "port": 7878, "baseUrl": ""}]
    await world.poll()
    assert world.tracker.find(f"seerr:{SUBENTRY}:1").request.arr is None
    uhd = row(2, is4k=True)
    uhd["media"] |= {"serviceId4k": 1, "externalServiceId4k": 77}
    world.replica.rows.append(uhd)
    await world.poll()
    assert world.tracker.find(f"seerr:{SUBENTRY}:2").request.arr == ("one", 77)


async def test_two_radarrs_of_seerr_at_the_same_port_are_not_told_apart_by_it(make: Make) -> None:
    """Each in a container of its own."""
    arrs = [LinkedArr("one", MediaType.MOVIE, "http://192.0.2.1:17878/radarr")]
    world = await make([row(1)], arrs)
    first = captured("settings-radarr-post")
    world.replica.radarrs = [
        first | {"hostname": "radarr"},
        first | {"id": 1, "hostname": "radarr4k"},
    ]
    await world.poll()
    assert world.tracker.find(f"seerr:{SUBENTRY}:1").request.arr is None


def test_the_intervals_are_as_promised() -> None:
    """Polling is every minute; everything every ten."""
    assert timedelta(minutes=1) == module.INTERVAL
    assert timedelta(minutes=10) == module.FULL_EVERY


async def test_everything_is_read_every_ten_looks(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A timer that fires a little early or late neither doubles the ten minutes nor halves them."""
    world = await make([row(number, 5) for number in range(1, 121)])
    whole: list[int] = []
    requests = world.seerr.client.requests

    async def counted(which: Any = "all") -> Any:
        if which == "all":
            whole.append(number)
        return await requests(which)

    monkeypatch.setattr(world.seerr.client, "requests", counted)
    begun = dt_util.utcnow()
    for number in range(42):
        late = timedelta(seconds=(-0.9, 0.0, 0.7)[number % 3])
        at = begun + number * module.INTERVAL + late
        monkeypatch.setattr(module.dt_util, "utcnow", lambda at=at: at)
        assert await world.poll()
    assert whole == [1, 11, 21, 31, 41]


async def test_two_decisions_at_once_are_both_kept(make: Make) -> None:
    """A poll and a person may come together."""
    world = await make([row(1, 1), row(2, 1)])
    await world.poll()
    await asyncio.gather(world.seerr.approve(1), world.seerr.approve(2), world.poll())
    assert (world.state(1), world.state(2)) == (RequestState.APPROVED, RequestState.APPROVED)


# -- thousands of them -----------------------------------------------------------------------------


async def test_of_many_everything_is_read_when_their_number_is_not_what_it_must_be(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is new is counted, what was deleted is missed; else the whole list is read seldom."""
    monkeypatch.setattr(module, "_FEW", 100)
    world = await make([row(number, 5) for number in range(1, 151)])
    whole: list[int] = []
    requests = world.seerr.client.requests
    polls = 0

    async def counted(which: Any = "all") -> Any:
        if which == "all":
            whole.append(polls)
        return await requests(which)

    async def polled(*, hours: float = 0.5) -> list[int]:
        nonlocal polls
        polls += 1
        world.clock.tick(timedelta(hours=hours))
        assert await world.poll()
        return whole

    monkeypatch.setattr(world.seerr.client, "requests", counted)
    await polled()
    assert await polled() == [2]
    assert len(world.tracker.views) == 150
    world.replica.rows.append(row(151, 2))
    assert await polled() == [2]
    # One is deleted, and another one made in the same minute.
    world.replica.rows.remove(world.replica.row(7))
    world.replica.rows.append(row(152, 2))
    assert await polled() == [2, 4]
    assert await world.closed(7) == "withdrawn"
    assert await polled() == [2, 4]
    assert await polled(hours=6) == [2, 4, 6]
    # More than a page are new at once.
    world.replica.rows += [row(number, 5) for number in range(200, 320)]
    assert await polled() == [2, 4, 6, 7]
    assert await polled() == [2, 4, 6, 7]


async def test_one_that_a_list_lacks_and_seerr_has_does_not_make_every_list_a_whole_one(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their number is what the last whole list made it, odd or not."""
    monkeypatch.setattr(module, "_FEW", 0)
    odd = row(3, 5, type="music", media={"mediaType": "music", "id": 3})
    world = await make([row(1, 2), row(2, 2), odd, *(row(n, 5) for n in range(4, 120))])
    for _ in range(2):
        assert await world.poll()
    world.replica.asked.clear()
    world.clock.tick(timedelta(hours=1))
    assert await world.poll()
    # The newest, those that wait, and those that are approved.
    assert world.replica.count("/request?") == 3


async def test_what_the_library_has_bears_its_name_and_is_asked_for_nowhere(make: Make) -> None:
    """By ids that agree alone; and what it has not yet is looked up when it was read anew."""
    world = await make([row(number, 5) for number in range(1, 131)])

    def item(number: int, **more: Any) -> LibraryItem:
        ids = ProviderIds(tmdb=700_000 + number)
        values: dict[str, Any] = {"ids": ids, "year": 1990, **more}
        kind = ItemKind.MOVIE
        return LibraryItem("5" * 32, f"{number:032x}", kind, f"Shelf {number}", **values)

    await world.store.library.take([item(number) for number in range(1, 100)], 1)
    other = item(100, ids=ProviderIds(tmdb=700_100, imdb="tt0000123"))
    await world.store.library.take([other], 1)
    world.replica.row(100)["media"]["imdbId"] = "tt0999999"
    for _ in range(2):
        assert await world.poll()
    states = world.states()
    assert states["1"][:2] == ("Shelf 1", 1990)
    assert states["99"][:2] == ("Shelf 99", 1990)
    assert "Shelf 100" not in {one[0] for one in states.values()}
    asked = [one.rpartition("/")[2] for one in world.replica.asked if "/movie/" in one]
    assert not {str(700_000 + number) for number in range(1, 100)} & set(asked)
    await world.store.library.take([item(number) for number in range(101, 131)], 2)
    await world.store.library.keep_state(ReadState(sweep=2, taken=2, good_at=dt_util.utcnow()))
    assert await world.poll()
    assert all(one[0] for one in world.states().values())


async def test_what_seerr_has_available_is_told_first(make: Make) -> None:
    """Whoever links a Seerr of thousands sees at once what can be played."""
    rows = [row(number, 2) for number in range(1, 21)]
    for number in (4, 11):
        rows[number - 1]["media"]["status"] = 5
    world = await make(rows)
    assert await world.poll()
    assert [one.rpartition(":")[2] for one in world.tracker.views][:2] == ["11", "4"]


async def test_what_was_told_and_named_is_not_held(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of thousands only a number each, by which a change is seen."""
    monkeypatch.setattr(titles_module, "_MOST_HELD", 3)
    world = await make([row(number, 5) for number in range(1, 16)])
    assert await world.poll()
    reports = world.seerr._reports
    assert len(reports._titles._titles) == 3
    assert not reports._unnamed
    assert {type(one) for answer in reports._reported.values() for one in answer} == {int}
    asked = world.replica.count("/movie/")
    world.replica.row(1)["status"] = 2
    assert await world.poll()
    assert world.states()["1"][0] == "Title 700001"
    assert world.replica.count("/movie/") == asked
