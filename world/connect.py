"""Connect, as Radarr and Sonarr have it: webhooks, tested when they are added, then called."""

import asyncio
from collections.abc import Callable, Mapping
import json
from typing import Final

import aiohttp
from aiohttp import web

from .web import body_of, reply

type Row = dict[str, object]

_MASK: Final = "********"
_FIELDS: Final = ("url", "method", "username", "password", "headers")
_METHODS: Final = {1: "POST", 2: "PUT"}


class Connect:
    """The connections of one arr. `sent`: address, status (0: none) and body of every call."""

    def __init__(
        self, product: str, switches: tuple[str, ...], test: Callable[[], Row], version: str
    ) -> None:
        """Begin with none. `switches` are the product's words for what it can tell."""
        self._product = product
        self._switches = switches
        self._test = test
        self._version = version
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[object]] = set()
        self.notifications: dict[int, Row] = {}
        self.mute = False  # nothing is told: what is lost is never told again
        self.sent: list[tuple[str, int, Row]] = []
        self._next = 1

    def add_routes(self, app: web.Application, base: str) -> None:
        """Add the routes below the API's path."""
        for method, path, handler in (
            ("GET", "/notification", self._list),
            ("POST", "/notification", self._add),
            ("POST", "/notification/test", self._try),
            ("PUT", "/notification/{id}", self._change),
            ("DELETE", "/notification/{id}", self._remove),
        ):
            app.router.add_route(method, base + path, handler)

    async def stop(self) -> None:
        """Drop what is under way."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def tell(self, switch: str, body: Row) -> None:
        """Call everybody who asked for it, once, without a retry."""
        if self.mute:
            return
        sent = body | {"instanceName": self._product, "applicationUrl": ""}
        for row in self.notifications.values():
            if row.get(switch):
                task: asyncio.Task[object] = asyncio.create_task(self._call(row, sent))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _call(self, row: Row, body: Row) -> int | OSError:
        """Send; give the status, or why there was no connection."""
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10))
        url = str(_value(row, "url"))
        given = _value(row, "method")
        method = _METHODS.get(given if isinstance(given, int) else 1, "POST")
        headers = {"Content-Type": "application/json", "User-Agent": self._agent}
        status: int | OSError = 0
        try:
            async with self._session.request(
                method, url, data=json.dumps(body).encode(), headers=headers
            ) as answer:
                status = answer.status
        except aiohttp.ClientConnectorError as err:
            status = err.os_error
        except (aiohttp.ClientError, TimeoutError, ValueError) as err:
            status = OSError(str(err))
        self.sent.append((url, status if isinstance(status, int) else 0, body))
        return status

    @property
    def _agent(self) -> str:
        return f"{self._product}/{self._version} (debian 12)"

    async def _tested(self, row: Row) -> web.Response | None:
        """Call the address as a test; give what the arr answers when that fails."""
        if not any(row.get(switch) for switch in self._switches):
            return None
        sent = self._test() | {"eventType": "Test", "instanceName": self._product}
        status = await self._call(row, sent | {"applicationUrl": ""})
        if isinstance(status, OSError):
            host = str(_value(row, "url")).split("/")[2]
            said = f"Connection refused ({host})"
            return reply({"message": said, "description": f"HttpRequestException: {said}"}, 500)
        if status < 400:
            return None
        said = (
            "Unable to send test message: Unable to post to webhook: HTTP request failed: "
            f"[{status}:Error] [POST] at [{_value(row, 'url')}]"
        )
        failure = {"isWarning": False, "propertyName": "Url", "errorMessage": said}
        return reply([failure | {"severity": "error"}], 400)

    async def _list(self, request: web.Request) -> web.Response:
        return reply([_shown(row) for row in self.notifications.values()])

    async def _try(self, request: web.Request) -> web.Response:
        return await self._tested(await body_of(request)) or reply({})

    async def _add(self, request: web.Request) -> web.Response:
        row = self._row(await body_of(request), {})
        if (failure := await self._tested(row)) is not None:
            return failure
        row["id"] = self._next
        self._next += 1
        self.notifications[int(str(row["id"]))] = row
        return reply(_shown(row), 201)

    async def _change(self, request: web.Request) -> web.Response:
        known = self.notifications.get(_number(request))
        if known is None:
            return reply({"message": "NotFound"}, 404)
        row = self._row(await body_of(request), known) | {"id": known["id"]}
        if row != known and (failure := await self._tested(row)) is not None:
            return failure
        self.notifications[int(str(known["id"]))] = row
        return reply(_shown(row), 202)

    async def _remove(self, request: web.Request) -> web.Response:
        self.notifications.pop(_number(request), None)
        return reply({})

    def _row(self, body: Row, known: Mapping[str, object]) -> Row:
        """Write a connection whole: what is not named is off, whatever it was."""
        row: Row = {switch: bool(body.get(switch)) for switch in self._switches}
        row |= {
            f"supports{switch[0].upper()}{switch[1:]}": True
            for switch in self._switches
            if switch.startswith("on")
        }
        fields = body.get("fields")
        given = {
            str(field.get("name")): field.get("value")
            for field in (fields if isinstance(fields, list) else [])
        }
        if given.get("password") == _MASK:
            given["password"] = _value(known, "password")
        row["name"] = body.get("name")
        row["fields"] = [
            {"order": order, "name": name, "value": given[name], "privacy": "normal"}
            if given.get(name) is not None
            else {"order": order, "name": name, "privacy": "normal"}
            for order, name in enumerate(_FIELDS)
        ]
        return row | {
            "implementationName": "Webhook",
            "implementation": "Webhook",
            "configContract": "WebhookSettings",
            "infoLink": f"https://wiki.servarr.com/{self._product.lower()}/supported#webhook",
            "tags": body.get("tags") or [],
        }


def _value(row: Mapping[str, object], name: str) -> object:
    fields = row.get("fields")
    for field in fields if isinstance(fields, list) else []:
        if field.get("name") == name:
            return field.get("value")
    return None


def _shown(row: Row) -> Row:
    """Show it without its password."""
    fields = row["fields"]
    shown = [
        field | {"value": _MASK} if field["name"] == "password" and field.get("value") else field
        for field in (fields if isinstance(fields, list) else [])
    ]
    return row | {"fields": shown}


def _number(request: web.Request) -> int:
    wanted = request.match_info["id"]
    return int(wanted) if wanted.isdigit() else 0
