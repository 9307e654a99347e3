"""A deletion that a person took back is counted once, whatever is told, and in whatever order."""

from dataclasses import replace
from datetime import timedelta
import random

from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.domain.regrets import (
    STAYS_AFTER_REGRET,
    WITHIN,
    Deleted,
    Regret,
    Way,
    Wish,
    first_of,
    regret_of,
)

from .samples import NOW

DAY = timedelta(days=1)
GONE = Deleted(7, NOW, NOW + timedelta(hours=1))
ASKED = Wish(NOW + 3 * DAY, Way.REQUEST, "seerr")


def test_who_asks_again_within_30_days_regrets_it() -> None:
    assert regret_of(GONE, [ASKED]) == Regret(7, ASKED.at, Way.REQUEST, "seerr")
    assert regret_of(GONE, []) is None
    last = replace(ASKED, at=GONE.at + WITHIN)
    assert regret_of(GONE, [last]) is not None
    assert regret_of(GONE, [replace(last, at=last.at + DAY / 1000)]) is None
    # What was asked for before it went was no regret; while it went it was.
    assert regret_of(GONE, [replace(ASKED, at=NOW)]) is None
    assert regret_of(GONE, [replace(ASKED, at=NOW + timedelta(minutes=1))]) is not None


def test_who_undoes_it_regrets_it_whenever_that_is() -> None:
    late = replace(GONE, undone_at=NOW + 200 * DAY)
    assert regret_of(late, []) == Regret(7, NOW + 200 * DAY, Way.UNDO, "showrunner")
    assert regret_of(late, [ASKED]) == regret_of(GONE, [ASKED])


@pytest.mark.parametrize(
    ("season", "seasons", "is_for"),
    [
        (None, None, True),
        (2, None, True),
        (2, frozenset({1, 2}), True),
        (2, frozenset({1}), False),
        (None, frozenset({1}), True),
        (None, frozenset(), True),
        (0, frozenset(), False),
    ],
)
def test_a_wish_is_for_its_seasons(
    season: int | None, seasons: frozenset[int] | None, is_for: bool
) -> None:
    wish = replace(ASKED, seasons=seasons)
    assert (regret_of(replace(GONE, season=season), [wish]) is not None) is is_for


def test_it_stays_for_a_year_from_when_it_was_taken_back() -> None:
    regret = Regret(7, NOW, Way.ADDED, "radarr")
    assert regret.until == NOW + STAYS_AFTER_REGRET
    assert regret.as_dict() == {
        "ledger_id": 7,
        "way": "added",
        "source": "radarr",
        "until": regret.until.isoformat(),
    }


_WISHES = st.builds(
    Wish,
    st.integers(-5, 45).map(lambda days: NOW + days * DAY),
    st.sampled_from(Way),
    st.sampled_from(["seerr", "radarr", "sonarr"]),
    st.one_of(st.none(), st.frozensets(st.integers(0, 3))),
)
_DELETED = st.builds(
    Deleted,
    st.integers(1, 4),
    st.just(NOW),
    st.just(NOW + DAY),
    st.one_of(st.none(), st.integers(0, 3)),
    st.one_of(st.none(), st.integers(1, 90).map(lambda days: NOW + days * DAY)),
)


@given(_DELETED, st.lists(_WISHES), st.randoms(use_true_random=False), st.integers(0, 5))
def test_shuffled_doubled_and_late_facts_come_to_the_same(
    deleted: Deleted, wishes: list[Wish], chance: random.Random, cut: int
) -> None:
    """Told at once, in another order, twice, or some of them later: the very same regret."""
    once = regret_of(deleted, wishes)
    mixed = [*wishes, *wishes[:cut]]
    chance.shuffle(mixed)
    assert regret_of(deleted, mixed) == once
    kept: Regret | None = None
    early = replace(deleted, undone_at=None)
    parts = [(early, mixed[:cut]), (early, mixed[cut:]), (deleted, []), (early, mixed[:cut])]
    chance.shuffle(parts)
    for one, some in parts:
        found = regret_of(one, some)
        kept = kept if found is None else first_of(kept, found)
    assert kept == once
    assert once is None or once.deletion == deleted.id


@given(_DELETED, st.lists(_WISHES))
def test_one_deletion_has_one_regret_and_only_by_a_wish_for_it(
    deleted: Deleted, wishes: list[Wish]
) -> None:
    found = regret_of(deleted, wishes)
    if found is None:
        assert deleted.undone_at is None
        return
    if found.way is Way.UNDO and found.at == deleted.undone_at:
        return
    (mine, *_) = [one for one in wishes if (one.at, one.way) == (found.at, found.way)]
    assert deleted.begun < mine.at <= deleted.at + WITHIN
    assert not any(
        one.at < found.at and one.at > deleted.begun and one.is_for(deleted.season)
        for one in wishes
    )
