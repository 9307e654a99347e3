"""The one way to a title in an arr: by the arr's own number, by its ids, and how sure that is.

An arr's number is quick to ask for and may be another title's by now: a title that was deleted and
added again has another one. So what is found by it counts only as far as the ids agree.
"""

from typing import Final, Protocol

from ..domain.inventory import Found
from ..domain.knowledge import Absent, Answer, Knowledge, Known, Unknown
from ..domain.media import ProviderIds, Title
from ..domain.text import say

NO_ID: Final = Unknown(say("request_without_id"))


class Entry(Protocol):
    """A movie of Radarr's or a series of Sonarr's."""

    @property
    def title(self) -> Title:
        """What the arr calls it."""
        ...


class Titles[EntryT: Entry](Protocol):
    """Whoever can be asked for one title. Both methods raise ServiceError; None: not held."""

    async def by_number(self, number: int) -> EntryT | None:
        """Find a title by the arr's own number."""
        ...

    async def by_ids(self, ids: ProviderIds) -> EntryT | None:
        """Find a title by ids of which `can_ask` says that it can be asked by them."""
        ...

    def can_ask(self, ids: ProviderIds) -> bool:
        """Tell whether there is an id among them by which the arr can be asked."""
        ...


async def find[EntryT: Entry](
    arr: Titles[EntryT], ids: ProviderIds, number: int | None = None
) -> Knowledge[Found[EntryT]]:
    """Find a title wherever an arr holds it; unknown when there is no id to ask by.

    What is under the number and half known by its ids is given when nothing is found by them: it is
    there, and must not seem gone.
    """
    numbered = None if number is None else await arr.by_number(number)
    known = None if numbered is None else _compared(numbered, ids)
    if known is not None and known.same is Answer.YES:
        return Known(known)
    if arr.can_ask(ids) and (entry := await arr.by_ids(ids)) is not None:
        return Known(_compared(entry, ids))
    if known is not None and known.same is Answer.UNKNOWN:
        return Known(known)
    return Absent() if arr.can_ask(ids) else NO_ID


async def find_under[EntryT: Entry](
    arr: Titles[EntryT], ids: ProviderIds, number: int | None
) -> Found[EntryT] | None:
    """Find what a change is about: under its number where it has one, and nowhere else then."""
    if number is not None:
        entry = await arr.by_number(number)
    else:
        entry = await arr.by_ids(ids) if arr.can_ask(ids) else None
    return None if entry is None else _compared(entry, ids)


def _compared[EntryT: Entry](entry: EntryT, ids: ProviderIds) -> Found[EntryT]:
    return Found(entry, entry.title.ids.matches(ids))
