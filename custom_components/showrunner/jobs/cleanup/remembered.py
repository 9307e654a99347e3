"""What we remember of titles: Jellyfin's items at the last reads, marks, names, and people's words.

With that, and with what was asked of them, they are put together as the rule takes them.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from ...domain.deletion.facts import Evidence, ProofFacts
from ...domain.identity import KnownAs
from ...domain.inventory import ArrTitle
from ...domain.knowledge import Knowledge, Known, fmap
from ...domain.library import ItemKind, WatchedMark
from ...domain.media import MediaType, Place, ProviderIds, Title, Unit, UnitKind
from ...domain.retention import Ground, RetentionPolicy
from ...store import Store
from ..facts.evidence import of_item
from ..facts.title_asker import TitleAsker
from .held import Held, Rows
from .requests import Requests, ids_in, of_title
from .words import is_quiet, words_on


class Remembered:
    """Reads the store for titles that arrs hold."""

    def __init__(
        self,
        titles: TitleAsker,
        store: Store,
        server_id: str,
        policy: Callable[[], RetentionPolicy | None],
        now: Callable[[], datetime],
    ) -> None:
        """Take everything by hand."""
        self._titles = titles
        self._store = store
        self._server_id = server_id
        self._policy = policy
        self._now = now

    async def evidence(self, title: Title, record: ArrTitle) -> tuple[Evidence, ...]:
        """Say what Jellyfin had of a title at the last reads of its library."""
        keys = [key for unit in _units(title, record, self._server_id) for key in unit.keys]
        items = await self._store.library.by_keys(keys, met=True)
        rating = await self._rating(title)
        return tuple(
            of_item(one, rating)
            for one in items
            if one.server_id == self._server_id and one.kind is not ItemKind.SERIES
        )

    async def _rating(self, title: Title) -> float | None:
        """Say how a series was rated at the last read, where that is asked for."""
        policy = self._policy()
        if policy is None or title.media is MediaType.MOVIE or Ground.IDLE not in policy.chosen:
            return None
        items = await self._store.library.by_keys(f"series:{key}" for key in title.ids.keys)
        return max((one.rating for one in items if one.rating is not None), default=None)

    async def held(
        self,
        title: Title,
        proofs: ProofFacts,
        record: ArrTitle,
        rows: Rows,
        requests: Requests,
        spoken: frozenset[str] | None = None,
    ) -> Held:
        """Add to a title what is remembered of it, and who asked for it.

        `spoken`: all names of which anything is remembered, where many titles are asked for; the
        `rows` are then what is stored, which is only of what was touched. Raises StoreError.
        """
        units = _units(title, record, self._server_id)
        places = [unit.place for unit in record.units]
        kept_marks = await self._store.watched.marks_of(rows, units)
        marks: dict[str, Mapping[Place, WatchedMark]] = {
            one: {p: mark for p, mark in zip(places, mine, strict=True) if mark is not None}
            for one, mine in kept_marks.items()
        }
        known_as = await self._known_as(title, proofs, requests)
        asked = of_title(requests, known_as)
        sides = [side for _, side in asked.value] if isinstance(asked, Known) else []
        words = await words_on(self._store, known_as, self._now(), spoken)
        quiet = is_quiet(known_as, spoken)
        return Held(
            title=title,
            names=known_as.value.every if isinstance(known_as, Known) else title.key,
            record=record,
            proofs=replace(
                proofs, keeps=Known(()) if quiet else await self._titles.keeps(known_as)
            ),
            rows=rows,
            only_touched=spoken is not None,
            marks=marks,
            requests=fmap(asked, lambda some: tuple(one for one, _ in some)),
            keeps=words.keeps,
            kept_by_override=words.kept_by_override,
            deletions=words.deletions,
            left_to_person=words.left_to_person,
            searches=words.searches,
            seerr=sides[0] if len(sides) == 1 else None,
        )

    async def _known_as(
        self, title: Title, proofs: ProofFacts, requests: Requests
    ) -> Knowledge[KnownAs]:
        """Say by which ids a title goes, also by what the Seerrs say that have a request of it."""
        sayings: set[ProviderIds] = set()
        while True:
            found = await self._titles.known_as(title, proofs, sayings)
            if not isinstance(found, Known):
                return found
            more = ids_in(requests, found.value.every.names)
            if more <= sayings:
                return found
            sayings |= more


def _units(title: Title, record: ArrTitle, server_id: str) -> tuple[Unit, ...]:
    """Name the units of a title as viewings and the library know them, in the record's order."""
    if title.media is MediaType.MOVIE:
        movie = Unit(UnitKind.MOVIE, title.name, server_id, "", ids=record.ids, year=title.year)
        return tuple(movie for _ in record.units)
    return tuple(
        Unit(
            UnitKind.EPISODE,
            title.name,
            server_id,
            "",
            series_ids=record.ids,
            season=unit.place.season,
            episode=unit.place.episode,
        )
        for unit in record.units
    )
