"""What the fold of `watching` remembers: open sittings and recent viewings, as one value."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final, Self

from ..media import Unit
from .viewing import ReportSource, Seen, Viewing, merge, unit_dict, unit_from

_WEBHOOK_ONLY: Final = frozenset({ReportSource.WEBHOOK})


class ReportKind(StrEnum):
    """What a report says. A snapshot, a pause and a resumption are all progress."""

    STARTED = "started"
    PROGRESS = "progress"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class PlaybackReport:
    """What a source says of one play at one instant. Positions and runtime in seconds.

    `completed` is the server's own opinion at a stop. `is_theme`: a trailer, theme or intro.
    `checked_in` is when the client spoke last, by the server's clock, and `silent` how many seconds
    that is ago (`check_ins`). `lost`: nobody stopped it, the server gave it up.
    """

    source: ReportSource
    kind: ReportKind
    at: datetime
    user_id: str
    user_name: str
    unit: Unit
    position: float | None
    runtime: float | None
    paused: bool = False
    session_id: str = ""
    device: str = ""
    client: str = ""
    play_method: str = ""
    transcode_reasons: tuple[str, ...] = ()
    completed: bool | None = None
    is_theme: bool = False
    checked_in: datetime | None = None
    silent: float = 0.0
    lost: bool = False

    @property
    def from_webhook(self) -> bool:
        """Tell whether a webhook says this, which has no signature."""
        return self.source is ReportSource.WEBHOOK


@dataclass(frozen=True, slots=True)
class Sitting:
    """One play on one device. `watched` of this sitting, `base` what was known before it.

    `counted` is the part of `watched` that counts elsewhere already: in `base`, or on another
    device at the same time. `lit` and `lit_for`: until when, and for how many seconds, it counted
    last, as others at the same time need to know. `webhook_seconds` is the time before, that only a
    webhook told of, and `base` does not know: it is shown, and makes nothing count. `spare` is time
    that passed while the position stood still although nothing was paused: many clients tell it
    every ten seconds only.

    A sitting is told either by sessions or by webhooks. What a webhook tells of a sitting that
    sessions tell of goes into one beside it (`beside`), until sessions tell more.
    """

    viewer_id: str
    unit: Unit
    day: date
    began: datetime
    at: datetime
    start: float | None
    position: float | None
    furthest: float
    runtime: float | None
    watched: float
    session_id: str
    device: str
    client: str
    play_method: str
    sources: frozenset[ReportSource]
    base: Viewing | None
    counted: float = 0.0
    spare: float = 0.0
    paused: bool = False
    lit: datetime | None = None
    lit_for: float = 0.0
    webhook_seconds: float = 0.0

    @property
    def place(self) -> tuple[bool, str, str, datetime]:
        """What makes it this sitting while it is open."""
        return (self.is_seen, *self._play)

    @property
    def _play(self) -> tuple[str, str, datetime]:
        return (self.viewer_id, self.session_id or self.device, self.began)

    def is_same_play(self, other: Sitting) -> bool:
        """Tell whether both are one play, whoever told of them."""
        return self._play == other._play

    def is_beside(self, other: Sitting) -> bool:
        """Tell whether both are one play, of which sessions told one, and webhooks the other."""
        return self.is_same_play(other) and self.is_seen is not other.is_seen

    @property
    def is_seen(self) -> bool:
        """Tell whether somebody has seen its session: not only a webhook told of it."""
        return self.sources != _WEBHOOK_ONLY

    @property
    def beside(self) -> Sitting:
        """Begin with what webhooks tell of this play, apart from what sessions tell of it."""
        return replace(
            self,
            base=self.viewing(finished=False),
            counted=self.watched,
            webhook_seconds=0.0,
            sources=_WEBHOOK_ONLY,
        )

    @property
    def jumped(self) -> bool:
        """Tell whether less than half of the way was watched. Without a way nobody jumped."""
        way = self.furthest - (self.furthest if self.start is None else self.start)
        return self.watched < way / 2

    def viewing(self, *, finished: bool) -> Viewing:
        """Give the viewing as it stands."""
        base = self.base
        own = max(0.0, self.watched - self.counted)
        watched = own + self.webhook_seconds + (base.watched if base else 0.0)
        before = base.proven if base else None
        seen = None
        if self.is_seen:
            seconds = own + (before.watched if before else 0.0)
            seconds = min(seconds, self.runtime) if self.runtime else seconds
            seen = Seen(seconds, self.furthest, self.at)
        known = Viewing(
            viewer_id=self.viewer_id,
            unit=self.unit,
            day=self.day,
            started_at=self.began,
            ended_at=self.at,
            watched=min(watched, self.runtime) if self.runtime else watched,
            position=self.furthest,
            runtime=self.runtime,
            credits_jump=self.jumped and not (base is not None and base.completed),
            finished=finished,
            device=self.device,
            client=self.client,
            play_method=self.play_method,
            sources=self.sources,
            seen=seen,
        )
        return merge(base, known) if base else known


@dataclass(frozen=True, slots=True)
class Past:
    """A viewing whose sittings are over. Positions: `start` where it began, `left` where it ended.

    `sitting` is the last one for as long as it may turn out that it only seemed to be over; `lost`
    tells that nobody reported its end.
    """

    viewing: Viewing
    start: float | None
    left: float | None = None
    sitting: Sitting | None = None
    lost: bool = False

    @property
    def is_seen(self) -> bool:
        """Tell whether sessions told all of it (but for the time that is shown)."""
        return ReportSource.WEBHOOK not in self.viewing.sources

    @property
    def left_at(self) -> float:
        """The position where it was left."""
        return self.viewing.position if self.left is None else self.left

    def as_list(self) -> list[object]:
        """Give JSON-safe values."""
        sitting = None if self.sitting is None else _sitting_dict(self.sitting)
        return [self.viewing.as_dict(), self.start, self.left, sitting, self.lost]

    @classmethod
    def from_list(cls, plain: list[Any]) -> Self:
        """Read what `as_list` gave, or the two values of the first release."""
        viewing, start, left, sitting, lost = [*plain, None, None, False][:5]
        last = None if sitting is None else _sitting_from(sitting)
        return cls(Viewing.from_dict(viewing), start, left, last, lost is True)


@dataclass(frozen=True, slots=True)
class Tracker:
    """Everything that the fold remembers: a value, which survives restarts as JSON."""

    open: tuple[Sitting, ...] = ()
    recent: tuple[Past, ...] = ()

    def as_dict(self) -> dict[str, object]:
        """Give JSON-safe values."""
        return {"open": self.open_list(), "recent": self.recent_list()}

    def open_list(self) -> list[object]:
        """Give what is open as JSON-safe values."""
        return [_sitting_dict(sitting) for sitting in self.open]

    def recent_list(self) -> list[object]:
        """Give what is over as JSON-safe values."""
        return [past.as_list() for past in self.recent]

    @classmethod
    def from_dict(cls, plain: Mapping[str, object]) -> Self:
        """Read what `as_dict` gave. Raises KeyError, TypeError or ValueError when it is none."""
        sittings, recent = plain["open"], plain["recent"]
        if not isinstance(sittings, list) or not isinstance(recent, list):
            raise TypeError("open or recent")
        return cls(
            tuple(_sitting_from(sitting) for sitting in sittings),
            tuple(Past.from_list(past) for past in recent),
        )


def _sitting_dict(sitting: Sitting) -> dict[str, object]:
    plain: dict[str, object] = {
        field.name: getattr(sitting, field.name) for field in fields(sitting)
    }
    return plain | {
        "unit": unit_dict(sitting.unit),
        "day": sitting.day.isoformat(),
        "began": sitting.began.isoformat(),
        "at": sitting.at.isoformat(),
        "sources": sorted(sitting.sources),
        "base": sitting.base.as_dict() if sitting.base else None,
        "lit": sitting.lit.isoformat() if sitting.lit else None,
    }


def _sitting_from(plain: Mapping[str, object]) -> Sitting:
    values = dict(plain)
    if (seconds := values.pop("hinted", None)) is not None:  # as earlier versions called it
        values["webhook_seconds"] = seconds
    unit, sources, base = values["unit"], values["sources"], values["base"]
    if not isinstance(unit, Mapping) or not isinstance(sources, list):
        raise TypeError("unit or sources")
    kept = frozenset(ReportSource(source) for source in sources)
    before = Viewing.from_dict(base) if isinstance(base, Mapping) else None
    if kept != _WEBHOOK_ONLY:
        # Earlier versions told sessions and webhooks apart by sittings, not by reports.
        kept -= _WEBHOOK_ONLY
        before = before and before.without_webhooks
    values |= {
        "unit": unit_from(unit),
        "day": date.fromisoformat(str(values["day"])),
        "began": datetime.fromisoformat(str(values["began"])),
        "at": datetime.fromisoformat(str(values["at"])),
        "sources": kept,
        "base": before,
        "lit": datetime.fromisoformat(str(values["lit"])) if values.get("lit") else None,
    }
    return Sitting(**values)  # type: ignore[arg-type]
