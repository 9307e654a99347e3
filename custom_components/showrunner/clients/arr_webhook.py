"""What Radarr and Sonarr send to our webhook, read for what it says and no further.

One trap: Sonarr sends a Download for each file and another one for the whole pack, which names
every episode that was grabbed, whether it was imported or not.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from ..domain.media import MOVIE, MediaType, Place, ProviderIds
from ..domain.text import say
from .arr_models import ANIME, is_anime_folder
from .errors import NotOurs
from .parse import Json, instant, natural, path, positive, rows, table, text, texts, year


class ArrEvent(StrEnum):
    """The kinds of messages; what we have no use for is OTHER."""

    TEST = "test"
    GRAB = "grab"
    IMPORT = "download"
    RENAME = "rename"
    ADDED = "added"
    TITLE_DELETED = "title_deleted"
    FILE_DELETED = "file_deleted"
    BLOCKED = "manualinteractionrequired"
    OTHER = "other"


_EVENTS: Final[Mapping[str, ArrEvent]] = {
    "test": ArrEvent.TEST,
    "grab": ArrEvent.GRAB,
    "download": ArrEvent.IMPORT,
    "rename": ArrEvent.RENAME,
    "movieadded": ArrEvent.ADDED,
    "seriesadd": ArrEvent.ADDED,
    "moviedelete": ArrEvent.TITLE_DELETED,
    "seriesdelete": ArrEvent.TITLE_DELETED,
    "moviefiledelete": ArrEvent.FILE_DELETED,
    "episodefiledelete": ArrEvent.FILE_DELETED,
    "manualinteractionrequired": ArrEvent.BLOCKED,
}
# A message that is about a title, and about which kind, is told by its own part of the body.
_NAMES: Final = {MediaType.MOVIE: "movie", MediaType.SERIES: "series"}
_SAID: Final = {MediaType.MOVIE: say("record_movie"), MediaType.SERIES: say("record_series")}
_ABOUT_TITLES: Final = frozenset(_EVENTS.values()) - {ArrEvent.BLOCKED}


@dataclass(frozen=True, slots=True)
class ArrFile:
    """A file that was imported or deleted."""

    id: int | None
    path: str
    added: datetime | None


@dataclass(frozen=True, slots=True)
class ArrMessage:
    """One message. `at` is when it came; `download` is in upper case, empty for a manual import.

    `complete`: it speaks of a whole download and not of one file. `places` maps Sonarr's episode
    ids to their numbers, or holds the movie. `unnamed`: it also speaks of episodes whose numbers
    it does not tell.
    """

    event: ArrEvent
    at: datetime
    media: MediaType
    arr_id: int | None = None
    ids: ProviderIds = field(default_factory=ProviderIds)
    anime: bool | None = None
    places: Mapping[int, Place] | None = None
    download: str = ""
    files: tuple[ArrFile, ...] = ()
    complete: bool = False
    year: int | None = None
    unnamed: bool = False

    @property
    def units(self) -> tuple[Place, ...]:
        """The units that it speaks of."""
        return tuple(dict.fromkeys((self.places or {}).values()))

    @property
    def grabbed(self) -> tuple[Place | None, ...]:
        """The units that a download is for, and None for what can't be named."""
        return (*self.units, None) if self.unnamed else self.units


def read(body: object, at: datetime, media: MediaType) -> ArrMessage:
    """Read a decoded body of Radarr (movies) or Sonarr (series). Raises NotOurs."""
    product = "Radarr" if media is MediaType.MOVIE else "Sonarr"
    if not isinstance(body, Mapping) or (named := text(body.get("eventType"))) is None:
        raise NotOurs(product, say("error_not_message_arr"))
    other = _NAMES[MediaType.SERIES if media is MediaType.MOVIE else MediaType.MOVIE]
    event = _EVENTS.get(named.lower(), ArrEvent.OTHER)
    title = table(body.get(_NAMES[media]))
    if not title and (event in _ABOUT_TITLES or other in body):
        raise NotOurs(product, say("error_message_not_about_media", media=_SAID[media]))
    if event in (ArrEvent.TEST, ArrEvent.OTHER):
        return ArrMessage(event, at, media)
    places = _places(body, title, media)
    return ArrMessage(
        event=event,
        at=at,
        media=media,
        arr_id=positive(title.get("id")),
        ids=ProviderIds.parse(title.get("tmdbId"), title.get("tvdbId"), title.get("imdbId")),
        year=year(title.get("year")),
        anime=_anime(title, media) if title else None,
        places=places,
        download=(text(body.get("downloadId")) or "").upper(),
        files=_files(body),
        complete="episodeFiles" in body,
        unnamed=media is MediaType.SERIES and len(places) < max(_count(body, "episodes"), 1),
    )


def _count(body: Json, name: str) -> int:
    value = body.get(name)
    return len(value) if isinstance(value, list) else 0


def _anime(title: Json, media: MediaType) -> bool:
    kind = (text(title.get("type")) or "").lower()
    labels = {label.lower() for label in texts(title.get("tags"))}
    is_anime = ANIME in labels if media is MediaType.MOVIE else kind == ANIME
    folder = path(title.get("folderPath")) or path(title.get("path"))
    # The last part is the title's own folder, and a film may be called so.
    above = folder.replace("\\", "/").rstrip("/").rpartition("/")[0] if folder else None
    return is_anime or is_anime_folder(above)


def _places(body: Json, title: Json, media: MediaType) -> Mapping[int, Place]:
    if media is MediaType.MOVIE:
        return {0: MOVIE} if title else {}
    found: dict[int, Place] = {}
    for index, row in enumerate(rows(body.get("episodes"))):
        season, number = natural(row.get("seasonNumber")), natural(row.get("episodeNumber"))
        if season is not None and number is not None:
            # Without an id it still counts, under a number that no episode has.
            found[positive(row.get("id")) or -1 - index] = Place(season, number)
    return found


def _files(body: Json) -> tuple[ArrFile, ...]:
    one = [table(body.get(name)) for name in ("movieFile", "episodeFile")]
    several = rows(body.get("episodeFiles"))
    return tuple(
        ArrFile(positive(row.get("id")), path(row.get("path")) or "", instant(row.get("dateAdded")))
        for row in (*one, *several)
        if row
    )
