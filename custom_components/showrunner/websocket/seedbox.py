"""What becomes of a seedbox: when it is full, and what the next purge would take."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from homeassistant.util import dt as dt_util

from ..coordinators.torrents import TorrentCoordinator
from ..domain.plan import RemoveTorrent, Step
from ..jobs.purge.job import PurgeJob
from ..jobs.purge.spec import SPEC as PURGE
from ..runtime import Runtime
from .common import LIMIT, Message, answered, entry_command


@entry_command("seedbox/outlook", LIMIT)
@answered
async def seedbox_outlook(runtime: Runtime, msg: Message) -> object:
    """Say when each client is full at its rate of the last day, and what may go of them and why."""
    now = dt_util.utcnow()
    clients = [_client(one, now) for one in runtime.torrents.values()]
    return {"clients": clients, "purge": _purge(runtime, msg["limit"], now)}


def _client(one: TorrentCoordinator, now: datetime) -> Mapping[str, object]:
    full = None
    if one.connected and one.data is not None:
        full = one.growth.full_at(one.data.used_bytes, one.data.capacity.total, now)
    return {
        "id": one.subentry_id,
        "rate": one.growth.rate,
        "full_at": None if full is None else full.isoformat(),
    }


def _purge(runtime: Runtime, limit: int, now: datetime) -> Mapping[str, object]:
    """Give what was found to go and is there still; null before anybody has looked."""
    job = runtime.jobs[PURGE]
    at, found = _turn(runtime, job, now), job.purgeable
    if found is None:
        return {"at": at, "candidates": None, "count": None, "bytes": None}
    left = [frees for (client, it), frees in found.torrents.items() if _has(runtime, client, it)]
    shown = [_candidate(step) for step in _there(runtime, found.first)]
    return {"at": at, "candidates": shown[:limit], "count": len(left), "bytes": sum(left)}


def _turn(runtime: Runtime, job: PurgeJob, now: datetime) -> str | None:
    """Say when it begins by itself; None: it does not, or it would only be shown."""
    if job.schedule is None or runtime.options.safety.dry_run:
        return None
    turn = job.schedule.turn(now, now, dt_util.get_default_time_zone())
    return None if turn is None else turn.isoformat()


def _there(runtime: Runtime, steps: tuple[Step, ...]) -> Iterator[Step]:
    for step in steps:
        wish = step.payload
        if isinstance(wish, RemoveTorrent) and _has(runtime, step.target.service, wish.hash):
            yield step


def _has(runtime: Runtime, service: str, info_hash: str) -> bool:
    """Tell whether a client still has a torrent, as far as is known."""
    client = runtime.torrents.get(service)
    if client is None:
        return False
    return client.data is None or client.data.get(info_hash) is not None


def _candidate(step: Step) -> Mapping[str, object]:
    return {
        "title": step.label,
        "client": step.target.service,
        "bytes": step.cost.bytes,
        "reasons": list(step.reasons),
    }
