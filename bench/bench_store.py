"""How many bytes a row takes in a database that was filled as it is in use, its indexes included.

What stands once for many rows is counted with them: units, names, folders. Beside it the rows of a
database that was compacted.
"""

from collections.abc import Mapping
from datetime import timedelta
from itertools import batched
from pathlib import Path
import random
import sqlite3
import tempfile
from typing import Final

from bench.library_server import guid
from bench.store_rows import NOW, PER_SEASON, episode, marks, request, series, unit, userdata
from custom_components.showrunner.domain.finding import Finding
from custom_components.showrunner.domain.knowledge import Answer
from custom_components.showrunner.domain.media import MediaType, ProviderIds, Title
from custom_components.showrunner.domain.plan import (
    Cost,
    DeleteMovie,
    Plan,
    Pool,
    Proof,
    ProofKind,
    Protection,
    Scope,
    Step,
    Subject,
    Target,
    Undo,
)
from custom_components.showrunner.domain.requests.state import state_of
from custom_components.showrunner.domain.requests.stuck import StuckPolicy
from custom_components.showrunner.domain.watching import ReportSource, Viewing
from custom_components.showrunner.store import LedgerState, RequestRow, Store

type Row = Mapping[str, object]

_AT_ONCE: Final = 1000
# Which rows a table is of, by the beginning of its name.
_OF: Final = {
    "viewing": "viewing",
    "unit": "viewing",
    "player": "viewing",
    "watch_time": "viewing",
    "watched": "mark",
    "userdata": "userdata",
    "library": "item",
    "requests": "request",
    "plan": "step",
    "ledger": "ledger",
    "decisions": "decision",
    "names": "names",
}


async def _viewings(store: Store, viewer: int, many: int, of: int) -> None:
    dice = random.Random(f"viewings {viewer}")
    made = []
    for number in dice.sample(range(of), many):
        at = NOW - timedelta(seconds=dice.randint(0, 5 * 365 * 86_400))
        ended = at + timedelta(minutes=40)
        made.append(
            Viewing(
                *(guid("Viewer", viewer), unit(number), at.date(), at, ended, 2400.0, 2400.0),
                *(2450.0, frozenset((ReportSource.WEBSOCKET,))),
                completed=True,
                device="Living room",
                client="Jellyfin Web",
            )
        )
    for some in batched(made, 200, strict=False):
        await store.viewings.import_many(some)


def _step(number: int) -> Step:
    ids = ProviderIds(number + 1, None, f"tt{number:07}")
    return Step(
        id=f"s{number}",
        scope=Scope.MOVIE,
        subject=Subject.of_title(Title(MediaType.MOVIE, ids, f"A Film {number}", 2011)),
        target=Target("radarr", "radarr", number, f"/data/movies/A Film {number} (2011)", ids),
        payload=DeleteMovie(),
        reasons=("watched",),
        findings=tuple(Finding(one, Answer.NO) for one in Protection),
        proofs=tuple(Proof(one, "here", "there", Answer.YES) for one in ProofKind),
        cost=Cost(1, 10**9, Pool.LIBRARY),
        undo=Undo.RE_ADD,
    )


async def _changes(store: Store, many: int) -> None:
    """Plans of a hundred steps, each with its row of the ledger."""
    for first in range(0, many, 100):
        steps = tuple(_step(number) for number in range(first, first + 100))
        until, populations = NOW + timedelta(days=1), {Pool.LIBRARY: 10_000}
        plan = Plan(
            *(f"p{first}", "cleanup"),
            dry_run=False,
            created_at=NOW,
            expires_at=until,
            steps=steps,
            populations=populations,
        )
        await store.plans.put(plan)
        for one in steps:
            number = await store.ledger.begin("cleanup", plan.plan_id, one, {"path": "/data"})
            await store.ledger.finish(number, LedgerState.DONE, "done", {}, 10**9)


async def _requests(store: Store, many: int) -> None:
    rows = []
    for number in range(many):
        asked, facts = request(number)
        rows.append(RequestRow(asked, facts, state_of(asked, facts, NOW, policy=StuckPolicy())))
    for some in batched(rows, 100, strict=False):
        await store.requests.put(some)


async def fill(store: Store, viewers: int, many: int, of: int, requests: int) -> None:
    """Fill a store: `of` episodes, of which each viewer has watched `many`."""
    items = [*(series(n) for n in range(of // (2 * PER_SEASON))), *map(episode, range(of))]
    await store.library.take(items, 1)
    for viewer in range(viewers):
        mine = guid("Viewer", viewer)
        await _viewings(store, viewer, many // 2, of)
        for some in batched(marks(viewer, many, of), _AT_ONCE, strict=False):
            await store.watched.mark(mine, some)
        for rows in batched(userdata(viewer, many, of), _AT_ONCE, strict=False):
            await store.userdata.take(mine, rows)
    await _requests(store, requests)
    await _changes(store, requests)


def sizes(path: Path) -> dict[str, int]:
    """Sum up the bytes of each kind of row, with its indexes."""
    raw = sqlite3.connect(path)
    rows = raw.execute(
        """SELECT coalesce(tbl_name, dbstat.name), sum(pgsize) FROM dbstat
        LEFT JOIN sqlite_master ON sqlite_master.name = dbstat.name GROUP BY 1"""
    ).fetchall()
    raw.close()
    found = dict.fromkeys(_OF.values(), 0)
    for table, size in rows:
        for begins, kind in _OF.items():
            if table.startswith(begins):
                found[kind] += size
                break
    return found


async def run(small: bool) -> list[Row]:  # noqa: FBT001
    """Measure."""
    viewers, many, of, requests = (3, 500, 1000, 100) if small else (40, 5000, 50_000, 2000)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "showrunner.db"
        store = await Store.open(path)
        await fill(store, viewers, many, of, requests)
        await store.close()
        used, whole = sizes(path), path.stat().st_size
        raw = sqlite3.connect(path)
        raw.execute("VACUUM")
        raw.close()
        compact = sizes(path)
    counts = {
        "viewing": viewers * many // 2,
        "mark": viewers * many,
        "userdata": viewers * many,
        "item": of,
        "request": requests,
        "step": requests,
        "ledger": requests,
        "decision": 0,
        "names": 0,
    }
    rows: list[Row] = [
        {
            "metric": f"{kind}_bytes",
            "value": round(used[kind] / count, 1),
            "unit": "bytes",
            "against": f"{compact[kind] / count:.1f} compacted",
        }
        for kind, count in counts.items()
        if count
    ]
    megabytes = {"names": used["names"], "whole": whole}
    return rows + [
        {"metric": f"{kind}_mb", "value": round(size / 2**20, 2), "unit": "MB"}
        for kind, size in megabytes.items()
    ]
