"""Whose requests are kept, and how many came since: along an index, from source to source."""

from collections.abc import Sequence
from datetime import timedelta

from hypothesis import given, settings, strategies as st
from sqlalchemy import event

from custom_components.showrunner.domain.requests.facts import Event, EventKind, Facts
from custom_components.showrunner.domain.requests.request import Request
from custom_components.showrunner.domain.requests.state import state_of
from custom_components.showrunner.domain.requests.stuck import StuckPolicy
from custom_components.showrunner.store import RequestRow, Store
from tests.domain.samples import FILM, NOW
from tests.effort import examples

from .scratch import engines, scratch

# Of which one begins like the other, or differs in its case; and what no service writes.
_SERVICES = st.sampled_from(["seerr:x", "seerr:xy", "seerr:X", "seerr:x%", "seerr:_", "arr:é", ""])
_REFS = st.lists(
    st.tuples(_SERVICES, st.integers(0, 120)).map(lambda one: f"{one[0]}:{one[1]}")
    | st.sampled_from(["no colon", "0"]),
    max_size=12,
    unique=True,
)


def _row(number: int, ref: str, *events: Event) -> RequestRow:
    asked = Request(f"r{number}", ref, FILM, NOW - timedelta(days=number))
    facts = Facts().with_(events)
    return RequestRow(asked, facts, state_of(asked, facts, NOW, policy=StuckPolicy()))


@settings(max_examples=examples(60), deadline=None)
@given(_REFS)
async def test_each_source_is_named_and_its_requests_are_its_own(refs: Sequence[str]) -> None:
    """As one who reads all of them would say."""
    async with scratch() as path:
        store = await Store.open(path)
        rows = [_row(number, ref) for number, ref in enumerate(refs)]
        await store.requests.put(rows)
        sources = {ref.rpartition(":")[0] for ref in refs}
        assert await store.requests.sources() == sources
        for source in sources - {""}:
            mine = {row.request.id for row in rows if row.request.ref.startswith(f"{source}:")}
            assert set(await store.requests.of_source(source)) == mine
        for days in (0, 3, 20):
            since = NOW - timedelta(days=days)
            many = sum(row.request.requested_at >= since for row in rows)
            assert await store.requests.count(since) == many
        await store.close()


async def test_those_that_begin_alike_are_apart(store: Store) -> None:
    """Also where the one is a part of the other, and whatever stands behind the colon."""
    ends = ("0", "9", "10", "120", ":", ";", "zz", "~", "é", "")
    services = ("seerr:x", "seerr:xy", "seerr:x;", "seerr:x~", "seerr:X", "arr:x", "seerr:w")
    refs = [f"{service}:{end}" for service in services for end in ends if end != ":"]
    rows = [_row(number, ref) for number, ref in enumerate(refs)]
    await store.requests.put(rows)
    assert await store.requests.sources() == set(services)
    for service in services:
        mine = {row.request.id for row in rows if row.request.ref.rpartition(":")[0] == service}
        found = await store.requests.of_source(service)
        # Who has no number at all is not told.
        assert set(found) == {one for one in mine if refs[int(one[1:])] != f"{service}:"}


async def test_what_is_over_counts_and_is_its_source_s(store: Store) -> None:
    """It was asked for all the same."""
    rows = [_row(1, "seerr:x:1"), _row(2, "seerr:y:1", Event(EventKind.DECLINED, NOW))]
    assert [row.status is not None and row.status.closed is not None for row in rows] == [
        False,
        True,
    ]
    await store.requests.put(rows)
    assert await store.requests.sources() == {"seerr:x", "seerr:y"}
    assert await store.requests.of_source("seerr:y") == ("r2",)
    assert await store.requests.count(NOW - timedelta(days=9)) == 2


async def test_sources_are_found_by_a_look_each(store: Store) -> None:
    """However many requests each has."""
    await store.requests.put([_row(n, f"seerr:{'xy'[n % 2]}:{n}") for n in range(60)])
    asked = [0]

    def one_more(*_: object) -> None:
        asked[0] += 1

    event.listen(engines(store)[1], "before_cursor_execute", one_more)
    assert await store.requests.sources() == {"seerr:x", "seerr:y"}
    # The last look finds none; another statement begins the transaction.
    assert asked[0] <= 4
