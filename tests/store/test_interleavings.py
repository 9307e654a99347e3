"""Two writers in any order, and an end at any moment: nothing is lost, nothing is there twice.

An end is the files as they lie in the middle of a statement, opened by somebody else: what kill -9
leaves. Repositories are found in the store: a new one fails until its writings are told.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
import shutil
from typing import Any

from hypothesis import given, settings, strategies as st
import pytest
from sqlalchemy import event

from custom_components.showrunner.store import Store
from tests.effort import examples

from .courses import one_after_the_other, opened, rows
from .scratch import engines, scratch
from .subjects import SUBJECTS, Held, Subject, Write, found, methods

NAMES = sorted(SUBJECTS)


def test_every_repository_and_all_that_it_can_is_told_of() -> None:
    """A new one, or a new method of one, fails until it is."""
    repositories = found()
    assert sorted(repositories) == NAMES
    for name, repository in repositories.items():
        subject = SUBJECTS[name]
        assert methods(repository) == subject.writers | subject.readers, name


class Course:
    """What was begun, in its order, and what of it was acknowledged."""

    def __init__(self, store: Store, folder: Path) -> None:
        self._store = store
        self._folder = folder
        self.begun: list[Write] = []
        self.acknowledged: list[Write] = []

    async def do(self, writes: Sequence[Write], pauses: Sequence[int]) -> None:
        """Be one of the writers."""
        for write, pause in zip(writes, pauses, strict=False):
            for _ in range(pause):
                await asyncio.sleep(0)
            self.begun.append(write)
            await write.do(self._store, self._folder)
            self.acknowledged.append(write)


class End:
    """Keeps the files as they are at some statement, and what was acknowledged until then."""

    def __init__(self, store: Store, folder: Path, course: Course, at: int) -> None:
        self._path, self._folder, self._course, self._left = (
            store._database.path,
            folder,
            course,
            at,
        )
        self.copy: Path | None = None
        self.acknowledged: list[Write] = []
        self.done = 0
        engine, _ = engines(store)
        for moment in ("before_cursor_execute", "after_cursor_execute", "commit"):
            event.listen(engine, moment, self._look)

    def _look(self, *_: object) -> None:
        self._left -= 1
        if self._left != 0:
            return
        # First what is known to be done, then the files: what is done in between may be in them.
        self.acknowledged = list(self._course.acknowledged)
        begun = list(self._course.begun)
        # Whatever was begun before is done, too: there is one thread.
        self.done = max((begun.index(one) + 1 for one in self.acknowledged), default=0)
        copy = self._folder / "left"
        copy.mkdir()
        for beside in ("", "-wal"):
            with suppress(FileNotFoundError):
                shutil.copy(f"{self._path}{beside}", copy / f"{self._path.name}{beside}")
        for file in self._folder.glob("*.jsonl.gz"):
            shutil.copy(file, copy)
        self.copy = copy / self._path.name


courses = st.tuples(
    st.lists(st.integers(0, 200), max_size=6),
    st.lists(st.integers(0, 200), max_size=6),
    st.lists(st.integers(0, 3), min_size=6, max_size=6),
)
type Drawn = tuple[list[int], list[int], list[int]]


def writers(subject: Subject, drawn: Drawn) -> list[list[Write]]:
    """Give what each writer writes; of what only adds, each thing once."""
    some = subject.writes
    if subject.appends:
        numbers = dict.fromkeys(number % len(some) for half in drawn[:2] for number in half)
        chosen = [some[number] for number in numbers]
        return [chosen[::2], chosen[1::2]]
    return [[some[number % len(some)] for number in half] for half in drawn[:2]]


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=examples(8))
@given(courses, st.integers(1, 60))
async def test_two_writers_and_an_end_lose_nothing_and_double_nothing(
    name: str, drawn: Drawn, at: int
) -> None:
    """As if one wrote after the other; what is left at any moment has all that was told."""
    subject = SUBJECTS[name]
    async with scratch() as path:
        async with opened(path) as store:
            course = Course(store, path.parent)
            end = End(store, path.parent, course, at)
            await asyncio.gather(
                *(course.do(one, drawn[2]) for one in writers(subject, drawn)),
            )
            together = await subject.held(store, path.parent)
        after, counted = await one_after_the_other(
            subject, course.begun, each=not (subject.appends or subject.grows)
        )
        assert together == after[-1]
        if name != "archive":  # what is saved while it moves waits for the next time
            assert rows(path) == counted
        if end.copy is not None:
            await comes_back(subject, course.begun, end, after)


async def comes_back(
    subject: Subject, begun: Sequence[Write], end: End, after: Sequence[Held]
) -> None:
    """Open what was left; it has what was acknowledged, and doing the rest again completes it."""
    assert end.copy is not None
    async with opened(end.copy) as left:
        held = await subject.held(left, end.copy.parent)
        if subject.appends or subject.grows:
            (answer, *_), _ = await one_after_the_other(subject, end.acknowledged)
            assert answer <= held <= after[-1]
        else:
            assert held in after[end.done :]
        if not subject.appends:
            unheard = begun if subject.grows else begun[end.done :]
            for write in unheard:
                if not (subject.grows and write in end.acknowledged):
                    await write.do(left, end.copy.parent)
            assert await subject.held(left, end.copy.parent) == after[-1]
    rows(end.copy)


@pytest.mark.parametrize("name", [one for one in NAMES if not SUBJECTS[one].appends])
@settings(max_examples=examples(6))
@given(courses)
async def test_the_same_twice_is_as_once(name: str, drawn: Drawn) -> None:
    """Each thing at once again, as a caller does that heard no answer."""
    subject = SUBJECTS[name]
    writes = [one for half in writers(subject, drawn) for one in half]
    once, counted = await one_after_the_other(subject, writes)
    twice, doubled = await one_after_the_other(subject, [w for w in writes for _ in range(2)])
    assert twice[-1] == once[-1]
    assert doubled == counted


@pytest.mark.parametrize("name", [one for one in NAMES if SUBJECTS[one].shuffles])
@settings(max_examples=examples(6))
@given(courses, st.randoms(use_true_random=False))
async def test_no_order_makes_a_difference_where_none_is_said(
    name: str, drawn: Drawn, rng: Any
) -> None:
    """Also half first, and then the whole."""
    subject = SUBJECTS[name]
    writes = [one for half in writers(subject, drawn) for one in half]
    shuffled = [*rng.sample(writes, len(writes) // 2), *rng.sample(writes, len(writes))]
    one, _ = await one_after_the_other(subject, writes)
    other, _ = await one_after_the_other(subject, shuffled)
    assert one[-1] == other[-1]
