"""Years of a family's library: what was watched by whom, what somebody keeps, and what goes on.

`add(world)` puts it into a world before its servers are made, `settle(servers)` tells Radarr and
Seerr their part of it. Each title stands for something that a cleanup has to tell apart.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
import random
from typing import Final

from .catalogue import Entry, Film, Home
from .clock import utcnow
from .people import User
from .seerr_book import MediaStatus, Status
from .servers import Servers
from .shows import Show
from .world import World

_KEEP_TAG: Final = 2
_FIRST: Final = 201
_SEED: Final = 7

type Days = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Story:
    """What became of a film. `seen`: how many days ago each has watched it to its end.

    `begun`: who has left it in the middle. `loved`: whose favourite it is. `tagged`: Radarr keeps
    it. `asked`: who has requested it. `uhd`: the second Radarr has it in 4K, too.
    """

    film: Film
    seen: Days = field(default_factory=dict)
    begun: Days = field(default_factory=dict)
    loved: str = ""
    tagged: bool = False
    asked: str = ""
    uhd: bool = False


@dataclass(frozen=True, slots=True)
class Following:
    """How somebody follows a series: which of its seasons, and when they were through with them.

    `upto`: so many episodes of the last of them (None: all).
    """

    user: str
    seasons: tuple[int, ...]
    days: float
    upto: int | None = None


@dataclass(frozen=True, slots=True)
class Saga:
    """What became of a series. `lost`: episodes that are not there, by season and number."""

    show: Show
    follows: tuple[Following, ...] = ()
    loved: str = ""
    asked: str = ""
    lost: tuple[tuple[int, int], ...] = ()


def _film(number: int, name: str, year: int, genre: str, rating: float) -> Film:
    votes = 9_000 + number * 1_117 % 90_000
    home = Home.PERMANENT
    return Film(name, year, (genre,), rating, votes, home=home, number=_FIRST + number)


_KNOWN: Final = (
    Story(_film(0, "The Paper Lighthouse", 1988, "Drama", 7.1), {"Sofa": 700, "Kitchen": 690}),
    Story(_film(1, "Winter in Orrin", 1999, "Thriller", 6.4), {"Sofa": 400}),
    Story(
        _film(2, "A Spoonful of Thunder", 2003, "Family", 7.6),
        {"Sofa": 350, "Kitchen": 300},
        loved="Kitchen",
    ),
    Story(
        _film(3, "Granddad's Submarine", 2012, "Family", 7.3),
        {"Sofa": 900, "Kitchen": 880},
        tagged=True,
    ),
    Story(_film(4, "The Ninth Postman", 2019, "Crime", 6.9), {"Sofa": 200}, asked="Kitchen"),
    Story(_film(5, "Fields of Static", 2021, "Science Fiction", 6.2), {"Sofa": 2}),
    Story(_film(6, "Quarry Road", 2009, "Drama", 7.0)),
    Story(_film(7, "Minor Planets", 2015, "Documentary", 7.8), begun={"Sofa": 30}),
    Story(_film(8, "The Kite Department", 2017, "Comedy", 5.9), {"Kitchen": 120}, asked="Kitchen"),
    # In two qualities; nobody has watched it.
    Story(_film(25, "The Glass Orchard", 2016, "Drama", 6.8), uhd=True),
)
_MORE: Final = (
    "Eleven Bridges",
    "A Coat for Anselm",
    "The Borrowed Piano",
    "Tin Weather",
    "Pastry School",
    "Lower Saltmarsh",
    "The Second Violin",
    "Ordinary Comets",
    "House of Ladders",
    "The Map Thief's Wife",
    "Nobody's Regatta",
    "Plum Season",
    "The Quiet Engine",
    "Umbrella Trade",
    "Six Miles of Bad Road",
    "The Understair Orchestra",
)
_GENRES: Final = ("Drama", "Comedy", "Crime", "Adventure")

SAGAS: Final = (
    # Over; two who are not equally far.
    Saga(
        Show(
            "Harbourmaster",
            2012,
            880_310,
            (
                ("Slack", "Ebb", "Neap", "Spring"),
                ("Fairway", "Buoys", "Pilot", "Berth"),
                ("Dredger", "Bollard", "Ballast", "Draught"),
                ("Last Watch", "Lights Out", "Ashore", "The Log"),
            ),
        ),
        (
            Following("Sofa", (1, 2, 3), 900),
            Following("Sofa", (4,), 850, upto=2),
            Following("Kitchen", (1,), 400),
        ),
    ),
    # Goes on: the last two episodes are still to come.
    Saga(
        Show(
            "The Long Allotment",
            2018,
            880_320,
            (
                ("Dig", "Row", "Seed"),
                ("Slugs", "Net", "Glut"),
                ("Compost", "Rhubarb", "Shed", "Gate", "Show Day"),
            ),
            to_air=2,
        ),
        (
            Following("Sofa", (1,), 600),
            Following("Sofa", (2,), 300),
            Following("Sofa", (3,), 40, upto=3),
        ),
    ),
    # With specials.
    Saga(
        Show(
            "Foxglove Lane",
            2016,
            880_330,
            (("Number One", "Number Two", "Number Three"), ("Moving In", "Moving Out")),
            specials=("The Street Party", "Christmas at Number Nine"),
        ),
        (Following("Kitchen", (0, 1, 2), 500),),
    ),
    # A favourite, watched by everybody.
    Saga(
        Show(
            "The Tinker's Almanac",
            2014,
            880_340,
            (
                ("January", "February", "March", "April"),
                ("May", "June", "July", "August"),
                ("September", "October", "November", "December"),
            ),
        ),
        (Following("Sofa", (1, 2, 3), 1200), Following("Kitchen", (1, 2, 3), 250)),
        loved="Kitchen",
    ),
    # Who has asked for it has not seen it.
    Saga(
        Show("Night Ferry Inspectors", 2020, 880_350, (("Cabin 12", "The Purser", "Lifeboat"),)),
        (Following("Kitchen", (1,), 90),),
        asked="Sofa",
    ),
    # Watched as far as it is there.
    Saga(
        Show(
            "Signal Box Four",
            2017,
            880_360,
            (("Up Line", "Down Line", "The Points", "Last Train Through"),),
        ),
        (Following("Sofa", (1,), 150),),
        lost=((1, 3),),
    ),
)


def stories() -> tuple[Story, ...]:
    """Give the films: those that stand for something, and others that somebody has seen or not."""
    dice, found = random.Random(_SEED), list(_KNOWN)
    for number, name in enumerate(_MORE, len(_KNOWN) - 1):
        film = _film(
            number, name, 1980 + number * 7 % 45, _GENRES[number % 4], 5.5 + number % 30 / 10
        )
        seen = {who: dice.uniform(60, 1800) for who in ("Sofa", "Kitchen") if dice.random() < 0.6}
        found.append(Story(film, seen))
    return tuple(found)


def add(world: World, now: datetime | None = None) -> None:
    """Put everything into a world of which no server was made yet."""
    at = now or utcnow()
    for story in stories():
        film = story.film
        world.films[film.item_id], world.homes[film.item_id] = film, film.home
        if story.uhd:
            world.uhd.add(film.item_id)
        for name, days in story.seen.items():
            _watched(world, world.user(name), film, at - timedelta(days=days))
        for name, days in story.begun.items():
            data = world.userdata(world.user(name).id, film.item_id)
            data.play_count, data.last_played = 1, at - timedelta(days=days)
            data.position = film.seconds * 0.4
        if story.loved:
            world.userdata(world.user(story.loved).id, film.item_id).favorite = True
    for saga in SAGAS:
        _follow(world, saga, at)


def _follow(world: World, saga: Saga, now: datetime) -> None:
    show = saga.show
    world.shows.append(show)
    aired = [one for one in show.episodes if show.aired(one, now) <= now]
    there = [one for one in aired if (one.season, one.number) not in saga.lost]
    world.episodes |= {one.item_id: one for one in there}
    for following in saga.follows:
        user, last = world.user(following.user), following.seasons[-1]
        mine = [one for one in there if one.season in following.seasons]
        for number, one in enumerate(mine):
            if following.upto is None or one.season != last or one.number <= following.upto:
                # One an evening, the last of them on that day.
                _watched(
                    world, user, one, now - timedelta(days=following.days + len(mine) - number)
                )
    if saga.loved:
        world.userdata(world.user(saga.loved).id, there[0].series_id).favorite = True


def _watched(world: World, user: User, entry: Entry, at: datetime) -> None:
    data = world.userdata(user.id, entry.item_id)
    data.played, data.play_count, data.last_played = True, 1, at


def settle(servers: Servers) -> None:
    """Have Radarr keep what has its tag, and Seerr know who has asked for what."""
    world, book = servers.world, servers.seerr_state.book
    movies, shows = servers.radarr_state.library, servers.sonarr_state.library
    for story in stories():
        movie = movies.by_tmdb(story.film.tmdb)
        if movie is None:
            continue
        movie.added = min(movie.added, world.founded - timedelta(days=2000))
        if story.tagged:
            movie.tags.add(_KEEP_TAG)
        if story.asked:
            ask = book.ask(story.film, world.user(story.asked), at=movie.added)
            ask.status, ask.media.status = Status.COMPLETED, MediaStatus.AVAILABLE
            ask.media.arr_id = movie.id
    for saga in SAGAS:
        series = shows.by_tvdb(saga.show.tvdb)
        if series is not None and saga.asked:
            seasons = tuple(number for number, _ in enumerate(saga.show.seasons, 1))
            ask = book.ask(saga.show, world.user(saga.asked), seasons, at=series.added)
            ask.status, ask.media.status = Status.COMPLETED, MediaStatus.AVAILABLE
            ask.media.arr_id = series.id
