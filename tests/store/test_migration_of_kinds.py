"""A database that was kept by numbers alone comes along whole, and movies and series part in it."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
import sqlite3

import pytest

from custom_components.showrunner.domain.candidate import Override
from custom_components.showrunner.domain.media import (
    MediaType,
    ProviderIds,
    Title,
    TitleKey,
    UnitKind,
)
from custom_components.showrunner.domain.milestones import Milestone, MilestoneKind
from custom_components.showrunner.store import LedgerState, Store, StoreDamaged
from custom_components.showrunner.store.small import Word

from .columns import _columns

_VERSION_2 = Path(__file__).parents[1] / "fixtures/store/version_2_titles.sql"
_SOFA, _KITCHEN = "a" * 32, "b" * 32
# They have one number at TMDb.
_FILM = Title(MediaType.MOVIE, ProviderIds(tmdb=4513, imdb="tt9904513"), "The Lantern", 2011)
_SHOW = Title(MediaType.SERIES, ProviderIds(4513, 880101, "tt8801010"), "The Ministry", 2015)


@pytest.fixture
def new_databases() -> None:
    """Make each database as the product does, step by step."""


def _by(media: MediaType, tmdb: int) -> TitleKey:
    return TitleKey(media, ProviderIds(tmdb=tmdb))


@pytest.fixture
async def version_2(path: Path) -> AsyncGenerator[Store]:
    """Open a database that the code of version 2 has written."""
    raw = sqlite3.connect(path)
    raw.executescript(_VERSION_2.read_text())
    raw.close()
    store = await Store.open(path)
    yield store
    await store.close()


async def test_version_2_has_the_schema_of_a_fresh_one(
    version_2: Store, path: Path, tmp_path: Path
) -> None:
    """And nothing of the migration stays behind."""
    fresh = tmp_path / "fresh.db"
    await (await Store.open(fresh)).close()
    assert _columns(path) == _columns(fresh)
    with sqlite3.connect(path) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert raw.execute("SELECT count(*) FROM names WHERE name LIKE 'title:%'").fetchone() == (
            0,
        )
        bare = raw.execute("SELECT count(*) FROM titles WHERE key GLOB 'tmdb:*'").fetchone()
    raw.close()
    assert bare == (0,)


async def test_a_movie_and_a_series_of_one_number_part(version_2: Store) -> None:
    """Each is found under every id that it has, and neither under the other's."""
    store = version_2
    film, show = _FILM.key, _SHOW.key
    for key, rows, state in ((film, 2, "searching"), (show, 1, "dropped")):
        assert len(await store.ledger.for_title(key)) == rows
        assert len(await store.decisions.for_title(key)) == 1
        assert len(await store.requests.for_title(key)) == 1
        assert [one.state.value for one in await store.acquisitions.for_title(key)] == [state]
        for name in key.ids.keys:
            ids = ProviderIds.from_mapping(dict([name.split(":")]))
            alone = TitleKey(key.media, ids)
            assert len(await store.requests.for_title(alone)) == 1
            assert await store.viewings.history(title=alone) == await store.viewings.history(
                title=key
            )
    assert [len(await store.viewings.history(title=key)) for key in (film, show)] == [2, 3]
    seen = {one.unit.kind for one in await store.viewings.history(title=film)}
    assert seen == {UnitKind.MOVIE}
    assert await store.titles.kinds(ProviderIds(tmdb=4513)) == frozenset(MediaType)


async def test_what_decided_nothing_counts_no_more(version_2: Store) -> None:
    """The series was never considered; the film was, and is streamed."""
    counts = await version_2.decisions.counts(datetime(2020, 1, 1, tzinfo=UTC))
    assert counts == {("stream", 3): 1}


async def test_what_old_plans_freed_is_summed_up(path: Path) -> None:
    """Each step's bytes as they were read back; what has not ended counts for nothing."""
    raw = sqlite3.connect(path)
    raw.executescript(_VERSION_2.read_text())
    for plan_id, freed in (("plan-film", [700, 30]), ("plan-download", [0, 5])):
        (data,) = raw.execute("SELECT data FROM plans WHERE plan_id = ?", (plan_id,)).fetchone()
        plan = json.loads(data)
        for step, bytes_freed in zip(plan["steps"], freed, strict=True):
            step["bytes_freed"] = bytes_freed
        raw.execute("UPDATE plans SET data = ? WHERE plan_id = ?", (json.dumps(plan), plan_id))
    raw.commit()
    raw.close()
    store = await Store.open(path)
    try:
        assert await store.ledger.freed() == 730
        (begun,) = await store.ledger.unfinished()
        await store.ledger.finish(begun.id, LedgerState.DONE, "gone", {}, 20)
        assert await store.ledger.freed() == 750
    finally:
        await store.close()


async def test_the_steps_of_old_plans_are_rows(path: Path) -> None:
    """In their order, each as it was; a plan that was no JSON stays for whoever can read it."""
    raw = sqlite3.connect(path)
    raw.executescript(_VERSION_2.read_text())
    kept = dict(raw.execute("SELECT plan_id, data FROM plans").fetchall())
    raw.execute("INSERT INTO plans SELECT 'broken', job, at, '{' FROM plans LIMIT 1")
    raw.commit()
    raw.close()
    store = await Store.open(path)
    plans = await store.plans.recent()
    assert {one.plan_id for one in plans} == kept.keys()
    for plan in plans:
        old = json.loads(kept[plan.plan_id])["steps"]
        assert [one.id for one in plan.steps] == [one["id"] for one in old]
        assert [one.state for one in plan.steps] == [one["state"] for one in old]
        assert [one.detail for one in plan.steps] == [one["detail"] for one in old]
    await store.close()
    with sqlite3.connect(path) as raw:
        rows = raw.execute("SELECT count(*) FROM plans WHERE data LIKE '%\"steps\"%'").fetchone()
        assert rows == (0,)
        assert raw.execute("SELECT data FROM plans WHERE plan_id = 'broken'").fetchone() == ("{",)
    raw.close()


@pytest.mark.parametrize("odd", [{"id": 5}, "half", None])
async def test_an_old_plan_is_not_shorter_by_a_step_that_nobody_understands(
    path: Path, odd: object
) -> None:
    """It can't be read at all then, as it could not before."""
    raw = sqlite3.connect(path)
    raw.executescript(_VERSION_2.read_text())
    (data,) = raw.execute("SELECT data FROM plans WHERE plan_id = 'plan-film'").fetchone()
    plan = json.loads(data)
    plan["steps"].append(plan["steps"][0] if odd is None else odd)
    raw.execute("UPDATE plans SET data = ? WHERE plan_id = 'plan-film'", (json.dumps(plan),))
    raw.commit()
    raw.close()
    store = await Store.open(path)
    with pytest.raises(StoreDamaged):
        await store.plans.get("plan-film")
    assert "plan-film" not in {one.plan_id for one in await store.plans.recent()}
    await store.close()


async def test_law_10_what_was_deleted_still_cools_down(version_2: Store) -> None:
    """The series no longer cools the film down; where nothing says which it was, both do."""
    ledger = version_2.ledger
    assert await ledger.deleted_at(_SHOW.key) is not None
    assert await ledger.deleted_at(_FILM.key) is None
    assert await ledger.deleted_at(_by(MediaType.MOVIE, 607)) is not None
    assert await ledger.deleted_at(_by(MediaType.SERIES, 607)) is None
    for media in MediaType:
        assert await ledger.deleted_at(_by(media, 608)) is not None


async def test_what_people_chose_is_not_lost(version_2: Store) -> None:
    """`never` on the series stops no film; a number of unknown kind protects both."""
    overrides = version_2.overrides
    assert await overrides.get(_SHOW.key) == Word(Override.NEVER)
    assert await overrides.get(_FILM.key) == Word()
    for media in MediaType:
        assert await overrides.get(_by(media, 777)) == Word(Override.NEVER, kind_told=False)
        assert await overrides.get(_by(media, 606)) == Word(Override.ASK, kind_told=False)
        assert await overrides.get(_by(media, 605)) == Word(Override.ALWAYS, kind_told=False)
    assert await overrides.get(_by(MediaType.MOVIE, 604)) == Word(Override.ALWAYS)
    assert await overrides.get(_by(MediaType.SERIES, 604)) == Word()
    await overrides.set(_by(MediaType.MOVIE, 777), Override.AUTO, "somebody")
    assert await overrides.get(_by(MediaType.MOVIE, 777)) == Word()
    assert (await overrides.get(_by(MediaType.SERIES, 777))).policy is Override.NEVER


async def test_everything_goes_on(version_2: Store) -> None:
    """What was begun, what was seen, what was reached, what is kept of the library and of keys."""
    store = version_2
    (begun,) = await store.ledger.unfinished()
    assert (begun.plan_id, begun.action) == ("plan-download", "search_movie")
    plan = await store.plans.get("plan-download")
    assert plan is not None
    assert plan.steps[1].subject.title == _FILM
    assert {one.id for one in await store.acquisitions.open()} == {"pursuit-film", "pursuit-year"}
    (year,) = await store.acquisitions.for_title(_by(MediaType.MOVIE, 990101))
    assert year.title.label == "A Quiet Orchard"
    assert len(await store.requests.unclosed()) == 2
    assert len(await store.viewings.history()) == 6
    (last, first) = await store.viewings.history(title=_FILM.key)
    since = first.started_at - timedelta(days=1)
    # A webhook alone told both: they were counted once, and count no more.
    assert await store.viewings.completed_count(_SOFA, last.unit, since, 85) == 0
    # Until Jellyfin confirms one: it is found by the name that it had before, too.
    saved = await store.viewings.save(replace(last, confirmed=True))
    assert (saved.created, saved.newly_completed) == (False, True)
    assert await store.viewings.completed_count(_SOFA, last.unit, since, 85) == 1
    saved = await store.viewings.save(replace(first, confirmed=True))
    assert (saved.created, saved.newly_completed) == (False, True)
    old = replace(last.unit, ids=ProviderIds(), item_id="0" * 32)
    assert await store.viewings.completed_count(_SOFA, old, since, 85) == 1
    assert await store.watched.count(_SOFA) == 3
    assert await store.watched.is_watched(_SOFA, last.unit) is not None
    milestone = Milestone(MilestoneKind.SERIES_FINISHED, 2, _SHOW)
    assert not await store.milestones.award(_SOFA, milestone, 1.0)
    assert not await store.milestones.award(_SOFA, Milestone(MilestoneKind.MOVIES, 10), 1.0)
    assert await store.milestones.episodes(_SOFA, _SHOW.ids) == 2
    found = await store.library.by_keys(_FILM.key.names)
    assert [one.item_id for one in found] == ["1" * 32]
    assert await store.kv.get("notify") == {"told": [1]}
    assert (await store.userdata.favorites(_SOFA)) == {"1" * 32}
    assert len(await store.viewings.history(viewer_id=_KITCHEN)) == 2


async def test_rows_that_can_not_be_read_stop_no_migration(path: Path) -> None:
    """They count for both kinds, as all that does not say."""
    raw = sqlite3.connect(path)
    raw.executescript(_VERSION_2.read_text())
    for table in ("requests", "acquisitions", "decisions", "plans"):
        raw.execute(f"UPDATE {table} SET data = '{{half'")
    raw.execute("UPDATE ledger SET \"before\" = 'nothing'")
    raw.commit()
    raw.close()
    store = await Store.open(path)
    for media in MediaType:
        # Of a deleted file nothing but the plan said of which kind it was.
        assert await store.ledger.deleted_at(_by(media, 607)) is not None
    assert await store.ledger.deleted_at(_FILM.key) is None
    await store.close()
