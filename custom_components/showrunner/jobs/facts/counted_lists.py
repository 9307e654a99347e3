"""Whole lists of a Radarr or Sonarr, believed by what each of them had before (law 9).

Whoever stands on all that an arr tracks lists it here: there is one memory of what it had, one
judge, and one repair that waits or is confirmed.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final, Protocol, Self

from ...clients.errors import Unreadable
from ...coordinators.arr_counts import ArrCounts
from ...domain.counted import tally
from ...domain.deletion.proofs import KEEP
from ...domain.knowledge import Answer
from ...domain.retention import RetentionPolicy
from ...domain.text import say
from ...settings import Settings
from ..spec import Parts
from .title_asker import Arr

# What was just being deleted is over at the second look.
_LOOKS: Final = 2
# Whose option names the tag that keeps a title.
_CLEANUP: Final = "cleanup"


class Row(Protocol):
    """What is counted of a title: the numbers of its tags, and how many files it has."""

    @property
    def tags(self) -> tuple[int, ...]:
        """The numbers of its tags."""

    @property
    def files(self) -> int:
        """How many files it has."""


def kept_tags(settings: Settings) -> frozenset[str]:
    """Name the tags that keep a title, as tags are compared. All who count must count the same."""
    tag = settings.page(_CLEANUP).get("keep_tag", KEEP)
    return frozenset({KEEP, RetentionPolicy(keep_tag=tag).tag if isinstance(tag, str) else KEEP})


class CountedLists:
    """Lists arrs, and has what they hold counted."""

    def __init__(self, counts: ArrCounts, keep_tags: Callable[[], frozenset[str]]) -> None:
        """Take who remembers the counts, and which tags keep a title."""
        self._counts = counts
        self._keep_tags = keep_tags

    @classmethod
    def of(cls, parts: Parts) -> Self:
        """Make one for an entry."""
        return cls(parts.counts, partial(kept_tags, parts.settings))

    async def rows[RowT: Row](
        self, arr: Arr, ask: Callable[[], Awaitable[tuple[RowT, ...]]]
    ) -> tuple[RowT, ...]:
        """Give what `ask` lists of all that an arr has, once that may be believed.

        Raises Unreadable while it has lost too much at once, and while we are deleting so much of
        it that nobody can tell; ServiceError, StoreError.
        """
        for _ in range(_LOOKS):
            begun = self._counts.begin()
            rows = await ask()
            labels = await arr.client.tags()
            held = ((row.tags, row.files) for row in rows)
            counts = tally(held, labels, self._keep_tags())
            match await self._counts.believed(arr.subentry_id or "", counts, begun):
                case Answer.YES:
                    return rows
                case Answer.NO:
                    raise Unreadable(arr.title, say("cleanup_arr_fell", name=arr.title))
        raise Unreadable(arr.title, say("cleanup_arr_changing", name=arr.title))
