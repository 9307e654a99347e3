"""What Seerr's titles are called: its lists know ids only, so each name is one more question.

A first look at 10,000 requests must not become 10,000 questions: some are asked at every poll, for
what is open first, and what is called nothing yet goes by its ids until then.
"""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
import logging
from typing import Final

from ..clients.errors import ServiceError, Unauthorized
from ..clients.seerr import RequestStatus, SeerrClient, SeerrRequest, SeerrTitle
from ..domain.media import MediaType

_LOGGER = logging.getLogger(__name__)

_AT_ONCE: Final = 20
_MOST_FAILURES: Final = 3
_AGAIN: Final = timedelta(hours=6)
_OPEN: Final = (RequestStatus.PENDING, RequestStatus.APPROVED, RequestStatus.FAILED)

type _Key = tuple[MediaType, int]


class SeerrTitles:
    """The titles that were asked for, and those that are still to be."""

    def __init__(self, client: SeerrClient) -> None:
        """Begin with no name."""
        self._client = client
        self._titles: dict[_Key, SeerrTitle] = {}
        self._failed: dict[_Key, datetime] = {}

    def get(self, request: SeerrRequest) -> SeerrTitle | None:
        """Give what a request's title is called, if that is known."""
        key = _key(request)
        return None if key is None else self._titles.get(key)

    def hopeless(self, request: SeerrRequest, now: datetime) -> bool:
        """Tell whether there is no use in waiting for its name."""
        key = _key(request)
        return key is None or self._failed.get(key, now) > now

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


def _key(request: SeerrRequest) -> _Key | None:
    return None if request.ids.tmdb is None else (request.media, request.ids.tmdb)
