"""The switches that a person wants quickly: dry run, automatic jobs, and who is tracked."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, override

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import OPT_SAFETY
from .entity import ServerEntity
from .jobs.spec import Switch
from .permissions import require_administrator
from .runtime import Runtime, ShowrunnerConfigEntry
from .settings import Settings, ViewerSettings
from .signals import Attributes, Topic

PARALLEL_UPDATES = 1


@dataclass(frozen=True, kw_only=True)
class OptionSwitchDescription(SwitchEntityDescription):
    """A switch over one option."""

    section: str
    option: str
    value: Callable[[Settings], bool]


DRY_RUN = OptionSwitchDescription(
    key="dry_run",
    translation_key="dry_run",
    entity_category=EntityCategory.CONFIG,
    section=OPT_SAFETY,
    option="dry_run",
    value=lambda settings: settings.options.safety.dry_run,
)


def _described(key: str, switch: Switch) -> OptionSwitchDescription:
    """Describe the switch of a job."""
    return OptionSwitchDescription(
        key=key,
        translation_key=key,
        entity_category=EntityCategory.CONFIG,
        section=switch.section,
        option=switch.option,
        value=lambda settings: switch.is_on(settings.page(switch.section)),
    )


TRACKING = SwitchEntityDescription(
    key="tracking", translation_key="tracking", entity_category=EntityCategory.CONFIG
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: ShowrunnerConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the switches."""
    runtime = entry.runtime_data
    async_add_entities([OptionSwitch(runtime, DRY_RUN)])
    async_add_entities(
        OptionSwitch(runtime, _described(spec.switch_key, spec.switch))
        for spec, _ in runtime.jobs
        if spec.switch is not None
    )

    @callback
    def add(subentry_id: str) -> None:
        if (viewer := runtime.settings.viewer_of(subentry_id)) is not None:
            async_add_entities([TrackingSwitch(runtime, viewer)], config_subentry_id=subentry_id)

    entry.async_on_unload(runtime.each_link(add))


class _Switch(ServerEntity, SwitchEntity):
    """A switch over something that the options say."""

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the options."""
        self.async_on_remove(self.runtime.signals.subscribe(Topic.OPTIONS, self._changed))

    @callback
    def _changed(self, kind: str, attributes: Attributes) -> None:
        self.async_write_ha_state()

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Switch it on."""
        await self._set(value=True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Switch it off."""
        await self._set(value=False)

    async def _set(self, *, value: bool) -> None:
        # What may be changed without asking is for administrators, here as in the options.
        await require_administrator(self.hass, self._context)
        await self._change(value=value)
        self.async_write_ha_state()

    async def _change(self, *, value: bool) -> None:
        raise NotImplementedError


class OptionSwitch(_Switch):
    """One option; the options page shows the same."""

    entity_description: OptionSwitchDescription

    @property
    @override
    def is_on(self) -> bool:
        """The option as it holds."""
        return self.entity_description.value(self.runtime.settings)

    @override
    async def _change(self, *, value: bool) -> None:
        description = self.entity_description
        await self.runtime.set_option(description.section, description.option, value)


class TrackingSwitch(_Switch):
    """Whether a viewer is tracked now. While it is off, nothing of them is noticed."""

    def __init__(self, runtime: Runtime, viewer: ViewerSettings) -> None:
        """Take the viewer."""
        super().__init__(runtime, TRACKING, viewer.subentry_id)
        self._user_id = viewer.user_id

    @property
    @override
    def is_on(self) -> bool:
        """Whether the viewer is not paused."""
        return self.runtime.settings.tracked(self._user_id)

    @override
    async def _change(self, *, value: bool) -> None:
        await self.runtime.set_tracking(self._user_id, on=value)
