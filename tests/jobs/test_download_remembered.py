"""What is remembered of a title that may be fetched, by every id that anybody gives it."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from custom_components.showrunner.domain.acquisition import Acquisition, AcquisitionState
from custom_components.showrunner.domain.candidate import Override
from custom_components.showrunner.domain.knowledge import Absent, Known, Unknown
from custom_components.showrunner.domain.media import MediaType, ProviderIds, Title, TitleKey
from custom_components.showrunner.jobs.download.remembered import Remembered, remembered
from custom_components.showrunner.store import Store
from tests.domain.samples import NOW

OURS = ProviderIds(603, None, "tt0133093")
TMDB, IMDB = ProviderIds(603), ProviderIds(imdb="tt0133093")
# It shares our TMDb id, and has another one at IMDb.
CONTRADICTS = ProviderIds(603, None, "tt0000007")
FOREIGN = ProviderIds(imdb="tt0000007")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncGenerator[Store]:
    """Open an empty store."""
    opened = await Store.open(tmp_path / "showrunner.db")
    yield opened
    await opened.close()


def film(ids: ProviderIds) -> Title:
    """Name it by these ids."""
    return Title(MediaType.MOVIE, ids, "The Matrix", 1999)


async def searched(store: Store, ids: ProviderIds, at: datetime = NOW) -> None:
    """Have us search for it then."""
    key = "/".join(ids.keys) + at.isoformat()
    one = Acquisition(key, film(ids), AcquisitionState.SEARCHING, at, None, searched_at=at)
    await store.acquisitions.put(one)


async def ask(store: Store, ids: ProviderIds, *sayings: ProviderIds) -> Remembered:
    """Ask for it."""
    return await remembered(store, TitleKey(MediaType.MOVIE, ids), sayings)


async def test_of_what_nobody_has_spoken_nothing_is_remembered(store: Store) -> None:
    """And that is known."""
    found = await ask(store, OURS)
    assert (found.word.policy, found.doubt) == (Override.AUTO, "")
    assert isinstance(found.deleted_at, Absent)
    assert isinstance(found.searched_at, Absent)


@pytest.mark.parametrize("said", ["a service", "the ledger", "a keep of an override"])
async def test_law_10_what_stands_under_another_of_its_ids_counts(store: Store, said: str) -> None:
    """Who asks knows the TMDb id only; what ties it to the other one, a service or we have said."""
    sayings = (OURS,) if said == "a service" else ()
    if said == "the ledger":
        await store.ledger.note("download", None, film(OURS), "searched", "")
    elif said == "a keep of an override":
        await searched(store, OURS, NOW - timedelta(days=900))
    await store.overrides.set(TitleKey(MediaType.MOVIE, IMDB), Override.NEVER, "somebody")
    await store.ledger.note("cleanup", None, film(IMDB), "delete_file", "")
    await searched(store, IMDB)
    found = await ask(store, TMDB, *sayings)
    assert (found.word.policy, found.doubt) == (Override.NEVER, "")
    assert isinstance(found.deleted_at, Known)
    assert found.searched_at == Known(NOW, "ledger")


async def test_law_1_what_may_be_another_titles_is_not_known(store: Store) -> None:
    """Two services contradict each other: whether it was this one that somebody never wants."""
    await store.overrides.set(TitleKey(MediaType.MOVIE, FOREIGN), Override.NEVER, "somebody")
    await store.ledger.note("cleanup", None, film(FOREIGN), "delete_file", "")
    await searched(store, FOREIGN)
    found = await ask(store, OURS, CONTRADICTS)
    assert found.word.policy is Override.AUTO
    assert found.doubt
    assert isinstance(found.deleted_at, Unknown)
    assert isinstance(found.searched_at, Unknown)
    # Nobody names it: then it is another title.
    alone = await ask(store, OURS)
    assert (alone.doubt, alone.deleted_at) == ("", Absent("ledger"))


async def test_what_is_surely_of_this_title_and_later_decides(store: Store) -> None:
    """Whatever was done before to what may be another one."""
    media = MediaType.MOVIE
    await store.overrides.set(TitleKey(media, FOREIGN), Override.NEVER, "somebody")
    await store.overrides.set(TitleKey(media, OURS), Override.ALWAYS, "somebody")
    await searched(store, FOREIGN, NOW - timedelta(days=1))
    await searched(store, OURS)
    await store.ledger.note("cleanup", None, film(FOREIGN), "delete_file", "")
    await store.ledger.note("cleanup", None, film(OURS), "delete_file", "")
    found = await ask(store, OURS, CONTRADICTS)
    assert (found.word.policy, found.doubt) == (Override.ALWAYS, "")
    assert found.searched_at == Known(NOW, "ledger")
    assert isinstance(found.deleted_at, Known)
    assert found.deleted_at.value <= datetime.now(UTC)


async def test_where_titles_run_into_one_nothing_is_known(store: Store) -> None:
    """An id that half a library was given by mistake."""
    for number in range(1, 120):
        await store.ledger.note("x", None, film(ProviderIds(number, 5)), "searched", "")
    found = await ask(store, ProviderIds(1))
    assert found.doubt
    assert isinstance(found.deleted_at, Unknown)
    assert isinstance(found.searched_at, Unknown)
