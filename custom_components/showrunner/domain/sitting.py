"""What the fold of `watching` remembers: open sittings and recent viewings, as one value."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Self

from .media import Unit
from .viewing import ReportSource, Viewing, merge, unit_dict, unit_from


class ReportKind(StrEnum):
    """What a report says. A snapshot, a pause and a resumption are all progress."""

    STARTED = "started"
    PROGRESS = "progress"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class PlaybackReport:
    """What a source says of one play at one instant. Positions and runtime in seconds.

    `completed` is the server's own opinion at a stop. `is_theme`: a trailer, theme or intro.
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


@dataclass(frozen=True, slots=True)
class Sitting:
    """One play on one device. `watched` of this sitting, `base` what was known before it."""

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

    @property
    def place(self) -> tuple[str, str, datetime]:
        """What makes it this sitting while it is open."""
        return (self.viewer_id, self.session_id or self.device, self.began)

    @property
    def jumped(self) -> bool:
        """Tell whether less than half of the way was watched. Without a way nobody jumped."""
        way = self.furthest - (self.furthest if self.start is None else self.start)
        return self.watched < way / 2

    def viewing(self, *, finished: bool) -> Viewing:
        """Give the viewing as it stands."""
        base = self.base
        watched = self.watched + (base.watched if base else 0.0)
        known = Viewing(
            viewer_id=self.viewer_id,
            unit=self.unit,
            day=self.day,
            started_at=self.began,
            ended_at=self.at,
            watched=min(watched, self.runtime) if self.runtime else watched,
            position=self.furthest,
            runtime=self.runtime,
            credits_jump=self.jumped,
            finished=finished,
            device=self.device,
            client=self.client,
            play_method=self.play_method,
            sources=self.sources,
        )
        return merge(base, known) if base else known


@dataclass(frozen=True, slots=True)
class Past:
    """A sitting that is over; `start` is the position where it began."""

    viewing: Viewing
    start: float | None


@dataclass(frozen=True, slots=True)
class Tracker:
    """Everything that the fold remembers: a value, which survives restarts as JSON."""

    open: tuple[Sitting, ...] = ()
    recent: tuple[Past, ...] = ()

    def as_dict(self) -> dict[str, object]:
        """Give JSON-safe values."""
        return {
            "open": [_sitting_dict(sitting) for sitting in self.open],
            "recent": [[past.viewing.as_dict(), past.start] for past in self.recent],
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, object]) -> Self:
        """Read what `as_dict` gave. Raises KeyError, TypeError or ValueError when it is none."""
        sittings, recent = plain["open"], plain["recent"]
        if not isinstance(sittings, list) or not isinstance(recent, list):
            raise TypeError("open or recent")
        return cls(
            tuple(_sitting_from(sitting) for sitting in sittings),
            tuple(Past(Viewing.from_dict(viewing), start) for viewing, start in recent),
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
    }


def _sitting_from(plain: Mapping[str, object]) -> Sitting:
    values = dict(plain)
    unit, sources, base = values["unit"], values["sources"], values["base"]
    if not isinstance(unit, Mapping) or not isinstance(sources, list):
        raise TypeError("unit or sources")
    values |= {
        "unit": unit_from(unit),
        "day": date.fromisoformat(str(values["day"])),
        "began": datetime.fromisoformat(str(values["began"])),
        "at": datetime.fromisoformat(str(values["at"])),
        "sources": frozenset(ReportSource(source) for source in sources),
        "base": Viewing.from_dict(base) if isinstance(base, Mapping) else None,
    }
    return Sitting(**values)  # type: ignore[arg-type]
