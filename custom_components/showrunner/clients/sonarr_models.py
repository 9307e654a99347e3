"""What Sonarr tells, as values. Bytes, and instants in UTC."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ..domain.media import MediaType, ProviderIds, Title
from ..domain.text import say
from . import arr_models
from .arr_models import ANIME, identity
from .errors import Unreadable
from .parse import (
    Json,
    flag,
    instant,
    integer,
    natural,
    path,
    positive,
    released,
    rows,
    size,
    table,
    text,
    texts,
    year,
)

PRODUCT: Final = "Sonarr"


@dataclass(frozen=True, slots=True)
class SonarrSeason:
    """A season. `episodes` counts all of it, `files` those that are there."""

    number: int
    monitored: bool
    episodes: int
    files: int


@dataclass(frozen=True, slots=True)
class SonarrSeries:
    """A series. `kind` is Sonarr's seriesType; `tags` are numbers of labels.

    `total_episodes` counts what Sonarr knows of, aired or not; None when it does not say.
    """

    id: int
    title: Title
    path: str
    root_folder: str | None
    monitored: bool
    kind: str
    status: str
    ended: bool | None
    tags: tuple[int, ...]
    genres: tuple[str, ...]
    seasons: tuple[SonarrSeason, ...]
    total_episodes: int | None
    size_bytes: int
    quality_profile_id: int | None
    added: datetime | None
    titles: tuple[str, ...] = ()
    poster: str = ""

    @property
    def is_anime(self) -> bool:
        """Tell whether Sonarr treats it as an anime, or keeps it among them."""
        return self.kind == ANIME or arr_models.is_anime_folder(self.root_folder)


@dataclass(frozen=True, slots=True)
class SonarrEpisode:
    """An episode. Two may share one `file_id`; not all versions tell `last_search`.

    `runtime` in seconds.
    """

    id: int
    series_id: int | None
    season: int
    number: int
    name: str
    aired_at: datetime | None
    monitored: bool
    has_file: bool
    file_id: int | None
    last_search: datetime | None
    absolute: int | None = None
    runtime: float | None = None


@dataclass(frozen=True, slots=True)
class SonarrFile:
    """A file of one episode or of several. `resolution` of its quality in lines, if it has any."""

    id: int
    series_id: int | None
    season: int | None
    path: str
    size_bytes: int
    quality: str
    added: datetime | None
    resolution: int | None = None


def titled(row: Json) -> Title:
    """Read which series it is, also one that was not added."""
    ids = ProviderIds.parse(row.get("tmdbId"), row.get("tvdbId"), row.get("imdbId"))
    name = text(row.get("title")) or "?"
    return Title(MediaType.SERIES, ids, name, year(row.get("year")))


def tvdb_of(row: Json) -> int | None:
    """Read a series' number in TheTVDB."""
    return positive(row.get("tvdbId"))


def series(row: Json) -> SonarrSeries:
    """Read a series."""
    statistics = table(row.get("statistics"))
    alternative = tuple(
        found for other in rows(row.get("alternateTitles")) if (found := text(other.get("title")))
    )
    tags = row.get("tags")
    return SonarrSeries(
        id=identity(row, say("record_series"), PRODUCT),
        title=titled(row),
        path=path(row.get("path")) or "",
        root_folder=path(row.get("rootFolderPath")),
        monitored=flag(row.get("monitored")) or False,
        kind=(text(row.get("seriesType")) or "").lower(),
        status=(text(row.get("status")) or "").lower(),
        ended=flag(row.get("ended")),
        tags=tuple(
            tag
            for one in (tags if isinstance(tags, list) else ())
            if (tag := integer(one)) is not None
        ),
        genres=texts(row.get("genres")),
        seasons=tuple(
            season for one in rows(row.get("seasons")) if (season := _season(one)) is not None
        ),
        total_episodes=natural(statistics.get("totalEpisodeCount")),
        size_bytes=size(statistics.get("sizeOnDisk")) or 0,
        quality_profile_id=positive(row.get("qualityProfileId")),
        added=instant(row.get("added")),
        titles=alternative,
        poster=arr_models.poster(row),
    )


def _season(row: Json) -> SonarrSeason | None:
    season = natural(row.get("seasonNumber"))
    if season is None:
        return None  # season 0 is a season like any other; one without a number is none
    statistics = table(row.get("statistics"))
    return SonarrSeason(
        season,
        flag(row.get("monitored")) or False,
        natural(statistics.get("totalEpisodeCount")) or 0,
        natural(statistics.get("episodeFileCount")) or 0,
    )


def episode(row: Json) -> SonarrEpisode:
    """Read an episode. Raises Unreadable for one without an id, a season or a number."""
    season, episode_number = natural(row.get("seasonNumber")), natural(row.get("episodeNumber"))
    if season is None or episode_number is None:
        raise Unreadable(PRODUCT, say("error_episode_without_season_number"))
    return SonarrEpisode(
        id=identity(row, say("record_episode"), PRODUCT),
        series_id=positive(row.get("seriesId")),
        season=season,
        number=episode_number,
        name=text(row.get("title")) or "",
        aired_at=released(row.get("airDateUtc")),
        monitored=flag(row.get("monitored")) or False,
        has_file=flag(row.get("hasFile")) or False,
        file_id=positive(row.get("episodeFileId")),
        last_search=instant(row.get("lastSearchTime")),
        absolute=positive(row.get("absoluteEpisodeNumber")),
        runtime=arr_models.runtime(row),
    )


def file(row: Json) -> SonarrFile:
    """Read a file. Raises Unreadable for one without an id or a path."""
    place = path(row.get("path"))
    if place is None:
        raise Unreadable(PRODUCT, say("error_episode_file_without_path"))
    return SonarrFile(
        id=identity(row, say("record_episode_file"), PRODUCT),
        series_id=positive(row.get("seriesId")),
        season=natural(row.get("seasonNumber")),
        path=place,
        size_bytes=size(row.get("size")) or 0,
        quality=text(table(table(row.get("quality")).get("quality")).get("name")) or "",
        added=instant(row.get("dateAdded")),
        resolution=arr_models.resolution(row),
    )
