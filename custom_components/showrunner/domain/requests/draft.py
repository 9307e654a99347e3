"""A request's deletion while it is drawn up: why it goes, and what its steps are called."""

from typing import Final

from ..deletion.steps import Steps
from ..text import say
from .holdings import Gathered
from .request import Request, RequestState
from .state import RequestStatus

_STATES: Final = {
    RequestState.REQUESTED: say("state_requested"),
    RequestState.APPROVED: say("state_approved"),
    RequestState.GRABBING: say("state_grabbing"),
    RequestState.DOWNLOADING: say("state_downloading"),
    RequestState.DOWNLOADED: say("state_downloaded"),
    RequestState.IMPORTING: say("state_importing"),
    RequestState.ANIME_MATCHING: say("state_anime_matching"),
    RequestState.AVAILABLE: say("state_available"),
    RequestState.FAILED: say("state_failed"),
}


class RequestDraft(Steps[Gathered]):
    """Collects steps and what is left out. `files`: what the request brought goes too."""

    def __init__(
        self, request: Request, status: RequestStatus, gathered: Gathered, *, files: bool
    ) -> None:
        """Begin with nothing planned."""
        state = say("state_closed") if status.closed is not None else _STATES[status.state]
        reason = say("deletion_reason", state=state)
        if request.requested_by:
            reason = say("deletion_reason_of", who=request.requested_by, state=state)
        super().__init__(request.title, gathered, reason)
        self.request = request
        self.files = files


def torrent_id(download: str) -> str:
    """Name the step that removes a download."""
    return f"torrent:{download}"
