"""Our use of Seerr's only webhook: taken when it is free, given back, and never somebody else's.

Seerr calls the address while it is asked to test it, so our webhook must be there by then.
"""

from collections.abc import Mapping
from enum import StrEnum
import json
from typing import Final
from urllib.parse import urlsplit

from ..domain.text import say
from .errors import Refused, Unreadable
from .http import HttpClient
from .parse import Json, table
from .redaction import conceal
from .seerr_settings import (
    configured,
    given_back,
    is_free,
    is_ours,
    is_readable,
    webhook_settings,
)

_WEBHOOK: Final = "/settings/notifications/webhook"
_JSON: Final = {"Content-Type": "application/json"}
_FAILED: Final = 500
# Seerr calls us in between, and waits for our answer.
_TIMEOUT: Final = 40.0


class WebhookUse(StrEnum):
    """What Seerr's only webhook is used for, as far as we know."""

    UNKNOWN = "unknown"
    FREE = "free"
    OURS = "ours"
    FOREIGN = "foreign"
    FAILED = "failed"


class Taken(Refused):
    """The webhook is somebody else's."""


class SeerrNotifications:
    """The webhook of one Seerr. Every method raises a ServiceError. `use`: as last seen."""

    def __init__(self, http: HttpClient) -> None:
        """Take the connection."""
        self.use = WebhookUse.UNKNOWN
        self._http = http

    async def look(self, url: str) -> WebhookUse:
        """Say what the webhook is used for; `url` is ours."""
        conceal(urlsplit(url).path.rsplit("/", 1)[-1])
        settings = await self._settings()
        if is_ours(settings, url):
            self.use = WebhookUse.OURS
        else:
            self.use = WebhookUse.FREE if is_free(settings) else WebhookUse.FOREIGN
        return self.use

    async def ensure(self, url: str) -> bool:
        """Have Seerr call `url`; tell whether anything had to be changed for that.

        The template goes out in the form that this version reads: its own test tells which.
        Raises Taken when somebody else has the webhook, Refused when neither form is delivered.
        """
        if await self.look(url) is WebhookUse.FOREIGN:
            raise Taken(self._http.service, 0, say("error_only_webhook_used_something_else"))
        self.use = WebhookUse.FAILED
        changed = not configured(await self._settings(), url)
        if changed:
            await self._take(url)
        self.use = WebhookUse.OURS
        return changed

    async def _take(self, url: str) -> None:
        for doubled in (False, True):
            settings = webhook_settings(url, doubled=doubled)
            if await self._delivers(settings):
                await self._write(settings)
                if is_readable(await self._settings()):
                    return
        said = say("error_cant_reach_home_assistant")
        raise Refused(self._http.service, 0, said)

    async def _delivers(self, settings: Mapping[str, object]) -> bool:
        """Have Seerr call us with these settings, unsaved. A form that it can't read is a 500."""
        answer = await self._http.exchange(
            "POST",
            f"{_WEBHOOK}/test",
            data=json.dumps(settings).encode(),
            headers=_JSON,
            timeout=_TIMEOUT,
        )
        if answer.status == _FAILED:
            return False
        self._http.check(answer)
        return True

    async def remove(self, url: str) -> bool:
        """Give the webhook back as a fresh Seerr has it; tell whether it was ours."""
        if await self.look(url) is not WebhookUse.OURS:
            return False
        for doubled in (False, True):
            await self._write(given_back(doubled=doubled))
            if is_readable(await self._settings()):
                break
        self.use = WebhookUse.FREE
        return True

    async def _write(self, settings: Mapping[str, object]) -> None:
        await self._http.request("POST", _WEBHOOK, body=settings)

    async def _settings(self) -> Json:
        answer = table(await self._http.get(_WEBHOOK))
        if "options" not in answer:
            raise Unreadable(self._http.service, say("error_webhooks_settings_have_another_shape"))
        return answer
