"""What a ledger says of a step."""

from custom_components.showrunner.store import LedgerRow

from .deleting import KEY, Room


async def row_of(room: Room, action: str) -> LedgerRow:
    """Find what the ledger says of an action, the last time that it was done."""
    rows = await room.pipe.house.runtime.store.ledger.for_title(KEY)
    return [row for row in rows if row.action == action][-1]
