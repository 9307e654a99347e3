"""One viewing: one play of one unit by one viewer, possibly over several sittings (PRODUCT 2)."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Final, Self

from .media import ProviderIds, Unit, UnitKind
from .values import year


class ReportSource(StrEnum):
    """Who reported playback."""

    WEBSOCKET = "websocket"
    POLL = "poll"
    WEBHOOK = "webhook"
    # What others kept, imported.
    JELLYSTAT = "jellystat"
    PLAYBACK_REPORTING = "playback_reporting"


_HINTS: Final = frozenset({ReportSource.WEBHOOK})


@dataclass(frozen=True, slots=True)
class Viewing:
    """A viewing as far as it is known. Seconds; percent 0 to 100 of the furthest position.

    `day` is the day on which it began. `credits_jump`: the position moved much further than was
    watched. `finished`: nobody is playing it now. `confirmed`: Jellyfin was asked. `doubted`: only
    a webhook told that it got so far, whoever else saw it. `hinted`: it was watched for so long
    besides, as only a webhook told: that makes nothing count, and is no part of `watched` until the
    viewing is told (`whole`).
    """

    viewer_id: str
    unit: Unit
    day: date
    started_at: datetime
    ended_at: datetime
    watched: float
    position: float
    runtime: float | None
    credits_jump: bool = False
    completed: bool = False
    finished: bool = False
    device: str = ""
    client: str = ""
    play_method: str = ""
    sources: frozenset[ReportSource] = frozenset()
    confirmed: bool = False
    doubted: bool = False
    hinted: float = 0.0

    @property
    def whole(self) -> Viewing:
        """Give it as it is told and stored: with all the time that it was watched."""
        if not self.hinted:
            return self
        watched = self.watched + self.hinted
        watched = min(watched, self.runtime) if self.runtime else watched
        return replace(self, watched=watched, hinted=0.0)

    @property
    def counts(self) -> bool:
        """Tell whether it is completed, and not on a webhook's word alone.

        A webhook has no signature: what only it told counts once Jellyfin has confirmed it.
        """
        return self.completed and (self.confirmed or self._proven)

    @property
    def is_seen(self) -> bool:
        """Tell whether Jellyfin itself has told of it: a session, or an answer to our question."""
        return self.confirmed or bool(self.sources - _HINTS)

    @property
    def _proven(self) -> bool:
        """Tell whether Jellyfin itself was seen to tell its end."""
        return self.completed and not self.doubted and self.sources != _HINTS

    @property
    def percent(self) -> float | None:
        """The furthest position in percent of the runtime; None while that is not known."""
        return percent_of(self.position, self.runtime)

    @property
    def rounded_percent(self) -> float | None:
        """The percent as it is shown; None says that the length is not known."""
        return None if self.percent is None else round(self.percent, 1)

    @property
    def key(self) -> tuple[str, str, date]:
        """What makes it one viewing, together with the unit's other names."""
        return (self.viewer_id, self.unit.key, self.day)

    def as_dict(self) -> dict[str, object]:
        """Give JSON-safe values."""
        plain: dict[str, object] = {
            field.name: getattr(self, field.name)
            for field in fields(self)
            if field.name not in ("unit", "day", "started_at", "ended_at", "sources")
        }
        for name in ("confirmed", "doubted", "hinted"):
            if not plain[name]:
                del plain[name]
        return plain | {
            "unit": unit_dict(self.unit),
            "day": self.day.isoformat(),
            "started_at": self.started_at.isoformat(),
            "ended_at": self.ended_at.isoformat(),
            "sources": sorted(self.sources),
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, object]) -> Self:
        """Read what `as_dict` gave. Raises KeyError, TypeError or ValueError when it is none."""
        values = dict(plain)
        unit, sources = values["unit"], values["sources"]
        if not isinstance(unit, Mapping) or not isinstance(sources, list):
            raise TypeError("unit or sources")
        values |= {
            "unit": unit_from(unit),
            "day": date.fromisoformat(str(values["day"])),
            "started_at": datetime.fromisoformat(str(values["started_at"])),
            "ended_at": datetime.fromisoformat(str(values["ended_at"])),
            "sources": frozenset(ReportSource(source) for source in sources),
        }
        return cls(**values)  # type: ignore[arg-type]


def percent_of(position: float, runtime: float | None) -> float | None:
    """Give a position in percent of the runtime, never beyond 100; None of an unknown runtime."""
    return min(100.0, position / runtime * 100) if runtime and runtime > 0 else None


def same_unit(one: Unit, other: Unit) -> bool:
    """Tell whether two reports name the same unit: any of its `keys` is enough.

    Asked for every report and every viewing that is remembered, so it compares without making them.
    """
    if one.item_id == other.item_id and one.server_id == other.server_id:
        return True
    if one.kind is not other.kind:
        return False
    if _share(one.ids, other.ids):
        return True
    return (
        one.kind is UnitKind.EPISODE
        and one.season is not None
        and one.episode is not None
        and (one.season, one.episode) == (other.season, other.episode)
        and _share(one.series_ids, other.series_ids)
    )


def _share(one: ProviderIds, other: ProviderIds) -> bool:
    """Tell whether one id is the same."""
    return (
        (one.tmdb is not None and one.tmdb == other.tmdb)
        or (one.tvdb is not None and one.tvdb == other.tvdb)
        or (one.imdb is not None and one.imdb == other.imdb)
    )


def merge(old: Viewing, new: Viewing) -> Viewing:
    """Join two reports of one viewing: nothing is lost, nothing counted twice.

    The order does not matter, nor how often (idempotent, commutative, associative). Both must be of
    the same viewer, unit and day.
    """
    last = max(old, new, key=_recency)
    both = (old, new)
    sources = old.sources | new.sources
    completed = old.completed or new.completed
    hinted = completed and not any(one._proven for one in both)  # noqa: SLF001
    # Which title it is, and how long, a webhook does not tell where somebody else does.
    seen = [one for one in both if one.is_seen] or list(both)
    unit = _merged_unit(seen[0].unit, seen[-1].unit, last.unit)
    runtimes = [one.runtime for one in seen if one.runtime is not None]
    return replace(
        last,
        unit=unit,
        day=min(old.day, new.day),
        started_at=min(old.started_at, new.started_at),
        watched=max(old.watched, new.watched),
        position=max(old.position, new.position),
        runtime=max(runtimes, default=None),
        credits_jump=old.credits_jump or new.credits_jump,
        completed=completed,
        sources=sources,
        confirmed=old.confirmed or new.confirmed,
        hinted=max(old.hinted, new.hinted),
        # What only a webhook told stays so, whatever others saw of the same play.
        doubted=hinted and (sources != _HINTS or any(one.doubted for one in both)),
    )


def _recency(v: Viewing) -> tuple[object, ...]:
    """Order by what was reported last; texts break ties, so that the order of merging doesn't."""
    place = (v.unit.server_id, v.unit.item_id)
    return (v.ended_at, v.finished, v.device, v.client, v.play_method, place)


def _merged_ids(one: ProviderIds, other: ProviderIds) -> ProviderIds:
    return ProviderIds(
        max(one.tmdb or 0, other.tmdb or 0) or None,
        max(one.tvdb or 0, other.tvdb or 0) or None,
        max(one.imdb or "", other.imdb or "") or None,
    )


def _merged_unit(one: Unit, other: Unit, last: Unit) -> Unit:
    """Fill the gaps of each from the other; the item's id is the one that was reported last."""

    def number(a: int | None, b: int | None) -> int | None:
        known = [value for value in (a, b) if value is not None]
        return max(known, default=None)

    return replace(
        last,
        kind=max(one.kind, other.kind),
        name=max(one.name, other.name),
        ids=_merged_ids(one.ids, other.ids),
        year=number(one.year, other.year),
        series_item_id=max(one.series_item_id or "", other.series_item_id or "") or None,
        series_name=max(one.series_name or "", other.series_name or "") or None,
        series_ids=_merged_ids(one.series_ids, other.series_ids),
        season=number(one.season, other.season),
        episode=number(one.episode, other.episode),
    )


def unit_dict(unit: Unit) -> dict[str, object]:
    """Write a unit as JSON-safe values."""
    plain: dict[str, object] = {field.name: getattr(unit, field.name) for field in fields(unit)}
    for name in ("ids", "series_ids"):
        ids: ProviderIds = getattr(unit, name)
        plain[name] = {"tmdb": ids.tmdb, "tvdb": ids.tvdb, "imdb": ids.imdb}
    plain["kind"] = unit.kind.value
    return plain


@lru_cache(1024)
def _ids(tmdb: object, tvdb: object, imdb: object) -> ProviderIds:
    """Read ids; a history names the same titles again and again."""
    return ProviderIds.parse(tmdb, tvdb, imdb)


def unit_from(plain: Mapping[str, object]) -> Unit:
    """Read what `unit_dict` gave. Raises KeyError, TypeError or ValueError when it is none."""
    values = dict(plain)
    for name in ("ids", "series_ids"):
        ids = values[name]
        if not isinstance(ids, Mapping):
            raise TypeError(name)
        values[name] = _ids(ids.get("tmdb"), ids.get("tvdb"), ids.get("imdb"))
    values["kind"], values["year"] = UnitKind(str(values["kind"])), year(values["year"])
    return Unit(**values)  # type: ignore[arg-type]
