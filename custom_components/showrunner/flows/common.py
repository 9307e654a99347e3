"""What all flows share: selectors, what a failed try means to the person, and saving.

A flow really asks the service before it saves. What was typed stays in the form after an error, so
that nothing has to be typed twice; a stored secret never goes back into a form: where one may stay
as it is, an empty field keeps it.
"""

import asyncio
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
import logging
from typing import Any, Final

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigSubentry,
    ConfigSubentryData,
    ConfigSubentryFlow,
    SubentryFlowResult,
)
from homeassistant.const import CONF_URL, CONF_VERIFY_SSL
from homeassistant.core import HomeAssistant, async_get_hass
from homeassistant.data_entry_flow import AbortFlow
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
import voluptuous as vol

from ..clients.addresses import normalize_url
from ..clients.errors import (
    Blocked,
    HostKeyUnknown,
    NotAdmin,
    NotReady,
    Refused,
    ServiceError,
    TlsFailed,
    TooNew,
    TooOld,
    Unauthorized,
    Unreadable,
)
from ..const import CONF_USER_ID, CONF_VIEWER, SETUP, VIEWER
from ..domain.addresses import Place
from ..domain.text import Text, Words, say, words_of
from ..jobs.messages import Event, Message
from ..options import Range
from ..texts import async_load, said
from ..unexpected import log_unexpected
from . import chain
from .fields import URL, choice, named

_LOGGER = logging.getLogger(__name__)

# How long a server that is linked already is waited for (seconds).
_SAYS_WHO: Final = 5.0

CONF_KNOWN: Final = "known"
MANUAL: Final = "manual"

SWITCH: Final = BooleanSelector()
# Asked where a channel is linked, and not kept.
CONF_TEST: Final = "test"
# What a channel is tried with.
TEST: Final = Message(Event.OUTCOME, "Showrunner", say("told_test"))

# The key of a text that begins as the form's own words do.
_WRONG_ADDRESS: Final = "error_wrong_address"

# The first class that fits says what the form shows; subclasses stand before their parents.
_MEANINGS: Final[tuple[tuple[type[ServiceError], str], ...]] = (
    (NotAdmin, "not_admin"),
    (HostKeyUnknown, "host_key"),
    (Blocked, "blocked"),
    (NotReady, "not_ready"),
    (Unauthorized, "invalid_auth"),
    (TlsFailed, "tls_failed"),
    (TooOld, "too_old"),
    (TooNew, "too_new"),
    (Unreadable, "wrong_product"),
    (Refused, "wrong_product"),
)


class InvalidUrl(Exception):
    """What was typed is no address that can be asked."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a try failed: the error's translation key, the field it belongs to, and the detail."""

    key: str
    field: str = "base"
    detail: Words = ""

    @property
    def errors(self) -> dict[str, str]:
        """Return what a form takes as `errors`."""
        return {self.field: self.key}


class InvalidLogin(Exception):
    """What was typed makes no way to sign in; `failure` says what is wrong, and at which field."""

    def __init__(self, key: str, field: str) -> None:
        """Keep which error is shown at which field."""
        super().__init__(key)
        self.failure = Failure(key, field)


def read_url(text: str) -> str:
    """Normalise an address as typed; raise InvalidUrl when it can't be one."""
    try:
        return normalize_url(text)
    except ValueError as err:
        raise InvalidUrl from err


async def attempt[T](question: Awaitable[T]) -> T | Failure:
    """Await a service's answer; turn what went wrong into what the form says of it."""
    try:
        return await question
    except AbortFlow:
        raise
    except InvalidUrl:
        return Failure("invalid_url", CONF_URL)
    except ServiceError as err:
        key = next((key for kind, key in _MEANINGS if isinstance(err, kind)), "cannot_connect")
        # The form's texts name the service, say what kind of trouble it is, and end with a stop.
        await async_load(async_get_hass())
        return Failure(key, detail=_why(err.said))
    except Exception:  # noqa: BLE001  logged whole
        # The form must come back whatever happened; the log has the rest.
        log_unexpected(_LOGGER, "Unexpected failure while trying a connection")
        return Failure("unknown")


def _why(said: Words) -> Words:
    """Say what is wrong with an address without saying that it is one."""
    if isinstance(said, Text) and said.key == _WRONG_ADDRESS:
        return words_of(dict(said.values)["why"])
    return said


def errors_of(failure: Failure | None) -> dict[str, str]:
    """Return a form's errors."""
    return failure.errors if failure else {}


def placeholders(failure: Failure | None, **more: str) -> dict[str, str]:
    """Return the texts that a form's description and errors may use."""
    detail = said(async_get_hass(), failure.detail).rstrip(" .?!") if failure else ""
    return {"detail": detail, **more}


def url_fields() -> dict[vol.Marker, object]:
    """Return the field for the address."""
    return {vol.Required(CONF_URL): URL}


def tls_fields() -> dict[vol.Marker, object]:
    """Return the field for verifying certificates."""
    return {vol.Required(CONF_VERIFY_SSL, default=True): SWITCH}


def number(limit: Range) -> NumberSelector:
    """Return the field for a number of the options."""
    config = NumberSelectorConfig(
        min=limit.low, max=limit.high, step=limit.step, mode=NumberSelectorMode.BOX
    )
    if limit.unit:
        config["unit_of_measurement"] = limit.unit
    return NumberSelector(config)


def whole(values: Mapping[str, Any]) -> dict[str, Any]:
    """Store 3.0 as 3: the front end sends every number as a float."""
    return {
        key: int(value) if isinstance(value, float) and value.is_integer() else value
        for key, value in values.items()
    }


def known_field(labels: Mapping[str, str]) -> dict[vol.Marker, object]:
    """Return the field to pick what Home Assistant knows (id -> label), or to type it in."""
    options = [*(named(value, label) for value, label in labels.items()), named(MANUAL)]
    # Only `manual` has a translation; the others keep their labels.
    config = SelectSelectorConfig(
        options=options, mode=SelectSelectorMode.LIST, translation_key="known"
    )
    return {vol.Required(CONF_KNOWN, default=options[0]["value"]): SelectSelector(config)}


def without(values: Mapping[str, Any], *secrets: str) -> dict[str, Any]:
    """Return what a form may show: the values but not the secrets."""
    return {key: value for key, value in values.items() if key not in secrets}


def events() -> SelectSelector:
    """Return the field for the events that a channel tells."""
    return SelectSelector(
        SelectSelectorConfig(
            options=[event.value for event in Event],
            multiple=True,
            mode=SelectSelectorMode.LIST,
            translation_key="events",
        )
    )


class ServiceFlow(ConfigSubentryFlow):
    """Base of the subentry flows: one linked thing, added or reconfigured."""

    @property
    def reconfiguring(self) -> bool:
        """Tell whether an existing subentry is being changed."""
        return self.source == SOURCE_RECONFIGURE

    def _stored(self) -> Mapping[str, Any]:
        """Return the data of the subentry being changed; nothing while adding one."""
        return self._get_reconfigure_subentry().data if self.reconfiguring else {}

    def _viewer_field(self) -> dict[vol.Marker, object]:
        """Return the field for whose phone it is; none while nobody is tracked.

        Who is no longer tracked stays what they were: so nothing more is told.
        """
        viewers = {
            str(one.data[CONF_USER_ID]): one.title
            for one in self._get_entry().get_subentries_of_type(VIEWER)
        }
        if stored := self._stored().get(CONF_VIEWER):
            viewers.setdefault(stored, stored)
        if not viewers:
            return {}
        options = [named(user_id, name) for user_id, name in viewers.items()]
        return {vol.Optional(CONF_VIEWER): choice(options)}

    def _others(self) -> list[ConfigSubentry]:
        """List the subentries of this kind, without the one being changed."""
        own = self._get_reconfigure_subentry().subentry_id if self.reconfiguring else None
        linked = self._get_entry().get_subentries_of_type(self.handler[1])
        return [one for one in linked if one.subentry_id != own]

    def _abort_if_taken(self, unique_id: str, data: Mapping[str, Any] | None = None) -> None:
        """End the flow when another subentry is that same thing, or leads to the same place."""
        for other in self._others():
            if other.unique_id == unique_id or (data and self.same_thing(other.data, data)):
                raise AbortFlow("already_configured")

    async def _abort_if_same_server(self, data: Mapping[str, Any]) -> None:
        """End the flow when another subentry is the same server under another name.

        Only a server that says who it is can be told; one that does not answer soon is not.
        """
        links = (data, *(other.data for other in self._others()))
        servers = await asyncio.gather(*(self._identity(link) for link in links))
        if servers[0] is not None and servers[0] in servers[1:]:
            raise AbortFlow("already_configured")

    @staticmethod
    def same_thing(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
        """Tell whether two links lead to the same place, however it is written."""
        return Place.of(one[CONF_URL]) == Place.of(other[CONF_URL])

    @staticmethod
    async def identity(hass: HomeAssistant, data: Mapping[str, Any]) -> str | None:  # noqa: ARG004
        """Ask a server who it is; None where its kind does not tell. Raise ServiceError."""
        return None

    async def _identity(self, data: Mapping[str, Any]) -> str | None:
        try:
            async with asyncio.timeout(_SAYS_WHO):
                return await self.identity(self.hass, data)
        except ServiceError, InvalidUrl, TimeoutError:
            return None  # not known is not another one: then its address alone tells

    def _free_title(self, title: str, otherwise: str) -> str:
        """Return the title, made longer when another subentry bears it."""
        own = self._get_reconfigure_subentry().subentry_id if self.reconfiguring else None
        taken = {
            subentry.title
            for subentry in self._get_entry().subentries.values()
            if subentry.subentry_id != own
        }
        return f"{title} ({otherwise})" if title in taken else title

    async def _save(
        self, title: str, unique_id: str, data: Mapping[str, Any], *, retitle: bool = False
    ) -> SubentryFlowResult:
        """Create the subentry, or replace the data of the one being changed.

        A changed one keeps its title, which may be the person's own, unless it is another thing
        now (`retitle`, and another unique id). In a chain it leads back to the menu of services.
        """
        entry = self._get_entry()
        if chain.is_chained(self.context):
            made = ConfigSubentryData(
                data=data, subentry_type=self.handler[1], title=title, unique_id=unique_id
            )
            chain.add(self.hass, entry, made)
            menu = await chain.begin(self.hass, entry.entry_id, SETUP)
            result = self.async_abort(reason="linked", description_placeholders={"name": title})
            return chain.lead_on(result, entry, menu["flow_id"])
        if not self.reconfiguring:
            return self.async_create_entry(title=title, data=data, unique_id=unique_id)
        subentry = self._get_reconfigure_subentry()
        other = retitle and subentry.unique_id != unique_id
        return self.async_update_and_abort(
            entry,
            subentry,
            unique_id=unique_id,
            title=title if other else subentry.title,
            data=data,
        )
