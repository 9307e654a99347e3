"""Wrong addresses are named as what they are: another product, another scheme, another path."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
import ssl
from threading import Thread
from typing import Any

from aiohttp import web
from aioresponses import CallbackResult, aioresponses
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from homeassistant.core import HomeAssistant
import pytest
from yarl import URL

from custom_components.showrunner.clients.radarr import RadarrClient
from custom_components.showrunner.flows import connecting
from custom_components.showrunner.services import arr_folders

from .conftest import World, add_entry, suggested
from .seerr import SEERR, TYPED, fresh
from .steps import only, send, start
from .torrents import BASIC, LOGIN, Clients
from .world import KEY, RADARR, SONARR, Service

# -- http and https ------------------------------------------------------------------------------


def certificate(folder: Path) -> ssl.SSLContext:
    """Make a certificate that nobody trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = folder / "server.pem"
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


@contextmanager
def radarr(context: ssl.SSLContext | None = None) -> Generator[int]:
    """Run a Radarr on a port of this machine, in a loop of its own.

    What a TLS server makes of plain HTTP is its own trouble, and none of the test's loop.
    """

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.headers.get("x-api-key") != KEY:
            return web.Response(status=401)
        if request.path.endswith("/rootfolder"):
            return web.json_response([{"id": 1, "path": "/data/movies"}])
        return web.json_response({"appName": "Radarr", "version": "6.0.3", "instanceName": "R"})

    async def begin() -> int:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
        return int(runner.addresses[0][1])

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda *_: None)
    thread = Thread(target=loop.run_forever)
    thread.start()
    try:
        yield asyncio.run_coroutine_threadsafe(begin(), loop).result(10)
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


@asynccontextmanager
async def deaf() -> AsyncGenerator[int]:
    """Run what speaks plain HTTP, and waits for ever for the end of a request that is none."""

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if (await reader.read(3)) == b"GET":
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            await writer.drain()
        else:
            await over.wait()
        writer.close()

    over = asyncio.Event()
    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        over.set()
        server.close()


def typed(url: str) -> dict[str, Any]:
    """Give what a person types."""
    return {"url": url, "api_key": KEY, "verify_ssl": True}


@pytest.mark.usefixtures("socket_enabled")
async def test_https_at_a_plain_port_is_named(hass: HomeAssistant) -> None:
    """Instead of "the connection could not be secured"; with http:// it works."""
    with radarr() as port:
        entry = add_entry(hass)
        result = await start(hass, entry, "radarr")
        result = await send(hass, result, typed(f"https://127.0.0.1:{port}"))
        assert result["errors"] == {"url": "plain_http"}
        assert suggested(result)["url"] == f"https://127.0.0.1:{port}"
        result = await send(hass, result, typed(f"http://127.0.0.1:{port}"))
        assert result["step_id"] == "folders"


@pytest.mark.usefixtures("socket_enabled")
async def test_a_plain_port_that_hangs_is_named_soon(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for the 15 seconds after which it would be no connection."""
    monkeypatch.setattr(connecting, "_PATIENCE", 0.1)
    async with deaf() as port, asyncio.timeout(12):
        result = await start(hass, add_entry(hass), "radarr")
        result = await send(hass, result, typed(f"https://127.0.0.1:{port}"))
        assert result["errors"] == {"url": "plain_http"}


@pytest.mark.usefixtures("socket_enabled")
async def test_http_at_a_secured_port_is_named(hass: HomeAssistant, tmp_path: Path) -> None:
    """And then, that its certificate is not trusted: the switch is beside it."""
    with radarr(certificate(tmp_path)) as port:
        result = await start(hass, add_entry(hass), "radarr")
        result = await send(hass, result, typed(f"http://127.0.0.1:{port}"))
        assert result["errors"] == {"url": "needs_https"}
        result = await send(hass, result, typed(f"https://127.0.0.1:{port}"))
        assert result["errors"] == {"base": "tls_failed"}
        trusting = {**typed(f"https://127.0.0.1:{port}"), "verify_ssl": False}
        result = await send(hass, result, trusting)
        assert result["step_id"] == "folders"


# -- another product -----------------------------------------------------------------------------


async def test_another_arr_behind_a_refused_key_is_named(
    hass: HomeAssistant, services: World
) -> None:
    """Its status needs its key; its login page says who it is."""
    services.sonarr.answers["GET", "/login"] = lambda asked: CallbackResult(
        body="<html><title>Login - Sonarr</title></html>", content_type="text/html"
    )
    result = await start(hass, add_entry(hass), "radarr")
    result = await send(hass, result, {**typed(SONARR), "api_key": "radarrs"})
    assert result["errors"] == {"base": "wrong_product"}
    assert "Sonarr" in result["description_placeholders"]["detail"]


@pytest.mark.parametrize("page", ["<title>Login - Radarr</title>", "<p>hello", 404, 500])
async def test_a_wrong_key_stays_a_wrong_key(
    hass: HomeAssistant, services: World, page: str | int
) -> None:
    """Whatever its login page is: only another one's name speaks against it."""
    services.radarr.answers["GET", "/login"] = (
        page if isinstance(page, int) else lambda asked: CallbackResult(body=page)
    )
    result = await start(hass, add_entry(hass), "radarr")
    result = await send(hass, result, {**typed(RADARR), "api_key": "bad"})
    assert result["errors"] == {"base": "invalid_auth"}


# -- not set up ----------------------------------------------------------------------------------


@pytest.fixture
def unfinished() -> Generator[Service]:
    """Let a Seerr answer that nobody has set up: it refuses every key."""
    service = Service(
        SEERR,
        {
            ("GET", "/api/v1/status"): {"version": "3.1.0", "commitTag": "local"},
            ("GET", "/api/v1/settings/public"): {"initialized": False},
            ("GET", "/api/v1/auth/me"): 403,
            ("GET", "/api/v1/settings/notifications/webhook"): fresh(),
        },
    )
    with aioresponses() as mock:
        service.register(mock)
        yield service


async def test_a_seerr_that_is_not_set_up_is_named(
    house: HomeAssistant, unfinished: Service
) -> None:
    """The key is not wrong. Once it is set up the same key works; a wrong one is refused."""
    entry = add_entry(house)
    result = await send(house, await start(house, entry, "seerr"), TYPED)
    assert result["errors"] == {"base": "not_ready"}
    assert "not set up" in result["description_placeholders"]["detail"]
    unfinished.answers["GET", "/api/v1/settings/public"] = {"initialized": True}
    result = await send(house, result, TYPED)
    assert result["errors"] == {"base": "invalid_auth"}
    unfinished.answers["GET", "/api/v1/auth/me"] = {"id": 1, "permissions": 2}
    result = await send(house, result, TYPED)
    assert result["step_id"] == "webhook"


# -- another path --------------------------------------------------------------------------------


WAYS = ("/plugins/httprpc/action.php", "/plugins/rpc/rpc.php", "/RPC2")


@pytest.mark.parametrize("way", WAYS)
async def test_rutorrents_page_leads_to_rtorrent(hass: HomeAssistant, way: str) -> None:
    """The address that people have in their browser; the one that works is kept."""
    clients, page = Clients(), "https://box.example/rutorrent"

    def answer(url: URL, **kwargs: Any) -> CallbackResult:
        if str(url) == page + way:
            return clients.rtorrent(url, **kwargs)
        if (kwargs.get("headers") or {}).get("Authorization") != BASIC:
            return CallbackResult(status=401, headers={"WWW-Authenticate": 'Basic realm="x"'})
        if str(url).rstrip("/") == page:
            return CallbackResult(body="<html>ruTorrent</html>", content_type="text/html")
        return CallbackResult(status=404)

    with aioresponses() as mock:
        for url in (page, *(page + one for one in WAYS)):
            mock.post(url, callback=answer, repeat=True)
        entry = add_entry(hass)
        result = await start(hass, entry, "rtorrent")
        await send(hass, result, {"url": page, "verify_ssl": True, **LOGIN})
    assert only(entry).data["url"] == page + way


async def test_a_page_that_leads_nowhere_says_what_it_is(hass: HomeAssistant) -> None:
    """With what was typed."""
    page, asked = "https://box.example/other", []

    def answer(url: URL, **kwargs: Any) -> CallbackResult:
        asked.append(str(url))
        return CallbackResult(body="<html>a blog</html>", content_type="text/html")

    with aioresponses() as mock:
        for url in (page, *(page + one for one in WAYS)):
            mock.post(url, callback=answer, repeat=True)
        result = await start(hass, add_entry(hass), "rtorrent")
        result = await send(hass, result, {"url": page, "verify_ssl": True, **LOGIN})
        assert result["errors"] == {"base": "wrong_product"}
        assert suggested(result)["url"] == page
    assert set(asked) == {page, *(page + one for one in WAYS)}


@pytest.mark.parametrize("broken", ["slow", "half", "refused"])
async def test_a_radarr_is_linked_without_its_list(
    hass: HomeAssistant, services: World, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    """The list of all films only proposes a mapping; without it a person fills that in."""
    half = CallbackResult(body='[{"id": 1, "title": "x"', content_type="application/json")
    movies = ("GET", "/api/v3/movie")
    services.radarr.answers[movies] = 400 if broken == "refused" else half
    if broken == "slow":
        monkeypatch.setattr(arr_folders, "_PROPOSED_WITHIN", 0.1)

        async def never(*_: Any) -> Any:
            services.radarr.asked.append(movies)
            await asyncio.Event().wait()

        monkeypatch.setattr(RadarrClient, "movies", never)
    result = await start(hass, add_entry(hass), "radarr")
    result = await send(hass, result, typed(RADARR))
    assert movies in services.radarr.asked
    assert (result["step_id"], result["errors"]) == ("folders", {})
    assert suggested(result)["path_map"] == []
    assert "/data/movies" in suggested(result)["permanent_folders"]
