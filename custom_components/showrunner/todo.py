"""Requests that wait for approval, as a to-do list: whoever completes an item approves it."""

from typing import Final, override

from homeassistant.components.todo import (  # type: ignore[attr-defined]  # where it always was
    TodoItem,
    TodoListEntity,
)
from homeassistant.components.todo.const import TodoItemStatus, TodoListEntityFeature
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import DOMAIN
from .coordinators.requests import RequestView
from .domain.requests.seasons import AllSeasons, Seasons
from .domain.text import Words, say
from .entity import RequestEntity, shows_requests
from .permissions import require_administrator
from .runtime import NotHandedOn, NotWaiting, ServiceError, ShowrunnerConfigEntry
from .texts import said

PARALLEL_UPDATES = 1

APPROVALS: Final = EntityDescription(key="approvals", translation_key="approvals")


async def async_setup_entry(
    hass: HomeAssistant,
    entry: ShowrunnerConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the list where there is a Seerr, on its device; it goes with it."""
    runtime = entry.runtime_data

    @callback
    def add(subentry_id: str) -> None:
        if shows_requests(runtime, subentry_id):
            async_add_entities(
                [ApprovalList(runtime, APPROVALS, subentry_id)], config_subentry_id=subentry_id
            )

    entry.async_on_unload(runtime.each_link(add))


class ApprovalList(RequestEntity, TodoListEntity):
    """The list. Nothing can be added to it, renamed or deleted: people ask in Seerr."""

    _attr_supported_features = TodoListEntityFeature.UPDATE_TODO_ITEM

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the requests."""
        self._show()
        self.async_on_remove(self.runtime.requests.add_listener(self._changed))

    @callback
    def _changed(self, view: RequestView) -> None:
        """Show it when this request is on the list, or comes onto it."""
        listed = any(item.uid == view.request.id for item in self._attr_todo_items or ())
        if listed or self.runtime.approvals.waits(view):
            self._show()
            self.async_write_ha_state()

    def _show(self) -> None:
        self._attr_todo_items = [_item(self.hass, view) for view in self.runtime.approvals.waiting]

    @override
    async def async_update_todo_item(self, item: TodoItem) -> None:
        """Approve the request of a completed item, for administrators."""
        await require_administrator(self.hass, self._context)
        if item.status != TodoItemStatus.COMPLETED or item.uid is None:
            raise ServiceValidationError(
                translation_domain=DOMAIN, translation_key="approvals_only_complete"
            )
        try:
            with self.runtime.calls:
                await self.runtime.approvals.approve(item.uid)
        except NotWaiting as err:
            raise ServiceValidationError(
                translation_domain=DOMAIN, translation_key="request_not_waiting"
            ) from err
        except NotHandedOn as err:
            raise HomeAssistantError(
                translation_domain=DOMAIN, translation_key="request_not_handed_on"
            ) from err
        except ServiceError as err:
            raise HomeAssistantError(
                translation_domain=DOMAIN,
                translation_key="service_failed",
                translation_placeholders={
                    "service": err.service,
                    "error": said(self.hass, err.said),
                },
            ) from err


def _item(hass: HomeAssistant, view: RequestView) -> TodoItem:
    """Write a request as an item: who asked for what."""
    request = view.request
    parts = (
        request.requested_by,
        said(hass, _seasons(request.seasons)),
        "4K" if request.is_4k else "",
    )
    return TodoItem(
        summary=request.title.label,
        uid=request.id,
        status=TodoItemStatus.NEEDS_ACTION,
        description=" · ".join(part for part in parts if part) or None,
    )


def _seasons(seasons: Seasons | None) -> Words:
    match seasons:
        case None:
            return ""
        case AllSeasons():
            return say("todo_all_seasons")
        case _:
            return say("todo_seasons", seasons=seasons.text)
