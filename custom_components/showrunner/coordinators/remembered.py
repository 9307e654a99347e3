"""What protects a service outlives reloads and restarts: it is kept in the store.

What a torrent client had, so that one that starts empty is not believed, and how much it held of
late, so that a restart does not forget how fast it fills; and that a login was refused, so that
another reload is not another wrong login.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from hashlib import blake2b
import hmac
import json
from secrets import token_bytes
from typing import Final, Protocol

from ..clients.errors import ServiceError
from ..clients.login_rest import Refusal
from ..domain.growth import Growth
from ..domain.text import say
from ..store import StoreError

_HASHES: Final = "torrents"
_GROWTH: Final = "growth"
# A year beyond 9999 is no instant.
_LATEST: Final = datetime.max.replace(tzinfo=UTC).timestamp()
_LOGIN: Final = "login"


class Values(Protocol):
    """Values by a key that are kept."""

    async def get(self, key: str) -> object:
        """Give a value, None when there is none. Raises StoreError."""

    async def put(self, key: str, value: object) -> None:
        """Keep a value. Raises StoreError."""


class RememberedTorrents:
    """Which torrents a client had when it was last believed, and how much it held of late."""

    def __init__(self, values: Values, subentry_id: str) -> None:
        """Take where it is kept, and whose it is."""
        self._values = values
        self._key = f"{_HASHES}:{subentry_id}"
        self._growth = f"{_GROWTH}:{subentry_id}"

    async def recall(self) -> frozenset[str]:
        """Give them. Raises StoreError."""
        kept = await self._values.get(self._key)
        return frozenset(str(one) for one in kept) if isinstance(kept, list) else frozenset()

    async def keep(self, hashes: Iterable[str]) -> None:
        """Keep them. Raises StoreError."""
        await self._values.put(self._key, sorted(hashes))

    async def recall_growth(self) -> Growth:
        """Give what it held of late; what can't be read says nothing. Raises StoreError."""
        kept = await self._values.get(self._growth)
        seen = sorted(_seen(kept)) if isinstance(kept, list) else ()
        return Growth(tuple(seen))

    async def keep_growth(self, growth: Growth) -> None:
        """Keep what it held of late. Raises StoreError."""
        seen = [[int(at.timestamp()), used] for at, used in growth.seen]
        await self._values.put(self._growth, seen)


def _seen(kept: Iterable[object]) -> Iterator[tuple[datetime, int]]:
    for one in kept:
        match one:
            case [int(at), int(used)] if 0 <= at < _LATEST and used >= 0:
                yield datetime.fromtimestamp(at, UTC), used


class RememberedLogin:
    """That this very login was refused, and until when no other try is made.

    The login itself is not kept, only what tells it from another: a changed one is tried at once.
    """

    def __init__(
        self, values: Values, subentry_id: str, service: str, login: Mapping[str, object]
    ) -> None:
        """Take where it is kept, whose it is, the product's name, and how it signs in where."""
        self._values = values
        self._service = service
        self._key = f"{_LOGIN}:{subentry_id}"
        self._login = json.dumps(login, sort_keys=True).encode()

    async def recall(self) -> Refusal | None:
        """Give the refusal of this login. Raises ServiceError: without it none is made."""
        try:
            kept = await self._values.get(self._key)
        except StoreError as err:
            raise ServiceError(
                self._service, say("error_whether_refused_login_why", why=err.text)
            ) from err
        match kept:
            case {
                "salt": str(salt),
                "mark": str(mark),
                "until": float(until) | int(until),
                "banned": bool(banned),
            } if hmac.compare_digest(mark, self._mark(salt)):
                return Refusal(float(until), banned)
        return None

    async def keep(self, refusal: Refusal | None) -> None:
        """Keep a refusal, or that there is none any more. Raises ServiceError."""
        salt = token_bytes(16).hex()
        kept = refusal and {
            "salt": salt,
            "mark": self._mark(salt),
            "until": refusal.until,
            "banned": refusal.banned,
        }
        try:
            await self._values.put(self._key, kept)
        except StoreError as err:
            raise ServiceError(
                self._service, say("error_what_said_login_why", why=err.text)
            ) from err

    def _mark(self, salt: str) -> str:
        return blake2b(self._login, key=bytes.fromhex(salt), digest_size=16).hexdigest()
