"""What people were told of what leaves, as it is kept."""

from datetime import UTC, datetime
import json

import pytest

from custom_components.showrunner.domain.notices import Notice

NOTICE = Notice(("movie:tmdb:603", "movie:imdb:tt0133093"), None, datetime(2026, 6, 12, tzinfo=UTC))


def test_a_notice_comes_back_as_it_was_kept() -> None:
    """Through JSON, too."""
    assert Notice.from_dict(json.loads(json.dumps(NOTICE.as_dict()))) == NOTICE


@pytest.mark.parametrize(
    "wrong",
    [
        {"names": "movie:tmdb:603"},
        {"season": "2"},
        {"at": "2026-06-12T00:00:00"},
        {"at": None},
    ],
)
def test_a_notice_that_can_not_be_read_is_none(wrong: dict[str, object]) -> None:
    """Whoever reads it leaves it out: somebody may be told twice, and nobody never."""
    with pytest.raises(ValueError, match=r".*"):
        Notice.from_dict({**NOTICE.as_dict(), **wrong})
