"""A title that is identified later keeps its history: its rows are named by the new ids too.

A viewing that a bare webhook told of stands under Jellyfin's id alone, one from before TMDb knew
the film under IMDb's. When the library tells of more ids they are added, so that the rows are found
also when the item is gone. What contradicts the ids of a row is about another title, and is left.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import batched

from sqlalchemy import ColumnElement, Connection, select
from sqlalchemy.dialects.sqlite import insert

from ..domain.knowledge import Answer
from ..domain.library import ItemKey, ItemKind, LibraryItem, MarkSource, WatchedMark
from ..domain.media import MediaType, ProviderIds, TitleKey, Unit
from . import watched_rows
from .names import CHUNK, intern, numbered, units_by_number, viewers
from .schema import (
    NAMES,
    OVERRIDES,
    TITLES,
    UNIT_NAMES,
    VIEWING_NAMES,
    VIEWINGS,
    WATCHED,
    WATCHED_NAMES,
)
from .viewing_rows import by_own_name, by_unit, name_rows, read_rows, retell, save


def is_anything_kept(connection: Connection) -> bool:
    """Tell whether there is a history at all: a first look at a library finds none."""
    return any(
        connection.execute(select(table).limit(1)).first() is not None
        for table in (VIEWINGS, WATCHED, TITLES, OVERRIDES)
    )


def learn(connection: Connection, items: Sequence[LibraryItem]) -> None:
    """Name what is kept of these items by all ids that they have now."""
    units = [unit for item in items if (unit := item.unit) and (unit.ids or unit.series_ids)]
    numbers = numbered(connection, (key for unit in units for key in unit.keys))
    # Of most of a library nobody has seen anything.
    seen = _in_use(connection, numbers.values(), UNIT_NAMES.c.name, VIEWING_NAMES.c.name)
    marked = _in_use(connection, numbers.values(), WATCHED_NAMES.c.name)
    for unit in units:
        known = [numbers[key] for key in unit.keys if key in numbers]
        if not seen.isdisjoint(known):
            _viewings(connection, unit, known)
        if not marked.isdisjoint(known):
            _marks(connection, unit, known)
    _subjects(connection, items)


def _in_use(
    connection: Connection, names: Iterable[int], *columns: ColumnElement[int]
) -> frozenset[int]:
    """Give those of the names that one of the columns has."""
    found = set[int]()
    for some in batched(names, CHUNK, strict=False):
        for column in columns:
            asked = select(column).where(column.in_(some)).distinct()
            found.update(connection.execute(asked).scalars())
    return frozenset(found)


def _viewings(connection: Connection, unit: Unit, known: Sequence[int]) -> None:
    """Name the viewings of a unit; those that are told alike at once, however many there are."""
    alike, one_by_one = _seen_as(connection, known)
    for told, old in units_by_number(connection, alike).items():
        if _is_another(old, unit):
            continue
        rows = alike[told]
        if (named := _filled(old, unit)) != old:
            joined = retell(connection, rows, named)
            one_by_one += joined
            rows = [number for number in rows if number not in joined]
        _add_all_names(connection, unit, rows)
    for number in sorted(one_by_one):
        # Of two that turn out to be one the second is gone by its turn.
        viewing = read_rows(connection, [number]).get(number)
        if viewing is None or _is_another(viewing.unit, unit):
            continue
        if (named := _filled(viewing.unit, unit)) != viewing.unit:
            save(connection, replace(viewing, unit=named))
        _add_all_names(connection, unit, [number])


def _seen_as(
    connection: Connection, known: Sequence[int]
) -> tuple[dict[int, list[int]], list[int]]:
    """Give the rows by the units that tell of them; apart, those that may turn out to be one."""
    days: dict[tuple[int, int], dict[int, int]] = {}
    columns = (VIEWINGS.c.id, VIEWINGS.c.unit, VIEWINGS.c.viewer, VIEWINGS.c.day)
    for ask in (by_unit, by_own_name):
        for number, told, viewer, day in connection.execute(ask(known, None, *columns)):
            days.setdefault((viewer, day), {})[number] = told
    alike: dict[int, list[int]] = {}
    several: list[int] = []
    for rows in days.values():
        if len(rows) > 1:
            several += rows
            continue
        for number, told in rows.items():
            alike.setdefault(told, []).append(number)
    return alike, several


def _add_all_names(connection: Connection, unit: Unit, rows: Sequence[int]) -> None:
    """Of a provider that gave another number since, a unit has one and its row both names."""
    if rows:
        names = intern(connection, (*unit.keys[:-1], *unit.title.key.names))
        name_rows(connection, dict.fromkeys(rows, tuple(names.values())))


def _is_another(old: Unit, new: Unit) -> bool:
    own, series = old.ids.matches(new.ids), old.series_ids.matches(new.series_ids)
    place = (old.season, old.episode)
    elsewhere = None not in place and place != (new.season, new.episode)
    return old.kind is not new.kind or Answer.NO in (own, series) or elsewhere


def _filled(old: Unit, new: Unit) -> Unit:
    """Fill the gaps of a unit."""
    return replace(
        old,
        ids=old.ids.merged(new.ids),
        series_ids=old.series_ids.merged(new.series_ids),
        season=new.season if old.season is None else old.season,
        episode=new.episode if old.episode is None else old.episode,
    )


def _marks(connection: Connection, unit: Unit, known: Sequence[int]) -> None:
    units = watched_rows.units_named(connection, known)
    everybody = viewers(connection) if units else {}
    for viewer, theirs in watched_rows.marked_by(connection, units, everybody).items():
        numbers = {name for one in theirs for name in watched_rows.read(units[one][1])}
        query = select(NAMES.c.name).where(NAMES.c.id.in_(numbers))
        names = set(connection.execute(query).scalars())
        # Several are of one unit, as it turns out now.
        news = len(theirs) > 1 or not names.issuperset(unit.keys)
        if news and not _contradict(names, unit):
            mark = WatchedMark(unit.keys, unit.item_id, None, MarkSource.VIEWING)
            watched_rows.mark(connection, everybody[viewer], [mark])


def _contradict(names: Iterable[str], unit: Unit) -> bool:
    """Tell whether names are of another unit than this one."""
    own, series = ProviderIds(), ProviderIds()
    for key in map(ItemKey.parse, names):
        if key is None or key.kind is None:
            continue
        if key.season is not None:
            if (key.season, key.episode) != (unit.season, unit.episode):
                return True
            series = key.ids.merged(series)
        elif key.kind.value != unit.kind.value:
            return True
        else:
            own = key.ids.merged(own)
    return Answer.NO in (own.matches(unit.ids), series.matches(unit.series_ids))


def _subjects(connection: Connection, items: Iterable[LibraryItem]) -> None:
    """Name decisions, changes, pursuits, requests and words of people by the new ids, too."""
    for item in items:
        if item.kind is ItemKind.EPISODE:
            continue
        names = TitleKey(MediaType(item.kind.value), item.ids).names
        if len(names) > 1:
            _add_names(connection, names)


def _add_names(connection: Connection, names: Sequence[str]) -> None:
    kept = select(TITLES.c.subject, TITLES.c.ref).where(TITLES.c.key.in_(names)).distinct()
    rows = [
        {"key": name, "subject": subject, "ref": ref}
        for subject, ref in connection.execute(kept).all()
        for name in names
    ]
    if rows:
        connection.execute(insert(TITLES).on_conflict_do_nothing(), rows)
    said = select(OVERRIDES).where(OVERRIDES.c.key.in_(names)).order_by(OVERRIDES.c.at.desc())
    word = connection.execute(said.limit(1)).mappings().first()
    if word is not None:
        # What was said of one of these ids itself stays as it is.
        words = [dict(word) | {"key": name} for name in names]
        connection.execute(insert(OVERRIDES).on_conflict_do_nothing(), words)
