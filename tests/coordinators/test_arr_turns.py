"""What is said to be lost is read until reads agree; a read from before that says nothing of it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import Mock

import pytest

from custom_components.showrunner.coordinators.arr_turns import ArrTurns
from custom_components.showrunner.domain.media import MediaType

BEGAN = datetime(2026, 11, 30, tzinfo=UTC)
LATER = BEGAN + timedelta(seconds=1)
SETTLED: Any = Mock(request=Mock(id="a"), status=Mock(settled=True))


@pytest.fixture
def turns() -> ArrTurns:
    """Have one request."""
    requests = Mock(views={"a": SETTLED}, places=Mock(marked=Mock(return_value=())))
    requests.hinted_by.return_value = frozenset()
    SETTLED.request.arr = ("radarr", 1)
    SETTLED.request.title.media = MediaType.MOVIE
    return ArrTurns(requests, "radarr", MediaType.MOVIE, lambda: True)


def test_two_reads_that_agree_are_news(turns: ArrTurns) -> None:
    """And no more than four are made."""
    turns.doubt(["a"], BEGAN)
    answers = [turns.lost(SETTLED, LATER, lost=True) for _ in range(4)]
    assert answers == [False, True, True, True]
    assert turns.news(()) == []


def test_a_read_from_before_it_was_told_says_nothing_of_a_loss(turns: ArrTurns) -> None:
    """It is on its way while the title is deleted: the next one decides."""
    turns.doubt(["a"], LATER)
    assert not turns.lost(SETTLED, BEGAN, lost=False)
    assert turns.news(()) == [SETTLED]
    assert not turns.lost(SETTLED, LATER, lost=False)
    assert turns.news(()) == []


def test_what_is_missed_without_a_word_is_read_again(turns: ArrTurns) -> None:
    """Also by a read alone."""
    assert not turns.lost(SETTLED, BEGAN, lost=True)
    assert turns.news(()) == [SETTLED]
    assert turns.lost(SETTLED, LATER, lost=True)
