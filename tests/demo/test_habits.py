"""What the demo's household watches again and again: real evenings, and nothing that leaves."""

from datetime import UTC, datetime, timedelta
import itertools
from zoneinfo import ZoneInfo

import pytest

from world import habits, years
from world.catalogue import FILMS
from world.past import past
from world.shows import SHOWS
from world.world import World, build

ZONE = ZoneInfo("Europe/Amsterdam")


def lived_in(now: datetime) -> World:
    """Make a world in which they live."""
    made = build(now)
    habits.add(made, ZONE, now)
    return made


@pytest.mark.parametrize("day", range(1, 29))
def test_whenever_it_starts_the_last_weeks_have_evenings_mornings_and_weekends(day: int) -> None:
    """All is over, all within three months, and nobody watches two things at once."""
    now = datetime(2026, 11, day, 0, 10, tzinfo=UTC)
    world = lived_in(now)
    ours = {one.item_id for show in (habits.EVENINGS, habits.MORNINGS) for one in show.episodes}
    ours |= {one.item_id for one in habits.FILMS}
    plays = [one for one in past(world) if one.entry.item_id in ours]
    assert len(plays) > 80
    assert max(one.ended for one in plays) <= now
    assert min(one.began for one in plays) > now - timedelta(days=86)
    hours = {one.began.astimezone(ZONE).hour for one in plays}
    assert hours <= {*range(6, 11), 15, 16, *range(20, 24)}
    assert {6, 21} <= hours
    for name in ("Sofa", "Kitchen"):
        mine = [one for one in plays if one.user.name == name]
        assert len(mine) > 20
        for earlier, later in itertools.pairwise(mine):
            assert later.began >= earlier.ended


def test_it_is_the_same_in_every_run() -> None:
    """With the same clock."""
    now = datetime(2026, 11, 5, 12, tzinfo=UTC)
    assert lived_in(now).data == lived_in(now).data


def test_no_title_shares_an_id_or_a_name_with_another() -> None:
    """Neither with the catalogue's nor with those of the years."""
    films = (*FILMS, *(one.film for one in years.stories()), *habits.FILMS)
    for attribute in ("tmdb", "imdb", "item_id", "name"):
        assert len({getattr(one, attribute) for one in films}) == len(films)
    shows = (*SHOWS, *(one.show for one in years.SAGAS), habits.EVENINGS, habits.MORNINGS)
    for attribute in ("name", "tvdb", "tmdb", "imdb"):
        assert len({getattr(one, attribute) for one in shows}) == len(shows)


def test_all_of_it_is_a_favourite() -> None:
    """So nothing of it leaves."""
    world = lived_in(datetime(2026, 11, 5, 12, tzinfo=UTC))
    kitchen = world.user("Kitchen").id
    kept = {*(one.item_id for one in habits.FILMS)}
    kept |= {show.episodes[0].series_id for show in (habits.EVENINGS, habits.MORNINGS)}
    assert all(world.data[kitchen, one].favorite for one in kept)
