"""Which title a row is about: by its kind and each of its ids, so that any of them finds it."""

from collections.abc import Iterable
from itertools import batched
from typing import Final

from sqlalchemy import Connection, delete, select, union

from ..domain.identity import KnownAs
from ..domain.knowledge import Knowledge
from ..domain.library import ItemKey, ItemKind
from ..domain.media import MediaType, ProviderIds, TitleKey
from .database import Database
from .known_as import known_as_many
from .library_names import named
from .names import CHUNK
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

    async def is_remembered(self, title: TitleKey) -> bool:
        """Tell whether anything is kept of a title beside what people have said of it."""
        rows = select(TITLES.c.ref).where(TITLES.c.key.in_(title.names), TITLES.c.subject != "keep")
        seen = select(NAMES.c.id).where(NAMES.c.name.in_(title.names))
        media = ItemKind(title.media.value)

        def read(connection: Connection) -> bool:
            keys = (ItemKey(media, ids) for ids in (title.ids, *title.others))
            held = named(connection, keys).values()
            return any(
                connection.execute(one.limit(1)).first() is not None for one in (rows, seen)
            ) or any(held)

        return await self._database.read(read)

    async def spoken_of(self) -> frozenset[str]:
        """Give all names under which a person has said something, or something was changed.

        Who asks for many titles need not ask for what nobody has spoken of.
        """
        said = union(
            select(TITLES.c.key).where(TITLES.c.subject.in_(("keep", "ledger"))),
            select(OVERRIDES.c.key),
        )
        return frozenset(await self._database.read(lambda c: c.execute(said).scalars().all()))

    async def together(self, title: TitleKey) -> TitleKey:
        """Add the ids that ever stood with a title's: an old number, or one learnt later."""
        return await self._database.read(lambda connection: together(connection, title))

    async def known_as(
        self, title: TitleKey, sayings: Iterable[ProviderIds] = ()
    ) -> Knowledge[KnownAs]:
        """Say by which ids a title goes, by all that is kept of it and what services say now.

        Of what is kept that are its rows of every kind, and the library's items. Unknown where too
        much runs into one.
        """
        (found,) = await self.known_as_many(((title, sayings),))
        return found

    async def known_as_many(
        self, some: Iterable[tuple[TitleKey, Iterable[ProviderIds]]]
    ) -> tuple[Knowledge[KnownAs], ...]:
        """Say it of many titles at once, in their order, each with what is said of it now."""
        asked = tuple((title, tuple(ids)) for title, ids in some)
        return await self._database.read(lambda connection: known_as_many(connection, asked))


def together(connection: Connection, title: TitleKey) -> TitleKey:
    """Add the ids that ever stood with a title's."""
    same = select(TITLES.c.subject, TITLES.c.ref).where(TITLES.c.key.in_(title.names))
    found: set[str] = set()
    for subject, ref in connection.execute(same.distinct()).all():
        rows = select(TITLES.c.key).where(TITLES.c.subject == subject, TITLES.c.ref == ref)
        found.update(connection.execute(rows).scalars())
    before = f"{title.media}:"
    for name in sorted(found - set(title.names)):
        if name.startswith(before):
            title = title.joined(_ids(name.removeprefix(before)))
    return title


def key_of(names: Iterable[str]) -> TitleKey:
    """Make a title's key of all its names, as they stand in the rows."""
    (media, _, first), *rest = (name.partition(":") for name in names)
    key = TitleKey(MediaType(media), _ids(first))
    for _, _, name in rest:
        key = key.joined(_ids(name))
    return key


def _ids(key: str) -> ProviderIds:
    provider, _, value = key.partition(":")
    return ProviderIds.from_mapping({provider: value})


# As text: SQLAlchemy would put it together anew each time.
_MARK: Final = (
    "INSERT INTO titles (key, subject, ref) VALUES (:key, :subject, :ref) ON CONFLICT DO NOTHING"
)


def mark(connection: Connection, subject: str, ref: object, title: TitleKey) -> None:
    """Write down that `ref` is about a title; twice is as once."""
    rows = [{"key": name, "subject": subject, "ref": str(ref)} for name in title.names]
    if rows:
        connection.exec_driver_sql(_MARK, rows)


def refs(connection: Connection, subject: str, title: TitleKey) -> list[str]:
    """Find what is about a title, by any of its ids."""
    found = connection.execute(
        select(TITLES.c.ref).where(TITLES.c.subject == subject, TITLES.c.key.in_(title.names))
    ).scalars()
    return list(dict.fromkeys(found))


def names_of(
    connection: Connection, subject: str, numbers: Iterable[object]
) -> dict[str, frozenset[str]]:
    """Give the names of what several are about."""
    found: dict[str, set[str]] = {}
    for some in batched(map(str, numbers), CHUNK, strict=False):
        query = select(TITLES.c.ref, TITLES.c.key).where(
            TITLES.c.subject == subject, TITLES.c.ref.in_(some)
        )
        for ref, key in connection.execute(query):
            found.setdefault(ref, set()).add(key)
    return {ref: frozenset(keys) for ref, keys in found.items()}


def unmark(connection: Connection, subject: str, ref: object) -> None:
    """Forget whom `ref` was about."""
    connection.execute(delete(TITLES).where(TITLES.c.subject == subject, TITLES.c.ref == str(ref)))
