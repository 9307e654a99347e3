"""What becomes of reports at run time: stored and told once, kept over restarts, nobody else's."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from custom_components.showrunner.coordinators.playback import (
    playback_attributes,
)
from custom_components.showrunner.domain.media import ProviderIds, Unit, UnitKind
from custom_components.showrunner.domain.watching import (
    Past,
    ReportSource,
    Tracker,
    Viewing,
)
from custom_components.showrunner.store import Saved, Store, StoreError, Write
from custom_components.showrunner.store.codec import dump, load
from tests.domain.samples import NOW, UNIT, report
from tests.store.scratch import counted

from .rooms import GUEST, PROGRESS, START, STOP, VIEWER, Room

PLAIN = Unit(
    UnitKind.EPISODE,
    "Part 1",
    "s" * 32,
    "e" * 32,
    series_item_id="5" * 32,
    series_name="The Ministry",
    season=1,
    episode=1,
)


@pytest.fixture
async def room(tmp_path: Path) -> AsyncGenerator[Room]:
    """Open a store."""
    store = await Store.open(tmp_path / "showrunner.db")
    yield Room(store)
    await store.close()


def minutes(number: float) -> datetime:
    """Give a minute of the evening."""
    return NOW + timedelta(minutes=number)


async def test_all_sources_see_the_same_stop(room: Room) -> None:
    """Webhook, poll and socket: one record, one event, one completion."""
    await room.watch(0, 119)
    await room.hear(
        report(STOP, 119.5, 119.5, source=ReportSource.WEBHOOK, session=""),
        report(PROGRESS, 119.51, 119, source=ReportSource.WEBSOCKET),
        report(STOP, 119.55, 119.52, source=ReportSource.POLL),
        report(STOP, 119.56, 119.5, source=ReportSource.WEBSOCKET),
        report(STOP, 119.6, 119.5, source=ReportSource.WEBHOOK, session=""),
    )
    (viewing,) = await room.history()
    assert viewing.completed
    assert viewing.watched == pytest.approx(119.5 * 60, abs=4)
    assert room.events == ["started", "completed", "stopped"]
    assert len(room.completed) == 1


async def test_a_session_that_comes_late_ends_nothing_that_a_webhook_began(room: Room) -> None:
    """It is told to have begun once and to have ended once, and is one play of 20 minutes."""
    await room.hear(report(START, 0, 0, source=ReportSource.WEBHOOK, session=""))
    await room.watch(1, 10, source=ReportSource.WEBHOOK, session="")
    await room.watch(11, 20)
    assert room.events == ["started"]
    await room.hear(report(STOP, 20.1, 20.1))
    assert room.events == ["started", "stopped"]
    (viewing,) = await room.history()
    assert viewing.watched == pytest.approx(20 * 60, abs=10)
    assert viewing.started_at == NOW
    assert not viewing.completed
    assert not room.completed


async def test_a_restart_goes_on_with_what_was_playing(room: Room) -> None:
    """Even when nobody had the time to save: killed within the quarter of a minute."""
    await room.watch(0, 60)
    room.started()
    await room.tracker.load()
    await room.watch(61, 120)
    await room.hear(report(STOP, 120.1, 120))
    (viewing,) = await room.history()
    assert viewing.watched == pytest.approx(7200)
    assert room.events == ["started", "completed", "stopped"]


async def test_what_a_big_household_pushed_out_of_memory_is_taken_up(room: Room) -> None:
    """Left on Monday, taken up on Wednesday, and hundreds of other plays in between."""
    await room.watch(0, 60)
    await room.hear(report(STOP, 60.1, 60))
    (left,) = await room.history()
    room.tracker._tracker = Tracker()
    day = 2 * 24 * 60
    for minute in range(60, 120):
        await room.hear(report(PROGRESS, day + minute, minute))
    await room.hear(report(STOP, day + 120, 119))
    (viewing,) = await room.history()
    assert (viewing.day, viewing.completed) == (left.day, True)
    assert viewing.watched == pytest.approx(119 * 60, abs=130)


async def test_a_completed_film_that_was_forgotten_is_not_told_twice(room: Room) -> None:
    """The same day is the same viewing, also when only the history still knows."""
    await room.watch(0, 119)
    await room.hear(report(STOP, 119.5, 119.5))
    room.tracker._tracker = Tracker()
    for minute in range(119):
        await room.hear(report(PROGRESS, 130 + minute, minute))
    assert len(await room.history()) == 1
    assert len(room.completed) == 1


async def test_what_the_first_release_kept_is_taken_up(room: Room) -> None:
    """It kept what is open and what is over in one record, and less of both."""
    await room.watch(0, 60)
    await room.tracker.save()
    recent: dict[str, object] = {"recent": []}
    open_ = await room.store.kv.get("tracker")
    assert isinstance(open_, dict)
    for sitting in open_["open"]:
        for name in ("counted", "spare", "paused", "lit", "lit_for"):
            del sitting[name]
    await room.store.kv.put("tracker", open_ | recent)
    await room.store.kv.put("tracker_recent", None)
    room.started()
    await room.tracker.load()
    await room.watch(61, 120)
    assert room.events == ["started", "completed"]


async def test_an_unreadable_record_is_forgotten(
    room: Room, caplog: pytest.LogCaptureFixture
) -> None:
    """And said, without what is in it."""
    await room.store.kv.put("tracker", {"open": [{"viewer_id": VIEWER}], "recent": []})
    await room.tracker.load()
    await room.watch(0, 3)
    assert "unreadable" in caplog.text
    assert VIEWER not in caplog.text


async def test_what_is_over_is_not_written_every_time(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a film plays only that is kept, every quarter of a minute."""
    await room.watch(0, 3)
    await room.hear(report(STOP, 3.1, 3.1))
    written: list[str] = []
    to_put = room.store.kv.to_put

    def noted(key: str, value: object) -> Write[None]:
        written.append(key)
        return to_put(key, value)

    monkeypatch.setattr(room.store.kv, "to_put", noted)
    for second in range(120):
        await room.hear(report(PROGRESS, 10 + second / 60, 3.1 + second / 60))
    assert 120 // 15 <= written.count("tracker") <= 2 + 120 // 15
    assert written.count("tracker_recent") <= 1


async def test_only_what_is_new_is_written_down_anew(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hundreds of viewings are remembered: all of them would hold the event loop up."""
    written, as_list = 0, Past.as_list

    def counted(past: Past) -> list[object]:
        nonlocal written
        written += 1
        return as_list(past)

    monkeypatch.setattr(Past, "as_list", counted)
    for number in range(30):
        unit = replace(UNIT, item_id=f"{number:032x}", ids=ProviderIds(tmdb=number + 1))
        await room.hear(report(PROGRESS, 10 * number, 0, unit=unit))
        await room.hear(report(STOP, 10 * number + 5, 5, unit=unit))
    assert written < 3 * 30
    kept = await room.store.kv.get("tracker_recent")
    assert kept == {"recent": load(dump([as_list(one) for one in room.tracker._tracker.recent]))}


async def test_a_user_who_is_not_tracked_is_dropped(room: Room) -> None:
    """Nothing stored, told, or kept."""
    await room.watch(0, 120, user=GUEST)
    await room.hear(report(STOP, 121, 120, user=GUEST))
    await room.tracker.save()
    assert (room.events, room.told, await room.history()) == ([], [], ())
    for key in ("tracker", "tracker_recent"):
        assert GUEST not in str(await room.store.kv.get(key))


async def test_a_guest_is_decided_and_not_stored(room: Room) -> None:
    """Where guests may trigger downloads."""
    room.choices.guests = True
    await room.watch(0, 120, user=GUEST)
    assert [(viewing.completed, tracked) for viewing, tracked in room.told] == [(True, False)]
    assert (room.events, await room.history()) == ([], ())


async def test_pausing_keeps_what_was_watched_until_then(room: Room) -> None:
    """The film that is on is closed at once; what follows is nobody's."""
    await room.watch(0, 60)
    room.choices.resting = {VIEWER}
    await room.tracker.let_go()
    (viewing,) = await room.history()
    assert (viewing.position, viewing.watched, viewing.finished) == (3600, 3600, True)
    room.choices.guests = True  # not even as a guest
    await room.watch(61, 120)
    another = replace(UNIT, item_id="j" * 32, ids=ProviderIds(tmdb=990002))
    await room.hear(report(STOP, 121, 120), report(STOP, 130, 118, unit=another))
    assert await room.history() == (viewing,)
    assert room.events == ["started", "stopped"]
    assert not any(one.completed for one, _ in room.told)


async def test_pausing_takes_effect_with_the_next_report(room: Room) -> None:
    """Whoever changed the options, and if nobody said so."""
    await room.watch(0, 60)
    room.choices.resting = {VIEWER}
    await room.watch(61, 120)
    (viewing,) = await room.history()
    assert viewing.position == 3600


async def test_tracking_goes_on_after_a_pause(room: Room) -> None:
    """The history has stayed; the film is taken up where it is now, as the same viewing."""
    await room.watch(0, 30)
    room.choices.resting = {VIEWER}
    await room.watch(31, 60)
    room.choices.resting = set()
    await room.watch(61, 120)
    (viewing,) = await room.history()
    assert viewing.completed
    assert viewing.watched == pytest.approx((30 + 59) * 60, abs=20 * 60)
    assert viewing.watched <= (30 + 59) * 60


async def test_a_viewer_who_is_no_longer_linked_is_not_taken_up(room: Room) -> None:
    """What was playing is not stored after they were removed."""
    await room.watch(0, 60)
    await room.tracker.save()
    room.choices.viewers = set()
    room.started()
    await room.tracker.load()
    await room.tracker.ingest((), minutes(600))
    assert await room.history() == ()


async def test_an_episode_hangs_on_its_series(room: Room) -> None:
    """The library is asked once; the report alone names the series by Jellyfin's own id."""
    asked: list[Unit] = []

    async def enrich(unit: Unit) -> Unit:
        asked.append(unit)
        return replace(unit, series_ids=ProviderIds(tvdb=880101), ids=ProviderIds(tvdb=9001))

    room.tracker.enrich = enrich
    await room.watch(0, 10, unit=PLAIN, runtime=24)
    await room.hear(report(STOP, 10.1, 10, unit=PLAIN, runtime=24))
    assert asked == [PLAIN]
    again = replace(PLAIN, item_id="f" * 32)
    room.tracker.enrich = enrich
    await room.hear(
        *(report(PROGRESS, 20 + i, 10 + i, unit=again, runtime=24) for i in range(14)),
        report(STOP, 34, 24, unit=again, runtime=24),
    )
    (viewing,) = await room.history()
    assert "series:tvdb:880101:s1e1" in viewing.unit.keys
    assert viewing.completed


async def test_what_the_library_does_not_know_is_asked_again_later(room: Room) -> None:
    """Not every second, and the viewing goes on with what it learns."""
    asked: list[Unit] = []
    ids = [ProviderIds()]

    async def enrich(unit: Unit) -> Unit:
        asked.append(unit)
        return replace(unit, series_ids=ids[0])

    room.tracker.enrich = enrich
    await room.watch(0, 4, unit=PLAIN, runtime=24)
    assert len(asked) == 1
    ids[0] = ProviderIds(tvdb=880101)
    await room.watch(5, 24, unit=PLAIN, runtime=24)
    (viewing,) = await room.history()
    assert viewing.unit.series_ids == ProviderIds(tvdb=880101)
    assert viewing.watched == pytest.approx(24 * 60, abs=5 * 60)


async def test_what_the_database_does_not_take_at_once_is_stored_later(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that is full at the end of a film costs neither the viewing nor its completion."""
    await room.watch(0, 101)
    broken, to_save = True, room.store.viewings.to_save

    def failing(viewing: Viewing) -> Write[tuple[Saved, int]]:
        one = to_save(viewing)

        def work(connection: Connection) -> tuple[Saved, int]:
            if broken:
                raise StoreError("the disk is full")
            return one.work(connection)

        return Write(work, one.notify)

    monkeypatch.setattr(room.store.viewings, "to_save", failing)
    for one in (report(PROGRESS, 102, 102), report(STOP, 104, 104)):
        with pytest.raises(StoreError):
            await room.hear(one)
    assert await room.history() == ()
    broken = False
    await room.tracker.ingest((), minutes(105))
    (viewing,) = await room.history()
    assert (viewing.completed, viewing.finished) == (True, True)
    assert len(room.completed) == 1
    assert room.events == ["started", "completed", "stopped"]


async def test_unloading_in_the_middle_of_the_news_tells_the_rest(room: Room) -> None:
    """What was folded is gone from the sessions: nobody would find it once more."""
    await room.watch(0, 30)
    entered, hold = asyncio.Event(), asyncio.Event()

    async def slow(viewing: Viewing, tracked: bool) -> None:
        if not hold.is_set():
            entered.set()
            await hold.wait()

    room.tracker.on_viewing(slow)
    other = replace(UNIT, item_id="9" * 32, ids=ProviderIds(tmdb=77))
    await room.hear(report(PROGRESS, 30, 0, unit=other, session="another"))
    stops = (report(STOP, 31, 31), report(STOP, 33, 3, unit=other, session="another"))
    at_work = asyncio.create_task(room.tracker.ingest(stops, stops[-1].at))
    await entered.wait()
    at_work.cancel()
    await asyncio.gather(at_work, return_exceptions=True)
    hold.set()
    await room.tracker.save()
    assert "stopped" in room.events
    assert (await room.history())[0].finished


async def test_what_one_report_brings_about_is_written_and_told_at_once(room: Room) -> None:
    """A play that counts with its end is completed and stopped, and stored with one sync."""
    await room.watch(0, 105)
    commits, before = counted(room.store), len(room.told)
    await room.hear(report(STOP, 109, 109))
    assert room.events[-2:] == ["completed", "stopped"]
    assert len(room.completed) == 1
    assert len(room.told) == before + 1
    assert room.told[-1][0].finished
    assert commits == [1], "the viewing, and what is open"
    kept = await room.store.kv.get("tracker")
    assert kept == {"open": []}
    over = await room.store.kv.get("tracker_recent")
    assert over == {"recent": load(dump(room.tracker._tracker.recent_list()))}


async def test_what_can_not_be_stored_together_is_stored_one_by_one(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Something that the database does not take costs nothing else; what is open follows."""
    together, calls = room.store.together, 0

    async def once_failing(*writes: Write[Any]) -> tuple[Any, ...]:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise StoreError("not that one")
        return await together(*writes)

    await room.watch(0, 105)
    monkeypatch.setattr(room.store, "together", once_failing)
    await room.hear(report(STOP, 109, 109))
    assert room.events[-2:] == ["completed", "stopped"]
    (viewing,) = await room.history()
    assert viewing.finished
    assert await room.store.kv.get("tracker") == {"open": []}
    assert calls == 2


@pytest.mark.parametrize("error", [StoreError("that row is damaged"), KeyError("unit")])
async def test_a_play_that_is_never_stored_keeps_no_later_one_from_the_disk(
    room: Room, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """It has its turn again and again; what others have played is kept all the same."""
    save, to_save = room.store.viewings.save, room.store.viewings.to_save

    def refused(viewing: Viewing) -> bool:
        return viewing.unit.item_id == UNIT.item_id

    async def saving(viewing: Viewing) -> Saved:
        if refused(viewing):
            raise error
        return await save(viewing)

    def to_be_saved(viewing: Viewing) -> Write[Any]:
        def failing(_: object) -> Any:
            raise error

        return Write(failing) if refused(viewing) else to_save(viewing)

    monkeypatch.setattr(room.store.viewings, "save", saving)
    monkeypatch.setattr(room.store.viewings, "to_save", to_be_saved)
    other = replace(UNIT, ids=ProviderIds(tmdb=990077), item_id="9" * 32)
    with suppress(StoreError, KeyError):
        await room.watch(0, 105)
        await room.hear(report(STOP, 109, 109))
    for minute in (200, 300, 309):
        kind = STOP if minute == 309 else PROGRESS
        with suppress(StoreError, KeyError):
            await room.hear(replace(report(kind, minute, minute - 200), unit=other, session_id="b"))
    assert other.item_id in {one.unit.item_id for one in await room.history()}


async def test_a_database_that_fails_at_unload_does_not_stop_it(
    room: Room, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The rest must be closed all the same."""

    async def failing(*writes: object) -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr(room.store, "together", failing)
    await room.tracker.save()
    assert "the disk is full" in caplog.text


async def test_a_runtime_that_the_server_does_not_know_is_taken_from_elsewhere(room: Room) -> None:
    """A link to a stream: asked once an hour; the viewing is completed as any other."""
    asked: list[Unit] = []

    async def runtime_of(unit: Unit) -> float | None:
        asked.append(unit)
        return 7200.0

    room.tracker.runtime_of = runtime_of
    await room.watch(0, 102, runtime=None)
    (viewing,) = room.completed
    assert (len(asked), viewing.runtime) == (2, 7200.0)  # once an hour
    assert viewing.percent == pytest.approx(85)


async def test_where_nobody_knows_a_runtime_the_server_s_word_counts(room: Room) -> None:
    """Nobody is asked every ten seconds, and neither the event nor the record says 0 %."""
    asked: list[Unit] = []

    async def runtime_of(unit: Unit) -> float | None:
        asked.append(unit)
        return None

    room.tracker.runtime_of = runtime_of
    await room.watch(0, 90, runtime=None)
    assert room.completed == []
    await room.hear(
        report(STOP, 90.1, 90, runtime=None, source=ReportSource.WEBHOOK, completed=True)
    )
    assert room.completed == []  # a webhook's word: Jellyfin is asked
    (answer,) = await room.store.viewings.history(since=minutes(0) - timedelta(days=1), limit=9)
    await room.tracker.confirm(answer, tracked=True)
    (viewing,) = room.completed
    assert len(asked) <= 90 // 5 + 1
    assert (viewing.percent, playback_attributes(viewing)["percent"]) == (None, None)
    since = minutes(0) - timedelta(days=1)
    assert await room.store.viewings.completed_count(VIEWER, UNIT, since, 90) == 1
