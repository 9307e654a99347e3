"""Titles, viewers and what is known of both, as the rule is told them: everything lets them go."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from custom_components.showrunner.domain.inventory import (
    ArrFile,
    ArrTitle,
    ArrUnit,
    SeriesStatus,
)
from custom_components.showrunner.domain.knowledge import Absent, Answer, Known
from custom_components.showrunner.domain.media import MOVIE, Place, ProviderIds
from custom_components.showrunner.domain.retention import (
    FileDates,
    RetentionFacts,
    RetentionPolicy,
    RetentionVerdict,
    RetentionViewer,
    TitleFacts,
    WatchState,
    judge,
)

NOW = datetime(2026, 11, 30, 3, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Berlin")
DAY = timedelta(days=1)
ANN = RetentionViewer("ann", "Ann", primary=True)
BEN = RetentionViewer("ben", "Ben")
POLICY = RetentionPolicy()


@dataclass(frozen=True)
class Keep:
    """A person's word."""

    season: int | None = None
    until: datetime | None = None
    ended_at: datetime | None = None


def ago(days: float) -> datetime:
    """Give the instant so many days ago."""
    return NOW - days * DAY


def seen(days: float | None = 20, **more: Any) -> WatchState:
    """Say that something was watched so many days ago; None: nobody knows when."""
    values = {"played": True, "play_count": 1, "last_played": None if days is None else ago(days)}
    return WatchState(**{**values, **more})


def begun(days: float | None = 20) -> WatchState:
    """Say that something was begun."""
    return seen(days, played=False, started=True)


def title(record: ArrTitle, **more: Any) -> TitleFacts:
    """Say of a title that all of it was watched by Ann, 20 days ago, and that nothing keeps it."""
    values = {
        "watched": {"ann": Known({one.place: seen() for one in record.units}), "ben": Absent()},
        "touches": {"ann": Known(()), "ben": Absent()},
        "files": {one.id: FileDates(created=one.added) for one in record.files},
        "favorites": {"ann": Absent(), "ben": Absent()},
        "playing": Absent(),
        "requests": Absent(),
        "keeps": Absent(),
        "deletions": Absent(),
        "shown": Known(()),
        "rating": Known(6.0),
        "kept_by_override": Answer.NO,
    }
    return TitleFacts(record=record, **{**values, **more})


def movie_record(number: int = 1, **more: Any) -> ArrTitle:
    """Make a movie with a file of 90 days."""
    file = 500 + number
    path = f"/movies/{number}/film.mkv"
    values = {
        "service": "r1",
        "kind": "radarr",
        "name": "Radarr",
        "id": number,
        "ids": ProviderIds(tmdb=100 + number),
        "path": f"/movies/{number}",
        "tags": frozenset(),
        "units": (ArrUnit(number, MOVIE, True, file),),
        "files": (ArrFile(file, path, 4_000, frozenset({MOVIE}), ago(90)),),
    }
    return ArrTitle(**{**values, **more})


def movie(number: int = 1, *, record: Mapping[str, Any] | None = None, **more: Any) -> TitleFacts:
    """Make a movie that may leave."""
    return title(movie_record(number, **(record or {})), **more)


def series_record(
    episodes: Mapping[int, Iterable[int]] | None = None,
    *,
    shared: Iterable[Iterable[tuple[int, int]]] = (),
    missing: Iterable[tuple[int, int]] = (),
    aired: Mapping[tuple[int, int], datetime | None] | None = None,
    **more: Any,
) -> ArrTitle:
    """Make a series that has ended: its seasons' episodes, a file each, imported 90 days ago.

    `shared`: episodes that lie in one file; `missing`: episodes without one. Each season aired a
    year after the one before.
    """
    wanted = {1: [1, 2], 2: [1, 2]} if episodes is None else episodes
    places = [Place(season, one) for season, numbers in wanted.items() for one in numbers]
    group = {Place(*one): 900 + n for n, some in enumerate(shared) for one in some}
    none = {Place(*one) for one in missing}
    number = {
        place: None
        if place in none
        else group.get(place, 1000 + 100 * place.season + place.episode)
        for place in places
    }
    dates = {Place(*place): at for place, at in (aired or {}).items()}
    files = tuple(
        ArrFile(
            file,
            f"/tv/show/{file}.mkv",
            100,
            frozenset(place for place in places if number[place] == file),
            ago(90),
        )
        for file in dict.fromkeys(number.values())
        if file is not None
    )
    units = tuple(
        ArrUnit(n + 1, place, True, number[place], dates.get(place, ago(3000 - 300 * place.season)))
        for n, place in enumerate(places)
    )
    values = {
        "service": "s1",
        "kind": "sonarr",
        "name": "Sonarr",
        "id": 7,
        "ids": ProviderIds(tvdb=70, tmdb=71),
        "path": "/tv/show",
        "tags": frozenset(),
        "units": units,
        "files": files,
        "status": SeriesStatus.ENDED,
        "seasons": frozenset(wanted),
    }
    return ArrTitle(**{**values, **more})


def series(*arguments: Any, facts: Mapping[str, Any] | None = None, **more: Any) -> TitleFacts:
    """Make a series that may leave, all of it."""
    return title(series_record(*arguments, **more), **(facts or {}))


def watched(
    of: TitleFacts, states: Mapping[tuple[int, int], WatchState | None], who: str = "ann"
) -> TitleFacts:
    """Say what a viewer has watched of a series besides; None: never touched."""
    before = of.watched[who]
    now = dict(before.value) if isinstance(before, Known) else {}
    for place, state in states.items():
        now.pop(Place(*place), None)
        if state is not None:
            now[Place(*place)] = state
    return replace(of, watched={**of.watched, who: Known(now)})


def facts(*titles: TitleFacts, **more: Any) -> RetentionFacts:
    """Put together what is known."""
    values = {"now": NOW, "zone": ZONE, "viewers": (ANN, BEN), "titles": titles}
    return RetentionFacts(**{**values, **more})


def verdicts(
    known: RetentionFacts, policy: RetentionPolicy = POLICY
) -> dict[Any, RetentionVerdict]:
    """Judge; give each verdict by its season, or by its file for a special; None for a movie."""
    return {
        (one.season, *(file.id for file in one.files)) if one.season == 0 else one.season: one
        for one in judge(known, policy)
    }


def verdict(
    of: TitleFacts, policy: RetentionPolicy = POLICY, season: int | None = None, **more: Any
) -> RetentionVerdict:
    """Judge a movie, or a season of a series."""
    return verdicts(facts(of, **more), policy)[season]


def going(known: RetentionFacts, policy: RetentionPolicy = POLICY) -> set[tuple[str, int, int]]:
    """Name all files that go: the arr, its title's number, the file's."""
    return {
        (one.record.service, one.record.id, file.id)
        for one in judge(known, policy)
        if one.may_go
        for file in one.files
    }
