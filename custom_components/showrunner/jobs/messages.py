"""What the phone says: one message for each event that a channel may be told of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ..domain.requests.request import RequestState, StuckReason
from ..signals import Attributes, Topic


class Event(StrEnum):
    """What a channel can be told of (the subentries' field `events`)."""

    DECISION = "decision"
    STREAM = "stream"
    OUTCOME = "outcome"
    PLAN_READY = "plan_ready"
    APPROVAL = "approval"
    AVAILABLE = "available"
    STUCK = "stuck"
    FAILED = "failed"
    SERVICE_DOWN = "service_down"
    SERVICE_BACK = "service_back"


# A verdict that changes nothing is told to who chose to hear it.
BY_DEFAULT: Final = tuple(event.value for event in Event if event is not Event.STREAM)
# Somebody waits for these: an hour's limit does not hold them back.
ABOUT_REQUESTS: Final = frozenset({Event.APPROVAL, Event.AVAILABLE, Event.STUCK, Event.FAILED})


@dataclass(frozen=True, slots=True)
class Message:
    """One thing to say. `tags` are ntfy's emoji names.

    What has the same `cause` at the same time is told in one message: the number, the cause, and
    every `subject`. Without a cause it stands alone.
    """

    event: Event
    title: str
    text: str
    tags: tuple[str, ...] = ()
    cause: str = ""
    subject: str = ""

    def as_dict(self) -> dict[str, object]:
        """Give JSON-safe values."""
        return {
            "event": self.event.value,
            "title": self.title,
            "text": self.text,
            "tags": list(self.tags),
            "cause": self.cause,
            "subject": self.subject,
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, object]) -> Message:
        """Read what `as_dict` gave. Raises KeyError, ValueError."""
        tags = plain["tags"]
        return cls(
            Event(str(plain["event"])),
            str(plain["title"]),
            str(plain["text"]),
            tuple(str(tag) for tag in tags) if isinstance(tags, list) else (),
            str(plain.get("cause", "")),
            str(plain.get("subject", "")),
        )


# What became of a download, in words and as ntfy's emoji; Activity says the same.
OUTCOMES: Final[Mapping[str, tuple[str, str]]] = {
    "imported": ("is here", "white_check_mark"),
    "nothing_found": ("was not found", "mag"),
    "failed": ("could not be fetched", "x"),
    "dropped": ("was not searched", "fast_forward"),
}
STUCK: Final[Mapping[StuckReason, str]] = {
    StuckReason.WAITING_FOR_APPROVAL: "it waits for approval",
    StuckReason.REFUSED: "Radarr or Sonarr refused it",
    StuckReason.NOTHING_FOUND: "nothing was found",
    StuckReason.NOT_SEARCHED: "nobody has searched for it",
    StuckReason.NO_TORRENT: "its download is in no torrent client",
    StuckReason.NOT_MOVING: "nothing has changed for hours",
    StuckReason.CLIENT_UNAVAILABLE: "its torrent client does not answer",
    StuckReason.NOT_IMPORTED: "it is downloaded and not imported",
    StuckReason.STALLED: "its download does not move",
    StuckReason.NO_SEEDS: "its download has no seeds",
    StuckReason.DISK_FULL: "the disk is full",
    StuckReason.DOWNLOAD_ERROR: "its download has an error",
    StuckReason.IMPORT_BLOCKED: "it can't be imported",
    StuckReason.VANISHED: "its download vanished",
    StuckReason.NOT_MATCHED: "Shoko does not know it",
    StuckReason.NOT_VISIBLE: "Jellyfin does not show it",
    StuckReason.DOWNLOAD_FAILED: "its download failed",
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
    words, tag = _VERDICTS.get(kind, (kind, "tv"))
    viewer = attributes.get("viewer")
    reason = str(attributes.get("reason", ""))
    text = f"{reason} (watched by {viewer})" if viewer else reason
    event = Event.STREAM if kind == "stream" else Event.DECISION
    return Message(event, f"{words}: {attributes.get('title')}", text, (tag,))


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
    words, tag = OUTCOMES.get(outcome, (outcome, "x"))
    reason = str(attributes.get("reason", ""))
    text = ". ".join(part for part in (detail[:1].upper() + detail[1:], reason) if part)
    return Message(Event.OUTCOME, f"{title} {words}", text, (tag,))


def _request(kind: str, attributes: Attributes) -> Message | None:
    title, who = str(attributes.get("title")), str(attributes.get("requested_by") or "")
    wished = f"Requested by {who}." if who else ""
    if kind == RequestState.AVAILABLE:
        words, event, tag = "is ready to watch", Event.AVAILABLE, "popcorn"
        return Message(event, f"{title} {words}", wished, (tag,), "requests are ready", title)
    if kind == RequestState.REQUESTED:
        return _approval(title, wished)
    if kind == RequestState.FAILED:
        detail = str(attributes.get("detail") or "")
        return _trouble(Event.FAILED, title, STUCK[StuckReason.DOWNLOAD_FAILED], detail, wished)
    reason = attributes.get("stuck")
    # Of these there was a message when it began.
    if kind != "stuck" or reason == StuckReason.DOWNLOAD_FAILED or reason not in STUCK:
        return None
    if reason == StuckReason.WAITING_FOR_APPROVAL:
        return _approval(title, wished, "still ")
    detail = str(attributes.get("detail") or "")
    return _trouble(Event.STUCK, title, STUCK[StuckReason(str(reason))], detail, wished)


def _approval(title: str, wished: str, still: str = "") -> Message:
    return Message(
        Event.APPROVAL,
        f"{title} {still}waits for your approval",
        wished,
        ("raised_hand",),
        f"requests {still}wait for your approval",
        title,
    )


def _trouble(event: Event, title: str, words: str, detail: str, wished: str) -> Message:
    """Say what is wrong; many requests with one trouble are told in one message."""
    what = "failed" if event is Event.FAILED else "is stuck"
    many = "requests failed" if event is Event.FAILED else "requests are stuck"
    said = f"{words[:1].upper()}{words[1:]}{f' ({detail})' if detail else ''}."
    text = f"{said} {wished}".strip()
    return Message(event, f"{title} {what}", text, ("warning",), f"{many}: {words}", title)


def _service(kind: str, attributes: Attributes) -> Message | None:
    name = str(attributes.get("service"))
    if kind == "down":
        text = f"{name} has not answered since {attributes.get('since')}."
        tags, cause = ("warning",), "services are down"
        return Message(Event.SERVICE_DOWN, f"{name} is down", text, tags, cause, name)
    text, cause = f"{name} answers again.", "services are back"
    return Message(Event.SERVICE_BACK, f"{name} is back", text, ("ok",), cause, name)


_TELLERS: Final[Mapping[Topic, Callable[[str, Attributes], Message | None]]] = {
    Topic.DECISION: _decision,
    Topic.JOB: _job,
    Topic.REQUEST: _request,
    Topic.SERVICE: _service,
}
