"""What a week has brought: what is of one title is told as one."""

from dataclasses import replace

from hypothesis import given, strategies as st

from custom_components.showrunner.domain.digest import (
    LOOKED_AT,
    NAMED,
    Digest,
    Watched,
    most_watched,
)
from custom_components.showrunner.domain.media import ProviderIds, Unit, UnitKind

from .samples import FILM, UNIT


def film(number: int, item: str = "", imdb: str | None = None) -> Unit:
    """Make a film."""
    ids = ProviderIds(tmdb=number or None, imdb=imdb)
    return replace(UNIT, name=f"Film {number}", ids=ids, item_id=item or str(number))


def episode(number: int, series: int = 5) -> Unit:
    """Make an episode of a series."""
    return Unit(
        UnitKind.EPISODE,
        f"Episode {number}",
        "s" * 32,
        f"e{number}",
        series_item_id=f"s{series}",
        series_name="The Ministry",
        series_ids=ProviderIds(tvdb=series),
        season=1,
        episode=number,
    )


def test_episodes_of_a_series_are_of_one_title() -> None:
    """With all items by which it is seen whether somebody may know of it."""
    [show, one] = most_watched([(film(1), 2), (episode(1), 2), (episode(2), 1)])
    assert (show.title.label, show.count, show.is_series) == ("The Ministry", 3, True)
    assert show.items == {"e1", "e2", "s5"}
    assert (one.title.name, one.count, one.items, one.is_series) == ("Film 1", 2, {"1"}, False)


def test_a_film_that_plays_knew_by_different_ids_is_one() -> None:
    """Also where only a later play says that two of them are the same."""
    first, second = film(1, "a"), replace(film(0, "b", "tt0000001"), name="Film 1")
    both = film(1, "c", "tt0000001")
    other = film(2)
    [one, two] = most_watched([(first, 1), (second, 1), (other, 3), (both, 2)])
    assert (one.count, one.items) == (4, {"a", "b", "c"})
    assert (two.title.name, two.count) == ("Film 2", 3)


def test_what_has_no_ids_is_told_apart_by_its_name() -> None:
    """It can still be watched."""
    one, two = (replace(film(0, name), name=name) for name in ("A", "B"))
    assert [(o.title.name, o.count) for o in most_watched([(one, 1), (two, 1), (one, 1)])] == [
        ("A", 2),
        ("B", 1),
    ]


_PLAYS = [(film(n % 4 + 1, str(n), f"tt000000{n % 2 + n % 4 * 2}"), n) for n in range(1, 9)]


@given(st.permutations(_PLAYS))
def test_the_order_of_plays_says_nothing(plays: list[tuple[Unit, int]]) -> None:
    """And nothing is lost."""
    found = most_watched(plays)
    assert {(one.count, one.items) for one in found} == {
        (one.count, one.items) for one in most_watched(sorted(plays, key=lambda one: one[1]))
    }
    assert sum(one.count for one in found) == sum(count for _, count in plays)
    assert [one.count for one in found] == sorted((one.count for one in found), reverse=True)


def test_so_many_are_looked_at_and_so_many_named() -> None:
    """A viewer may see few of them."""
    found = most_watched((film(number), number) for number in range(1, 100))
    assert (len(found), found[0].count) == (LOOKED_AT, 99)
    digest = Digest(fetched=1, watched=found)
    assert digest.naming(found).watched == found[:NAMED]
    assert digest.naming(()) == Digest(fetched=1)


def test_a_week_without_anything_is_empty() -> None:
    """Anything at all makes it one that is told."""
    assert Digest().is_empty
    assert not Digest(freed_bytes=1).is_empty
    assert not Digest(watched=(Watched(FILM, 1),)).is_empty
