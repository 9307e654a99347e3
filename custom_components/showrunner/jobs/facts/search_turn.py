"""When the next search may go out: all jobs share the searches of an hour."""

from datetime import datetime, timedelta
from typing import Final

from ...domain.acquisition import next_search_at
from ...domain.plan import Action
from ...store import Store

_HOUR: Final = timedelta(hours=1)


async def search_turn(store: Store, per_hour: int, now: datetime) -> datetime:
    """Say when it may: by the ledger, whoever has searched. Raises StoreError."""
    begun: list[datetime] = []
    for action in (Action.SEARCH_MOVIE, Action.SEARCH_EPISODES):
        begun += await store.ledger.begun(action, now - _HOUR)
    return next_search_at(tuple(begun), per_hour, now)
