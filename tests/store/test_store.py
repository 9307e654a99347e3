"""What we remember: once each, whole, and found by any of its names."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
import random
import shutil
import sqlite3

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.showrunner.domain.acquisition import Acquisition, AcquisitionState
from custom_components.showrunner.domain.candidate import Override
from custom_components.showrunner.domain.decision import decide
from custom_components.showrunner.domain.library import MarkSource
from custom_components.showrunner.domain.media import MediaType, ProviderIds, TitleKey
from custom_components.showrunner.domain.plan import Action, SearchMovie, StepState
from custom_components.showrunner.domain.requests.facts import Facts
from custom_components.showrunner.domain.requests.record import dump_request, load_request
from custom_components.showrunner.domain.requests.request import Request
from custom_components.showrunner.domain.requests.state import state_of
from custom_components.showrunner.domain.requests.stuck import StuckPolicy
from custom_components.showrunner.domain.watching import ReportSource, Viewing
from custom_components.showrunner.store import (
    LedgerState,
    RequestRow,
    Store,
    StoreDamaged,
    StoreError,
    StoreTooNew,
)
from custom_components.showrunner.store.small import Word
from tests.domain.plans import plan, step
from tests.domain.samples import FILM, NOW, POLICY, UNIT, candidate
from tests.domain.watching.parts import BARE, parts
from tests.effort import examples

from .scratch import counted, scratch
from .viewings import VIEWER, VIEWING, WHOLE


def movie(tmdb: int | None = None, tvdb: int | None = None, imdb: str | None = None) -> TitleKey:
    """Name a movie by some of its ids."""
    return TitleKey(MediaType.MOVIE, ProviderIds(tmdb, tvdb, imdb))


async def test_a_viewing_is_stored_once(store: Store) -> None:
    """Created, then merged; completed once in its life."""
    first = await store.viewings.save(VIEWING)
    assert (first.created, first.newly_completed) == (True, False)
    second = await store.viewings.save(WHOLE)
    assert (second.created, second.newly_completed) == (False, True)
    third = await store.viewings.save(WHOLE)
    assert (third.created, third.newly_completed) == (False, False)
    assert await store.viewings.history() == (third.viewing,)


async def test_any_name_of_the_unit_finds_it(store: Store) -> None:
    """The webhook knows Jellyfin's id only, the poll also tmdb's; later the item id changes."""
    await store.viewings.save(replace(VIEWING, unit=BARE))
    await store.viewings.save(WHOLE)
    moved = replace(UNIT, item_id="k" * 32)
    saved = await store.viewings.save(replace(WHOLE, unit=moved))
    assert not saved.created
    assert len(await store.viewings.history()) == 1
    for unit in (UNIT, BARE, moved):
        since = NOW - timedelta(days=90)
        assert await store.viewings.completed_count(VIEWER, unit, since, 90) == 1
    assert len(await store.viewings.history(title=movie(tmdb=990001))) == 1
    assert len(await store.viewings.history(item_id="i" * 32)) == 1
    assert await store.viewings.history(title=movie(tmdb=1)) == ()


async def test_two_rows_that_turn_out_to_be_one_are_joined(store: Store) -> None:
    """A report that names both of their units brings them together."""
    other = replace(UNIT, item_id="z" * 32, ids=ProviderIds())
    await store.viewings.save(replace(VIEWING, unit=other))
    await store.viewings.save(WHOLE)
    assert len(await store.viewings.history()) == 2
    both = replace(VIEWING, unit=replace(UNIT, item_id="z" * 32))
    saved = await store.viewings.save(both)
    assert saved.viewing.completed
    assert len(await store.viewings.history()) == 1


async def test_what_a_webhook_adds_makes_no_viewing_count_for_more(store: Store) -> None:
    """Neither with a higher percent nor for longer; it is shown."""
    seen = replace(WHOLE, position=0.86 * 7200)
    await store.viewings.save(seen)
    later = seen.ended_at + timedelta(days=3)
    hint = replace(
        WHOLE, ended_at=later, position=7200.0, sources=frozenset({ReportSource.WEBHOOK})
    )
    saved = await store.viewings.save(hint)
    count = store.viewings.completed_count
    assert not saved.newly_completed
    assert (saved.viewing.percent, saved.viewing.ended_at) == (100, later)
    assert await count(VIEWER, UNIT, NOW, 85) == 1
    assert await count(VIEWER, UNIT, NOW, 90) == 0
    assert await count(VIEWER, UNIT, seen.ended_at + timedelta(days=1), 85) == 0
    # Until Jellyfin has borne it out.
    await store.viewings.save(saved.viewing.borne_out)
    assert await count(VIEWER, UNIT, seen.ended_at + timedelta(days=1), 90) == 1


async def test_what_is_taken_up_is_what_jellyfin_told(store: Store) -> None:
    """A later play that only a webhook told hides nothing; where there is no other it is given."""
    hint = replace(
        VIEWING,
        day=VIEWING.day + timedelta(days=1),
        ended_at=NOW + timedelta(days=1),
        sources=frozenset({ReportSource.WEBHOOK}),
    )
    await store.viewings.save(hint)
    assert await store.viewings.last_of(VIEWER, UNIT, NOW) == hint
    await store.viewings.save(VIEWING)
    assert await store.viewings.last_of(VIEWER, UNIT, NOW) == VIEWING


@settings(max_examples=examples(25), deadline=None)
@given(st.lists(parts, min_size=1, max_size=6), st.integers(0, 2**32))
async def test_no_order_or_doubling_makes_two_of_one(some: list[Viewing], seed: int) -> None:
    """All of one viewer, unit and day, however they arrive."""
    known = [replace(one, unit=random.Random(seed).choice([UNIT, UNIT, one.unit])) for one in some]
    named = [replace(one, unit=replace(one.unit, ids=UNIT.ids)) for one in known]
    orders = [named, named[::-1] + named]
    ends = []
    for order in orders:
        async with scratch() as path:
            opened = await Store.open(path)
            created = [await opened.viewings.save(one) for one in order]
            ends.append(await opened.viewings.history())
            await opened.close()
        # An end that only a webhook told does not count, whoever else saw the play.
        assert sum(saved.newly_completed for saved in created) == any(one.counts for one in order)
    assert len(ends[0]) == 1
    assert ends[0] == ends[1]


async def test_what_counts_is_watched_with_the_same_write(store: Store) -> None:
    """Nothing is in between, where only one of both could be lost; it is told once."""
    texts: list[str] = []
    store.add_listener(texts.append)
    await store.viewings.save(VIEWING)
    await store.viewings.save(replace(WHOLE, sources=frozenset({ReportSource.WEBHOOK})))
    assert await store.watched.is_watched(VIEWER, UNIT) is None
    commits = counted(store)
    await store.viewings.save(replace(WHOLE, confirmed=True))
    assert commits == [1]
    mark = await store.watched.is_watched(VIEWER, UNIT)
    assert mark is not None
    assert (mark.source, mark.since) == (MarkSource.VIEWING, WHOLE.ended_at)
    await store.viewings.save(WHOLE)
    assert texts == ["viewings"] * 3 + ["watched", "viewings"]


async def test_decisions_are_counted_by_verdict_and_tier(store: Store) -> None:
    """Those that are not made yet do not count."""
    decided = decide(candidate(), POLICY, NOW)
    await store.decisions.add(decided, item_id="x")
    await store.decisions.add(replace(decided, pending=True))
    assert await store.decisions.counts(NOW - timedelta(hours=1)) == {("stream", 3): 1}
    assert await store.decisions.counts(NOW + timedelta(hours=1)) == {}
    (kept, _) = await store.decisions.for_title(movie(imdb="tt9900001"))
    assert (kept["title"], len(kept["findings"])) == ("The Lantern (2011)", 20)  # type: ignore[arg-type]
    (newest,) = await store.decisions.for_title(movie(imdb="tt9900001"), 1)
    assert newest["item_id"] is None
    assert len(await store.decisions.recent(1)) == 1


async def test_plans_are_kept_as_they_stand(store: Store) -> None:
    """The second writing is the one that counts."""
    made = plan(step(1))
    await store.plans.put(made)
    await store.plans.put(replace(made, dry_run=True))
    assert await store.plans.get("p") == replace(made, dry_run=True)
    assert await store.plans.get("x") is None
    assert len(await store.plans.recent(job="cleanup")) == 1


async def test_a_step_is_written_by_itself(store: Store) -> None:
    """The others stay as they are, in their order; a step of no plan is nobody's."""
    made = plan(step(2), step(1), step(3))
    await store.plans.put(made)
    done = replace(made.steps[1], state=StepState.DONE, detail="gone")
    await store.plans.put_step("p", done)
    await store.plans.put_step("x", done)
    assert await store.plans.get("p") == made.with_steps([done])
    fewer = replace(made, steps=made.steps[1:])
    await store.plans.put(fewer)
    assert await store.plans.get("p") == fewer


@pytest.mark.parametrize("broken", ["[]", "{", '{"id": "s1"}', '"text"', '{"version": 9}'])
@pytest.mark.parametrize("table", ["plans", "plan_steps"])
async def test_a_plan_that_cannot_be_read_costs_no_other(
    store: Store, path: Path, broken: str, table: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It is told once, and asked for by its name it is an error that a face can show."""
    damage: list[object] = []
    store.on_damage(damage.append)
    await store.plans.put(plan(step(1, waits=True)))
    await store.plans.put(replace(plan(step(1, waits=True)), plan_id="q"))
    with sqlite3.connect(path) as raw:
        raw.execute(f"UPDATE {table} SET data = ? WHERE plan_id = 'p'", (broken,))
    raw.close()
    assert [one.plan_id for one in await store.plans.recent()] == ["q"]
    assert [one.plan_id for one in await store.plans.waiting("cleanup")] == ["q"]
    assert caplog.text.count("Leaving out a plan") == 1
    with pytest.raises(StoreDamaged):
        await store.plans.get("p")
    assert damage == [], "of a row, and not of the file"
    assert await store.plans.get("q") is not None


@pytest.mark.parametrize("broken", ["[]", "{", '{"id": "s1"}', '"text"', "7"])
async def test_an_acquisition_that_cannot_be_read_costs_no_other(
    store: Store, path: Path, broken: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It is told once, and nothing else stops; of its title nobody says what was done for it."""
    for name in ("p", "q"):
        await store.acquisitions.put(Acquisition(name, FILM, AcquisitionState.DECIDING, NOW, None))
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE acquisitions SET data = ? WHERE id = 'p'", (broken,))
    raw.close()
    for _ in range(2):
        assert [one.id for one in await store.acquisitions.open()] == ["q"]
    assert caplog.text.count("Leaving out an acquisition") == 1
    with pytest.raises(StoreDamaged):
        await store.acquisitions.for_title(FILM.key)
    with pytest.raises(StoreDamaged):
        await store.acquisitions.get("p")
    assert await store.acquisitions.get("q") is not None


async def test_of_several_that_are_the_same_one_is_taken_in(store: Store) -> None:
    """Two reports of one viewing come at the same moment, under other ids."""
    one = Acquisition("a", FILM, AcquisitionState.DECIDING, NOW, None)
    tasks = [
        store.acquisitions.take_in(replace(one, id=name), lambda other: other.title == FILM)
        for name in "abcab"
    ]
    assert await asyncio.gather(*tasks) == [True, False, False, False, False]
    assert await store.acquisitions.take_in(replace(one, id="d"), lambda _: False)
    assert [one.id for one in await store.acquisitions.open()] == ["a", "d"]


async def test_a_listener_that_fails_costs_nothing_and_tells_no_secret(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """What is stored is stored; the trace is logged without what is secret in it."""

    def listener(_: str) -> None:
        raise RuntimeError("http://user:geheim@host/?api_key=abcdef0123456789abcdef0123456789")

    store.add_listener(listener)
    await store.viewings.save(VIEWING)
    assert len(await store.viewings.history()) == 1
    assert "A listener to the store failed" in caplog.text
    assert "geheim" not in caplog.text
    assert "abcdef0123456789" not in caplog.text


async def test_the_ledger_says_what_was_begun_and_how_it_ended(store: Store) -> None:
    """And when we deleted something."""
    one = await store.ledger.begin("cleanup", "p", step(1), {"monitored": True})
    (row,) = await store.ledger.unfinished()
    assert (row.id, row.state, row.before["monitored"]) == (one, LedgerState.BEGUN, True)
    assert await store.ledger.deleted_at(FILM.key) is None
    await store.ledger.finish(one, LedgerState.DONE, "gone", {"bytes": 5})
    assert await store.ledger.unfinished() == ()
    assert await store.ledger.deleted_at(movie(tmdb=990001)) is not None
    assert await store.ledger.deleted_at(movie(tmdb=1)) is None
    await store.ledger.note("download", None, FILM, "imported", "here")
    assert [row.action for row in await store.ledger.for_title(FILM.key)] == [
        "delete_movie",
        "imported",
    ]
    (newest,) = await store.ledger.for_title(FILM.key, 1)
    assert newest.action == "imported"
    search = replace(step(2), payload=SearchMovie())
    failed = await store.ledger.begin("download", "q", search, {})
    await store.ledger.finish(failed, LedgerState.FAILED, "no", {})
    await store.ledger.begin("download", "q", search, {})
    assert len(await store.ledger.begun(Action.SEARCH_MOVIE, NOW - timedelta(days=99))) == 1


async def test_the_ledger_names_what_a_person_has_taken_back(store: Store) -> None:
    """By what it was about; what was not taken back is not named, nor what was done else."""
    for number in (1, 2):
        row = await store.ledger.begin("cleanup", "p", step(number), {})
        await store.ledger.finish(row, LedgerState.DONE, "gone", {})
    assert await store.ledger.undone(Action.DELETE_MOVIE) == frozenset()
    undo = replace(step(3), payload=SearchMovie(), undo_of=row)
    back = await store.ledger.begin("undo", "q", undo, {})
    await store.ledger.finish(back, LedgerState.DONE, "back", {})
    found = await store.ledger.undone(Action.DELETE_MOVIE)
    assert found == {f"{undo.subject.kind}:{undo.subject.key}"}
    assert await store.ledger.undone(Action.SEARCH_MOVIE) == frozenset()


async def test_what_was_done_is_counted_once_for_each_subject(store: Store) -> None:
    """Not what failed, what was taken back, or what was begun before; outcomes each."""
    for number in (1, 1, 2):
        row = await store.ledger.begin("cleanup", "p", step(1), {})
        state = LedgerState.DONE if number == 1 else LedgerState.FAILED
        await store.ledger.finish(row, state, "", {})
    deletion, since = {Action.DELETE_MOVIE.value}, datetime.now(UTC) - timedelta(days=1)
    assert await store.ledger.count_of(deletion, since) == 1
    assert await store.ledger.count_of(deletion, since + timedelta(days=2)) == 0
    assert await store.ledger.count_of({"imported"}, since) == 0
    for _ in range(2):
        await store.ledger.note("download", None, FILM, "imported", "here")
    assert await store.ledger.count_of({"imported", *deletion}, since) == 3
    for row in (1, 2):
        undo = replace(step(3), payload=SearchMovie(), undo_of=row)
        back = await store.ledger.begin("undo", "q", undo, {})
        await store.ledger.finish(back, LedgerState.DONE, "back", {})
    assert await store.ledger.count_of(deletion, since) == 0


async def test_a_unit_that_cant_be_read_is_no_film(store: Store) -> None:
    """Whoever asks what was watched is told that the database is damaged."""
    await store.viewings.save(WHOLE)
    assert await store.viewings.counting(NOW) == ((UNIT, 1),)
    await store._database.run(
        lambda c: c.exec_driver_sql("UPDATE units SET data = '[]' WHERE id > 0")
    )
    with pytest.raises(StoreDamaged):
        await store.viewings.counting(NOW)


async def test_an_override_counts_under_any_id(store: Store) -> None:
    """The last word, and `auto` takes it back."""
    both = movie(603, None, "tt0133093")
    await store.overrides.set(both, Override.ALWAYS, "somebody")
    assert await store.overrides.get(movie(imdb="tt0133093")) == Word(Override.ALWAYS)
    await store.overrides.set(both, Override.NEVER, "somebody")
    assert await store.overrides.get(movie(603)) == Word(Override.NEVER)
    await store.overrides.set(both, Override.AUTO, "somebody")
    assert await store.overrides.get(both) == Word(Override.AUTO)


async def test_changes_are_told_after_they_are_stored(store: Store) -> None:
    """To those who listen, until they don't."""
    heard: list[str] = []
    end = store.add_listener(heard.append)
    await store.viewings.save(VIEWING)
    await store.kv.put("x", {"a": [1]})
    end()
    await store.plans.put(plan())
    assert heard == ["viewings"]
    assert await store.kv.get("x") == {"a": [1]}
    assert await store.kv.get("y") is None


async def test_what_is_kept_of_a_link_goes_with_it(store: Store) -> None:
    """Whoever keeps it, so that nobody has to be named; nothing else, and of nobody else."""
    here, gone = "0" * 26, "1" * 26
    names = ("torrents:{}", "seerr:{}:listing", "last_sync:{}", "what_a_new_one_keeps:{}:more")
    others = ("tracker", "refresh:scanned", "retention:day", f"read:viewer:{'a' * 32}", "viewers")
    keys = [name.format(one) for name in names for one in (here, gone)]
    for key in (*keys, *others):
        await store.kv.put(key, 1)
    await store.kv.forget_unlinked({here})
    left = [key for key in (*keys, *others) if await store.kv.get(key) is not None]
    assert left == [*(name.format(here) for name in names), *others]


async def test_a_cancelled_caller_loses_nothing_half_done(store: Store) -> None:
    """The thread ends what it began."""
    tasks = [asyncio.create_task(store.viewings.save(VIEWING)) for _ in range(20)]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert len(await store.viewings.history()) == 1


async def test_a_closed_store_says_so(store: Store) -> None:
    """Closing twice is as once."""
    await store.close()
    await store.close()
    with pytest.raises(StoreError, match="closed"):
        await store.viewings.history()


async def test_a_newer_database_is_left_alone(store: Store, path: Path) -> None:
    """A clear word, and nothing is touched."""
    await store.close()
    with sqlite3.connect(path) as raw:
        raw.execute("update schema_version set version = 99")
    raw.close()
    with pytest.raises(StoreTooNew, match="99"):
        await Store.open(path)
    with sqlite3.connect(path) as raw:
        assert raw.execute("select version from schema_version").fetchone() == (99,)
    raw.close()


async def test_a_broken_file_is_kept_and_named(path: Path) -> None:
    """Rubbish is no database, and no reason to begin anew."""
    path.write_bytes(b"this is no database" * 1000)
    with pytest.raises(StoreError, match="not a database"):
        await Store.open(path)
    assert path.read_bytes().startswith(b"this is no database")


async def test_a_copy_made_while_running_is_consistent(store: Store, path: Path) -> None:
    """As Home Assistant's backup makes it: database and log together."""
    for number in range(50):
        day = NOW.date() + timedelta(days=number)
        await store.viewings.save(replace(VIEWING, day=day))
    copy = path.with_name("copy.db")
    for suffix in ("", "-wal"):
        shutil.copy(f"{path}{suffix}", f"{copy}{suffix}")
    restored = await Store.open(copy)
    assert len(await restored.viewings.history()) == 50
    await restored.close()


async def test_removal_takes_everything(store: Store, path: Path) -> None:
    """Also what SQLite keeps beside it."""
    await store.close()
    await Store.remove_files(path)
    await Store.remove_files(path)
    assert not list(path.parent.glob("showrunner.db*"))


@pytest.mark.parametrize("at", [9223372036854775807, 99999999999999999, 1e300, "x", "[]"])
async def test_a_request_that_cannot_be_read_is_damage(
    store: Store, path: Path, at: float | str
) -> None:
    """It is told as that, and not as an error of nobody's."""
    request = Request("r", "seerr:x:1", FILM, NOW)
    status = state_of(request, Facts(), NOW, policy=StuckPolicy(), matcher=False)
    row = RequestRow(request, Facts(), status)
    texts: list[str] = []
    store.on_damage(texts.append)
    await store.requests.put([row])
    with sqlite3.connect(path) as raw:
        raw.execute("update requests set requested_at = ?", (at,))
    raw.close()
    with pytest.raises(StoreDamaged):
        await store.requests.get(row.request.id)
    assert len(texts) == 1
    with pytest.raises((ValueError, TypeError)):
        load_request(dump_request(row.request) | {"requested_at": at})
