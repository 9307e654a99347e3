"""The configuration of Jellyfin's Webhook plugin: our destination in it, and nobody else's."""

from typing import Final

from ..domain.text import say
from .errors import Unreadable
from .parse import Json, rows, url_path

_OPTIONS: Final = "GenericOptions"
_EVENTS: Final = ["PlaybackStart", "PlaybackStop", "UserDataSaved", "ItemAdded", "ItemDeleted"]


def with_webhook(configuration: Json, url: str, name: str) -> Json | None:
    """Give the configuration with our destination, None when it is there as it should be."""
    options = _destinations(configuration)
    mine = [one for one in options if _is_ours(one, url)]
    wanted = _destination(url, name)
    if len(mine) == 1 and all(mine[0].get(key) == value for key, value in wanted.items()):
        return None
    kept = [one for one in options if not _is_ours(one, url)]
    before = dict(mine[0]) if mine else {}
    return {**configuration, _OPTIONS: [*kept, before | wanted]}


def without_webhook(configuration: Json, url: str) -> Json | None:
    """Give the configuration without our destination, None when it has none."""
    options = _destinations(configuration)
    kept = [one for one in options if not _is_ours(one, url)]
    return None if len(kept) == len(options) else {**configuration, _OPTIONS: kept}


def _destinations(configuration: Json) -> list[Json]:
    found = configuration.get(_OPTIONS)
    if found is None:
        return []
    if not isinstance(found, list) or len(rows(found)) != len(found):
        raise Unreadable("Jellyfin", say("error_webhook_plugins_configuration_another_shape"))
    return rows(found)


def _is_ours(destination: Json, url: str) -> bool:
    """Tell by the path, which ends with our secret: Home Assistant's address may have changed."""
    path = url_path(destination.get("WebhookUri"))
    return path is not None and path == url_path(url)


def _destination(url: str, name: str) -> dict[str, object]:
    return {
        "NotificationTypes": _EVENTS,
        "WebhookName": name,
        "WebhookUri": url,
        "EnableMovies": True,
        "EnableEpisodes": True,
        "EnableSeries": False,
        "EnableSeasons": False,
        "EnableAlbums": False,
        "EnableSongs": False,
        "EnableVideos": False,
        "SendAllProperties": True,
        "TrimWhitespace": False,
        "SkipEmptyMessageBody": False,
        "EnableWebhook": True,
        "Template": "",
        "UserFilter": [],
        "Headers": [{"Key": "Content-Type", "Value": "application/json"}],
        "Fields": [],
    }
