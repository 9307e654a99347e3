"""From any released version of the schema to this one, each step in a transaction of its own."""

from collections.abc import Callable
from typing import Final

from sqlalchemy import Connection, Engine, delete, insert, inspect, select

from .errors import StoreTooNew
from .schema import METADATA, SCHEMA_VERSION


def _first(connection: Connection) -> None:
    """Version 1: everything."""
    METADATA.create_all(connection)


# Released steps are never changed: the schema as it is now may differ from what a step made.
STEPS: Final[tuple[Callable[[Connection], None], ...]] = (_first,)
CURRENT: Final = len(STEPS)


def migrate(engine: Engine) -> None:
    """Bring a database to the current version. Raises StoreTooNew and leaves a newer one alone."""
    version = _version(engine)
    if version > CURRENT:
        raise StoreTooNew(f"the database is of version {version}, this Showrunner knows {CURRENT}")
    for number, step in enumerate(STEPS[version:], version + 1):
        with engine.begin() as connection:
            step(connection)
            connection.execute(delete(SCHEMA_VERSION))
            connection.execute(insert(SCHEMA_VERSION).values(version=number))


def _version(engine: Engine) -> int:
    if not inspect(engine).has_table(SCHEMA_VERSION.name):
        return 0
    with engine.connect() as connection:
        return connection.execute(select(SCHEMA_VERSION.c.version)).scalar() or 0
