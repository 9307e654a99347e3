"""What leaves, and when: for a card that lets people keep it."""

from collections.abc import Mapping
from typing import Any

from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.core import HomeAssistant

from ..domain.deletion.why import why_it_leaves
from ..jobs.cleanup.due import Leaving
from ..jobs.cleanup.job import CleanupJob
from ..jobs.cleanup.spec import SPEC as CLEANUP
from ..runtime import Runtime, ShowrunnerConfigEntry
from .common import LIMIT, Message, answered, entry_command


@entry_command("leaving/list", LIMIT)
def list_leaving(
    hass: HomeAssistant, connection: ActiveConnection, msg: Message, entry: ShowrunnerConfigEntry
) -> None:
    """List what is due to leave, the first first; null before anybody has looked.

    Why something leaves names who has watched it: where the options keep that to administrators,
    others are told no reasons.
    """
    hidden = entry.runtime_data.options.history_admins_only and not connection.user.is_admin
    (_without_reasons if hidden else _with_reasons)(hass, connection, msg, entry)


@answered
async def _with_reasons(runtime: Runtime, msg: Message) -> object:
    return _listed(runtime, msg["limit"], why=True)


@answered
async def _without_reasons(runtime: Runtime, msg: Message) -> object:
    return _listed(runtime, msg["limit"], why=False)


def _listed(runtime: Runtime, limit: int, *, why: bool) -> object:
    job = runtime.jobs[CLEANUP]
    found, following = job.leaving, job.next_deletion
    shown = None if found is None else [_shown(job, one, why=why) for one in found[:limit]]
    return {
        "leaving": shown,
        "count": None if found is None else len(found),
        "next_deletion": None if following is None else following.isoformat(),
    }


def _shown(job: CleanupJob, one: Leaving, *, why: bool) -> Mapping[str, Any]:
    return {
        "title": one.title.label,
        "media": one.title.media.value,
        "ids": list(one.title.ids.keys),
        "season": one.season,
        "leaves_at": job.leaves_at(one).isoformat(),
        "bytes": one.size_bytes,
        "reasons": list(why_it_leaves(one.findings)) if why else [],
    }
