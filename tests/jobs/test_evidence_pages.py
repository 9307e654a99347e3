"""What a viewer has marked or watched is read to its end, or it is not known."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from custom_components.showrunner.clients.errors import Unreadable
from custom_components.showrunner.clients.jellyfin_library import Page
from custom_components.showrunner.domain.library import UserRow
from custom_components.showrunner.jobs.facts import evidence
from custom_components.showrunner.jobs.facts.evidence import JellyfinEvidence

MANY = [f"{number:032x}" for number in range(2500)]

type Answers = Callable[[int, int], tuple[list[str], int]]


def asker(answers: Answers, rows: bool = True) -> tuple[JellyfinEvidence, list[int]]:
    """Make what asks a Jellyfin that answers so, by start and limit; and count how often."""
    asked: list[int] = []

    async def of_user(_: str, __: object, start: int, limit: int, *, count: bool) -> Page[UserRow]:
        asked.append(start)
        ids, total = answers(start, limit)
        found = tuple(UserRow(one, played=True) for one in ids) if rows else ()
        return Page(tuple(ids), found, total if count else None)

    client: Any = SimpleNamespace(library=SimpleNamespace(of_user=of_user))
    nothing: Any = None
    return JellyfinEvidence(client, nothing, "s", dict), asked


def honest(start: int, limit: int) -> tuple[list[str], int]:
    """Tell what there is."""
    return MANY[start : start + limit], len(MANY)


def short(start: int, limit: int) -> tuple[list[str], int]:
    """Tell one at a time."""
    return MANY[start : start + 1], len(MANY)


def again(start: int, limit: int) -> tuple[list[str], int]:
    """Tell the first page whatever is asked for."""
    return MANY[:limit], len(MANY)


def sorted_anew(start: int, limit: int) -> tuple[list[str], int]:
    """Go on behind the last row with what was told already, up to the very end."""
    ends = {0: [], 1000: [MANY[1000]], 2000: [MANY[999]]}[start]
    return (ends + MANY)[: min(limit, len(MANY) - start)], len(MANY)


def growing(start: int, limit: int) -> tuple[list[str], int]:
    """Tell ever more, and that there is more."""
    return [f"{number:032x}" for number in range(start, start + limit)], start + 3 * limit


def none(start: int, limit: int) -> tuple[list[str], int]:
    """Tell of many and name none."""
    return [], 5


def nameless(start: int, limit: int) -> tuple[list[str], int]:
    """Tell a row that nobody can read."""
    return ["", MANY[1]], 2


async def test_long_lists_are_read_whole() -> None:
    """Page by page."""
    asks, asked = asker(honest)
    assert await asks._marks("ann", {}) == frozenset(MANY)
    assert len(await asks._rows("ann", {})) == len(MANY)
    assert len(asked) == 6


@pytest.mark.parametrize("answers", [short, again, sorted_anew, growing, none, nameless])
async def test_law_1_what_is_not_read_whole_is_not_known(
    monkeypatch: pytest.MonkeyPatch, answers: Answers
) -> None:
    """Nobody is asked for ever, and a mark that was not named is not taken for none."""
    monkeypatch.setattr(evidence, "_MOST_PAGES", 20)
    for ask in ("_marks", "_rows"):
        asks, asked = asker(answers)
        with pytest.raises(Unreadable):
            await getattr(asks, ask)("ann", {})
        assert len(asked) <= 20


async def test_law_1_rows_that_can_not_be_read_are_not_untouched() -> None:
    """Who they are is known, and not what of them was watched."""
    asks, _ = asker(honest, rows=False)
    assert len(await asks._marks("ann", {})) == len(MANY)
    with pytest.raises(Unreadable):
        await asks._rows("ann", {})
