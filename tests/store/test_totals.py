"""What streaming saved and what deletions freed, over all time."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings, strategies as st

from custom_components.showrunner.domain.decision import Decision, Policy, Rule, Verdict, decide
from custom_components.showrunner.domain.knowledge import Known
from custom_components.showrunner.domain.media import MediaType, ProviderIds, Title
from custom_components.showrunner.domain.plan import RemoveTorrent
from custom_components.showrunner.store import LedgerState, Store
from tests.domain.plans import step
from tests.domain.samples import VIEWER, candidate
from tests.effort import examples

from .scratch import scratch

NOW = datetime(2026, 6, 10, 12, 0, tzinfo=UTC)
FILMS = [Title(MediaType.MOVIE, ProviderIds(tmdb=n, imdb=f"tt{n}"), f"Film {n}") for n in (1, 2)]
# What an answer says of the disk: None is nothing.
KINDS: dict[str, tuple[dict[str, Any], int | None]] = {
    "streamed": ({}, 1),
    "fetched": ({"imdb_rating": Known(9.9)}, 0),
    "ours": ({"local": Known(value=True)}, 0),
    "on its way": ({"queued": Known(value=True)}, 0),
    "a guest": ({"viewer": None}, 1),
}


def decided(film: Title, kind: str) -> Decision:
    """Decide on a film."""
    return decide(candidate(title=film, **KINDS[kind][0]), Policy(), NOW)


def test_only_what_is_streamed_is_saved() -> None:
    """What is not decided yet, and what nobody asked, says nothing."""
    assert {kind: decided(FILMS[0], kind).saved(7) for kind in KINDS} == {
        kind: None if says is None else 7 * says for kind, (_, says) in KINDS.items()
    }
    child = decide(candidate(viewer=replace(VIEWER, may_download=False)), Policy(), NOW)
    assert (child.verdict, child.rule, child.saved(7)) == (Verdict.STREAM, Rule.VIEWER, None)
    assert decided(FILMS[0], "streamed").saved(None) is None


@settings(max_examples=examples(40), deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(FILMS),
            st.sampled_from(sorted(KINDS)),
            st.none() | st.integers(1, 10**12),
        ),
        max_size=12,
    )
)
async def test_a_title_saves_what_its_last_answer_says(
    answers: list[tuple[Title, str, int | None]],
) -> None:
    """However often it is watched it counts once, and no more once it is fetched."""
    saved: dict[str, int] = {}
    async with scratch() as path:
        store = await Store.open(path)
        try:
            for film, kind, size in answers:
                await store.decisions.add(decided(film, kind), size=size)
                if (says := KINDS[kind][1]) == 0:
                    saved[film.name] = 0
                elif says and size is not None:
                    saved[film.name] = size
            assert await store.decisions.saved() == sum(saved.values())
        finally:
            await store.close()


async def test_only_what_was_seen_to_be_free_is_freed() -> None:
    """A torrent client's word is no proof; that files are gone is, whatever names they had."""
    claim = {"hash": "A", "freed_proven": False}
    gone: Any = replace(step(0), payload=RemoveTorrent("A", 7, data=True))
    answer: tuple[tuple[Any, dict[str, object]], ...] = (
        (gone, {}),
        (gone, claim),
        (step(2), claim),
    )
    async with scratch() as path:
        store = await Store.open(path)
        try:
            for number, (what, after) in enumerate(answer):
                row = await store.ledger.begin("purge", f"p{number}", what, {})
                await store.ledger.finish(row, LedgerState.DONE, "gone", after, 10**number)
            assert await store.ledger.freed() == 101
        finally:
            await store.close()
