"""Torrent clients to be linked."""

from dataclasses import dataclass, field
import json
import re
from typing import Any

from aioresponses import CallbackResult
from yarl import URL

from tests.clients.rtorrent import VALUES, xml

LOGIN = {"username": "ada", "password": "pw"}


BASIC = "Basic YWRhOnB3"


KEY = "qbt_" + "k" * 28


@dataclass
class Clients:
    """An rTorrent behind Basic and a qBittorrent with a login and a key."""

    failure: Exception | None = None
    status: int | None = None
    body: str = ""
    version: str = "v5.3.0"
    asked: list[str] = field(default_factory=list)
    signed_in: bool = False

    def rtorrent(self, url: URL, **kwargs: Any) -> CallbackResult:
        self.asked.append(str(url))
        if (wrong := self._wrong()) is not None:
            return wrong
        if (kwargs.get("headers") or {}).get("Authorization") != BASIC:
            return CallbackResult(status=401, headers={"WWW-Authenticate": 'Basic realm="x"'})
        body = kwargs["data"].decode()
        if body.startswith("{"):
            return CallbackResult(status=200, body="<fault/>")
        if "client_version" in body:
            return CallbackResult(status=200, body=xml("0.9.8"))
        fields = re.findall("<string>(d[.].*?)</string>", body)
        return CallbackResult(status=200, body=xml([[VALUES.get(one, 0) for one in fields]]))

    def qbittorrent(self, url: URL, **kwargs: Any) -> CallbackResult:
        self.asked.append(url.path)
        if (wrong := self._wrong()) is not None:
            return wrong
        if url.path.endswith("login"):
            self.signed_in = kwargs["data"] == LOGIN
            return CallbackResult(status=204 if self.signed_in else 401)
        bearer = (kwargs.get("headers") or {}).get("Authorization") == f"Bearer {KEY}"
        if not (bearer or self.signed_in):
            return CallbackResult(status=403)
        if url.path.endswith("version"):
            return CallbackResult(status=200, body=self.version)
        body = {"rid": 1, "full_update": True, "torrents": {}, "server_state": {}}
        return CallbackResult(status=200, body=json.dumps(body))

    def _wrong(self) -> CallbackResult | None:
        if self.failure is not None:
            raise self.failure
        if self.status is not None:
            return CallbackResult(status=self.status, body=self.body)
        return None
