"""Our webhook in Radarr's and Sonarr's Connect: found by its secret path, never a foreign one.

The other side calls the address while it is being added, so our webhook must be there by then.
What it says of a failure holds that address: it never leaves here.
"""

from collections.abc import Mapping
from typing import Final

from ..domain.text import say
from .errors import Unreadable
from .http import HttpClient
from .parse import Json, positive, rows, table, text, url_path
from .redaction import conceal

NAME: Final = "Showrunner"
_IMPLEMENTATION: Final = "Webhook"
_POST: Final = 1
# The arr calls us in between, and waits for our answer.
_TIMEOUT: Final = 40.0
_EMPTY: Final[Mapping[str, object]] = {"username": "", "password": "", "headers": []}


class ArrNotifications:
    """The webhooks that one arr calls. Every method raises a ServiceError."""

    def __init__(self, http: HttpClient, switches: Mapping[str, bool]) -> None:
        """Take the connection; `switches` say of what this product is to tell."""
        self._http = http
        self._switches = switches

    async def ensure(self, url: str) -> bool:
        """Have the arr call `url`; tell whether anything had to be changed for that.

        An older one of ours (another host, other switches) is changed, more than one made one.
        """
        conceal(_secret(url))
        own = await self._own(url)
        if not own:
            await self._write("POST", "/notification", self._made(url))
            return True
        first, *more = own
        for row in more:
            await self._delete(row)
        changed = self._changed(first, url)
        if changed is not None:
            await self._write("PUT", f"/notification/{_number(self._http, first)}", changed)
        return bool(more) or changed is not None

    async def remove(self, url: str) -> bool:
        """Take ours out again; tell whether there was one."""
        conceal(_secret(url))
        own = await self._own(url)
        for row in own:
            await self._delete(row)
        return bool(own)

    async def _own(self, url: str) -> list[Json]:
        answer = await self._http.get("/notification")
        if not isinstance(answer, list):
            raise Unreadable(self._http.service, say("error_list_connections_not_list"))
        return [row for row in rows(answer) if _path(_field(row, "url")) == _path(url)]

    async def _write(self, method: str, path: str, body: Mapping[str, object]) -> None:
        params = {"forceSave": "true"}
        await self._http.request(method, path, params=params, body=body, timeout=_TIMEOUT)

    async def _delete(self, row: Json) -> None:
        await self._http.request("DELETE", f"/notification/{_number(self._http, row)}")

    def _made(self, url: str) -> dict[str, object]:
        fields = {"url": url, "method": _POST, **_EMPTY}
        return {
            "name": NAME,
            "implementation": _IMPLEMENTATION,
            "implementationName": _IMPLEMENTATION,
            "configContract": "WebhookSettings",
            "tags": [],
            **self._switches,
            "fields": [{"name": name, "value": value} for name, value in fields.items()],
        }

    def _changed(self, row: Json, url: str) -> dict[str, object] | None:
        """Give the whole object as it has to be; None when it is so. Its tags are the person's."""
        # An older server does not know every switch.
        switches = {name: on for name, on in self._switches.items() if name in row}
        same = all(row.get(name) is on for name, on in switches.items())
        if same and _field(row, "url") == url and _field(row, "method") in (_POST, None):
            return None
        wanted: Mapping[str, object] = {"url": url, "method": _POST}
        fields = [
            {**field, "value": wanted[name]}
            if (name := text(field.get("name"))) in wanted and name is not None
            else field
            for field in rows(row.get("fields"))
        ]
        return {**row, **switches, "fields": fields}


def _field(row: Json, name: str) -> object:
    fields = rows(row.get("fields"))
    return next((field.get("value") for field in fields if field.get("name") == name), None)


def _path(url: object) -> str:
    """Give what tells our address from all others: its path holds the secret id."""
    return (url_path(url) or "").rstrip("/") or "-"


def _secret(url: str) -> str:
    return _path(url).rsplit("/", 1)[-1]


def _number(http: HttpClient, row: Json) -> int:
    found = positive(table(row).get("id"))
    if found is None:
        raise Unreadable(http.service, say("error_connection_without_id"))
    return found
