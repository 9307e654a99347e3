"""What Seerr's titles are called: its lists know ids only, so each name is one more question.

A first look at 10,000 requests must not become 10,000 questions: what Jellyfin has bears its name
in the library as it was read last, and of the others some are asked for at every poll, for what is
open first. What is called nothing yet goes by its ids until then.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import batched, islice
import logging
from typing import Final

from ..clients.errors import ServiceError, Unauthorized
from ..clients.seerr import RequestStatus, SeerrClient, SeerrRequest, SeerrTitle
from ..domain.knowledge import Answer
from ..domain.library import ItemKind, LibraryItem
from ..domain.media import MediaType
from ..store.library import Library

_LOGGER = logging.getLogger(__name__)

_AT_ONCE: Final = 20
_MOST_FAILURES: Final = 3
_AGAIN: Final = timedelta(hours=6)
# So many are looked up in the library at once.
_PART: Final = 500
# So many names are held that nobody has taken yet, or that were taken last.
_MOST_HELD: Final = 1000
_KINDS: Final = {MediaType.MOVIE: ItemKind.MOVIE, MediaType.SERIES: ItemKind.SERIES}
_OPEN: Final = (RequestStatus.PENDING, RequestStatus.APPROVED, RequestStatus.FAILED)

type _Key = tuple[MediaType, int]


class SeerrTitles:
    """The titles that were asked for, and those that are still to be."""

    def __init__(self, client: SeerrClient, library: Library) -> None:
        """Begin with no name."""
        self._client = client
        self._library = library
        self._titles: dict[_Key, SeerrTitle] = {}
        self._failed: dict[_Key, datetime] = {}
        # What the library, as it was read then, has no name for.
        self._sought: set[_Key] = set()
        self._read_at: datetime | None = None

    def get(self, request: SeerrRequest) -> SeerrTitle | None:
        """Give what a request's title is called, if that is known."""
        key = _key(request)
        return None if key is None else self._titles.get(key)

    def hopeless(self, request: SeerrRequest, now: datetime) -> bool:
        """Tell whether there is no use in waiting for its name."""
        key = _key(request)
        return key is None or self._failed.get(key, now) > now

    def let_go(self) -> None:
        """Forget names that were taken: the requests have them."""
        for key in list(islice(self._titles, max(0, len(self._titles) - _MOST_HELD))):
            del self._titles[key]

    async def find(self, requests: Iterable[SeerrRequest]) -> None:
        """Find the names of these in the library, each once for every time that it was read."""
        read_at = (await self._library.state()).good_at
        if read_at != self._read_at:
            self._read_at, self._sought = read_at, set()
        unsought = [
            (key, one)
            for one in requests
            if (key := _key(one)) is not None
            and key not in self._titles
            and key not in self._sought
        ]
        for some in batched(unsought, _PART, strict=False):
            names = ([f"{one.media}:{name}" for name in one.ids.keys] for _, one in some)
            found = await self._library.by_keys_of(names)
            for (key, one), items in zip(some, found, strict=True):
                title = next((_title(item) for item in items if _is(item, one)), None)
                if title is None:
                    self._sought.add(key)
                else:
                    self._titles[key] = title

    async def ask(self, requests: Collection[SeerrRequest], now: datetime) -> None:
        """Ask for the names of some of these, of open ones first. Raises Unauthorized.

        TMDb may have deleted a title, which Seerr calls a failure of its own: such a one is not
        asked for again for some hours, and several in a row end this round.
        """
        asked, failures = 0, 0
        for one in _open_first(requests):
            key = _key(one)
            if key is None or key in self._titles or self._failed.get(key, now) > now:
                continue
            if asked >= _AT_ONCE or failures >= _MOST_FAILURES:
                return
            asked += 1
            try:
                self._titles[key] = await self._client.title(*key)
                failures = 0
            except Unauthorized:
                raise
            except ServiceError as err:
                _LOGGER.debug("Seerr does not name tmdb:%s: %s", key[1], err)
                self._failed[key] = now + _AGAIN
                failures += 1


def _open_first(requests: Collection[SeerrRequest]) -> Iterator[SeerrRequest]:
    """Go through requests as they stand, twice; there may be thousands."""
    yield from (one for one in requests if one.status in _OPEN)
    yield from (one for one in requests if one.status not in _OPEN)


def _is(item: LibraryItem, request: SeerrRequest) -> bool:
    """Tell whether an item is the requested title, with a name of its own."""
    same = item.kind is _KINDS[request.media] and item.ids.matches(request.ids) is Answer.YES
    return same and bool(item.name)


def _title(item: LibraryItem) -> SeerrTitle:
    return SeerrTitle(name=item.name, year=item.year)


def _key(request: SeerrRequest) -> _Key | None:
    return None if request.ids.tmdb is None else (request.media, request.ids.tmdb)
