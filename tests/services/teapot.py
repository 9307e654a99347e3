"""A service that nobody has: all that there is of it is in this one file, as of every other kind.

`Teapot` is the server. The rest is what Showrunner would have of it: client, coordinator, flow and
the spec that joins them.
"""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final, override

from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from homeassistant.components.sensor import SensorStateClass
from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir

from custom_components.showrunner.clients.http import HttpClient
from custom_components.showrunner.clients.parse import natural, table, text
from custom_components.showrunner.const import DOMAIN
from custom_components.showrunner.coordinators.base import ServiceCoordinator, Worker
from custom_components.showrunner.coordinators.inbox import Inbox
from custom_components.showrunner.domain.fall import Fall
from custom_components.showrunner.flows.keyed import (
    REAUTH_SCHEMA,
    KeyedFlow,
    keyed_client,
    with_key,
)
from custom_components.showrunner.jobs.channels import Addresses, Channel
from custom_components.showrunner.jobs.messages import Spoken
from custom_components.showrunner.services.spec import (
    Diagnostics,
    LinkContext,
    Reauth,
    ServiceSensorDescription,
    ServiceSpec,
    Webhook,
)
from custom_components.showrunner.signals import Signals

KEY: Final = "teapot"


@dataclass
class Teapot:
    """The server: what it holds, which keys it takes, whom it calls, and what it was told."""

    cups: int = 3
    keys: set[str] = field(default_factory=lambda: {"earl-grey"})
    serial: str = "B-612"
    hooks: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    url: str = ""

    async def status(self, request: web.Request) -> web.Response:
        """Say who it is."""
        self._check(request)
        return web.json_response({"version": "4.1.8", "cups": self.cups, "serial": self.serial})

    async def hook(self, request: web.Request) -> web.Response:
        """Take in, or give up, whom it calls."""
        self._check(request)
        url = str((await request.json())["url"])
        if request.path.endswith("/add"):
            self.hooks.append(url)
        else:
            self.hooks = [one for one in self.hooks if not one.endswith(url)]
        return web.json_response({})

    async def tell(self, request: web.Request) -> web.Response:
        """Say something on its display."""
        self._check(request)
        self.told.append(str((await request.json())["text"]))
        return web.json_response({})

    def _check(self, request: web.Request) -> None:
        if request.headers.get("X-Key") not in self.keys:
            raise web.HTTPUnauthorized


@asynccontextmanager
async def running(teapot: Teapot) -> AsyncGenerator[Teapot]:
    """Run it."""
    app = web.Application()
    app.router.add_get("/status", teapot.status)
    app.router.add_post("/hooks/add", teapot.hook)
    app.router.add_post("/hooks/remove", teapot.hook)
    app.router.add_post("/tell", teapot.tell)
    server = TestServer(app)
    await server.start_server()
    teapot.url = str(server.make_url("/")).rstrip("/")
    try:
        yield teapot
    finally:
        await server.close()


@dataclass(frozen=True, slots=True)
class Status:
    """What it says of itself."""

    version: str
    cups: int
    serial: str


class Hooks:
    """Whom it calls."""

    def __init__(self, http: HttpClient) -> None:
        self._http = http

    async def ensure(self, url: str) -> bool:
        await self._http.request("POST", "/hooks/add", body={"url": url})
        return True

    async def remove(self, url: str) -> bool:
        await self._http.request("POST", "/hooks/remove", body={"url": url})
        return True


class TeapotClient:
    """Talks to it."""

    def __init__(self, session: ClientSession, url: str, api_key: str) -> None:
        self._http = HttpClient(session, url, service="Teapot", headers={"X-Key": api_key})
        self.notifications = Hooks(self._http)

    async def status(self) -> Status:
        answer = table(await self._http.get("/status"))
        return Status(
            text(answer.get("version")) or "",
            natural(answer.get("cups")) or 0,
            text(answer.get("serial")) or "",
        )

    async def tell(self, words: str) -> None:
        await self._http.request("POST", "/tell", body={"text": words})


class TeapotCoordinator(ServiceCoordinator[Status]):
    """Looks after one."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        signals: Signals,
        client: TeapotClient,
        *,
        subentry_id: str,
        title: str,
    ) -> None:
        super().__init__(
            hass,
            entry,
            signals,
            service="Teapot",
            title=title,
            interval=timedelta(minutes=5),
            subentry_id=subentry_id,
            cooldown=0.0,
        )
        self.client = client
        self.inbox = Inbox[str](title, _read, self._whistled)
        self.whistles = 0

    @property
    @override
    def version(self) -> str:
        return self.data.version if self.data else ""

    @property
    @override
    def workers(self) -> tuple[Worker, ...]:
        return ((f"whistles of {self.title}", self.inbox.work_off),)

    @property
    @override
    def fall(self) -> Fall | None:
        return None

    @override
    async def _fetch(self) -> Status:
        return await self.client.status()

    async def _whistled(self, _: str) -> None:
        self.whistles += 1
        self.look_soon()


def _read(body: object, _: datetime) -> str | None:
    return text(table(body).get("whistle"))


def client(hass: HomeAssistant, data: Mapping[str, Any]) -> TeapotClient:
    """Build a client from url, api_key and verify_ssl."""
    return keyed_client(hass, data, TeapotClient)


async def probe(hass: HomeAssistant, data: Mapping[str, Any]) -> str:
    """Try it."""
    await client(hass, data).status()
    return "Teapot"


def coordinator(context: LinkContext, subentry: ConfigSubentry) -> TeapotCoordinator:
    """Build what looks after one."""
    return TeapotCoordinator(
        context.hass,
        context.entry,
        context.signals,
        client(context.hass, subentry.data),
        subentry_id=subentry.subentry_id,
        title=subentry.title,
    )


class TeapotFlow(KeyedFlow):
    """Add or reconfigure one; it may always call us."""

    kind: ClassVar[str] = KEY
    example: ClassVar[str] = "http://192.168.1.10:418"

    @staticmethod
    @override
    async def probe(hass: HomeAssistant, data: Mapping[str, Any]) -> str:
        return await probe(hass, data)

    @staticmethod
    @override
    async def identity(hass: HomeAssistant, data: Mapping[str, Any]) -> str | None:
        return (await client(hass, data).status()).serial

    @override
    async def _linked(self) -> Any:
        self._data["add_webhook"] = True
        return await super()._linked()


class Display:
    """Its display, as a way to tell news."""

    def __init__(self, client: TeapotClient) -> None:
        self._client = client

    async def send(self, message: Spoken) -> None:
        await self._client.tell(message.text)


def channel(
    hass: HomeAssistant,
    subentry: ConfigSubentry,
    looked_after: TeapotCoordinator | None,
    addresses: Addresses,
) -> Channel:
    """Give the way to tell news."""
    assert looked_after is not None
    return Display(looked_after.client)


def show_empty(hass: HomeAssistant, pot: TeapotCoordinator) -> None:
    """Show a repair while it is empty."""
    issue_id = f"empty_{pot.subentry_id}"

    def show() -> None:
        if pot.data is None or pot.data.cups:
            ir.async_delete_issue(hass, DOMAIN, issue_id)
            return
        ir.async_create_issue(
            hass,
            DOMAIN,
            issue_id,
            is_fixable=False,
            severity=ir.IssueSeverity.WARNING,
            translation_key="empty",
        )

    show()
    pot.until_shutdown(pot.async_add_listener(show))


SPEC: Final = ServiceSpec(
    key=KEY,
    manufacturer="Utah",
    model="Teapot",
    flow=TeapotFlow,
    coordinator=coordinator,
    reauth=Reauth(REAUTH_SCHEMA, with_key, probe),
    webhook=Webhook(
        accept=lambda pot, body: pot.inbox.accept(body),
        running=lambda pot: pot.client.notifications,
        linked=lambda hass, data: client(hass, data).notifications,
    ),
    sensors=(
        ServiceSensorDescription[Status](
            key="cups",
            name="Cups",
            state_class=SensorStateClass.MEASUREMENT,
            value_fn=lambda status: status.cups,
        ),
    ),
    diagnostics=Diagnostics(
        "teapots",
        lambda pot: {"cups": pot.data.cups if pot.data else None, "whistles": pot.whistles},
    ),
    channel=channel,
    issues=show_empty,
    matches_anime=True,
)
