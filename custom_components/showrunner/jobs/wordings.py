"""What is said of what happens: one message for each signal that a channel may be told of."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import partial
from typing import Final

from ..domain.buttons import Button, Verb, offered
from ..domain.digest import Digest
from ..domain.notices import Coming
from ..domain.requests.request import RequestState, StuckReason
from ..domain.text import Text, Value, Words, say, words_of
from ..signals import Attributes, Topic
from .messages import STUCK, Answer, Event, Message, shortened

# How many titles that leave are told one by one, with buttons.
_APART: Final = 3
_GB: Final = 10**9
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
# What is on a button.
LABELS: Final[Mapping[Verb, Text]] = {
    Verb.KEEP: say("button_keep"),
    Verb.POSTPONE: say("button_postpone"),
    Verb.WHY: say("button_why"),
}


def message_of(topic: Topic, kind: str, attributes: Attributes) -> Message | None:
    """Make a message of a signal; None for what nobody is told of."""
    wording = _WORDINGS.get(topic)
    return wording(kind, attributes) if wording else None


def _decision(kind: str, attributes: Attributes) -> Message | None:
    if kind not in _VERDICTS:
        return None
    words, tag = _VERDICTS[kind]
    viewer, reason = str(attributes.get("viewer") or ""), words_of(attributes.get("reason"))
    text = say("told_watched_by", reason=reason, viewer=viewer) if viewer else reason
    event = Event.STREAM if kind == "stream" else Event.DECISION
    return Message(event, words(str(attributes.get("title"))), text, (tag,))


def _purge(kind: str, attributes: Attributes) -> Message:
    """Say what became of a purge, or what it would take."""
    if kind == "planned":
        title = say("told_purge_planned", count=_count(attributes, "planned"))
        return Message(Event.PLAN_READY, title, say("told_plan"), ("clipboard",))
    if kind == "failed":
        left = _count(attributes, "files_left")
        text = say("told_purge_left", count=left) if left else ""
        return Message(Event.OUTCOME, say("told_not_purged"), text, ("x",))
    freed = round(_count(attributes, "bytes_freed") / _GB, 1)
    claimed = round(_count(attributes, "bytes_claimed") / _GB, 1)
    title = say("told_purged", count=_count(attributes, "done"))
    text = say("told_purge_freed", freed=freed)
    if claimed:
        text = say("told_purge_claimed", freed=freed, claimed=claimed)
    return Message(Event.OUTCOME, title, text, ("broom",))


def _cleanup(kind: str, attributes: Attributes) -> Message:
    """Say what was watched has left, or would."""
    if kind == "planned":
        return Message(
            Event.PLAN_READY, say("told_cleanup_planned"), say("told_plan"), ("clipboard",)
        )
    if kind == "failed":
        return Message(Event.OUTCOME, say("told_cleanup_failed"), tags=("x",))
    freed = round(_count(attributes, "bytes_freed") / _GB, 1)
    text = say("told_purge_freed", freed=freed)
    return Message(Event.OUTCOME, say("told_cleanup_done"), text, ("broom",))


def _sync(kind: str, attributes: Attributes) -> Message:
    """Say what has come home from the seedbox, or would."""
    if kind == "planned":
        title = say("told_sync_planned", count=_count(attributes, "planned"))
        return Message(Event.PLAN_READY, title, say("told_plan"), ("clipboard",))
    if kind == "failed":
        missing = _count(attributes, "failed") + _count(attributes, "skipped")
        return Message(Event.OUTCOME, say("told_not_synced", count=missing), tags=("x",))
    title = say("told_synced", count=_count(attributes, "done"))
    return Message(Event.OUTCOME, title, tags=("inbox_tray",))


def _remove_source(kind: str, attributes: Attributes) -> Message:
    """Say what was removed where it came from, or could be."""
    if kind == "planned":
        title = say("told_source_planned", count=_count(attributes, "planned"))
        return Message(Event.PLAN_READY, title, say("told_plan"), ("clipboard",))
    if kind == "failed":
        return Message(Event.OUTCOME, say("told_source_stays"), tags=("x",))
    freed = round(_count(attributes, "bytes_freed") / _GB, 1)
    title = say("told_source_removed", count=_count(attributes, "done"))
    return Message(Event.OUTCOME, title, say("told_purge_freed", freed=freed), ("broom",))


def _count(attributes: Attributes, key: str) -> int:
    value = attributes.get(key)
    return value if isinstance(value, int) else 0


def _job(kind: str, attributes: Attributes) -> Message | None:
    if (wording := _WORDINGS_OF_JOBS.get(str(attributes.get("job")))) is not None:
        return wording(kind, attributes)
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
    if kind == "full":
        used, limit = (_gigabytes(attributes.get(key)) for key in ("used", "of"))
        title, text = say("told_full", service=name), say("told_quota_used", used=used, limit=limit)
        if attributes.get("limit") == "target":
            title = say("told_over_target", service=name)
            text = say("told_target_passed", used=used, limit=limit)
        return Message(Event.SEEDBOX_FULL, title, text, ("floppy_disk",))
    if kind == "down":
        text = say("told_silent_since", service=name, since=_instant(attributes.get("since")))
        title = say("told_down", service=name)
        return Message(Event.SERVICE_DOWN, title, text, ("warning",), "down", name)
    title, text = say("told_back", service=name), say("told_answers", service=name)
    return Message(Event.SERVICE_BACK, title, text, ("ok",), "back", name)


def _leaving(kind: str, attributes: Attributes) -> Message | None:
    """Say what is deleted next, the first first; or answer who has pressed a button under it."""
    if kind == "answered":
        return _answered(attributes)
    listed = attributes.get("parts")
    parts = [one for one in listed if isinstance(one, Coming)] if isinstance(listed, tuple) else []
    if kind != "soon" or not parts:
        return None
    audience = str(attributes.get("audience", ""))
    if len(parts) == 1:
        return _leaves(parts[0], audience)
    lines = [say("told_leaving_line", title=one.label, day=one.leaves_on) for one in parts]
    title = say("told_several_leaving", count=len(parts))
    # A message has the buttons of one title only: nobody can tell which they would be of.
    apart = tuple(_leaves(one, audience) for one in parts) if len(parts) <= _APART else ()
    return Message(
        Event.LEAVING,
        title,
        tags=("hourglass",),
        lines=shortened(lines),
        apart=apart,
        page="/calendar",
        audience=audience,
    )


def _leaves(one: Coming, audience: str) -> Message:
    size = round(one.size_bytes / _GB, 1)
    text = say("told_leaves_on", day=one.leaves_on, size=size)
    return Message(
        Event.LEAVING,
        say("told_leaving", title=one.label),
        text,
        ("hourglass",),
        buttons=offered(one.names[0], one.season, one.leaves_at),
        audience=audience,
    )


def _digest(kind: str, attributes: Attributes) -> Message | None:
    """Sum up a week."""
    digest = attributes.get("digest")
    if not isinstance(digest, Digest):
        return None
    return Message(
        Event.DIGEST,
        say("told_digest"),
        tags=("calendar",),
        lines=digest_lines(digest),
        audience=str(attributes.get("audience", "")),
    )


def digest_lines(digest: Digest) -> tuple[Text, ...]:
    """Say what there was, each on its own line; of what there was none there is nothing to say."""
    counted = (
        (digest.fetched, say("told_digest_fetched", count=digest.fetched)),
        (digest.deleted, say("told_digest_deleted", count=digest.deleted)),
        (digest.freed_bytes, say("told_digest_freed", freed=round(digest.freed_bytes / _GB, 1))),
        (digest.requested, say("told_digest_requested", count=digest.requested)),
    )
    watched = (
        say("told_digest_watched", title=one.title.label, count=one.count) for one in digest.watched
    )
    found = (*(said for number, said in counted if number), *watched)
    return found or (say("told_digest_nothing"),)


def _answered(attributes: Attributes) -> Message | None:
    """Say what a button has done, on the channel on which it was pressed."""
    button, title = attributes.get("button"), words_of(attributes.get("title"))
    if not isinstance(button, Button):
        return None
    to, lines = str(attributes.get("to")), attributes.get("lines")
    answer, again = attributes.get("answer"), partial(offered, button.title, button.season)
    tell = partial(Message, Event.LEAVING, to=to)
    if answer == Answer.KEPT:
        return tell(_kept(title, attributes.get("until")), tags=("lock",))
    if answer == Answer.WHY:
        return tell(
            say("told_why_leaving", title=title),
            tags=("mag",),
            lines=tuple(map(words_of, lines)) if isinstance(lines, tuple) else (),
            buttons=again(button.until, Verb.KEEP, Verb.POSTPONE),
        )
    if answer == Answer.NOT_LEAVING:
        return tell(say("told_not_leaving", title=title), say("told_nothing_done"), ("ok",))
    if answer == Answer.LATE:
        return tell(say("told_late", title=title), say("told_late_why"), ("x",))
    failed = say("told_button_failed", title=title)
    return tell(failed, say("told_button_again"), ("x",), buttons=again(button.until))


def _kept(title: Words, until: object) -> Text:
    if not isinstance(until, date):
        return say("told_kept", title=title)
    return say("told_kept_until", title=title, day=until)


def _gigabytes(value: object) -> int:
    return round(value / _GB) if isinstance(value, int) else 0


def _instant(value: object) -> Value:
    try:
        return datetime.fromisoformat(str(value))
    except ValueError:
        return str(value)


_WORDINGS_OF_JOBS: Final[Mapping[str, Callable[[str, Attributes], Message]]] = {
    "cleanup": _cleanup,
    "purge": _purge,
    "remove_source": _remove_source,
    "sync": _sync,
}
_WORDINGS: Final[Mapping[Topic, Callable[[str, Attributes], Message | None]]] = {
    Topic.DECISION: _decision,
    Topic.DIGEST: _digest,
    Topic.JOB: _job,
    Topic.LEAVING: _leaving,
    Topic.REQUEST: _request,
    Topic.SERVICE: _service,
}
