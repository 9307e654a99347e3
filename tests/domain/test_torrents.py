"""Torrents: totals, room, hashes, and when an empty client is believed."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.domain.torrents import (
    EMPTY_FOR,
    Capacity,
    Torrent,
    TorrentList,
    TorrentState,
    Trust,
)

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
GB = 10**9


def torrent(number: int = 1, **more: Any) -> Torrent:
    """Make a torrent that seeds."""
    values: dict[str, Any] = {
        "hash": f"{number:040X}",
        "name": f"Film {number}",
        "size_bytes": 10 * GB,
        "done_bytes": 10 * GB,
        "uploaded_bytes": 5 * GB,
        "progress": 100.0,
        "ratio": 0.5,
        "state": TorrentState.SEEDING,
        "complete": True,
        "is_active": True,
    }
    return Torrent(**{**values, **more})


# --- totals ----------------------------------------------------------------------------------


def test_states_and_rates_are_counted() -> None:
    """What gets nothing at the moment downloads too, but keeps nobody busy."""
    told = TorrentList.of(
        [
            torrent(1, up_rate=5),
            torrent(2, state=TorrentState.STALLED, complete=False, done_bytes=GB),
            torrent(3, state=TorrentState.STOPPED, up_rate=1),
        ]
    )
    assert (len(told), told.seeding, told.downloading, told.is_busy) == (3, 1, 1, False)
    assert (told.up_rate, told.down_rate) == (6, 0)
    assert told.used_bytes == 21 * GB
    assert told.ratio == 15 / 21
    for state in (TorrentState.DOWNLOADING, TorrentState.METADATA):
        assert TorrentList.of([torrent(state=state)]).is_busy
    assert TorrentList.of([], down_rate=7).down_rate == 7


def test_the_same_data_is_counted_once() -> None:
    """Cross-seeds: two torrents over one file, one of them not checked yet."""
    same = {"content_path": "/data/film.mkv"}
    told = TorrentList.of([torrent(1, **same), torrent(2, done_bytes=4 * GB, **same), torrent(3)])
    assert told.used_bytes == 20 * GB


def test_nothing_has_no_ratio() -> None:
    """Not zero: nobody knows."""
    assert TorrentList.of([]).ratio is None


def test_a_hybrid_is_found_by_each_of_its_hashes() -> None:
    """Lower case, 64 digits, the first 40 of them; and not by another's."""
    v1, v2 = "a" * 40, "b" * 64
    one = torrent(hash=v2[:40].upper(), other_hashes=(v1.upper(), v2.upper()))
    told = TorrentList.of([one, torrent(7)])
    assert all(told.get(known) is one for known in (v1, v1.upper(), v2, v2[:40]))
    assert told.get("c" * 40) is None
    # At grab time only the long hash is known, and the client knows only the short one.
    assert TorrentList.of([torrent(hash="B" * 40)]).get(v2) is not None


# --- room ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quota", "free", "capacity", "percent"),
    [
        (None, None, Capacity(10, None, None), None),
        (None, 30, Capacity(10, 30, 40), 25),
        (20, None, Capacity(10, 10, 20), 50),
        (20, 30, Capacity(10, 10, 20), 50),
        (50, 30, Capacity(10, 30, 50), 20),
        (8, 30, Capacity(10, 0, 8), 100),
    ],
)
def test_room_goes_by_the_quota_and_the_disk(
    quota: int | None, free: int | None, capacity: Capacity, percent: float | None
) -> None:
    """Whichever leaves less; unknown stays unknown."""
    told = TorrentList.of([torrent(done_bytes=10)], free_bytes=free).with_quota(quota)
    assert told.capacity == capacity
    assert told.capacity.used_percent == percent


# --- how long it has seeded ------------------------------------------------------------------


def test_seeding_time_is_counted_or_reckoned_or_unknown() -> None:
    """The client's own count first; an unfinished torrent has not seeded; clocks may differ."""
    since = NOW - timedelta(hours=5)
    assert torrent(seeding_seconds=60, seeding_since=since).seeded(NOW) == timedelta(minutes=1)
    assert torrent(seeding_seconds=0).seeded(NOW) == timedelta()
    assert torrent(seeding_since=since).seeded(NOW) == timedelta(hours=5)
    assert torrent(seeding_since=NOW + timedelta(hours=1)).seeded(NOW) == timedelta()
    assert torrent(seeding_since=since, complete=False).seeded(NOW) is None
    assert torrent().seeded(NOW) is None


# --- an empty client -------------------------------------------------------------------------


def test_a_client_that_had_torrents_is_not_empty_at_once() -> None:
    """Zero torrents from one that had some is a failure, until it lasts."""
    trust, believed = Trust().read(3, NOW)
    assert believed
    trust, believed = trust.read(0, NOW)
    assert not believed
    trust, believed = trust.read(0, NOW + EMPTY_FOR - timedelta(seconds=1))
    assert not believed
    trust, believed = trust.read(0, NOW + EMPTY_FOR)
    assert believed
    assert trust.read(0, NOW + EMPTY_FOR)[1]


def test_a_new_client_may_be_empty() -> None:
    """It never had any."""
    assert Trust().read(0, NOW) == (Trust(), True)


def test_emptiness_begins_anew_after_anything_else() -> None:
    """A failed answer, or one with torrents, in between."""
    had = Trust(had=True)
    empty, _ = had.read(0, NOW)
    later = NOW + 2 * EMPTY_FOR
    assert not empty.missed().read(0, later)[1]
    filled, believed = empty.read(1, NOW + timedelta(minutes=1))
    assert believed
    assert not filled.read(0, later)[1]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 600), st.booleans()), max_size=30))
def test_emptiness_is_only_believed_when_two_answers_agree(
    answers: list[tuple[int, int, bool]],
) -> None:
    """Whatever happened before: a believed zero has another, old enough, and nothing between."""
    trust, now, had = Trust(), NOW, False
    zeros: list[datetime] = []
    for count, seconds, failed in answers:
        now += timedelta(seconds=seconds)
        if failed:
            trust, zeros = trust.missed(), []
            continue
        trust, believed = trust.read(count, now)
        if count:
            assert believed
            had, zeros = True, []
            continue
        if had:
            assert believed == (bool(zeros) and now - zeros[0] >= EMPTY_FOR)
        else:
            assert believed
        zeros.append(now)
        if believed:
            had = False
