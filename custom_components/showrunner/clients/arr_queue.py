"""Whether an arr's queue is all that it waits for: only then is what it does not name not awaited.

An arr asks its download clients every minute, and makes its queue anew of what they answer. It has
none before the first time (QueueService.cs of both: an empty list until
`TrackedDownloadRefreshedEvent`), and what belongs to a client that does not answer is left out
(DownloadMonitoringService.cs of both: the error is logged, and the client taken for an empty one).
That is seen by its health alone: `DownloadClientCheck` asks all of them as soon as one has failed
or is well again, `DownloadClientStatusCheck` names those that it leaves alone for a while.
"""

from datetime import datetime, timedelta
from typing import Final

from ..domain.text import say
from .arr import ArrClient
from .arr_models import HealthFinding, QueueItem
from .errors import Unreadable
from .redaction import excerpt

# An arr that has run for longer has asked its download clients, each of which may keep it waiting.
_FIRST_QUEUE: Final = timedelta(minutes=5)
# A client that answers again is well at once, and in the queue when it was asked the next time.
_NEXT_QUEUE: Final = timedelta(minutes=2)
_CLIENTS: Final = "DownloadClientCheck"
_CHECKS: Final = (_CLIENTS, "DownloadClientStatusCheck")
_NONE_IN_USE: Final = "no-download-client-is-available"


async def known_queue(client: ArrClient, name: str, now: datetime) -> tuple[QueueItem, ...]:
    """List all downloads under way, for who would take something that is not among them.

    Raises ServiceError, also where the queue is not all that it waits for. `name`: how people call
    the arr.
    """
    lines = await _begun_queue(client, name, now)
    queued = frozenset(one.id for one in lines)
    # Only now: of a client that is lost in between the queue has all still, or this tells it. What
    # it said before something left the queue tells nothing of why it did.
    if (found := await _missed(client, anew=not client.queued_when_well <= queued)) is not None:
        client.missed_client = now
        raise Unreadable(name, say("error_queue_lacks_client", why=excerpt(found.message)))
    if client.missed_client is not None:
        # Noted by a clock that was ahead, it has begun now.
        client.missed_client = min(client.missed_client, now)
        if now - client.missed_client < _NEXT_QUEUE:
            raise Unreadable(name, say("error_queue_lacks_client_still"))
    client.queued_when_well = queued
    return lines


async def _begun_queue(client: ArrClient, name: str, now: datetime) -> tuple[QueueItem, ...]:
    """List all downloads under way that it has been told of since it runs.

    Raises ServiceError, also where it has not asked anybody yet.
    """
    lines = await client.queue()
    if not lines:
        started = await client.began()
        if started is not None and now - started < _FIRST_QUEUE:
            raise Unreadable(name, say("error_queue_not_read_yet"))
    return lines


async def _missed(client: ArrClient, *, anew: bool) -> HealthFinding | None:
    """Find what it says of a download client that it can't ask."""
    for one in await client.health(anew=anew):
        if one.check not in _CHECKS:
            continue
        # Whoever has none waits for nothing; one that is switched off may have what is waited for.
        if (one.check, one.page) == (
            _CLIENTS,
            _NONE_IN_USE,
        ) and not await client.download_clients():
            continue
        return one
    return None
