"""The tables as version 11 of the schema had them: what the steps up to it work on.

Not changed any more: `schema` says how they are now.
"""

from collections.abc import Mapping
from typing import Final

# Each table, and its indexes.
CREATE: Final[Mapping[str, tuple[str, ...]]] = {
    "acquisitions": (
        """CREATE TABLE acquisitions ( id VARCHAR(64) NOT NULL, state VARCHAR(16) NOT NULL,
            created_at BIGINT NOT NULL, data TEXT NOT NULL, PRIMARY KEY (id) )""",
        "CREATE INDEX acquisitions_state ON acquisitions (state)",
    ),
    "decisions": (
        """CREATE TABLE decisions ( id INTEGER NOT NULL, at BIGINT NOT NULL, verdict
            VARCHAR(16) NOT NULL, tier INTEGER, pending BOOLEAN NOT NULL, data TEXT NOT NULL,
            considered BOOLEAN DEFAULT '1' NOT NULL, PRIMARY KEY (id) )""",
        "CREATE INDEX decisions_at ON decisions (at)",
    ),
    "keeps": (
        """CREATE TABLE keeps ( id INTEGER NOT NULL, season INTEGER, until BIGINT, at BIGINT
            NOT NULL, "by" VARCHAR(64) NOT NULL, why TEXT NOT NULL, ended_at BIGINT, ended_by
            VARCHAR(64), PRIMARY KEY (id) )""",
        "CREATE INDEX keeps_ended ON keeps (ended_at, until)",
    ),
    "kv": (
        """CREATE TABLE kv ( "key" VARCHAR(64) NOT NULL, data TEXT NOT NULL, PRIMARY KEY
            ("key") )""",
    ),
    "ledger": (
        """CREATE TABLE ledger ( id INTEGER NOT NULL, job VARCHAR(32) NOT NULL, plan_id
            VARCHAR(64), step_id VARCHAR(64), action VARCHAR(32) NOT NULL, state VARCHAR(16) NOT
            NULL, begun_at BIGINT NOT NULL, ended_at BIGINT, title TEXT NOT NULL, detail TEXT
            NOT NULL, "before" TEXT NOT NULL, "after" TEXT NOT NULL, freed BIGINT DEFAULT '0'
            NOT NULL, service VARCHAR(64), subject TEXT, scope VARCHAR(16), undo_of INTEGER,
            undone_at BIGINT, PRIMARY KEY (id) )""",
        "CREATE INDEX ledger_action_begun ON ledger (action, begun_at)",
        "CREATE INDEX ledger_freed ON ledger (freed)",
        "CREATE INDEX ledger_plan ON ledger (plan_id)",
        "CREATE INDEX ledger_state ON ledger (state)",
    ),
    "library_aliases": (
        """CREATE TABLE library_aliases ( server_id VARCHAR(32) NOT NULL, old_id VARCHAR(32)
            NOT NULL, item_id VARCHAR(32) NOT NULL, PRIMARY KEY (server_id, old_id) ) WITHOUT
            ROWID""",
        "CREATE INDEX library_aliases_item ON library_aliases (item_id)",
    ),
    "library_items": (
        """CREATE TABLE library_items ( id INTEGER NOT NULL, server_id VARCHAR(32) NOT NULL,
            item_id VARCHAR(32) NOT NULL, kind VARCHAR(8) NOT NULL, tmdb BIGINT, tvdb BIGINT,
            imdb VARCHAR(16), series_item_id VARCHAR(32), season INTEGER, episode INTEGER,
            episode_end INTEGER, name TEXT NOT NULL, series_name TEXT, year INTEGER, path TEXT,
            size BIGINT, runtime FLOAT, created BIGINT, genres TEXT NOT NULL, rating FLOAT,
            digest BIGINT NOT NULL, came INTEGER NOT NULL, missed INTEGER DEFAULT '0' NOT NULL,
            seen_at BIGINT, PRIMARY KEY (id), UNIQUE (item_id, server_id) )""",
        "CREATE INDEX library_items_imdb ON library_items (imdb, kind)",
        "CREATE INDEX library_items_kind ON library_items (kind)",
        "CREATE INDEX library_items_path ON library_items (path)",
        "CREATE INDEX library_items_series ON library_items (series_item_id, season, episode)",
        "CREATE INDEX library_items_tmdb ON library_items (tmdb, kind)",
        "CREATE INDEX library_items_tvdb ON library_items (tvdb, kind)",
    ),
    "milestones": (
        """CREATE TABLE milestones ( viewer_id VARCHAR(32) NOT NULL, milestone VARCHAR(96) NOT
            NULL, at BIGINT, PRIMARY KEY (viewer_id, milestone) ) WITHOUT ROWID""",
    ),
    "names": (
        """CREATE TABLE names ( id INTEGER NOT NULL, name VARCHAR(255) NOT NULL, PRIMARY KEY
            (id), UNIQUE (name) )""",
    ),
    "overrides": (
        """CREATE TABLE overrides ( "key" VARCHAR(64) NOT NULL, policy VARCHAR(16) NOT NULL, at
            BIGINT NOT NULL, "by" VARCHAR(64) NOT NULL, kind_told BOOLEAN NOT NULL, PRIMARY KEY
            ("key") )""",
    ),
    "plans": (
        """CREATE TABLE plans ( plan_id VARCHAR(64) NOT NULL, job VARCHAR(32) NOT NULL, at
            BIGINT NOT NULL, data TEXT NOT NULL, PRIMARY KEY (plan_id) )""",
        "CREATE INDEX plans_job_at ON plans (job, at)",
    ),
    "requests": (
        """CREATE TABLE requests ( id VARCHAR(96) NOT NULL, ref VARCHAR(96) NOT NULL, state
            VARCHAR(16) NOT NULL, closed VARCHAR(16), requested_at BIGINT NOT NULL, data TEXT
            NOT NULL, facts TEXT NOT NULL, settled TEXT, PRIMARY KEY (id), UNIQUE (ref) )""",
        "CREATE INDEX requests_closed ON requests (closed, id)",
    ),
    "schema_version": (
        "CREATE TABLE schema_version ( version INTEGER NOT NULL, PRIMARY KEY (version) )",
    ),
    "streamed": (
        """CREATE TABLE streamed ( "key" VARCHAR(64) NOT NULL, size BIGINT NOT NULL, PRIMARY
            KEY ("key") )""",
        "CREATE INDEX streamed_size ON streamed (size)",
    ),
    "titles": (
        """CREATE TABLE titles ( "key" VARCHAR(64) NOT NULL, subject VARCHAR(16) NOT NULL, ref
            VARCHAR(64) NOT NULL, UNIQUE ("key", subject, ref) )""",
        "CREATE INDEX titles_ref ON titles (subject, ref)",
    ),
    "userdata": (
        """CREATE TABLE userdata ( viewer_id VARCHAR(32) NOT NULL, item_id VARCHAR(32) NOT
            NULL, played BOOLEAN NOT NULL, favorite BOOLEAN NOT NULL, play_count INTEGER NOT
            NULL, position FLOAT NOT NULL, last_played BIGINT, played_missed INTEGER DEFAULT '0'
            NOT NULL, favorite_missed INTEGER DEFAULT '0' NOT NULL, PRIMARY KEY (viewer_id,
            item_id) ) WITHOUT ROWID""",
        "CREATE INDEX userdata_favorite ON userdata (viewer_id, favorite)",
        "CREATE INDEX userdata_item ON userdata (item_id)",
    ),
    "viewings": (
        """CREATE TABLE viewings ( id INTEGER NOT NULL, viewer_id VARCHAR(32) NOT NULL, day
            VARCHAR(10) NOT NULL, started_at BIGINT NOT NULL, ended_at BIGINT NOT NULL, percent
            FLOAT NOT NULL, completed BOOLEAN NOT NULL, data TEXT NOT NULL, PRIMARY KEY (id) )""",
        "CREATE INDEX viewings_ended ON viewings (ended_at)",
        "CREATE INDEX viewings_viewer_ended ON viewings (viewer_id, ended_at)",
    ),
    "watch_time": (
        """CREATE TABLE watch_time ( viewer_id VARCHAR(32) NOT NULL, quarter INTEGER NOT NULL,
            seconds FLOAT NOT NULL, PRIMARY KEY (viewer_id, quarter) ) WITHOUT ROWID""",
    ),
    "watched": (
        """CREATE TABLE watched ( id INTEGER NOT NULL, viewer_id VARCHAR(32) NOT NULL, item_id
            VARCHAR(32) NOT NULL, since BIGINT, source VARCHAR(16) NOT NULL, PRIMARY KEY (id) )""",
        "CREATE INDEX watched_viewer ON watched (viewer_id)",
    ),
    "plan_steps": (
        """CREATE TABLE plan_steps ( plan_id VARCHAR(64) NOT NULL, step_id VARCHAR(64) NOT
            NULL, position INTEGER NOT NULL, data TEXT NOT NULL, PRIMARY KEY (plan_id, step_id),
            FOREIGN KEY(plan_id) REFERENCES plans (plan_id) ON DELETE CASCADE ) WITHOUT ROWID""",
    ),
    "viewing_names": (
        """CREATE TABLE viewing_names ( name INTEGER NOT NULL, viewer INTEGER NOT NULL,
            ended_at BIGINT NOT NULL, viewing_id INTEGER NOT NULL, day INTEGER NOT NULL, PRIMARY
            KEY (name, viewer, ended_at, viewing_id), FOREIGN KEY(viewing_id) REFERENCES
            viewings (id) ON DELETE CASCADE ) WITHOUT ROWID""",
        "CREATE INDEX viewing_names_ended ON viewing_names (name, ended_at)",
        "CREATE INDEX viewing_names_viewing ON viewing_names (viewing_id)",
    ),
    "watched_names": (
        """CREATE TABLE watched_names ( viewer INTEGER NOT NULL, name INTEGER NOT NULL,
            watched_id INTEGER NOT NULL, PRIMARY KEY (viewer, name), FOREIGN KEY(watched_id)
            REFERENCES watched (id) ON DELETE CASCADE ) WITHOUT ROWID""",
        "CREATE INDEX watched_names_watched ON watched_names (watched_id)",
    ),
}
