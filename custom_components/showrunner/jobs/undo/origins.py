"""Whose thing it was that we changed, as the row of the ledger tells."""

from collections.abc import Mapping

from ...domain.media import MediaType, ProviderIds, Title
from ...domain.plan import (
    DeleteMovie,
    Payload,
    RestoreMovie,
    RestoreSeries,
    Scope,
    SearchMovie,
    Target,
)
from ...domain.text import Words, say
from ...domain.values import year
from ...store import LedgerRow
from ..refused import Refused


class NotUndoable(Refused):
    """The row can't be taken back; `why` says it to people."""

    def __init__(self, why: Words) -> None:
        """Take why."""
        super().__init__(translation_key="not_undoable", why=why)


def is_same_target(one: LedgerRow, other: LedgerRow) -> bool:
    """Tell whether two rows are about the same thing of the same service."""
    mine, theirs = one.before.get("target"), other.before.get("target")
    if not isinstance(mine, Mapping) or not isinstance(theirs, Mapping):
        return False
    return all(mine.get(name) == theirs.get(name) for name in ("service", "id"))


def scope_of(payload: Payload, *, movie: bool) -> Scope:
    """Say what a step is about."""
    if isinstance(payload, RestoreSeries):
        return Scope.SERIES
    return Scope.MOVIE if movie else Scope.EPISODE


def target_of(row: LedgerRow, payload: Payload) -> Target:
    """Read whose thing it was. Raises NotUndoable: an older version did not keep it."""
    stored = row.before.get("target")
    if not isinstance(stored, Mapping) or not isinstance(stored.get("ids"), list):
        raise NotUndoable(say("undo_impossible"))
    pairs = (str(one).partition(":") for one in stored["ids"])
    ids = ProviderIds.from_mapping({name: value for name, _, value in pairs})
    number = row.after.get("movie_id") if isinstance(payload, DeleteMovie) else stored.get("id")
    if isinstance(payload, RestoreMovie | RestoreSeries | SearchMovie):
        number = None  # added again it has another
    return Target(
        str(stored.get("service")),
        str(stored.get("kind")),
        number if isinstance(number, int) else None,
        None,
        ids,
    )


def title_of(row: LedgerRow, before: Mapping[str, object], ids: ProviderIds) -> Title:
    """Name the title as its arr did."""
    record = before.get("record")
    stored = record if isinstance(record, Mapping) else {}
    target = row.before.get("target")
    movie = isinstance(target, Mapping) and target.get("kind") == "radarr"
    media = MediaType.MOVIE if movie else MediaType.SERIES
    name = stored.get("title")
    if isinstance(name, str) and name:
        return Title(media, ids, name, year(stored.get("year")))
    head, _, made = row.title.rpartition(" (")
    return Title(media, ids, head or row.title, year(made.rstrip(")")) if head else None)
