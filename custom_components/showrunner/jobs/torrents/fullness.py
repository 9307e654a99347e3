"""Tells when a torrent client is full: once, also over restarts, until it was below again."""

import asyncio
from collections.abc import Callable
import logging
from typing import Final

from ...coordinators.torrents import TorrentCoordinator
from ...domain.fullness import Fullness, passed
from ...signals import Signals, Topic
from ...store import Store, StoreError

_LOGGER = logging.getLogger(__name__)
_KEY: Final = "full:"


class FullnessWatch:
    """Looks at each client when it has answered."""

    def __init__(
        self, store: Store, signals: Signals, target: Callable[[], int | None] = lambda: None
    ) -> None:
        """Take where it is kept what was told, and whom to tell.

        `target`: how many bytes a client may hold; None: nobody has chosen that.
        """
        self._target = target
        self._store = store
        self._signals = signals
        self._reported: dict[str, frozenset[Fullness]] = {}
        self._waiting: dict[str, TorrentCoordinator] = {}
        self._wake = asyncio.Event()

    def follow(self, client: TorrentCoordinator) -> None:
        """Look at a client whenever it has answered, for as long as it is linked."""

        def answered() -> None:
            self._waiting[client.subentry_id or ""] = client
            self._wake.set()

        client.until_shutdown(client.async_add_listener(answered))
        answered()

    async def work(self) -> None:
        """Look at who has answered, while the entry is loaded."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            waiting, self._waiting = self._waiting, {}
            for key, client in waiting.items():
                try:
                    await self._look(key, client)
                except StoreError as err:
                    # Told once too often is better than never: it is looked at again.
                    _LOGGER.warning("Could not keep that %s is full: %s", client.title, err)

    async def _look(self, key: str, client: TorrentCoordinator) -> None:
        """Tell what is new. What a client says that is in doubt, or did not answer, is nothing."""
        data = client.data
        if not client.connected or client.doubted or data is None:
            return
        reported = self._reported.get(key)
        if reported is None:
            reported = _read(await self._store.kv.get(_KEY + key))
        target = self._target()
        now = passed(data.used_bytes, data.quota_bytes, target, reported)
        if now != reported:
            await self._store.kv.put(_KEY + key, sorted(now))
        self._reported[key] = now
        for kind in sorted(now - reported):
            self._signals.send(
                Topic.SERVICE,
                "full",
                {
                    "service": client.title,
                    "limit": kind.value,
                    "used": data.used_bytes,
                    "of": target if kind is Fullness.TARGET else data.quota_bytes,
                },
            )


def _read(state: object) -> frozenset[Fullness]:
    listed = state if isinstance(state, list) else []
    return frozenset(Fullness(one) for one in listed if one in set(Fullness))
