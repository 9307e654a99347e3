"""How a search ends that is followed while its Radarr is not linked."""

from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from custom_components.showrunner.domain.acquisition import Acquisition, AcquisitionState
from custom_components.showrunner.jobs.download.fetching import Fetcher
from custom_components.showrunner.jobs.download.outcomes import Outcomes
from custom_components.showrunner.options import Options
from custom_components.showrunner.signals import Signals
from custom_components.showrunner.store import Store
from tests.domain.samples import FILM, NOW
from tests.english import english

SEARCHING, FAILED = AcquisitionState.SEARCHING, AcquisitionState.FAILED


@pytest.fixture
async def store(tmp_path: Path) -> AsyncGenerator[Store]:
    """Open an empty store."""
    opened = await Store.open(tmp_path / "following.db")
    yield opened
    await opened.close()


def fetcher(store: Store, after: timedelta) -> Fetcher:
    """Follow so much later, with no Radarr linked."""
    outcomes = Outcomes(store, Signals(), lambda: NOW + after)
    nobody: Any = None
    return Fetcher(store, nobody, nobody, {}, outcomes, Options, lambda: NOW + after)


@pytest.mark.parametrize(
    ("after", "state"),
    [
        (timedelta(minutes=2), SEARCHING),
        (timedelta(days=3), SEARCHING),
        (timedelta(days=8), FAILED),
    ],
)
async def test_a_search_waits_for_its_radarr_to_be_linked_anew(
    store: Store, after: timedelta, state: AcquisitionState
) -> None:
    """Changing a service's address unlinks it for a moment; only after a week it is gone."""
    searching = Acquisition(
        "a", FILM, SEARCHING, NOW, NOW, service="gone", remote_id=7, searched_at=NOW
    )
    await store.acquisitions.put(searching)
    await fetcher(store, after).follow(searching)
    kept = await store.acquisitions.get("a")
    assert kept is not None
    assert (kept.state, "no longer linked" in english(kept.detail)) == (state, True)
    assert (kept.next_at is None) is (state is FAILED)
    if kept.next_at is not None:
        assert kept.next_at > NOW + after


async def test_what_has_no_number_in_radarr_can_not_be_followed(store: Store) -> None:
    """There is nothing to ask for."""
    lost = Acquisition("a", FILM, SEARCHING, NOW, NOW, service="gone", searched_at=NOW)
    await store.acquisitions.put(lost)
    await fetcher(store, timedelta()).follow(lost)
    kept = await store.acquisitions.get("a")
    assert kept is not None
    assert kept.state is FAILED
