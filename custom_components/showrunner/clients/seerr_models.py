"""What Seerr tells, as values. Its lists know ids only: names come from its title pages."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Final, Self

from ..domain.media import MediaType, ProviderIds
from ..domain.text import say
from .errors import Unreadable
from .parse import Json, flag, instant, integer, natural, positive, rows, table, text, year

PRODUCT: Final = "Seerr"
POSTERS: Final = "https://image.tmdb.org/t/p/w600_and_h900_bestv2"
MEDIA: Final = {"movie": MediaType.MOVIE, "tv": MediaType.SERIES}


class RequestStatus(IntEnum):
    """What Seerr has decided of a request. An unknown number is UNKNOWN."""

    UNKNOWN = 0
    PENDING = 1
    APPROVED = 2
    DECLINED = 3
    FAILED = 4
    COMPLETED = 5

    @classmethod
    def of(cls, value: object) -> Self:
        """Read a number; one that nobody knows yet is no error."""
        number = integer(value)
        known = {member.value for member in cls}
        return cls(number) if number in known else cls(0)


class MediaStatus(IntEnum):
    """What Seerr believes to be there of a title. An unknown number is UNKNOWN."""

    UNKNOWN = 1
    PENDING = 2
    PROCESSING = 3
    PARTIAL = 4
    AVAILABLE = 5
    BLOCKLISTED = 6
    DELETED = 7

    @classmethod
    def of(cls, value: object) -> Self:
        """Read a number; one that nobody knows yet is no error."""
        number = integer(value)
        known = {member.value for member in cls}
        return cls(number) if number in known else cls(1)


@dataclass(frozen=True, slots=True)
class SeerrRequest:
    """One request. `service_id` is Seerr's number of an arr, `arr_id` that arr's of the title.

    `updated_at` is not when it was decided: on SQLite, Seerr 3.1 never moves it.
    """

    id: int
    status: RequestStatus
    media: MediaType
    ids: ProviderIds
    is_4k: bool
    seasons: tuple[int, ...]
    created_at: datetime | None
    updated_at: datetime | None
    requested_by: str
    jellyfin_user_id: str | None
    service_id: int | None
    arr_id: int | None
    media_id: int | None
    media_status: MediaStatus
    # Of the other quality (4K of a standard request, and the reverse); None: it is not told.
    other_status: MediaStatus | None = None

    @property
    def closed(self) -> bool:
        """Tell whether nothing can come of it any more: declined, or there and gone again."""
        gone = self.media_status is MediaStatus.DELETED
        return self.status is RequestStatus.DECLINED or (
            self.status is RequestStatus.COMPLETED and gone
        )


@dataclass(frozen=True, slots=True)
class SeerrTitle:
    """What a title is called, where it is known. `other` is its original name, if another one."""

    name: str = ""
    year: int | None = None
    other: str = ""
    poster: str = ""
    ids: ProviderIds = field(default_factory=ProviderIds)


@dataclass(frozen=True, slots=True)
class SeerrArr:
    """An arr as Seerr has it set up. `url` is how Seerr reaches it, which may be its own view."""

    id: int
    name: str
    is_4k: bool
    host: str
    port: int | None
    base: str


def request(row: Json) -> SeerrRequest | None:
    """Read a request; None for a kind that we don't know. Raises Unreadable without an id."""
    number = positive(row.get("id"))
    if number is None:
        raise Unreadable(PRODUCT, say("error_request_without_id"))
    about, by = table(row.get("media")), table(row.get("requestedBy"))
    media = MEDIA.get(text(row.get("type")) or text(about.get("mediaType")) or "")
    if media is None:
        return None
    is_4k = flag(row.get("is4k")) or False
    end, other = ("4k", "") if is_4k else ("", "4k")
    numbers = (natural(season.get("seasonNumber")) for season in rows(row.get("seasons")))
    return SeerrRequest(
        id=number,
        status=RequestStatus.of(row.get("status")),
        media=media,
        ids=ProviderIds.parse(about.get("tmdbId"), about.get("tvdbId"), about.get("imdbId")),
        is_4k=is_4k,
        seasons=tuple(sorted({season for season in numbers if season is not None})),
        created_at=instant(row.get("createdAt")),
        updated_at=instant(row.get("updatedAt")),
        requested_by=text(by.get("displayName")) or text(by.get("jellyfinUsername")) or "",
        jellyfin_user_id=text(by.get("jellyfinUserId")),
        service_id=natural(about.get(f"serviceId{end}")),
        arr_id=positive(about.get(f"externalServiceId{end}")),
        media_id=positive(about.get("id")),
        media_status=MediaStatus.of(about.get(f"status{end}")),
        other_status=MediaStatus.of(status) if (status := about.get(f"status{other}")) else None,
    )


def title(row: Json) -> SeerrTitle:
    """Read a title's page."""
    name = text(row.get("title")) or text(row.get("name")) or ""
    original = text(row.get("originalTitle")) or text(row.get("originalName")) or ""
    released = text(row.get("releaseDate")) or text(row.get("firstAirDate")) or ""
    poster, outside = text(row.get("posterPath")), table(row.get("externalIds"))
    return SeerrTitle(
        name=name,
        year=year(released[:4]),
        other=original if original != name else "",
        poster=f"{POSTERS}{poster}" if poster and poster.startswith("/") else "",
        ids=ProviderIds.parse(
            row.get("id"),
            outside.get("tvdbId") or table(row.get("mediaInfo")).get("tvdbId"),
            row.get("imdbId") or outside.get("imdbId"),
        ),
    )


def arr(row: Json) -> SeerrArr | None:
    """Read an arr's settings; None without a number."""
    number = natural(row.get("id"))  # the first one is 0
    if number is None:
        return None
    return SeerrArr(
        number,
        text(row.get("name")) or "",
        flag(row.get("is4k")) or False,
        (text(row.get("hostname")) or "").lower(),
        positive(row.get("port")),
        (text(row.get("baseUrl")) or "").strip("/"),
    )


def unreached(answer: object) -> frozenset[str]:
    """Name the Radarrs and Sonarrs that Seerr could not ask for their profiles, if it tells."""
    found = table(answer)
    return frozenset(
        f"{product} {name}"
        for key, product in (("radarr", "Radarr"), ("sonarr", "Sonarr"))
        for row in rows(found.get(key))
        if (name := text(row.get("name")))
    )
