"""Shows what leaves as a collection in Jellyfin, which we have made and nobody else has.

Known by its id alone, whatever people call it by now; until that is told, by the name that it is
being made with, which was free before. Only what we have put in is taken out again.
While nobody knows what leaves, or Jellyfin is silent, it stays as it is; in a dry run, too.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
import logging
from types import MappingProxyType
from typing import Final, Self

from ...clients.errors import ServiceError, Unreadable
from ...clients.jellyfin import JellyfinClient
from ...clients.jellyfin_collections import PRODUCT, Collection
from ...domain.library import ItemKind
from ...domain.text import say
from ...options import Range
from ...store import Store, StoreError
from ...waking import woken
from .due import LEAVING, Leaving
from .notices import Leaves

_LOGGER = logging.getLogger(__name__)

_KEY: Final = "leaving_collection"
_LOOK: Final = timedelta(hours=1)


OPTION: Final = "leaving_collection"
NUMBERS: Final[Mapping[str, Range]] = MappingProxyType(
    {"collection_days": Range(14, 1, 365, unit="d")}
)


@dataclass(frozen=True, slots=True)
class CollectionOptions:
    """Whether there is to be a collection, and how far ahead it shows what leaves."""

    wanted: bool = False
    days: int = 14

    @classmethod
    def from_mapping(cls, data: Mapping[str, object]) -> Self:
        """Read the page `cleanup`. A switch that is no bool counts as off."""
        days = NUMBERS["collection_days"].read(data.get("collection_days"))
        return cls(data.get(OPTION, False) is True, int(days))


@dataclass(frozen=True, slots=True)
class Ours:
    """The collection that we have made, None if there is none, and what we have put in.

    `making` is the name of one that we have begun to make, and do not know the id of yet.
    """

    id: str | None = None
    items: frozenset[str] = field(default_factory=frozenset)
    making: str | None = None


class NameTaken(Exception):
    """Somebody has a collection of that name: to make it would be to take theirs."""


class LeavingCollection:
    """Keeps it as what leaves."""

    def __init__(
        self,
        store: Store,
        client: JellyfinClient,
        job: Leaves,
        *,
        options: Callable[[], CollectionOptions],
        dry_run: Callable[[], bool],
        name: Callable[[], str],
        now: Callable[[], datetime],
    ) -> None:
        """Take everything by hand; `name` is what the collection is called when it is made."""
        self._store = store
        self._client = client
        self._job = job
        self._options = options
        self._dry_run = dry_run
        self._name = name
        self._now = now
        self._changed = asyncio.Event()
        self._said = ""
        self._looking = asyncio.Lock()
        store.add_listener(self._listen)

    def _listen(self, subject: str) -> None:
        if subject == LEAVING:
            self._changed.set()

    def options_changed(self) -> None:
        """Look at once whether it is still wanted."""
        self._changed.set()

    async def work(self) -> None:
        """Look after it for as long as the entry is loaded."""
        while True:
            self._changed.clear()
            try:
                await self.look()
            except NameTaken:
                self._say("Jellyfin has a collection of that name which is not ours")
            except (ServiceError, StoreError) as err:
                self._say(str(err))
            else:
                self._said = ""
            await woken(self._changed, _LOOK.total_seconds())

    def _say(self, why: str) -> None:
        """Say a trouble once."""
        if why != self._said:
            _LOGGER.warning("Could not show in Jellyfin what leaves (tried again): %s", why)
        self._said = why

    async def look(self) -> None:
        """Make it as it is to be. Raises ServiceError, StoreError, NameTaken."""
        async with self._looking:
            await self._look()

    async def _look(self) -> None:
        if self._dry_run():
            return
        ours = await read(self._store)
        if not self._options().wanted:
            await take_away(self._store, self._client, ours)
            return
        if self._job.leaving is None:
            return
        wanted = await self._wanted()
        if wanted or ours.id is not None:
            await self._fill(await self._made(ours), wanted)

    async def _made(self, ours: Ours) -> Ours:
        """Find our collection, or make it where it was removed or never was."""
        if await _is_there(self._client, ours):
            return ours
        there = await self._client.collections.all()
        made = await _begun(self._client, ours, there) or await self._make(ours, there)
        await _keep(self._store, made)
        return made

    async def _make(self, ours: Ours, there: Sequence[Collection]) -> Ours:
        """Make one, and refuse any that was there before: a new one is empty."""
        user = await _administrator(self._client)
        names = (self._name(), f"{self._name()} (Showrunner)")
        taken = _taken(there)
        free = next((name for name in names if name.casefold() not in taken), None)
        # Known before it is made: else it might stay for ever where the answer is lost.
        await _keep(self._store, Ours(making=free))
        if free is None:
            raise NameTaken
        made = await self._client.collections.create(free)
        if made == ours.id:
            return ours
        known = any(one.id == made for one in there)
        if known or await self._client.collections.members(made, user):
            await _keep(self._store, Ours())
            raise NameTaken
        return Ours(made)

    async def _fill(self, ours: Ours, wanted: frozenset[str]) -> None:
        assert ours.id is not None
        collections = self._client.collections
        members = await collections.members(ours.id, await _administrator(self._client))
        # What somebody else has put in is theirs, also where it leaves.
        new = await collections.present(wanted - members)
        # Also what is not seen in it: it stays known as ours until it was taken out.
        gone = ours.items - wanted
        kept = replace(ours, items=ours.items | new)
        if new:
            # Known as ours before it is in: else it might stay for ever.
            await _keep(self._store, kept)
            await collections.add(ours.id, sorted(new))
        if gone:
            await collections.take_out(ours.id, sorted(gone))
        if (after := replace(kept, items=kept.items - gone)) != ours:
            await _keep(self._store, after)

    async def _wanted(self) -> frozenset[str]:
        """Name the items of what leaves by itself within so many days."""
        if self._job.next_deletion is None:
            return frozenset()
        until = self._now() + timedelta(days=self._options().days)
        near = [one for one in self._job.leaving or () if self._job.leaves_at(one) <= until]
        found: set[str] = set()
        for one in near:
            found.update(await self._items_of(one))
        return frozenset(found)

    async def _items_of(self, one: Leaving) -> Iterable[str]:
        """Give Jellyfin's items of a movie, all its versions, or of a season."""
        items = await self._store.library.by_keys(one.title.key.names, met=True)
        if one.season is None:
            return [item.item_id for item in items if item.kind is ItemKind.MOVIE]
        series = {item.item_id for item in items if item.kind is ItemKind.SERIES}
        seasons = [await self._client.collections.seasons(each) for each in sorted(series)]
        return [found[one.season] for found in seasons if one.season in found]


async def _is_there(client: JellyfinClient, ours: Ours) -> bool:
    """Tell whether our collection is there; it is missing only where two questions miss it."""
    if ours.id is None:
        return False
    if await client.collections.get(ours.id) is not None:
        return True
    return any(one.id == ours.id for one in await client.collections.all())


def _taken(there: Sequence[Collection]) -> frozenset[str]:
    """Give the names that would give one that is there: of each, and of its folder."""
    folders = [one.folder for one in there if one.folder is not None]
    if len(folders) < len(there):
        raise Unreadable(PRODUCT, say("error_collection_without_folder"))
    return frozenset(name.strip().casefold() for name in (*folders, *(one.name for one in there)))


async def _begun(client: JellyfinClient, ours: Ours, there: Sequence[Collection]) -> Ours | None:
    """Find the one that we have begun to make. Once anything is in it, it may be somebody's."""
    for one in there:
        if ours.making is not None and one.name == one.folder == ours.making:
            members = await client.collections.members(one.id, await _administrator(client))
            return None if members else Ours(one.id)
    return None


async def _administrator(client: JellyfinClient) -> str:
    """Name a user who sees everything: to anybody else a collection may seem to be empty."""
    for one in await client.users():
        if one.is_administrator and one.sees_everything and not one.is_disabled:
            return one.id
    raise Unreadable(PRODUCT, say("error_no_administrator"))


async def read(store: Store) -> Ours:
    """Read which collection is ours. Raises StoreError."""
    kept = await store.kv.get(_KEY)
    if not isinstance(kept, Mapping):
        return Ours()
    if not isinstance(kept.get("id"), str):
        making = kept.get("making")
        return Ours(making=making if isinstance(making, str) else None)
    items = kept.get("items")
    return Ours(str(kept["id"]), frozenset(map(str, items if isinstance(items, list) else ())))


async def _keep(store: Store, ours: Ours) -> None:
    kept: dict[str, object] | None = None
    if ours.id is not None:
        kept = {"id": ours.id, "items": sorted(ours.items)}
    elif ours.making is not None:
        kept = {"making": ours.making}
    await store.kv.put(_KEY, kept)


async def take_away(store: Store, client: JellyfinClient, ours: Ours) -> None:
    """Take out what we have put in, and remove the collection if nothing else is in it.

    Raises ServiceError, StoreError.
    """
    if ours == Ours():
        return
    collections = client.collections
    if ours.making is not None:
        ours = await _begun(client, ours, await collections.all()) or Ours()
    if ours.id is not None and await _is_there(client, ours):
        user = await _administrator(client)
        if ours.items:
            await collections.take_out(ours.id, sorted(ours.items))
        if not await collections.members(ours.id, user):
            await collections.discard(ours.id)
    await _keep(store, Ours())
