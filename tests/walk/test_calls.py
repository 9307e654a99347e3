"""How many questions and changes it takes to delete a film with its file, polls left out."""

from collections import Counter
from contextvars import ContextVar
from typing import Any

import pytest

from custom_components.showrunner.clients import arr, moment
from custom_components.showrunner.clients.http import HttpClient

from .deleting import arrived, states
from .pipeline import Pipeline

_DELETING: ContextVar[bool] = ContextVar("deleting", default=False)
_MOST = 30


async def test_each_step_asks_once_what_it_needs(
    pipe: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its check, its proofs and what is kept of it share their answers; a change ends that."""
    monkeypatch.setattr(moment, "STANDS", 60.0)  # however busy this machine is
    monkeypatch.setattr(arr, "_STANDS", 60.0)
    room = await arrived(pipe)
    runtime = pipe.house.runtime
    await runtime.library.sweep_now()
    # Jellyfin sees at once that the file is gone: nothing waits for that.
    runtime.runner.add_listener(lambda *_: room.servers.world.miss())
    parts: list[list[str]] = [[]]
    opened = HttpClient._opened

    def counted(self: HttpClient, method: str, path: str, *args: Any, **more: Any) -> Any:
        if _DELETING.get():
            parts[-1].append(f"{self.service} {path} {more.get('params')}")
            if method != "GET":
                parts.append([])
        return opened(self, method, path, *args, **more)

    monkeypatch.setattr(HttpClient, "_opened", counted)
    token = _DELETING.set(True)
    plan = await room.delete(files=True)
    _DELETING.reset(token)
    assert set(states(plan).values()) == {"done"}, plan
    twice = [one for part in parts for one, count in Counter(part).items() if count > 1]
    assert not twice
    # Before the file goes it is asked anew whose favourite it is, and what plays.
    before = next(part for part in parts if "/moviefile/" in part[-1])
    assert [one for one in before if "/Sessions" in one]
    assert [one for one in before if "isFavorite" in one]
    assert sum(len(part) for part in parts) <= _MOST, parts
