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
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

METADATA: Final = MetaData()

SCHEMA_VERSION = Table(
    "schema_version", METADATA, Column("version", Integer, primary_key=True, autoincrement=False)
)

VIEWINGS = Table(
    "viewings",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("viewer_id", String(32), nullable=False),
    Column("day", String(10), nullable=False),
    Column("started_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger, nullable=False),
    Column("percent", Float, nullable=False),
    Column("completed", Boolean, nullable=False),
    Column("data", Text, nullable=False),
    Index("viewings_ended", "ended_at"),
    Index("viewings_viewer_ended", "viewer_id", "ended_at"),
)
# All names under which a viewing's unit is known. The viewer and day stand here once more, so that
# one index answers both "which row is this viewing" and "how often was this watched".
VIEWING_KEYS = Table(
    "viewing_keys",
    METADATA,
    Column("viewing_id", Integer, ForeignKey("viewings.id", ondelete="CASCADE"), nullable=False),
    Column("key", String(255), nullable=False),
    Column("viewer_id", String(32), nullable=False),
    Column("day", String(10), nullable=False),
    UniqueConstraint("key", "viewer_id", "day", "viewing_id"),
    Index("viewing_keys_viewing", "viewing_id"),
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
    Index("ledger_plan", "plan_id"),
    Index("ledger_state", "state"),
    Index("ledger_action_begun", "action", "begun_at"),
)
OVERRIDES = Table(
    "overrides",
    METADATA,
    Column("key", String(64), primary_key=True),
    Column("policy", String(16), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("by", String(64), nullable=False),
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
# Which title something is about, by each of its ids.
TITLES = Table(
    "titles",
    METADATA,
    Column("key", String(64), nullable=False),
    Column("subject", String(16), nullable=False),
    Column("ref", String(64), nullable=False),
    UniqueConstraint("key", "subject", "ref"),
    Index("titles_ref", "subject", "ref"),
)
KV = Table(
    "kv",
    METADATA,
    Column("key", String(64), primary_key=True),
    Column("data", Text, nullable=False),
)
