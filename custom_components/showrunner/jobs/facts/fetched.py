"""What was fetched before: kept by releases, so that it is not fetched again once it is gone."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, TypeGuard

from ...clients.parse import instant
from ...domain.plan import FetchRelease
from ...domain.transfer.tree import Version, as_text, from_text
from ...store import Store

_KEY: Final = "fetched"
# Under this, instead of a release's key, is what no arr was told of yet.
_OPEN: Final = "open"


@dataclass(frozen=True, slots=True)
class Fetched:
    """What was fetched of a release, in the versions in which it was, and when the last of it."""

    files: Mapping[bytes, Version] = field(default_factory=dict)
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Unreported:
    """A release that is home since `at`, of which its arr could not be told yet."""

    key: str
    name: bytes
    at: datetime


class FetchedReleases:
    """Remembers, by the keys that `ReleaseFetcher` gives releases. All of it raises StoreError."""

    def __init__(self, store: Store) -> None:
        """Take the store."""
        self._store = store
        self._alone = asyncio.Lock()

    async def of(self, service: str, keys: Iterable[str]) -> dict[str, Fetched]:
        """Give what was fetched of releases; of what was never fetched there is nothing."""
        wanted = {f"{_KEY}:{service}:{key}": key for key in keys}
        kept = await self._store.kv.get_many(wanted)
        return {wanted[name]: Fetched(_files(value), _at(value)) for name, value in kept.items()}

    async def note(
        self,
        service: str,
        key: str,
        wish: FetchRelease,
        at: datetime,
        came: Mapping[bytes, Version] | None = None,
    ) -> bool:
        """Note that a release, or what was new in it, has come home; tell whether that is new.

        `came`: in which versions, where that is known; else it is taken to be as it was asked for.
        May be said twice; what is said of before counts only where nothing is known of later.
        """
        name = f"{_KEY}:{service}:{key}"
        kept = await self._store.kv.get(name)
        if (known := _at(kept)) is not None and known >= at:
            return False
        before = kept.get("files") if isinstance(kept, Mapping) else None
        files = dict(before) if isinstance(before, Mapping) else {}
        # First: what is said twice does no harm, and what is never said does.
        await self._change_open(service, key, {"name": wish.name, "at": at.isoformat()})
        if came is None:
            files |= {one.path: [one.size_bytes, one.mtime] for one in wish.files}
        else:
            files |= {as_text(path): [one.size, one.mtime] for path, one in came.items()}
        await self._store.kv.put(name, {"name": wish.name, "at": at.isoformat(), "files": files})
        return True

    async def unreported(self, service: str) -> tuple[Unreported, ...]:
        """Give what no arr was told of yet."""
        kept = await self._store.kv.get(f"{_KEY}:{service}:{_OPEN}")
        return tuple(
            Unreported(str(key), from_text(str(one.get("name", ""))), at)
            for key, one in (kept.items() if isinstance(kept, Mapping) else ())
            if isinstance(one, Mapping) and (at := _at(one)) is not None
        )

    async def mark_reported(self, service: str, one: Unreported) -> None:
        """Note that nobody has to be told of a release any more, unless it has come again since."""
        if one in await self.unreported(service):
            await self._change_open(service, one.key, None)

    async def _change_open(self, service: str, key: str, value: object) -> None:
        name = f"{_KEY}:{service}:{_OPEN}"
        async with self._alone:
            kept = await self._store.kv.get(name)
            rest = {one: it for one, it in kept.items() if one != key} if _is_map(kept) else {}
            await self._store.kv.put(name, rest if value is None else {**rest, key: value})


def _is_map(kept: object) -> TypeGuard[Mapping[str, object]]:
    return isinstance(kept, Mapping)


def _files(kept: object) -> dict[bytes, Version]:
    files = kept.get("files") if isinstance(kept, Mapping) else None
    found: dict[bytes, Version] = {}
    for path, one in files.items() if isinstance(files, Mapping) else ():
        match one:
            case [int(size), int(mtime)]:
                found[from_text(str(path))] = Version(size, mtime)
    return found


def _at(kept: object) -> datetime | None:
    return instant(kept.get("at")) if isinstance(kept, Mapping) else None
