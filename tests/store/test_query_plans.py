"""No query reads a whole table: five years of a hundred viewers are 900,000 viewings."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
import sqlite3

from sqlalchemy import event

from custom_components.showrunner.domain.media import MediaType, ProviderIds, TitleKey
from custom_components.showrunner.domain.plan import Action, PlansKept
from custom_components.showrunner.domain.sweep import ReadState, Tally
from custom_components.showrunner.domain.sweep_pages import Seen
from custom_components.showrunner.store import Store
from custom_components.showrunner.store.schema import METADATA
from tests.domain.plans import plan, step
from tests.domain.samples import FILM, NOW, UNIT

from .scratch import engines
from .viewings import WHOLE


async def ask_the_library(store: Store, title: TitleKey) -> None:
    """Ask all that is asked of the library and of what viewers have watched."""
    await store.library.find("i" * 32)
    await store.library.find_many(["i" * 32, "j" * 32], "s" * 32)
    await store.library.by_keys(UNIT.keys)
    await store.library.by_keys(("series:tvdb:5:s1e2", "series:tvdb:5", "episode:imdb:tt0133093"))
    await store.library.by_path("/media/x.mkv")
    await store.library.keep_state(ReadState().swept(NOW, {}, Tally(), 50))
    await store.library.episode_count(title.ids)
    await store.titles.kinds(title.ids)
    await store.titles.together(title)
    await store.titles.known_as(title)
    await store.titles.is_remembered(title)
    await store.library.counts()
    losses = store.library.losses(Seen(), "s" * 32, ReadState(sweep=1))
    await losses.tally()
    await losses.settle(0)
    await store.watched.is_watched("a", UNIT)
    await store.watched.count("a")
    await store.userdata.get("a", ["i"])
    await store.userdata.favorites("a")
    forgotten = store.userdata.losses("a", {}, ReadState(sweep=1))
    await forgotten.tally()
    await forgotten.settle(0)
    await store.kv.get("k")


async def ask_what_was_taken_back(store: Store) -> None:
    """Ask what we deleted, who asked for it again, and what is known of that."""
    await store.ledger.deletions(NOW)
    await store.ledger.count_of({"delete_file"}, NOW)
    await store.viewings.counting(NOW)
    await store.requests.of_names(FILM.key.names)
    await store.requests.ended(FILM.key.names)
    await store.regrets.of([1])


async def ask_for_plans(store: Store) -> None:
    """Ask for a plan with its steps, for a job's, and for the last ones."""
    await store.plans.put(plan(step(1)))
    await store.plans.get("p")
    await store.plans.waiting("cleanup")
    await store.plans.recent(job="cleanup")
    await store.plans.last_times("cleanup", ["s1", "s2"])
    await store.plans.put(replace(plan(step(1)), plan_id="q"))
    few = PlansKept(newest=1, days=0, most=1, least_days=0)
    await store.plans.prune(few, NOW + timedelta(days=9))
    await ask_what_was_taken_back(store)


async def ask_the_ledger(store: Store, title: TitleKey, since: datetime) -> None:
    """Ask for what was changed."""
    await store.ledger.for_plan("p")
    await store.ledger.unfinished()
    await store.ledger.for_title(title, 10)
    await store.ledger.begun(Action.SEARCH_MOVIE, since)
    await store.ledger.deleted_at(FILM.key)
    await store.ledger.deleted_of("radarr", since)


async def test_every_query_uses_an_index(store: Store, path: Path) -> None:
    """SQLite's own explanation says SEARCH, never SCAN, for everything that grows."""
    asked: list[tuple[str, object]] = []

    def listen(_c: object, _cu: object, statement: str, parameters: object, *_: object) -> None:
        if statement.startswith("SELECT"):
            asked.append((statement, parameters))

    since, ids = NOW - timedelta(days=90), ProviderIds(603, 5, "tt0133093")
    # Names that nobody has are not looked for further.
    title, known = TitleKey(MediaType.MOVIE, ids), replace(UNIT, ids=ids, item_id="i")
    await store.viewings.save(replace(WHOLE, viewer_id="a", unit=known))
    for engine in engines(store):
        event.listen(engine, "before_cursor_execute", listen)
    await store.viewings.completed_count("a", UNIT, since, 90)
    await store.viewings.history()
    await store.viewings.history(viewer_id="a", since=since)
    await store.viewings.history(viewer_id="a", title=title)
    await store.viewings.history(title=title)
    await store.viewings.history(item_id="i")
    await store.viewings.history(item_id="i", since=since)
    await store.viewings.history(viewer_id="a", item_id="i", since=since)
    await store.viewings.count(since)
    await store.viewings.of_viewers(("a", "b"), since, since)
    await store.viewings.watch_hours("a")
    await store.viewings.week(["a"], since, UTC)
    await store.archive.move(since, path.with_name("a.jsonl.gz"))
    await store.decisions.counts(since)
    await store.decisions.recent()
    await store.decisions.for_title(title, 10)
    await ask_for_plans(store)
    await ask_the_ledger(store, title, since)
    await store.overrides.get(title)
    await store.keeps.standing(NOW)
    await store.keeps.standing(NOW, title)
    await store.keeps.for_title(title, 10)
    await store.acquisitions.get("a")
    await store.acquisitions.open()
    await store.acquisitions.for_title(title)
    await ask_the_library(store, title)
    tables = {table.name for table in METADATA.sorted_tables}
    with sqlite3.connect(path) as raw:
        for statement, parameters in asked:
            explained = raw.execute(f"explain query plan {statement}", parameters).fetchall()
            steps = [row[3] for row in explained]
            # Reading along an index in its order is not reading a table.
            scans = [
                one
                for one in steps
                if one.split()[:1] == ["SCAN"] and one.split()[1] in tables and "USING" not in one
            ]
            assert not scans, (statement, steps)
            # What is asked for by a name is read by its units, never along all that anybody saw.
            if "unit_names.name IN" in statement and "FROM viewings" in statement:
                assert any("viewings_unit" in one for one in steps), (statement, steps)
    raw.close()
    assert len(asked) >= 40
