"""What Radarr and Sonarr tell in the same words: queue, root folders, anime, posters."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ..domain.paths import components
from ..domain.text import Text, say
from .errors import Unreadable
from .parse import (
    Json,
    flag,
    instant,
    natural,
    number,
    path,
    positive,
    rows,
    table,
    text,
    texts,
)
from .redaction import excerpt

ANIME: Final = "anime"
# Of a reason in an arr's own words so much is kept (characters).
LONGEST: Final = 500


@dataclass(frozen=True, slots=True)
class RootFolder:
    """A root folder; `free_bytes` None when the arr can't tell."""

    id: int
    path: str
    free_bytes: int | None
    accessible: bool


@dataclass(frozen=True, slots=True)
class HealthFinding:
    """What an arr finds wrong with itself: which check says so, and in which words.

    `page`: which part of its manual is about it; that is in no language, unlike the words.
    """

    check: str
    message: str
    page: str


@dataclass(frozen=True, slots=True)
class QueueItem:
    """A download under way. Without any title's id the arr does not know what it is.

    Sonarr has one of these for each episode; those of one download share `download_id`.
    """

    id: int
    movie_id: int | None
    title: str
    status: str
    tracked_state: str
    tracked_status: str
    download_id: str | None
    size: float
    size_left: float
    eta: datetime | None
    messages: tuple[str, ...]
    output_path: str | None
    series_id: int | None = None
    episode_id: int | None = None

    @property
    def is_imported(self) -> bool:
        """Tell whether all of it was imported: then it stays in the queue for a moment only."""
        return self.tracked_state.lower() == "imported"

    @property
    def media_id(self) -> int | None:
        """The movie, or the series."""
        return self.series_id if self.movie_id is None else self.movie_id


def identity(row: Json, what: Text, product: str) -> int:
    """Read the number that says what a row is: without it the answer can't be believed."""
    found = positive(row.get("id"))
    if found is None:
        raise Unreadable(product, say("error_what_without_id", what=what))
    return found


def queue_item(row: Json) -> QueueItem:
    """Read a row of the queue. One without an id is under way all the same: its id is 0."""
    said = [
        excerpt(message, LONGEST)
        for status in rows(row.get("statusMessages"))
        for message in texts(status.get("messages"))
    ]
    if error := text(row.get("errorMessage")):
        said.insert(0, excerpt(error, LONGEST))
    return QueueItem(
        id=positive(row.get("id")) or 0,
        movie_id=positive(row.get("movieId")),
        title=text(row.get("title")) or "",
        status=text(row.get("status")) or "",
        tracked_state=text(row.get("trackedDownloadState")) or "",
        tracked_status=text(row.get("trackedDownloadStatus")) or "",
        download_id=text(row.get("downloadId")),
        size=max(number(row.get("size")) or 0.0, 0.0),
        size_left=max(number(row.get("sizeleft")) or 0.0, 0.0),
        eta=instant(row.get("estimatedCompletionTime")),
        messages=tuple(dict.fromkeys(said)),
        output_path=path(row.get("outputPath")),
        series_id=positive(row.get("seriesId")),
        episode_id=positive(row.get("episodeId")),
    )


def root_folder(row: Json, product: str) -> RootFolder:
    """Read a root folder. Raises Unreadable for one without an id or a path."""
    folder = path(row.get("path"))
    if folder is None:
        raise Unreadable(product, say("error_root_folder_without_path"))
    return RootFolder(
        id=identity(row, say("record_root_folder"), product),
        path=folder,
        free_bytes=natural(row.get("freeSpace")),
        accessible=flag(row.get("accessible")) is not False,
    )


def health_finding(row: Json, product: str) -> HealthFinding:
    """Read what is wrong. Raises Unreadable where it does not say what has been looked at."""
    check = text(row.get("source"))
    if check is None:
        raise Unreadable(product, say("error_health_without_check"))
    page = (text(row.get("wikiUrl")) or "").rpartition("#")[2]
    return HealthFinding(check, text(row.get("message")) or check, page.replace("_", "-"))


def is_anime_folder(folder: str | None) -> bool:
    """Tell whether a folder's own name, or that of one above it, says anime as a word."""
    return any(
        ANIME in "".join(c if c.isalnum() else " " for c in part.casefold()).split()
        for part in components(folder or "") or ()
    )


def runtime(row: Json) -> float | None:
    """Read how long something is, in seconds: the arrs tell minutes, and 0 for unknown."""
    minutes = positive(row.get("runtime"))
    return None if minutes is None else minutes * 60.0


def resolution(row: Json) -> int | None:
    """Read how many lines the quality of a file has; the arrs tell 0 where they don't know."""
    return positive(table(table(row.get("quality")).get("quality")).get("resolution"))


def poster(row: Json) -> str:
    """Find the public address of the poster; the arr's own needs its key."""
    found = (
        text(image.get("remoteUrl"))
        for image in rows(row.get("images"))
        if image.get("coverType") == "poster"
    )
    return next((url for url in found if url is not None), "")
