"""Torrents: totals, room, hashes, and when an empty client is believed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.domain.fall import FallMoved
from custom_components.showrunner.domain.torrent_details import (
    TorrentFile,
    TorrentFiles,
    TrackerState,
    trackers_of,
)
from custom_components.showrunner.domain.torrent_trust import EMPTY_FOR, Trust, Vanished
from custom_components.showrunner.domain.torrents import (
    Capacity,
    TorrentList,
    TorrentState,
    is_among,
)

from .torrents import GB, torrent

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)


# --- totals ----------------------------------------------------------------------------------


def test_states_and_rates_are_counted() -> None:
    """What gets nothing at the moment downloads too, but keeps nobody busy."""
    answer = TorrentList.of(
        [
            torrent(1, up_rate=5),
            torrent(2, state=TorrentState.STALLED, complete=False, done_bytes=GB),
            torrent(3, state=TorrentState.STOPPED, up_rate=1),
        ]
    )
    assert (len(answer), answer.seeding, answer.downloading, answer.is_busy) == (3, 1, 1, False)
    assert (answer.up_rate, answer.down_rate) == (6, 0)
    assert answer.used_bytes == 21 * GB
    assert answer.ratio == 15 / 21
    for state in (TorrentState.DOWNLOADING, TorrentState.METADATA):
        assert TorrentList.of([torrent(state=state)]).is_busy
    assert TorrentList.of([], down_rate=7).down_rate == 7


def test_the_same_data_is_counted_once() -> None:
    """Cross-seeds: two torrents over one file, one of them not checked yet."""
    same = {"content_path": "/data/film.mkv"}
    answer = TorrentList.of([torrent(1, **same), torrent(2, done_bytes=4 * GB, **same), torrent(3)])
    assert answer.used_bytes == 20 * GB
    assert (answer.done_bytes, answer.uploaded_bytes) == (24 * GB, 15 * GB)


def test_nothing_has_no_ratio() -> None:
    """Not zero: nobody knows."""
    assert TorrentList.of([]).ratio is None


def test_a_hybrid_is_found_by_each_of_its_hashes() -> None:
    """Lower case, 64 digits, the first 40 of them; and not by another's."""
    v1, v2 = "a" * 40, "b" * 64
    one = torrent(hash=v2[:40].upper(), other_hashes=(v1.upper(), v2.upper()))
    answer = TorrentList.of([one, torrent(7)])
    assert all(answer.get(known) is one for known in (v1, v1.upper(), v2, v2[:40]))
    assert answer.get("c" * 40) is None
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
    answer = TorrentList.of([torrent(done_bytes=10)], free_bytes=free).with_quota(quota)
    assert answer.capacity == capacity
    assert answer.capacity.used_percent == percent


# --- how long it has seeded ------------------------------------------------------------------


def test_what_is_gone_is_left_out_of_a_list_and_its_totals() -> None:
    """What the client itself says of its disk and its rates stays until it says so again."""
    some = [torrent(hash=letter * 40, content_path=f"/{letter}", up_rate=5) for letter in "ABC"]
    more = {"free_bytes": 9, "down_rate": 3, "up_rate": 4, "version": "1"}
    answer = TorrentList.of(some, **more).with_quota(70).with_purgeable(8)  # type: ignore[arg-type]
    left = TorrentList.of(some[1:], **more).with_quota(70).with_purgeable(8)  # type: ignore[arg-type]
    assert answer.without({"A" * 40, "D" * 40}) == left
    assert answer.without({"D" * 40}) is answer


@pytest.mark.parametrize("written", ["a" * 40, "A" * 40, "a" * 64])
def test_a_torrent_is_among_others_however_its_hash_is_written(written: str) -> None:
    """As a list finds it: a hash of the second version may be shortened, or whole."""
    assert is_among(written, {"A" * 40})
    assert is_among(written, {written.upper()})
    assert not is_among(written, {"B" * 40, "A" * 39})


def test_seeding_time_is_counted_or_reckoned_or_unknown() -> None:
    """The client's own count first; an unfinished torrent has not seeded; clocks may differ."""
    since = NOW - timedelta(hours=5)
    assert torrent(seeding_seconds=60, seeding_since=since).seeded(NOW) == timedelta(minutes=1)
    assert torrent(seeding_seconds=0).seeded(NOW) == timedelta()
    assert torrent(seeding_since=since).seeded(NOW) == timedelta(hours=5)
    assert torrent(seeding_since=NOW + timedelta(hours=1)).seeded(NOW) == timedelta()
    assert torrent(seeding_since=since, complete=False).seeded(NOW) is None
    assert torrent().seeded(NOW) is None


@pytest.mark.parametrize(
    "absurd",
    [
        {"seeding_since": datetime(1970, 1, 5, tzinfo=UTC)},  # a board that has no clock of its own
        {"seeding_since": datetime(2001, 7, 2, tzinfo=UTC)},
        {"seeding_seconds": 2**32 - 1},
    ],
)
def test_nothing_has_seeded_longer_than_there_are_torrents(absurd: dict[str, Any]) -> None:
    assert torrent(**absurd).seeded(NOW) is None
    first = datetime(2001, 7, 3, tzinfo=UTC)
    assert torrent(seeding_since=first).seeded(NOW) == NOW - first


# --- an empty client -------------------------------------------------------------------------


ABC = frozenset("abc")


def test_a_client_that_had_torrents_is_not_empty_at_once() -> None:
    """Zero torrents from one that had some is a failure, until it lasts."""
    trust, believed = Trust().read(ABC, NOW)
    assert believed
    # All of them are a fall whatever the limit is.
    trust, believed = trust.read(set(), NOW, 100)
    assert not believed
    trust, believed = trust.read(set(), NOW + EMPTY_FOR - timedelta(seconds=1))
    assert not believed
    trust, believed = trust.read(set(), NOW + EMPTY_FOR)
    assert believed
    assert trust.read(set(), NOW + EMPTY_FOR)[1]


def test_a_new_client_may_be_empty() -> None:
    """It never had any."""
    assert Trust().read(set(), NOW) == (Trust(), True)


def test_emptiness_begins_anew_after_anything_else() -> None:
    """A failed answer, or one with torrents, in between."""
    had = Trust(ABC)
    empty, _ = had.read(set(), NOW)
    later = NOW + 2 * EMPTY_FOR
    assert not empty.missed().read(set(), later)[1]
    filled, believed = empty.read(ABC, NOW + timedelta(minutes=1))
    assert believed
    assert not filled.read(set(), later)[1]


def test_others_in_the_place_of_what_is_gone_make_it_no_less_gone() -> None:
    """Another client, or another session of the same: as many as before, and none of them."""
    trust, believed = Trust(ABC).read({"x", "y", "z"}, NOW)
    assert not believed
    assert trust.had == ABC
    assert Trust(ABC).read({"b", "c", "x"}, NOW)[1]


def test_two_readings_agree_when_they_miss_the_same() -> None:
    """What the first one missed is there again: then the second one's loss is a first one."""
    every = frozenset("abcdefgh")
    trust, believed = Trust(every).read(frozenset("abc"), NOW)
    assert not believed
    trust, believed = trust.read(frozenset("fgh"), NOW + EMPTY_FOR)
    assert not believed
    trust, believed = trust.read(frozenset("fgh"), NOW + EMPTY_FOR + EMPTY_FOR)
    assert believed
    # One that comes back says that the rest may, too.
    trust, _ = Trust(every).read(frozenset("fgh"), NOW)
    assert not trust.read(frozenset("agh"), NOW + EMPTY_FOR)[1]
    # One more that goes meanwhile is no new fall; most of the rest is.
    trust, _ = Trust(every).read(frozenset("abc"), NOW)
    assert trust.read(frozenset("ab"), NOW + EMPTY_FOR)[1]
    assert not trust.read(frozenset("a"), NOW + EMPTY_FOR)[1]


def test_what_we_removed_ourselves_is_no_loss() -> None:
    """Without its only one a client may be empty."""
    assert Trust(frozenset("a")).without("a").read(set(), NOW)[1]
    assert not Trust(ABC).without("a").read(set(), NOW)[1]


def test_what_vanished_is_gone_when_it_is_missed_twice() -> None:
    """Not at once, and not with a failure or a sight of it in between."""
    held = {"A": torrent(hash="A"), "B": torrent(hash="B")}
    gone = Vanished().read({"B"}, {"A", "B"}, held, NOW)
    assert gone.torrents == {"A": held["A"]}
    later = NOW + EMPTY_FOR
    assert gone.read({"B"}, {"B"}, {}, later - timedelta(seconds=1)).torrents.keys() == {"A"}
    assert gone.read({"B"}, {"B"}, {}, later).torrents == {}
    assert gone.missed().read({"B"}, {"B"}, {}, later).torrents == {"A": held["A"]}
    assert gone.read({"A", "B"}, {"B"}, {}, later).torrents == {}
    # Of what was there before a start only the hash is known.
    assert Vanished().read((), {"A"}, {}, NOW).torrents == {"A": None}
    # A clock that was set back keeps nothing for ever.
    early = gone.read({"B"}, {"B"}, {}, NOW - timedelta(days=9))
    assert early.read({"B"}, {"B"}, {}, NOW - timedelta(days=9) + EMPTY_FOR).torrents == {}


def test_what_we_removed_did_not_vanish() -> None:
    """Whichever of its hashes the removal named."""
    long = "A" * 40 + "9" * 24
    held = {"C" * 40: torrent(hash="C" * 40, other_hashes=(long,))}
    gone = Vanished().read((), held.keys(), held, NOW)
    assert gone.without("c" * 40).torrents == {}
    assert gone.without(long.lower()).torrents == {}
    assert gone.without("B" * 40) == gone


def test_a_confirmed_fall_is_believed_and_no_other() -> None:
    """Only what was shown; a larger one has another mark, and what goes later waits again."""
    every = frozenset("abcdefghij")
    trust, _ = Trust(every).read(frozenset("abcd"), NOW)
    assert trust.fall is not None
    assert (trust.fall.had, trust.fall.lost) == ({"torrents": 10}, {"torrents": 6})
    accepted = trust.accepted(trust.fall.mark)
    assert accepted.fall is None
    assert accepted.read(frozenset("abcd"), NOW)[1]
    assert accepted.read(frozenset("abcdj"), NOW)[1]  # one is there again
    assert not accepted.read(frozenset("a"), NOW)[1]
    larger, _ = trust.read(frozenset("a"), NOW)
    for moved in (larger, Trust(every), accepted, trust.missed()):
        with pytest.raises(FallMoved):
            moved.accepted(trust.fall.mark)


@given(
    st.lists(st.frozensets(st.sampled_from("abcdefgh")), min_size=1, max_size=8),
    st.frozensets(st.sampled_from("abcdefgh"), min_size=1),
    st.frozensets(st.sampled_from("abcdefgh")),
)
def test_a_confirmation_lets_go_of_no_more_than_was_confirmed(
    answers: list[frozenset[str]], had: frozenset[str], result: frozenset[str]
) -> None:
    """After it each answer is judged as if what was confirmed had never been there."""
    trust = Trust(had)
    for answer in answers:
        trust, _ = trust.read(answer, NOW)
    if trust.fall is None:
        return
    accepted = trust.accepted(trust.fall.mark)
    assert trust.had - accepted.had == trust.missing
    lost = len(accepted.had - result)
    fell = lost > 0 and (lost == len(accepted.had) or 2 * lost > len(accepted.had))
    assert accepted.read(result, NOW)[1] is not fell


@given(
    st.lists(
        st.tuples(st.frozensets(st.sampled_from("abcde")), st.integers(1, 600), st.booleans()),
        max_size=30,
    )
)
def test_a_loss_is_only_believed_when_two_answers_miss_the_same(
    answers: list[tuple[frozenset[str], int, bool]],
) -> None:
    """Whatever happened before: nothing that most went with goes without a second answer."""
    trust, now, had = Trust(), NOW, frozenset[str]()
    before: list[tuple[datetime, frozenset[str]]] = []
    for one, seconds, failed in answers:
        now += timedelta(seconds=seconds)
        if failed:
            trust, before = trust.missed(), []
            continue
        trust, believed = trust.read(one, now)
        lost = had - one
        if 2 * len(lost) > len(had):
            evidence = [at for at, missing in before if missing <= lost and now - at >= EMPTY_FOR]
            assert not believed or evidence
            before.append((now, lost))
        else:
            assert believed
        if believed:
            had, before = one, []
        assert trust.had == had


def test_what_is_known_from_elsewhere_fills_in_and_replaces_nothing() -> None:
    """The client's own word on its disk counts first."""
    plain = TorrentList.of((torrent(),))
    assert (plain.with_free(None), plain.with_free(5).free_bytes) == (plain, 5)
    own = replace(plain, free_bytes=7)
    assert own.with_free(5) is own
    assert plain.with_purgeable(None) is plain
    assert plain.with_purgeable(3).purgeable_bytes == 3
    assert plain.with_quota(None) is plain
    assert plain.with_quota(9).quota_bytes == 9


@pytest.mark.parametrize(
    ("announce", "host", "url"),
    [
        (
            "https://tracker.example:8443/announce?passkey=secret",
            "tracker.example",
            "https://tracker.example:8443",
        ),
        ("udp://user:pass@tracker.example/x", "tracker.example", "udp://tracker.example"),
        ("http://[2001:db8::1]:80/announce", "2001:db8::1", "http://[2001:db8::1]:80"),
        ("http://[broken", "", ""),
        ("http://host:99999/x", "", ""),
        ("not an address", "", ""),
    ],
)
def test_a_tracker_is_known_by_its_host_and_by_nothing_secret(
    announce: str, host: str, url: str
) -> None:
    """What can't be read is a tracker all the same."""
    found = TrackerState.of(announce, enabled=False, message="x")
    assert found == TrackerState(host, url, enabled=False, message="x")


def test_what_finds_peers_without_a_tracker_is_none() -> None:
    """As clients list it among trackers."""
    found = trackers_of((("** [DHT] **", True), ("http://a.example/x", False)))
    assert [(one.host, one.enabled) for one in found] == [("a.example", False)]


def test_files_are_exact_when_every_name_is() -> None:
    """And as large as all of them."""
    files = (TorrentFile(b"a", 3, True, exact=True), TorrentFile(b"b", 4, True, exact=True))
    assert TorrentFiles(b"/d", files).exact
    assert TorrentFiles(b"/d", files).size_bytes == 7
    assert not TorrentFiles(b"/d", files, root_exact=False).exact
    assert not TorrentFiles(b"/d", (files[0], replace(files[1], exact=False))).exact


def test_that_a_client_has_nothing_is_an_answer() -> None:
    """It is not a missing one; and what is held and what is stopped is paused."""
    assert TorrentList.of([])
    held = [TorrentState.PAUSED, TorrentState.STOPPED, TorrentState.SEEDING]
    answer = TorrentList.of([torrent(n, state=state) for n, state in enumerate(held)])
    assert (len(answer), answer.paused, answer.seeding) == (3, 2, 1)
