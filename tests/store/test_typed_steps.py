"""Plans that were begun by version 8, opened by this one: everything in them goes on."""

from collections.abc import AsyncGenerator
import json
from pathlib import Path
import sqlite3
from typing import Final

import pytest

from custom_components.showrunner.domain.deletion.draft import same_intent
from custom_components.showrunner.domain.knowledge import Answer
from custom_components.showrunner.domain.media import Place
from custom_components.showrunner.domain.plan import (
    AddMovie,
    Cost,
    DeleteEpisodeFiles,
    DeleteMovieFile,
    FileFingerprint,
    ForgetMedia,
    Pool,
    RemoveTorrent,
    Scope,
    SearchMovie,
    StepState,
    SubjectKind,
    UnmonitorEpisodes,
    UpdateMovie,
)
from custom_components.showrunner.domain.plan.guards import against_carrying_out
from custom_components.showrunner.store import LedgerState, Store
from tests.domain.requests.replay import File, Household, planned
from tests.domain.requests.samples import HASH, SERIES
from tests.domain.requests.wishes import coming

_VERSION_8: Final = Path(__file__).parents[1] / "fixtures" / "store" / "version_8.sql"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give a database as version 8 has left it."""
    made = tmp_path / "showrunner.db"
    raw = sqlite3.connect(made)
    raw.executescript(_VERSION_8.read_text())
    raw.close()
    return made


@pytest.fixture
async def store(path: Path) -> AsyncGenerator[Store]:
    """Open it."""
    opened = await Store.open(path)
    yield opened
    await opened.close()


async def test_a_deletion_that_was_begun_is_the_one_that_would_be_planned_now(
    store: Store,
) -> None:
    """Step by step the same intent, with its proofs, so that it goes on and is not skipped."""
    plan = await store.plans.get("plan-film")
    assert plan is not None
    now = planned(coming(), files=True)
    assert [one.id for one in plan.steps] == [one.id for one in now.steps]
    assert plan.intent == now.intent
    for old, new in zip(plan.steps, now.steps, strict=True):
        assert same_intent(old, new)
        assert (old.scope, old.after, old.undo) == (new.scope, new.after, new.undo)
        # What two runs must not hold at once; a torrent's own name was not kept.
        assert old.locks == new.locks
        assert against_carrying_out(old) is None
    assert [one.state for one in plan.steps[:2]] == [StepState.DONE, StepState.PLANNED]
    assert len(plan.waiting) == 5
    torrent = plan.steps[1]
    assert torrent.payload == RemoveTorrent(HASH, 1000)
    assert (torrent.cost, torrent.scope) == (Cost(1, 400, Pool.TORRENTS), Scope.TORRENT)
    assert torrent.subject.kind is SubjectKind.TORRENT
    file = plan.step("delete_file")
    assert file is not None
    assert file.payload == DeleteMovieFile((FileFingerprint(500, "/data/title/500.mkv", 100),))
    assert {one.answer for one in file.proofs} == {Answer.YES}


async def test_a_series_that_waits_for_a_person_is_the_same(store: Store) -> None:
    """With every file, its path and its size."""
    plan = await store.plans.get("plan-series")
    assert plan is not None
    files = {
        number: File(number, frozenset({Place(1, episode)}), size=size)
        for number, episode, size in ((500, 1, 100), (501, 2, 250))
    }
    monitored = {Place(1, 1): True, Place(1, 2): True}
    now = planned(Household(SERIES, files, monitored), files=True)
    assert all(same_intent(a, b) for a, b in zip(plan.steps, now.steps, strict=True))
    assert plan.steps[0].payload == UnmonitorEpisodes((101, 102))
    season = plan.steps[1]
    assert isinstance(season.payload, DeleteEpisodeFiles)
    assert (season.payload.season, season.cost) == (1, Cost(2, 350))
    assert against_carrying_out(season) is None
    assert plan.steps[2].payload == ForgetMedia(1)


async def test_a_download_keeps_what_was_wished(store: Store) -> None:
    """And which file is only there to stream; what was seen stays a finding."""
    plan = await store.plans.get("plan-download")
    assert plan is not None
    update, search = plan.steps
    mark = "The.Lantern.2011.mkv 4096"
    assert update.payload == UpdateMovie(6, "/data/movies", "showrunner", mark)
    assert search.payload == SearchMovie(mark)
    (rating, identity) = update.findings
    assert (rating.rule, rating.value, rating.source) == ("instant_rating", "8.1", "radarr")
    assert (identity.rule, identity.detail) == ("identity", "years accepted")
    added = await store.plans.get("plan-add")
    assert added is not None
    assert added.steps[0].payload == AddMovie(6, "/data/movies", "")


async def test_the_ledger_says_whose_it_was(store: Store) -> None:
    """As far as the plan knows; what was begun is still open, and is read back."""
    rows = await store.ledger.for_plan("plan-film")
    assert [(row.service, row.scope, row.state) for row in rows] == [
        ("arr", "movie", LedgerState.DONE),
        ("q", "file", LedgerState.BEGUN),
    ]
    assert [row.undone_at for row in rows] == [None, None]
    assert len(await store.requests.unclosed()) == 2
    (acquisition,) = await store.acquisitions.open()
    assert (acquisition.plan_id, acquisition.approved) == ("plan-download", True)


@pytest.mark.parametrize(
    "odd", ["{", "[]", '{"action":"later","id":"x"}', '{"action":"delete_file"}']
)
async def test_a_step_that_nobody_understands_costs_its_plan_only(path: Path, odd: str) -> None:
    """It stays as it is; every other plan is read."""
    raw = sqlite3.connect(path)
    raw.execute(
        "UPDATE plan_steps SET data = ? WHERE plan_id = 'plan-film' AND step_id = 'unmonitor'",
        (odd,),
    )
    raw.commit()
    raw.close()
    store = await Store.open(path)
    plans = await store.plans.recent()
    await store.close()
    assert {one.plan_id for one in plans} == {"plan-series", "plan-download", "plan-add"}
    raw = sqlite3.connect(path)
    (kept,) = raw.execute("SELECT data FROM plan_steps WHERE step_id = 'unmonitor'").fetchone()
    raw.close()
    assert kept == odd


async def test_a_file_that_was_not_proven_then_is_not_deleted_now(path: Path) -> None:
    """A step without evidence, as no version has planned one, is read and refused."""
    raw = sqlite3.connect(path)
    (data,) = raw.execute("SELECT data FROM plan_steps WHERE step_id = 'season:1'").fetchone()
    step = json.loads(data)
    step["evidence"] = step["evidence"][:2]
    raw.execute("UPDATE plan_steps SET data = ? WHERE step_id = 'season:1'", (json.dumps(step),))
    raw.commit()
    raw.close()
    store = await Store.open(path)
    plan = await store.plans.get("plan-series")
    await store.close()
    assert plan is not None
    (season,) = [one for one in plan.steps if one.id == "season:1"]
    assert isinstance(season.payload, DeleteEpisodeFiles)
    assert [file.id for file in season.payload.files] == [500]
