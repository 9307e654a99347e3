"""Every repository of the store: what is written to it, and how what it holds is read.

Its writings are few and meet each other: the same title under other ids, the same thing twice.
"""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
import gzip
import inspect
from pathlib import Path
from typing import Any

from custom_components.showrunner.domain.acquisition import Acquisition, AcquisitionState
from custom_components.showrunner.domain.candidate import Override
from custom_components.showrunner.domain.decision import decide
from custom_components.showrunner.domain.keeps import Keep
from custom_components.showrunner.domain.library import (
    ItemKind,
    LibraryItem,
    MarkSource,
    UserRow,
    WatchedMark,
)
from custom_components.showrunner.domain.media import MediaType, ProviderIds, TitleKey, Unit
from custom_components.showrunner.domain.milestones import Milestone, MilestoneKind
from custom_components.showrunner.domain.plan import StepState, Subject as AboutWhat
from custom_components.showrunner.domain.regrets import Regret, Way
from custom_components.showrunner.domain.requests.facts import Event, EventKind, Facts
from custom_components.showrunner.domain.requests.request import Request
from custom_components.showrunner.domain.requests.state import state_of
from custom_components.showrunner.domain.requests.stuck import StuckPolicy
from custom_components.showrunner.domain.sweep import ReadState
from custom_components.showrunner.domain.watching import Viewing
from custom_components.showrunner.store import LedgerState, RequestRow, Store
from custom_components.showrunner.store.database import Database
from tests.domain.plans import plan, step
from tests.domain.samples import FILM, NOW, POLICY, UNIT, candidate

from .viewings import VIEWER, VIEWING, WHOLE, watched_of

OTHER = "b" * 32
SERVER = "5" * 32
EVER = NOW - timedelta(days=4000)
KEYS = [TitleKey(MediaType.MOVIE, ProviderIds(tmdb=number)) for number in (1, 2, 990001)]

# What only adds adds something of its own each time.
APART = range(100, 112)

type Held = Counter[str]


@dataclass(frozen=True)
class Write:
    """One writing. `whole`: in one transaction, so that it is done or it is not."""

    name: str
    do: Callable[[Store, Path], Awaitable[object]]

    def __repr__(self) -> str:
        """Show which."""
        return self.name


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A repository. `held` counts what is there, so that what is doubled counts two.

    `appends`: each writing adds a row of its own, so that nobody does it again. `grows`: it takes
    several transactions, and never takes away. `shuffles`: the order of its writings says nothing.
    """

    writes: tuple[Write, ...]
    writers: frozenset[str]
    readers: frozenset[str]
    held: Callable[[Store, Path], Awaitable[Held]]
    appends: bool = False
    grows: bool = False
    shuffles: bool = False


def found() -> dict[str, object]:
    """Find the repositories of a store: whatever in it knows the database."""
    database = object.__new__(Database)
    store = Store(database)
    return {
        name: one
        for name, one in vars(store).items()
        if any(value is database for value in getattr(one, "__dict__", {}).values())
    }


def methods(repository: object) -> set[str]:
    """Name what a repository can be asked for, without what only gives something to write."""
    return {
        name
        for name, one in inspect.getmembers(type(repository), inspect.isfunction)
        if not name.startswith(("_", "to_"))
    }


# -- viewings --------------------------------------------------------------------------------------


def viewing(
    tmdb: int | None, item: str, *, day: int = 0, minutes: int = 50, viewer: str = VIEWER
) -> Viewing:
    """Make a viewing of an evening; with few names, so that some are of one another."""
    at = NOW + timedelta(days=day)
    unit = replace(UNIT, ids=ProviderIds(tmdb=tmdb), item_id=item * 32)
    done = minutes >= 110
    return replace(
        WHOLE if done else VIEWING,
        viewer_id=viewer,
        unit=unit,
        day=at.date(),
        started_at=at,
        ended_at=at + timedelta(minutes=minutes),
        watched=60.0 * minutes,
        position=60.0 * minutes,
    )


async def _viewings(store: Store, _: Path) -> Held:
    rows = await store.viewings.history(limit=1000)
    held = Counter(f"{one.viewer_id[0]} {one.day} {one.unit.item_id[0]} {one}" for one in rows)
    for viewer in (VIEWER, OTHER):
        watched = await watched_of(store, viewer, EVER)
        held[f"{viewer[0]} watched"] = round(watched.time.total_seconds())
        held[f"{viewer[0]} counted"] = watched.viewings
    return held


_SEEN = (
    viewing(1, "1"),
    viewing(1, "1", minutes=120),
    viewing(None, "1", minutes=115),  # a bare webhook told of it
    viewing(1, "2", minutes=30),  # the same film under a new id
    viewing(2, "3", day=1, minutes=120),
    viewing(1, "1", viewer=OTHER, minutes=120),
    viewing(1, "1", day=-200, minutes=120),
    viewing(None, "4", day=-100, minutes=20),
)


def _save(one: Viewing) -> Callable[[Store, Path], Awaitable[object]]:
    return lambda store, _: store.viewings.save(one)


def _import(*some: Viewing) -> Callable[[Store, Path], Awaitable[object]]:
    return lambda store, _: store.viewings.import_many(some)


_SAVES = tuple(Write(f"save {number}", _save(one)) for number, one in enumerate(_SEEN))
_IMPORTS = tuple(
    Write(f"import {first}-{last}", _import(*_SEEN[first:last], *_SEEN[first : first + 1]))
    for first, last in ((0, 3), (2, 6), (4, 8), (6, 7))
)
_QUESTIONS = frozenset(
    {
        *("completed_count", "history", "last_of", "count", "of_viewers", "watch_hours"),
        *("counting", "week"),
    }
)


# -- the archive: a viewing is in the database, in a file, or in both when it was ended half way ---


async def _archived(store: Store, folder: Path) -> Held:
    kept = {one.day.isoformat() for one in await store.viewings.history(limit=1000)}
    for file in folder.glob("*.jsonl.gz"):
        with gzip.open(file, "rt") as lines:
            kept |= {line.split('"day":"', 1)[1][:10] for line in lines}
    return Counter(kept)


_OLD = tuple(viewing(number, "1", day=-100 - number) for number in range(1, 6))
_TO_ARCHIVE = (
    *(Write(f"save {n}", _save(one)) for n, one in enumerate(_OLD)),
    Write(
        "move", lambda store, folder: store.archive.move(NOW, folder / "entry-2026-06-10.jsonl.gz")
    ),
)


# -- the small books -------------------------------------------------------------------------------


def _plan(number: int, *, dry: bool) -> Callable[[Store, Path], Awaitable[object]]:
    at = NOW + timedelta(minutes=number)
    made = replace(plan(step(number)), plan_id=f"p{number}", dry_run=dry, created_at=at)
    return lambda store, _: store.plans.put(made)


def _carried_out(number: int, state: StepState) -> Callable[[Store, Path], Awaitable[object]]:
    return lambda store, _: store.plans.put_step(f"p{number}", replace(step(number), state=state))


async def _plans(store: Store, _: Path) -> Held:
    return Counter(
        f"{one.plan_id} {one.dry_run} {[str(step.state) for step in one.steps]}"
        for one in await store.plans.recent(limit=100)
    )


def _decision(number: int) -> Callable[[Store, Path], Awaitable[object]]:
    made = decide(candidate(title=replace(FILM, ids=ProviderIds(tmdb=number))), POLICY, NOW)
    return lambda store, _: store.decisions.add(made, plan_id=f"p{number}")


async def _decisions(store: Store, _: Path) -> Held:
    held = Counter(f"all {one['plan_id']}" for one in await store.decisions.recent(1000))
    for number in APART:
        key = TitleKey(MediaType.MOVIE, ProviderIds(tmdb=number))
        held.update(f"title {one['plan_id']}" for one in await store.decisions.for_title(key))
    return held


def _step(number: int) -> Callable[[Store, Path], Awaitable[object]]:
    title = replace(FILM, ids=ProviderIds(tmdb=number))
    mine = step(number, subject=AboutWhat.of_title(title))
    mine = replace(mine, target=replace(mine.target, ids=title.ids))

    async def carry_out(store: Store, _: Path) -> None:
        row = await store.ledger.begin("job", f"p{number}", mine, {})
        await store.ledger.finish(row, LedgerState.DONE, "done", {"n": number})

    return carry_out


def _note(number: int) -> Callable[[Store, Path], Awaitable[object]]:
    return lambda store, _: store.ledger.note("job", f"p{number}", FILM, "imported", "well")


async def _ledger(store: Store, _: Path) -> Held:
    held = Counter[str]()
    for number in APART:
        for row in await store.ledger.for_plan(f"p{number}"):
            held[f"{number} {row.action}"] += 1
            held[f"{number} {row.action} ended"] += row.state is LedgerState.DONE
        key = TitleKey(MediaType.MOVIE, ProviderIds(tmdb=number))
        held[f"title {number}"] = len(await store.ledger.for_title(key))
    return +held


def _regret(number: int, way: Way, days: int) -> Callable[[Store, Path], Awaitable[object]]:
    one = Regret(number, NOW + timedelta(days=days), way, "x")
    return lambda store, _: store.regrets.put([one, one])


async def _regrets(store: Store, _: Path) -> Held:
    return Counter([f"{one}" for one in (await store.regrets.of([1, 2])).values()])


def _word(key: TitleKey, word: Override) -> Callable[[Store, Path], Awaitable[object]]:
    return lambda store, _: store.overrides.set(key, word, "somebody")


async def _words(store: Store, _: Path) -> Held:
    return Counter([f"{key.names} {(await store.overrides.get(key)).policy}" for key in KEYS])


def _keep(key: TitleKey, season: int | None, days: int | None) -> Write:
    until = None if days is None else NOW + timedelta(days=days)
    new = Keep(key, season, until, NOW, "somebody")
    return Write(f"keep {key.ids.tmdb} {season} {days}", lambda store, _: store.keeps.set(new))


def _stop(key: TitleKey, season: int | None) -> Write:
    return Write(
        f"stop {key.ids.tmdb} {season}",
        lambda store, _: store.keeps.end(key, season, NOW, "another"),
    )


async def _keeps(store: Store, _: Path) -> Held:
    """What holds, by each title and in all; what is over says only that it was."""
    said = [one for key in KEYS for one in await store.keeps.standing(NOW, key)]
    assert Counter(said) == Counter(await store.keeps.standing(NOW))
    return Counter([f"{one.title.names} {one.season} {one.until}" for one in said])


def _pursuit(number: int, state: AcquisitionState) -> Callable[[Store, Path], Awaitable[object]]:
    title = replace(FILM, ids=ProviderIds(tmdb=number))
    return lambda store, _: store.acquisitions.put(
        Acquisition(f"a{number}", title, state, NOW, None)
    )


def _asked(number: int, name: str) -> Callable[[Store, Path], Awaitable[object]]:
    title = replace(FILM, ids=ProviderIds(tmdb=number))
    new = Acquisition(f"{name}{number}", title, AcquisitionState.DECIDING, NOW, None)
    return lambda store, _: store.acquisitions.take_in(new, lambda other: other.title == title)


async def _pursuits(store: Store, _: Path) -> Held:
    held = Counter(f"open {one.id}" for one in await store.acquisitions.open())
    for key in KEYS:
        rows = await store.acquisitions.for_title(key)
        held.update(f"{key.names} {one.id} {one.state}" for one in rows)
    return held


def _request(number: int, kind: EventKind | None) -> RequestRow:
    title = replace(FILM, ids=ProviderIds(tmdb=number))
    request = Request(f"r{number}", f"seerr:x:{number}", title, NOW)
    facts = Facts().with_([] if kind is None else [Event(kind, NOW)])
    status = state_of(request, facts, NOW, policy=StuckPolicy(), matcher=False)
    return RequestRow(request, facts, status)


def _put(
    numbers: tuple[int, ...], kind: EventKind | None
) -> Callable[[Store, Path], Awaitable[object]]:
    rows = [_request(number, kind) for number in numbers]
    return lambda store, _: store.requests.put(rows)


async def _requests(store: Store, _: Path) -> Held:
    rows = (*await store.requests.unclosed(), *await store.requests.closed(100))
    held = Counter(f"{one.request.id} {one.status and one.status.state}" for one in rows)
    for key in KEYS:
        held.update(f"{key.names} {o.request.id}" for o in await store.requests.for_title(key))
    return held


# -- what is watched, and the library --------------------------------------------------------------


def _unit(tmdb: int | None, item: str) -> Unit:
    return replace(UNIT, ids=ProviderIds(tmdb=tmdb), item_id=item * 32)


_UNITS = (_unit(1, "1"), _unit(None, "1"), _unit(1, "2"), _unit(2, "3"), _unit(None, "4"))


def _marks(viewer: str, *units: Unit) -> Callable[[Store, Path], Awaitable[object]]:
    marks = [WatchedMark(one.keys, one.item_id, None, MarkSource.VIEWING) for one in units]
    return lambda store, _: store.watched.mark(viewer, marks)


async def _watched(store: Store, _: Path) -> Held:
    held = Counter[str]()
    for viewer, found in (await store.watched.marks_of((VIEWER, OTHER), _UNITS)).items():
        held.update(f"{viewer[0]} {n}" for n, mark in enumerate(found) if mark is not None)
    return held


_ROWS = tuple(
    UserRow(str(number) * 32, played=number % 2 == 0, favorite=number < 3, play_count=number)
    for number in range(1, 6)
)


def _told(viewer: str, first: int, last: int) -> Callable[[Store, Path], Awaitable[object]]:
    return lambda store, _: store.userdata.take(viewer, _ROWS[first:last])


async def _userdata(store: Store, _: Path) -> Held:
    held = Counter[str]()
    for viewer in (VIEWER, OTHER):
        rows = await store.userdata.get(viewer, [row.item_id for row in _ROWS])
        held.update(f"{viewer[0]} {row}" for row in rows.values())
        held[f"{viewer[0]} {await store.userdata.state(viewer)}"] = 1
    return held


_ITEMS = tuple(
    LibraryItem(
        SERVER,
        str(number) * 32,
        ItemKind.MOVIE,
        f"Film {number}",
        ProviderIds(tmdb=number),
        path=f"/m/{number}",
    )
    for number in range(1, 7)
)


def _shown(first: int, last: int) -> Callable[[Store, Path], Awaitable[object]]:
    return lambda store, _: store.library.take((*_ITEMS[first:last], *_ITEMS[first:last]), 1)


async def _library(store: Store, _: Path) -> Held:
    held = Counter[str]()
    for item in _ITEMS:
        held.update(f"named {one.name}" for one in await store.library.by_keys(item.keys))
        held.update(f"lies at {one.path}" for one in await store.library.by_path(item.path or ""))
    held["all"] = (await store.library.counts()).get("movie", 0)
    return held


# -- all of them -----------------------------------------------------------------------------------

_FIFTY = Milestone(MilestoneKind.MOVIES, 50)
_ENDED = Milestone(MilestoneKind.SERIES_FINISHED, 8, replace(FILM, media=MediaType.SERIES))


async def _reached(store: Store, _: Path) -> Held:
    rows = {viewer: await store.milestones.awarded(viewer) for viewer in (VIEWER, OTHER)}
    return Counter(f"{viewer[0]} {key}" for viewer, keys in rows.items() for key in keys)


async def _values(store: Store, _: Path) -> Held:
    return Counter([f"{key} {await store.kv.get(key)}" for key in "ab"])


async def _kinds(store: Store, folder: Path) -> Held:
    held = await _pursuits(store, folder)
    for key in KEYS:
        held[f"{key.names} {sorted(await store.titles.kinds(key.ids))}"] += 1
        held[f"{key.names} {(await store.titles.together(key)).names}"] += 1
        held[f"{key.names} {await store.titles.known_as(key)}"] += 1
        held[f"{key.names} {await store.titles.is_remembered(key)}"] += 1
    return held


def _appends(make: Callable[[int], Any], name: str) -> tuple[Write, ...]:
    return tuple(Write(f"{name} {number}", make(number)) for number in APART)


_PURSUED = tuple(
    Write(f"{number} {state}", _pursuit(number, state))
    for number in (1, 2)
    for state in (
        AcquisitionState.DECIDING,
        AcquisitionState.IMPORTED,
        AcquisitionState.FAILED,
    )
)

SUBJECTS: dict[str, Subject] = {
    "viewings": Subject(
        writes=(*_SAVES, *_IMPORTS),
        writers=frozenset({"save", "import_many"}),
        readers=_QUESTIONS,
        held=_viewings,
    ),
    "archive": Subject(
        writes=_TO_ARCHIVE,
        writers=frozenset({"move"}),
        readers=frozenset(),
        held=_archived,
        grows=True,
    ),
    "decisions": Subject(
        writes=_appends(_decision, "decide"),
        writers=frozenset({"add"}),
        readers=frozenset({"recent", "counts", "saved", "for_title"}),
        held=_decisions,
        appends=True,
    ),
    "plans": Subject(
        writes=(
            *(Write(f"plan {n} {dry}", _plan(n, dry=dry)) for n in (1, 2) for dry in (True, False)),
            *(
                Write(f"step {n} {state}", _carried_out(n, state))
                for n in (1, 2)
                for state in (StepState.DONE, StepState.SKIPPED)
            ),
        ),
        # Old plans go a few at a time, and others write in between: test_old_plans has their laws.
        writers=frozenset({"put", "put_step", "prune"}),
        readers=frozenset({"get", "waiting", "recent", "last_times"}),
        held=_plans,
    ),
    "ledger": Subject(
        writes=tuple(
            one
            for pair in zip(_appends(_step, "step"), _appends(_note, "note"), strict=True)
            for one in pair
        ),
        writers=frozenset({"begin", "note", "finish"}),
        readers=frozenset(
            {
                *("get", "for_plan", "unfinished", "for_title", "begun", "deleted_at", "freed"),
                *("undone", "deletions", "deleted_of", "count_of"),
            }
        ),
        held=_ledger,
        appends=True,
    ),
    "regrets": Subject(
        writes=tuple(
            Write(f"{way} {number} {days}", _regret(number, way, days))
            for number in (1, 2)
            for way in (Way.UNDO, Way.REQUEST)
            for days in (1, 2)
        ),
        writers=frozenset({"put"}),
        readers=frozenset({"of", "count"}),
        held=_regrets,
        shuffles=True,
    ),
    "overrides": Subject(
        writes=tuple(
            Write(f"{key.ids.tmdb} {word}", _word(key, word)) for key in KEYS for word in Override
        ),
        writers=frozenset({"set"}),
        readers=frozenset({"get"}),
        held=_words,
    ),
    "keeps": Subject(
        writes=(
            *(_keep(key, s, d) for key in KEYS[:2] for s in (None, 0) for d in (None, 30)),
            *(_stop(key, season) for key in KEYS[:2] for season in (None, 0)),
        ),
        writers=frozenset({"set", "end"}),
        readers=frozenset({"standing", "for_title"}),
        held=_keeps,
    ),
    "acquisitions": Subject(
        writes=(*_PURSUED, *(Write(f"ask {n} {o}", _asked(n, o)) for n in (1, 2) for o in "ab")),
        writers=frozenset({"put", "take_in"}),
        readers=frozenset({"get", "open", "for_title"}),
        held=_pursuits,
    ),
    "requests": Subject(
        writes=(
            *(
                Write(f"{numbers} {kind}", _put(numbers, kind))
                for numbers in ((1,), (1, 2), (2, 2))
                for kind in (None, EventKind.APPROVED, EventKind.DECLINED)
            ),
            Write("forget", lambda store, _: store.requests.forget(["r1", "r1", "r9"])),
        ),
        writers=frozenset({"put", "forget"}),
        readers=frozenset(
            {
                *("get", "unclosed", "closed", "closings", "for_title", "of_names", "sources"),
                *("of_source", "unclosed_after", "whole_after", "ended", "count"),
            }
        ),
        held=_requests,
    ),
    "library": Subject(
        writes=tuple(
            Write(f"take {first}-{last}", _shown(first, last))
            for first, last in ((0, 6), (0, 3), (2, 5), (4, 6), (5, 6))
        ),
        writers=frozenset({"take", "keep_state", "losses"}),
        readers=frozenset(
            {
                *("find", "find_many", "by_keys", "by_keys_of", "by_path"),
                *("episode_count", "counts", "state"),
            }
        ),
        held=_library,
        grows=True,
        shuffles=True,
    ),
    "watched": Subject(
        writes=(
            *(Write(f"mark {n}", _marks(VIEWER, one)) for n, one in enumerate(_UNITS)),
            Write("mark all", _marks(VIEWER, *_UNITS, *_UNITS)),
            Write("mark others", _marks(OTHER, *_UNITS[:3])),
        ),
        writers=frozenset({"mark"}),
        readers=frozenset({"is_watched", "marks_of", "count"}),
        held=_watched,
        grows=True,
        shuffles=True,
    ),
    "userdata": Subject(
        writes=(
            Write("take all", _told(VIEWER, 0, 5)),
            Write("take some", _told(VIEWER, 1, 3)),
            Write("take another's", _told(OTHER, 0, 2)),
            Write(
                "keep state",
                lambda store, _: store.userdata.keep_state(VIEWER, ReadState(sweep=3)),
            ),
        ),
        writers=frozenset({"take", "keep_state", "losses"}),
        readers=frozenset({"get", "touched", "favorites", "state"}),
        held=_userdata,
    ),
    "milestones": Subject(
        writes=(
            Write("fifty", lambda store, _: store.milestones.award(VIEWER, _FIFTY, 1.0)),
            Write(
                "all", lambda store, _: store.milestones.award_all(VIEWER, (_FIFTY, _ENDED, _FIFTY))
            ),
            Write("ended", lambda store, _: store.milestones.award(OTHER, _ENDED, None)),
        ),
        writers=frozenset({"award", "award_all"}),
        readers=frozenset({"awarded", "movies", "episodes", "on_day"}),
        held=_reached,
        shuffles=True,
    ),
    "titles": Subject(
        writes=_PURSUED,
        writers=frozenset(),
        readers=frozenset(
            {"kinds", "together", "known_as", "known_as_many", "is_remembered", "spoken_of"}
        ),
        held=_kinds,
    ),
    "kv": Subject(
        writes=tuple(
            Write(f"{key} {value}", lambda store, _, k=key, v=value: store.kv.put(k, v))
            for key in "ab"
            for value in (1, [1, 2], None)
        ),
        writers=frozenset({"put", "forget_unlinked"}),
        readers=frozenset({"get", "get_many"}),
        held=_values,
    ),
}
