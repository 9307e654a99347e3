"""What we remember of titles: Jellyfin's items at the last reads, marks, names, and people's words.

With that, and with what was asked of them, they are put together as the rule takes them.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from ...coordinators.cooperative_yield import CooperativeYield
from ...domain.deletion.facts import NOT_ASKED, Evidence, ProofFacts
from ...domain.identity import KnownAs
from ...domain.inventory import ArrTitle
from ...domain.knowledge import Knowledge, Known, fmap
from ...domain.library import ItemKind, WatchedMark
from ...domain.media import MediaType, Place, ProviderIds, Title, Unit, UnitKind
from ...domain.retention import Ground, RetentionPolicy
from ...store import Store
from ..facts.evidence import of_item
from ..facts.title_asker import TitleAsker
from .held import Held, Marks, Rows
from .requests import Requests, ids_in, of_title
from .words import words_on

# So many units, and titles, are asked for in one question: others want to read, too.
_MOST_UNITS: Final = 1000


@dataclass(frozen=True, slots=True)
class Looked:
    """A title, what an arr holds of it, and what was asked of it beside."""

    title: Title
    record: ArrTitle
    proofs: ProofFacts


class Remembered:
    """Reads the store for titles that arrs hold: of many at once."""

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

    async def evidence(
        self, some: Sequence[tuple[Title, ArrTitle]], turn: CooperativeYield
    ) -> list[tuple[Evidence, ...]]:
        """Say what Jellyfin had of each of these titles at the last reads of its library."""
        units = [_units(title, record, self._server_id) for title, record in some]
        items_of = await self._store.library.by_keys_of(
            ([key for unit in mine for key in unit.keys] for mine in units), met=True
        )
        found: list[tuple[Evidence, ...]] = []
        for (title, _), items in zip(some, items_of, strict=True):
            rating = await self._rating(title)
            here = (one for one in items if one.server_id == self._server_id)
            found.append(tuple(of_item(o, rating) for o in here if o.kind is not ItemKind.SERIES))
            await turn()
        return found

    async def _rating(self, title: Title) -> float | None:
        """Say how a series was rated at the last read, where that is asked for."""
        policy = self._policy()
        if policy is None or title.media is MediaType.MOVIE or Ground.IDLE not in policy.chosen:
            return None
        items = await self._store.library.by_keys(f"series:{key}" for key in title.ids.keys)
        return max((one.rating for one in items if one.rating is not None), default=None)

    async def held(
        self,
        some: Sequence[Looked],
        rows: Rows,
        requests: Requests,
        turn: CooperativeYield,
        spoken: frozenset[str] | None = None,
    ) -> tuple[Held, ...]:
        """Add to each of these titles what is remembered of it, and who asked for it.

        `spoken`: all names of which anything is remembered, where many titles are asked for; the
        `rows` are then what is stored, which is only of what was touched. Raises StoreError.
        """
        marks = await self._marks(some, rows)
        named = await self._known_as(some, requests)
        said = await words_on(self._store, named, self._now(), spoken)
        found: list[Held] = []
        for one, mine, known_as, words in zip(some, marks, named, said, strict=True):
            asked = of_title(requests, known_as)
            sides = [side for _, side in asked.value] if isinstance(asked, Known) else []
            found.append(
                Held(
                    title=one.title,
                    names=known_as.value.every if isinstance(known_as, Known) else one.title.key,
                    record=one.record,
                    proofs=replace(one.proofs, keeps=words.standing),
                    rows=rows,
                    only_touched=spoken is not None,
                    marks=mine,
                    requests=fmap(asked, lambda those: tuple(who for who, _ in those)),
                    keeps=words.keeps,
                    kept_by_override=words.kept_by_override,
                    deletions=words.deletions,
                    left_to_person=words.left_to_person,
                    searches=words.searches,
                    seerr=sides[0] if len(sides) == 1 else None,
                )
            )
            await turn()
        return tuple(found)

    async def _marks(self, some: Sequence[Looked], rows: Rows) -> list[Marks]:
        """Give the marks of each title; of who has none of it nothing is said."""
        found: list[dict[str, dict[Place, WatchedMark]]] = [{} for _ in some]
        units: list[Unit] = []
        at: list[tuple[int, Place]] = []
        for number, one in enumerate(some):
            units += _units(one.title, one.record, self._server_id)
            at += ((number, unit.place) for unit in one.record.units)
        for viewer, marks in (await self._store.watched.marks_of(rows, units)).items():
            for (number, place), mark in zip(at, marks, strict=True):
                if mark is not None:
                    found[number].setdefault(viewer, {})[place] = mark
        return [*found]

    async def _known_as(
        self, some: Sequence[Looked], requests: Requests
    ) -> list[Knowledge[KnownAs]]:
        """Say by which ids titles go, also by what the Seerrs say that have requests of them."""
        sayings = [ids_in(requests, one.title.key.names) for one in some]
        found: list[Knowledge[KnownAs]] = [NOT_ASKED] * len(some)
        again = [*range(len(some))]
        while again:
            asked = [(some[one].title, some[one].proofs, sayings[one]) for one in again]
            named = await self._titles.known_as_many(asked)
            for one, known_as in zip(again, named, strict=True):
                found[one] = known_as
            # A Seerr may have a request under an id that was learnt only now.
            more = {one: _more(requests, found[one]) - sayings[one] for one in again}
            again = [one for one in again if more[one]]
            for one in again:
                sayings[one] |= more[one]
        return found


def portions(
    records: Iterable[tuple[Title, ArrTitle]],
) -> Iterator[list[tuple[Title, ArrTitle]]]:
    """Give titles in portions of which each is asked for in one question."""
    some: list[tuple[Title, ArrTitle]] = []
    units = 0
    for one in records:
        some.append(one)
        units += 1 + len(one[1].units)
        if units > _MOST_UNITS:
            yield some
            some, units = [], 0
    if some:
        yield some


def _more(requests: Requests, known_as: Knowledge[KnownAs]) -> set[ProviderIds]:
    if not isinstance(known_as, Known):
        return set()
    return ids_in(requests, known_as.value.every.names)


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
