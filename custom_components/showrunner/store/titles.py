"""Which title a row is about: by its kind and each of its ids, so that any of them finds it."""

from typing import Final

from sqlalchemy import Connection, delete, select, union
from sqlalchemy.dialects.sqlite import insert

from ..domain.media import MediaType, ProviderIds, TitleKey
from .database import Database
from .schema import LIBRARY_ITEMS as ITEMS, NAMES, OVERRIDES, TITLES


class Titles:
    """What the rows of all subjects together tell of a title."""

    def __init__(self, database: Database) -> None:
        """Take the database."""
        self._database = database

    async def kinds(self, ids: ProviderIds) -> frozenset[MediaType]:
        """Say of which kinds a title with one of these ids is known, to whatever subject."""
        both = {name: one for one in MediaType for name in TitleKey(one, ids).names}
        columns = ((ITEMS.c.tmdb, ids.tmdb), (ITEMS.c.tvdb, ids.tvdb), (ITEMS.c.imdb, ids.imdb))
        kept = union(
            select(TITLES.c.key).where(TITLES.c.key.in_(both)),
            select(OVERRIDES.c.key).where(OVERRIDES.c.key.in_(both), OVERRIDES.c.kind_told),
            select(NAMES.c.name).where(NAMES.c.name.in_(both)),
        )
        items = union(
            *(
                select(ITEMS.c.kind).where(column == value, ITEMS.c.kind == one.value)
                for column, value in columns
                if value is not None
                for one in MediaType
            )
        )

        def read(connection: Connection) -> frozenset[MediaType]:
            named = {both[name] for name in connection.execute(kept).scalars()}
            shown = {MediaType(kind) for kind in connection.execute(items).scalars()}
            return frozenset(named | shown)

        return await self._database.read(read) if ids else frozenset()

    async def together(self, title: TitleKey) -> TitleKey:
        """Add the ids that ever stood with a title's: an old number, or one learnt later."""

        def read(connection: Connection) -> set[str]:
            same = select(TITLES.c.subject, TITLES.c.ref).where(TITLES.c.key.in_(title.names))
            found: set[str] = set()
            for subject, ref in connection.execute(same.distinct()).all():
                rows = select(TITLES.c.key).where(TITLES.c.subject == subject, TITLES.c.ref == ref)
                found.update(connection.execute(rows).scalars())
            return found

        before = f"{title.media}:"
        for name in sorted(await self._database.read(read) - set(title.names)):
            if name.startswith(before):
                title = title.joined(_ids(name.removeprefix(before)))
        return title


def _ids(key: str) -> ProviderIds:
    provider, _, value = key.partition(":")
    return ProviderIds.from_mapping({provider: value})


# Made once: that takes longer than to carry it out.
_MARK: Final = insert(TITLES).on_conflict_do_nothing()


def mark(connection: Connection, subject: str, ref: object, title: TitleKey) -> None:
    """Write down that `ref` is about a title; twice is as once."""
    rows = [{"key": name, "subject": subject, "ref": str(ref)} for name in title.names]
    if rows:
        connection.execute(_MARK, rows)


def refs(connection: Connection, subject: str, title: TitleKey) -> list[str]:
    """Find what is about a title, by any of its ids."""
    found = connection.execute(
        select(TITLES.c.ref).where(TITLES.c.subject == subject, TITLES.c.key.in_(title.names))
    ).scalars()
    return list(dict.fromkeys(found))


def unmark(connection: Connection, subject: str, ref: object) -> None:
    """Forget whom `ref` was about."""
    connection.execute(delete(TITLES).where(TITLES.c.subject == subject, TITLES.c.ref == str(ref)))
