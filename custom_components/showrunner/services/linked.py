"""The services that one entry is linked with: a client and a coordinator for each subentry.

They come and go one by one while the entry runs: the mappings here are always current.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant

from ..const import CONF_ADD_WEBHOOK, CONF_EVENTS, CONF_VIEWER, CONF_WEBHOOK_ID
from ..coordinators.base import ServiceCoordinator
from ..coordinators.requests import RequestTracker
from ..jobs.channels import Addresses
from ..jobs.notify import Subscriber
from ..signals import Signals
from ..store import Store
from . import SERVICES
from .spec import LinkContext, ServiceSpec


@dataclass(frozen=True, slots=True)
class WebhookEndpoint:
    """A webhook of ours: its secret id, who takes in its bodies, and who may send them.

    `key` names it where its id must not; `expected`: its service is meant to call it. `accept`
    takes a decoded body and raises NotOurs for one that its service does not send.
    """

    webhook_id: str
    name: str
    accept: Callable[[object], bool]
    key: str
    expected: bool
    put: bool = False
    local_only: bool = True


class Links:
    """The coordinators of the linked services, by their subentries' ids."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        signals: Signals,
        store: Store,
        requests: RequestTracker,
        *,
        max_drop: Callable[[], float],
        addresses: Addresses,
    ) -> None:
        """Build them all; nothing is asked yet. `requests` is told what they say of titles.

        `max_drop`: how much of what a source had may vanish at once, in percent.
        """
        self._hass = hass
        self._addresses = addresses
        self._entry = entry
        self._context = LinkContext(hass, entry, signals, store, requests, self, max_drop)
        self._linked: dict[str, ServiceCoordinator[Any]] = {}
        self._of: dict[type[ServiceCoordinator[Any]], dict[str, ServiceCoordinator[Any]]] = {}
        self._listeners: list[Callable[[ServiceCoordinator[Any]], None]] = []
        for subentry in entry.subentries.values():
            self.add(subentry)

    def add(self, subentry: ConfigSubentry) -> ServiceCoordinator[Any] | None:
        """Build the coordinator of a linked service; None for what has none (a viewer)."""
        spec = SERVICES.get(subentry.subentry_type)
        if spec is None or spec.coordinator is None:
            return None
        coordinator: ServiceCoordinator[Any] = spec.coordinator(self._context, subentry)
        self._linked[subentry.subentry_id] = coordinator
        self._of.setdefault(type(coordinator), {})[subentry.subentry_id] = coordinator
        for listener in self._listeners:
            listener(coordinator)
        return coordinator

    def remove(self, subentry_id: str) -> ServiceCoordinator[Any] | None:
        """Give up the coordinator of a service, and return it to be shut down."""
        for coordinators in self._of.values():
            coordinators.pop(subentry_id, None)
        return self._linked.pop(subentry_id, None)

    def get(self, subentry_id: str) -> ServiceCoordinator[Any] | None:
        """Return the coordinator of a linked service."""
        return self._linked.get(subentry_id)

    def of[CoordinatorT: ServiceCoordinator[Any]](
        self, kind: type[CoordinatorT]
    ) -> dict[str, CoordinatorT]:
        """Give the coordinators of one class by their subentries' ids, always as they are now."""
        return cast("dict[str, CoordinatorT]", self._of.setdefault(kind, {}))

    def each(self, listener: Callable[[ServiceCoordinator[Any]], None]) -> None:
        """Call `listener` for every linked service, and for every one that will be."""
        self._listeners.append(listener)
        for coordinator in self.all:
            listener(coordinator)

    @property
    def all(self) -> tuple[ServiceCoordinator[Any], ...]:
        """Every linked service's coordinator."""
        return tuple(self._linked.values())

    def spec_of(self, subentry_id: str) -> ServiceSpec[Any] | None:
        """Say what kind of service a subentry is; None for what is none (a viewer)."""
        subentry = self._entry.subentries.get(subentry_id)
        return None if subentry is None else SERVICES.get(subentry.subentry_type)

    def webhook_endpoint(self, subentry_id: str) -> WebhookEndpoint | None:
        """Return the webhook that a linked service may call; None where it calls nobody."""
        subentry, spec = self._entry.subentries.get(subentry_id), self.spec_of(subentry_id)
        coordinator = self.get(subentry_id)
        webhook = None if spec is None else spec.webhook
        if subentry is None or webhook is None or coordinator is None:
            return None
        webhook_id = subentry.data.get(CONF_WEBHOOK_ID, "")
        if not webhook_id:
            return None
        return WebhookEndpoint(
            webhook_id,
            coordinator.title,
            lambda body: webhook.accept(coordinator, body),
            subentry_id,
            bool(subentry.data.get(CONF_ADD_WEBHOOK)),
            put=webhook.put,
        )

    def subscribers(self) -> list[Subscriber]:
        """Give the ways to tell news, as they are linked now."""
        found = (self.subscriber(subentry_id) for subentry_id in self._entry.subentries)
        return [one for one in found if one is not None]

    def subscriber(self, subentry_id: str) -> Subscriber | None:
        """Give a way to tell news; None for what is none, or is only about to be linked."""
        subentry, spec = self._entry.subentries.get(subentry_id), self.spec_of(subentry_id)
        if subentry is None or spec is None or spec.channel is None:
            return None
        coordinator = self.get(subentry_id)
        if spec.coordinator is not None and coordinator is None:
            return None
        events = frozenset(subentry.data.get(CONF_EVENTS, ()))
        channel = spec.channel(self._hass, subentry, coordinator, self._addresses)
        viewer = subentry.data.get(CONF_VIEWER) or ""
        return Subscriber(subentry_id, subentry.title, channel, events, viewer)

    def show_issues(self, subentry_id: str) -> None:
        """Begin to show the repairs of a linked service, for as long as it is looked after."""
        coordinator, spec = self.get(subentry_id), self.spec_of(subentry_id)
        if coordinator is not None and spec is not None and spec.issues is not None:
            spec.issues(self._hass, coordinator)
