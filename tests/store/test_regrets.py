"""What people took back is kept once, also where the store is asked again and again."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

from custom_components.showrunner.domain.media import MediaType, ProviderIds, Title
from custom_components.showrunner.domain.plan import Subject, UnmonitorMovie
from custom_components.showrunner.domain.regrets import Regret, Way
from custom_components.showrunner.domain.requests.facts import Facts
from custom_components.showrunner.domain.requests.request import Request
from custom_components.showrunner.domain.requests.state import state_of
from custom_components.showrunner.domain.requests.stuck import StuckPolicy
from custom_components.showrunner.store import LedgerState, RequestRow, Store
from tests.domain.plans import step
from tests.domain.samples import FILM, NOW

DAY = timedelta(days=1)
SOME = (
    Regret(1, NOW + DAY, Way.REQUEST, "seerr"),
    Regret(1, NOW, Way.FETCHED, "radarr"),
    Regret(2, NOW + 2 * DAY, Way.UNDO, "showrunner"),
    Regret(1, NOW + DAY, Way.ADDED, "radarr"),
)


async def test_the_first_counts_in_whatever_order_it_is_told(store: Store) -> None:
    texts: list[str] = []
    store.add_listener(texts.append)
    for order in permutations(SOME):
        for one in order:
            await store.regrets.put([one])
        assert await store.regrets.of([1, 2, 3]) == {1: SOME[1], 2: SOME[2]}
    assert await store.regrets.count() == 2
    heard = len(texts)
    assert await store.regrets.put(SOME) == ()
    assert await store.regrets.put([]) == ()
    assert len(texts) == heard
    assert await store.regrets.of([]) == {}
    assert await store.regrets.put([replace(SOME[2], at=NOW)]) == (replace(SOME[2], at=NOW),)


async def test_deletions_are_given_with_the_names_of_their_titles(store: Store) -> None:
    """Those of a title only, since an instant; what else was done is none."""
    title = replace(FILM, ids=ProviderIds(tmdb=5, imdb="tt0000005"))
    wish = step(5, subject=Subject.of_title(title))
    number = await store.ledger.begin("cleanup", "p", wish, {})
    await store.ledger.finish(number, LedgerState.DONE, "", {"file_id": 1})
    await store.ledger.begin("cleanup", "p", step(2, payload=UnmonitorMovie()), {})
    ((row, names),) = await store.ledger.deletions(NOW - 9000 * DAY)
    assert (row.id, names >= set(title.key.names)) == (number, True)
    assert await store.ledger.deletions(row.begun_at + DAY) == ()


async def test_requests_are_found_by_many_names(store: Store) -> None:
    """Each by every name that it goes by, also one that is closed."""
    title = Title(MediaType.MOVIE, ProviderIds(tmdb=5, imdb="tt0000005"), "Five")
    request = Request("r", "seerr:x:1", title, NOW)
    status = state_of(request, Facts(), NOW, policy=StuckPolicy(), matcher=False)
    await store.requests.put([RequestRow(request, Facts(), status)])
    names = [f"movie:tmdb:{number}" for number in range(1, 1200)]
    assert await store.requests.of_names(names) == (("movie:tmdb:5", request),)
    found = await store.requests.of_names(title.key.names)
    assert sorted(name for name, _ in found) == sorted(title.key.names)
    assert await store.requests.of_names([]) == ()
