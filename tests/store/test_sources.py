"""Whose requests are kept, and how many came since: along an index, from source to source."""

from collections.abc import Sequence
from datetime import timedelta

from hypothesis import given, settings, strategies as st

from custom_components.showrunner.domain.requests.facts import Facts
from custom_components.showrunner.domain.requests.request import Request
from custom_components.showrunner.domain.requests.state import state_of
from custom_components.showrunner.domain.requests.stuck import StuckPolicy
from custom_components.showrunner.store import RequestRow, Store
from tests.domain.samples import FILM, NOW
from tests.effort import examples

from .scratch import scratch

# Of which one begins like the other, or differs in its case; and what no service writes.
_SERVICES = st.sampled_from(["seerr:x", "seerr:xy", "seerr:X", "seerr:x%", "seerr:_", "arr:é", ""])
_REFS = st.lists(
    st.tuples(_SERVICES, st.integers(0, 120)).map(lambda one: f"{one[0]}:{one[1]}")
    | st.sampled_from(["no colon", "0"]),
    max_size=12,
    unique=True,
)


def _row(number: int, ref: str) -> RequestRow:
    asked, facts = Request(f"r{number}", ref, FILM, NOW - timedelta(days=number)), Facts()
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
