"""Whatever the world is like: nothing goes that an independent, slow judge keeps."""

from dataclasses import replace
from datetime import timedelta
import random

from hypothesis import example, given, settings, strategies as st

from custom_components.showrunner.domain.history import HistoryEvent, HistoryKind
from custom_components.showrunner.domain.knowledge import Known, Unknown
from custom_components.showrunner.domain.seeding import (
    ArrHistory,
    ClientTorrents,
    PurgePolicy,
    SeedingFacts,
    TrackerRule,
)
from custom_components.showrunner.domain.torrents import TorrentState
from tests.effort import examples

from .judge import allowed, may_lose_data
from .samples import DAY, NOW, arr, chosen, client, facts, film, row

HASHES = [letter * 40 for letter in "ABCDEF"]
LONG = "A" * 40 + "9" * 24
PLACES = ["/d", "/d/a", "/d/a/b", "/d/a/b/c.mkv", "/d/ab", "/e/x", "/e/x/y"]
POLICY = PurgePolicy(
    trackers=(TrackerRule("t.example", min_days=4), TrackerRule("u.example", min_ratio=2))
)

mostly = st.sampled_from  # the first of these is the one that lets it go


@st.composite
def held(draw: st.DrawFn, number: int) -> object:
    """Draw a torrent; most let it go, or nothing would ever be tried."""
    usual = draw(st.integers(0, 3)) > 0
    more = (
        {}
        if usual
        else {
            "complete": draw(mostly([True, False])),
            "state": draw(st.sampled_from(list(TorrentState))),
            "message": draw(mostly(["", "Tracker: [x]", "Storage error"])),
            "tags": draw(mostly([frozenset(), frozenset({"keep"})])),
            "label": draw(mostly(["", "Keep", "tv"])),
            "seeding_since": draw(mostly([None, NOW - 3 * DAY])),
            "other_hashes": draw(mostly([(), (LONG,)])),
            "private": draw(mostly([False, True, None])),
            "ratio": draw(mostly([2.0, 1.5, 1.49, 0.0, None])),
            "seeding_seconds": draw(mostly([5 * 86_400, 2 * 86_400, 86_400, None])),
            "trackers": draw(mostly([("v.example",), ("a.t.example",), ("u.example",), ()])),
        }
    )
    return film(
        number,
        hash=HASHES[number],
        content_path=draw(st.sampled_from([*(f"/f/{number}",) * 6, *PLACES, None])),
        **more,
    )


@st.composite
def rows(draw: st.DrawFn, *, movies: bool) -> list[HistoryEvent]:
    """Draw what an arr says: downloads that went well, mostly, and events at random."""
    found: list[HistoryEvent] = []
    number = 0

    def say(kind: HistoryKind, name: str, media: int | None, episode: int | None) -> None:
        nonlocal number
        number += 1
        found.append(
            HistoryEvent(
                number,
                kind,
                NOW - 20 * DAY + timedelta(seconds=number // 2),
                media,
                episode,
                name if number % 2 else None,
                None if number % 2 else name.lower(),
                reason=draw(st.sampled_from([None, "MissingFromDisk", "Upgrade"]))
                if kind is HistoryKind.DELETED
                else None,
            )
        )

    for name in draw(st.sampled_from([HASHES, HASHES[:3], HASHES[3:], [LONG], []])):
        media = draw(st.integers(1, 3))
        episodes = [None] if movies else draw(st.lists(st.integers(1, 4), min_size=1, max_size=3))
        for kind in (HistoryKind.GRABBED, HistoryKind.IMPORTED):
            for episode in episodes:
                if draw(st.integers(0, 15)):
                    say(kind, name, media, episode)
    for _ in range(draw(mostly([0, 0, 1, 3]))):
        say(
            draw(st.sampled_from(list(HistoryKind))),
            draw(st.sampled_from(HASHES)),
            draw(mostly([1, 2, None])),
            None if movies else draw(mostly([1, 2, None])),
        )
    return found


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[ClientTorrents], list[ArrHistory], set[str]]:
    """Draw clients, histories, and what is in a queue."""
    clients = [
        client(
            *(draw(held(one)) for one in draw(st.sets(st.integers(0, 5), max_size=5))),
            service=service,
            host=draw(st.sampled_from(["box", "other"])),
            used_bytes=draw(st.sampled_from([0, 10**13])),
        )
        for service in ("c1", "c2")
    ]
    arrs = [
        arr(draw(rows(movies=movies)), movies=movies, service=service)
        for service, movies in (("a1", True), ("a2", False))
    ]
    return clients, arrs, draw(st.sets(st.sampled_from(HASHES), max_size=1))


def known(world: tuple[list[ClientTorrents], list[ArrHistory], set[str]]) -> SeedingFacts:
    """Put a world together."""
    clients, arrs, queued = world
    return facts(*clients, arrs=arrs, queued=Known(frozenset(queued)))


def said_to_be_one(state: TorrentState) -> tuple[list[ClientTorrents], list[ArrHistory], set[str]]:
    """Make a client that gives two torrents at two places one more hash in common."""
    both = [
        film(number, hash=HASHES[number], content_path=f"/f/{number}", other_hashes=(LONG,), **more)
        for number, more in ((1, {"state": state}), (2, {}))
    ]
    answer = [row(1, HistoryKind.GRABBED, LONG), row(2, HistoryKind.IMPORTED, LONG.lower())]
    return [client(*both)], [arr(answer)], set()


@settings(max_examples=examples(600), deadline=None)
@given(worlds())
@example(said_to_be_one(TorrentState.DOWNLOADING))
@example(said_to_be_one(TorrentState.SEEDING))
def test_what_goes_is_what_a_slow_judge_allows(
    world: tuple[list[ClientTorrents], list[ArrHistory], set[str]],
) -> None:
    clients, arrs, queued = world
    going = chosen(known(world), POLICY)
    right = allowed(clients, arrs, queued, POLICY)
    mine = {(service, name) for service, name, _ in going}
    assert mine <= right
    if all(one.content_path for held in clients for one in held.torrents):
        assert mine == right
    gone: set[tuple[str, str]] = set()
    for service, name, fate in going:
        # Whoever goes with its data is the last who uses them, at its place in the order.
        if fate == "deleted":
            assert may_lose_data((service, name), gone, clients)
        gone.add((service, name))


@settings(max_examples=examples(240), deadline=None)
@given(worlds(), st.randoms(use_true_random=False))
def test_order_and_repetition_of_what_is_told_change_nothing(
    world: tuple[list[ClientTorrents], list[ArrHistory], set[str]], chance: random.Random
) -> None:
    clients, arrs, queued = world
    again = []
    for one in arrs:
        events = [*one.events, *chance.sample(one.events, len(one.events) // 2)]
        chance.shuffle(events)
        again.append(replace(one, events=tuple(events)))
    chance.shuffle(again)
    shuffled = [
        replace(one, torrents=tuple(chance.sample(one.torrents, len(one.torrents))))
        for one in clients
    ]
    assert chosen(known(world), POLICY) == chosen(known((shuffled, again, queued)), POLICY)


@settings(max_examples=examples(240), deadline=None)
@given(worlds(), st.integers(0, 3), st.integers(0, 5))
def test_what_is_not_told_only_ever_keeps(
    world: tuple[list[ClientTorrents], list[ArrHistory], set[str]], silent: int, seen: int
) -> None:
    clients = world[0]
    whole = {one[:2] for one in chosen(known(world), POLICY)}
    answer = known(world)
    answer = (
        replace(answer, imports=Unknown("down")),
        replace(answer, queued=Unknown("down")),
        replace(answer, trackers={}),
        replace(
            answer,
            clients=tuple(one for one in answer.clients if one.service != "c2"),
            silent=(replace(clients[1], torrents=clients[1].torrents[:seen]),),
            blind=seen < len(clients[1].torrents),
        ),
    )[silent]
    assert {one[:2] for one in chosen(answer, POLICY)} <= whole
