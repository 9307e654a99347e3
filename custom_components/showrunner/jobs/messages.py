"""What a channel is told: one message, alone or of several things with one cause."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ..domain.buttons import Button
from ..domain.requests.request import StuckReason
from ..domain.text import Text, Words, plain, read, say


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
    SEEDBOX_FULL = "seedbox_full"
    LEAVING = "leaving"
    DIGEST = "digest"


# A verdict that changes nothing is told to who chose to hear it.
BY_DEFAULT: Final = tuple(event.value for event in Event if event is not Event.STREAM)
# Somebody waits for these: an hour's limit does not hold them back.
ABOUT_REQUESTS: Final = frozenset({Event.APPROVAL, Event.AVAILABLE, Event.STUCK, Event.FAILED})
# How many lines a summary has.
_SHOWN: Final = 10


class Answer(StrEnum):
    """What became of a button that was pressed."""

    KEPT = "kept"
    WHY = "why"
    NOT_LEAVING = "not_leaving"
    LATE = "late"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class SpokenButton:
    """A button in words, and its token."""

    label: str
    token: str


@dataclass(frozen=True, slots=True)
class Spoken:
    """A message in words, as a channel sends it. `tags` are ntfy's emoji names.

    `page` is the path of one of Home Assistant's, for who taps on it.
    """

    event: Event
    title: str
    text: str
    tags: tuple[str, ...] = ()
    buttons: tuple[SpokenButton, ...] = ()
    page: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """One thing to say, without its words until it is sent.

    Its text begins with `why`, as a sentence; `lines` come after it, each on its own. What has the
    same `cause` at the same time is told in one message (`in_one`): how many, and every `subject`.
    Without a cause it stands alone. Channels with buttons are told `apart` in its place, if there
    is any. `to`: it answers this channel, and is told no other. `audience`: it is only for the
    channels of this viewer, "" for those that are nobody's; None: for all of them.
    """

    event: Event
    title: Words
    text: Words = ""
    tags: tuple[str, ...] = ()
    cause: str = ""
    subject: str = ""
    why: Words = ""
    lines: tuple[Words, ...] = ()
    buttons: tuple[Button, ...] = ()
    apart: tuple[Message, ...] = ()
    page: str = ""
    to: str = ""
    audience: str | None = None

    def put(self, words: Callable[[Words], str]) -> Spoken:
        """Put it into words, but for its buttons: each channel has its own."""
        why = words(self.why)
        said = " ".join(part for part in (why[:1].upper() + why[1:], words(self.text)) if part)
        text = "\n".join(part for part in (said, *(words(line) for line in self.lines)) if part)
        return Spoken(self.event, words(self.title), text, self.tags, page=self.page)

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
            "buttons": [button.as_dict() for button in self.buttons],
            "page": self.page,
            "to": self.to,
            "audience": self.audience,
        }

    @classmethod
    def from_dict(cls, kept: Mapping[str, object]) -> Message:
        """Read what `as_dict` gave. Raises KeyError, ValueError."""
        tags, lines, buttons = kept["tags"], kept.get("lines"), kept.get("buttons")
        audience = kept.get("audience")
        return cls(
            Event(str(kept["event"])),
            read(kept["title"]),
            read(kept["text"]),
            tuple(str(tag) for tag in tags) if isinstance(tags, list) else (),
            str(kept.get("cause", "")),
            str(kept.get("subject", "")),
            read(kept.get("why")),
            tuple(read(line) for line in lines) if isinstance(lines, list) else (),
            tuple(map(Button.from_dict, buttons)) if isinstance(buttons, list) else (),
            page=str(kept.get("page", "")),
            to=str(kept.get("to", "")),
            audience=None if audience is None else str(audience),
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
