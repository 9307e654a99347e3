"""The library: tell Jellyfin what changed."""

from typing import Final

from homeassistant.core import ServiceCall
from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from ..runtime import PathUnknown, RefreshRunning, Runtime
from ..texts import written
from ..validation import flag, path
from .common import ENTRY, MOST, Told, admin_only, failed, invalid, may_ask

REFRESH_LIBRARY: Final = vol.Schema(
    {
        **ENTRY,
        vol.Optional("paths"): vol.All(cv.ensure_list, [path], vol.Length(min=1, max=MOST)),
        vol.Optional("dry_run", default=False): flag,
    }
)


async def refresh_library(runtime: Runtime, call: ServiceCall) -> Told:
    """Tell Jellyfin what changed, or these paths."""
    # The options' dry run does not count here: nobody's files are changed by a look at them.
    dry: bool = call.data["dry_run"]
    if dry:
        await may_ask(runtime, call)
    else:
        await admin_only(runtime, call)
    paths: list[str] | None = call.data.get("paths")
    try:
        told = await (
            runtime.refresh.tell_pending(dry_run=dry)
            if paths is None
            else runtime.refresh.tell_paths(paths, dry_run=dry)
        )
    except PathUnknown as err:
        raise invalid("path_unknown", path=str(err)) from err
    except RefreshRunning as err:
        since = written(runtime.hass, err.since)
        raise failed("refresh_running", since=since) from err
    return told.as_dict()
