"""By which ids a title goes, and that nothing kept is ever planned, whoever knows which id."""

from dataclasses import replace
from itertools import chain

from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.domain.deletion.leaving import plan_leaving
from custom_components.showrunner.domain.identity import KnownAs, Saying, known_as
from custom_components.showrunner.domain.keeps import Keep, on_title
from custom_components.showrunner.domain.knowledge import Answer, Known, Unknown
from custom_components.showrunner.domain.media import MediaType, ProviderIds, TitleKey

from .leaving import FACTS, FILM, IDS, MAY, RECORD
from .samples import NOW

MOVIE = MediaType.MOVIE
KEY = TitleKey(MOVIE, IDS)


def said(tmdb: int | None = None, tvdb: int | None = None, imdb: int | None = None) -> Saying:
    """Say ids of a movie together."""
    ids = ProviderIds(tmdb, tvdb, None if imdb is None else f"tt{imdb:07d}")
    return frozenset(TitleKey(MOVIE, ids).names)


def sure(*sayings: Saying) -> set[str]:
    """Name what movie 11 surely goes by."""
    return set(known_as(KEY, sayings).sure.names)


def test_what_one_knows_leads_to_what_another_knows() -> None:
    """The arr knows one id, Jellyfin two, Seerr a third: whoever keeps it by that one keeps it."""
    known = known_as(KEY, [said(tvdb=5, imdb=7), said(11, tvdb=5), said(12, tvdb=6)])
    assert set(known.sure.names) == said(11, 5, 7)
    assert not known.doubtful
    assert known.every == known.sure


def test_what_contradicts_is_not_joined_and_not_denied() -> None:
    """Two other ids under one that is the same: what goes by them may be another title's."""
    known = known_as(KEY, [said(11, imdb=7), said(12, imdb=7), said(12, tvdb=5)])
    assert set(known.sure.names) == said(11, imdb=7)
    assert set(known.doubtful.names) == said(12, 5)
    assert known.answer(said(imdb=7)) is Answer.YES
    assert known.answer(said(tvdb=5)) is Answer.UNKNOWN
    assert known.answer(said(tvdb=6)) is Answer.NO


def test_of_two_who_contradict_each_other_nobody_is_believed() -> None:
    """Whoever is asked first."""
    both = [said(11, imdb=7), said(11, imdb=8)]
    assert sure(*both) == sure(*reversed(both)) == said(11)
    assert set(known_as(KEY, both).doubtful.names) == {*said(imdb=7), *said(imdb=8)}


def test_a_number_that_was_given_anew_stands_beside_the_old_one() -> None:
    """Where both are told together they are of one title."""
    assert sure(said(11) | said(12), said(12, imdb=7)) == said(11) | said(12) | said(imdb=7)


def test_law_14_a_series_of_the_same_number_is_another_title() -> None:
    """No name of it is a movie's."""
    series = TitleKey(MediaType.SERIES, ProviderIds(11, imdb="tt0000007"))
    assert sure(frozenset(series.names)) == said(11)


def test_who_has_no_ids_is_nobody() -> None:
    """Nothing is said of them."""
    none = TitleKey(MOVIE, ProviderIds())
    assert known_as(none, [said(11, imdb=7), frozenset()]) == KnownAs(none, none)


# -- made up ---------------------------------------------------------------------------------------

# Of six movies each has its own ids; whoever tells of one tells some of them.
numbers = st.integers(11, 16)
facts = st.tuples(numbers, st.sets(st.sampled_from(["tmdb", "tvdb", "imdb"]), min_size=1))
true = facts.map(lambda one: said(**dict.fromkeys(one[1], one[0])))
lies = st.builds(said, tmdb=numbers, tvdb=st.none() | numbers, imdb=st.none() | numbers)
seeds = st.randoms(use_true_random=False)


def linked(sayings: list[Saying]) -> set[str]:
    """Name all that hangs together with movie 11, slowly."""
    found = said(11) | frozenset()
    for _ in range(len(sayings)):
        found |= frozenset(chain(*(one for one in sayings if one & found)))
    return set(found)


@given(sayings=st.lists(true, max_size=12))
def test_who_tells_the_truth_never_joins_two_titles(sayings: list[Saying]) -> None:
    """All that hangs together is this one's, and nothing of it is doubted."""
    known = known_as(KEY, sayings)
    assert set(known.sure.names) == linked(sayings) <= said(11, 11, 11)
    assert not known.doubtful


@given(sayings=st.lists(true | lies, max_size=12), chance=seeds)
def test_nothing_hangs_on_the_order_or_on_how_often_it_is_said(
    sayings: list[Saying], chance: object
) -> None:
    """Sure and doubtful together are all that hangs together, and never the same."""
    known = known_as(KEY, sayings)
    again = [*sayings, *sayings[: len(sayings) // 2]]
    chance.shuffle(again)  # type: ignore[attr-defined]
    assert known_as(KEY, again) == known
    assert set(known.every.names) == linked(sayings)
    assert set(known.sure.names).isdisjoint(known.doubtful.names)


def planned(sayings: list[Saying], words: list[Keep]) -> bool:
    """Tell whether anything of movie 11 is planned to leave."""
    known = known_as(KEY, sayings)
    # As the store finds them: by any of the title's names.
    found = [one for one in words if not set(one.title.names).isdisjoint(known.every.names)]
    facts = replace(FACTS, keeps=on_title(found, known, NOW))
    return bool(plan_leaving(FILM, RECORD, facts, [MAY]).steps)


@given(
    sayings=st.lists(true | lies, max_size=10),
    names=st.lists(true, min_size=1, max_size=3),
    chance=seeds,
)
def test_law_6_a_kept_title_is_never_in_a_plan(
    sayings: list[Saying], names: list[Saying], chance: object
) -> None:
    """By whatever id it is kept that anybody links with it; and no other one's word keeps it."""
    words = []
    for one in names:
        title = TitleKey(MOVIE, ProviderIds())
        for name in sorted(one):
            _, provider, value = name.split(":")
            title = title.joined(ProviderIds.from_mapping({provider: value}))
        words.append(Keep(title, None, None, NOW, "somebody"))
    chance.shuffle(sayings)  # type: ignore[attr-defined]
    near = linked([*sayings, *names])
    kept = any(not near.isdisjoint(one) for one in names)
    # A word is kept with all of its ids: it leads on like all that is kept.
    assert planned([*sayings, *names], words) is not kept


def test_whether_a_doubtful_word_is_on_it_nobody_knows() -> None:
    """One that is over does not matter."""
    known = known_as(KEY, [said(11, imdb=7), said(12, imdb=7)])
    word = Keep(TitleKey(MOVIE, ProviderIds(tmdb=12)), None, None, NOW, "somebody")
    assert isinstance(on_title([word], known, NOW), Unknown)
    over = replace(word, ended_at=NOW)
    assert on_title([over], known, NOW) == Known((over,), "showrunner")


@pytest.mark.parametrize("ids", [ProviderIds(11), ProviderIds(imdb="tt0000007")])
def test_a_word_under_a_sure_id_is_on_it(ids: ProviderIds) -> None:
    """Whatever is doubted beside it."""
    known = known_as(KEY, [said(11, imdb=7), said(12, imdb=7)])
    word = Keep(TitleKey(MOVIE, ids), None, None, NOW, "somebody")
    assert on_title([word], known, NOW) == Known((word,), "showrunner")
