"""What is in the integration's database: filled before, looked at meanwhile, weighed in the end."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
import sqlite3
from typing import Final

from bench.house.house import (
    EPISODE,
    MOVIE,
    SERIES,
    SERVER,
    House,
    guid,
    movie_name,
    season_of,
    series_name,
)
from bench.watching_queries import Library, fill
from custom_components.showrunner.domain.media import ProviderIds, Unit, UnitKind

_POPULAR_MOVIES: Final = 4_000
_POPULAR_SERIES: Final = 300


def shelf(house: House) -> Library:
    """Say what was watched, and how likely: the first are the most popular."""
    units, weights = [], []
    for number in range(min(_POPULAR_MOVIES, house.movies)):
        ids = ProviderIds(tmdb=1_000_000 + number, imdb=f"tt{1_000_000 + number:07d}")
        item = guid(MOVIE, number)
        units.append(Unit(UnitKind.MOVIE, movie_name(number), SERVER, item, ids=ids, year=2011))
        weights.append(30 / (number + 10))
    for series in range(min(_POPULAR_SERIES, house.series)):
        first = house.first_episode(series)
        for within in range(house.length(series)):
            season, episode = season_of(within)
            units.append(
                Unit(
                    UnitKind.EPISODE,
                    f"The One With the Number {within}",
                    SERVER,
                    guid(EPISODE, first + within),
                    ids=ProviderIds(tvdb=10_000_000 + first + within),
                    series_item_id=guid(SERIES, series),
                    series_name=series_name(series),
                    series_ids=ProviderIds(tmdb=2_000_000 + series, tvdb=500_000 + series),
                    season=season,
                    episode=episode,
                )
            )
            weights.append(2 / (series + 3))
    return Library(units, weights)


def put_viewings(path: Path, house: House) -> None:
    """Write the viewings of five years into a closed database."""
    fill(path, house.viewings, shelf(house), viewers=house.viewers)


@dataclass(frozen=True, slots=True)
class Known:
    """How many rows there are so far."""

    items: int
    userdata: int
    requests: int
    available: int


def known(path: Path) -> Known:
    """Count what is known."""
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10) as raw:

        def count(what: str) -> int:
            return int(raw.execute(f"SELECT count(*) FROM {what}").fetchone()[0])

        return Known(
            count("library_items"),
            count("userdata"),
            count("requests"),
            count("requests WHERE state = 'available'"),
        )


@dataclass(frozen=True, slots=True)
class Weight:
    """How many rows a table has, and how many bytes with its indexes."""

    rows: int
    bytes: int

    @property
    def each(self) -> float:
        """Bytes a row."""
        return self.bytes / self.rows if self.rows else 0.0


def weigh(path: Path) -> Mapping[str, Weight]:
    """Weigh each table of a closed database."""
    with sqlite3.connect(path) as raw:
        owner = dict(raw.execute("SELECT name, tbl_name FROM sqlite_master WHERE type != 'view'"))
        sizes: defaultdict[str, int] = defaultdict(int)
        for name, size in raw.execute("SELECT name, sum(pgsize) FROM dbstat GROUP BY name"):
            sizes[owner.get(name, name)] += size
        found = {}
        for name, size in sizes.items():
            try:
                rows = raw.execute(f"SELECT count(*) FROM [{name}]").fetchone()[0]
            except sqlite3.Error:
                rows = 0
            found[name] = Weight(rows, size)
        return found
