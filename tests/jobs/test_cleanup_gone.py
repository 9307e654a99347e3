"""Who is missing in Jellyfin, and since when that is sure."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from custom_components.showrunner.clients.errors import Unreadable
from custom_components.showrunner.clients.seerr import MediaStatus, RequestStatus
from custom_components.showrunner.domain.knowledge import Known, Unknown
from custom_components.showrunner.jobs.cleanup.gone import GoneUsers
from custom_components.showrunner.jobs.cleanup.requests import AllRequests, is_open
from custom_components.showrunner.store import Store
from tests.coordinators.hints import listed


class Linking:
    """A Seerr beside which another one is linked while it answers."""

    title = "Seerr"
    connected = True

    def __init__(self, links: dict[str, Any]) -> None:
        """Take what is linked."""
        self._links = links
        self.client = self

    async def requests(self) -> tuple[()]:
        """Tell that nobody has asked for anything."""
        self._links["another"] = self
        return ()


NOW = datetime(2026, 11, 30, tzinfo=UTC)
ANN, BEN = "a" * 32, "b" * 32


class NamedUsers:
    """Jellyfin, as far as it names its users; None: it does not."""

    def __init__(self, *users: str) -> None:
        """Take who is there."""
        self.there: frozenset[str] | None = frozenset(users)
        self.now = NOW

    async def users(self) -> frozenset[str]:
        """Name them."""
        if self.there is None:
            raise Unreadable("Jellyfin", "it names no users")
        return self.there


@pytest.fixture
async def store(tmp_path: Path) -> AsyncGenerator[Store]:
    """Open an empty store."""
    opened = await Store.open(tmp_path / "showrunner.db")
    yield opened
    await opened.close()


async def test_who_is_missing_for_a_day_is_gone_since_that_was_seen(store: Store) -> None:
    """Not before, and not while Jellyfin does not tell; who comes back was never gone."""
    stand_in = NamedUsers(ANN)
    gone = GoneUsers(store, stand_in, lambda: stand_in.now)  # type: ignore[arg-type]
    assert await gone.since([ANN, BEN]) == {}
    stand_in.now += timedelta(days=1) - timedelta(seconds=1)
    assert await gone.since([BEN]) == {}
    stand_in.now += timedelta(seconds=1)
    assert await gone.since([BEN]) == {BEN: NOW}
    assert await gone.since([ANN]) == {}
    stand_in.there = None
    assert await gone.since([ANN, BEN]) == {}
    stand_in.there = frozenset({ANN, BEN})
    assert await gone.since([BEN]) == {}
    stand_in.there = frozenset({ANN})
    assert await gone.since([BEN]) == {}


@pytest.mark.parametrize(
    ("status", "media_status", "still"),
    [
        (RequestStatus.APPROVED, MediaStatus.PROCESSING, True),
        (RequestStatus.APPROVED, MediaStatus.PARTIAL, True),
        (RequestStatus.PENDING, MediaStatus.PARTIAL, True),
        (RequestStatus.COMPLETED, MediaStatus.PARTIAL, False),
        (RequestStatus.APPROVED, MediaStatus.AVAILABLE, False),
        (RequestStatus.COMPLETED, MediaStatus.DELETED, True),
    ],
)
def test_of_a_series_that_is_partly_there_only_what_is_complete_is_over(
    status: RequestStatus, media_status: MediaStatus, *, still: bool
) -> None:
    """A part of it may be what somebody else has asked for."""
    asked = replace(listed(1, status, seasons=(1,)), media_status=media_status)
    assert is_open(asked) is still


async def test_what_a_seerr_wants_that_is_linked_meanwhile_nobody_knows(store: Store) -> None:
    """It was not asked; the next time it is."""
    links: dict[str, Any] = {}
    links["one"] = Linking(links)
    gone = GoneUsers(store, NamedUsers(ANN), lambda: NOW)  # type: ignore[arg-type]
    asked = AllRequests(links, gone)
    assert isinstance(await asked.asked(()), Unknown)
    assert await asked.asked(()) == Known({}, "seerr")
