"""What Home Assistant's Activity says of us: a sentence for all that an event entity shows."""

from collections.abc import Callable, Mapping
from typing import Final

from homeassistant.components.logbook.const import LOGBOOK_ENTRY_MESSAGE, LOGBOOK_ENTRY_NAME
from homeassistant.core import Event, HomeAssistant, callback

from .const import DOMAIN, EVENT_HAPPENED
from .jobs.messages import OUTCOMES, STUCK
from .signals import Topic

type _Data = Mapping[str, object]

_DECISIONS: Final[Mapping[str, str]] = {
    "download": "is worth keeping",
    "ask": "waits for your decision",
    "stream": "is only streamed",
}
_REQUESTS: Final[Mapping[str, str]] = {
    "requested": "was requested",
    "approved": "was approved",
    "grabbing": "is searched and grabbed",
    "downloading": "is downloading",
    "downloaded": "is downloaded",
    "importing": "is being imported",
    "anime_matching": "waits for Shoko to match it",
    "available": "is ready to watch",
    "failed": "failed",
}
_CLOSED: Final[Mapping[str, str]] = {
    "declined": "was declined",
    "withdrawn": "is no longer requested",
    "deleted": "was deleted",
}
_OUTCOMES: Final[Mapping[str, str]] = {
    "waiting": "waits for you to apply its plan",
    "queued": "is going to be searched",
    **{outcome: words for outcome, (words, _) in OUTCOMES.items()},
}
_PLAYBACK: Final[Mapping[str, str]] = {
    "started": "started",
    "completed": "watched",
    "stopped": "stopped",
}


@callback
def async_describe_events(
    hass: HomeAssistant,
    async_describe_event: Callable[[str, str, Callable[[Event], dict[str, str]]], None],
) -> None:
    """Say how to put our event into a sentence."""
    async_describe_event(DOMAIN, EVENT_HAPPENED, _described)


@callback
def _described(event: Event) -> dict[str, str]:
    # Not the entity: Home Assistant would show its name in the place of what the sentence is about.
    # The event itself has it, so that the entity's and its device's own activity has the sentence.
    name, message = sentence(event.data)
    return {LOGBOOK_ENTRY_NAME: name, LOGBOOK_ENTRY_MESSAGE: message}


def sentence(data: _Data) -> tuple[str, str]:
    """Give what a sentence is about, and what it says of that: the subject and the rest."""
    kind = _text(data, "kind")
    match _text(data, "topic"):
        case Topic.PLAYBACK:
            return _played(kind, data)
        case Topic.DECISION:
            said = _DECISIONS.get(kind, kind)
            viewer = _text(data, "viewer")
            who = f" (watched by {viewer})" if viewer else ""
            return _text(data, "title"), f"{_with(said, _text(data, 'reason'))}{who}"
        case Topic.REQUEST:
            return _text(data, "title"), _requested(kind, data)
        case _:
            return _worked(kind, data)


def _played(kind: str, data: _Data) -> tuple[str, str]:
    viewer, title = _text(data, "viewer") or "Somebody", _text(data, "title")
    device = f" on {_text(data, 'device')}" if _text(data, "device") else ""
    if kind == "milestone":
        return viewer, _milestone(data)
    if kind == "transcoding":
        return title, f"loses its lossless sound{device} ({_text(data, 'codec')} is converted)"
    percent = f" at {data['percent']:.0f} %" if isinstance(data.get("percent"), float) else ""
    at = percent if kind == "stopped" else ""
    return viewer, f"{_PLAYBACK.get(kind, kind)} {title}{at}{device}"


def _milestone(data: _Data) -> str:
    match _text(data, "milestone"):
        case "movies":
            return f"has watched {data.get('count')} movies"
        case "series_finished":
            return f"has finished {_text(data, 'title')}"
        case _:
            return f"watched {data.get('count')} episodes of {_text(data, 'title')} in a day"


def _requested(kind: str, data: _Data) -> str:
    if kind == "closed":
        return _CLOSED.get(_text(data, "closed"), "is closed")
    who = _text(data, "requested_by")
    if kind == "requested" and who:
        return f"was requested by {who}"
    words: dict[str, str] = {reason.value: said for reason, said in STUCK.items()}
    if kind == "stuck":
        why = words.get(_text(data, "stuck"), "")
        return _with("is stuck", f"{why} ({detail})" if (detail := _text(data, "detail")) else why)
    return _REQUESTS.get(kind, kind)


def _worked(kind: str, data: _Data) -> tuple[str, str]:
    """Give what a job did, and with what."""
    title, reason = _text(data, "title"), _text(data, "reason")
    failed = kind == "failed"
    match _text(data, "job"):
        case "refresh":
            return "Jellyfin", _with("was not told", reason) if failed else f"looks at {title}"
        case "import_history":
            count = f"{_text(data, 'imported')} new viewings"
            return "The import of history", _with("failed", reason) if failed else f"found {count}"
        case "retention":
            done = f"archived {_text(data, 'archived')} viewings"
            return "Showrunner", _with("could not archive viewings", reason) if failed else done
        case "delete_request":
            if kind == "planned":
                return title, "has a plan to be deleted"
            return title, "could not be deleted wholly" if failed else "was deleted as planned"
        case _:
            outcome = _text(data, "outcome")
            return title, _with(_OUTCOMES.get(outcome, outcome), _text(data, "detail"))


def _with(said: str, why: str) -> str:
    return f"{said}: {why}" if why else said


def _text(data: _Data, key: str) -> str:
    value = data.get(key)
    return "" if value is None else str(value)
