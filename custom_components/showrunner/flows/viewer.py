"""Choose a Jellyfin user to track. Nobody is tracked whom the person didn't choose."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

from homeassistant.config_entries import ConfigSubentryData, SubentryFlowResult
from homeassistant.core import HomeAssistant
import voluptuous as vol

from ..const import (
    CONF_COUNTS_FOR_CLEANUP,
    CONF_MAY_DOWNLOAD,
    CONF_PRIMARY,
    CONF_USER_ID,
    CONF_USER_NAME,
    VIEWER,
)
from ..options import DOWNLOADS, Options
from . import jellyfin
from .common import SWITCH, Failure, ServiceFlow, attempt, number, placeholders, whole
from .fields import choice, named

CONF_VIEWERS: Final = "viewers"
# Empty: the options' values (INTERFACE).
_OWN_LIMITS: Final = ("completion", "rewatch_count", "rewatch_days")
_SWITCHES: Final = MappingProxyType(
    {CONF_MAY_DOWNLOAD: True, CONF_COUNTS_FOR_CLEANUP: True, CONF_PRIMARY: False}
)


def subentries(users: Mapping[str, str], chosen: Iterable[str]) -> list[ConfigSubentryData]:
    """Make the subentries of several viewers at once, with what holds when nobody says otherwise.

    `users` gives the names by the users' ids.
    """
    return [
        ConfigSubentryData(
            data={CONF_USER_ID: user_id, CONF_USER_NAME: users[user_id], **_SWITCHES},
            subentry_type=VIEWER,
            title=users[user_id],
            unique_id=f"{VIEWER}:{user_id}",
        )
        for user_id in chosen
        if user_id in users
    ]


def several_field(users: Mapping[str, str]) -> dict[vol.Marker, object]:
    """Return the field to choose several users; nobody is chosen before the person does."""
    options = [named(user_id, name) for user_id, name in users.items()]
    return {vol.Optional(CONF_VIEWERS): choice(options, multiple=True)}


async def read_users(
    hass: HomeAssistant, data: Mapping[str, Any], tracked: Iterable[str | None] = ()
) -> dict[str, str]:
    """Return Jellyfin's users who can sign in and are not tracked yet: id -> name.

    `tracked` are the unique ids of the viewers that there are. Raise ServiceError, InvalidUrl.
    """
    server, taken = await jellyfin.client(hass, data), set(tracked)
    return {
        user.id: user.name
        for user in await server.users()
        if not user.is_disabled and f"{VIEWER}:{user.id}" not in taken
    }


class ViewerFlow(ServiceFlow):
    """Add or reconfigure a viewer."""

    def __init__(self) -> None:
        """Begin with no users known."""
        self._users: dict[str, str] | None = None

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Choose the user and what counts for them."""
        if self._users is None:
            answer = await attempt(self._read_users())
            if isinstance(answer, Failure):
                # An empty form: sending it asks again.
                return self.async_show_form(
                    step_id="user",
                    data_schema=vol.Schema({}),
                    errors=answer.errors,
                    description_placeholders=placeholders(answer),
                )
            self._users = answer
            user_input = None
        if not self._users:
            return self.async_abort(reason="no_users_left")
        if user_input is not None:
            user_id = user_input[CONF_USER_ID]
            self._abort_if_taken(f"{VIEWER}:{user_id}")
            data = {CONF_USER_NAME: self._users[user_id], **whole(user_input)}
            return await self._save(self._users[user_id], f"{VIEWER}:{user_id}", data)
        users = [named(user_id, name) for user_id, name in self._users.items()]
        schema = vol.Schema({vol.Required(CONF_USER_ID): choice(users), **_fields()})
        return self.async_show_form(
            step_id="user",
            data_schema=schema,
            description_placeholders=placeholders(None, **self._limits()),
        )

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change what counts for this viewer; an emptied limit goes back to the options' value."""
        stored = self._stored()
        if user_input is not None:
            data = {key: stored[key] for key in (CONF_USER_ID, CONF_USER_NAME)}
            subentry = self._get_reconfigure_subentry()
            return await self._save(
                subentry.title, f"{VIEWER}:{data[CONF_USER_ID]}", {**data, **whole(user_input)}
            )
        return self.async_show_form(
            step_id="reconfigure",
            data_schema=self.add_suggested_values_to_schema(vol.Schema(_fields()), stored),
            description_placeholders={"name": str(stored[CONF_USER_NAME]), **self._limits()},
        )

    def _limits(self) -> dict[str, str]:
        """Say what holds where a limit of the viewer's own is left empty."""
        policy = Options.from_entry(self._get_entry().options).downloads.policy
        return {key: f"{getattr(policy, key):g}" for key in _OWN_LIMITS}

    async def _read_users(self) -> dict[str, str]:
        """Return Jellyfin's users who can sign in and are not tracked yet: id -> name."""
        entry = self._get_entry()
        tracked = [subentry.unique_id for subentry in entry.subentries.values()]
        return await read_users(self.hass, entry.data, tracked)


def _fields() -> Mapping[vol.Marker, object]:
    """Return what can be changed later too."""
    return {
        **{vol.Optional(key): number(DOWNLOADS[key]) for key in _OWN_LIMITS},
        **{vol.Required(key, default=value): SWITCH for key, value in _SWITCHES.items()},
    }
