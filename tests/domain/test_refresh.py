"""What Jellyfin is told: which paths, once each, and up to where."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
import json
import random

from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.domain.history import HistoryEvent, HistoryKind
from custom_components.showrunner.domain.paths import PathMap, PathPair
from custom_components.showrunner.domain.refresh import (
    FIRST_LOOK,
    LONGEST,
    OVERLAP,
    Checkpoint,
    PathUpdate,
    UpdateType,
    changes,
    find,
    may_scan,
    merge,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
MAP = PathMap((PathPair("/media", "/data"),))
LIBRARIES = ("/media/movies", "/media/shows")
CREATED, MODIFIED, DELETED = UpdateType.CREATED, UpdateType.MODIFIED, UpdateType.DELETED
FILE = "/data/movies/Heat (1995)/Heat (1995).mkv"


def event(number: int = 1, path: str | None = FILE, **changed: object) -> HistoryEvent:
    """Make an import."""
    made = HistoryEvent(number, HistoryKind.IMPORTED, NOW, path=path)
    return replace(made, **changed)  # type: ignore[arg-type]


def told(*events: HistoryEvent, path_map: PathMap = MAP) -> list[tuple[str, UpdateType]]:
    """Say what Jellyfin is told of events."""
    updates = merge(find(events, path_map, LIBRARIES).updates)
    return [(update.path, update.type) for update in updates]


def test_an_import_is_told_by_its_folder_in_jellyfins_name() -> None:
    """The deepest folder: nothing beside it is scanned."""
    assert told(event()) == [("/media/movies/Heat (1995)", CREATED)]
    season = [
        event(number, f"/data/shows/Dark/Season 02/Dark - S02E{number:02}.mkv")
        for number in range(1, 9)
    ]
    assert told(*season) == [("/media/shows/Dark/Season 02", CREATED)]


@pytest.mark.parametrize("folder", ["/data/movies", "/data"])
def test_a_file_without_a_folder_of_its_own_does_not_scan_its_library(folder: str) -> None:
    """Neither a library, nor what holds one, is ever told as a folder."""
    here = folder.replace("/data", "/media")
    assert told(event(path=f"{folder}/Heat.mkv")) == [(f"{here}/Heat.mkv", CREATED)]


def test_an_upgrade_is_one_changed_folder() -> None:
    """The old file's deletion and the new one's import."""
    old = event(1, kind=HistoryKind.DELETED, path=FILE + ".old", reason="Upgrade")
    assert told(old, event(2)) == [("/media/movies/Heat (1995)", MODIFIED)]


def test_a_rename_tells_both_places() -> None:
    """Where it went and where it was, and one of them is enough."""
    moved = event(kind=HistoryKind.RENAMED, source_path="/data/movies/Haet/Haet.mkv")
    assert told(moved) == [
        ("/media/movies/Haet", DELETED),
        ("/media/movies/Heat (1995)", CREATED),
    ]
    from_outside = replace(moved, source_path="/elsewhere/Haet.mkv")
    found = find([from_outside], MAP, LIBRARIES)
    assert (found.unmapped, found.lost) == ((), ())


def test_a_file_that_is_only_missed_is_not_told() -> None:
    """Perhaps a disk is gone for a moment: Jellyfin must not be led to forget what lay on it."""
    gone = event(kind=HistoryKind.DELETED, reason="Manual")
    assert told(gone) == [("/media/movies/Heat (1995)", DELETED)]
    assert changes(replace(gone, reason="MissingFromDisk")) == ()
    assert changes(replace(gone, path=None)) == ()


@pytest.mark.parametrize("kind", [HistoryKind.GRABBED, HistoryKind.FAILED, HistoryKind.OTHER])
def test_what_changes_no_file_is_not_told(kind: HistoryKind) -> None:
    """Also words that nobody knows yet."""
    assert changes(event(kind=kind)) == ()


def test_what_cannot_be_mapped_is_named_apart() -> None:
    """By neither a mapping nor the same name on both sides; never guessed by its end."""
    elsewhere = event(2, "/downloads/Heat/Heat.mkv")
    nowhere = event(3, None, source_title="Heat.1995")
    found = find([event(), elsewhere, nowhere], MAP, LIBRARIES)
    assert [one.id for one in found.mapped] == [1]
    assert [one.id for one in found.unmapped] == [2, 3]
    assert found.lost == ("/downloads/Heat/Heat.mkv", "Heat.1995")
    alike = event(path="/media/movies/Heat/Heat.mkv")
    assert told(alike, path_map=PathMap()) == [("/media/movies/Heat", CREATED)]
    assert find([event()], PathMap(), LIBRARIES).lost == (FILE,)


def test_parents_swallow_children() -> None:
    """By whole components, and however a path is written."""
    paths = ["/m/a/b/c", "/m/a", "/m/ab", "/m/a/", "C:\\Films\\X\\Y", "c:\\films\\x", "none"]
    merged = merge([PathUpdate(path, CREATED) for path in paths])
    assert [update.path for update in merged] == ["/m/a", "/m/ab", "c:\\films\\x", "none"]


def test_the_first_look_tells_nothing_of_the_past() -> None:
    """And everything after it, also at the very instant of the last event seen."""
    past = [event(1, at=NOW - timedelta(minutes=1)), event(2, at=NOW - timedelta(days=3))]
    checkpoint = Checkpoint.begin(past, NOW)
    assert checkpoint.pending(past) == ()
    same_instant = event(3, at=NOW - timedelta(minutes=1))
    assert checkpoint.pending([*past, same_instant]) == (same_instant,)


@pytest.mark.parametrize("hours", [0, 1, 24 * 400])
def test_a_clock_that_was_ahead_and_put_right_hides_nothing(hours: int) -> None:
    """The checkpoint is never later than our own now."""
    ahead = event(1, at=NOW + timedelta(hours=hours))
    checkpoint = Checkpoint.begin([], NOW).advanced([ahead], [ahead], NOW)
    right = event(2, at=NOW + timedelta(minutes=1))
    assert checkpoint.since(NOW) < right.at
    assert checkpoint.pending([ahead, right]) == (right,)


def test_a_clock_that_is_behind_hides_nothing() -> None:
    """The checkpoint is an instant of that clock."""
    behind = event(1, at=NOW - timedelta(days=2))
    checkpoint = Checkpoint.begin([behind], NOW)
    later = event(2, at=behind.at + timedelta(seconds=1))
    assert checkpoint.since(NOW) <= later.at
    assert checkpoint.pending([behind, later]) == (later,)


def test_what_was_told_is_remembered_as_long_as_it_can_be_seen() -> None:
    """No longer, or the book would grow for ever."""
    events = [event(number, at=NOW + timedelta(hours=number)) for number in range(48)]
    later = NOW + timedelta(days=3)
    checkpoint = Checkpoint.begin([], NOW).advanced(events, events, later)
    assert checkpoint.at == events[-1].at
    assert set(checkpoint.notified) == {
        one.id for one in events if one.at >= checkpoint.at - OVERLAP
    }


def test_what_is_open_holds_the_checkpoint_back() -> None:
    """An event that waits for a whole scan is seen again, and nothing before it is told again."""
    events = [event(number, at=NOW + timedelta(hours=number)) for number in range(24)]
    first, *rest = events
    checkpoint = Checkpoint.begin([], NOW).advanced(events, rest, NOW + timedelta(days=1))
    assert checkpoint.at == first.at
    assert checkpoint.pending(events) == (first,)


def test_a_server_that_was_set_up_anew_counts_from_one_again() -> None:
    """The same number at another instant is another event."""
    checkpoint = Checkpoint.begin([event(1)], NOW)
    anew = event(1, at=NOW + timedelta(minutes=5))
    assert checkpoint.pending([anew]) == (anew,)


def test_a_checkpoint_is_read_as_it_was_written() -> None:
    """And rubbish is none: the service begins anew."""
    checkpoint = Checkpoint.begin([event(1), event(2)], NOW)
    assert Checkpoint.from_dict(json.loads(json.dumps(checkpoint.as_dict()))) == checkpoint
    rubbish = ({}, {"at": 1, "told": {}}, {"at": "x", "told": {}}, {"told": {"x": "y"}}, 7, None)
    assert [Checkpoint.from_dict(one) for one in rubbish] == [None] * len(rubbish)


def test_a_long_silence_is_not_told_back_for_ever() -> None:
    """Jellyfin's own scan has found it long since."""
    old = Checkpoint(NOW - timedelta(days=365))
    assert old.since(NOW) == NOW - LONGEST
    assert Checkpoint.first_look(NOW) == NOW - FIRST_LOOK


def test_a_whole_scan_is_asked_for_once_an_hour() -> None:
    """A clock that was put back does not forbid it for longer."""
    assert may_scan(None, NOW)
    assert not may_scan(NOW - timedelta(minutes=59), NOW)
    assert may_scan(NOW - timedelta(hours=1), NOW)
    assert may_scan(NOW + timedelta(days=1), NOW)


@dataclass
class Server:
    """An arr whose clock is wrong by `skew`, and a Jellyfin that hears what it is told."""

    now: datetime = NOW
    skew: timedelta = timedelta()
    history: list[HistoryEvent] = field(default_factory=list)
    heard: list[int] = field(default_factory=list)
    checkpoint: Checkpoint | None = None

    def happens(self) -> None:
        """Import something, now by this server's clock, which counts whole seconds."""
        at = (self.now + self.skew).replace(microsecond=0)
        self.history.append(event(len(self.history) + 1, at=at))

    def read(self, since: datetime, dice: random.Random) -> Sequence[HistoryEvent]:
        """Answer in any order, with rows doubled."""
        found = [one for one in self.history if one.at >= since]
        found += dice.sample(found, k=min(len(found), 2))
        dice.shuffle(found)
        return found

    def look(self, dice: random.Random, share: float = 1.0) -> None:
        """Look, and tell a share of what is pending; then lose everything but what is kept."""
        if self.checkpoint is None:
            begin = Checkpoint.first_look(self.now)
            self.checkpoint = Checkpoint.begin(self.read(begin, dice), self.now)
        events = self.read(self.checkpoint.since(self.now), dice)
        pending = self.checkpoint.pending(events)
        chosen = [one for one in pending if dice.random() < share]
        self.heard += [one.id for one in chosen]
        if chosen:
            self.checkpoint = self.checkpoint.advanced(events, chosen, self.now)
        kept = json.loads(json.dumps(self.checkpoint.as_dict()))
        self.checkpoint = Checkpoint.from_dict(kept)


_STEPS = st.lists(
    st.one_of(
        st.just("import"),
        st.just("import"),
        st.just("look"),
        st.just("fail"),
        st.just("part"),
        st.integers(0, 40_000),
        st.timedeltas(-OVERLAP + timedelta(minutes=1), timedelta(days=100)),
    ),
    max_size=40,
)


@given(past=st.integers(0, 3), steps=_STEPS, dice=st.randoms(use_true_random=False))
def test_every_import_is_told_once_whatever_happens_in_between(
    past: int, steps: list[str | int | timedelta], dice: random.Random
) -> None:
    """Any order, doubling, failures, restarts, and a clock that jumps."""
    server = Server()
    for _ in range(past):
        server.happens()
        server.now += timedelta(seconds=30)
    server.look(dice)
    for step in steps:
        match step:
            case "import":
                server.happens()
            case "look":
                server.look(dice)
            case "fail":
                server.look(dice, share=0.0)
            case "part":
                server.look(dice, share=0.5)
            case int():
                server.now += timedelta(seconds=step)
            case timedelta():
                server.skew = step
    server.look(dice)
    server.look(dice)
    assert sorted(server.heard) == list(range(past + 1, len(server.history) + 1))
