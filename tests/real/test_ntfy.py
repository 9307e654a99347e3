"""A real ntfy: signing in, publishing, and its own words for what it refuses."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
import json
import os
from pathlib import Path
import re
import socket

import aiohttp
import pytest

from custom_components.showrunner.clients.errors import Refused, Unauthorized, WrongProduct
from custom_components.showrunner.clients.ntfy import NtfyAction, NtfyClient, NtfyMessage

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / ".servers" / "usr" / "bin" / "ntfy"
pytestmark = pytest.mark.real
LABELS = ("Behalten", "30 Tage behalten", "Warum?")


@dataclass
class Server:
    """A running server that lets only `lab` publish to `films`."""

    url: str
    token: str
    password: str = "a-pass-word"

    async def told(self, session: aiohttp.ClientSession) -> list[dict[str, object]]:
        """Read what was published."""
        headers = {"Authorization": f"Bearer {self.token}"}
        url = f"{self.url}/films/json?poll=1"
        async with session.get(url, headers=headers) as answer:
            return [json.loads(line) for line in (await answer.text()).splitlines()]


async def _control(database: Path, *arguments: str, password: str = "") -> str:
    """Call ntfy's own command line."""
    process = await asyncio.create_subprocess_exec(
        *(str(PROGRAM), *arguments),
        env={
            **os.environ,
            "NTFY_AUTH_FILE": str(database),
            "NTFY_AUTH_DEFAULT_ACCESS": "deny-all",
            "NTFY_PASSWORD": password,
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await process.communicate()
    assert process.returncode == 0, out
    return out.decode()


@pytest.fixture
async def server(tmp_path: Path, socket_enabled: None) -> AsyncGenerator[Server]:
    """Start ntfy on a free port of 127.0.0.1; without the program the test fails."""
    assert PROGRAM.exists(), "run script/servers"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url, database = f"http://127.0.0.1:{port}", tmp_path / "user.db"
    configuration = tmp_path / "server.yml"
    configuration.write_text(
        f'base-url: {url}\nlisten-http: "127.0.0.1:{port}"\ncache-file: {tmp_path}/cache.db\n'
        f"auth-file: {database}\nauth-default-access: deny-all\nenable-login: true\n"
    )
    process = await asyncio.create_subprocess_exec(
        *(str(PROGRAM), "serve", "--config", str(configuration)),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(20), aiohttp.ClientSession() as session:
            while True:
                try:
                    async with session.get(f"{url}/v1/health"):
                        break
                except aiohttp.ClientError:
                    await asyncio.sleep(0.05)
        password = Server.password
        await _control(database, "user", "add", "--role=user", "lab", password=password)
        await _control(database, "access", "lab", "films", "rw")
        token = re.search(r"tk_\w+", await _control(database, "token", "add", "lab"))
        assert token is not None
        yield Server(url, token[0])
    finally:
        process.terminate()
        await process.wait()


async def test_messages_arrive_whole(server: Server) -> None:
    """With a token and with a login; title, priority, tags; a long text is cut, not a file."""
    async with aiohttp.ClientSession() as session:
        by_token = NtfyClient(session, server.url, "films", token=server.token)
        by_login = NtfyClient(
            session, server.url, "films", username="lab", password=server.password
        )
        for client in (by_token, by_login):
            await client.check()
        await by_token.publish(NtfyMessage("Übung 🎬", "Text", 4, ("movie_camera",)))
        await by_login.publish(NtfyMessage("Long", "ä" * 5000))
        first, second = await server.told(session)
        assert (first["title"], first["message"]) == ("Übung 🎬", "Text")
        assert (first["priority"], first["tags"]) == (4, ["movie_camera"])
        assert "attachment" not in second
        assert str(second["message"]).endswith("…")


async def test_buttons_arrive_as_they_were_sent(server: Server) -> None:
    """Three that post our token, and the page for who taps; a fourth button is refused."""
    url, body = "http://homeassistant.local:8123/api/webhook/x", '{"button":"showrunner.a.b"}'
    three = tuple(NtfyAction(label, url, body, clear=label != "Warum?") for label in LABELS)
    async with aiohttp.ClientSession() as session:
        client = NtfyClient(session, server.url, "films", token=server.token)
        message = NtfyMessage("Title", "Text", click="http://homeassistant.local:8123/calendar")
        await client.publish(replace(message, actions=three))
        with pytest.raises(Refused):
            await client.publish(replace(message, actions=(*three, three[0])))
        (answer,) = await server.told(session)
    assert answer["click"] == message.click
    actions = answer["actions"]
    assert isinstance(actions, list)
    assert [one["label"] for one in actions] == list(LABELS)
    assert {(one["action"], one["method"], one["url"], one["body"]) for one in actions} == {
        ("http", "POST", url, body)
    }
    assert [one["clear"] for one in actions] == [True, True, False]


async def test_refusals_are_told_apart(server: Server) -> None:
    """Nobody, a wrong token, a topic that is somebody else's, and another product."""
    async with aiohttp.ClientSession() as session:
        for client in (
            NtfyClient(session, server.url, "films"),
            NtfyClient(session, server.url, "films", token="tk_" + "a" * 29),
        ):
            with pytest.raises(Unauthorized):
                await client.check()
            with pytest.raises(Unauthorized):
                await client.publish(NtfyMessage("a", "b"))
        # Who may not read may still write: only publishing tells, and is remembered.
        client = NtfyClient(session, server.url, "others", token=server.token)
        await client.check()
        for refused in (lambda: client.publish(NtfyMessage("a", "b")), client.check):
            with pytest.raises(Unauthorized):
                await refused()
        with pytest.raises(WrongProduct):
            await NtfyClient(session, f"{server.url}/films", "films").check()
