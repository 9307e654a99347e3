"""The two switches that a person needs at hand: dry run, and automatic downloads."""

from dataclasses import dataclass
from typing import Any, override

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import Unauthorized
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import OPT_DOWNLOADS, OPT_SAFETY
from .entity import ServerEntity
from .options import Options
from .runtime import ShowrunnerConfigEntry
from .signals import Attributes, Topic

PARALLEL_UPDATES = 1


@dataclass(frozen=True, kw_only=True)
class OptionSwitchDescription(SwitchEntityDescription):
    """A switch over one option."""

    section: str
    option: str


SWITCHES = (
    OptionSwitchDescription(
        key="dry_run",
        translation_key="dry_run",
        entity_category=EntityCategory.CONFIG,
        section=OPT_SAFETY,
        option="dry_run",
    ),
    OptionSwitchDescription(
        key="auto_download",
        translation_key="auto_download",
        entity_category=EntityCategory.CONFIG,
        section=OPT_DOWNLOADS,
        option="enabled",
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: ShowrunnerConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the switches."""
    async_add_entities(OptionSwitch(entry.runtime_data, each) for each in SWITCHES)


class OptionSwitch(ServerEntity, SwitchEntity):
    """One option; the options page shows the same."""

    entity_description: OptionSwitchDescription

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the options."""
        self.async_on_remove(self.runtime.signals.subscribe(Topic.OPTIONS, self._changed))

    @callback
    def _changed(self, kind: str, attributes: Attributes) -> None:
        self.async_write_ha_state()

    @property
    @override
    def is_on(self) -> bool:
        """The option as it holds."""
        return _value(self.runtime.options, self.entity_description.section)

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Set the option."""
        await self._set(value=True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Take it back."""
        await self._set(value=False)

    async def _set(self, *, value: bool) -> None:
        user_id = self._context.user_id if self._context else None
        user = await self.hass.auth.async_get_user(user_id) if user_id else None
        if user_id and (user is None or not user.is_admin):
            # What may be changed without asking is for administrators, here as in the options.
            raise Unauthorized(context=self._context)
        description = self.entity_description
        await self.runtime.set_option(description.section, description.option, value)
        self.async_write_ha_state()


def _value(options: Options, section: str) -> bool:
    return options.safety.dry_run if section == OPT_SAFETY else options.downloads.enabled
