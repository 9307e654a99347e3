"""Takes apart what an entry had at run time once that is over, so that it is free at once.

Its parts know each other in circles: without this they would lie about until Python goes through
all that it holds, which holds Home Assistant up, and each reload would add to them.
"""

import asyncio
from dataclasses import fields
from typing import Final
import weakref

from homeassistant.core import HomeAssistant
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from .entry import Runtime

_OVER: Final[HassKey[list[weakref.ref[Runtime]]]] = HassKey(f"{DOMAIN}_over")
# How long what somebody had asked for right before a reload is let go on with what it began with
# (seconds), before it is looked whether it still does: it ends by itself where that is closed.
PAUSE: Final = 60.0
# What is Home Assistant's own.
_NOT_OURS: Final = ("hass", "entry")


def is_over(hass: HomeAssistant, runtime: Runtime) -> None:
    """Note what has been unloaded: until that has ended something of it may still be at work."""
    hass.data.setdefault(_OVER, []).append(weakref.ref(runtime))


async def take_apart_later(hass: HomeAssistant) -> None:
    """Take apart what was unloaded, where nothing else has done away with it yet.

    What still carries out a plan, or answers somebody, is left until that has ended.
    """
    while True:
        await asyncio.sleep(PAUSE)
        at_work = [known for known in hass.data.pop(_OVER, ()) if not _ended(known)]
        if not at_work:
            return
        hass.data.setdefault(_OVER, []).extend(at_work)


def _ended(known: weakref.ref[Runtime]) -> bool:
    """Take one apart, if it is not at work any more; tell whether it is done away with."""
    runtime = known()
    if runtime is None:
        return True
    if runtime.runner.is_busy or runtime.calls.under_way:
        return False
    _take_apart(runtime)
    return True


def _take_apart(runtime: Runtime) -> None:
    parts = [getattr(runtime, one.name) for one in fields(runtime) if one.name not in _NOT_OURS]
    for one in (*parts, *runtime.jobs.parts, *runtime.links.all):
        held = getattr(one, "__dict__", None)
        if held is not None:
            held.clear()
