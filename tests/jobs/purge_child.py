"""Processes that purge a torrent client, to be killed in the middle of it.

One has everything imported, and forks another for each order: where client, transfer and database
are, what was imported, and when it is to die. The calls that are counted for that are all that go
to a service, and all writings to the database: it dies before one, after one, or while it lasts.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
import os
from pathlib import Path
import signal
import threading
from types import SimpleNamespace
from typing import Any

import aiohttp

from custom_components.showrunner.clients.http import HttpClient
from custom_components.showrunner.clients.qbittorrent import QBittorrentClient
from custom_components.showrunner.clients.rtorrent import RTorrentClient
from custom_components.showrunner.clients.sftp import SftpClient
from custom_components.showrunner.domain.seeding import PurgePolicy
from custom_components.showrunner.jobs.kit import waiting
from custom_components.showrunner.jobs.purge.job import PurgeJob
from custom_components.showrunner.options import PurgeOptions
from custom_components.showrunner.store import Store
from custom_components.showrunner.store.database import Database
from tests.clients.fetching_child import serve
from tests.jobs.purging import purge_of
from tests.real.purging import RealBox

# How a call may be cut off by the end of the process.
HOW = ("before", "after", "during")
_SOON = timedelta(seconds=0.01)


class Death:
    """Counts calls, and ends the process at one of them."""

    def __init__(self, at: int, how: str, pause: float) -> None:
        self.calls = 0
        self._at, self._how, self._pause = at, how, pause

    async def __call__[T](self, do: Callable[[], Awaitable[T]]) -> T:
        """Pass a call through, or die."""
        self.calls += 1
        mine = self.calls == self._at
        if mine and self._how == "before":
            _die()
        if mine and self._how == "during":
            threading.Timer(self._pause, _die).start()
        told = await do()
        if mine and self._how == "after":
            _die()
        return told

    def watch(self, kind: type, name: str) -> None:
        """Have all calls of a method counted, in this process."""
        method = getattr(kind, name)

        def counted(one: object, *args: object, **more: object) -> Awaitable[object]:
            return self(lambda: method(one, *args, **more))

        setattr(kind, name, counted)


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


async def _purge(told: Mapping[str, Any], death: Death) -> None:
    login = {"username": told["username"], "password": told["password"]}
    sftp = SftpClient(*told["sftp"], **told["keys"])
    store = await Store.open(Path(told["database"]))
    try:
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
            kind = RTorrentClient if told["kind"] == "rtorrent" else QBittorrentClient
            client = kind(session, told["url"], **login)
            await client.status()
            box = RealBox(Path(told["folder"]), client)
            box.now = datetime.fromtimestamp(told["now"], UTC)
            for one in told["imported"]:
                box.imported(SimpleNamespace(hash=one))  # type: ignore[arg-type]
            transfer = SimpleNamespace(
                client=sftp, title="SFTP", remote_path=os.fsencode(told["folder"])
            )
            policy = PurgeOptions(PurgePolicy(min_days=told["days"]))
            job = purge_of(box, store, policy=policy, server=transfer)
            await _go_on(job, store)
            await job.purge(None, dry_run=False)
            await _go_on(job, store)
    finally:
        await store.close()
        await sftp.close()


async def _go_on(job: PurgeJob, store: Store) -> None:
    """Work on what waits, as after a start, until nothing does."""
    work = asyncio.create_task(job.runs.work())
    try:
        async with asyncio.timeout(60):
            while job.runs.busy or any(
                plan.waiting for plan in await store.plans.recent(job="purge")
            ):
                assert not work.done()
                await asyncio.sleep(0.005)
    finally:
        work.cancel()


def purge(told: Mapping[str, Any]) -> int:
    """Purge, as a night does, and what waits from before. Give an exit code."""
    waiting.LEAST, waiting.PAUSES = _SOON, (_SOON,)  # type: ignore[misc]
    death = Death(told["at"], told["how"], told["pause"])
    death.watch(HttpClient, "exchange")
    death.watch(SftpClient, "run")
    death.watch(Database, "together")
    death.watch(Database, "run")
    asyncio.run(_purge(told, death))
    Path(told["calls"]).write_text(str(death.calls))
    return 0


if __name__ == "__main__":
    serve(purge)
