"""Which title a row is about: by each of its ids, so that any of them finds it."""

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert

from ..domain.media import ProviderIds
from .schema import TITLES


def mark(connection: Connection, subject: str, ref: object, ids: ProviderIds) -> None:
    """Write down that `ref` is about the title with these ids; twice is as once."""
    rows = [{"key": key, "subject": subject, "ref": str(ref)} for key in ids.keys]
    if rows:
        connection.execute(insert(TITLES).on_conflict_do_nothing(), rows)


def refs(connection: Connection, subject: str, ids: ProviderIds) -> list[str]:
    """Find what is about a title, by any of its ids."""
    found = connection.execute(
        select(TITLES.c.ref).where(TITLES.c.subject == subject, TITLES.c.key.in_(ids.keys))
    ).scalars()
    return list(dict.fromkeys(found))


def unmark(connection: Connection, subject: str, ref: object) -> None:
    """Forget whom `ref` was about."""
    connection.execute(delete(TITLES).where(TITLES.c.subject == subject, TITLES.c.ref == str(ref)))
