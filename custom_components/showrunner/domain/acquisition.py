"""The pursuit of one wanted movie, from the viewing that asked for it to its outcome.

An acquisition is a value; `judge` derives its next state from what Radarr says now. Nothing is
concluded from silence: an unknown answer leaves the acquisition as it is (law 1).
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self

from .knowledge import Absent, Knowledge, Known, Unknown
from .media import MediaType, ProviderIds, Title
from .text import Text, Words, read, say
from .values import year

# A grab that a search leads to is there when the search command has ended; Radarr needs a
# moment to show it in history and queue.
GRAB_GRACE: Final = timedelta(seconds=20)
# After a failed download Radarr searches again by itself: wait before calling it failed.
FAILURE_GRACE: Final = timedelta(minutes=10)
# How long a search may be neither ended nor known to Radarr any more.
SEARCH_PATIENCE: Final = timedelta(hours=1)
GRAB_PATIENCE: Final = timedelta(days=30)
_FOLLOW: Final = (2, 2, 3, 5, 5, 10, 10, 20, 30, 60, 60, 120)
_ASK_AGAIN: Final = (15, 60, 300, 900, 3600)
_GIVE_UP_ASKING: Final = timedelta(days=1)
_HOUR: Final = timedelta(hours=1)
_NOTHING: Final = say("acquisition_nothing_found")


class Origin(StrEnum):
    """Who asked for a movie."""

    VIEWING = "viewing"  # a tracked viewer has watched it
    GUEST = "guest"  # somebody who is not tracked has; nothing about them is kept
    PERSON = "person"  # an action asked


class AcquisitionState(StrEnum):
    """Where the pursuit of a movie stands."""

    DECIDING = "deciding"  # nothing decided yet, or frozen by an unknown answer
    PLANNED = "planned"  # a plan exists and waits for a person (dry run, "ask me")
    QUEUED = "queued"  # decided; waits for its turn to be searched
    SEARCHING = "searching"
    GRABBED = "grabbed"
    IMPORTED = "imported"
    NOTHING_FOUND = "nothing_found"
    FAILED = "failed"
    DROPPED = "dropped"  # streamed, or the facts changed before it was carried out

    @property
    def open(self) -> bool:
        """Tell whether the job still has something to do about it."""
        return self in _OPEN

    @property
    def following(self) -> bool:
        """Tell whether a search is out and its outcome not known."""
        return self in (AcquisitionState.SEARCHING, AcquisitionState.GRABBED)


_OPEN: Final = frozenset(
    {
        AcquisitionState.DECIDING,
        AcquisitionState.QUEUED,
        AcquisitionState.SEARCHING,
        AcquisitionState.GRABBED,
    }
)


@dataclass(frozen=True, slots=True)
class Acquisition:
    """One movie that one viewing (or a person) asked for.

    `id` is made from the viewing, so that one viewing never leads to two pursuits. `next_at` is
    when the job looks at it again; `reason` is why it is wanted, `detail` how it stands; `service`
    is Radarr's subentry id, `remote_id` its movie id. `approved`: a person applied the plan, so
    neither dry run nor a switch turned off later holds it back.
    """

    id: str
    title: Title
    state: AcquisitionState
    created_at: datetime
    next_at: datetime | None
    origin: Origin = Origin.VIEWING
    item_id: str | None = None
    viewer_id: str | None = None
    viewer_name: str = ""
    plan_id: str | None = None
    service: str | None = None
    remote_id: int | None = None
    command_id: int | None = None
    searched_at: datetime | None = None
    attempts: int = 0
    approved: bool = False
    reason: Words = ""
    detail: Words = ""

    def as_dict(self) -> dict[str, object]:
        """Give JSON-safe values."""
        plain: dict[str, object] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name == "title":
                value = {
                    "media": self.title.media.value,
                    "name": self.title.name,
                    "year": self.title.year,
                    "ids": {
                        "tmdb": self.title.ids.tmdb,
                        "tvdb": self.title.ids.tvdb,
                        "imdb": self.title.ids.imdb,
                    },
                }
            elif isinstance(value, Text):
                value = value.as_dict()
            elif isinstance(value, datetime):
                value = value.isoformat()
            elif isinstance(value, StrEnum):
                value = value.value
            plain[field.name] = value
        return plain

    @classmethod
    def from_dict(cls, plain: Mapping[str, object]) -> Self:
        """Read what `as_dict` gave."""
        values = dict(plain)
        title = values["title"]
        if not isinstance(title, Mapping):
            raise TypeError("title")
        values["title"] = Title(
            MediaType(title["media"]),
            ProviderIds.from_mapping(title["ids"]),
            title["name"],
            year(title["year"]),
        )
        values["state"] = AcquisitionState(str(values["state"]))
        values["origin"] = Origin(str(values["origin"]))
        for name in ("created_at", "next_at", "searched_at"):
            if isinstance(text := values.get(name), str):
                values[name] = datetime.fromisoformat(text)
        for name in ("reason", "detail"):
            values[name] = read(values.get(name))
        return cls(**values)  # type: ignore[arg-type]


class CommandState(StrEnum):
    """How Radarr's search command stands."""

    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Progress:
    """What Radarr says about a movie that was searched.

    `command`: absent when Radarr does not know it any more. `grabs`, `imports`, `failures` are
    the instants of history events. `queued`: whether the movie is in the queue.
    """

    command: Knowledge[CommandState]
    command_ended: datetime | None
    queued: Knowledge[bool]
    grabs: Knowledge[tuple[datetime, ...]]
    imports: Knowledge[tuple[datetime, ...]]
    failures: Knowledge[tuple[datetime, ...]]
    message: str = ""


def _since(times: Knowledge[tuple[datetime, ...]], begun: datetime) -> tuple[datetime, ...]:
    """Events of this search: Radarr's clock may lag ours by a little."""
    if not isinstance(times, Known):
        return ()
    return tuple(at for at in times.value if at >= begun - timedelta(seconds=5))


def judge(acquisition: Acquisition, progress: Progress, now: datetime) -> Acquisition:
    """Derive the state of a searched movie from what Radarr says now.

    Only `searching` and `grabbed` can change; an unknown history changes nothing.
    """
    begun = acquisition.searched_at
    if not acquisition.state.following or begun is None:
        return acquisition
    if isinstance(progress.imports, Unknown) or isinstance(progress.grabs, Unknown):
        return acquisition
    if _since(progress.imports, begun):
        return _ended(acquisition, AcquisitionState.IMPORTED, say("acquisition_imported"))
    grabs = _since(progress.grabs, begun)
    queued = isinstance(progress.queued, Known) and progress.queued.value
    if grabs or queued:
        return _after_grab(acquisition, progress, grabs, now, queued=queued)
    return _before_grab(acquisition, progress, now)


def _ended(acquisition: Acquisition, state: AcquisitionState, detail: Words) -> Acquisition:
    return replace(acquisition, state=state, detail=detail, next_at=None)


def _after_grab(
    acquisition: Acquisition,
    progress: Progress,
    grabs: tuple[datetime, ...],
    now: datetime,
    *,
    queued: bool,
) -> Acquisition:
    grabbed = replace(
        acquisition, state=AcquisitionState.GRABBED, detail=say("acquisition_grabbed")
    )
    if queued or isinstance(progress.queued, Unknown):
        return grabbed
    begun = acquisition.searched_at or now
    failures = _since(progress.failures, begun)
    last_grab = max(grabs, default=begun)
    if failures and max(failures) >= last_grab and now - max(failures) >= FAILURE_GRACE:
        why = progress.message or say("acquisition_download_failed")
        return _ended(acquisition, AcquisitionState.FAILED, why)
    if now - last_grab >= GRAB_PATIENCE:
        return _ended(acquisition, AcquisitionState.FAILED, say("acquisition_vanished"))
    return grabbed


def _before_grab(acquisition: Acquisition, progress: Progress, now: datetime) -> Acquisition:
    match progress.command:
        case Known(CommandState.FAILED):
            why = progress.message or say("acquisition_search_failed")
            return _ended(acquisition, AcquisitionState.FAILED, why)
        case Known(CommandState.COMPLETED):
            since = progress.command_ended or acquisition.searched_at or now
            if now - since >= GRAB_GRACE and not isinstance(progress.queued, Unknown):
                return _ended(acquisition, AcquisitionState.NOTHING_FOUND, _NOTHING)
        case Absent():
            begun = acquisition.searched_at or now
            if now - begun >= SEARCH_PATIENCE and not isinstance(progress.queued, Unknown):
                return _ended(acquisition, AcquisitionState.NOTHING_FOUND, _NOTHING)
    return acquisition


def follow_at(acquisition: Acquisition, now: datetime) -> datetime:
    """Say when to look again: every few seconds at first, then every few minutes."""
    step = _FOLLOW[min(acquisition.attempts, len(_FOLLOW) - 1)]
    return now + timedelta(seconds=step)


def ask_again_at(acquisition: Acquisition, now: datetime) -> datetime | None:
    """Say when to decide again what an unknown answer froze; None after a day."""
    if now - acquisition.created_at >= _GIVE_UP_ASKING:
        return None
    step = _ASK_AGAIN[min(acquisition.attempts, len(_ASK_AGAIN) - 1)]
    return now + timedelta(seconds=step)


def next_search_at(searched: tuple[datetime, ...], per_hour: int, now: datetime) -> datetime:
    """Say when the next search may go out: at most `per_hour` in any sixty minutes."""
    recent = sorted(at for at in searched if at > now - _HOUR)
    if len(recent) < per_hour:
        return now
    # The one that must have left the hour before another may go out.
    return recent[-per_hour] + _HOUR if per_hour > 0 else now + _HOUR
