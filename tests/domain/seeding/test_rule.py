"""Which torrents may go: imported, seeded, and nothing that keeps them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.domain.history import HistoryEvent, HistoryKind
from custom_components.showrunner.domain.knowledge import Absent, Answer, Known, Unknown
from custom_components.showrunner.domain.seeding import (
    GB,
    ArrHistory,
    ArrImports,
    PurgePolicy,
    PurgeRule,
    TrackerRule,
    choose,
    gone_torrent,
    judge,
    room,
    uses,
    waiting,
)
from custom_components.showrunner.domain.torrents import Torrent, TorrentState
from tests.effort import examples
from tests.english import english

from .samples import (
    DAY,
    NOW,
    arr,
    chosen,
    client,
    facts,
    film,
    imported_film,
    one_film,
    row,
    verdict,
)


def test_what_is_imported_and_has_seeded_may_go() -> None:
    found = verdict(one_film())
    assert found.may_go
    assert [one.rule for one in found.findings] == list(PurgeRule)


@pytest.mark.parametrize(
    ("more", "rule", "answer"),
    [
        ({"ratio": 1.49, "seeding_seconds": 2 * 86_400 - 1}, PurgeRule.SEEDED, Answer.NO),
        ({"ratio": None, "seeding_seconds": 60}, PurgeRule.SEEDED, Answer.UNKNOWN),
        ({"complete": False}, PurgeRule.COMPLETE, Answer.NO),
        ({"state": TorrentState.CHECKING}, PurgeRule.COMPLETE, Answer.UNKNOWN),
        ({"state": TorrentState.MOVING}, PurgeRule.COMPLETE, Answer.UNKNOWN),
        ({"state": TorrentState.UNKNOWN}, PurgeRule.COMPLETE, Answer.UNKNOWN),
        ({"state": TorrentState.DOWNLOADING}, PurgeRule.COMPLETE, Answer.NO),
        ({"state": TorrentState.ERROR}, PurgeRule.ERRORED, Answer.YES),
        ({"message": "Storage error: [No space left]"}, PurgeRule.ERRORED, Answer.YES),
        ({"message": "Download error on tracker: no file"}, PurgeRule.ERRORED, Answer.YES),
        ({"tags": frozenset({"Keep"})}, PurgeRule.KEEP, Answer.YES),
        ({"label": "tv/keep"}, PurgeRule.KEEP, Answer.YES),
        ({"content_path": None}, PurgeRule.PLACE, Answer.UNKNOWN),
        ({"seeding_seconds": None, "private": True}, PurgeRule.UNTIMED, Answer.YES),
        ({"seeding_seconds": None, "private": None}, PurgeRule.UNTIMED, Answer.UNKNOWN),
    ],
)
def test_what_keeps_a_torrent(more: dict[str, object], rule: PurgeRule, answer: Answer) -> None:
    found = verdict(one_film(**more))
    assert found.against is not None
    assert (found.against.rule, found.against.answer) == (rule, answer)
    assert found.against.detail


@pytest.mark.parametrize(
    "more",
    [
        {"ratio": 1.5, "seeding_seconds": 0},
        {"ratio": 0.0, "seeding_seconds": 2 * 86_400},
        {"ratio": None},
        {"message": 'Tracker: [Failure reason "Unregistered torrent"]'},
        {"state": TorrentState.STOPPED},
        {"tags": frozenset({"keeper"}), "label": "keepsake"},
        {"seeding_seconds": None, "private": False},
    ],
)
def test_what_does_not_keep_it(more: dict[str, object]) -> None:
    assert verdict(one_film(**more)).may_go


def test_a_time_that_nobody_counts_holds_only_while_it_seeds() -> None:
    since = {"ratio": 0.1, "seeding_seconds": None, "seeding_since": NOW - 9 * DAY}
    assert verdict(one_film(**since)).may_go
    stopped = verdict(one_film(**since, state=TorrentState.STOPPED))
    assert stopped.answer(PurgeRule.SEEDED) is Answer.UNKNOWN


# -- imports ---------------------------------------------------------------------------------------


def series(*events: tuple[int, HistoryKind, int | None], **more: object) -> Answer:
    """Judge the import of a pack by the rows of a Sonarr."""
    held = film()
    rows = [row(at, kind, held.hash, 7, episode, **more) for at, kind, episode in events]
    known = facts(client(held), arrs=[arr(rows, movies=False)])
    return verdict(known).answer(PurgeRule.IMPORTED)


G, DONE, F, X = (
    HistoryKind.GRABBED,
    HistoryKind.IMPORTED,
    HistoryKind.FAILED,
    HistoryKind.IGNORED,
)


@pytest.mark.parametrize(
    ("events", "answer"),
    [
        ([(1, G, 1), (1, G, 2), (2, DONE, 1), (3, DONE, 2)], Answer.YES),
        ([(1, G, 1), (1, G, 2), (2, DONE, 1)], Answer.NO),
        ([(1, G, 1), (2, DONE, 1), (3, G, 1)], Answer.NO),  # grabbed anew, not imported since
        ([(1, G, 1), (2, F, 1)], Answer.NO),
        ([(1, G, 1), (2, DONE, 1), (3, F, 1)], Answer.NO),
        ([(1, G, 1), (2, F, 1), (3, DONE, 1)], Answer.YES),
        ([(1, G, 1), (2, X, 1)], Answer.NO),
        ([(1, G, 1), (2, DONE, 1), (2, DONE, None)], Answer.UNKNOWN),
        ([(1, G, None), (2, DONE, 1)], Answer.UNKNOWN),
        ([(2, DONE, 1)], Answer.UNKNOWN),  # not grabbed: nobody knows what else is in it
    ],
)
def test_a_pack_is_imported_when_all_of_it_is(
    events: list[tuple[int, HistoryKind, int | None]], answer: Answer
) -> None:
    assert series(*events) is answer
    assert series(*reversed(events)) is answer
    assert series(*events, *events) is answer


def test_a_hash_is_the_same_in_any_case_and_by_either_field() -> None:
    held = film(hash="AB" * 20)
    for names in (
        {"download": "ab" * 20},
        {"download": None, "info_hash": "ab" * 20},
        {"download": "not-a-hash", "info_hash": "aB" * 20},
        {"download": "ab" * 20 + "cd" * 12},
    ):
        rows = [row(1, G, media=1, **names), row(2, DONE, media=1, **names)]
        assert verdict(facts(client(held), arrs=[arr(rows)])).may_go, names
    assert not verdict(facts(client(held), arrs=[arr(imported_film(film(2)))])).may_go


def test_a_hybrid_is_imported_when_it_is_under_all_its_hashes() -> None:
    held = film(other_hashes=("B" * 64,))
    rows = [*imported_film(held), row(5000, G, "B" * 64, 2)]
    known = verdict(facts(client(held), arrs=[arr(rows)]))
    assert known.answer(PurgeRule.IMPORTED) is Answer.NO


def test_every_arr_that_grabbed_it_must_have_imported_it() -> None:
    held = film()
    both = [arr(imported_film(held)), arr([row(1, G, held.hash)], service="a2")]
    assert verdict(facts(client(held), arrs=both)).answer(PurgeRule.IMPORTED) is Answer.NO


def test_what_is_missing_at_home_is_kept_where_it_still_is() -> None:
    held = film()
    lost = row(9000, HistoryKind.DELETED, None, reason="MissingFromDisk")
    known = facts(client(held), arrs=[arr([*imported_film(held), lost])])
    assert verdict(known).answer(PurgeRule.IMPORTED) is Answer.NO
    by_hand = replace(lost, reason="Manual")
    known = facts(client(held), arrs=[arr([*imported_film(held), by_hand])])
    assert verdict(known).may_go
    again = row(9001, DONE, "C" * 40)
    known = facts(client(held), arrs=[arr([*imported_film(held), lost, again])])
    assert verdict(known).may_go


def test_what_nobody_tells_keeps() -> None:
    known = one_film()
    silent = replace(known, imports=Unknown("down", "Radarr"))
    assert verdict(silent).answer(PurgeRule.IMPORTED) is Answer.UNKNOWN
    nobody = replace(known, imports=Absent())
    assert verdict(nobody).answer(PurgeRule.IMPORTED) is Answer.NO
    queue = replace(known, queued=Unknown("down", "Radarr"))
    assert verdict(queue).answer(PurgeRule.QUEUED) is Answer.UNKNOWN
    neighbour = replace(known, silent=(client(service="c2"),))
    assert verdict(neighbour).answer(PurgeRule.SHARED) is Answer.UNKNOWN
    elsewhere = client(film(2), service="c2", host="other")
    assert verdict(replace(known, silent=(elsewhere,))).may_go
    same = client(film(2, content_path="/data/Film 1"), service="c2", host="other")
    assert verdict(replace(known, silent=(same,))).answer(PurgeRule.SHARED) is Answer.UNKNOWN
    assert verdict(replace(known, blind=True)).answer(PurgeRule.SHARED) is Answer.UNKNOWN


def test_what_is_in_a_queue_stays() -> None:
    held = film()
    known = replace(one_film(), queued=Known(waiting([held.hash.lower(), None, "nzb-17"])))
    assert verdict(known).answer(PurgeRule.QUEUED) is Answer.YES


def test_a_hybrid_is_in_a_queue_by_any_of_its_hashes() -> None:
    """An arr may know it by the one that its client does not call it by."""
    for queued in ("D" * 64, "d" * 64, "D" * 40):
        hybrid = one_film(other_hashes=("D" * 64,))
        known = replace(hybrid, queued=Known(waiting([queued])))
        assert verdict(known).answer(PurgeRule.QUEUED) is Answer.YES


# -- trackers --------------------------------------------------------------------------------------


def test_a_tracker_that_asks_for_more_keeps() -> None:
    rules = PurgePolicy(trackers=(TrackerRule("private.example", min_days=10, min_ratio=1),))
    mine = ("http.private.example", "open.example")
    for days, ratio, may in ((10, 1.0, True), (9, 5.0, False), (20, 0.9, False)):
        seconds = int(timedelta(days=days).total_seconds())
        known = one_film(trackers=mine, seeding_seconds=seconds, ratio=ratio)
        assert verdict(known, rules).may_go is may, (days, ratio)
    assert verdict(one_film(trackers=("notprivate.example",)), rules).may_go
    silent = verdict(one_film(trackers=None), rules)
    assert silent.answer(PurgeRule.DUTY) is Answer.UNKNOWN
    assert silent.lacks_trackers_only
    assert verdict(one_film(trackers=None)).may_go  # nothing is asked of any tracker


@pytest.mark.parametrize("days", [19, 20])
@pytest.mark.parametrize("ratio", [2.9, 3.0])
def test_of_several_rules_for_one_torrent_the_most_counts(days: int, ratio: float) -> None:
    """Of each what it asks for most, whichever of its trackers asks for that."""
    rules = PurgePolicy(
        trackers=(
            TrackerRule("a.example", min_days=20, min_ratio=1),
            TrackerRule("b.example", min_days=4, min_ratio=3),
            TrackerRule("c.example", min_days=99, min_ratio=9),
        )
    )
    seconds = int(timedelta(days=days).total_seconds())
    known = one_film(trackers=("b.example", "a.example"), seeding_seconds=seconds, ratio=ratio)
    assert verdict(known, rules).may_go is (days >= 20 and ratio >= 3)


# -- shared data -----------------------------------------------------------------------------------


def both(one: str | None, other: str | None, *, second: bool = True, **more: object) -> list[str]:
    """Choose among two torrents at these places; tell what becomes of the data of each."""
    films = film(1, content_path=one), film(2, content_path=other, **more)
    rows = [*imported_film(films[0], 1), *(imported_film(films[1], 2) if second else [])]
    return [fate for *_, fate in chosen(facts(client(*films), arrs=[arr(rows)]))]


def test_data_that_another_uses_stay() -> None:
    for one, other in (
        ("/data/A", "/data/A"),
        ("/data/A", "/data/A/b.mkv"),
        ("/data/A/b.mkv", "/data/A"),
        ("/data/A/", "/data/./A"),
    ):
        assert both(one, other, second=False) == ["shared"], (one, other)
    assert both("/data/A", "/data/AB", second=False) == ["deleted"]


def test_when_all_that_share_go_the_last_takes_the_data() -> None:
    assert both("/data/A", "/data/A") == ["shared", "deleted"]
    known = facts(
        client(film(1, content_path="/data/P"), film(2, content_path="/data/P/e1.mkv")),
        arrs=[arr([*imported_film(film(1), 1), *imported_film(film(2), 2)])],
    )
    assert [(key, fate) for _, key, fate in chosen(known)] == [
        (film(2).hash, "shared"),
        (film(1).hash, "deleted"),
    ]


def test_what_only_shares_with_one_that_goes_takes_its_data() -> None:
    pack, mine, kept = (
        film(1, content_path="/data/P"),
        film(2, content_path="/data/P/a"),
        film(3, content_path="/data/P/b"),
    )
    rows = [arr([*imported_film(pack, 1), *imported_film(mine, 2)])]
    fates = {one: fate for _, one, fate in chosen(facts(client(pack, mine, kept), arrs=rows))}
    assert fates == {pack.hash: "shared", mine.hash: "deleted"}


def test_other_clients_share_on_the_same_host_only() -> None:
    mine = film(1, content_path="/data/A")
    rows = [arr(imported_film(mine))]
    for host, place, fates in (
        ("box", "/data/A", ["shared"]),
        ("elsewhere", "/data/A/b", []),  # it may be the same under another name
        ("elsewhere", "/data/AB", ["deleted"]),
    ):
        other = client(film(2, content_path=place), service="c2", host=host)
        assert [one[2] for one in chosen(facts(client(mine), other, arrs=rows))] == fates


def test_one_that_is_no_longer_told_may_use_its_data_still() -> None:
    """Until it is certain: neither the data go, nor the entry that knows of them."""
    mine = film(1, content_path="/data/P")
    known = facts(client(mine), arrs=[arr(imported_film(mine))])
    for place, service, may in (
        ("/data/P", "c1", False),
        ("/data/P/a", "c2", False),
        ("/data", "c1", False),
        ("/data/Q", "c1", True),
    ):
        vanished = client(film(2, content_path=place), service=service)
        changed = replace(known, vanished=(vanished,))
        found = verdict(changed)
        assert found.may_go is may, place
        assert len(chosen(changed)) == int(may)
        if not may:
            assert found.answer(PurgeRule.SHARED) is Answer.UNKNOWN
            assert "second look" in english(found.finding(PurgeRule.SHARED).detail)
        gone = gone_torrent(mine.hash, mine.name, mine.content_path, mine.size_bytes)
        without = replace(changed, clients=(client(),))
        assert uses(without, client(), gone, ["a"]) is (Answer.NO if may else Answer.UNKNOWN)
    # What was removed is no other than itself.
    itself = replace(without, vanished=(client(mine),))
    assert uses(itself, client(), gone, ["a"]) is Answer.NO


def test_a_torrent_whose_place_is_spoilt_may_share_with_its_namesake() -> None:
    assert both("/data/Café", None, second=False, name="Caf?", size_bytes=1) == []
    assert both("/data/Café/x.mkv", None, second=False, name="Caf%C3%A9", size_bytes=1) == []
    assert both("/data/Tea", None, second=False, name="Caf?", size_bytes=1) == ["deleted"]
    assert both("/data/Tea", None, second=False, name="Caf?") == []  # just as large


def test_a_torrent_that_two_clients_name_otherwise_may_be_one() -> None:
    """In containers each client has names of its own for one disk."""
    mine = film(1, content_path="/data/A")
    rows = [arr(imported_film(mine))]
    for theirs in (
        film(1, content_path="/mnt/dl/A"),
        replace(film(2, content_path="/mnt/dl/A"), other_hashes=(mine.hash,)),
        replace(film(2, content_path="/mnt/dl/A"), name=mine.name, size_bytes=mine.size_bytes),
    ):
        other = client(theirs, service="c2")
        known = facts(client(mine), other, arrs=rows)
        assert verdict(known).answer(PurgeRule.SHARED) is Answer.UNKNOWN
    other = client(film(2, content_path="/mnt/dl/B"), service="c2")
    assert chosen(facts(client(mine), other, arrs=rows))[0][2] == "deleted"


@pytest.mark.parametrize(
    ("service", "theirs", "may"),
    [
        # A file of it, all of it with other files, what it lies in: the folders above differ.
        ("c2", {"content_path": "/mnt/dl/P/e1.mkv"}, False),
        ("c2", {"content_path": "/mnt/dl/P"}, False),
        ("c2", {"content_path": "/mnt/tv"}, False),
        ("c2", {"content_path": "/mnt/dl/PQ"}, True),
        # Files that lie loose in a folder of which nobody knows what the other client calls it.
        ("c2", {"content_path": "/dl", "save_path": "/dl", "size_bytes": 9}, False),
        ("c2", {"content_path": "/dl", "save_path": "/dl", "size_bytes": 8}, False),
        ("c2", {"content_path": "/dl", "save_path": "/dl", "size_bytes": 7}, True),
        # A second seed of one client, maybe from a folder of links.
        ("c1", {"content_path": "/seeds/P", "size_bytes": 8, "name": "P"}, False),
        ("c1", {"content_path": "/seeds/P", "size_bytes": 9, "name": "P"}, True),
        ("c1", {"content_path": "/seeds/Q", "size_bytes": 8, "name": "Q"}, True),
    ],
)
def test_what_may_be_in_anothers_data_under_other_names_is_in_doubt(
    service: str, theirs: dict[str, Any], may: bool
) -> None:
    mine = replace(film(1, content_path="/data/tv/P"), name="P", size_bytes=8)
    other = replace(film(2), **{"name": "other", **theirs})
    clients = {"c1": [mine], "c2": list[Torrent]()}
    clients[service].append(other)
    known = facts(
        *(client(*held, service=name) for name, held in clients.items()),
        arrs=[arr([*imported_film(mine, 1), *imported_film(other, 2)])],
    )
    verdicts = [one for one in judge(known, PurgePolicy())[0] if not may or one.key[0] == "c1"]
    for one in verdicts:
        assert one.answer(PurgeRule.SHARED) is (Answer.NO if may else Answer.UNKNOWN)
        said = english(one.finding(PurgeRule.SHARED).detail)
        assert ("alike" in said) is not may


def test_files_that_lie_loose_in_a_folder_are_nobodys_guess() -> None:
    """Which of the files there are its is not known: neither shared, nor alone."""
    loose = replace(film(1, content_path="/dl/tv"), save_path="/dl/tv")
    for place in ("/dl/tv", "/dl/tv/B", "/dl"):
        other = replace(film(2, content_path=place), save_path="/dl")
        rows = [arr([*imported_film(loose, 1), *imported_film(other, 2)])]
        known = facts(client(loose, other), arrs=rows)
        verdicts, _ = judge(known, PurgePolicy())
        assert [one.answer(PurgeRule.SHARED) for one in verdicts] == [Answer.UNKNOWN] * 2, place
    assert "lie loose" in english(verdict(known).finding(PurgeRule.SHARED).detail)
    alone = facts(client(loose), arrs=[arr(imported_film(loose))])
    assert verdict(alone).may_go


@pytest.mark.long
def test_a_crowded_folder_costs_no_pairs() -> None:
    """Ten thousand loose torrents in one folder are looked at once each."""
    count = examples(10_000)
    films = [
        replace(film(number, content_path="/dl/tv"), save_path="/dl/tv") for number in range(count)
    ]
    judged, places = judge(facts(client(*films), arrs=[arr([])]), PurgePolicy())
    assert {one.answer(PurgeRule.SHARED) for one in judged} == {Answer.UNKNOWN}
    assert len(places.others(judged[0].key)) == count - 1


def test_a_silent_client_of_the_same_domain_may_share() -> None:
    """Two names of one box."""
    mine = film(1)
    known = facts(client(mine, host="qb.box.example"), arrs=[arr(imported_film(mine))])
    for host, may in (("rt.box.example", False), ("rt.other.example", True)):
        silent = client(film(2), service="c2", host=host)
        assert verdict(replace(known, silent=(silent,))).may_go is may


def test_a_film_that_nobody_grabbed_may_be_one_of_three() -> None:
    """A trilogy that was added by hand, of which one film was imported."""
    mine = film(1)
    known = facts(client(mine), arrs=[arr([row(1, DONE, mine.hash)])])
    assert verdict(known).answer(PurgeRule.IMPORTED) is Answer.UNKNOWN


def test_a_trackers_host_may_be_written_with_its_port() -> None:
    """As it stands in announce addresses; what can't be read holds for all."""
    for one in ("private.example:443", "https://private.example/announce", " PRIVATE.example. "):
        rule = TrackerRule(one, min_days=10)
        assert rule.covers("http.private.example"), one
        assert not rule.covers("open.example"), one
    assert TrackerRule("", min_days=10).covers("open.example")
    assert TrackerRule("[", min_days=10).covers("open.example")


def test_what_has_happened_since_changes_nothing_for_who_reads_it() -> None:
    """Two runs may judge by one history at once."""
    mine = film(1)
    before = ArrImports(arr(imported_film(mine)))
    later = row(9000, HistoryKind.FAILED, mine.hash)
    after = before.with_events([later])
    assert before.of_download([mine.hash]) != after.of_download([mine.hash])
    assert after.with_events([later]) is after
    kinds = (HistoryKind.GRABBED, HistoryKind.IMPORTED)
    rows = [row(n, kind, mine.hash, 1, n // 2) for n, kind in enumerate(kinds * 2, 2)]
    pack = ArrImports(arr(rows, movies=False))
    known = pack.of_download([mine.hash])
    pack.with_events([row(9000, HistoryKind.FAILED, mine.hash, 1, 1)])
    assert pack.of_download([mine.hash]) == known


def test_data_are_only_deleted_when_that_is_wanted_and_possible() -> None:
    known = one_film()
    assert chosen(known, PurgePolicy(delete_data=False))[0][2] == "kept"
    assert chosen(known, clears=False) == []


# -- the order -------------------------------------------------------------------------------------


def test_over_the_target_the_best_go_first_until_it_is_reached() -> None:
    films = [film(n, ratio=ratio) for n, ratio in ((1, 1.5), (2, 9.0), (3, 4.0))]
    rows = [arr([row for n, one in enumerate(films) for row in imported_film(one, n + 1)])]
    full = client(*films, used_bytes=115 * GB)
    lean = client(film(4, ratio=99.0), service="c0", host="elsewhere", used_bytes=1)
    rows[0] = replace(rows[0], events=(*rows[0].events, *imported_film(film(4), 9)))
    wanted = PurgePolicy(max_bytes=100 * GB)
    known = facts(lean, full, arrs=rows)
    verdicts, places = judge(known, wanted)
    ordered = choose(verdicts, places, wanted, lambda _: True, NOW)
    assert [(one.verdict.torrent.ratio, one.urgent) for one in ordered] == [
        (9.0, True),
        (4.0, True),
        (1.5, False),
        (99.0, False),
    ]
    stand = room(known.clients, ordered, wanted)
    assert (stand["c1"].over, stand["c1"].purgeable, stand["c1"].is_enough) == (
        15 * GB,
        30 * GB,
        True,
    )
    assert stand["c0"].over == 0


def test_a_target_never_lets_go_what_the_rules_keep() -> None:
    held = film(ratio=0.1, seeding_seconds=60)
    known = facts(client(held, used_bytes=10**15), arrs=[arr(imported_film(held))])
    assert chosen(known, PurgePolicy(max_bytes=1)) == []
    verdicts, places = judge(known, PurgePolicy(max_bytes=1))
    ordered = choose(verdicts, places, PurgePolicy(max_bytes=1), lambda _: True, NOW)
    assert not room(known.clients, ordered, PurgePolicy(max_bytes=1))["c1"].is_enough


_rows = st.builds(
    lambda n, kind, minute, media, episode, name, other, reason: HistoryEvent(
        n,
        kind,
        NOW - timedelta(minutes=minute),
        media,
        episode,
        name,
        other,
        source_path=f"/home/{n}",
        reason=reason,
    ),
    st.integers(1, 9),
    st.sampled_from(list(HistoryKind)),
    st.integers(0, 5),
    st.sampled_from([None, 1, 2]),
    st.sampled_from([None, 1, 2, 3]),
    *(st.sampled_from([None, "A" * 40, "B" * 40, "usenet"]) for _ in range(2)),
    st.sampled_from([None, "MissingFromDisk"]),
)


@given(st.lists(_rows, max_size=12), st.integers(0, 12), st.booleans())
def test_what_is_told_since_says_the_same_as_all_at_once(
    rows: list[HistoryEvent], at: int, movies: bool
) -> None:
    """And what was known before is as it was, whoever still reads it."""
    rows = list({(one.at, one.id): one for one in rows}.values())
    whole = ArrImports(ArrHistory("a", "A", movies, tuple(rows)))
    before = ArrImports(ArrHistory("a", "A", movies, tuple(rows[:at])))
    names = (("A" * 40,), ("B" * 40,), ("A" * 40, "B" * 40))
    was = [before.of_download(one) for one in names]
    after = before.with_events(rows[at:])
    assert [after.of_download(one) for one in names] == [whole.of_download(one) for one in names]
    assert after.newest == whole.newest
    assert [before.of_download(one) for one in names] == was


@pytest.mark.parametrize(("least", "said"), [(1, "or a day"), (2, "or 2 days")])
def test_how_long_it_has_to_seed_is_said_of_one_day_too(least: float, said: str) -> None:
    """Nobody says "1 days"."""
    policy = PurgePolicy(min_ratio=5, min_days=least)
    finding = verdict(one_film(), policy).finding(PurgeRule.SEEDED)
    assert english(finding.threshold).endswith(said)


@pytest.mark.parametrize(("least", "said"), [(1, "and a day"), (2, "and 2 days")])
def test_what_a_tracker_wants_is_said_of_one_day_too(least: float, said: str) -> None:
    """Nobody says "1 days" of a tracker's rule either."""
    policy = PurgePolicy(trackers=(TrackerRule("a.example", least, 3.0),))
    finding = verdict(one_film(trackers=("a.example",)), policy).finding(PurgeRule.DUTY)
    assert english(finding.threshold).endswith(said)
