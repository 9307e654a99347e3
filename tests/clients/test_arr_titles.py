"""One title in one arr: by its number there and by its ids, and never another one instead."""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.clients.arr_titles import NO_ID, find, find_under
from custom_components.showrunner.domain.inventory import Found
from custom_components.showrunner.domain.knowledge import Absent, Answer, Known
from custom_components.showrunner.domain.media import MediaType, ProviderIds, Title

WANTED = ProviderIds(tmdb=603, imdb="tt0133093")


@dataclass(frozen=True)
class Entry:
    """What the arr holds under a number."""

    id: int
    title: Title


@dataclass
class Arr:
    """An arr that can be asked by TMDb's number, as Radarr."""

    all: list[Entry]
    asked: list[Any] = field(default_factory=list)

    def can_ask(self, ids: ProviderIds) -> bool:
        """Tell whether there is a TMDb number."""
        return ids.tmdb is not None

    async def by_number(self, number: int) -> Entry | None:
        """Find by its own number."""
        self.asked.append(number)
        return next((one for one in self.all if one.id == number), None)

    async def by_ids(self, ids: ProviderIds) -> Entry | None:
        """Find by TMDb's."""
        self.asked.append(ids)
        return next((one for one in self.all if one.title.ids.tmdb == ids.tmdb), None)


def entry(number: int, tmdb: int | None = None, imdb: str | None = None) -> Entry:
    """Have a movie."""
    return Entry(number, Title(MediaType.MOVIE, ProviderIds(tmdb=tmdb, imdb=imdb), "A Film"))


async def test_a_number_whose_ids_agree_needs_no_other_question() -> None:
    """It is quick."""
    one = Arr([entry(7, 603)])
    assert await find(one, WANTED, 7) == Known(Found(one.all[0], Answer.YES))
    assert one.asked == [7]


async def test_a_number_that_is_another_titles_by_now_is_not_believed() -> None:
    """The title was added again under another one."""
    one = Arr([entry(7, 999), entry(8, 603)])
    assert await find(one, WANTED, 7) == Known(Found(one.all[1], Answer.YES))
    one.all.pop()
    assert await find(one, WANTED, 7) == Absent()


async def test_what_is_half_known_does_not_seem_gone() -> None:
    """Ids that contradict each other say neither yes nor no."""
    half = entry(7, 999, "tt0133093")
    assert await find(Arr([half]), WANTED, 7) == Known(Found(half, Answer.UNKNOWN))
    whole = entry(8, 603)
    assert await find(Arr([half, whole]), WANTED, 7) == Known(Found(whole, Answer.YES))


async def test_without_an_id_to_ask_by_nobody_can_tell() -> None:
    """Not asked is not absent."""
    one = Arr([entry(7, 603)])
    assert await find(one, ProviderIds(imdb="tt0133093")) is NO_ID
    assert await find(one, ProviderIds(imdb="tt7777777"), 8) is NO_ID
    assert await find(one, ProviderIds(imdb="tt7777777"), 7) == Known(
        Found(one.all[0], Answer.UNKNOWN)
    )


async def test_a_change_is_never_made_to_what_is_found_elsewhere() -> None:
    """Its number says which entry was meant; what is under it now is told, with the verdict."""
    one = Arr([entry(7, 999), entry(8, 603)])
    assert await find_under(one, WANTED, 7) == Found(one.all[0], Answer.NO)
    assert await find_under(one, WANTED, 9) is None
    assert await find_under(one, WANTED, None) == Found(one.all[1], Answer.YES)
    assert await find_under(one, ProviderIds(imdb="tt0133093"), None) is None


_IDS = st.builds(
    ProviderIds,
    tmdb=st.none() | st.integers(1, 3),
    imdb=st.none() | st.sampled_from(("tt0000001", "tt0000002")),
)
_HELD = st.lists(_IDS, max_size=4)


@given(held=_HELD, ids=_IDS, number=st.none() | st.integers(0, 4))
@pytest.mark.parametrize("anywhere", [True, False])
async def test_no_other_title_is_ever_given(
    held: list[ProviderIds], ids: ProviderIds, number: int | None, anywhere: bool
) -> None:
    """What is surely another title is only told of where its number was meant."""
    one = Arr([Entry(n, Title(MediaType.MOVIE, ids, "")) for n, ids in enumerate(held)])
    if anywhere:
        title = await find(one, ids, number)
        found = title.value if isinstance(title, Known) else None
        assert found is None or found.same is not Answer.NO
        sure = number is not None and number < len(held) and held[number].matches(ids)
        if sure is Answer.YES:
            assert found == Found(one.all[number or 0], Answer.YES)
    else:
        found = await find_under(one, ids, number)
        assert found is None or number in (None, found.entry.id)
    assert found is None or found.same is found.entry.title.ids.matches(ids)
