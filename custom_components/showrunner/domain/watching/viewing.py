"""One viewing: one play of one unit by one viewer, possibly over several sittings."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Final, Self

from ..media import ProviderIds, Unit, UnitKind
from ..values import year


class ReportSource(StrEnum):
    """Who reported playback."""

    WEBSOCKET = "websocket"
    POLL = "poll"
    WEBHOOK = "webhook"
    # What others kept, imported.
    JELLYSTAT = "jellystat"
    PLAYBACK_REPORTING = "playback_reporting"


_WEBHOOK_ONLY: Final = frozenset({ReportSource.WEBHOOK})


@dataclass(frozen=True, slots=True)
class Seen:
    """What Jellyfin itself told of a viewing: watched seconds, furthest position, and its end."""

    watched: float
    position: float
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class Viewing:
    """A viewing as far as it is known. Seconds; percent 0 to 100 of the furthest position.

    `day` is the day on which it began. `credits_jump`: the position moved much further than was
    watched. `finished`: nobody is playing it now. `confirmed`: Jellyfin was asked. `doubted`: only
    a webhook told that it got so far, whoever else saw it. `seen`: the part of it that Jellyfin
    itself told, where a webhook told more; nothing else counts. None where its sources say that
    (`proven`). `sources` are never empty.
    """

    viewer_id: str
    unit: Unit
    day: date
    started_at: datetime
    ended_at: datetime
    watched: float
    position: float
    runtime: float | None
    sources: frozenset[ReportSource]
    credits_jump: bool = False
    completed: bool = False
    finished: bool = False
    device: str = ""
    client: str = ""
    play_method: str = ""
    confirmed: bool = False
    doubted: bool = False
    seen: Seen | None = None

    def __post_init__(self) -> None:
        """Write one thing in one way, so that equal viewings are equal.

        Raises ValueError: what nobody told is no viewing, and could not be told from a webhook's.
        """
        if not self.sources:
            raise ValueError("a viewing without a source")
        if self.seen is not None and self.seen == self._by_sources:
            object.__setattr__(self, "seen", None)
        if self.doubted and not (self.completed and (self._is_mixed or self.confirmed)):
            object.__setattr__(self, "doubted", False)

    @property
    def _is_mixed(self) -> bool:
        """Tell whether a webhook told of it, and not alone."""
        return ReportSource.WEBHOOK in self.sources and self.sources != _WEBHOOK_ONLY

    @property
    def proven(self) -> Seen | None:
        """Say what of it Jellyfin itself has told; None if a webhook told all of it."""
        return self._by_sources if self.seen is None else self.seen

    @property
    def _by_sources(self) -> Seen | None:
        if self.confirmed or ReportSource.WEBHOOK not in self.sources:
            return Seen(self.watched, self.position, self.ended_at)
        if self.sources == _WEBHOOK_ONLY:
            return None
        # Of earlier versions: nobody wrote down how much of it was whose.
        return Seen(0.0, self.position, self.ended_at)

    @property
    def without_webhooks(self) -> Viewing | None:
        """Give it as if there were no webhooks, but for the time that is shown; None: nothing."""
        seen, sources = self.proven, self.sources - _WEBHOOK_ONLY
        if seen is None or sources == self.sources:
            return self if seen else None
        return replace(
            self,
            ended_at=seen.ended_at,
            position=seen.position,
            completed=self.counts,
            doubted=False,
            sources=sources or frozenset({ReportSource.POLL}),
            seen=seen,
        )

    @property
    def borne_out(self) -> Viewing:
        """Give it as Jellyfin has confirmed it: with all that a webhook told until now."""
        return replace(self, confirmed=True, doubted=False, seen=None)

    @property
    def counts(self) -> bool:
        """Tell whether it is completed, and not on a webhook's word alone.

        A webhook has no signature: what only it told counts once Jellyfin has confirmed it.
        """
        return self.completed and not self.doubted and self.is_seen

    @property
    def is_seen(self) -> bool:
        """Tell whether Jellyfin itself has told of it: a session, or an answer to our question."""
        return self.confirmed or self.sources != _WEBHOOK_ONLY

    @property
    def percent(self) -> float | None:
        """The furthest position in percent of the runtime; None while that is not known."""
        return percent_of(self.position, self.runtime)

    @property
    def proven_percent(self) -> float | None:
        """The furthest position that counts, in percent; None while the runtime is not known."""
        seen = self.proven
        return percent_of(seen.position if seen else 0.0, self.runtime)

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
            if field.name not in ("unit", "day", "started_at", "ended_at", "sources", "seen")
        }
        for name in ("confirmed", "doubted"):
            if not plain[name]:
                del plain[name]
        # Of a confirmed one an earlier version wrote the doubt down too, which meant nothing then.
        if seen := self.proven if self.confirmed and self.doubted else self.seen:
            plain["seen"] = [seen.watched, seen.position, seen.ended_at.isoformat()]
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
            # Where no source was written down the server itself had told it.
            "sources": frozenset(map(ReportSource, sources)) or frozenset({ReportSource.POLL}),
        }
        if (seen := values.get("seen")) is not None:
            values["seen"] = _seen_from(seen)
        elif values.get("confirmed") is True:
            values.pop("doubted", None)
        values.pop("hinted", None)  # of an earlier version, which kept that time apart
        return cls(**values)  # type: ignore[arg-type]


def _seen_from(plain: object) -> Seen:
    if not isinstance(plain, list):
        raise TypeError("seen")
    watched, position, ended_at = plain
    return Seen(float(watched), float(position), datetime.fromisoformat(ended_at))


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
        seen=_all_seen([part for one in both if (part := one.proven)]),
        # What only a webhook told stays so, whatever others saw of the same play.
        # A confirmation is of what was told by then, and of nothing that is added to it.
        doubted=not any(one.counts for one in both),
    )


def _all_seen(parts: list[Seen]) -> Seen | None:
    if not parts:
        return None
    return Seen(
        max(one.watched for one in parts),
        max(one.position for one in parts),
        max(one.ended_at for one in parts),
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
