"""A probe inside Home Assistant: how late its event loop comes, and what the collector does.

It imports nothing of the bench, for it lies in a configuration's `custom_components`. A stall is
how much later than asked for the loop comes round; `held` is that as far as this process worked
meanwhile, so that what others on the machine took is no part of it.
"""

from array import array
import asyncio
from collections import Counter
import gc
import os
import sys
import threading
import time
import traceback
from typing import Any

from aiohttp import web
from homeassistant.core import HomeAssistant
from homeassistant.helpers.http import HomeAssistantView
from homeassistant.helpers.typing import ConfigType

TICK = 0.005
_LATE = 0.02
_DEEP = 12


class Probe:
    """Counts since it was asked last."""

    def __init__(self) -> None:
        """Begin, with the collector's help."""
        self._collected = 0.0
        self._last = time.perf_counter()
        self._main = threading.get_ident()
        self.reset()
        gc.callbacks.append(self._collects)

    def reset(self) -> None:
        """Begin anew."""
        self._late, self._held = array("f"), array("f")
        self._collections = [0, 0, 0]
        self._seconds = [0.0, 0.0, 0.0]
        self._longest = 0.0
        self._by: Counter[str] = Counter()
        self._during: Counter[str] = Counter()

    def _collects(self, phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            self._collected = time.thread_time()
            return
        generation, took = info["generation"], time.thread_time() - self._collected
        self._collections[generation] += 1
        self._seconds[generation] += took
        self._longest = max(self._longest, took)
        if generation == len(self._collections) - 1:
            self._by[_said(traceback.extract_stack(sys._getframe(1)))] += 1

    async def tick(self) -> None:
        """Look how late the loop is, for ever."""
        while True:
            asked, worked = time.perf_counter() + TICK, time.process_time()
            await asyncio.sleep(TICK)
            self._last = time.perf_counter()
            late = max(0.0, self._last - asked)
            self._late.append(late)
            self._held.append(min(late, time.process_time() - worked))

    def watch(self) -> None:
        """Note where the loop is while it is late; in a thread of its own, for ever."""
        noted = 0.0
        while True:
            time.sleep(TICK)
            last = self._last
            if last != noted and time.perf_counter() - last > _LATE + TICK:
                noted = last
                frame = sys._current_frames().get(self._main)
                if frame is not None:
                    self._during[_said(traceback.extract_stack(frame))] += 1

    def told(self) -> dict[str, Any]:
        """Give what was counted (seconds), and begin anew."""
        held, late = sorted(self._held), sorted(self._late)
        count = len(held)
        answer = {
            "ticks": count,
            "p50": held[count // 2] if count else 0.0,
            "p999": held[int(count * 0.999)] if count else 0.0,
            "longest": held[-1] if count else 0.0,
            "longest_late": late[-1] if count else 0.0,
            "over": sum(1 for one in held if one > _LATE),
            "collections": self._collections,
            "collecting": self._seconds,
            "longest_collection": self._longest,
            "collected_by": dict(self._by.most_common(20)),
            "during": dict(self._during.most_common(40)),
            "objects": len(gc.get_objects()) if self._deep else 0,
        }
        self.reset()
        return answer

    _deep = bool(os.environ.get("HOUSE_DEEP"))


def _said(stack: traceback.StackSummary) -> str:
    """Name the innermost places, ours by their modules."""
    kept = []
    for frame in reversed(stack):
        name = frame.filename.rpartition("site-packages/")[2].rpartition("custom_components/")[2]
        kept.append(f"{name}:{frame.lineno} {frame.name}")
        if len(kept) >= _DEEP or ("showrunner/" in name and len(kept) > 4):
            break
    return " < ".join(kept)


class _View(HomeAssistantView):
    """Tells."""

    url = "/api/house_probe"
    name = "api:house_probe"

    def __init__(self, probe: Probe) -> None:
        self._probe = probe

    async def get(self, request: web.Request) -> web.Response:
        """Tell what was counted."""
        return self.json(self._probe.told())


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Begin to count."""
    probe = Probe()
    hass.http.register_view(_View(probe))
    hass.async_create_background_task(probe.tick(), "house probe")
    if os.environ.get("HOUSE_STACKS"):
        threading.Thread(target=probe.watch, name="house probe", daemon=True).start()
    return True
