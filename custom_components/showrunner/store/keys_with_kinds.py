"""A step of the schema: what was kept under a number alone is kept under a movie's or a series'.

Each row's kind is told by what it is about. Where nothing tells it, the row stands under both, so
that no protection is lost: a deleted title cools down, and what is never to be fetched is not.
"""

from collections.abc import Iterable
import logging
from typing import Final

from sqlalchemy import Connection

_LOGGER = logging.getLogger(__name__)

_KINDS: Final = ("movie", "series")
_PROVIDERS: Final = ("tmdb", "tvdb", "imdb")
_BARE: Final = " OR ".join(f"key GLOB '{provider}:*'" for provider in _PROVIDERS)

# What a row of each subject says of its kind; anything but the two words says nothing.
_SUBJECTS: Final = {
    "request": "SELECT id, json_extract(data, '$.media') FROM requests WHERE json_valid(data)",
    "acquisition": """SELECT id, json_extract(data, '$.title.media') FROM acquisitions
        WHERE json_valid(data)""",
    "decision": """SELECT decisions.id, json_extract(one.value, '$.value')
        FROM decisions, json_each(
            iif(json_valid(decisions.data), decisions.data, '{}'), '$.findings') AS one
        WHERE json_extract(one.value, '$.rule') = 'movie'""",
    # Its plan has the title; else the action, the service and the job may tell.
    "ledger": """SELECT ledger.id, coalesce(
            (SELECT json_extract(step.value, '$.title[0]')
             FROM plans, json_each(iif(json_valid(plans.data), plans.data, '{}'), '$.steps') AS step
             WHERE plans.plan_id = ledger.plan_id
                AND json_extract(step.value, '$.id') = ledger.step_id),
            CASE
                WHEN ledger.job = 'download' THEN 'movie'
                WHEN ledger.action LIKE '%\\_movie' ESCAPE '\\' THEN 'movie'
                WHEN ledger.action LIKE '%\\_episode%' ESCAPE '\\' THEN 'series'
            END,
            CASE json_valid(ledger."before")
                WHEN 1 THEN CASE json_extract(ledger."before", '$.target.kind')
                    WHEN 'radarr' THEN 'movie' WHEN 'sonarr' THEN 'series' END
            END)
        FROM ledger""",
}

# A movie's viewing has its unit's name under the same id already: what has none is of a series.
_VIEWING_NAMES: Final = (
    """CREATE TEMPORARY TABLE renamed AS
    SELECT old.id AS old, movie.id AS movie, 'series' || substr(old.name, 6) AS series
    FROM names AS old LEFT JOIN names AS movie ON movie.name = 'movie' || substr(old.name, 6)
    WHERE old.name GLOB 'title:*'""",
    "CREATE UNIQUE INDEX renamed_old ON renamed (old)",
    """DELETE FROM viewing_names AS one
    WHERE name IN (SELECT old FROM renamed) AND EXISTS (
        SELECT 1 FROM renamed
        JOIN viewing_names AS twin ON twin.name = renamed.movie
        WHERE renamed.old = one.name AND twin.viewer = one.viewer
            AND twin.ended_at = one.ended_at AND twin.viewing_id = one.viewing_id)""",
    """INSERT OR IGNORE INTO names (name)
    SELECT series FROM renamed
    WHERE EXISTS (SELECT 1 FROM viewing_names WHERE name = renamed.old)""",
    """INSERT OR IGNORE INTO viewing_names (name, viewer, ended_at, viewing_id, day)
    SELECT names.id, one.viewer, one.ended_at, one.viewing_id, one.day
    FROM renamed
    JOIN viewing_names AS one ON one.name = renamed.old
    JOIN names ON names.name = renamed.series""",
    "DELETE FROM viewing_names WHERE name IN (SELECT old FROM renamed)",
    "DELETE FROM names WHERE id IN (SELECT old FROM renamed)",
    "DROP TABLE renamed",
)
# Only series have milestones with a title.
_MILESTONES: Final = """UPDATE OR IGNORE milestones
    SET milestone = substr(milestone, 1, instr(milestone, ':')) || 'series'
        || substr(milestone, instr(milestone, ':'))
    WHERE milestone GLOB '*:tmdb:*' OR milestone GLOB '*:tvdb:*' OR milestone GLOB '*:imdb:*'"""
_OVERRIDES: Final = """CREATE TABLE overrides (
    "key" VARCHAR(64) NOT NULL,
    policy VARCHAR(16) NOT NULL,
    at BIGINT NOT NULL,
    "by" VARCHAR(64) NOT NULL,
    kind_told BOOLEAN NOT NULL,
    PRIMARY KEY ("key")
)"""


def add_kinds(connection: Connection) -> None:
    """Give every key its kind."""
    _titles(connection)
    _overrides(connection)
    for statement in (*_VIEWING_NAMES, _MILESTONES):
        connection.exec_driver_sql(statement)


def _titles(connection: Connection) -> None:
    connection.exec_driver_sql(
        """CREATE TEMPORARY TABLE kinds (
            subject TEXT, ref TEXT, kind TEXT, PRIMARY KEY (subject, ref))"""
    )
    for subject, rows in _SUBJECTS.items():
        connection.exec_driver_sql(
            f"""INSERT OR IGNORE INTO kinds
            SELECT '{subject}', found.ref, found.kind
            FROM (SELECT NULL AS ref, NULL AS kind UNION ALL {rows}) AS found
            WHERE found.kind IN ('movie', 'series')"""  # noqa: S608
        )
    joined = "FROM titles JOIN kinds ON kinds.subject = titles.subject AND kinds.ref = titles.ref"
    untold = (
        "FROM titles LEFT JOIN kinds ON kinds.subject = titles.subject AND kinds.ref = titles.ref"
    )
    unknown = connection.exec_driver_sql(
        f"""SELECT count(DISTINCT titles.subject || titles.ref) {untold}
        WHERE kinds.kind IS NULL AND ({_BARE})"""
    ).scalar()
    connection.exec_driver_sql(
        f"""INSERT OR IGNORE INTO titles (key, subject, ref)
        SELECT kinds.kind || ':' || titles.key, titles.subject, titles.ref {joined}
        WHERE {_BARE}"""
    )
    for kind in _KINDS:
        connection.exec_driver_sql(
            f"""INSERT OR IGNORE INTO titles (key, subject, ref)
            SELECT '{kind}:' || titles.key, titles.subject, titles.ref {untold}
            WHERE kinds.kind IS NULL AND ({_BARE})"""
        )
    connection.exec_driver_sql(f"DELETE FROM titles WHERE {_BARE}")  # noqa: S608
    connection.exec_driver_sql("DROP TABLE kinds")
    if unknown:
        _LOGGER.warning(
            "%s rows of the ledger or of decisions do not say whether they are about a movie or a "
            "series; they count for both of the number",
            unknown,
        )


def _overrides(connection: Connection) -> None:
    """Find out of which kind each word was; one call's ids have one time and one author."""
    columns = connection.exec_driver_sql("PRAGMA table_info(overrides)").all()
    if any(column[1] == "kind_told" for column in columns):
        return
    rows = connection.exec_driver_sql('SELECT "key", policy, at, "by" FROM overrides').all()
    calls: dict[tuple[str, int, str], list[str]] = {}
    for key, policy, at, by in rows:
        calls.setdefault((policy, at, by), []).append(key)
    connection.exec_driver_sql("DROP TABLE overrides")
    connection.exec_driver_sql(_OVERRIDES)
    for (policy, at, by), keys in calls.items():
        kind = _kind_of(connection, keys, policy)
        if kind is None:
            _LOGGER.warning(
                "It was not said whether %s is a movie or a series: '%s' holds for both until it "
                "is said again with movie: or series: before it",
                ", ".join(keys),
                policy,
            )
        for one in _KINDS if kind is None else (kind,):
            for key in keys:
                connection.exec_driver_sql(
                    "INSERT OR IGNORE INTO overrides VALUES (?, ?, ?, ?, ?)",
                    (f"{one}:{key}", policy, at, by, kind is not None),
                )


def _kind_of(connection: Connection, keys: list[str], policy: str) -> str | None:
    """Say of which kind the title was; None where that is a guess.

    IMDb numbers all titles together, so one kind under its id is certain; so is the only kind that
    has all ids of a call. A number alone may have been meant of what nobody here has: then a word
    that keeps something from happening holds for both.
    """
    imdb = [key for key in keys if key.startswith("imdb:")]
    for sure in (imdb, keys if len(keys) > 1 or policy == "always" else []):
        found = [kind for kind in _KINDS if sure and _has_all(connection, kind, sure)]
        if len(found) == 1:
            return found[0]
    return None


def _has_all(connection: Connection, kind: str, keys: Iterable[str]) -> bool:
    """Tell whether all ids are known of titles of a kind, in the library or by what was done."""
    for key in keys:
        provider, _, value = key.partition(":")
        item = connection.exec_driver_sql(
            f"SELECT 1 FROM library_items WHERE {provider} = ? AND kind = ? LIMIT 1",  # noqa: S608
            (value if provider == "imdb" else int(value), kind),
        ).first()
        row = connection.exec_driver_sql(
            "SELECT 1 FROM titles WHERE key = ? LIMIT 1", (f"{kind}:{key}",)
        ).first()
        if item is None and row is None:
            return False
    return True
