"""Which actions can be taken back: a new one has to say here whether it can, and why not."""

from datetime import UTC, datetime
from typing import Any, cast

import pytest

from custom_components.showrunner.domain.plan import Action
from custom_components.showrunner.operations import all_operations
from custom_components.showrunner.operations.base import BaseOperation

# What changes nothing that could be put back, what nobody can bring back, and what undoes itself.
WHY_NOT = {
    Action.SEARCH_MOVIE: "a search has happened",
    Action.SEARCH_EPISODES: "a search has happened",
    Action.REMOVE_TORRENT: "the client keeps nothing of it",
    Action.FETCH_RELEASE: "what was fetched is fetched",
    Action.REMOVE_REMOTE_FILES: "they are gone from the server",
    Action.FORGET_MEDIA: "Seerr keeps nothing of it",
    Action.DELETE_REQUEST: "Seerr keeps nothing of it",
    Action.DELETE_TRASHED: "it was the last copy that was kept",
    Action.RESTORE_MOVIE: "it is an undo",
    Action.RESTORE_SERIES: "it is an undo",
    Action.MONITOR_EPISODES: "it is an undo",
    Action.RESTORE_FILE: "it is an undo",
}


@pytest.mark.parametrize("action", Action)
def test_every_action_can_be_undone_or_is_known_not_to(action: Action) -> None:
    """Whatever deletes or changes a title in its arr can be taken back."""
    made = all_operations(cast("Any", None), cast("Any", None), lambda: datetime.now(UTC))[action]
    undo = getattr(type(made), "undo", BaseOperation.undo)
    assert (undo is not BaseOperation.undo) is (action not in WHY_NOT)
