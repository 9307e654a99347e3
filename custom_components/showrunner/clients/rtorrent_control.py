"""What is done to rTorrent's torrents: remove, stop, start, and limits for all.

Behind ruTorrent its own forms are sent, which every combination of versions takes; the same calls
in XML are refused by some (recorded: ruTorrent 5.3.12 over rTorrent 0.16).
"""

from collections.abc import Sequence
from typing import Final

from ..domain.text import say
from ..domain.torrent_details import RateLimits, Removal
from .errors import Refused
from .parse import natural
from .redaction import excerpt
from .rtorrent_calls import Calls, faults, no_such_torrent, unfaulted
from .rtorrent_wire import PRODUCT

_KIB: Final = 1024
_DOWN: Final = "throttle.global_down.max_rate"
_UP: Final = "throttle.global_up.max_rate"


class Control:
    """Does things to torrents. Every method raises a ServiceError; hashes are in upper case."""

    def __init__(self, calls: Calls) -> None:
        """Take the calls."""
        self._calls = calls

    @property
    def removal(self) -> Removal:
        """Tell what becomes of data: `d.erase` keeps it, always; ruTorrent collects it later."""
        return Removal.QUEUED_WITH_DATA if self._calls.is_rutorrent else Removal.ENTRY_ONLY

    async def remove(self, info_hash: str, *, data: bool) -> None:
        """Remove a torrent; with its data where ruTorrent can."""
        if data and not self._calls.is_rutorrent:
            raise ValueError("data that can't be deleted")
        if data:
            # v=1: the files; its answer to one that it has not, or has no files of, is false.
            [answer] = await self._calls.form("removewithdata", (info_hash,), v="1")
            if answer is False or answer is None:
                await self._check_gone(info_hash)
            return
        answer = await self._calls.xml("d.erase", info_hash)
        # The call may have been repeated: one that is gone already is as good.
        if not no_such_torrent(answer):
            unfaulted(answer)

    async def _check_gone(self, info_hash: str) -> None:
        answer = await self._calls.xml("d.hash", info_hash)
        if not no_such_torrent(answer):
            raise Refused(PRODUCT, 0, say("error_nothing_was_erased"))

    async def pause(self, hashes: Sequence[str]) -> None:
        """Stop torrents; they stay open, so their disk's free space goes on being told."""
        await self._set("pause", "d.stop", hashes)

    async def resume(self, hashes: Sequence[str]) -> None:
        """Start torrents, also closed ones."""
        await self._set("start", "d.start", hashes)

    async def _set(self, mode: str, method: str, hashes: Sequence[str]) -> None:
        if self._calls.is_rutorrent:
            await self._calls.form(mode, hashes)
            return
        for fault in faults(await self._calls.each(method, hashes)):
            raise Refused(PRODUCT, 0, excerpt(fault.text))

    async def limits(self) -> RateLimits:
        """Ask for the limits; 0 is none."""
        down, up = [natural(unfaulted(await self._calls.xml(one, ""))) for one in (_DOWN, _UP)]
        if down is None or up is None:
            raise Refused(PRODUCT, 0, say("error_rows_have_another_shape"))
        return RateLimits(down, up)

    async def set_limits(self, down: int, up: int) -> None:
        """Set the limits; what is less than a kibibyte is one, for 0 would be none."""
        for method, limit in ((_DOWN, down), (_UP, up)):
            kib = str(-(-limit // _KIB))
            unfaulted(await self._calls.xml(f"{method}.set_kb", "", kib))
