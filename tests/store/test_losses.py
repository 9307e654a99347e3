"""Law 9, title by title: whatever reads a library gets, only what two of them missed goes."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from hypothesis import example, given, settings, strategies as st
import pytest

from custom_components.showrunner.domain.fall import FallMoved
from custom_components.showrunner.domain.library import ItemKind, LibraryItem, UserRow
from custom_components.showrunner.domain.media import ProviderIds
from custom_components.showrunner.domain.sweep import ReadState, Tally
from custom_components.showrunner.domain.sweep_pages import Seen
from custom_components.showrunner.store import Store
from tests.domain.libraries import SERVER
from tests.domain.samples import NOW
from tests.effort import examples
from tests.english import english

from .scratch import scratch

LIMIT = 50


def film(number: int) -> LibraryItem:
    """Make a film."""
    return LibraryItem(
        SERVER, f"{number:032x}", ItemKind.MOVIE, f"Film {number}", ProviderIds(tmdb=number + 1)
    )


async def begin(store: Store) -> ReadState:
    """Begin a sweep."""
    before = await store.library.state()
    state = replace(before, sweep=before.sweep + 1)
    await store.library.keep_state(state)
    return state


async def read(store: Store, there: Sequence[int], *, stopped: bool = False) -> ReadState:
    """Sweep a library that shows these films. `stopped`: killed before it could say so."""
    state, seen = await begin(store), Seen()
    for number in (await store.library.take([film(n) for n in there], state.sweep)).values():
        seen.add(number)
    losses = store.library.losses(seen, SERVER, state)
    after = state.swept(NOW, {"movie": len(there)}, await losses.tally(), LIMIT)
    await losses.settle(after.since)
    if not stopped:
        await store.library.keep_state(after)
    return after


async def broken(store: Store, there: Sequence[int]) -> None:
    """Sweep a library that breaks off after these."""
    state = await begin(store)
    await store.library.take([film(n) for n in there], state.sweep)
    await store.library.keep_state(state.failed(NOW, "HTTP 500"))


async def confirm(store: Store) -> None:
    """Confirm the fall that waits, if there is one, as the library's reader does."""
    state = await store.library.state()
    if state.fall is not None:
        after = state.accepted(state.fall.mark)
        await store.library.losses(Seen(), SERVER, state).accept()
        await store.library.keep_state(after)


async def films(store: Store) -> set[int]:
    """Give which films are known."""
    found = await store.library.find_many([film(n).item_id for n in range(200)], SERVER)
    return {int(item_id, 16) for item_id in found}


async def test_windows_that_move_take_nothing_away(store: Store) -> None:
    """One night 1 to 60 of 100 are missed, the next 41 to 100: the source is ill.

    41 to 60 were missed twice; but that the second read lost 21 to 100 of the rest says that it
    can't be believed, neither for those.
    """
    every = range(1, 101)
    await read(store, every)
    assert not (await read(store, range(61, 101))).known
    assert not (await read(store, range(1, 41))).known
    assert await films(store) == set(every)
    # It recovers: nothing was lost, and what was missed then counts for nothing later.
    assert (await read(store, every)).known
    assert (await read(store, range(2, 101))).known
    assert await films(store) == set(every)
    assert (await read(store, range(2, 101))).known
    assert await films(store) == set(range(2, 101))


async def test_a_real_loss_goes_with_the_second_read(store: Store) -> None:
    """The same sixty, twice; one more that is missed the second time has had its first."""
    await read(store, range(1, 101))
    await read(store, range(61, 101))
    assert (await read(store, range(62, 101))).known
    assert await films(store) == set(range(61, 101))
    await read(store, range(62, 101))
    assert await films(store) == set(range(62, 101))


async def test_seen_in_between_starts_anew(store: Store) -> None:
    """By a whole sweep, by one that broke off, or by an increment: it was there."""
    rest = range(1, 10)
    await read(store, range(10))
    for number in range(3):
        await read(store, rest)
        match number:
            case 0:
                await read(store, range(10))
            case 1:
                await broken(store, [0])
            case 2:
                await store.library.take([film(0)], (await store.library.state()).sweep + 1)
        await read(store, rest)
        assert 0 in await films(store)
        await read(store, range(10))
    await read(store, rest)
    await broken(store, [1, 2])
    await read(store, rest)
    assert 0 not in await films(store)


async def test_what_comes_while_a_sweep_reads_is_not_missed_by_it(store: Store) -> None:
    """A webhook's film, added behind the page that would have shown it."""
    await read(store, range(5))
    state, seen = await begin(store), Seen()
    for number in (await store.library.take([film(n) for n in range(5)], state.sweep)).values():
        seen.add(number)
    await store.library.take([film(9)], state.sweep + 1)
    losses = store.library.losses(seen, SERVER, state)
    assert await losses.tally() == Tally({"movie": 5})
    await losses.settle(state.since)
    assert len(await store.library.by_keys((film(9).keys[0],), met=True)) == 1


async def test_a_library_with_all_new_ids_has_lost_nothing(store: Store) -> None:
    """A moved folder: every file has another item id, every title is there."""
    await read(store, range(50))
    renamed = [replace(film(n), item_id=f"{n + 100:032x}") for n in range(50)]
    state, seen = await begin(store), Seen()
    for number in (await store.library.take(renamed, state.sweep)).values():
        seen.add(number)
    losses = store.library.losses(seen, SERVER, state)
    assert not (await losses.tally()).lost.get("movie")
    assert await store.library.counts() == {"movie": 50}
    found = await store.library.find(film(7).item_id)
    assert found is not None
    assert found.item_id == renamed[7].item_id


async def test_what_the_last_sweep_missed_is_not_met(store: Store) -> None:
    """It is known still, but who asks what was met last is not told of it."""
    await read(store, range(5))
    await read(store, range(4))
    (key, *_), one = film(4).keys, replace(film(4), path="/m/4")
    assert len(await store.library.by_keys((key,))) == 1
    assert await store.library.by_keys((key,), met=True) == ()
    await store.library.take([one], (await store.library.state()).sweep + 1)
    assert await store.library.by_keys((key,), met=True) == (one,)
    assert await store.library.by_path("/m/4", met=True) == (one,)


async def test_what_a_person_confirms_is_exactly_what_was_shown(store: Store) -> None:
    """One that came back stays; a fall that was read anew has another mark; nothing later goes."""
    await read(store, range(100))
    await read(store, range(40))
    first = await store.library.state()
    assert first.fall is not None
    assert (first.fall.had, first.fall.lost, first.fall.percent) == (
        {"movie": 100},
        {"movie": 60},
        60,
    )
    await read(store, range(10))
    state = await store.library.state()
    with pytest.raises(FallMoved):
        state.accepted(first.fall.mark)
    await store.library.take([film(50)], state.sweep + 1)
    await confirm(store)
    assert await films(store) == {*range(10), 50}
    after = await store.library.state()
    assert (after.known, after.fall, after.counts) == (True, None, {"movie": 10})
    # What is missing beyond that needs its own second read.
    assert not (await read(store, range(3))).known
    assert await films(store) == {*range(10), 50}
    with pytest.raises(FallMoved):
        after.accepted(first.fall.mark)


async def test_a_read_that_fails_after_a_confirmed_fall_leaves_it_in_doubt(store: Store) -> None:
    """What is gone is gone; but what is there nobody has read since."""
    await read(store, range(100))
    await read(store, range(40))
    await broken(store, range(10))
    await confirm(store)
    assert await films(store) == set(range(40))
    state = await store.library.state()
    assert (state.known, state.fall, english(state.why)) == (False, None, "HTTP 500")
    assert (await read(store, range(40))).known


async def test_a_fall_of_marks_is_confirmed_likewise(store: Store) -> None:
    """Favourites that are told again since then stay, and so does all that adds."""
    viewer = "a" * 32
    rows = {f"{n:032x}": UserRow(f"{n:032x}", played=True, favorite=True) for n in range(10)}
    few = dict(list(rows.items())[:2])
    await store.userdata.take(viewer, tuple(rows.values()))
    state = replace(ReadState(), good_at=NOW, sweep=1, whole=1)
    losses = store.userdata.losses(viewer, few, replace(state, sweep=2))
    fallen = replace(state, sweep=2).swept(NOW, {}, await losses.tally(), LIMIT)
    await losses.settle(fallen.since)
    assert fallen.fall is not None
    assert fallen.fall.lost == {"played": 8, "favorites": 8}
    again = UserRow(f"{5:032x}", played=True, favorite=False)
    await store.userdata.take(viewer, (again,))
    await store.userdata.losses(viewer, {}, fallen).accept()
    kept = await store.userdata.get(viewer, tuple(rows))
    assert {one for one, row in kept.items() if row.played} == {*few, again.item_id}
    assert await store.userdata.favorites(viewer) == set(few)


# -- any sequence of reads -------------------------------------------------------------------------

COUNT = 12
numbers = st.integers(0, COUNT)
windows = st.tuples(numbers, numbers).map(lambda pair: frozenset(range(min(pair), max(pair))))
shown = st.one_of(
    windows,
    windows.map(lambda gap: frozenset(range(COUNT)) - gap),
    st.frozensets(st.integers(0, COUNT - 1)),
)
happenings = st.tuples(
    st.sampled_from(["whole", "whole", "whole", "broken", "stopped", "confirmed"]), shown
)


@dataclass
class Model:
    """What is known and what was missed, told in sets. `doubted`: the fall that waits, if any."""

    known: set[int] = field(default_factory=set)
    missed: set[int] = field(default_factory=set)
    doubted: set[int] | None = None
    first: bool = True

    def whole(self, there: frozenset[int], *, stopped: bool) -> None:
        """Take in a read to the end; `stopped`: nobody noted that there was one."""
        missing = self.known - there
        fell = not self.first and _most(missing, self.known)
        if self.doubted is None:
            agrees = not fell
        else:
            twice = missing & self.missed
            agrees = twice == self.doubted and not _most(missing - twice, self.known - twice)
        gone = missing & self.missed if agrees else set()
        self.known = (self.known - gone) | there
        self.missed = set() if stopped else missing - gone
        if not stopped:
            self.doubted, self.first = missing if fell and not agrees else None, False

    def confirmed(self) -> None:
        """Take in that a person has confirmed the fall: what it missed goes, if nobody met it."""
        gone = self.missed & (self.doubted or set())
        self.known, self.missed, self.doubted = self.known - gone, self.missed - gone, None

    def broken(self, there: frozenset[int]) -> None:
        """Take in a read that broke off: what it met is there."""
        self.known |= there
        self.missed -= there


def _most(some: set[int], of: set[int]) -> bool:
    return 100 * len(some) > LIMIT * len(of)


def happens(*course: tuple[str, range | set[int]]) -> list[tuple[str, frozenset[int]]]:
    """Tell a course of reads."""
    return [(kind, frozenset(there)) for kind, there in course]


EVERY = range(COUNT)


@settings(max_examples=examples(30))
@given(st.lists(happenings, min_size=2, max_size=8), shown)
@example(happens(("whole", EVERY), ("whole", range(7, 12)), ("whole", range(5))), frozenset(EVERY))
@example(
    happens(("whole", EVERY), ("whole", range(3)), ("broken", {5}), ("whole", range(3))),
    frozenset(range(3)),
)
@example(
    happens(("whole", EVERY), ("stopped", range(3)), ("whole", range(3)), ("whole", range(8))),
    frozenset(range(3)),
)
@example(
    happens(("whole", EVERY), ("whole", range(3)), ("broken", {5}), ("confirmed", EVERY)),
    frozenset(range(3)),
)
@example(
    happens(("whole", EVERY), ("whole", range(3)), ("stopped", range(1)), ("confirmed", EVERY)),
    frozenset(range(3)),
)
async def test_only_what_two_reads_in_a_row_missed_or_a_person_confirmed_goes(
    course: list[tuple[str, frozenset[int]]], end: frozenset[int]
) -> None:
    """Shrinking, shifting, broken, killed before it was noted, restarted; in the end it converges.

    A broken read is no read, but who was met by it is there.
    """
    async with scratch() as path:
        model = Model()
        last: set[int] = set()  # whoever was seen by the last whole read or since
        for kind, there in course:
            # Home Assistant is restarted before every read.
            store = await Store.open(path)
            before = await films(store)
            fall = (await store.library.state()).fall
            if kind == "confirmed":
                await confirm(store)
                model.confirmed()
            elif kind == "broken":
                await broken(store, sorted(there))
                model.broken(there)
            else:
                await read(store, sorted(there), stopped=kind == "stopped")
                model.whole(there, stopped=kind == "stopped")
            after = await films(store)
            assert after == model.known
            gone = before - after
            assert not gone & last
            assert kind == "confirmed" or not gone & there
            if kind == "confirmed":
                assert len(gone) <= (0 if fall is None else fall.lost["movie"])
            elif kind == "broken":
                last |= there
            else:
                last = set(there)
            await store.close()
        store = await Store.open(path)
        for _ in range(4):
            await read(store, sorted(end))
        assert await films(store) == end
        assert (await store.library.state()).known
        await store.close()
