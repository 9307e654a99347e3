"""How large the house is, and what everything in it is called: all of it is made of numbers.

Nothing is kept for a title: its names, ids and paths follow from its number. The titles of requests
that are not fulfilled lie behind those that the library has.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Final

SERVER: Final = "5" * 32
LONG_SERIES: Final = 40
SHORT_SERIES: Final = 20
PER_SEASON: Final = 20
YEARS: Final = timedelta(days=5 * 365)
FIRST: Final = datetime(2015, 1, 1, tzinfo=UTC)


class Stand(Enum):
    """How a request stands at Seerr."""

    AVAILABLE = "available"
    PENDING = "pending"
    DECLINED = "declined"
    SOUGHT = "sought"
    LOADING = "loading"


@dataclass(frozen=True, slots=True)
class House:
    """So much of everything; as many long series as are asked for."""

    movies: int
    series: int
    viewers: int
    viewings: int
    torrents: int
    requests: int

    @classmethod
    def of(cls, share: int) -> House:
        """Make the promised size, or so small a part of it (1: all, 10: a tenth)."""
        return cls(
            30_000 // share,
            20_000 // share,
            max(100 // share, 3),
            900_000 // share,
            20_000 // share,
            10_000 // share,
        )

    @classmethod
    def asked_for(cls, requests: int) -> House:
        """Make one that has what was asked for and not much else: half movies, half long series."""
        half = max(requests // 2, 2)
        return cls(half, half, 3, 0, max(requests // 10, 10), requests)

    # -- what there is -----------------------------------------------------------------------------

    @property
    def long(self) -> int:
        """Count the long series: the first ones."""
        return self.requests // 2

    @property
    def episodes(self) -> int:
        """Count the episodes."""
        return self.long * LONG_SERIES + (self.series - self.long) * SHORT_SERIES

    @property
    def items(self) -> int:
        """Count what Jellyfin has."""
        return self.movies + self.series + self.episodes

    def length(self, series: int) -> int:
        """Count the episodes of a series; one that is only asked for is long, too."""
        return LONG_SERIES if series < self.long or series >= self.series else SHORT_SERIES

    def first_episode(self, series: int) -> int:
        """Give the number of a series' first episode."""
        if series <= self.long:
            return series * LONG_SERIES
        return self.long * LONG_SERIES + (series - self.long) * SHORT_SERIES

    def place(self, episode: int) -> tuple[int, int]:
        """Say of which series an episode is, and the how manieth (from 0)."""
        border = self.long * LONG_SERIES
        if episode < border:
            return divmod(episode, LONG_SERIES)
        series, within = divmod(episode - border, SHORT_SERIES)
        return self.long + series, within

    # -- who has watched what ----------------------------------------------------------------------

    def played_movies(self, viewer: int) -> Iterator[int]:
        """Name the movies that a viewer has watched: a third of the popular ones."""
        return (one for one in range(self.movies // 10) if (one * 7 + viewer * 3) % 10 < 3)

    def played_episodes(self, viewer: int) -> Iterator[int]:
        """Name the episodes that a viewer has watched: a fifth of the popular series, whole."""
        for series in range(viewer % 5, self.series // 20, 5):
            first = self.first_episode(series)
            yield from range(first, first + self.length(series))

    # -- who asked for what ------------------------------------------------------------------------

    def stand(self, number: int) -> Stand:
        """Say how a request stands: of a hundred 92 are there, 3 undecided, 1 declined, 4 open."""
        rest = number * 37 % 100
        if rest < 92:
            return Stand.AVAILABLE
        if rest < 95:
            return Stand.PENDING
        if rest < 96:
            return Stand.DECLINED
        return Stand.LOADING if rest == 99 else Stand.SOUGHT

    def is_movie(self, number: int) -> bool:
        """Tell whether a request is for a movie: every second one."""
        return number // 2 % 2 == 0

    def title(self, number: int) -> int:
        """Give the number of a request's movie or series; what is not there lies behind."""
        half = number // 4 * 2 + number % 2
        if self.stand(number) is Stand.AVAILABLE:
            return half
        return half + (self.movies if self.is_movie(number) else self.series)

    def asked_at(self, number: int) -> datetime:
        """Say when a request was made: evenly over five years, the last ones lately."""
        return FIRST + timedelta(days=365 * 6) + YEARS * (number / self.requests)

    def of_stand(self, *stands: Stand) -> list[int]:
        """List the requests that stand so."""
        return [one for one in range(self.requests) if self.stand(one) in stands]


def guid(kind: str, number: int) -> str:
    """Make an id as Jellyfin writes them; `kind` is one hexadecimal digit."""
    return f"{kind}{number:031x}"


def user_id(viewer: int) -> str:
    """Give a viewer's id."""
    return f"{viewer + 1:032x}"


def movie_name(movie: int) -> str:
    """Give a movie's name."""
    return f"A Film of Some Length, Number {movie}"


def series_name(series: int) -> str:
    """Give a series' name."""
    return f"A Series of Some Length, Number {series}"


def movie_path(movie: int, root: str) -> str:
    """Name a movie's file."""
    name = f"{movie_name(movie)} (2011)"
    return f"{root}/movies/{name}/{name} Bluray-1080p.mkv"


def series_path(series: int, root: str) -> str:
    """Name a series' folder."""
    return f"{root}/shows/{series_name(series)} (2011)"


def season_of(within: int) -> tuple[int, int]:
    """Say which season and episode the nth of a series is."""
    return within // PER_SEASON + 1, within % PER_SEASON + 1


def episode_path(series: int, within: int, root: str) -> str:
    """Name an episode's file."""
    season, number = season_of(within)
    named = f"{series_name(series)} - S{season:02d}E{number:02d} - The One, {within}.mkv"
    return f"{series_path(series, root)}/Season {season}/{named}"


MOVIE: Final = "a"
SERIES: Final = "b"
EPISODE: Final = "c"
SEASON: Final = "d"
