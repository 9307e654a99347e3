"""The story of a title tells each thing once, in order, whoever else tells of it, too."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from hypothesis import given, settings, strategies as st

from custom_components.showrunner.actions.story import story_of
from custom_components.showrunner.coordinators.requests import RequestView
from custom_components.showrunner.domain.acquisition import Acquisition, AcquisitionState
from custom_components.showrunner.domain.keeps import Keep
from custom_components.showrunner.domain.regrets import Regret, Way
from custom_components.showrunner.domain.requests.facts import Event, EventKind, Facts
from custom_components.showrunner.domain.requests.request import Closing, Request
from custom_components.showrunner.domain.requests.state import state_of
from custom_components.showrunner.domain.requests.stuck import StuckPolicy
from custom_components.showrunner.store import LedgerRow, LedgerState, RequestRow
from tests.domain.plans import plan, step
from tests.domain.samples import FILM, NOW
from tests.effort import examples
from tests.store.viewings import VIEWING

KINDS = {
    *("viewing", "decision", "change", "plan", "request", "request_event", "regret", "keep"),
    "stop_keeping",
}


def at(minutes: int) -> datetime:
    """Give an instant; several things may happen in one."""
    return NOW + timedelta(minutes=minutes)


@dataclass
class House:
    """What everybody remembers of one title; several may name the same thing."""

    times: list[int]
    chance: Any
    plans: dict[str, Any] = field(default_factory=dict)

    @property
    def runtime(self) -> Any:
        """What the story is told of."""
        some = [self.chance.choice(self.times) for _ in self.times]
        names = [f"p{number % 3}" for number in some]
        self.plans = {one: replace(plan(step(1)), plan_id=one, created_at=at(3)) for one in names}
        rows = [self.row(number, minutes) for number, minutes in enumerate(some, 1)]
        views = [self.request(number) for number in range(len(some) % 4)]
        closed = [
            RequestRow(view.request, Facts(), replace(view.status, closed=Closing.WITHDRAWN))
            for view in views
        ]

        def newest(found: list[Any]) -> Any:
            async def ask(*_: Any, **asked: Any) -> tuple[Any, ...]:
                limit = asked.get("limit", _[-1] if _ and isinstance(_[-1], int) else None)
                return tuple(found[-limit:] if limit else found)

            return ask

        async def regrets(numbers: Any) -> dict[int, Regret]:
            return {one: Regret(one, at(one), Way.UNDO, "x") for one in numbers if one % 2}

        async def find(plan_id: str) -> Any:
            return self.plans.get(plan_id)

        async def facts(_: str) -> tuple[Event, ...]:
            event = Event(EventKind.GRABBED, at(1), None, "A" * 40)
            return event, event, replace(event, at=event.at + timedelta(seconds=59))

        keep = Keep(FILM.key, None, None, at(2), "x", "", at(4), "y")
        decisions = [
            {"decided_at": at(minutes).isoformat(), "plan_id": names[0], "number": number}
            for number, minutes in enumerate(sorted(some))
        ]
        viewings = [
            replace(VIEWING, started_at=at(minutes), day=at(minutes).date())
            for minutes in sorted(set(some))
        ]
        pursuits = [
            Acquisition(str(number), FILM, AcquisitionState.IMPORTED, at(0), None, plan_id=names[0])
            for number in range(2)
        ]
        store = SimpleNamespace(
            viewings=SimpleNamespace(history=newest(viewings)),
            decisions=SimpleNamespace(for_title=newest(decisions)),
            ledger=SimpleNamespace(for_title=newest(rows)),
            regrets=SimpleNamespace(of=regrets),
            acquisitions=SimpleNamespace(for_title=newest(pursuits)),
            plans=SimpleNamespace(get=find),
            requests=SimpleNamespace(for_title=newest(closed)),
            keeps=SimpleNamespace(for_title=newest([keep])),
        )
        hass = SimpleNamespace(auth=SimpleNamespace(async_get_user=self.nobody))
        requests = SimpleNamespace(about=lambda _: tuple(views), all_facts=facts)
        return SimpleNamespace(store=store, requests=requests, viewers={}, hass=hass)

    async def nobody(self, _: str) -> None:
        """Know nobody."""

    def row(self, number: int, minutes: int) -> LedgerRow:
        """Make a change; its plan is named by others, too."""
        done = LedgerState.DONE
        return LedgerRow(
            *(number, "cleanup", f"p{minutes % 3}", "s1", "delete_movie", done, at(number), None),
            *("A", "", {}, {}),
        )

    def request(self, number: int) -> RequestView:
        """Make a request; it is still open to one who tells, and over to another."""
        made = Request(f"r{number}", f"seerr:x:{number}", FILM, at(number))
        stands = state_of(made, Facts(), NOW, policy=StuckPolicy(), matcher=False)
        return RequestView(made, stands)


def identity(event: dict[str, Any]) -> tuple[object, ...]:
    """Name what an event tells of."""
    (kind,) = event
    answer = event[kind]
    match kind:
        case "change" | "regret":
            return kind, answer["ledger_id"]
        case "plan":
            return kind, answer["plan_id"]
        case "request":
            return kind, answer["request_id"]
        case "request_event":
            return kind, answer["request_id"], answer["kind"], answer["download"]
        case "viewing":
            return kind, answer["viewer"], answer["started_at"]
        case "decision":
            return kind, answer["number"]
        case _:
            return (kind,)


@settings(max_examples=examples(60), deadline=None)
@given(
    st.lists(st.integers(0, 9), min_size=1, max_size=12),
    st.randoms(use_true_random=False),
    st.integers(1, 40),
)
def test_nothing_is_told_twice_and_all_of_it_in_order(
    times: list[int], chance: Any, limit: int
) -> None:
    """Whatever names a plan, or knows a request; of too much the newest is told, and said so."""
    runtime = House(times, chance).runtime
    meant: Any = SimpleNamespace(key=FILM.key, item_id=None, title=FILM)
    whole, older = asyncio.run(story_of(runtime, meant, 1000))
    assert not older
    counts = Counter(identity(event) for _, event in whole)
    assert set(counts.values()) == {1}, counts
    assert [moment for moment, _ in whole] == sorted(moment for moment, _ in whole)
    kinds = {kind for _, event in whole for kind in event}
    assert {"viewing", "decision", "change", "plan", "keep", "stop_keeping"} <= kinds <= KINDS
    part, more = asyncio.run(story_of(runtime, meant, limit))
    assert more is (limit < len(whole))
    assert len(part) == min(limit, len(whole))
    assert [moment for moment, _ in part] == [moment for moment, _ in whole][-len(part) :]
