"""The library as it was read last: found by item id, by any name of a title, by path.

Items come at any time; they go only with whole sweeps (`library_losses`). A title that came back
under another item id is found under its earlier ones too. Batches are small, so that other writes
get in between.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping
from itertools import batched, chain
from typing import Final

from sqlalchemy import Connection, RowMapping, func, select
from sqlalchemy.dialects.sqlite import insert as upsert

from ..domain.knowledge import Absent, Knowledge, Known, Unknown
from ..domain.library import ItemKey, ItemKind, LibraryItem, episodes_of
from ..domain.media import ProviderIds
from ..domain.sweep import ReadState
from ..domain.sweep_pages import Seen
from ..domain.text import say
from .codec import dump, load
from .database import Database
from .library_losses import BATCH, Losses
from .library_names import named, with_ids
from .library_paths import digest_of, splits
from .library_reading import READ, by_item_ids, path_of, read
from .library_rows import Values, prepare, put
from .library_texts import folders, series_numbers
from .schema import KV, LIBRARY_ITEMS as ITEMS

_COUNT: Final = 100_000
_STATE: Final = "read:library"
_SOURCE: Final = "library"


class Library:
    """The items of the library. A server's id scopes an item's id; None: whichever has it."""

    def __init__(self, database: Database, changed: Callable[[str], None]) -> None:
        """Take the database, and whom to tell of changes."""
        self._database = database
        self._changed = changed

    # -- finding -----------------------------------------------------------------------------------

    async def find(self, item_id: str, server_id: str | None = None) -> LibraryItem | None:
        """Find an item by its id, or by one that it had before."""
        return (await self.find_many((item_id,), server_id)).get(item_id)

    async def find_many(
        self, ids: Collection[str], server_id: str | None = None
    ) -> Mapping[str, LibraryItem]:
        """Find items, by the ids that were asked for."""
        return await self._database.read(lambda c: by_item_ids(c, ids, server_id))

    async def by_keys(self, keys: Iterable[str], *, met: bool = False) -> tuple[LibraryItem, ...]:
        """Find the items under any of a unit's or a series' names; versions are several.

        `met`: only those that the last whole sweep met, or that were seen since.
        """
        (found,) = await self.by_keys_of((keys,), met=met)
        return found

    async def by_keys_of(
        self, some: Iterable[Iterable[str]], *, met: bool = False
    ) -> tuple[tuple[LibraryItem, ...], ...]:
        """Find the items of many titles at once, each by its names as above, in their order."""
        asked = [tuple(names) for names in some]

        def search(connection: Connection) -> tuple[tuple[LibraryItem, ...], ...]:
            wanted = [[k for name in names if (k := ItemKey.parse(name))] for names in asked]
            rows = named(connection, chain.from_iterable(wanted))
            there = {
                row["id"]: row
                for one in rows.values()
                for row in one
                if not (met and row["missed"])
            }
            items = dict(zip(there, read(connection, [*there.values()]), strict=True))
            numbers = (dict.fromkeys(r["id"] for key in keys for r in rows[key]) for keys in wanted)
            return tuple(tuple(items[n] for n in mine if n in items) for mine in numbers)

        return await self._database.read(search)

    async def by_path(self, path: str, *, met: bool = False) -> tuple[LibraryItem, ...]:
        """Find the items of a file, as Jellyfin names it; `met` as above."""

        def search(connection: Connection) -> tuple[LibraryItem, ...]:
            places = splits(path)
            numbers = folders(connection, (folder for folder, _ in places))
            rows: dict[int, RowMapping] = {}
            for folder, file in places:
                if (number := numbers.get(folder)) is None:
                    continue
                query = READ.where(ITEMS.c.folder == number, ITEMS.c.file_digest == digest_of(file))
                query = query.where(ITEMS.c.missed == 0) if met else query
                found = connection.execute(query).mappings()
                rows |= {row["id"]: row for row in found if path_of(row) == path}
            return tuple(read(connection, [rows[one] for one in sorted(rows)]))

        return await self._database.read(search)

    async def episode_count(self, series_ids: ProviderIds) -> Knowledge[int]:
        """Count a series' episodes, each once and without specials.

        Unknown while the library is, and when a file does not say which episode it is.
        """

        def count(connection: Connection) -> Knowledge[int]:
            state = _state(connection)
            if not state.known:
                return Unknown(state.reason, _SOURCE)
            series = with_ids(ItemKind.SERIES, series_ids)
            if series is None:
                return Absent(_SOURCE)
            ids = connection.execute(select(ITEMS.c.item_id).where(series)).scalars().all()
            if not ids:
                return Absent(_SOURCE)
            files = connection.execute(
                select(ITEMS.c.season, ITEMS.c.episode, ITEMS.c.episode_end).where(
                    ITEMS.c.series.in_(series_numbers(ids))
                )
            )
            found = episodes_of(tuple(row) for row in files)
            if found is None:
                return Unknown(say("episode_without_number"), _SOURCE)
            return Known(found, _SOURCE)

        return await self._database.read(count)

    async def counts(self) -> Mapping[str, int]:
        """Count the items by their kind, in parts: half a million are counted too."""
        last = await self._database.read(lambda c: c.scalar(select(func.max(ITEMS.c.id))) or 0)
        counts: dict[str, int] = {}
        for kind in ItemKind:
            for begin in range(0, last + 1, _COUNT):
                query = select(func.count()).where(
                    ITEMS.c.kind == kind.value, ITEMS.c.id >= begin, ITEMS.c.id < begin + _COUNT
                )
                found = await self._database.read(lambda c, query=query: c.scalar(query) or 0)  # type: ignore[misc]
                if found:
                    counts[kind.value] = counts.get(kind.value, 0) + int(found)
        return counts

    # -- how well it is known ----------------------------------------------------------------------

    async def state(self) -> ReadState:
        """Say how well the library is known."""
        return await self._database.read(_state)

    async def keep_state(self, state: ReadState) -> None:
        """Keep how well it is known."""
        await self._database.run(lambda c: keep_state_of(c, _STATE, state))
        self._changed("library")

    # -- taking in ---------------------------------------------------------------------------------

    async def take(self, items: Iterable[LibraryItem], sweep: int) -> Mapping[str, int]:
        """Take in items of one server; give the numbers of their rows by item id.

        A few at a time, for what is held at once is what the collector promotes.
        """
        numbers: dict[str, int] = {}
        for some in batched(items, BATCH, strict=False):
            rows: list[Values] = await asyncio.get_running_loop().run_in_executor(
                None,
                lambda some=some: [prepare(item) for item in some],  # type: ignore[misc]
            )
            numbers |= await self._database.run(lambda c, rows=rows: put(c, rows, sweep))  # type: ignore[misc]
        return numbers

    def losses(self, seen: Seen, server_id: str, read: ReadState) -> Losses:
        """Give what a whole sweep did not meet, beside how well the library was known before."""
        return Losses(self._database, seen, server_id, read)


def _state(connection: Connection) -> ReadState:
    return state_of(connection, _STATE)


def state_of(connection: Connection, key: str) -> ReadState:
    """Read how well something is known."""
    row = connection.scalar(select(KV.c.data).where(KV.c.key == key))
    return ReadState() if row is None else ReadState.from_dict(load(row))


def keep_state_of(connection: Connection, key: str, state: ReadState) -> None:
    """Keep how well something is known."""
    row = upsert(KV).values(key=key, data=dump(state.as_dict()))
    connection.execute(row.on_conflict_do_update(set_={"data": row.excluded.data}))
