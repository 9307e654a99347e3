"""What people keep: found by any id of its title, held as long as was said, and told of later."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from hypothesis import given, settings, strategies as st

from custom_components.showrunner.domain.acquisition import Acquisition, AcquisitionState
from custom_components.showrunner.domain.keeps import Keep, put_off
from custom_components.showrunner.domain.media import MediaType, ProviderIds, Title, TitleKey
from custom_components.showrunner.store import Store
from tests.domain.samples import NOW
from tests.effort import examples

from .identities import FILM, by
from .scratch import scratch

DAY = timedelta(days=1)
SHOW = by(MediaType.SERIES, tvdb=5)


def word(
    title: TitleKey, season: int | None = None, until: datetime | None = None, at: datetime = NOW
) -> Keep:
    """Make a word."""
    return Keep(title, season, until, at, "somebody", "for the children")


async def test_a_word_comes_back_whole_and_by_any_id(store: Store) -> None:
    """A number of a series is another title's than the same of a movie."""
    both = by(tmdb=603, imdb="tt0133093")
    said = await store.keeps.set(word(both, until=NOW + DAY))
    assert said == word(both, until=NOW + DAY)
    for key in (by(tmdb=603), by(imdb="tt0133093")):
        (kept,) = await store.keeps.standing(NOW, key)
        assert (set(kept.title.names), replace(kept, title=both)) == (set(both.names), said)
    assert await store.keeps.standing(NOW, by(MediaType.SERIES, tmdb=603)) == ()
    assert len(await store.keeps.standing(NOW)) == 1


async def test_a_word_holds_to_its_last_moment(store: Store) -> None:
    """Then it is over by itself, and still told."""
    await store.keeps.set(word(SHOW, until=NOW + DAY))
    assert await store.keeps.standing(NOW + DAY - timedelta(milliseconds=1), SHOW)
    assert await store.keeps.standing(NOW + DAY, SHOW) == ()
    (keeps,) = await store.keeps.for_title(SHOW, 9)
    assert (keeps.until, keeps.ended_at) == (NOW + DAY, None)


async def test_the_last_word_on_a_part_holds_and_leaves_the_others(store: Store) -> None:
    """What it replaces is over, without anybody having taken it back."""
    await store.keeps.set(word(SHOW))
    await store.keeps.set(word(SHOW, 2))
    await store.keeps.set(word(SHOW, 2, NOW + DAY, NOW + timedelta(hours=1)))
    standing = await store.keeps.standing(NOW + timedelta(hours=1), SHOW)
    assert [(one.season, one.until) for one in standing] == [(2, NOW + DAY), (None, None)]
    ended = [one for one in await store.keeps.for_title(SHOW, 9) if one.ended_at is not None]
    assert [(one.season, one.ended_by) for one in ended] == [(2, None)]


async def test_the_same_said_again_is_said_once(store: Store) -> None:
    """The one of before stands, with its day and who said it."""
    first = await store.keeps.set(word(SHOW))
    again = replace(word(SHOW, at=NOW + DAY), by="another")
    assert replace(await store.keeps.set(again), title=SHOW) == first
    assert len(await store.keeps.for_title(SHOW, 9)) == 1


async def test_what_is_taken_back_is_exactly_that_part(store: Store) -> None:
    """And it is told who did; what is over can't be taken back."""
    for season in (None, 1, 2):
        await store.keeps.set(word(SHOW, season))
    assert await store.keeps.end(SHOW, 1, NOW + DAY, "another") == 1
    assert await store.keeps.end(SHOW, 1, NOW + DAY, "another") == 0
    assert await store.keeps.end(SHOW, 7, NOW + DAY, "another") == 0
    assert {one.season for one in await store.keeps.standing(NOW + DAY, SHOW)} == {None, 2}
    (gone,) = [one for one in await store.keeps.for_title(SHOW, 9) if one.season == 1]
    assert (gone.ended_at, gone.ended_by) == (NOW + DAY, "another")


async def test_a_postponement_is_counted_from_the_last_and_never_shortens(store: Store) -> None:
    """In one transaction, so that two at once are two."""
    more = partial(put_off, days=30, now=NOW)
    for days in (30, 60):
        said = await store.keeps.set(word(SHOW, 1), more)
        assert said.until == NOW + days * DAY
    await store.keeps.set(word(SHOW, 1))
    assert (await store.keeps.set(word(SHOW, 1), more)).until is None
    assert len(await store.keeps.standing(NOW, SHOW)) == 1


async def test_the_story_has_the_newest_words(store: Store) -> None:
    """As many as are asked for."""
    for days in range(1, 6):
        await store.keeps.set(word(SHOW, until=NOW + days * DAY, at=NOW + days * DAY / 24))
    keeps = await store.keeps.for_title(SHOW, 3)
    assert [one.until for one in keeps] == [NOW + days * DAY for days in (5, 4, 3)]


async def test_a_persons_word_follows_its_title(store: Store) -> None:
    """Identified later, or under a new number: what was said of the old one keeps the title."""
    await store.keeps.set(word(by(imdb="tt0133093")))
    await store.library.take([FILM], 1)
    assert await store.keeps.standing(NOW, by(tmdb=603))
    assert await store.keeps.standing(NOW, by(MediaType.SERIES, tmdb=603)) == ()
    # Both words are of one title by now: the later one replaces the earlier.
    await store.keeps.set(word(by(tmdb=603), until=NOW + DAY))
    (kept,) = await store.keeps.standing(NOW, by(imdb="tt0133093"))
    assert kept.until == NOW + DAY


async def test_a_word_is_found_by_an_id_that_another_row_joins(store: Store) -> None:
    """What was said of one number keeps what only a search of ours calls by both."""
    await store.keeps.set(word(by(tmdb=1)))
    title = Title(MediaType.MOVIE, ProviderIds(1, None, "tt0000009"), "X")
    await store.acquisitions.put(Acquisition("a", title, AcquisitionState.DROPPED, NOW, None))
    assert await store.keeps.standing(NOW, by(imdb="tt0000009"))
    assert await store.keeps.end(by(imdb="tt0000009"), None, NOW, "another") == 1


seasons = st.none() | st.integers(0, 2)
ids = st.sampled_from(
    [ProviderIds(tmdb=1), ProviderIds(tmdb=1, imdb="tt0000001"), ProviderIds(imdb="tt0000001")]
)
said = st.lists(st.tuples(ids, seasons, st.none() | st.integers(1, 9), st.booleans()), max_size=8)


@settings(max_examples=examples(40))
@given(said, st.integers(0, 9))
async def test_what_holds_is_what_was_said_last_of_each_part(
    words: list[tuple[ProviderIds, int | None, int | None, bool]], days: int
) -> None:
    """Whatever was kept, postponed and taken back, by whichever of the ids; a plain dict knows."""
    held: dict[int | None, datetime | None] = {}
    known = TitleKey(MediaType.SERIES, ProviderIds(tmdb=1, imdb="tt0000001"))
    async with scratch() as path:
        store = await Store.open(path)
        await store.keeps.set(word(known, 9))  # so that both ids are one title
        for one, season, length, stop in words:
            title = TitleKey(MediaType.SERIES, one)
            if stop:
                ended = await store.keeps.end(title, season, NOW, "another")
                assert ended == int(season in held)
                held.pop(season, None)
            else:
                held[season] = until = None if length is None else NOW + length * DAY
                await store.keeps.set(word(title, season, until))
        now = NOW + days * DAY
        wanted = {part: end for part, end in held.items() if end is None or end > now}
        for one in (ProviderIds(tmdb=1), ProviderIds(imdb="tt0000001")):
            standing = await store.keeps.standing(now, TitleKey(MediaType.SERIES, one))
            found = {kept.season: kept.until for kept in standing if kept.season != 9}
            assert found == wanted
            assert len(standing) == len(wanted) + 1
        await store.close()
