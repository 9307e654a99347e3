"""Stops and starts torrents, and limits how fast a client goes, when a person says so.

No plan: it deletes nothing, and the opposite action takes it back. The dry run of the options
holds it back all the same. What a client took and did not do is read back and said.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping
from typing import Final

from ...coordinators.torrents import TorrentCoordinator
from ...domain.text import Text, say
from ...domain.torrent_details import RateLimits
from ...domain.torrents import Torrent, TorrentState
from ...options import Options
from ..refused import Refused

JOB: Final = "torrents"
# Clients stop and start in their own time: so long is waited before each look (seconds).
_LOOKS: Final = (0.0, 0.5, 1.0, 2.0, 4.0)
# Decimal, as internet providers and people count.
_BYTES_PER_MBIT: Final = 125_000
_KIB: Final = 1024
_STOPPED: Final = frozenset({TorrentState.STOPPED, TorrentState.PAUSED})

type Said = Mapping[str, object]


class TorrentControl:
    """Tells torrent clients what a person wants of them."""

    def __init__(
        self, clients: Mapping[str, TorrentCoordinator], options: Callable[[], Options]
    ) -> None:
        """Take the linked clients by their subentries' ids, always as they are now."""
        self._clients = clients
        self._options = options

    async def pause(self, data: Said) -> dict[str, object]:
        """Stop torrents. Raises Refused, ServiceError."""
        return await self._set(data, stop=True)

    async def resume(self, data: Said) -> dict[str, object]:
        """Start torrents. Raises Refused, ServiceError."""
        return await self._set(data, stop=False)

    async def limit(self, data: Said) -> dict[str, object]:
        """Limit a client; a limit that is left out stays as it is. Raises Refused, ServiceError."""
        linked = self._client(data)
        before = await linked.client.limits()
        wanted = RateLimits(
            _bytes(data.get("down_mbit"), before.down), _bytes(data.get("up_mbit"), before.up)
        )
        dry = self._is_dry(data)
        if not dry:
            await linked.client.set_limits(wanted.down, wanted.up)
        now = wanted if dry else await linked.client.limits()
        if not (_alike(now.down, wanted.down) and _alike(now.up, wanted.up)):
            raise Refused(
                translation_key="limits_not_taken",
                client=linked.title,
                down=f"{_mbit(now.down):g}",
                up=f"{_mbit(now.up):g}",
            )
        return {"down_mbit": _mbit(now.down), "up_mbit": _mbit(now.up), "dry_run": dry}

    async def _set(self, data: Said, *, stop: bool) -> dict[str, object]:
        linked = self._client(data)
        torrents = (await linked.client.torrents()).by_hash
        named, unknown = _named(data, torrents)
        wanted = [one.hash for one in named if stop is not _is_stopped(one)]
        dry = self._is_dry(data)
        left: dict[str, Torrent] = {}
        if wanted and not dry:
            act = linked.client.pause if stop else linked.client.resume
            await act(wanted)
            left = await self._left(linked, wanted, stop=stop)
            await linked.async_refresh()
        refused: list[dict[str, object]] = [
            {"hash": one.hash, "name": one.name, "reason": _why(one, stop=stop)}
            for one in left.values()
        ]
        refused += [
            {"hash": one, "name": None, "reason": say("torrent_not_there")} for one in unknown
        ]
        return {
            "hashes": [one for one in wanted if one not in left],
            "not_done": refused,
            "dry_run": dry,
        }

    async def _left(
        self, linked: TorrentCoordinator, wanted: Collection[str], *, stop: bool
    ) -> dict[str, Torrent]:
        """Read back which torrents are not as they were to be; one that is gone is not told."""
        left: dict[str, Torrent] = {}
        for pause in _LOOKS:
            await asyncio.sleep(pause)
            torrents = await linked.client.torrents()
            there = {one: found for one in wanted if (found := torrents.get(one)) is not None}
            left = {key: one for key, one in there.items() if stop is not _is_stopped(one)}
            if not left:
                break
        return left

    def _client(self, data: Said) -> TorrentCoordinator:
        """Find the client that is meant, by its id or its name."""
        given = data.get("client")
        if given is None:
            if len(self._clients) != 1:
                key = "torrent_client_missing" if not self._clients else "torrent_clients_many"
                raise Refused(translation_key=key)
            return next(iter(self._clients.values()))
        found = [
            one
            for key, one in self._clients.items()
            if given == key or str(given).casefold() == one.title.casefold()
        ]
        if len(found) != 1:
            raise Refused(translation_key="torrent_client_unknown", client=str(given))
        return found[0]

    def _is_dry(self, data: Said) -> bool:
        """Tell whether nothing is done; without a word as the options say. Raises Refused."""
        on = self._options().safety.dry_run
        dry = bool(data.get("dry_run", on))
        if on and not dry and not data.get("confirm"):
            raise Refused(translation_key="dry_run_on")
        return dry


def _named(data: Said, torrents: Mapping[str, Torrent]) -> tuple[list[Torrent], list[str]]:
    """Find the torrents that are meant, and the hashes that nothing has. Raises Refused."""
    hashes, label = data.get("hashes"), data.get("label")
    if [bool(hashes), label is not None, data.get("all") is True].count(True) != 1:
        raise Refused(translation_key="torrents_not_named")
    if isinstance(hashes, list):
        wanted = list(dict.fromkeys(str(one).upper() for one in hashes))
        return [torrents[one] for one in wanted if one in torrents], [
            one for one in wanted if one not in torrents
        ]
    meant = [one for one in torrents.values() if label is None or one.label == label]
    return meant, []


def _is_stopped(one: Torrent) -> bool:
    """Tell whether it is stopped: one in error is, unless its client says that it goes on."""
    return one.state in _STOPPED or (one.state is TorrentState.ERROR and not one.is_active)


def _why(one: Torrent, *, stop: bool) -> Text | str:
    if one.message:
        return one.message
    return say("torrent_still_runs") if stop else say("torrent_still_stopped")


def _bytes(mbit: object, before: int) -> int:
    """Give a limit in bytes; the smallest is one byte, for none at all means no limit."""
    if not isinstance(mbit, int | float):
        return before
    return max(round(mbit * _BYTES_PER_MBIT), 1) if mbit > 0 else 0


def _mbit(limit: int) -> float:
    return round(limit / _BYTES_PER_MBIT, 2)


def _alike(now: int, wanted: int) -> bool:
    """Tell whether a limit is the one that was wanted: clients count in KiB, and 0 is none."""
    return bool(now) is bool(wanted) and abs(now - wanted) <= _KIB
