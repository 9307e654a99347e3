"""A real Home Assistant of its own in one folder: started, onboarded, asked, stopped.

Nothing is downloaded at start, and it listens on 127.0.0.1 only. Whoever opens its page from this
machine is logged in as its owner.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
import json
import os
from pathlib import Path
import shutil
import socket
import sys
import time
from typing import ClassVar, Final

import aiohttp

ROOT: Final = Path(__file__).resolve().parent.parent
ZONE: Final = "Europe/Amsterdam"
USER: Final = {"name": "Owner", "username": "demo", "password": "demo-demo"}
_STORAGE_VERSIONS: Final = {"onboarding": 4, "http": 3}
_STUB: Final = "#!/bin/sh\necho 'ffmpeg version 7.1.1 (stub)'\n"
_CONFIGURATION: Final = """\
homeassistant:
  name: Showrunner demo
  latitude: 52.1
  longitude: 5.1
  elevation: 1
  unit_system: metric
  time_zone: {zone}
  currency: EUR
  country: NL
  language: en
  internal_url: "{url}"
  external_url: "{url}"
  auth_providers:
    - type: trusted_networks
      trusted_networks:
        - 127.0.0.1
      allow_bypass_login: true
    - type: homeassistant
frontend:
config:
recorder:
  commit_interval: 1
history:
logbook:
calendar:
todo:
notify:
webhook:
my:
ffmpeg:
  ffmpeg_bin: "{config}/ffmpeg-stub"
logger:
  default: warning
  logs:
    custom_components.showrunner: debug
"""

type Json = dict[str, object] | list[object] | str | int | float | bool | None


class DemoError(Exception):
    """Something that the demo can't go on without went wrong."""


def free_port() -> int:
    """Find a port that is free now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


class HomeAssistant:
    """One Home Assistant process and the ways to talk to it. `patience`: for an answer (s)."""

    patience: ClassVar[float] = 60.0

    def __init__(self, config: Path, port: int = 0) -> None:
        """Name the folder, which is emptied by `start`, and the port (0: any free one)."""
        self.config = config
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = config / "hass.log"
        self._token = ""
        self._process: asyncio.subprocess.Process | None = None
        self._session: aiohttp.ClientSession | None = None

    async def start(self, seconds: float = 120) -> None:
        """Start it, make the owner, wait until it runs. Raises DemoError."""
        self._write_config()
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=self.patience))
        await self._begin()
        until = time.monotonic() + seconds
        await self._wait(lambda: self.call("GET", "/api/onboarding"), until)
        await self._make_owner()
        await self._wait(self._running, until)

    async def kill(self) -> None:
        """End the process as a power cut does."""
        if self._process is not None:
            self._process.kill()
            await self._process.wait()

    async def start_again(self, seconds: float = 120) -> None:
        """Start it with what the last process left behind."""
        await self._begin()
        await self._wait(self._running, time.monotonic() + seconds)

    async def _begin(self) -> None:
        hass = self.bin / "hass"
        if not hass.exists():
            raise DemoError(f"no Home Assistant in {self.bin}: run script/setup demo")
        with self.log.open("ab") as out:
            self._process = await asyncio.create_subprocess_exec(
                *(str(hass), "-c", str(self.config), "--log-no-color", "--skip-pip"),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                cwd=self.config,
                env={
                    **os.environ,
                    "PATH": f"{hass.parent}:{os.environ.get('PATH', '')}",
                    "PYTHONPATH": str(ROOT / "demo" / "stand_ins"),
                },
                start_new_session=True,
            )

    async def stop(self) -> None:
        """End the process politely, and after 30 seconds not."""
        if self._session is not None:
            await self._session.close()
        if self._process is None or self._process.returncode is not None:
            return
        self._process.terminate()
        try:
            await asyncio.wait_for(self._process.wait(), 30)
        except TimeoutError:
            await self.kill()
        except asyncio.CancelledError:
            self._process.kill()
            raise

    async def call(
        self,
        method: str,
        path: str,
        data: object = None,
        *,
        form: dict[str, str] | None = None,
    ) -> Json:
        """Make a REST call. Raises DemoError for an error status, with its text."""
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        url = self.url + path
        async with self._http.request(method, url, json=data, data=form, headers=headers) as answer:
            text = await answer.text()
            if answer.status >= 400:
                raise DemoError(f"{method} {path}: {answer.status} {text[:500]}")
        try:
            value: Json = json.loads(text)
        except ValueError:
            return text
        return value

    async def table(self, method: str, path: str, data: object = None) -> dict[str, object]:
        """Make a REST call that answers with an object."""
        value = await self.call(method, path, data)
        if not isinstance(value, dict):
            raise DemoError(f"{method} {path}: not an object")
        return value

    async def ws(self, **command: object) -> object:
        """Send one websocket command and return its result."""
        async with self.socket() as send:
            return await send(command)

    @asynccontextmanager
    async def socket(
        self, on_event: Callable[[dict[str, object]], None] | None = None
    ) -> AsyncGenerator[Callable[[dict[str, object]], Awaitable[object]]]:
        """Open a websocket; gives a function that sends a command and returns its result.

        Events of subscriptions go to `on_event` for as long as the socket is open.
        """
        waiting: dict[int, asyncio.Future[object]] = {}
        last = 0
        async with self._http.ws_connect(f"{self.url}/api/websocket") as ws:
            await ws.receive_json()
            await ws.send_json({"type": "auth", "access_token": self._token})
            if (await ws.receive_json())["type"] != "auth_ok":
                raise DemoError("websocket: not authenticated")

            async def listen() -> None:
                async for raw in ws:
                    message = json.loads(raw.data)
                    future = (
                        waiting.pop(message["id"], None) if message["type"] == "result" else None
                    )
                    if future is not None and message["success"]:
                        future.set_result(message["result"])
                    elif future is not None:
                        future.set_exception(DemoError(f"websocket: {message['error']}"))
                    elif message["type"] == "event" and on_event is not None:
                        on_event(message["event"])

            async def send(command: dict[str, object]) -> object:
                nonlocal last
                last += 1
                waiting[last] = asyncio.get_running_loop().create_future()
                await ws.send_json({"id": last, **command})
                return await asyncio.wait_for(waiting[last], self.patience)

            listener = asyncio.create_task(listen())
            try:
                yield send
            finally:
                listener.cancel()
                with suppress(asyncio.CancelledError):
                    await listener

    async def action(self, domain: str, name: str, data: object) -> Json:
        """Call an action."""
        return await self.call("POST", f"/api/services/{domain}/{name}", data)

    @property
    def bin(self) -> Path:
        """Where its programs are."""
        return Path(sys.executable).parent

    @property
    def _http(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise DemoError("Home Assistant was not started")
        return self._session

    async def _running(self) -> None:
        state = (await self.table("GET", "/api/core/state"))["state"]
        if state != "RUNNING":
            raise DemoError(f"Home Assistant is {state}")

    async def _wait(self, ask: Callable[[], Awaitable[object]], until: float) -> None:
        while True:
            try:
                await ask()
            except (DemoError, aiohttp.ClientError, OSError) as err:
                if self._process is not None and self._process.returncode is not None:
                    raise DemoError(f"Home Assistant ended; see {self.log}") from err
                if time.monotonic() > until:
                    raise DemoError(f"Home Assistant is not up ({err}); see {self.log}") from err
            else:
                return
            await asyncio.sleep(0.1)

    async def _make_owner(self) -> None:
        client = f"{self.url}/"
        person = {**USER, "client_id": client, "language": "en"}
        code = (await self.table("POST", "/api/onboarding/users", person))["auth_code"]
        grant = {"client_id": client, "grant_type": "authorization_code", "code": str(code)}
        token = await self.call("POST", "/auth/token", form=grant)
        if not isinstance(token, dict):
            raise DemoError("no token")
        self._token = str(token["access_token"])
        lasting = await self.ws(
            type="auth/long_lived_access_token", client_name="demo", lifespan=365
        )
        self._token = str(lasting)

    def _write_config(self) -> None:
        shutil.rmtree(self.config, ignore_errors=True)
        (self.config / ".storage").mkdir(parents=True)
        names = {"url": self.url, "config": self.config, "root": ROOT}
        text = _CONFIGURATION.format(**names, zone=ZONE)
        (self.config / "configuration.yaml").write_text(text)
        # A default integration asks ffmpeg for its version; there need not be one.
        stub = self.config / "ffmpeg-stub"
        stub.write_text(_STUB)
        stub.chmod(0o755)
        # The other steps would add integrations that want the internet.
        self._store("onboarding", {"done": ["core_config", "analytics", "integration"]})
        # As confirmed in the user interface; from YAML it would be reverted after five minutes.
        stable = {
            "server_host": ["127.0.0.1"],
            "server_port": self.port,
            "cors_allowed_origins": [],
            "login_attempts_threshold": -1,
            "ip_ban_enabled": False,
            "ssl_profile": "intermediate_v6",
            "use_x_frame_options": True,
            "created_at": "2026-01-01T00:00:00+00:00",
            "error": None,
            "error_message": None,
        }
        self._store("http", {"stable": stable, "pending": None, "yaml_migration_done": True})
        components = self.config / "custom_components"
        components.mkdir()
        (components / "showrunner").symlink_to(ROOT / "custom_components" / "showrunner")

    def _store(self, key: str, data: dict[str, object]) -> None:
        version = _STORAGE_VERSIONS[key]
        value = {"version": version, "minor_version": 1, "key": key, "data": data}
        (self.config / ".storage" / key).write_text(json.dumps(value))
