"""A real Home Assistant with the probe in it, and what the bench does with it."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import astuple, dataclass
import json
from pathlib import Path
import sys
import time
from typing import Any, ClassVar, Final, override

import aiohttp

from bench.house.house import House, user_id
from bench.house.process import cpu_seconds, megabytes
from demo import link
from demo.homeassistant import ROOT, DemoError, HomeAssistant

_PROBE: Final = Path(__file__).parent / "probe"
PATIENCE: Final = 900.0


@dataclass(frozen=True, slots=True)
class Took:
    """How long something took, and how much CPU time of Home Assistant (seconds)."""

    seconds: float
    cpu: float


class Home(HomeAssistant):
    """One that is measured, however busy the machine is."""

    patience: ClassVar[float] = PATIENCE

    @property
    @override
    def bin(self) -> Path:
        return ROOT / ".venv-demo" / "bin"

    @override
    def _write_config(self) -> None:
        super()._write_config()
        path = self.config / "configuration.yaml"
        text = path.read_text().replace("showrunner: debug", "showrunner: warning")
        # The demo's own sensors ask again at every change; whoever has none pays nothing for them.
        kept = [line for line in text.splitlines() if not line.startswith("template:")]
        path.write_text("\n".join([*kept, "house_probe:", ""]))
        (self.config / "custom_components" / "house_probe").symlink_to(_PROBE)

    @property
    def pid(self) -> int:
        """The process."""
        if self._process is None:
            raise DemoError("Home Assistant was not started")
        return self._process.pid

    @property
    def memory(self) -> float:
        """The memory of the process (MB)."""
        return megabytes(self.pid)

    @property
    def cpu(self) -> float:
        """The CPU time of the process so far (seconds)."""
        return cpu_seconds(self.pid)

    async def end(self) -> Took:
        """End the process politely."""
        if self._process is None:
            raise DemoError("Home Assistant was not started")
        begun, worked = time.perf_counter(), self.cpu
        last = worked
        self._process.terminate()
        ended = asyncio.ensure_future(self._process.wait())
        while not ended.done():
            try:
                last = max(last, self.cpu)
            except OSError, ValueError, IndexError:
                break
            await asyncio.wait({ended}, timeout=0.01)
        await ended
        return Took(time.perf_counter() - begun, last - worked)

    async def begin(self) -> Took:
        """Start the process again, until it runs."""
        begun = time.perf_counter()
        await self.start_again(PATIENCE)
        return Took(time.perf_counter() - begun, self.cpu)

    async def probe(self) -> dict[str, Any]:
        """Ask the probe for what it has counted since it was asked last."""
        return await self.table("GET", "/api/house_probe")

    async def reload(self, entry_id: str) -> Took:
        """Reload an entry."""
        begun, worked = time.perf_counter(), self.cpu
        path = f"/api/config/config_entries/entry/{entry_id}/reload"
        await self.call("POST", path)
        return Took(time.perf_counter() - begun, self.cpu - worked)

    def webhooks(self) -> Mapping[str, str]:
        """Give the addresses of the webhooks: Jellyfin's, and those of what is linked."""
        path = self.config / ".storage" / "core.config_entries"
        entries = json.loads(path.read_text())["data"]["entries"]
        entry = next(one for one in entries if one["domain"] == "showrunner")
        ids = {"jellyfin": entry["data"]["webhook_id"]}
        for one in entry["subentries"]:
            if "webhook_id" in one["data"]:
                ids[one["subentry_type"]] = one["data"]["webhook_id"]
        return {kind: f"{self.url}/api/webhook/{found}" for kind, found in ids.items()}

    # -- linking, as a person does -----------------------------------------------------------------

    async def link_jellyfin(self, url: str, house: House) -> str:
        """Link Jellyfin with all viewers; give the entry's id."""
        users = [user_id(viewer) for viewer in range(house.viewers)]
        entry = await link.run(
            self,
            link.CONFIG,
            {"handler": "showrunner"},
            {
                "user": {"next_step_id": "api_key"},
                "api_key": {"url": f"{url}/jellyfin", "api_key": "key"},
                "webhook_no_plugin": {},
                "viewers": {"viewers": users},
            },
        )
        entry_id = link.entry_id_of(entry)
        answers = {"user": {"next_step_id": "finish"}}
        await link.subentry(self, entry_id, "setup", answers, entry.get("next_flow"))
        return entry_id

    async def link_service(self, entry_id: str, kind: str, url: str) -> Took:
        """Link one of the others."""
        user = {"url": f"{url}/{kind}", "api_key": "key"}
        folders = {"radarr": ["/data/movies"], "sonarr": ["/data/shows"]}
        if kind == "qbittorrent":
            user = {"url": f"{url}/{kind}", "username": "u", "password": "p"}
        answers: dict[str, Mapping[str, object]] = {
            "user": user,
            "folders": {
                "permanent_folders": folders.get(kind, []),
                "path_map": [{"here": "/media", "there": "/data"}],
                "add_webhook": False,
            },
            "webhook": {"add_webhook": False},
        }
        begun, worked = time.perf_counter(), self.cpu
        await link.subentry(self, entry_id, kind, answers)
        return Took(time.perf_counter() - begun, self.cpu - worked)


@asynccontextmanager
async def services(house: House) -> AsyncGenerator[str]:
    """Start the simulated services of a house; give their address."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.house.services", *map(str, astuple(house))),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        if process.stdout is None:
            raise RuntimeError("no output")
        port = int(await process.stdout.readline())
        yield f"http://127.0.0.1:{port}"
    finally:
        # A signal to all of this may have ended it already.
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def ask(url: str, method: str = "GET") -> dict[str, Any]:
    """Ask the services' own address."""
    async with aiohttp.ClientSession() as session, session.request(method, url) as answer:
        found: dict[str, Any] = await answer.json()
        return found
