"""What Seerr keeps: who asked for what, what it believes to be there, and how it writes that."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntEnum
from itertools import count
from typing import Final

from .catalogue import Film
from .clock import utcnow
from .people import USERS, User
from .radarr_library import Row
from .shows import SHOWS, Show
from .world import World

type Entry = Film | Show

POSTERS: Final = "https://image.tmdb.org/t/p/w600_and_h900_bestv2"
_ADMIN: Final = 2
_MAY_ASK: Final = 32


class Status(IntEnum):
    """What was decided of a request."""

    PENDING = 1
    APPROVED = 2
    DECLINED = 3
    FAILED = 4
    COMPLETED = 5


class MediaStatus(IntEnum):
    """What is there of a title."""

    UNKNOWN = 1
    PENDING = 2
    PROCESSING = 3
    PARTIALLY_AVAILABLE = 4
    AVAILABLE = 5
    BLOCKLISTED = 6
    DELETED = 7


@dataclass(slots=True)
class Media:
    """A title that was asked for. `arr_id`: its number in Radarr or Sonarr, once handed on."""

    id: int
    entry: Entry
    at: datetime
    status: MediaStatus = MediaStatus.UNKNOWN
    arr_id: int | None = None

    def write(self) -> Row:
        """Write it as it stands in a request."""
        at, entry = seerr_time(self.at), self.entry
        return {
            "downloadStatus": [],
            "downloadStatus4k": [],
            "id": self.id,
            "mediaType": kind(entry),
            "tmdbId": entry.tmdb,
            "tvdbId": entry.tvdb if isinstance(entry, Show) else None,
            "imdbId": None,
            "status": int(self.status),
            "status4k": int(MediaStatus.UNKNOWN),
            "createdAt": at,
            "updatedAt": at,
            "lastSeasonChange": at,
            "mediaAddedAt": at,
            "serviceId": None if self.arr_id is None else 0,
            "serviceId4k": None,
            "externalServiceId": self.arr_id,
            "externalServiceId4k": None,
            "externalServiceSlug": None,
            "externalServiceSlug4k": None,
            "ratingKey": None,
            "ratingKey4k": None,
            "jellyfinMediaId": None,
            "jellyfinMediaId4k": None,
        }


@dataclass(slots=True)
class Ask:
    """A request. What changes of it later does not move its time (3.1 on SQLite)."""

    id: int
    media: Media
    user: User
    at: datetime
    status: Status
    seasons: tuple[int, ...] = ()
    modified_by: User | None = None

    def write(self) -> Row:
        """Write it as the API does."""
        at = seerr_time(self.at)
        seasons: list[Row] = [
            {
                "id": self.id * 100 + number,
                "seasonNumber": number,
                "status": int(self.status),
                "createdAt": at,
                "updatedAt": at,
            }
            for number in self.seasons
        ]
        return {
            "id": self.id,
            "status": int(self.status),
            "createdAt": at,
            "updatedAt": at,
            "type": kind(self.media.entry),
            "is4k": False,
            "serverId": None,
            "profileId": None,
            "rootFolder": None,
            "languageProfileId": None,
            "tags": None,
            "isAutoRequest": False,
            "media": self.media.write(),
            "seasons": seasons,
            "modifiedBy": None if self.modified_by is None else person(self.modified_by),
            "requestedBy": person(self.user),
            "seasonCount": len(seasons),
        }


@dataclass(slots=True)
class Book:
    """All requests of one Seerr."""

    world: World
    asks: dict[int, Ask] = field(default_factory=dict)
    media: dict[int, Media] = field(default_factory=dict)
    _ids: Iterator[int] = field(default_factory=lambda: count(1))

    def entry(self, media_type: str, tmdb: int) -> Entry | None:
        """Find a title as TMDb would."""
        shows = (*SHOWS, *self.world.shows)
        entries = self.world.films.values() if media_type == "movie" else shows
        return next((entry for entry in entries if entry.tmdb == tmdb), None)

    def medium(self, entry: Entry) -> Media:
        """Give what is known of a title; a new one if nothing."""
        found = next((one for one in self.media.values() if one.entry == entry), None)
        if found is None:
            found = Media(len(self.media) + 1, entry, utcnow())
            self.media[found.id] = found
        return found

    def ask(
        self, entry: Entry, user: User, seasons: tuple[int, ...] = (), at: datetime | None = None
    ) -> Ask:
        """Ask for a title; an administrator's request is approved at once."""
        media = self.medium(entry)
        status = Status.APPROVED if user.administrator else Status.PENDING
        if media.status in (MediaStatus.UNKNOWN, MediaStatus.DELETED):
            media.status = MediaStatus.PENDING
        made = Ask(next(self._ids), media, user, at or utcnow(), status, seasons)
        self.asks[made.id] = made
        return made

    def of(self, media: Media) -> list[Ask]:
        """List a title's requests."""
        return [ask for ask in self.asks.values() if ask.media is media]

    def open_seasons(self, show: Show, wanted: object) -> tuple[int, ...]:
        """Say which of these seasons nobody has asked for yet."""
        every = range(1, len(show.seasons) + 1)
        numbers = every if wanted == "all" else [n for n in _list(wanted) if isinstance(n, int)]
        media = self.medium(show)
        taken = {
            season
            for ask in self.of(media)
            if ask.status is not Status.DECLINED
            for season in ask.seasons
        }
        return tuple(sorted({n for n in numbers if n in every and n not in taken}))

    def forget(self, ask: Ask) -> None:
        """Delete a request; a title that nobody wants any more is as new."""
        self.asks.pop(ask.id, None)
        media = ask.media
        if not self.of(media) and media.status < MediaStatus.PARTIALLY_AVAILABLE:
            media.status = MediaStatus.UNKNOWN

    def forget_media(self, media: Media) -> None:
        """Forget a title with all its requests."""
        for ask in self.of(media):
            self.asks.pop(ask.id, None)
        self.media.pop(media.id, None)


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def kind(entry: Entry) -> str:
    """Give Seerr's word for a kind of title."""
    return "movie" if isinstance(entry, Film) else "tv"


def user_id(user: User) -> int:
    """Give Seerr's number of a user."""
    return USERS.index(user) + 1


def person(user: User) -> Row:
    """Write a user."""
    return {
        "permissions": _ADMIN if user.administrator else _MAY_ASK,
        "warnings": [],
        "id": user_id(user),
        "email": user.name.lower(),
        "plexUsername": None,
        "jellyfinUsername": user.name,
        "username": None,
        "userType": 3,
        "jellyfinUserId": user.id,
        "avatar": f"/avatarproxy/{user.id}",
        "movieQuotaLimit": None,
        "movieQuotaDays": None,
        "tvQuotaLimit": None,
        "tvQuotaDays": None,
        "createdAt": "2026-01-01T00:00:00.000Z",
        "updatedAt": "2026-01-01T00:00:00.000Z",
        "requestCount": 0,
        "displayName": user.name,
    }


def poster(entry: Entry) -> str:
    """Name a title's poster, as TMDb does."""
    return f"/p{entry.tmdb}.jpg"


def seerr_time(at: datetime) -> str:
    """Write an instant as Seerr does: whole seconds, written as milliseconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
