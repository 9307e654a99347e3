"""From any released version of the schema to this one, each step in a transaction of its own."""

from collections.abc import Callable
from typing import Final

from sqlalchemy import Connection, Engine, delete, insert, inspect, select

from ..domain.text import say
from . import tables_of_11
from .errors import StoreTooNew
from .keys_with_kinds import add_kinds
from .lean_library import make_library_lean
from .lean_marks import make_marks_lean
from .lean_requests import make_requests_lean
from .lean_viewings import make_lean
from .leaner_requests import make_requests_leaner
from .one_count import count_once
from .schema import METADATA, SCHEMA_VERSION
from .typed_steps import type_steps


def _create(connection: Connection) -> None:
    """Create the tables that are not there, as they were until version 11."""
    for table, statements in tables_of_11.CREATE.items():
        if not inspect(connection).has_table(table):
            for statement in statements:
                connection.exec_driver_sql(statement)


def _second(connection: Connection) -> None:
    """Version 2: the tables that version 1 did not have, and names of viewings as numbers."""
    _create(connection)
    if inspect(connection).has_table(_OLD_NAMES):
        for statement in _NAMES_AS_NUMBERS:
            connection.exec_driver_sql(statement)


_OLD_NAMES: Final = "viewing_keys"
_NAMES_AS_NUMBERS: Final = (
    "INSERT OR IGNORE INTO names (name) SELECT DISTINCT key FROM viewing_keys",
    "INSERT OR IGNORE INTO names (name) SELECT DISTINCT 'viewer:' || viewer_id FROM viewings",
    # Days are counted from the year 1, as Python does.
    """INSERT OR IGNORE INTO viewing_names (name, viewer, ended_at, viewing_id, day)
    SELECT names.id, viewers.id, viewings.ended_at, viewings.id,
        CAST(julianday(viewings.day) - 1721424.5 AS INTEGER)
    FROM viewing_keys
    JOIN viewings ON viewings.id = viewing_keys.viewing_id
    JOIN names ON names.name = viewing_keys.key
    JOIN names AS viewers ON viewers.name = 'viewer:' || viewings.viewer_id""",
    """INSERT INTO watch_time (viewer_id, quarter, seconds)
    SELECT viewer_id, ended_at / 900000, sum(json_extract(data, '$.watched'))
    FROM viewings GROUP BY 1, 2""",
    "DROP TABLE viewing_keys",
)


def _third(connection: Connection) -> None:
    """Version 3: which sweep missed an item first, and when a viewer's data was not told first."""
    for table, column in _MISSED:
        if not _has(connection, table, column):
            connection.exec_driver_sql(
                f"ALTER TABLE {table} ADD COLUMN {column} INTEGER DEFAULT '0' NOT NULL"
            )
    if _has(connection, "userdata", "sweep"):
        connection.exec_driver_sql("ALTER TABLE userdata DROP COLUMN sweep")


def _fifth(connection: Connection) -> None:
    """Version 5: which decisions decided something, so that the others are not counted."""
    if not _has(connection, "decisions", "considered"):
        connection.exec_driver_sql(
            "ALTER TABLE decisions ADD COLUMN considered BOOLEAN DEFAULT '1' NOT NULL"
        )
    connection.exec_driver_sql(
        """UPDATE decisions SET considered = 0 WHERE json_valid(data) AND
        json_extract(data, '$.rule') IN ('movie', 'viewer', 'local', 'queued', 'searched')"""
    )


def _sixth(connection: Connection) -> None:
    """Version 6: what each change has freed, and what is streamed instead of kept."""
    if not _has(connection, "ledger", "freed"):
        connection.exec_driver_sql(
            "ALTER TABLE ledger ADD COLUMN freed BIGINT DEFAULT '0' NOT NULL"
        )
    connection.exec_driver_sql("CREATE INDEX IF NOT EXISTS ledger_freed ON ledger (freed)")
    connection.exec_driver_sql(
        """CREATE TABLE IF NOT EXISTS streamed (
            "key" VARCHAR(64) NOT NULL, size BIGINT NOT NULL, PRIMARY KEY ("key"))"""
    )
    connection.exec_driver_sql("CREATE INDEX IF NOT EXISTS streamed_size ON streamed (size)")
    # What was freed before stands in the plans' steps.
    connection.exec_driver_sql(
        """UPDATE ledger SET freed = coalesce((
            SELECT max(json_extract(step.value, '$.bytes_freed'), 0)
            FROM plans, json_each(iif(json_valid(plans.data), plans.data, '{}'), '$.steps') AS step
            WHERE plans.plan_id = ledger.plan_id
                AND json_extract(step.value, '$.id') = ledger.step_id), 0)
        WHERE step_id IS NOT NULL AND state != 'begun'"""
    )


def _seventh(connection: Connection) -> None:
    """Version 7: a plan's steps are rows of their own."""
    connection.exec_driver_sql(
        """CREATE TABLE IF NOT EXISTS plan_steps (
            plan_id VARCHAR(64) NOT NULL, step_id VARCHAR(64) NOT NULL,
            position INTEGER NOT NULL, data TEXT NOT NULL,
            PRIMARY KEY (plan_id, step_id),
            FOREIGN KEY(plan_id) REFERENCES plans (plan_id) ON DELETE CASCADE) WITHOUT ROWID"""
    )
    connection.exec_driver_sql(
        """INSERT OR IGNORE INTO plan_steps (plan_id, step_id, position, data)
        SELECT plan_id, json_extract(step.value, '$.id'), step.key, step.value
        FROM plans, json_each(iif(json_valid(plans.data), plans.data, '{}'), '$.steps') AS step
        WHERE step.type = 'object' AND json_type(step.value, '$.id') = 'text'"""
    )
    connection.exec_driver_sql(
        # A step that could not be taken over stays where it was: the plan is not whole without it.
        """UPDATE plans SET data = json_remove(data, '$.steps')
        WHERE json_valid(data) AND json_array_length(data, '$.steps') = (
            SELECT count(*) FROM plan_steps WHERE plan_steps.plan_id = plans.plan_id)"""
    )


def _eighth(connection: Connection) -> None:
    """Version 8: what only a webhook told does not count, nor did it when it was written.

    Jellyfin is asked again of the last two weeks; what it says is played is marked by its sweeps,
    and a mark that it has borne out stays.
    """
    for statement in _HINTS_DO_NOT_COUNT:
        connection.exec_driver_sql(statement)


_HINTS_DO_NOT_COUNT: Final = (
    """CREATE TEMP TABLE told AS
    SELECT id, viewer_id, started_at, ended_at, completed,
        json_extract(plain, '$.unit.item_id') AS item_id,
        json_extract(plain, '$.sources') = '["webhook"]'
            AND NOT coalesce(json_extract(plain, '$.confirmed'), 0) AS hinted
    FROM (SELECT *, iif(json_valid(data), data, '{}') AS plain FROM viewings)""",
    "CREATE INDEX temp.told_item ON told (viewer_id, item_id)",
    """UPDATE viewings SET completed = 0
    WHERE completed = 1 AND id IN (SELECT id FROM told WHERE hinted)""",
    # A mark is of the moment in which its viewing was completed.
    """CREATE TEMP TABLE unproven AS SELECT DISTINCT watched.id FROM watched JOIN told
    ON told.viewer_id = watched.viewer_id AND told.item_id = watched.item_id
    AND watched.since BETWEEN told.started_at AND told.ended_at
    WHERE watched.source = 'viewing' AND told.hinted AND NOT EXISTS (
        SELECT 1 FROM told AS other WHERE other.viewer_id = watched.viewer_id
        AND other.item_id = watched.item_id AND other.completed AND NOT other.hinted)
    AND NOT EXISTS (
        SELECT 1 FROM userdata AS server WHERE server.viewer_id = watched.viewer_id
        AND server.item_id = watched.item_id AND (server.played OR server.played_missed > 0))""",
    "DELETE FROM watched_names WHERE watched_id IN (SELECT id FROM unproven)",
    "DELETE FROM watched WHERE id IN (SELECT id FROM unproven)",
    "DROP TABLE unproven",
    "DROP TABLE told",
)


def _ninth(connection: Connection) -> None:
    """Version 9: steps with typed payloads, and a ledger that says whose, how much and undone."""
    for column, kind in _LEDGER_SAYS:
        if not _has(connection, "ledger", column):
            connection.exec_driver_sql(f"ALTER TABLE ledger ADD COLUMN {column} {kind}")
    connection.exec_driver_sql(
        """UPDATE ledger SET
            service = coalesce(service, json_extract(step.data, '$.target[0]')),
            scope = coalesce(scope, json_extract(step.data, '$.scope'))
        FROM plan_steps AS step
        WHERE step.plan_id = ledger.plan_id AND step.step_id = ledger.step_id
            AND json_valid(step.data)"""
    )
    type_steps(connection)


_LEDGER_SAYS: Final = (
    ("service", "VARCHAR(64)"),
    ("subject", "TEXT"),
    ("scope", "VARCHAR(16)"),
    ("undo_of", "INTEGER"),
    ("undone_at", "BIGINT"),
)


def _tenth(connection: Connection) -> None:
    """Version 10: what people keep; deletions that are planned already say that it was nothing."""
    for statement in _WHAT_PEOPLE_KEEP:
        connection.exec_driver_sql(statement)


_WHAT_PEOPLE_KEEP: Final = (
    """CREATE TABLE IF NOT EXISTS keeps (
        id INTEGER NOT NULL, season INTEGER, until BIGINT, at BIGINT NOT NULL,
        "by" VARCHAR(64) NOT NULL, why TEXT NOT NULL, ended_at BIGINT, ended_by VARCHAR(64),
        PRIMARY KEY (id))""",
    "CREATE INDEX IF NOT EXISTS keeps_ended ON keeps (ended_at, until)",
    # Else they would lack it, and end half done. Before it is done each of them is asked of anew.
    """UPDATE plan_steps SET data = json_insert(data, '$.findings[#]',
        json_object('rule', 'kept', 'answer', 'no', 'source', 'showrunner'))
    WHERE json_valid(data) AND json_type(data, '$.findings') = 'array'
        AND json_extract(data, '$.state') = 'planned'
        AND json_extract(data, '$.action') IN
            ('delete_file', 'delete_episode_files', 'delete_movie')
        AND NOT EXISTS (SELECT 1 FROM json_each(data, '$.findings') AS finding
            WHERE json_extract(finding.value, '$.rule') = 'kept')""",
)
_MISSED: Final = (
    ("library_items", "missed"),
    ("userdata", "played_missed"),
    ("userdata", "favorite_missed"),
)


def _eleventh(connection: Connection) -> None:
    """Version 11: when a file of the library was seen first; of what is there nobody knows."""
    if not _has(connection, "library_items", "seen_at"):
        connection.exec_driver_sql("ALTER TABLE library_items ADD COLUMN seen_at BIGINT")


def _twelfth(connection: Connection) -> None:
    """Version 12: which deletions people took back."""
    connection.exec_driver_sql(
        """CREATE TABLE IF NOT EXISTS regrets (
            deletion INTEGER NOT NULL, at BIGINT NOT NULL, way VARCHAR(16) NOT NULL,
            source VARCHAR(64) NOT NULL, PRIMARY KEY (deletion) )"""
    )


def _sixteenth(connection: Connection) -> None:
    """Version 16: what was read of a whole table has an index."""
    connection.exec_driver_sql("CREATE INDEX IF NOT EXISTS plans_at ON plans (at)")
    connection.exec_driver_sql(
        "CREATE INDEX IF NOT EXISTS library_aliases_old ON library_aliases (old_id)"
    )
    connection.exec_driver_sql(
        """CREATE INDEX IF NOT EXISTS requests_over ON requests (requested_at)
        WHERE closed IS NOT NULL"""
    )


def _eighteenth(connection: Connection) -> None:
    """Version 18: what was asked for since a day is counted along an index."""
    connection.exec_driver_sql("CREATE INDEX IF NOT EXISTS requests_at ON requests (requested_at)")


def _has(connection: Connection, table: str, column: str) -> bool:
    return any(one["name"] == column for one in inspect(connection).get_columns(table))


# Released steps are never changed: the schema as it is now may differ from what a step made.
STEPS: Final[tuple[Callable[[Connection], None], ...]] = (
    _create,
    _second,
    _third,
    add_kinds,
    _fifth,
    _sixth,
    _seventh,
    _eighth,
    _ninth,
    _tenth,
    _eleventh,
    _twelfth,
    make_lean,
    make_marks_lean,
    make_requests_lean,
    _sixteenth,
    make_library_lean,
    _eighteenth,
    count_once,
    make_requests_leaner,
)
CURRENT: Final = len(STEPS)


def migrate(engine: Engine) -> None:
    """Bring a database to the current version. Raises StoreTooNew and leaves a newer one alone."""
    version = _version(engine)
    if version > CURRENT:
        raise StoreTooNew(say("store_too_new", version=version, known=CURRENT))
    if version == 0:
        with engine.begin() as connection:
            METADATA.create_all(connection)
            connection.execute(insert(SCHEMA_VERSION).values(version=CURRENT))
        return
    for number, step in enumerate(STEPS[version:], version + 1):
        with engine.begin() as connection:
            step(connection)
            connection.execute(delete(SCHEMA_VERSION))
            connection.execute(insert(SCHEMA_VERSION).values(version=number))


def _version(engine: Engine) -> int:
    if not inspect(engine).has_table(SCHEMA_VERSION.name):
        return 0
    with engine.connect() as connection:
        version = connection.execute(select(SCHEMA_VERSION.c.version)).scalar() or 0
        if version == 2 and inspect(connection).has_table(_OLD_NAMES):  # noqa: PLR2004
            # Between two releases there was a version 2 that had not come so far yet.
            return 1
        return version
