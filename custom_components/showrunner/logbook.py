"""What Home Assistant's Activity says of us: a sentence for all that an event entity shows."""

from collections.abc import Callable, Mapping
from typing import Final

from homeassistant.components.logbook.const import LOGBOOK_ENTRY_MESSAGE, LOGBOOK_ENTRY_NAME
from homeassistant.core import Event, HomeAssistant, callback

from .const import DOMAIN, EVENT_HAPPENED
from .domain.requests.request import StuckReason
from .domain.text import Text, Words, say, words_of
from .jobs.activity import number_of, text_of, with_reason
from .jobs.messages import STUCK
from .jobs.registry import JOBS
from .signals import Topic
from .texts import said

type _Data = Mapping[str, object]

_DECISIONS: Final[Mapping[str, Text]] = {
    "download": say("activity_download"),
    "ask": say("activity_ask"),
    "stream": say("activity_stream"),
}
_REQUESTS: Final[Mapping[str, Text]] = {
    "requested": say("activity_requested"),
    "approved": say("activity_approved"),
    "grabbing": say("activity_grabbing"),
    "downloading": say("activity_downloading"),
    "downloaded": say("activity_downloaded"),
    "importing": say("activity_importing"),
    "anime_matching": say("activity_anime_matching"),
    "available": say("activity_available"),
    "failed": say("activity_failed"),
    "stuck": say("activity_stuck"),
}
_CLOSED: Final[Mapping[str, Text]] = {
    "declined": say("activity_declined"),
    "withdrawn": say("activity_withdrawn"),
    "deleted": say("activity_deleted"),
}
_OUTCOMES: Final[Mapping[str, Text]] = {
    "waiting": say("activity_waiting"),
    "queued": say("activity_queued"),
    "imported": say("activity_imported"),
    "nothing_found": say("activity_nothing_found"),
    "failed": say("activity_not_fetched"),
    "dropped": say("activity_dropped"),
}
# Without a device, and on one.
_PLAYBACK: Final[Mapping[str, tuple[Callable[[str], Text], Callable[[str, str], Text]]]] = {
    "started": (
        lambda title: say("activity_started", title=title),
        lambda title, device: say("activity_started_on", title=title, device=device),
    ),
    "completed": (
        lambda title: say("activity_watched", title=title),
        lambda title, device: say("activity_watched_on", title=title, device=device),
    ),
    "stopped": (
        lambda title: say("activity_stopped", title=title),
        lambda title, device: say("activity_stopped_on", title=title, device=device),
    ),
}


@callback
def async_describe_events(
    hass: HomeAssistant,
    async_describe_event: Callable[[str, str, Callable[[Event], dict[str, str]]], None],
) -> None:
    """Say how to put our event into a sentence."""

    @callback
    def described(event: Event) -> dict[str, str]:
        # Not the entity: Home Assistant would show its name in the place of what the sentence is
        # about. The event has it, so that the entity's own activity has the sentence too.
        name, message = sentence(event.data)
        return {LOGBOOK_ENTRY_NAME: said(hass, name), LOGBOOK_ENTRY_MESSAGE: said(hass, message)}

    async_describe_event(DOMAIN, EVENT_HAPPENED, described)


def sentence(data: _Data) -> tuple[Words, Words]:
    """Give what a sentence is about, and what it says of that: the subject and the rest."""
    kind = text_of(data, "kind")
    match text_of(data, "topic"):
        case Topic.PLAYBACK:
            return _played(kind, data)
        case Topic.DECISION:
            return text_of(data, "title"), _decided(kind, data)
        case Topic.REQUEST:
            return text_of(data, "title"), _requested(kind, data)
        case _:
            return _worked(kind, data)


def _decided(kind: str, data: _Data) -> Words:
    words = with_reason(_DECISIONS.get(kind, kind), words_of(data.get("reason")))
    viewer = text_of(data, "viewer")
    return say("told_watched_by", reason=words, viewer=viewer) if viewer else words


def _played(kind: str, data: _Data) -> tuple[Words, Words]:
    title, device = text_of(data, "title"), text_of(data, "device")
    if kind == "transcoding":
        return title, _sound_lost(text_of(data, "codec"), device)
    viewer: Words = text_of(data, "viewer") or say("activity_somebody")
    if kind == "milestone":
        return viewer, _milestone(data)
    percent = data.get("percent")
    if kind == "stopped" and isinstance(percent, float):
        return viewer, _stopped(title, round(percent), device)
    if kind not in _PLAYBACK:
        return viewer, kind
    anywhere, on = _PLAYBACK[kind]
    return viewer, on(title, device) if device else anywhere(title)


def _stopped(title: str, percent: int, device: str) -> Words:
    if device:
        return say("activity_stopped_at_on", title=title, percent=percent, device=device)
    return say("activity_stopped_at", title=title, percent=percent)


def _sound_lost(codec: str, device: str) -> Words:
    if device:
        return say("activity_sound_lost_on", codec=codec, device=device)
    return say("activity_sound_lost", codec=codec)


def _milestone(data: _Data) -> Words:
    title, count = text_of(data, "title"), number_of(data, "count")
    match text_of(data, "milestone"):
        case "movies":
            return say("activity_movies", count=count)
        case "series_finished":
            return say("activity_series_finished", title=title)
        case _:
            return say("activity_episodes_in_a_day", count=count, title=title)


def _requested(kind: str, data: _Data) -> Words:
    who = text_of(data, "requested_by")
    match kind:
        case "closed":
            return _CLOSED.get(text_of(data, "closed"), say("activity_closed"))
        case "requested" if who:
            return say("activity_requested_by", who=who)
        case "stuck" if (reason := text_of(data, "stuck")) in STUCK:
            why, detail = STUCK[StuckReason(reason)], words_of(data.get("detail"))
            return with_reason(
                _REQUESTS[kind], say("why_exactly", why=why, detail=detail) if detail else why
            )
        case _:
            return _REQUESTS.get(kind, kind)


def _worked(kind: str, data: _Data) -> tuple[Words, Words]:
    """Give what a job did, and with what."""
    spec = JOBS.get(text_of(data, "job"))
    if spec is not None and spec.activity is not None:
        return spec.activity(kind, data)
    outcome = text_of(data, "outcome")
    words = _OUTCOMES.get(outcome, outcome)
    return text_of(data, "title"), with_reason(words, words_of(data.get("detail")))
