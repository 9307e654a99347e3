"""Repairs for requests that are stuck for a reason that a person can mend.

One for each request, as long as it is stuck and the entry is loaded; never more than `MOST` at
once, those first that wait longest: when a disk is full, hundreds of requests wait for one person.
What only time or another source can change (nothing found, not approved yet) is no repair.
"""

import asyncio
from hashlib import sha256
from heapq import nsmallest
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util

from ..const import DOMAIN
from ..coordinators.requests import RequestView
from ..domain.requests.request import Stuck, StuckReason
from ..domain.text import say
from ..runtime import ShowrunnerConfigEntry
from ..texts import said, written

MOST: Final = 20
MENDABLE: Final = frozenset(
    {
        StuckReason.REFUSED,
        StuckReason.NO_SEEDS,
        StuckReason.DISK_FULL,
        StuckReason.DOWNLOAD_ERROR,
        StuckReason.IMPORT_BLOCKED,
        StuckReason.NOT_MATCHED,
        StuckReason.CLIENT_UNAVAILABLE,
        StuckReason.NOT_IMPORTED,
        StuckReason.NOT_MOVING,
    }
)
# Whose repair does something; the others say what to do.
_FIXABLE: Final = frozenset({StuckReason.REFUSED, StuckReason.NOT_IMPORTED})
_LONGEST: Final = 300
_NO_WORDS: Final = say("no_details")


def register(hass: HomeAssistant, entry: ShowrunnerConfigEntry) -> None:
    """Show the repairs for as long as the entry is loaded."""
    issues = StuckIssues(hass, entry)
    entry.async_on_unload(entry.runtime_data.requests.add_listener(issues.changed))
    entry.async_on_unload(issues.close)


def issue_id_of(request_id: str) -> str:
    """Name the repair of a request."""
    return f"stuck_{sha256(request_id.encode()).hexdigest()[:16]}"


class StuckIssues:
    """The repairs of one entry's requests."""

    def __init__(self, hass: HomeAssistant, entry: ShowrunnerConfigEntry) -> None:
        """Begin with the requests as they stand."""
        self._hass = hass
        self._entry_id = entry.entry_id
        self._mendable: dict[str, tuple[RequestView, Stuck]] = {}
        self._shown: dict[str, StuckReason] = {}
        self._due: asyncio.Handle | None = None
        for view in entry.runtime_data.requests.stuck:
            self.changed(view)

    @callback
    def changed(self, view: RequestView) -> None:
        """Take in how a request stands; many at once are shown in one go."""
        request_id, stuck = view.request.id, mendable(view)
        before = self._mendable.pop(request_id, None)
        if stuck is not None:
            self._mendable[request_id] = (view, stuck)
        if _news(before) != _news(self._mendable.get(request_id)) and self._due is None:
            self._due = self._hass.loop.call_soon(self._show)

    @callback
    def close(self) -> None:
        """Take all of them back."""
        if self._due is not None:
            self._due.cancel()
        for request_id in self._shown:
            ir.async_delete_issue(self._hass, DOMAIN, issue_id_of(request_id))
        self._shown.clear()

    @callback
    def _show(self) -> None:
        self._due = None
        wanted = {
            view.request.id: (view, stuck)
            for view, stuck in nsmallest(
                MOST, self._mendable.values(), key=lambda one: (one[1].since, one[0].request.id)
            )
        }
        for request_id, reason in tuple(self._shown.items()):
            # For another reason it is another repair, which nobody has chosen to ignore.
            if request_id not in wanted or wanted[request_id][1].reason is not reason:
                ir.async_delete_issue(self._hass, DOMAIN, issue_id_of(request_id))
                del self._shown[request_id]
        for request_id, (view, stuck) in wanted.items():
            self._create(view, stuck)
            self._shown[request_id] = stuck.reason

    def _create(self, view: RequestView, stuck: Stuck) -> None:
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            issue_id_of(view.request.id),
            is_fixable=stuck.reason in _FIXABLE,
            severity=ir.IssueSeverity.WARNING,
            translation_key=f"request_stuck_{stuck.reason.value}",
            translation_placeholders=placeholders(self._hass, view, stuck),
            data={
                "entry_id": self._entry_id,
                "request_id": view.request.id,
                "reason": stuck.reason.value,
            },
        )


def mendable(view: RequestView) -> Stuck | None:
    """Say what holds a request up, if a person can mend that. What is closed is not stuck."""
    stuck = view.status.stuck
    return stuck if stuck is not None and stuck.reason in MENDABLE else None


def placeholders(hass: HomeAssistant, view: RequestView, stuck: Stuck) -> dict[str, str]:
    """Give what the texts name: which title, since which day, and who said what.

    The message is shown as code, so that nothing in a service's words becomes a link or a picture.
    """
    request = view.request
    message = " ".join(stuck.message.split()).replace("`", "'")[:_LONGEST]
    return {
        "title": request.title.label if request.title.name else next(iter(request.ids.keys), "?"),
        "since": written(hass, dt_util.as_local(stuck.since).date()),
        "message": message or said(hass, _NO_WORDS),
    }


def _news(one: tuple[RequestView, Stuck] | None) -> tuple[object, ...] | None:
    """Give what a repair tells of a request: how far its transfer is, is no news."""
    return None if one is None else (one[1], one[0].request.title)
