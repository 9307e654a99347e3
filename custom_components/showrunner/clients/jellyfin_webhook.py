"""The bodies of Jellyfin's Webhook plugin: flat ("send all properties"), a template's, and nested.

A template writes what it likes: numbers and truths as texts, ids with dashes. Texts arrive with
quotes escaped twice. `at` is our own clock's time of arrival: the plugin sends at once and never
again, and the server's clock may be anywhere.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ..domain.media import ProviderIds, Unit, UnitKind, normalize_guid
from ..domain.text import say
from ..domain.watching import PlaybackReport, ReportKind, ReportSource
from .errors import NotOurs
from .jellyfin_models import is_intro, runtime, seconds
from .jellyfin_sessions import silence
from .parse import Json, flag, instant, natural, table, text, year

_PRODUCT: Final = "Jellyfin"
_PLAYBACK: Final = {
    "playbackstart": ReportKind.STARTED,
    "playbackstarted": ReportKind.STARTED,
    "playbackprogress": ReportKind.PROGRESS,
    "playbackstop": ReportKind.STOPPED,
    "playbackstopped": ReportKind.STOPPED,
}
_UNITS: Final = {"movie": UnitKind.MOVIE, "episode": UnitKind.EPISODE}


@dataclass(frozen=True, slots=True)
class UserDataSaved:
    """What the server keeps of a user and an item was saved; `reason` in its own words."""

    user_id: str
    unit: Unit
    played: bool
    reason: str
    last_played: datetime | None


@dataclass(frozen=True, slots=True)
class LibraryChanged:
    """An item came or went: a hint to look. The plugin tells of each, and may lose any.

    `gone`: it went; `item_id` is empty where it is not told.
    """

    kind: str
    gone: bool = False
    item_id: str = ""


@dataclass(frozen=True, slots=True)
class Ignored:
    """A message of the plugin that we have no use for."""

    kind: str


# Saved every few seconds of a play, and at its start: nothing that the playback does not tell.
_CHATTER: Final = frozenset({"PlaybackProgress", "PlaybackStart"})

_LIBRARY: Final = frozenset({"itemadded", "itemdeleted"})

type WebhookMessage = PlaybackReport | UserDataSaved | LibraryChanged | Ignored


def is_chatter(body: object) -> bool:
    """Tell whether a body only says that a position was saved; cheap, for there are many."""
    return (
        isinstance(body, dict)
        and body.get("NotificationType") == "UserDataSaved"
        and text(body.get("SaveReason")) in _CHATTER
    )


def parse_webhook(body: object, now: datetime, server_id: str | None) -> WebhookMessage:
    """Read a body; `server_id` is our server's. Raises NotOurs."""
    if not isinstance(body, dict):
        raise NotOurs(_PRODUCT, say("error_not_json_object"))
    flat = body if "NotificationType" in body else _flattened(body)
    kind = text(flat.get("NotificationType"))
    if kind is None:
        raise NotOurs(_PRODUCT, say("error_neither_notificationtype_nor_event"))
    said = normalize_guid(flat.get("ServerId"))
    if said is not None and server_id is not None and said != server_id:
        raise NotOurs(_PRODUCT, say("error_comes_from_another_server"))
    plain = "".join(filter(str.isalpha, kind.lower()))
    if plain in _LIBRARY:
        return LibraryChanged(
            kind, plain == "itemdeleted", normalize_guid(flat.get("ItemId")) or ""
        )
    report = _PLAYBACK.get(plain)
    if report is None and kind != "UserDataSaved":
        return Ignored(kind)
    item_type = (text(flat.get("ItemType")) or "").lower()
    if item_type and item_type not in _UNITS:
        return Ignored(kind)
    user_id = normalize_guid(flat.get("UserId"))
    unit = _unit(flat, said or server_id or "")
    if user_id is None or unit is None:
        raise NotOurs(_PRODUCT, say("error_what_was_played_saved_comes_without"))
    if report is None:
        return UserDataSaved(
            user_id,
            unit,
            flag(flat.get("Played")) or False,
            text(flat.get("SaveReason")) or "",
            instant(flat.get("LastPlayedDate")),
        )
    return _report(flat, report, user_id, unit, now)


def _report(
    flat: Json, kind: ReportKind, user_id: str, unit: Unit, now: datetime
) -> PlaybackReport:
    checked_in = instant(flat.get("LastPlaybackCheckIn"))
    return PlaybackReport(
        source=ReportSource.WEBHOOK,
        kind=kind,
        at=now,
        user_id=user_id,
        user_name=_words(flat.get("NotificationUsername")) or "",
        unit=unit,
        position=seconds(flat.get("PlaybackPositionTicks")),
        runtime=runtime(flat.get("RunTimeTicks")),
        paused=flag(flat.get("IsPaused")) or False,
        session_id=text(flat.get("Id")) or "",
        device=text(flat.get("DeviceName")) or "",
        client=text(flat.get("ClientName")) or text(flat.get("Client")) or "",
        play_method=(text(flat.get("PlayMethod")) or "").lower(),
        completed=flag(flat.get("PlayedToCompletion")),
        is_theme=text(flat.get("ExtraType")) is not None
        or any(is_intro(name.removeprefix("Provider_")) for name in flat),
        checked_in=checked_in,
        silent=silence(checked_in, instant(flat.get("UtcTimestamp"))),
    )


def _unit(flat: Json, server_id: str) -> Unit | None:
    item_id = normalize_guid(flat.get("ItemId"))
    if item_id is None:
        return None
    ids = ProviderIds.parse(
        flat.get("Provider_tmdb"), flat.get("Provider_tvdb"), flat.get("Provider_imdb")
    )
    name, made = _words(flat.get("Name")) or "?", year(flat.get("Year"))
    series = _words(flat.get("SeriesName"))
    kind = _UNITS.get((text(flat.get("ItemType")) or "").lower())
    if kind is None:
        kind = UnitKind.EPISODE if series else UnitKind.MOVIE
    if kind is UnitKind.MOVIE:
        return Unit(kind, name, server_id, item_id, ids=ids, year=made)
    return Unit(
        kind,
        name,
        server_id,
        item_id,
        ids=ids,
        series_item_id=normalize_guid(flat.get("SeriesId")),
        series_name=series,
        season=natural(flat.get("SeasonNumber")),
        episode=natural(flat.get("EpisodeNumber")),
    )


def _words(value: object) -> str | None:
    """Read a text; the plugin escapes quotes once more than JSON does."""
    found = text(value)
    return None if found is None else found.replace('\\"', '"')


def _flattened(body: Json) -> Json:
    """Give the nested body of older guides the flat one's names."""
    item, user = table(body.get("Item")), table(body.get("User"))
    play, session = table(body.get("PlaybackInfo")), table(body.get("Session"))
    ids = table(item.get("ProviderIds"))
    provider = {f"Provider_{name.lower()}": value for name, value in ids.items()}
    return provider | {
        "NotificationType": body.get("Event"),
        "ServerId": body.get("ServerId") or table(body.get("Server")).get("Id"),
        "UserId": body.get("UserId") or user.get("Id"),
        "NotificationUsername": user.get("Name"),
        "ItemId": body.get("ItemId") or item.get("Id"),
        "ItemType": item.get("Type"),
        "Name": item.get("Name"),
        "Year": item.get("ProductionYear"),
        "RunTimeTicks": item.get("RunTimeTicks"),
        "SeriesName": item.get("SeriesName"),
        "SeriesId": item.get("SeriesId"),
        "SeasonNumber": item.get("ParentIndexNumber"),
        "EpisodeNumber": item.get("IndexNumber"),
        "PlaybackPositionTicks": play.get("PositionTicks"),
        "PlayMethod": play.get("PlayMethod"),
        "IsPaused": play.get("IsPaused"),
        "PlayedToCompletion": play.get("PlayedToCompletion"),
        "Id": session.get("Id"),
        "DeviceName": session.get("DeviceName"),
        "ClientName": session.get("Client"),
        "Played": table(body.get("UserData")).get("Played"),
        "SaveReason": body.get("SaveReason"),
    }
