"""A viewer who is no longer tracked leaves no trace.

Removed is what they watched: every row that is theirs, whichever table it is in. What Showrunner
decided and did stays, for it explains what is on the disk; it loses the viewer's name and id.
"""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection, Table, delete, or_, select, update

from ..domain.text import is_text, say
from . import watched
from .codec import dump, load
from .database import Database
from .names import numbers, viewer_name
from .schema import ACQUISITIONS, DECISIONS, KV, METADATA, NAMES, VIEWINGS
from .viewing_rows import erase

_BATCH: Final = 500
# Who is said to have been asked about, where nobody is to be named.
_SOMEBODY: Final = say("a_viewer").as_dict()
# How a sentence that an older version kept may begin, before the name; and how it names nobody.
_BEGINS: Final = "Not considered: "
_OLD_SOMEBODY: Final = "A viewer"


async def forget_viewer(database: Database, viewer_id: str, name: str) -> int:
    """Remove what was recorded of a viewer; give the number of viewings that were removed."""
    removed = 0
    while True:
        count = await database.run(lambda connection: _some_viewings(connection, viewer_id))
        if not count:
            break
        removed += count
    await database.run(lambda connection: _rest(connection, viewer_id, name))
    return removed


def _some_viewings(connection: Connection, viewer_id: str) -> int:
    known = viewer_name(viewer_id)
    number = numbers(connection, (known,)).get(known)
    query = select(VIEWINGS.c.id).where(VIEWINGS.c.viewer == number).limit(_BATCH)
    ids = [] if number is None else connection.execute(query).scalars().all()
    erase(connection, ids)
    return len(ids)


def _rest(connection: Connection, viewer_id: str, name: str) -> None:
    known = viewer_name(viewer_id)
    number = numbers(connection, (known,)).get(known)
    watched.forget(connection, viewer_id)
    for table in reversed(METADATA.sorted_tables):
        if "viewer_id" in table.c:
            connection.execute(delete(table).where(table.c.viewer_id == viewer_id))
        elif "viewer" in table.c and number is not None:
            connection.execute(delete(table).where(table.c.viewer == number))
    connection.execute(delete(NAMES).where(NAMES.c.name == known))
    for table in (DECISIONS, ACQUISITIONS):
        _rewrite(connection, table, viewer_id, name)
    for key, data in connection.execute(select(KV.c.key, KV.c.data)).all():
        if viewer_id in key:
            connection.execute(delete(KV).where(KV.c.key == key))
        elif viewer_id in data:
            left = dump(_without(load(data), viewer_id))
            connection.execute(update(KV).where(KV.c.key == key).values(data=left))


def _rewrite(connection: Connection, table: Table, viewer_id: str, name: str) -> None:
    """Take the viewer out of the rows that name them."""
    marks = [dump(text)[1:-1] for text in (viewer_id, name) if text]
    named = or_(*(table.c.data.contains(mark, autoescape=True) for mark in marks))
    for key, data in connection.execute(select(table.c.id, table.c.data).where(named)).all():
        plain = load(data)
        if isinstance(plain, dict) and _is_about(plain, viewer_id, name):
            changed = dump(_nobodys(plain, name))
            connection.execute(update(table).where(table.c.id == key).values(data=changed))


def _is_about(plain: Mapping[str, object], viewer_id: str, name: str) -> bool:
    who = plain.get("viewer_id")
    # Decisions of the first version have the name only.
    return who == viewer_id if who else name in (plain.get("viewer"), plain.get("viewer_name"))


def _nobodys(plain: dict[str, object], name: str) -> dict[str, object]:
    """Give a decision or an acquisition without whom it was for."""
    empty = {"viewer_id": None, "viewer": None, "viewer_name": ""}
    kept = plain | {key: value for key, value in empty.items() if key in plain}
    for key in ("reason", "detail"):
        if key in kept:
            kept[key] = _unnamed(kept[key], name)
    findings = kept.get("findings")
    if isinstance(findings, list):
        kept["findings"] = [
            finding | {"detail": _unnamed(finding["detail"], name)}
            if isinstance(finding, dict) and finding.get("rule") == "viewer" and "detail" in finding
            else finding
            for finding in findings
        ]
    return kept


def _unnamed(said: object, name: str) -> object:
    """Take a name from a text: its `viewer`, or the beginning of a sentence of older versions."""
    match said:
        case str():
            begins = _BEGINS if said.startswith(_BEGINS) else ""
            rest = said.removeprefix(begins)
            if not name or not rest.startswith(f"{name} "):
                return said
            return begins + _OLD_SOMEBODY + rest.removeprefix(name)
        case dict() if is_text(said):
            values = {
                key: _SOMEBODY if key == "viewer" and value == name else _within(value, name)
                for key, value in said["values"].items()
            }
            return said | {"values": values}
        case _:
            return said


def _within(value: object, name: str) -> object:
    """Take a name from the texts within a text; a title that begins like it stays."""
    if isinstance(value, list):
        return [_within(one, name) for one in value]
    return _unnamed(value, name) if is_text(value) else value


def _without(value: object, viewer_id: str) -> object:
    """Give a value without what in its lists and maps is about the viewer."""
    match value:
        case dict():
            return {
                key: _without(inner, viewer_id) for key, inner in value.items() if key != viewer_id
            }
        case list():
            return [inner for inner in value if not _mentions(inner, viewer_id)]
        case _:
            return None if value == viewer_id else value


def _mentions(value: object, viewer_id: str) -> bool:
    match value:
        case dict():
            return viewer_id in value or _mentions(list(value.values()), viewer_id)
        case list():
            return any(_mentions(inner, viewer_id) for inner in value)
        case _:
            return value == viewer_id
