"""Fetching from Home Assistant's event loop, over the thread of the client."""

import asyncio
from pathlib import Path
import threading
from typing import Any

import pytest

from custom_components.showrunner.clients import loop_thread
from custom_components.showrunner.clients.fetching import fetcher, staging
from custom_components.showrunner.clients.fetching.fetcher import How, InProcess, ReleaseFetcher
from custom_components.showrunner.clients.fetching.folder import marked
from custom_components.showrunner.domain.text import Words, say
from tests.clients.fetching import write
from tests.clients.sftp_server import serving

pytestmark = pytest.mark.usefixtures("socket_enabled")


@pytest.mark.parametrize("cancelled", [False, True])
async def test_what_is_being_put_in_its_place_is_not_broken_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, cancelled: bool
) -> None:
    """However long the disk takes: it would lie there all the same, and nobody would know."""
    monkeypatch.setattr(loop_thread, "_PATIENCE", 0.02)
    monkeypatch.setattr(fetcher, "_TICK", 0.01)
    write(tmp_path / "box" / "done" / "Film" / "film.mkv", 3000)
    home = tmp_path / "home"
    home.mkdir()
    begun, go_on = threading.Event(), threading.Event()
    real = staging.Staging.place

    def slow(self: staging.Staging, *args: Any) -> None:
        begun.set()
        go_on.wait(30)
        real(self, *args)

    monkeypatch.setattr(staging.Staging, "place", slow)
    asked = 0

    def against() -> Words | None:
        nonlocal asked
        if cancelled or not begun.is_set():
            return None
        asked += 1
        return say("transfer_in_use")

    async with serving(tmp_path / "box") as served:
        client = served.client()
        one = ReleaseFetcher(
            client,
            "here",
            b"/done",
            str(home),
            engine=lambda _: InProcess(client),
            mark=marked(str(home)),
            how=How,
            tell=lambda _: None,
        )
        one.against = against
        release = await one.look(b"Film")
        assert release is not None
        task = asyncio.create_task(one.fetch(release.name, release.files))
        while not begun.is_set() and not task.done():
            await asyncio.sleep(0.01)
        if cancelled:
            task.cancel()
        while not cancelled and asked < 3 and not task.done():
            await asyncio.sleep(0.01)
        # Longer than a thread is waited for.
        asyncio.get_running_loop().call_later(0.2, go_on.set)
        [ended] = await asyncio.gather(task, return_exceptions=True)
        assert await one.was_placed(release.name, release.files)
        assert isinstance(ended, asyncio.CancelledError) if cancelled else ended is None
        monkeypatch.undo()
        await client.close()
    assert (home / "Film" / "film.mkv").stat().st_size == 3000
