"""A house with a large library and many viewers: what there is, and what each of them has watched.

Everybody has watched a share of what is popular and some titles that nobody else has: of each
thousand movies 20 (in a full house 1,000 each, 15,000 different ones), and 110 series, of two
thirds of them all episodes (500 different ones). A tenth of the house is that with a tenth of all.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
import hashlib
from pathlib import Path
from typing import Final

from custom_components.showrunner.domain.library import (
    ItemKind,
    LibraryItem,
    MarkSource,
    UserRow,
    WatchedMark,
)
from custom_components.showrunner.domain.media import ProviderIds, Unit, UnitKind
from custom_components.showrunner.domain.sweep import ReadState
from custom_components.showrunner.store import Store
from custom_components.showrunner.store.library_rows import add, prepare

SERVER: Final = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
VIEWERS: Final = 20
PER_SERIES: Final = 25
FIRST_SEASON: Final = 13
NOW: Final = datetime(2026, 6, 10, 20, tzinfo=UTC)
_CREATED: Final = datetime(2015, 1, 1, tzinfo=UTC)
_PORTION: Final = 5_000


def guid(*parts: object) -> str:
    """Make a stable id, as Jellyfin writes them."""
    return hashlib.md5("/".join(map(str, parts)).encode(), usedforsecurity=False).hexdigest()


def viewer_id(viewer: int) -> str:
    """Give a viewer's id."""
    return guid("viewer", viewer)


def place_of(number: int) -> tuple[int, int]:
    """Say which season and episode the nth episode of a series is."""
    if number < FIRST_SEASON:
        return 1, number + 1
    return 2, number - FIRST_SEASON + 1


def movie_name(movie: int) -> str:
    """Give a movie's name, with its year, as its folder is called."""
    return f"A Film of Some Length, Number {movie} (2011)"


def series_name(series: int) -> str:
    """Give a series' name, with its year."""
    return f"A Series of Some Length, Number {series} (2011)"


def movie_ids(movie: int) -> ProviderIds:
    """Give a movie's ids."""
    return ProviderIds(tmdb=1_000_000 + movie, imdb=f"tt{1_000_000 + movie:07d}")


def series_ids(series: int) -> ProviderIds:
    """Give a series' ids."""
    return ProviderIds(tmdb=2_000_000 + series, tvdb=500_000 + series)


def movie_path(movie: int, root: str) -> str:
    """Name a movie's file below a root."""
    return f"{root}/movies/{movie_name(movie)}/{movie_name(movie)} Bluray-1080p.mkv"


def episode_path(series: int, number: int, root: str) -> str:
    """Name an episode's file below a root."""
    season, episode = place_of(number)
    named = f"{series_name(series)} - S{season:02d}E{episode:02d}.mkv"
    return f"{root}/shows/{series_name(series)}/Season {season}/{named}"


def movie_size(movie: int) -> int:
    """Say how large a movie's file is."""
    return 2_000_000_000 + movie % 997 * 10_000_000


def movie_unit(movie: int) -> Unit:
    """Give a movie as viewings know it."""
    item_id = guid("Movie", movie)
    return Unit(UnitKind.MOVIE, movie_name(movie), SERVER, item_id, ids=movie_ids(movie), year=2011)


def episode_unit(series: int, number: int) -> Unit:
    """Give an episode as viewings know it."""
    season, episode = place_of(number)
    return Unit(
        UnitKind.EPISODE,
        f"The One With the Number {number}",
        SERVER,
        guid("Episode", series, number),
        ids=ProviderIds(tvdb=10**7 + series * 100 + number),
        series_item_id=guid("Series", series),
        series_name=series_name(series),
        series_ids=series_ids(series),
        season=season,
        episode=episode,
    )


@dataclass(frozen=True)
class House:
    """So many movies and series (of 25 episodes each) in two seasons."""

    movies: int
    series: int

    @property
    def episodes(self) -> int:
        """Count the episodes."""
        return self.series * PER_SERIES

    def watched_movies(self, viewer: int) -> Iterator[int]:
        """Name the movies that a viewer has watched."""
        popular, own = self.movies // 10, self.movies // 100
        yield from (one for one in range(popular) if (one * 7 + viewer * 3) % 10 == 0)
        yield from range(popular + viewer * own, popular + (viewer + 1) * own)

    def watched_series(self, viewer: int) -> Iterator[tuple[int, int]]:
        """Name the series that a viewer has begun, with how many episodes are watched."""
        popular, own = self.series * 3 // 200, self.series // 2_000
        mine = [one for one in range(popular) if (one + viewer) % 3 == 0]
        mine += range(popular + viewer * own, popular + (viewer + 1) * own)
        yield from ((one, PER_SERIES if (one + viewer) % 9 < 6 else 10) for one in mine)

    @cached_property
    def began(self) -> frozenset[int]:
        """Name the series that somebody has begun."""
        return frozenset(one for viewer in range(VIEWERS) for one, _ in self.watched_series(viewer))

    def rows(self, viewer: int) -> Iterator[tuple[Unit, UserRow]]:
        """Say what Jellyfin keeps of a viewer, and of what."""
        for number, movie in enumerate(self.watched_movies(viewer)):
            unit = movie_unit(movie)
            yield unit, self._row(unit.item_id, viewer, number, favorite=number % 97 == 0)
        for series, count in self.watched_series(viewer):
            for number in range(count):
                unit = episode_unit(series, number)
                yield unit, self._row(unit.item_id, viewer, series)

    @staticmethod
    def _row(item_id: str, viewer: int, number: int, *, favorite: bool = False) -> UserRow:
        days = 30 + (number * 13 + viewer * 37) % 1500
        at = NOW - timedelta(days=days)
        return UserRow(item_id, played=True, favorite=favorite, play_count=1, last_played=at)

    # -- in our store ------------------------------------------------------------------------------

    def items(self) -> Iterator[LibraryItem]:
        """Give everything that Jellyfin has."""
        for movie in range(self.movies):
            yield self._item(
                ItemKind.MOVIE,
                guid("Movie", movie),
                movie_name(movie),
                path=movie_path(movie, "/media"),
                ids=movie_ids(movie),
                created=_CREATED + timedelta(minutes=movie),
            )
        for series in range(self.series):
            name, series_id = series_name(series), guid("Series", series)
            folder = f"/media/shows/{name}"
            yield self._item(ItemKind.SERIES, series_id, name, path=folder, ids=series_ids(series))
            for number in range(PER_SERIES):
                unit = episode_unit(series, number)
                yield self._item(
                    ItemKind.EPISODE,
                    unit.item_id,
                    unit.name,
                    path=episode_path(series, number, "/media"),
                    ids=unit.ids,
                    created=_CREATED + timedelta(minutes=number),
                    series_item_id=series_id,
                    series_name=name,
                    season=unit.season,
                    episode=unit.episode,
                )

    @staticmethod
    def _item(kind: ItemKind, item_id: str, name: str, **more: object) -> LibraryItem:
        return LibraryItem(SERVER, item_id, kind, name, year=2011, runtime=2700.0, **more)  # type: ignore[arg-type]

    async def fill(self, path: Path) -> None:
        """Write everything as whole reads of the library would have left it."""
        store = await Store.open(path)
        portion: list[dict[str, object]] = []

        async def put() -> None:
            rows = tuple(portion)
            portion.clear()
            await store._database.run(lambda c: add(c, rows))

        for item in self.items():
            portion.append(prepare(item) | {"came": 1})
            if len(portion) >= _PORTION:
                await put()
        if portion:
            await put()
        known = ReadState(sweep=1, whole=1, taken=1, good_at=NOW, read_at=NOW)
        await store.library.keep_state(known)
        for viewer in range(VIEWERS):
            kept = [*self.rows(viewer)]
            marks = [
                WatchedMark(unit.keys, row.item_id, row.last_played, MarkSource.JELLYFIN)
                for unit, row in kept
            ]
            await store.userdata.take(viewer_id(viewer), [row for _, row in kept])
            await store.watched.mark(viewer_id(viewer), marks)
            await store.userdata.keep_state(viewer_id(viewer), known)
        await store.close()
