"""What all coordinators share: one place decides what a client's error means.

A wrong key starts the reauthentication of that service alone and the polling goes on, so that one
dead service never takes down the others and comes back by itself. Before it has ever answered, the
server's own makes the entry wait, and not fail: a refusal may pass.
"""

from abc import abstractmethod
import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
import logging
from typing import Any, ClassVar, Final, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.debounce import Debouncer
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed
from homeassistant.util import dt as dt_util

from ..clients.errors import ServiceError, Unauthorized
from ..const import DOMAIN
from ..domain.fall import Fall, FallMoved
from ..domain.requests.hints import SETTLES
from ..domain.text import Words
from ..signals import Signals, Topic
from ..store import StoreError
from ..texts import said
from .reauth import KeyQuestion

_LOGGER = logging.getLogger(__name__)

DOWN_AFTER: Final = timedelta(minutes=10)
_SOON: Final = timedelta(seconds=30)
# How long a refused name and password rest: five wrong ones in ten minutes are a common limit.
LOGIN_RESTS: Final = timedelta(minutes=10)
# A service that calls us again and again is looked at no more often than so (seconds).
COOLDOWN: Final = 3.0
_WRITTEN: Final = SETTLES.total_seconds() + 0.1


type Worker = tuple[str, Callable[[], Coroutine[Any, Any, None]]]


class ServiceCoordinator[DataT](DataUpdateCoordinator[DataT]):
    """Looks after one linked service. `data` is None until the first good answer."""

    config_entry: ConfigEntry[Any]
    # Whether a name and a password are tried: who repeats wrong ones is banned.
    signs_in: ClassVar[bool] = False

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        signals: Signals,
        *,
        service: str,
        title: str,
        interval: timedelta,
        subentry_id: str | None = None,
        cooldown: float = COOLDOWN,
    ) -> None:
        """Prepare; nothing is asked yet. `service` is the product's name, `title` the person's.

        `cooldown`: how often at the most it is looked at because somebody calls (seconds).
        """
        super().__init__(
            hass,
            _LOGGER,
            config_entry=entry,
            name=title if service in title else f"{service} ({title})",
            update_interval=interval,
            always_update=False,
            request_refresh_debouncer=Debouncer(hass, _LOGGER, cooldown=cooldown, immediate=True),
        )
        self.service = service
        self.title = title
        self.subentry_id = subentry_id
        self.signals = signals
        self.last_error: Words = ""
        self.last_success: datetime | None = None
        # A login was refused twice in a row; it is not tried again for a while.
        self.rests = False
        self._down_since: datetime | None = None
        self._down_announced = False
        self._fall_shown: Fall | None = None
        self._question = KeyQuestion(hass, entry, subentry_id, title)
        self._looks: asyncio.Task[None] | None = None
        self._woken = False
        self._second_look: asyncio.TimerHandle | None = None
        self._ends: list[Callable[[], None]] = []

    def until_shutdown(self, end: Callable[[], None]) -> None:
        """Call `end` when the service is no longer looked after: unlinked, changed or unloaded."""
        self._ends.append(end)

    @override
    async def async_shutdown(self) -> None:
        """Look no more. May be called twice."""
        await super().async_shutdown()
        if self._second_look is not None:
            self._second_look.cancel()
        ends, self._ends = self._ends, []
        for end in ends:
            end()

    @property
    def connected(self) -> bool:
        """Tell whether the service answered the last time."""
        return self.last_update_success and self.last_success is not None

    @property
    def version(self) -> str:
        """The version that the service told last; empty before, and where it tells none."""
        return ""

    @property
    def workers(self) -> tuple[Worker, ...]:
        """What runs for the service as long as it is linked, beside the polls, with its name."""
        return ()

    # -- a sudden fall ---------------------------------------------------------------------------

    @property
    def fall(self) -> Fall | None:
        """What the service has suddenly lost, as long as that waits for a second answer (law 9)."""
        return None

    async def accept_fall(self, mark: str) -> None:
        """Believe the fall of this mark, because a person confirms it; nothing beyond it.

        Raises FallMoved, StoreError.
        """
        raise FallMoved

    # -- looking at once -------------------------------------------------------------------------

    @callback
    def look_soon(self) -> None:
        """Look now, because somebody says that something has happened."""
        self._woken = True
        if self._looks is None or self._looks.done():
            self._looks = self.config_entry.async_create_background_task(
                self.hass, self._look_as_woken(), f"{self.name} look"
            )

    async def _look_as_woken(self) -> None:
        while self._woken:
            self._woken = False
            await self.async_request_refresh()

    @callback
    def look_twice(self) -> None:
        """Look now, and once more when what a webhook told must have been written."""
        self.look_soon()
        if self._second_look is not None:
            self._second_look.cancel()
        self._second_look = self.hass.loop.call_later(_WRITTEN, self.look_soon)

    @abstractmethod
    async def _fetch(self) -> DataT:
        """Ask the service; raise a ServiceError when it doesn't answer well."""

    @override
    async def _async_update_data(self) -> DataT:
        try:
            return await self._looked()
        finally:
            if self.fall != self._fall_shown:
                self._fall_shown = self.fall
                self.signals.send(Topic.FALL, "changed", {"service": self.title})

    async def _looked(self) -> DataT:
        try:
            data = await self._fetch()
        except Unauthorized as err:
            self._note_failure(err)
            self.rests = self._question.refused() and self.signs_in
            raise UpdateFailed(
                # Soon: what is over by then was not about the key.
                retry_after=LOGIN_RESTS.total_seconds() if self.rests else self._soon(),
                translation_domain=DOMAIN,
                translation_key="service_unauthorized",
                translation_placeholders={
                    "service": self.title,
                    "error": said(self.hass, err.said),
                },
            ) from err
        except ServiceError as err:
            self._note_failure(err)
            raise UpdateFailed(
                translation_domain=DOMAIN,
                translation_key="service_failed",
                translation_placeholders={
                    "service": self.title,
                    "error": said(self.hass, err.said),
                },
            ) from err
        except StoreError as err:
            # The service is well, our own disk is not: what was answered could not be kept.
            raise UpdateFailed(
                translation_domain=DOMAIN,
                translation_key="store_failed",
                translation_placeholders={"error": said(self.hass, err.text)},
            ) from err
        self._note_success()
        return data

    def _words(self, err: ServiceError) -> str:
        return said(self.hass, err.said)

    def _soon(self) -> float | None:
        """Say in how many seconds to look again, where the interval is longer than that."""
        if self.update_interval is None or self.update_interval <= _SOON:
            return None
        return _SOON.total_seconds()

    def _note_failure(self, err: ServiceError) -> None:
        now = dt_util.utcnow()
        self.last_error = err.text
        self._down_since = self._down_since or now
        if not self._down_announced and now - self._down_since >= DOWN_AFTER:
            self._down_announced = True
            self.signals.send(
                Topic.SERVICE,
                "down",
                {"service": self.title, "since": self._down_since.isoformat()},
            )

    def _note_success(self) -> None:
        self.last_success = dt_util.utcnow()
        self._question.answered()
        self.rests = False
        self.last_error = ""
        self._down_since = None
        if self._down_announced:
            self._down_announced = False
            self.signals.send(Topic.SERVICE, "back", {"service": self.title})
