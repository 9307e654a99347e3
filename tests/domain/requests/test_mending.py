"""What can be done at once about what is stuck: each reason is decided upon, and only some are."""

from datetime import UTC, datetime

import pytest

from custom_components.showrunner.domain.requests.mending import Mending, mending_of
from custom_components.showrunner.domain.requests.request import Stuck, StuckReason

_NOW = datetime(2026, 11, 1, tzinfo=UTC)
_DONE = {
    StuckReason.REFUSED: Mending.RETRY,
    StuckReason.NOTHING_FOUND: Mending.SEARCH,
    StuckReason.NOT_SEARCHED: Mending.SEARCH,
    StuckReason.DOWNLOAD_FAILED: Mending.SEARCH,
    StuckReason.VANISHED: Mending.SEARCH,
    StuckReason.IMPORT_BLOCKED: Mending.LOOK_AGAIN,
    StuckReason.NOT_IMPORTED: Mending.LOOK_AGAIN,
}


@pytest.mark.parametrize("reason", StuckReason)
def test_what_is_done_follows_from_what_holds_it_up(reason: StuckReason) -> None:
    """A second copy is never searched for while a download may still come home."""
    assert mending_of(Stuck(reason, _NOW)) is _DONE.get(reason)


def test_what_moves_needs_nothing() -> None:
    """Nothing is offered for it."""
    assert mending_of(None) is None
