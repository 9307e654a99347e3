"""What leaves, and when, as a calendar: each title or season on the day on which it is deleted."""

from datetime import datetime, timedelta
from typing import Final, override

from homeassistant.components.calendar import (
    CalendarEntity,
    CalendarEntityDescription,
    CalendarEvent,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .domain.deletion.leaving import part_of
from .entity import ServerEntity
from .jobs.cleanup.due import LEAVING, Leaving
from .jobs.cleanup.spec import SPEC as CLEANUP
from .runtime import ShowrunnerConfigEntry
from .texts import said

PARALLEL_UPDATES = 0

LEAVES: Final = CalendarEntityDescription(key="leaving", translation_key="leaving")


async def async_setup_entry(
    hass: HomeAssistant,
    entry: ShowrunnerConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the calendar of the server's device."""
    async_add_entities([LeavingCalendar(entry.runtime_data, LEAVES)])


class LeavingCalendar(ServerEntity, CalendarEntity):
    """The calendar. Whole days: when on its day something leaves is the cleanup's business."""

    @override
    async def async_added_to_hass(self) -> None:
        """Follow what is found to be leaving."""

        @callback
        def changed(subject: str) -> None:
            if subject == LEAVING:
                self.async_write_ha_state()

        self.async_on_remove(self.runtime.store.add_listener(changed))

    @property
    @override
    def event(self) -> CalendarEvent | None:
        """What leaves first."""
        events = self._events()
        return min(events, key=lambda one: one.start, default=None)

    @override
    async def async_get_events(
        self, hass: HomeAssistant, start_date: datetime, end_date: datetime
    ) -> list[CalendarEvent]:
        """Give what leaves between two instants."""
        return [
            one
            for one in self._events()
            if one.start_datetime_local < end_date and one.end_datetime_local > start_date
        ]

    def _events(self) -> list[CalendarEvent]:
        job = self.runtime.jobs[CLEANUP]
        return [self._event(one, job.leaves_at(one)) for one in job.leaving or ()]

    def _event(self, one: Leaving, at: datetime) -> CalendarEvent:
        day = dt_util.as_local(at).date()
        return CalendarEvent(
            start=day,
            end=day + timedelta(days=1),
            summary=said(self.hass, part_of(one.title, one.season)),
            uid=f"{next(iter(one.title.key.names), one.title.label)}:{one.season}",
        )
