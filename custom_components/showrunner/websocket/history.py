"""When people watch: for administrators alone where the options keep the history to them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from homeassistant.util import dt as dt_util
import voluptuous as vol

from ..refusals import invalid
from ..runtime import Runtime
from ..validation import text
from .common import Message, answered, entry_command, history_only

_LONGEST: Final = 366


@entry_command(
    "history/week",
    {
        vol.Optional("viewer"): text,
        vol.Optional("days", default=90): vol.All(int, vol.Range(1, _LONGEST)),
    },
)
@history_only
@answered
async def viewing_week(runtime: Runtime, msg: Message) -> object:
    """Sum up the seconds that viewers watched in each hour of the week, in the last days."""
    names = _meant(runtime, msg.get("viewer"))
    since = dt_util.start_of_local_day() - timedelta(days=msg["days"] - 1)
    week = await runtime.store.viewings.week([*names], since, dt_util.get_default_time_zone())
    return {
        "since": since.isoformat(),
        "viewers": [one.name for one in runtime.viewers.values()],
        "week": [[round(seconds) for seconds in day] for day in week],
    }


def _meant(runtime: Runtime, viewer: str | None) -> Mapping[str, str]:
    """Give the names of the viewers who are meant, by their ids: all who are tracked, or one."""
    names = {user: one.name for user, one in runtime.viewers.items()}
    if viewer is None:
        return names
    found = {user: name for user, name in names.items() if name.casefold() == viewer.casefold()}
    if not found:
        raise invalid("viewer_unknown", viewer=viewer)
    return found
