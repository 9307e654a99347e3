"""The tables. Instants are UTC milliseconds, days ISO texts, everything nested is JSON."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from .library_columns import AsItIs, Guid, Imdb, Kind, Thousandths
from .packed import Packed
from .packed_rows import Rows

METADATA: Final = MetaData()

SCHEMA_VERSION = Table(
    "schema_version", METADATA, Column("version", Integer, primary_key=True, autoincrement=False)
)

# Names as numbers: of units, titles, viewers. A name is long and in many rows, a number is not.
NAMES = Table(
    "names",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("name", String(255), nullable=False, unique=True),
)
# A unit as a viewing tells it, once for all viewings that tell the same. `digest`: of its data.
UNITS = Table(
    "units",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("digest", BigInteger, nullable=False),
    Column("data", Text, nullable=False),
    Index("units_digest", "digest"),
)
# All names under which a unit is known: its own, its title's, and Jellyfin's bare id.
UNIT_NAMES = Table(
    "unit_names",
    METADATA,
    Column("name", Integer, primary_key=True, autoincrement=False),
    Column("unit", Integer, primary_key=True, autoincrement=False),
    Index("unit_names_unit", "unit"),
    sqlite_with_rowid=False,
)
# How a viewer plays, once for all of their viewings.
PLAYERS = Table(
    "players",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("viewer", Integer, nullable=False),
    Column("device", Text, nullable=False),
    Column("client", Text, nullable=False),
    Column("play_method", Text, nullable=False),
    UniqueConstraint("viewer", "device", "client", "play_method"),
)
# A viewing is small: there are a million of them. `started` and `length` are microseconds, `day` is
# counted from the year 1, `ended_at` is the end of what counts, `flags` are those of
# `viewing_columns`, `seen` is JSON and nearly always empty.
VIEWINGS = Table(
    "viewings",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("viewer", Integer, nullable=False),
    Column("unit", Integer, nullable=False),
    Column("player", Integer, nullable=False),
    Column("day", Integer, nullable=False),
    Column("started", BigInteger, nullable=False),
    Column("length", BigInteger, nullable=False),
    Column("ended_at", BigInteger, nullable=False),
    Column("watched", Float, nullable=False),
    Column("position", Float, nullable=False),
    Column("runtime", Float),
    Column("flags", Integer, nullable=False),
    Column("seen", Text),
    Index("viewings_ended", "ended_at"),
    Index("viewings_viewer_ended", "viewer", "ended_at"),
    Index("viewings_unit", "unit", "viewer", "ended_at"),
)
# Names of a viewing beside those of its unit: an earlier item's id, an id that another one has now.
VIEWING_NAMES = Table(
    "viewing_names",
    METADATA,
    Column("name", Integer, primary_key=True, autoincrement=False),
    Column(
        "viewing_id",
        Integer,
        ForeignKey("viewings.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Index("viewing_names_viewing", "viewing_id"),
    sqlite_with_rowid=False,
)
# Seconds watched in each quarter of an hour (of UTC; every time zone's days are made of those).
# What a viewing gained is put where it was reported, so a film of two evenings counts on both.
WATCH_TIME = Table(
    "watch_time",
    METADATA,
    Column("viewer", Integer, primary_key=True, autoincrement=False),
    Column("quarter", Integer, primary_key=True, autoincrement=False),
    Column("seconds", Float, nullable=False),
    sqlite_with_rowid=False,
)
# Viewings of an older version that can't be read: as they were, for whoever can.
UNREADABLE = Table(
    "unreadable_viewings",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("viewer", Integer, nullable=False),
    Column("data", Text, nullable=False),
)

DECISIONS = Table(
    "decisions",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("tier", Integer),
    Column("pending", Boolean, nullable=False),
    Column("data", Text, nullable=False),
    Column("considered", Boolean, nullable=False, server_default="1"),
    Index("decisions_at", "at"),
)
PLANS = Table(
    "plans",
    METADATA,
    Column("plan_id", String(64), primary_key=True),
    Column("job", String(32), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("data", Text, nullable=False),
    Index("plans_job_at", "job", "at"),
    Index("plans_at", "at"),
)
LEDGER = Table(
    "ledger",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("job", String(32), nullable=False),
    Column("plan_id", String(64)),
    Column("step_id", String(64)),
    Column("action", String(32), nullable=False),
    Column("state", String(16), nullable=False),
    Column("begun_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("title", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Column("freed", BigInteger, nullable=False, server_default="0"),
    Column("service", String(64)),
    Column("subject", Text),
    Column("scope", String(16)),
    Column("undo_of", Integer),
    Column("undone_at", BigInteger),
    Index("ledger_freed", "freed"),
    Index("ledger_plan", "plan_id"),
    Index("ledger_state", "state"),
    Index("ledger_action_begun", "action", "begun_at"),
)
# What is streamed instead of kept: the bytes that its last decision saved.
STREAMED = Table(
    "streamed",
    METADATA,
    Column("key", String(64), primary_key=True),
    Column("size", BigInteger, nullable=False),
    Index("streamed_size", "size"),
)
OVERRIDES = Table(
    "overrides",
    METADATA,
    Column("key", String(64), primary_key=True),
    Column("policy", String(16), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("by", String(64), nullable=False),
    # Whether the kind was said; if not, the row stands under both kinds.
    Column("kind_told", Boolean, nullable=False),
)
ACQUISITIONS = Table(
    "acquisitions",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("data", Text, nullable=False),
    Index("acquisitions_state", "state"),
)
# A request with its facts; `data` is what of it has no column. Closed ones stay: they are history,
# and their names are not used again.
REQUESTS = Table(
    "requests",
    METADATA,
    Column("id", String(96), primary_key=True),
    Column("ref", String(96), nullable=False, unique=True),
    Column("state", String(16), nullable=False),
    Column("closed", String(16)),
    Column("requested_at", BigInteger, nullable=False),
    Column("data", Packed, nullable=False),
    Column("facts", Rows, nullable=False),
    # How it stands, once that can't change with the time any more: then facts need not be read.
    Column("settled", Packed),
    Index("requests_closed", "closed"),
    Index("requests_at", "requested_at"),
    Index("requests_over", "requested_at", sqlite_where=text("closed IS NOT NULL")),
)
# Which title something is about, by its kind and each of its ids.
TITLES = Table(
    "titles",
    METADATA,
    Column("key", String(64), primary_key=True),
    Column("subject", String(16), primary_key=True),
    Column("ref", String(64), primary_key=True),
    Index("titles_ref", "subject", "ref"),
    sqlite_with_rowid=False,
)
KV = Table(
    "kv",
    METADATA,
    Column("key", String(64), primary_key=True),
    Column("data", Text, nullable=False),
)
# What many of the library's items share, once for all of them: servers and genres as texts, folders
# (found by the digest of their path), and series as their episodes tell them.
LIBRARY_TEXTS = Table(
    "library_texts",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("text", Text, nullable=False, unique=True),
)
LIBRARY_FOLDERS = Table(
    "library_folders",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("digest", BigInteger, nullable=False),
    Column("path", Text, nullable=False),
    Index("library_folders_digest", "digest"),
)
LIBRARY_SERIES = Table(
    "library_series",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("item_id", Guid),
    Column("name", Text),
    Index("library_series_item", "item_id", "name"),
)
# What the library holds. Provider ids are columns of their own, each with an index: half a million
# episodes have more than a million of them. `server`, `series`, `folder` and `genres` are numbers
# of the tables above, `file` is packed by what the row says otherwise (`library_paths`), and
# `file_digest` finds it. `digest` tells whether anything changed; `came` is the sweep in which, or
# before which, the item was seen first; `missed` the whole sweep that did not meet it first, 0 for
# an item that was met since. `seen_at`: when its file was seen first; empty for what was there when
# the library was read first.
LIBRARY_ITEMS = Table(
    "library_items",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("server", Integer, nullable=False),
    Column("item_id", Guid, nullable=False),
    Column("kind", Kind, nullable=False),
    Column("tmdb", BigInteger),
    Column("tvdb", BigInteger),
    Column("imdb", Imdb),
    Column("series", Integer),
    Column("season", Integer),
    Column("episode", Integer),
    Column("episode_end", Integer),
    Column("name", Text, nullable=False),
    Column("year", Integer),
    Column("folder", Integer),
    Column("file", AsItIs),
    Column("file_digest", Integer),
    Column("size", BigInteger),
    Column("runtime", Thousandths),
    Column("created", BigInteger),
    Column("genres", Integer, nullable=False),
    Column("rating", Thousandths),
    Column("digest", BigInteger, nullable=False),
    Column("came", Integer, nullable=False),
    Column("missed", Integer, nullable=False, server_default="0"),
    Column("seen_at", BigInteger),
    UniqueConstraint("item_id", "server"),
    Index("library_items_tmdb", "tmdb", "kind", sqlite_where=text("tmdb IS NOT NULL")),
    Index("library_items_tvdb", "tvdb", "kind", sqlite_where=text("tvdb IS NOT NULL")),
    Index("library_items_imdb", "imdb", "kind", sqlite_where=text("imdb IS NOT NULL")),
    Index(
        "library_items_series",
        *("series", "season", "episode"),
        sqlite_where=text("series IS NOT NULL"),
    ),
    Index("library_items_file", "folder", "file_digest"),
    Index("library_items_kind", "kind"),
)
# Earlier item ids of titles that came back under another one.
LIBRARY_ALIASES = Table(
    "library_aliases",
    METADATA,
    Column("server_id", String(32), primary_key=True),
    Column("old_id", String(32), primary_key=True),
    Column("item_id", String(32), nullable=False),
    Index("library_aliases_item", "item_id"),
    Index("library_aliases_old", "old_id"),
    sqlite_with_rowid=False,
)
# What the server keeps of a viewer and an item, without what everybody has of everything; both by
# the numbers of their names. `..._missed` is the whole sweep that did not say so any more first, 0
# when it was said since.
USERDATA = Table(
    "userdata",
    METADATA,
    Column("viewer", Integer, primary_key=True, autoincrement=False),
    Column("item", Integer, primary_key=True, autoincrement=False),
    Column("played", Boolean, nullable=False),
    Column("favorite", Boolean, nullable=False),
    Column("play_count", Integer, nullable=False),
    Column("position", Float, nullable=False),
    Column("last_played", BigInteger),
    Column("played_missed", Integer, nullable=False, server_default="0"),
    Column("favorite_missed", Integer, nullable=False, server_default="0"),
    Index("userdata_favorite", "viewer", sqlite_where=text("favorite IS 1")),
    sqlite_with_rowid=False,
)
# Once watched, always watched. Every viewer's row of a unit: `source` as in `watched_rows`.
WATCHED = Table(
    "watched",
    METADATA,
    Column("viewer", Integer, primary_key=True, autoincrement=False),
    Column("unit", Integer, primary_key=True, autoincrement=False),
    Column("since", BigInteger),
    Column("source", Integer, nullable=False),
    sqlite_with_rowid=False,
)
# What was watched, once for all who have: one of Jellyfin's items by the number of its name, and
# all names under which it is watched (their numbers, of four bytes each).
WATCHED_UNITS = Table(
    "watched_units",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("item", Integer, nullable=False),
    Column("names", LargeBinary, nullable=False),
)
WATCHED_NAMES = Table(
    "watched_names",
    METADATA,
    Column("name", Integer, primary_key=True, autoincrement=False),
    Column("unit", Integer, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
# What viewers have reached, once for each; `at` is empty where it was passed unnoticed.
MILESTONES = Table(
    "milestones",
    METADATA,
    Column("viewer_id", String(32), primary_key=True),
    Column("milestone", String(96), primary_key=True),
    Column("at", BigInteger),
    sqlite_with_rowid=False,
)
# A plan's steps, each written when it changes.
PLAN_STEPS = Table(
    "plan_steps",
    METADATA,
    Column(
        "plan_id",
        String(64),
        ForeignKey("plans.plan_id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("step_id", String(64), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("data", Text, nullable=False),
    sqlite_with_rowid=False,
)
# What people keep: every word of theirs, also those that are over. Whose it is stands in `titles`.
# Empty is `until` for good, `season` for the whole title, `ended_by` where another word came.
KEEPS = Table(
    "keeps",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("season", Integer),
    Column("until", BigInteger),
    Column("at", BigInteger, nullable=False),
    Column("by", String(64), nullable=False),
    Column("why", Text, nullable=False),
    Column("ended_at", BigInteger),
    Column("ended_by", String(64)),
    Index("keeps_ended", "ended_at", "until"),
)
# Which of our deletions people took back, by the first row of the ledger that tells of each.
REGRETS = Table(
    "regrets",
    METADATA,
    Column("deletion", Integer, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("way", String(16), nullable=False),
    Column("source", String(64), nullable=False),
)
