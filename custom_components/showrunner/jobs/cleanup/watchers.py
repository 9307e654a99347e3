"""Who counts, and what they have watched, as the last reads of Jellyfin's library have told."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import batched
from typing import Final

from ...clients.parse import instant
from ...coordinators.falls import VIEWER
from ...domain.deletion.facts import NOT_ASKED, Favorites
from ...domain.knowledge import Knowledge, Known, Unknown
from ...domain.library import ItemKind, UserRow
from ...domain.retention import RetentionPolicy, RetentionViewer
from ...store import Store
from .gone import GoneUsers
from .held import Rows

_COUNTED: Final = "cleanup:counted"
# So many items are looked at in one go.
_MOST: Final = 500


@dataclass(frozen=True, slots=True)
class Seen:
    """What somebody has watched, by its ids; what is kept of each viewer, and what they marked."""

    movies: frozenset[str] = frozenset()
    series: frozenset[str] = frozenset()
    rows: Rows = field(default_factory=dict)
    favorites: Knowledge[tuple[Favorites, ...]] = NOT_ASKED


class Watchers:
    """The tracked viewers, as they are chosen now."""

    def __init__(
        self,
        store: Store,
        server_id: str,
        gone: GoneUsers,
        viewers: Callable[[], tuple[RetentionViewer, ...]],
        policy: Callable[[], RetentionPolicy | None],
        now: Callable[[], datetime],
    ) -> None:
        """Take everything by hand."""
        self._store = store
        self._server_id = server_id
        self._gone = gone
        self._viewers = viewers
        self._policy = policy
        self._now = now

    @property
    def chosen(self) -> tuple[RetentionViewer, ...]:
        """All of them, also those who are gone from Jellyfin."""
        return self._viewers()

    async def present(self) -> tuple[RetentionViewer, ...]:
        """Give the viewers without those who are gone: the others are who counts from then on."""
        viewers = self._viewers()
        gone = await self._gone.since(one.id for one in viewers)
        return tuple(one for one in viewers if one.id not in gone)

    async def counted_since(self, viewers: Iterable[RetentionViewer]) -> datetime | None:
        """Say since when those count who count now, by these rules; None: since anybody was asked.

        What another rule kept would leave at once: its grace begins anew, too.
        """
        policy = self._policy()
        chosen = policy is not None and bool(policy.chosen)
        # By rules of choice all viewers count.
        counting = sorted(f"{one.id}:{one.primary}" for one in viewers if one.counts or chosen)
        rules = None if policy is None else policy.keeping
        kept = await self._store.kv.get(_COUNTED)
        match kept:
            case {"viewers": before, "rules": by, "since": since} if (before, by) == (
                counting,
                rules,
            ):
                return instant(since)
        now = None if kept is None and not chosen else self._now()
        since = None if now is None else now.isoformat()
        value = {"viewers": counting, "rules": rules, "since": since}
        await self._store.kv.put(_COUNTED, value)
        return now

    async def seen(self, viewers: Iterable[RetentionViewer]) -> Seen:
        """Read what was watched, and of which titles somebody who counts has watched something.

        Where rules of choice are on: of which anybody has touched something.
        """
        policy = self._policy()
        by_choice = policy is not None and bool(policy.chosen)
        rows: dict[str, Knowledge[Mapping[str, UserRow]]] = {}
        favorites: list[Favorites] = []
        played: set[str] = set()
        unknown: Unknown | None = None
        for viewer in viewers:
            state = await self._store.userdata.state(viewer.id)
            if not state.known:
                rows[viewer.id] = silent = Unknown(state.reason, VIEWER + viewer.id)
                unknown = silent if viewer.counts else unknown
                continue
            kept = await self._store.userdata.touched(viewer.id)
            rows[viewer.id] = Known(kept, VIEWER + viewer.id)
            # Beside the event loop: one may have watched much.
            marked, mine = await asyncio.to_thread(_of_viewer, kept.values(), begun=by_choice)
            if viewer.counts:
                favorites.append(Favorites(viewer.name, marked, viewer_id=viewer.id))
            if viewer.counts or by_choice:
                played |= mine
        movies, series = await self._named(played, ItemKind.MOVIE)
        shows, _ = await self._named(series, ItemKind.SERIES)
        marked_by = unknown or Known(tuple(favorites))
        return Seen(frozenset(movies), frozenset(shows), rows, marked_by)

    async def _named(self, ids: Iterable[str], kind: ItemKind) -> tuple[set[str], set[str]]:
        """Name the items of a kind among these by their ids, and the series that others are of.

        Some at a time: of all of them together only names are wanted.
        """
        names, series = set[str](), set[str]()
        for some in batched(ids, _MOST, strict=False):
            items = (await self._store.library.find_many(some, self._server_id)).values()
            names.update(key for one in items if one.kind is kind for key in one.ids.keys)
            series.update(one.series_item_id for one in items if one.series_item_id is not None)
        return names, series


def _of_viewer(rows: Iterable[UserRow], *, begun: bool) -> tuple[frozenset[str], frozenset[str]]:
    """Name what a viewer has marked, and what they have watched; `begun`: or only begun."""
    kept = tuple(rows)
    marked = frozenset(one.item_id for one in kept if one.favorite)
    return marked, frozenset(o.item_id for o in kept if o.played or (begun and o.was_begun))
