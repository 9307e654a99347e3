"""The titles of the demo's world: all made up, with ids from a range that no real title has.

A demo film runs for seconds, so that a whole evening fits into a minute.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
import hashlib
from typing import Final


class Home(StrEnum):
    """Where Radarr keeps a film: to stay, to stream, not fetched yet, or not in Radarr at all.

    Nowhere: neither Radarr nor Jellyfin has heard of it, until somebody asks for it.
    """

    PERMANENT = "movies"
    STREAM = "stream"
    WANTED = "wanted"
    UNKNOWN = "unknown"
    NOWHERE = "nowhere"


class Outcome(StrEnum):
    """How a search for the film ends."""

    IMPORTED = "imported"
    NOTHING = "nothing"
    FAILED = "failed"


@cache
def guid(*parts: object) -> str:
    """Make a stable id of 32 hex digits, as Jellyfin writes them."""
    return hashlib.md5("/".join(map(str, parts)).encode(), usedforsecurity=False).hexdigest()


@dataclass(frozen=True, slots=True)
class Film:
    """A film. `seconds` is its runtime in Jellyfin; `votes` and `rating` are IMDb's."""

    name: str
    year: int
    genres: tuple[str, ...]
    rating: float | None
    votes: int | None
    language: str = "English"
    home: Home = Home.STREAM
    seconds: int = 8
    outcome: Outcome = Outcome.IMPORTED
    seeders: int | None = 120  # None: Prowlarr finds nothing
    original: str = ""
    edition: str = ""
    released: bool = True
    number: int = 0

    @property
    def tmdb(self) -> int:
        """TMDb's id."""
        return 990_000 + self.number

    @property
    def imdb(self) -> str:
        """IMDb's id."""
        return f"tt99{self.number:05d}"

    @property
    def item_id(self) -> str:
        """Jellyfin's id."""
        return guid("film", self.tmdb)

    @property
    def anime(self) -> bool:
        """Tell whether it is an anime film."""
        return self.language == "Japanese" and "Animation" in self.genres

    @property
    def label(self) -> str:
        """Name and year, as folders are called."""
        return f"{self.name} ({self.year})"

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return 2_000_000_000 + (self.number * 7_919 % 60) * 250_000_000

    @property
    def premiere(self) -> date:
        """First showing."""
        return date(self.year, 1 + self.number % 12, 1 + self.number * 7 % 28)


@dataclass(frozen=True, slots=True)
class Episode:
    """One episode of a series, of some seconds."""

    series: str
    year: int
    tvdb: int
    season: int
    number: int
    name: str
    seconds: int = 6

    @property
    def item_id(self) -> str:
        """Jellyfin's id."""
        return guid("episode", self.tvdb, self.season, self.number)

    @property
    def tvdb_episode(self) -> int:
        """TVDB's id of the episode itself."""
        return self.tvdb * 100 + 20 * (self.season - 1) + self.number

    @property
    def series_id(self) -> str:
        """Jellyfin's id of the series."""
        return guid("series", self.tvdb)

    @property
    def label(self) -> str:
        """What people call it."""
        return f"{self.series} S{self.season:02d}E{self.number:02d}: {self.name}"


type Entry = Film | Episode

_KEEP: Final = Home.PERMANENT
_WANTED: Final = Home.WANTED
_NONE: Final = Home.UNKNOWN
_NOWHERE: Final = Home.NOWHERE

_FILMS: Final = (
    # Seen once some days ago: the next viewing makes Showrunner fetch it (tier 2).
    Film("The Lantern Keeper", 2011, ("Drama", "Mystery"), 7.4, 182_000, seconds=10),
    Film("Salt on the Window", 2016, ("Drama",), 7.1, 96_500),
    Film("Nine Quiet Floors", 2003, ("Thriller",), 7.8, 240_000, outcome=Outcome.NOTHING),
    Film("The Last Tram to Velm", 1998, ("Crime", "Drama"), 7.6, 131_000, outcome=Outcome.FAILED),
    # Tier 1: what is fetched after the first viewing.
    Film("A Harbour of Glass", 1994, ("Drama",), 8.9, 1_250_000, seconds=9),
    Film("Paper Foxes", 2019, ("Animation", "Family"), 7.7, 88_000, seconds=7),
    Film(
        "Die stille Brücke",
        1962,
        ("Drama", "War"),
        7.9,
        64_000,
        "German",
        original="Die stille Brücke",
    ),
    Film("Das Uhrwerk", 1927, ("Science Fiction", "Silent"), 8.2, 61_000, "German"),
    Film("Orchard Street, Midnight", 1971, ("Crime",), 8.1, 21_400),
    Film(
        "The Cartographer's Daughter", 2008, ("Adventure",), 7.3, 150_000, edition="Director's Cut"
    ),
    Film("Snow over Karelin", 2014, ("Drama",), 7.2, 70_200, "Russian", seeders=4),
    Film("Umi no Tegami", 1958, ("Drama",), 7.5, 33_000, "Japanese", original="海の手紙"),
    # Tier 3: streamed, whatever happens.
    Film("Weekend Astronauts", 2021, ("Comedy",), 5.4, 40_000),
    Film("Double Parking", 2018, ("Comedy", "Action"), 6.1, 77_000, seconds=6),
    Film("The Fifth Elevator", 2013, ("Horror",), 4.8, 52_000, seconds=12),
    Film("Kilometre Zero", 2009, ("Action",), 6.6, 120_000, seconds=12),
    Film("My Neighbour's Band", 2015, ("Comedy", "Music"), 6.3, 31_000),
    Film("Coriander", 2022, ("Romance",), None, None),
    Film("Left at the Lighthouse", 2006, ("Romance", "Drama"), 6.9, 84_000, seconds=14),
    Film("Rope Bridge", 2017, ("Adventure",), 6.7, 105_000, seconds=16),
    Film("The Understudy's Coat", 2012, ("Drama",), 7.0, 58_000, seconds=16),
    Film("Thursday, Again", 2020, ("Science Fiction",), 7.2, 210_000, seconds=20),
    Film("Iron Pears", 2001, ("War",), 6.8, 93_000, seconds=14),
    Film('The "Other" Dentist', 2010, ("Comedy",), 6.4, 22_000),
    Film("Blue Ledger", 1989, ("Crime",), 7.3, 99_000),
    Film("Sixteen Umbrellas", 1999, ("Mystery",), 7.1, 66_000),
    # Already on the disk.
    Film("Harvest of Engines", 1985, ("Science Fiction",), 8.3, 410_000, home=_KEEP),
    Film("The Clockmaker's Row", 1991, ("Drama",), 8.6, 380_000, home=_KEEP, seconds=26),
    Film("Pip and the Paper Boat", 2005, ("Animation", "Family"), 7.6, 90_000, home=_KEEP),
    Film("North of the Ferry", 2002, ("Drama",), 7.9, 175_000, home=_KEEP, seconds=18),
    Film("A Room for Strangers", 1977, ("Thriller",), 8.0, 72_000, home=_KEEP),
    Film("The Pale Conductor", 1968, ("Horror",), 7.4, 45_000, home=_KEEP),
    Film("Low Tide Waltz", 1954, ("Romance",), 7.7, 38_000, "French", home=_KEEP),
    Film("Twelve Small Thieves", 2007, ("Crime", "Comedy"), 7.2, 260_000, home=_KEEP),
    Film("Granite", 2018, ("Documentary",), 8.0, 18_000, home=_KEEP),
    Film("The Long Intermission", 2016, ("Drama",), 6.5, 29_000, home=_KEEP, seconds=45),
    # Wanted, without a file.
    Film("Copper Sky", 2024, ("Science Fiction",), 7.5, 140_000, home=_WANTED),
    Film("The Weight of Feathers", 2023, ("Drama",), 7.0, 47_000, home=_WANTED),
    Film("Second Moon", 2027, ("Science Fiction",), None, None, home=_WANTED, released=False),
    # Jellyfin has them, Radarr has never heard of them.
    Film("Home Movie Club", 2004, ("Comedy",), 7.1, 12_000, home=_NONE, seeders=None),
    Film("The Far Pavilion Hotel", 1996, ("Drama",), 8.7, 320_000, home=_NONE),
    # Nobody has them, and they can be asked for; the second one is an anime film.
    Film("Third Shift", 2025, ("Thriller",), 7.0, 64_000, home=_NOWHERE),
    Film(
        "Whale of Paper",
        2024,
        ("Animation", "Fantasy"),
        7.9,
        51_000,
        "Japanese",
        home=_NOWHERE,
        original="紙の鯨",
    ),
    Film("The Empty Reel", 2022, ("Drama",), 6.8, 9_000, home=_NOWHERE, outcome=Outcome.NOTHING),
)

FILMS: Final = tuple(
    Film(**{name: getattr(film, name) for name in Film.__slots__} | {"number": number})
    for number, film in enumerate(_FILMS, 1)
)

_FOG: Final = (
    *("The Lower Station", "Fog", "Pylon Four", "A Passenger", "Stopped", "The Wheel House"),
    *("Snow Load", "The Upper Station"),
)

_SERIES: Final = (
    ("The Night Signal Box", 2019, 880_101, 6, ("Arrivals", "Signals", "The Tunnel", "Departures")),
    ("The Ministry of Rain", 2015, 880_102, 6, ("Drizzle", "Showers", "A Dry Day")),
    ("Gardeners of the North", 2022, 880_103, 6, ("Soil", "Seed", "Frost", "Bloom", "Harvest")),
    # For a binge: long enough that a poll a second sees each of them past its 85 percent.
    ("Cable and Fog", 2020, 880_104, 14, _FOG),
)

EPISODES: Final = tuple(
    Episode(series, year, tvdb, 1, number, name, seconds)
    for series, year, tvdb, seconds, names in _SERIES
    for number, name in enumerate(names, 1)
)


def by_name(name: str) -> Film:
    """Find a film. Raises KeyError when there is none of that name."""
    found = next((film for film in FILMS if film.name == name), None)
    if found is None:
        raise KeyError(name)
    return found
