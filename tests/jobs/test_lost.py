"""Which episodes went with a deletion, and which changes of ours may have had them come."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from custom_components.showrunner.domain.plan import Action
from custom_components.showrunner.domain.regrets import WITHIN
from custom_components.showrunner.jobs.cleanup.lost import Lost, lost_in
from custom_components.showrunner.store import LedgerRow, LedgerState
from tests.domain.samples import NOW

HOUR = timedelta(hours=1)
PLACES = [[11, 0, 1], [12, 0, 2], [21, 1, 1], [22, 1, 2], [31, 2, 1]]


def row(action: Action, *, id: int = 1, **more: object) -> LedgerRow:  # noqa: A002
    """Make a row."""
    plain = LedgerRow(id, "cleanup", "p", "s", action, LedgerState.DONE, NOW, NOW, "x", "", {}, {})
    return replace(plain, **{"service": "s1", **more})  # type: ignore[arg-type]


def deletion(season: int | None, in_files: object, **more: object) -> LedgerRow:
    """Make the deletion of a season's files, of which all went."""
    before = {
        "target": {"id": 4},
        "payload": {"season": season},
        "places": PLACES,
        "in_files": in_files,
    }
    after = {"file_ids": [111, 112, 121, 122]}
    return row(Action.DELETE_EPISODE_FILES, **{"before": before, "after": after, **more})


def lost(*rows: LedgerRow) -> Lost:
    """Put the one part together that these tell of."""
    (found,) = lost_in([(one, frozenset({"tvdb:1"})) for one in rows])
    return found


SPECIAL = deletion(0, [[11, 111]])
SEASON = deletion(1, [[21, 121]])


def test_what_went_is_what_lay_in_the_files_that_went() -> None:
    assert lost(SPECIAL).spots == {(0, 1)}
    assert lost(SPECIAL, deletion(0, [[12, 112]], id=2)).spots == {(0, 1), (0, 2)}
    # A file that was left is still there.
    assert lost(deletion(0, [[11, 111], [12, 999]])).spots == {(0, 1)}


@pytest.mark.parametrize("in_files", [None, [], [[11]], [["a", "b"]], [[77, 111]]])
def test_what_was_not_kept_is_not_known_of_any(in_files: object) -> None:
    assert lost(deletion(0, in_files)).spots == frozenset()
    assert lost(SPECIAL, deletion(0, in_files, id=2)).spots == frozenset()


def search(payload: Mapping[str, object], **more: object) -> LedgerRow:
    """Make a search for episodes, an hour before the deletion."""
    before = {"payload": payload}
    plain = row(Action.SEARCH_EPISODES, id=9, before=before, begun_at=NOW - HOUR)
    return replace(plain, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("of", "payload", "ours"),
    [
        (SEASON, {"episodes": [21]}, True),
        # A pack brings all of a season.
        (SEASON, {"episodes": [22]}, True),
        (SEASON, {"episodes": [31]}, False),
        (SEASON, {"episodes": [31, 22]}, True),
        (SEASON, {"episodes": [31], "places": [[1, 2]]}, True),
        (SEASON, {"episodes": [21], "places": [[2, 1]]}, False),
        (SPECIAL, {"episodes": [11]}, True),
        (SPECIAL, {"episodes": [12]}, False),
        (deletion(0, []), {"episodes": [12]}, True),
        # Of which nobody knows, it may be.
        (SEASON, {"episodes": [77]}, True),
        (SEASON, {}, True),
        (deletion(None, []), {"episodes": [31]}, True),
    ],
)
def test_a_search_is_of_what_it_was_for(
    of: LedgerRow, payload: Mapping[str, object], ours: bool
) -> None:
    """Whether it was sent before or after the deletion."""
    for begun in (NOW - HOUR, NOW + HOUR):
        assert lost(of).is_ours(search(payload, begun_at=begun)) is ours


def test_numbers_of_another_sonarr_say_nothing() -> None:
    assert lost(SEASON).is_ours(search({"episodes": [31]}, service="s2"))


def test_what_failed_or_was_long_before_is_not_ours() -> None:
    mine, sent = lost(SEASON), search({"episodes": [21]})
    assert mine.is_ours(sent)
    assert mine.is_ours(replace(sent, state=LedgerState.BEGUN))
    assert not mine.is_ours(replace(sent, state=LedgerState.FAILED))
    assert not mine.is_ours(replace(sent, state=LedgerState.FAILED, begun_at=NOW + HOUR))
    assert mine.is_ours(replace(sent, begun_at=NOW - WITHIN))
    assert not mine.is_ours(replace(sent, begun_at=NOW - WITHIN - HOUR))


def test_only_searches_reach_beyond_a_deletion() -> None:
    mine = lost(deletion(None, []))
    for action, late in (
        (Action.SEARCH_MOVIE, True),
        (Action.ADD_MOVIE, True),
        (Action.RESTORE_MOVIE, False),
        (Action.DELETE_MOVIE, None),
    ):
        assert mine.is_ours(row(action, begun_at=NOW - HOUR)) is bool(late)
        assert mine.is_ours(row(action, begun_at=NOW + HOUR)) is (late is not None)


@pytest.mark.parametrize("rows", [(0, 1), (1, 0)])
def test_a_movie_is_gone_when_the_last_of_its_steps_has_ended(rows: tuple[int, int]) -> None:
    """What somebody wanted while it was being deleted takes nothing back."""
    of = {"title": "X", "before": {"target": {"id": 4}}}
    steps = (
        row(Action.DELETE_FILE, **of),
        row(Action.DELETE_MOVIE, id=2, ended_at=NOW + HOUR, **of),
    )
    deleted = lost(*(steps[one] for one in rows)).deleted
    assert (deleted.id, deleted.begun, deleted.at) == (1, NOW, NOW + HOUR)
