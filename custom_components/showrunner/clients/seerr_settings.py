"""The settings of Seerr's only webhook: whose it is, and what ours looks like.

Seerr up to 3.1 reads the template as a JSON text within a JSON text (`doubled`), later ones as it
is; both give it back plain, and both accept the wrong form and fail only when they deliver.
"""

from collections.abc import Mapping
import json
from typing import Final

from .parse import Json, table, text, url_path

# Every event about requests (schemas' bit mask): pending, approved, available, failed, declined,
# automatically approved. Issues are not ours.
TYPES: Final = 2 | 4 | 8 | 16 | 64 | 128
_MEDIA: Final = {
    "media_type": "{{media_type}}",
    "tmdbId": "{{media_tmdbid}}",
    "tvdbId": "{{media_tvdbid}}",
    "status": "{{media_status}}",
    "status4k": "{{media_status4k}}",
}
_HEAD: Final = {
    name: f"{{{{{name}}}}}"
    for name in ("notification_type", "event", "subject", "message", "image")
}
# No more than we read: nobody's e-mail address travels for nothing.
_OURS: Final = {
    **_HEAD,
    "{{media}}": _MEDIA,
    "{{request}}": {
        "request_id": "{{request_id}}",
        "requestedBy_username": "{{requestedBy_username}}",
    },
    "{{extra}}": [],
}


def _person(name: str) -> dict[str, str]:
    ends = ("email", "username", "avatar", "settings_discordId", "settings_telegramChatId")
    return {f"{name}_{end}": f"{{{{{name}_{end}}}}}" for end in ends}


# What a fresh Seerr 3.1 has, for whoever takes the webhook after us.
_DEFAULT: Final = {
    **_HEAD,
    "{{media}}": _MEDIA,
    "{{request}}": {"request_id": "{{request_id}}", **_person("requestedBy")},
    "{{issue}}": {
        **{name: f"{{{{{name}}}}}" for name in ("issue_id", "issue_type", "issue_status")},
        **_person("reportedBy"),
    },
    "{{comment}}": {"comment_message": "{{comment_message}}", **_person("commentedBy")},
    "{{extra}}": [],
}


def webhook_settings(url: str, *, doubled: bool) -> dict[str, object]:
    """Give the settings for our address."""
    return _settings(_OURS, url, TYPES, doubled=doubled)


def given_back(*, doubled: bool) -> dict[str, object]:
    """Give the settings of a webhook that nobody uses."""
    return _settings(_DEFAULT, "", 0, doubled=doubled)


def _settings(
    template: Mapping[str, object], url: str, types: int, *, doubled: bool
) -> dict[str, object]:
    plain = json.dumps(template, indent=4)
    return {
        "enabled": bool(url),
        "embedPoster": True,
        "types": types,
        "options": {
            "webhookUrl": url,
            "jsonPayload": json.dumps(plain) if doubled else plain,
            "authHeader": "",
            "supportVariables": False,
        },
    }


def is_free(settings: Json) -> bool:
    """Tell whether nobody uses the webhook: no address was ever given, or it was taken out."""
    return not text(table(settings.get("options")).get("webhookUrl"))


def is_ours(settings: Json, url: str) -> bool:
    """Tell by the path, which ends with our secret: Home Assistant's address may have changed."""
    path = url_path(table(settings.get("options")).get("webhookUrl"))
    return path is not None and path == url_path(url)


def configured(settings: Json, url: str) -> bool:
    """Tell whether the settings are ours and as they should be."""
    options = table(settings.get("options"))
    return (
        settings.get("enabled") is True
        and options.get("webhookUrl") == url
        and settings.get("types") == TYPES
        and is_readable(settings)
        and "{{request_id}}" in str(options.get("jsonPayload"))
    )


def is_readable(settings: Json) -> bool:
    """Tell whether Seerr gives its template back as a text, as it does only of the right form."""
    return isinstance(table(settings.get("options")).get("jsonPayload"), str)
