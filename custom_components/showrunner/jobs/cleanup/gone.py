"""Since when users are gone from Jellyfin: they block nothing for ever, and nothing goes at once.

Whoever is missing is noted when that is first seen; the grace of what they blocked begins then.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from ...clients.errors import ServiceError
from ...domain.since import begun, from_store, to_store
from ...store import Store
from ..facts.evidence import JellyfinEvidence

_KEY: Final = "cleanup:gone"
# A server that is being set up anew has no users for a while. Who is missing so long is gone.
_SURELY: Final = timedelta(days=1)


class GoneUsers:
    """Remembers who is missing."""

    def __init__(
        self, store: Store, evidence: JellyfinEvidence, now: Callable[[], datetime]
    ) -> None:
        """Take everything by hand."""
        self._store = store
        self._evidence = evidence
        self._now = now

    async def since(self, ids: Iterable[str]) -> Mapping[str, datetime]:
        """Say since when which of these users are gone. Raises StoreError.

        While Jellyfin does not tell, nobody is.
        """
        wanted = frozenset(ids)
        try:
            users = await self._evidence.users() if wanted else frozenset[str]()
        except ServiceError:
            return {}
        now, before = self._now(), from_store(await self._store.kv.get(_KEY))
        missing = begun(before, (wanted | before.keys()) - users, now)
        if wanted and missing != before:
            await self._store.kv.put(_KEY, to_store(missing))
        return {one: at for one, at in missing.items() if one in wanted and now - at >= _SURELY}
