"""A long list of requests as a person looks through it: in order, filtered, searched, page by page.

The ones in trouble are first, then what waits for somebody's word, what is under way, and what is
there; the newest first. Only what a page shows is looked at more closely than that.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self

from .request import Request, RequestState, StuckReason
from .state import RequestStatus


class Show(StrEnum):
    """What is shown beside the requests of one state."""

    ALL = "all"
    STUCK = "stuck"


@dataclass(frozen=True, slots=True)
class Entry:
    """What a request is put in order, filtered and searched by."""

    request_id: str
    state: RequestState
    stuck: bool
    requested_at: datetime
    # What it is called and who wants it, folded.
    text: str

    @classmethod
    def of(cls, request: Request, status: RequestStatus) -> Self:
        """Take from a request what is needed of it. What waits for approval is in no trouble."""
        stuck = status.stuck
        title = request.title
        words = (title.name, *request.other_titles, request.requested_by, title.year or "")
        return cls(
            request.id,
            status.state,
            stuck is not None and stuck.reason is not StuckReason.WAITING_FOR_APPROVAL,
            request.requested_at,
            " ".join(map(str, words)).casefold(),
        )

    @property
    def group(self) -> int:
        """Say which part of the list it is in."""
        if self.stuck:
            return 0
        if self.state is RequestState.REQUESTED:
            return 1
        return 3 if self.state is RequestState.AVAILABLE else 2


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """Put all in the order in which they are shown; of two equal ones always the same is first."""
    ordered = sorted(entries, key=lambda one: one.request_id)
    ordered.sort(key=lambda one: one.requested_at, reverse=True)
    ordered.sort(key=lambda one: one.group)
    return ordered


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list: `total` are in it and `stuck` of those in trouble, of `known` requests."""

    ids: tuple[str, ...]
    total: int
    stuck: int
    known: int


@dataclass(frozen=True, slots=True)
class Look:
    """What somebody looks at: all requests, those in trouble, or those of a state; and which part.

    Every word of a search has to be somewhere in a request's titles, its year, or its person.
    """

    show: Show | RequestState = Show.ALL
    search: str = ""
    offset: int = 0
    limit: int = 50

    def of(self, ordered: Sequence[Entry]) -> Page:
        """Give the page of what is in order."""
        found = ordered
        if self.show is Show.STUCK:
            found = [one for one in found if one.stuck]
        elif self.show is not Show.ALL:
            found = [one for one in found if one.state is self.show]
        for word in self.search.casefold().split():
            found = [one for one in found if word in one.text]
        part = found[self.offset : self.offset + self.limit]
        return Page(
            tuple(one.request_id for one in part),
            len(found),
            sum(one.stuck for one in found),
            len(ordered),
        )
