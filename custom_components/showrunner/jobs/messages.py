"""What the phone says: one message for each event that a channel may be told of."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from ..domain.requests.request import RequestState, StuckReason
from ..domain.text import Text, Value, Words, plain, read, say, words_of
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
# How many lines a summary has.
_SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class Spoken:
    """A message in words, as a channel sends it. `tags` are ntfy's emoji names."""

    event: Event
    title: str
    text: str
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """One thing to say, without its words until it is sent.

    Its text begins with `why`, as a sentence; `lines` come after it, each on its own. What has the
    same `cause` at the same time is told in one message (`in_one`): how many, and every `subject`.
    Without a cause it stands alone.
    """

    event: Event
    title: Words
    text: Words = ""
    tags: tuple[str, ...] = ()
    cause: str = ""
    subject: str = ""
    why: Words = ""
    lines: tuple[Words, ...] = ()

    def put(self, words: Callable[[Words], str]) -> Spoken:
        """Put it into words."""
        why = words(self.why)
        said = " ".join(part for part in (why[:1].upper() + why[1:], words(self.text)) if part)
        text = "\n".join(part for part in (said, *(words(line) for line in self.lines)) if part)
        return Spoken(self.event, words(self.title), text, self.tags)

    def as_dict(self) -> dict[str, object]:
        """Give JSON-safe values."""
        return {
            "event": self.event.value,
            "title": plain(self.title),
            "text": plain(self.text),
            "tags": list(self.tags),
            "cause": self.cause,
            "subject": self.subject,
            "why": plain(self.why),
            "lines": [plain(line) for line in self.lines],
        }

    @classmethod
    def from_dict(cls, kept: Mapping[str, object]) -> Message:
        """Read what `as_dict` gave. Raises KeyError, ValueError."""
        tags, lines = kept["tags"], kept.get("lines")
        return cls(
            Event(str(kept["event"])),
            read(kept["title"]),
            read(kept["text"]),
            tuple(str(tag) for tag in tags) if isinstance(tags, list) else (),
            str(kept.get("cause", "")),
            str(kept.get("subject", "")),
            read(kept.get("why")),
            tuple(read(line) for line in lines) if isinstance(lines, list) else (),
        )


# Why a request is stuck; Activity says the same.
STUCK: Final[Mapping[StuckReason, Text]] = {
    StuckReason.WAITING_FOR_APPROVAL: say("stuck_waiting_for_approval"),
    StuckReason.REFUSED: say("stuck_refused"),
    StuckReason.NOTHING_FOUND: say("stuck_nothing_found"),
    StuckReason.NOT_SEARCHED: say("stuck_not_searched"),
    StuckReason.NO_TORRENT: say("stuck_no_torrent"),
    StuckReason.NOT_MOVING: say("stuck_not_moving"),
    StuckReason.CLIENT_UNAVAILABLE: say("stuck_client_unavailable"),
    StuckReason.NOT_IMPORTED: say("stuck_not_imported"),
    StuckReason.STALLED: say("stuck_stalled"),
    StuckReason.NO_SEEDS: say("stuck_no_seeds"),
    StuckReason.DISK_FULL: say("stuck_disk_full"),
    StuckReason.DOWNLOAD_ERROR: say("stuck_download_error"),
    StuckReason.IMPORT_BLOCKED: say("stuck_import_blocked"),
    StuckReason.VANISHED: say("stuck_vanished"),
    StuckReason.NOT_MATCHED: say("stuck_not_matched"),
    StuckReason.NOT_VISIBLE: say("stuck_not_visible"),
    StuckReason.DOWNLOAD_FAILED: say("stuck_download_failed"),
}
# What became of a download, in words and as ntfy's emoji.
_OUTCOMES: Final[Mapping[str, tuple[Callable[[str], Text], str]]] = {
    "imported": (lambda title: say("told_imported", title=title), "white_check_mark"),
    "nothing_found": (lambda title: say("told_nothing_found", title=title), "mag"),
    "failed": (lambda title: say("told_not_fetched", title=title), "x"),
    "dropped": (lambda title: say("told_dropped", title=title), "fast_forward"),
}
_VERDICTS: Final[Mapping[str, tuple[Callable[[str], Text], str]]] = {
    "download": (lambda title: say("told_download", title=title), "arrow_down"),
    "ask": (lambda title: say("told_ask", title=title), "question"),
    "stream": (lambda title: say("told_stream", title=title), "tv"),
}
# What is said of several at once that have one cause; of trouble, with what it is.
_SEVERAL: Final[Mapping[str, Callable[[int], Text]]] = {
    "available": lambda count: say("told_several_available", count=count),
    "approval": lambda count: say("told_several_approvals", count=count),
    "still": lambda count: say("told_several_still", count=count),
    "down": lambda count: say("told_several_down", count=count),
    "back": lambda count: say("told_several_back", count=count),
}
_TROUBLES: Final[Mapping[str, Callable[[int, Words], Text]]] = {
    "failed": lambda count, why: say("told_several_failed", count=count, why=why),
    "stuck": lambda count, why: say("told_several_stuck", count=count, why=why),
}


def message_of(topic: Topic, kind: str, attributes: Attributes) -> Message | None:
    """Make a message of a signal; None for what nobody is told of."""
    teller = _TELLERS.get(topic)
    return teller(kind, attributes) if teller else None


def in_one(messages: list[Message]) -> Message:
    """Say in one message what one cause made; the last word on each subject."""
    first = messages[0]
    subjects = tuple(dict.fromkeys(message.subject for message in messages))
    if len(subjects) == 1:
        return messages[-1]
    kind, _, reason = first.cause.partition(":")
    if reason:
        title = _TROUBLES[kind](len(subjects), STUCK[StuckReason(reason)])
    else:
        title = _SEVERAL[kind](len(subjects))
    return Message(first.event, title, tags=first.tags, lines=shortened(subjects))


def summary(messages: list[Message]) -> Message:
    """Say in one message what was held; what somebody waits for comes first, and whole."""
    if len(messages) == 1:
        return messages[0]
    ordered = sorted(messages, key=lambda message: message.event not in ABOUT_REQUESTS)
    wanted = sum(message.event in ABOUT_REQUESTS for message in messages)
    lines = shortened([message.title for message in ordered], max(_SHOWN, wanted))
    title = say("told_several", count=len(messages))
    return Message(Event.OUTCOME, title, tags=("bell",), lines=lines)


def shortened(lines: Sequence[Words], most: int = _SHOWN) -> tuple[Words, ...]:
    """Keep the first lines, and say how many more there are."""
    more = len(lines) - most
    return (*lines[:most], *([say("told_more", count=more)] if more > 0 else []))


def _decision(kind: str, attributes: Attributes) -> Message | None:
    if kind not in _VERDICTS:
        return None
    words, tag = _VERDICTS[kind]
    viewer, reason = str(attributes.get("viewer") or ""), words_of(attributes.get("reason"))
    text = say("told_watched_by", reason=reason, viewer=viewer) if viewer else reason
    event = Event.STREAM if kind == "stream" else Event.DECISION
    return Message(event, words(str(attributes.get("title"))), text, (tag,))


def _job(kind: str, attributes: Attributes) -> Message | None:
    outcome, title = str(attributes.get("outcome")), str(attributes.get("title"))
    detail = words_of(attributes.get("detail"))
    if kind == "planned":
        if outcome != "waiting":
            return None  # it goes on by itself
        text = say("told_plan_waits", why=detail) if detail else say("told_plan")
        return Message(Event.PLAN_READY, say("told_plan_ready", title=title), text, ("clipboard",))
    words, tag = _OUTCOMES.get(outcome, _OUTCOMES["failed"])
    why = say("told_why", why=detail) if detail else ""
    return Message(Event.OUTCOME, words(title), words_of(attributes.get("reason")), (tag,), why=why)


def _request(kind: str, attributes: Attributes) -> Message | None:
    title, who = str(attributes.get("title")), str(attributes.get("requested_by") or "")
    wished: Words = say("told_requested_by", who=who) if who else ""
    if kind == RequestState.AVAILABLE:
        ready = say("told_available", title=title)
        return Message(Event.AVAILABLE, ready, wished, ("popcorn",), "available", title)
    if kind == RequestState.REQUESTED:
        asked = say("told_approval", title=title)
        return Message(Event.APPROVAL, asked, wished, ("raised_hand",), "approval", title)
    detail = words_of(attributes.get("detail"))
    if kind == RequestState.FAILED:
        failed = say("told_failed", title=title)
        return _trouble(Event.FAILED, failed, title, StuckReason.DOWNLOAD_FAILED, detail, wished)
    reason = attributes.get("stuck")
    # Of these there was a message when it began.
    if kind != "stuck" or reason == StuckReason.DOWNLOAD_FAILED or reason not in STUCK:
        return None
    if reason == StuckReason.WAITING_FOR_APPROVAL:
        still = say("told_still", title=title)
        return Message(Event.APPROVAL, still, wished, ("raised_hand",), "still", title)
    stuck = say("told_stuck", title=title)
    return _trouble(Event.STUCK, stuck, title, StuckReason(str(reason)), detail, wished)


def _trouble(
    event: Event, words: Text, title: str, reason: StuckReason, detail: Words, wished: Words
) -> Message:
    """Say what is wrong; many requests with one trouble are told in one message."""
    said = STUCK[reason]
    why = say("told_why_exactly", why=said, detail=detail) if detail else say("told_why", why=said)
    cause = f"{event.value}:{reason.value}"
    return Message(event, words, wished, ("warning",), cause, title, why)


def _service(kind: str, attributes: Attributes) -> Message | None:
    name = str(attributes.get("service"))
    if kind == "down":
        text = say("told_silent_since", service=name, since=_instant(attributes.get("since")))
        title = say("told_down", service=name)
        return Message(Event.SERVICE_DOWN, title, text, ("warning",), "down", name)
    title, text = say("told_back", service=name), say("told_answers", service=name)
    return Message(Event.SERVICE_BACK, title, text, ("ok",), "back", name)


def _instant(told: object) -> Value:
    try:
        return datetime.fromisoformat(str(told))
    except ValueError:
        return str(told)


_TELLERS: Final[Mapping[Topic, Callable[[str, Attributes], Message | None]]] = {
    Topic.DECISION: _decision,
    Topic.JOB: _job,
    Topic.REQUEST: _request,
    Topic.SERVICE: _service,
}
