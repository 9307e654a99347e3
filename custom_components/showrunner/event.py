"""What happened, for automations: playback, decisions, requests, and what the jobs did."""

from dataclasses import dataclass
from typing import override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import EVENT_HAPPENED
from .domain.requests.request import RequestState
from .entity import RequestEntity, ServerEntity, shows_requests
from .runtime import ShowrunnerConfigEntry
from .signals import Attributes, Topic
from .texts import shown

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class SignalEventDescription(EventEntityDescription):
    """An event entity over one topic of the entry's signals."""

    topic: Topic


REQUEST = SignalEventDescription(
    key="request",
    translation_key="request",
    topic=Topic.REQUEST,
    event_types=[*(state.value for state in RequestState), "stuck", "closed"],
)
EVENTS = (
    SignalEventDescription(
        key="playback",
        translation_key="playback",
        topic=Topic.PLAYBACK,
        event_types=["started", "completed", "stopped", "transcoding", "milestone"],
    ),
    SignalEventDescription(
        key="decision",
        translation_key="decision",
        topic=Topic.DECISION,
        event_types=["download", "stream", "ask"],
    ),
    SignalEventDescription(
        key="job",
        translation_key="job",
        topic=Topic.JOB,
        event_types=["planned", "done", "failed"],
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: ShowrunnerConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the event entities."""
    runtime = entry.runtime_data
    async_add_entities(SignalEvent(runtime, each) for each in EVENTS)

    @callback
    def add(subentry_id: str) -> None:
        if shows_requests(runtime, subentry_id):
            async_add_entities(
                [RequestEvent(runtime, REQUEST, subentry_id)], config_subentry_id=subentry_id
            )

    entry.async_on_unload(runtime.each_link(add))


class SignalEvent(ServerEntity, EventEntity):
    """Shows the last signal of a topic."""

    entity_description: SignalEventDescription

    @override
    async def async_added_to_hass(self) -> None:
        """Listen."""
        topic = self.entity_description.topic
        self.async_on_remove(self.runtime.signals.subscribe(topic, self._happened))

    @callback
    def _happened(self, kind: str, attributes: Attributes) -> None:
        named = self._named(attributes)
        self._trigger_event(kind, named)
        self.async_write_ha_state()
        # Activity makes a sentence of it; of the entity alone it shows no more than the kind.
        about = {"entity_id": self.entity_id, "topic": self.entity_description.topic, "kind": kind}
        self.hass.bus.async_fire(EVENT_HAPPENED, {**named, **about})

    def _named(self, attributes: Attributes) -> dict[str, object]:
        """Say who it is: people know their viewers by name, and templates can't look one up."""
        viewer = self.runtime.viewers.get(str(attributes.get("viewer_id")))
        named = {name: shown(self.hass, value) for name, value in attributes.items()}
        return ({} if viewer is None else {"viewer": viewer.name}) | named


class RequestEvent(RequestEntity, SignalEvent):
    """Shows the last signal about a request."""
