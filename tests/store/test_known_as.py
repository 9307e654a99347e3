"""By which ids a title goes, by all that is kept of it."""

from custom_components.showrunner.domain.identity import KnownAs
from custom_components.showrunner.domain.keeps import Keep
from custom_components.showrunner.domain.knowledge import Known, Unknown
from custom_components.showrunner.domain.media import MediaType, ProviderIds, Title
from custom_components.showrunner.store import Store
from custom_components.showrunner.store.library_rows import prepare, put
from tests.domain.samples import NOW

from .identities import FILM, SERIES, by


async def known(store: Store, ids: ProviderIds, *answer: ProviderIds) -> KnownAs:
    """Ask of a movie."""
    found = await store.titles.known_as(by(tmdb=ids.tmdb, imdb=ids.imdb), answer)
    assert isinstance(found, Known)
    return found.value


async def _note(store: Store, ids: ProviderIds, media: MediaType = MediaType.MOVIE) -> None:
    await store.ledger.note("cleanup", None, Title(media, ids, "X"), "delete_file", "")


async def test_it_goes_from_one_subject_to_the_next(store: Store) -> None:
    """What services say now, a keep, the ledger, and the library's item: each adds an id."""
    await store.keeps.set(Keep(by(tvdb=5, imdb="tt0000007"), None, None, NOW, "somebody"))
    await _note(store, ProviderIds(tmdb=604, imdb="tt0000007"))
    await store._database.run(lambda c: put(c, [prepare(FILM), prepare(SERIES)], 1))
    found = await known(store, ProviderIds(603))
    assert set(found.sure.names) == {"movie:tmdb:603", "movie:imdb:tt0133093"}
    found = await known(store, ProviderIds(603), ProviderIds(603, 5))
    assert set(found.sure.names) == {
        *by(tmdb=603, tvdb=5, imdb="tt0133093").names,
    }
    # The keep names another IMDb id than the library's item: nobody knows whose it is.
    assert set(found.doubtful.names) == {"movie:imdb:tt0000007", "movie:tmdb:604"}


async def test_a_chain_through_what_is_kept_is_followed_to_its_end(store: Store) -> None:
    """No single row knows both ends."""
    await _note(store, ProviderIds(tmdb=1, tvdb=2))
    await store.keeps.set(Keep(by(tvdb=2, imdb="tt0000003"), None, None, NOW, "somebody"))
    found = await known(store, ProviderIds(1))
    assert set(found.every.names) == set(by(tmdb=1, tvdb=2, imdb="tt0000003").names)
    assert not found.doubtful


async def test_law_14_a_series_row_says_nothing_of_a_movie(store: Store) -> None:
    """Its numbers are others."""
    await _note(store, ProviderIds(1, 2), MediaType.SERIES)
    assert (await known(store, ProviderIds(1))).every.names == ("movie:tmdb:1",)


async def test_where_titles_run_into_one_nothing_is_known(store: Store) -> None:
    """An id that half a library was given by mistake."""
    for number in range(1, 120):
        await _note(store, ProviderIds(number, 5))
    assert isinstance(await store.titles.known_as(by(tmdb=1)), Unknown)
