"""What leaves, and when: for a card that lets people keep it."""

from collections.abc import Mapping
from typing import Any

from ..jobs.cleanup.due import Leaving
from ..jobs.cleanup.job import CleanupJob
from ..jobs.cleanup.spec import SPEC as CLEANUP
from ..runtime import Runtime
from .common import LIMIT, Message, answered, entry_command


@entry_command("leaving/list", LIMIT)
@answered
async def list_leaving(runtime: Runtime, msg: Message) -> object:
    """List what is due to leave, the first first; null before anybody has looked."""
    job = runtime.jobs[CLEANUP]
    found, following = job.leaving, job.next_deletion
    shown = None if found is None else [_shown(job, one) for one in found[: msg["limit"]]]
    return {
        "leaving": shown,
        "count": None if found is None else len(found),
        "next_deletion": None if following is None else following.isoformat(),
    }


def _shown(job: CleanupJob, one: Leaving) -> Mapping[str, Any]:
    return {
        "title": one.title.label,
        "media": one.title.media.value,
        "ids": list(one.title.ids.keys),
        "season": one.season,
        "leaves_at": job.leaves_at(one).isoformat(),
        "bytes": one.size_bytes,
    }
