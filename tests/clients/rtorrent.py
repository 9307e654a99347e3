"""An rTorrent that answers as the real one does."""

import json
import re
from typing import Any

from aiohttp import web

HASH = "23D3F5FB85BDDE15925E3D4A4DF3BFB3BCD28A6F"


VALUES: dict[str, Any] = {
    "d.hash=": HASH,
    "d.name=": "Harbour.Lights.S01",
    "d.base_path=": "/dl/Harbour.Lights.S01",
    "d.directory=": "/dl/Harbour.Lights.S01",
    "d.size_bytes=": 1000,
    "d.bytes_done=": 1000,
    "d.up.total=": 1530,
    "d.ratio=": 1530,
    "d.complete=": 1,
    "d.state=": 1,
    "d.is_active=": 1,
    "d.hashing=": 0,
    "d.timestamp.finished=": 1_763_643_000,
    "d.custom1=": "M%C3%B6vies%20%26%20more",
    "d.message=": "",
    "d.is_multi_file=": 1,
    "d.is_private=": 1,
    "d.load_date=": 1_763_600_000,
    "d.peers_complete=": 2,
    "d.peers_connected=": 5,
    "d.custom=addtime": "1763640000\n",
    "d.custom=seedingtime": "1763643001\n",
    "d.free_diskspace=": 5_000_000,
}


def row(**changes: Any) -> dict[str, Any]:
    """Make a row; `__` stands for a dot."""
    return VALUES | {f"d.{key.replace('__', '.')}=": value for key, value in changes.items()}


def xml_value(one: object) -> str:
    """Write a value as rTorrent does."""
    match one:
        case int():
            return f"<value><i8>{one}</i8></value>\r\n"
        case str():
            text = one.replace("&", "&amp;").replace("<", "&lt;")
            return f"<value><string>{text}</string></value>\r\n"
        case list():
            return (
                f"<value><array><data>\r\n{''.join(map(xml_value, one))}</data></array></value>\r\n"
            )
    raise TypeError(one)


def xml(one: object) -> str:
    """Write an answer."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\r\n<methodResponse>\r\n<params>\r\n'
        f"<param>{xml_value(one).strip()}</param>\r\n</params>\r\n</methodResponse>\r\n"
    )


def fault(code: int, text: str) -> str:
    """Write a fault."""
    return (
        '<?xml version="1.0"?>\r\n<methodResponse>\r\n<fault>\r\n<value><struct>\r\n'
        f"<member><name>faultCode</name>\r\n<value><i4>{code}</i4></value></member>\r\n"
        f"<member><name>faultString</name>\r\n<value><string>{text}</string></value></member>\r\n"
        "</struct></value>\r\n</fault>\r\n</methodResponse>\r\n"
    )


class Server:
    """An rTorrent of our own: what it knows, speaks and refuses, and what it was asked."""

    def __init__(self, *rows: dict[str, Any], version: str = "0.9.8", json_too: bool = False):
        self.rows = list(rows)
        self.version = version
        self.json_too = json_too
        self.refused: dict[str, str] = {}
        self.spoilt: set[str] = set()
        self.asked: list[tuple[str, str, list[str]]] = []

    async def answer(self, request: web.Request) -> web.Response:
        body = await request.text()
        if request.content_type == "application/json":
            if not self.json_too:
                return web.Response(text=fault(-503, "Call XML not a proper XML-RPC call."))
            call = json.loads(body)
            return self._say("json", call["method"], call["params"])
        method = re.search("<methodName>(.*)</methodName>", body)
        assert method is not None
        return self._say("xml", method[1], re.findall("<string>(.*?)</string>", body))

    def _say(self, speech: str, method: str, params: list[str]) -> web.Response:
        self.asked.append((speech, method, params))
        if method == "system.client_version":
            return self._result(speech, self.version)
        fields = params[2:]
        for field in fields:
            if self.rows and (why := self.refused.get(field)):
                return self._fault(speech, why)
        if speech == "json" and self.spoilt & set(fields):
            error = {"code": -32700, "message": "invalid UTF-8 byte at index 5"}
            return web.json_response({"jsonrpc": "2.0", "id": None, "error": error})
        return self._result(speech, [[one.get(field, 0) for field in fields] for one in self.rows])

    def _result(self, speech: str, value: object) -> web.Response:
        if speech == "json":
            return web.json_response({"jsonrpc": "2.0", "id": 1, "result": value})
        return web.Response(text=xml(value), content_type="text/xml")

    def _fault(self, speech: str, why: str) -> web.Response:
        if speech == "json":
            error = {"code": -32602, "message": why}
            return web.json_response({"jsonrpc": "2.0", "id": 1, "error": error})
        return web.Response(text=fault(-507, why), content_type="text/xml")

    @property
    def lists(self) -> list[tuple[str, list[str]]]:
        """How the list was asked for."""
        return [(how, params) for how, method, params in self.asked if method == "d.multicall2"]
