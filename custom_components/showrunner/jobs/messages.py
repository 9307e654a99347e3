"""What the phone says: one message for each event that a channel may be told of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ..signals import Attributes, Topic


class Event(StrEnum):
    """What a channel can be told of (the subentries' field `events`)."""

    DECISION = "decision"
    OUTCOME = "outcome"
    PLAN_READY = "plan_ready"
    SERVICE_DOWN = "service_down"
    SERVICE_BACK = "service_back"


@dataclass(frozen=True, slots=True)
class Message:
    """One thing to say. `tags` are ntfy's emoji names."""

    event: Event
    title: str
    text: str
    tags: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, object]:
        """Give JSON-safe values."""
        return {
            "event": self.event.value,
            "title": self.title,
            "text": self.text,
            "tags": list(self.tags),
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, object]) -> Message:
        """Read what `as_dict` gave."""
        tags = plain["tags"]
        return cls(
            Event(str(plain["event"])),
            str(plain["title"]),
            str(plain["text"]),
            tuple(str(tag) for tag in tags) if isinstance(tags, list) else (),
        )


_OUTCOMES: Final[Mapping[str, tuple[str, str]]] = {
    "imported": ("is here", "white_check_mark"),
    "nothing_found": ("was not found", "mag"),
    "failed": ("could not be fetched", "x"),
    "dropped": ("was not searched", "fast_forward"),
}
# Nobody's phone has to ring because Jellyfin looks at a folder, or for what is long over.
_SILENT: Final = frozenset({"refresh", "import_history", "retention", "delete_request"})
_VERDICTS: Final[Mapping[str, tuple[str, str]]] = {
    "download": ("Worth keeping", "arrow_down"),
    "ask": ("Your decision", "question"),
    "stream": ("Stream only", "tv"),
}


def message_of(topic: Topic, kind: str, attributes: Attributes) -> Message | None:
    """Put a signal into words; None for what nobody is told of."""
    teller = _TELLERS.get(topic)
    return teller(kind, attributes) if teller else None


def _decision(kind: str, attributes: Attributes) -> Message | None:
    if attributes.get("pending"):
        return None  # not decided yet: the answer will be told when there is one
    words, tag = _VERDICTS.get(kind, (kind, "tv"))
    viewer = attributes.get("viewer")
    reason = str(attributes.get("reason", ""))
    text = f"{reason} (watched by {viewer})" if viewer else reason
    return Message(Event.DECISION, f"{words}: {attributes.get('title')}", text, (tag,))


def _job(kind: str, attributes: Attributes) -> Message | None:
    if attributes.get("job") in _SILENT:
        return None
    outcome, title = str(attributes.get("outcome")), str(attributes.get("title"))
    detail = str(attributes.get("detail", ""))
    if kind == "planned":
        if outcome != "waiting":
            return None  # it goes on by itself
        return Message(
            Event.PLAN_READY,
            f"Ready to fetch: {title}",
            f"The plan waits for you ({detail}).",
            ("clipboard",),
        )
    words, tag = _OUTCOMES.get(outcome, (outcome, "x"))
    reason = str(attributes.get("reason", ""))
    text = ". ".join(part for part in (detail[:1].upper() + detail[1:], reason) if part)
    return Message(Event.OUTCOME, f"{title} {words}", text, (tag,))


def _service(kind: str, attributes: Attributes) -> Message | None:
    name = attributes.get("service")
    if kind == "down":
        text = f"{name} has not answered since {attributes.get('since')}."
        return Message(Event.SERVICE_DOWN, f"{name} is down", text, ("warning",))
    return Message(Event.SERVICE_BACK, f"{name} is back", f"{name} answers again.", ("ok",))


_TELLERS: Final[Mapping[Topic, Callable[[str, Attributes], Message | None]]] = {
    Topic.DECISION: _decision,
    Topic.JOB: _job,
    Topic.SERVICE: _service,
}
