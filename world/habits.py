"""What a household watches again and again: at which hours, and of what real length.

`add(world)` puts it into a world before its servers are made. All of it is somebody's favourite, so
nothing of it leaves. Each title is played as often as Jellyfin counts, four weeks apart
(`past.py`), so that the last three months have evenings, mornings and weekends in them.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import cycle
import random
from typing import Final
from zoneinfo import ZoneInfo

from .catalogue import Entry, Film, Home
from .clock import utcnow
from .people import User
from .shows import Show
from .world import World

_SEED: Final = 23
_WEEKS: Final = 4
_MOST_PLAYS: Final = 3
_MINUTE: Final = 60
_DAYS: Final = range(1, 7 * _WEEKS + 1)
_FRIDAY, _SATURDAY, _SUNDAY = 4, 5, 6


def _names(*words: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Make a season of each of the first words, with an episode for each of the second."""
    first, second = words
    return tuple(tuple(f"{one} {other}" for other in second) for one in first)


EVENINGS: Final = Show(
    "Harrow & Daughter",
    2013,
    880_410,
    _names(
        ("Cold", "Borrowed", "Quiet", "Second", "Late", "Last"),
        ("Harvest", "Witness", "Letter", "Ferry", "Orchard", "Shift"),
    ),
    seconds=44 * _MINUTE,
)
MORNINGS: Final = Show(
    "Breakfast at the Mill",
    2019,
    880_420,
    _names(
        ("Rye", "Plum", "Honey", "Salt", "Barley"),
        ("Monday", "Market", "Guests", "Leftovers", "Holiday"),
    ),
    seconds=23 * _MINUTE,
)


def _film(number: int, name: str, year: int, genre: str, minutes: int) -> Film:
    votes = 20_000 + number * 3_313
    return Film(
        *(name, year, (genre,), 7.2, votes),
        home=Home.PERMANENT,
        seconds=minutes * _MINUTE,
        number=301 + number,
    )


FILMS: Final = (
    _film(0, "The Otter and the Clock", 2014, "Animation", 88),
    _film(1, "Marzipan Express", 2008, "Family", 96),
    _film(2, "Two Weeks in Ostrava", 1996, "Comedy", 104),
    _film(3, "Snow on the Signal", 2005, "Adventure", 117),
    _film(4, "The Bell Founder", 2011, "Drama", 131),
    _film(5, "Goodnight, Trawler", 2017, "Family", 92),
    _film(6, "Paper Moonlight", 1983, "Romance", 109),
    _film(7, "The Cartographer's Dog", 2018, "Comedy", 99),
)


def add(world: World, zone: ZoneInfo, now: datetime | None = None) -> None:
    """Put everything into a world of which no server was made yet. `zone`: whose evenings."""
    at = (now or utcnow()).astimezone(zone)
    for film in FILMS:
        world.films[film.item_id], world.homes[film.item_id] = film, film.home
        world.userdata(world.user("Kitchen").id, film.item_id).favorite = True
    for show in (EVENINGS, MORNINGS):
        world.shows.append(show)
        world.episodes |= {one.item_id: one for one in show.episodes}
        world.userdata(world.user("Kitchen").id, show.episodes[0].series_id).favorite = True
    dice = random.Random(_SEED)
    for name, entry, began, plays in _month(dice, at):
        _watched(world, world.user(name), entry, began, plays)


def _month(dice: random.Random, now: datetime) -> Iterator[tuple[str, Entry, datetime, int]]:
    """Give the last four weeks: who has begun what, when, and how often by then."""
    evenings, mornings = cycle(EVENINGS.episodes), cycle(MORNINGS.episodes)
    films = {name: iter(dice.sample(FILMS, len(FILMS))) for name in ("Sofa", "Kitchen")}
    for days in reversed(_DAYS):
        day = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days)
        plays = dice.randint(1, _MOST_PLAYS)
        match day.weekday():
            case weekday if weekday in (_FRIDAY, _SATURDAY):
                yield "Sofa", next(films["Sofa"]), _at(dice, day, 20, 15), plays
            case weekday if weekday == _SUNDAY:
                yield "Kitchen", next(films["Kitchen"]), _at(dice, day, 15, 0), plays
            case _ if dice.random() < 0.8:
                yield "Kitchen", next(mornings), _at(dice, day, 6, 50), _MOST_PLAYS
        if day.weekday() not in (_FRIDAY, _SATURDAY) and dice.random() < 0.8:
            begun = _at(dice, day, 21, 0)
            yield "Sofa", next(evenings), begun, plays
            if dice.random() < 0.4:
                yield "Sofa", next(evenings), begun + timedelta(minutes=46), plays
        if day.weekday() == _SATURDAY:
            yield "Kitchen", next(mornings), _at(dice, day, 9, 20), _MOST_PLAYS


def _at(dice: random.Random, day: datetime, hour: int, minute: int) -> datetime:
    return day.replace(hour=hour, minute=minute) + timedelta(minutes=dice.randint(0, 35))


def _watched(world: World, user: User, entry: Entry, began: datetime, plays: int) -> None:
    data = world.userdata(user.id, entry.item_id)
    ended = began.astimezone(UTC) + timedelta(seconds=entry.seconds)
    data.played, data.play_count, data.last_played = True, plays, ended
