"""The facts of all requests that wait, packed; those that were looked at last, as they are."""

from collections.abc import Iterator, Mapping
from typing import Final, override

from ..domain.requests.facts import Facts
from ..domain.requests.packed import pack_facts, unpack_facts

# So many facts are held as objects: about what is under way at one time.
_MOST: Final = 3000


class HeldFacts(Mapping[str, Facts]):
    """Facts by the ids of their requests."""

    def __init__(self, most: int = _MOST) -> None:
        """Begin empty. `most`: so many facts are held unpacked."""
        self._most = most
        self._packed: dict[str, bytes] = {}
        # The one that was looked at last is at the end. What has changed since is not packed.
        self._open: dict[str, Facts] = {}
        self._count = 0

    @override
    def __getitem__(self, request_id: str) -> Facts:
        """Give a request's facts. As long as they are looked at, it is the same object."""
        facts = self._open.pop(request_id, None)
        if facts is None:
            facts = unpack_facts(self._packed[request_id])
            self._count += len(facts)
        self._open[request_id] = facts
        self._close()
        return facts

    @override
    def __iter__(self) -> Iterator[str]:
        yield from self._open
        yield from (one for one in self._packed if one not in self._open)

    @override
    def __len__(self) -> int:
        return len(self._open) + sum(one not in self._open for one in self._packed)

    @override
    def __contains__(self, request_id: object) -> bool:
        return request_id in self._open or request_id in self._packed

    def put(self, request_id: str, facts: Facts) -> None:
        """Hold facts instead of those before."""
        before = self._open.pop(request_id, None)
        if facts is not before:
            self._packed.pop(request_id, None)
        self._count += len(facts) - (0 if before is None else len(before))
        self._open[request_id] = facts
        self._close()

    def drop(self, request_id: str) -> None:
        """Hold a request's facts no longer."""
        self._packed.pop(request_id, None)
        before = self._open.pop(request_id, None)
        self._count -= 0 if before is None else len(before)

    def _close(self) -> None:
        """Pack what was not looked at for longest; the last one stays open, however large."""
        while self._count > self._most and len(self._open) > 1:
            request_id = next(iter(self._open))
            facts = self._open.pop(request_id)
            self._count -= len(facts)
            if request_id not in self._packed:
                self._packed[request_id] = pack_facts(facts)
