"""What an arr lists is compared with what it had, less what we have deleted of it ourselves."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from custom_components.showrunner.coordinators.arr_counts import ArrCounts
from custom_components.showrunner.domain.counted import FILES, TITLES
from custom_components.showrunner.domain.knowledge import Answer
from custom_components.showrunner.domain.plan import (
    DeleteEpisodeFiles,
    DeleteMovie,
    DeleteMovieFile,
    FileFingerprint,
    Payload,
    Target,
)
from custom_components.showrunner.signals import Signals
from custom_components.showrunner.store import LedgerState, Store
from custom_components.showrunner.store.codec import milliseconds
from custom_components.showrunner.store.schema import LEDGER
from tests.domain.plans import step
from tests.domain.samples import FILM, NOW

ARR = "radarr"
DAY = 24 * 60
FILE = FileFingerprint(7, "/data/movies/one.mkv", 5)


@dataclass
class Radarr:
    """An arr, counted whenever somebody says so; minutes from now."""

    store: Store
    minute: float = 0

    def now(self) -> datetime:
        """Give the clock."""
        return NOW + timedelta(minutes=self.minute)

    def begin(self) -> None:
        """Start, as after a restart."""
        self.counts = ArrCounts(self.store, Signals(), now=self.now, max_drop=lambda: 50.0)

    async def lists(self, titles: int, files: int, at: float) -> Answer:
        """Have it listed within a minute."""
        self.minute = at
        begun = self.counts.begin()
        self.minute = at + 1
        return await self.counts.believed(ARR, {TITLES: titles, FILES: files}, begun)

    async def deletes(
        self,
        payload: Payload,
        begun: float,
        ended: float | None,
        *,
        after: Mapping[str, object] | None = None,
        state: LedgerState = LedgerState.DONE,
        service: str = ARR,
    ) -> int:
        """Have the ledger say that something was deleted; `ended` None: it goes on."""
        target = Target(ARR, service, 1, "/data/movies/1", FILM.ids)
        one = step(1, payload=payload, target=target)
        number = await self.store.ledger.begin("cleanup", "p", one, {})
        values = {"begun_at": milliseconds(NOW + timedelta(minutes=begun))}
        if ended is not None:
            await self.store.ledger.finish(number, state, "", after or {})
            values["ended_at"] = milliseconds(NOW + timedelta(minutes=ended))
        row = update(LEDGER).where(LEDGER.c.id == number).values(values)
        await self.store._database.run(lambda c: c.execute(row))
        return number

    async def many(self, count: int, begun: float, ended: float | None) -> None:
        """Delete so many movies with their files."""
        for _ in range(count):
            await self.deletes(DeleteMovieFile((FILE,)), begun, ended, after={"file_id": 7})
            await self.deletes(DeleteMovie(), begun, ended)


@pytest.fixture
async def radarr(tmp_path: Path) -> AsyncGenerator[Radarr]:
    """Give one that was never counted."""
    made = Radarr(await Store.open(tmp_path / "showrunner.db"))
    made.begin()
    yield made
    await made.store.close()


async def test_what_we_have_deleted_is_no_fall_also_after_a_restart(radarr: Radarr) -> None:
    """The ledger remembers it; a real loss beside it is a fall as ever."""
    assert await radarr.lists(10, 10, 0) is Answer.YES
    await radarr.many(6, 5, 6)
    radarr.begin()
    assert await radarr.lists(4, 4, 30) is Answer.YES
    assert not radarr.counts.in_doubt
    assert radarr.counts.fresh(ARR) is Answer.YES
    await radarr.many(2, 40, 41)
    assert await radarr.lists(2, 0, 60) is Answer.NO
    assert radarr.counts.in_doubt
    fall = await radarr.counts.fall(ARR)
    assert fall is not None
    assert fall.left(FILES) == 0


async def test_what_other_services_have_deleted_is_none_of_its_business(radarr: Radarr) -> None:
    """Nor what was deleted before it was counted."""
    await radarr.many(6, -30, -29)
    assert await radarr.lists(10, 10, 0) is Answer.YES
    for _ in range(6):
        await radarr.deletes(DeleteMovie(), 5, 6, service="another")
    assert await radarr.lists(4, 4, 30) is Answer.NO


async def test_while_we_delete_so_much_nobody_can_tell(radarr: Radarr) -> None:
    """It is listed again, and again soon; what had been counted before stays."""
    assert await radarr.lists(10, 10, 0) is Answer.YES
    await radarr.many(6, 5, None)
    assert await radarr.lists(4, 4, 30) is Answer.UNKNOWN
    assert radarr.counts.in_doubt
    assert radarr.counts.fresh(ARR) is Answer.UNKNOWN
    assert await radarr.counts.fall(ARR) is None
    await radarr.store._database.run(lambda c: c.execute(LEDGER.delete()))
    await radarr.many(6, 5, 31)
    assert await radarr.lists(4, 4, 40) is Answer.YES
    assert not radarr.counts.in_doubt


async def test_it_is_not_begun_with_what_is_just_being_changed(radarr: Radarr) -> None:
    """A first count meanwhile is believed, and compared with by nobody."""
    await radarr.many(6, -1, None)
    assert await radarr.lists(10, 10, 0) is Answer.YES
    assert await radarr.store.kv.get(f"counted:{ARR}") is None


async def test_a_list_that_ends_after_a_newer_one_takes_no_doubt_away(radarr: Radarr) -> None:
    """Two jobs list it at once: the slow one says what was there before it fell."""
    assert await radarr.lists(10, 10, 0) is Answer.YES
    radarr.minute = 5
    slow = radarr.counts.begin()
    assert await radarr.lists(2, 2, 6) is Answer.NO
    radarr.minute = 8
    assert await radarr.counts.believed(ARR, {TITLES: 10, FILES: 10}, slow) is Answer.NO
    assert radarr.counts.fresh(ARR) is Answer.NO
    assert await radarr.counts.fall(ARR) is not None
    # Nor does it begin one that is over, and it is not believed for that.
    assert await radarr.lists(10, 10, 10) is Answer.YES
    assert await radarr.counts.believed(ARR, {TITLES: 2, FILES: 2}, slow) is Answer.NO
    assert radarr.counts.fresh(ARR) is Answer.YES
    assert await radarr.counts.fall(ARR) is None


async def test_a_clock_that_was_put_back_makes_no_list_an_old_one(radarr: Radarr) -> None:
    """What began an hour before, by its word, is the newest all the same."""
    assert await radarr.lists(10, 10, 60) is Answer.YES
    assert await radarr.lists(2, 2, 0) is Answer.NO
    assert radarr.counts.fresh(ARR) is Answer.NO


async def test_half_a_deletion_counts_for_what_it_has_done(radarr: Radarr) -> None:
    """Of a season two of eight files are gone; of one that failed whole, nothing is."""
    files = tuple(FileFingerprint(n, f"/data/{n}.mkv", 5) for n in range(8))
    season = DeleteEpisodeFiles(1, files)
    assert await radarr.lists(1, 10, 0) is Answer.YES
    gone = {"file_ids": [0, 1]}
    await radarr.deletes(season, 5, 6, after=gone, state=LedgerState.FAILED)
    assert await radarr.lists(1, 8, 10) is Answer.YES
    await radarr.deletes(season, 15, 16, state=LedgerState.FAILED)
    await radarr.deletes(DeleteMovie(), 15, 16, state=LedgerState.FAILED)
    assert await radarr.lists(1, 2, 20) is Answer.NO


async def test_an_entry_that_a_person_took_back_is_expected(radarr: Radarr) -> None:
    """Its undoing has put it there again."""
    assert await radarr.lists(4, 4, 0) is Answer.YES
    numbers = [await radarr.deletes(DeleteMovie(), 5, 6) for _ in range(3)]
    undone = update(LEDGER).where(LEDGER.c.id.in_(numbers)).values(undone_at=milliseconds(NOW))
    await radarr.store._database.run(lambda c: c.execute(undone))
    assert await radarr.lists(1, 4, 30) is Answer.NO


async def test_what_can_not_be_read_of_a_change_counts_for_nothing(radarr: Radarr) -> None:
    """Then what is missing is a loss."""
    assert await radarr.lists(10, 10, 0) is Answer.YES
    number = await radarr.deletes(DeleteMovieFile((FILE,)), 5, None)
    spoilt = update(LEDGER).where(LEDGER.c.id == number).values(before="{}")
    await radarr.store._database.run(lambda c: c.execute(spoilt))
    assert await radarr.lists(10, 4, 30) is Answer.NO


@pytest.mark.parametrize(
    ("payload", "after"),
    [
        (DeleteMovieFile((FILE,)), {"file_id": 7}),
        (DeleteEpisodeFiles(1, (FILE,)), {"file_ids": [7]}),
    ],
)
async def test_a_file_that_a_person_took_back_is_expected(
    radarr: Radarr, payload: Payload, after: Mapping[str, object]
) -> None:
    """It was fetched again: what is missing then was not deleted by us."""
    assert await radarr.lists(4, 4, 0) is Answer.YES
    numbers = [await radarr.deletes(payload, 5, 6, after=after) for _ in range(3)]
    undone = update(LEDGER).where(LEDGER.c.id.in_(numbers)).values(undone_at=milliseconds(NOW))
    await radarr.store._database.run(lambda c: c.execute(undone))
    assert await radarr.lists(4, 1, 30) is Answer.NO


async def test_what_is_said_to_go_on_for_days_excuses_nothing(radarr: Radarr) -> None:
    """A row without an end: for a day it may have taken what is missing, then that is lost."""
    assert await radarr.lists(10, 10, 0) is Answer.YES
    await radarr.many(6, 5, None)
    assert await radarr.lists(4, 4, DAY) is Answer.UNKNOWN
    assert await radarr.lists(4, 4, DAY + 6) is Answer.NO


async def test_what_is_said_to_go_on_for_days_hinders_no_count(radarr: Radarr) -> None:
    """Else nothing would ever be compared, or only with what was there long ago."""
    await radarr.many(1, -DAY - 1, None)
    assert await radarr.lists(10, 10, 0) is Answer.YES
    assert await radarr.lists(100, 100, 5) is Answer.YES
    assert await radarr.lists(10, 10, 10) is Answer.NO
