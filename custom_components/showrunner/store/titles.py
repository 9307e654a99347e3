"""Which title a row is about: by each of its ids, so that any of them finds it."""

from sqlalchemy import Connection, select
from sqlalchemy.dialects import mysql, postgresql, sqlite

from ..domain.media import ProviderIds
from .schema import TITLES


def mark(connection: Connection, subject: str, ref: object, ids: ProviderIds) -> None:
    """Write down that `ref` is about the title with these ids; twice is as once."""
    for key in ids.keys:
        _insert_once(connection, {"key": key, "subject": subject, "ref": str(ref)})


def _insert_once(connection: Connection, row: dict[str, str]) -> None:
    match connection.dialect.name:
        case "sqlite":
            connection.execute(sqlite.insert(TITLES).values(row).on_conflict_do_nothing())
        case "postgresql":
            connection.execute(postgresql.insert(TITLES).values(row).on_conflict_do_nothing())
        case _:
            connection.execute(mysql.insert(TITLES).values(row).prefix_with("IGNORE"))


def refs(connection: Connection, subject: str, ids: ProviderIds) -> list[str]:
    """Find what is about a title, by any of its ids."""
    found = connection.execute(
        select(TITLES.c.ref).where(TITLES.c.subject == subject, TITLES.c.key.in_(ids.keys))
    ).scalars()
    return list(dict.fromkeys(found))
