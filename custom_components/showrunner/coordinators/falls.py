"""The sudden falls of all sources of an entry, and a person's word that one is meant (law 9).

Jellyfin's library and what it keeps of each viewer, the torrent clients, the Seerrs, and what was
counted of Radarrs and Sonarrs: whoever freezes plans because so much is gone at once is asked here.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
import logging
from typing import Any, Final

from ..domain.fall import Fall, FallMoved
from ..domain.text import Words, say
from .arr import ArrCoordinator
from .arr_counts import ArrCounts
from .base import ServiceCoordinator
from .library import LibraryReader

_LOGGER = logging.getLogger(__name__)

# What a source is called: the library, and before a user's id what Jellyfin keeps of them.
LIBRARY: Final = "library"
VIEWER: Final = "viewer:"


class FallKind(StrEnum):
    """What is gone."""

    LIBRARY = LIBRARY
    VIEWER = "viewer"
    TORRENTS = "torrents"
    REQUESTS = "requests"
    ARR = "arr"


@dataclass(frozen=True, slots=True)
class Fallen:
    """A source that has fallen. `source` names it for `accept`; `name` for people, but for users.

    `viewer_id`: whose marks are gone.
    """

    source: str
    kind: FallKind
    name: str
    fall: Fall
    viewer_id: str = ""


class Falls:
    """Collects them. `services` are the linked ones, with their subentries."""

    def __init__(
        self,
        library: LibraryReader,
        server: str,
        services: Callable[[], Iterable[ServiceCoordinator[Any]]],
        counts: ArrCounts,
    ) -> None:
        """Take everything by hand. `server` is Jellyfin's name for people."""
        self._library = library
        self._server = server
        self._services = services
        self._counts = counts

    async def all(self) -> tuple[Fallen, ...]:
        """Give what waits for a second read, or for a person. Raises StoreError."""
        found = [
            Fallen(VIEWER + one, FallKind.VIEWER, self._server, fall, one)
            if one
            else Fallen(FallKind.LIBRARY, FallKind.LIBRARY, self._server, fall)
            for one, fall in (await self._library.falls()).items()
        ]
        for service in self._services():
            if isinstance(service, ArrCoordinator):
                fall = await self._counts.fall(service.subentry_id)
                if fall is not None:
                    found.append(Fallen(service.subentry_id, FallKind.ARR, service.title, fall))
            elif service.fall is not None and service.subentry_id is not None:
                (kind,) = service.fall.had
                found.append(
                    Fallen(service.subentry_id, FallKind(kind), service.title, service.fall)
                )
        return tuple(found)

    async def frozen(self, sources: Collection[str]) -> Words | None:
        """Say which of these sources has suddenly fallen; None: none. Raises StoreError."""
        for one in await self.all():
            if one.source in sources:
                return say("source_has_fallen", name=one.name)
        return None

    async def accept(self, source: str, mark: str) -> None:
        """Believe the fall of this mark, which a person has confirmed; nothing beyond it.

        Raises FallMoved, FallBusy, StoreError.
        """
        name = self._server
        if source == FallKind.LIBRARY or source.startswith(VIEWER):
            viewer_id = "" if source == FallKind.LIBRARY else source.removeprefix(VIEWER)
            await self._library.accept(viewer_id, mark)
        else:
            service = self._service(source)
            name = service.title
            if isinstance(service, ArrCoordinator):
                await self._counts.accept(source, mark)
            else:
                await service.accept_fall(mark)
        _LOGGER.info("A person has confirmed that what %s no longer has is gone", name)

    def _service(self, subentry_id: str) -> ServiceCoordinator[Any]:
        for service in self._services():
            if service.subentry_id == subentry_id:
                return service
        raise FallMoved
