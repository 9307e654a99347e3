"""A tiny HTTP tracker, so that swarms are real: `python -m tests.real.tracker PORT`.

`/announce` knows everybody's peers; `/unregistered/announce` says what a tracker says of a torrent
that it has deleted.
"""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
import sys
import time
from typing import override
from urllib.parse import unquote_to_bytes

from tests.real.torrents import bencode

INTERVAL = 10
_SWARMS: dict[bytes, dict[tuple[str, int], tuple[float, int]]] = {}


class Tracker(BaseHTTPRequestHandler):
    """Answers announces with compact peers."""

    protocol_version = "HTTP/1.1"

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def _answer(self, answer: dict[str, object]) -> None:
        body = bencode(answer)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        """Take an announce."""
        path, _, query = self.path.partition("?")
        given: dict[str, bytes] = {}
        for pair in query.split("&"):
            key, _, value = pair.partition("=")
            given.setdefault(key, unquote_to_bytes(value.replace("+", " ")))
        if path.startswith("/unregistered/"):
            self._answer({"failure reason": "Unregistered torrent"})
            return
        swarm = _SWARMS.setdefault(given.get("info_hash", b""), {})
        left = sum(1 for _, amount in swarm.values() if amount)
        if path.endswith("/scrape"):
            counts = {"complete": len(swarm) - left, "incomplete": left, "downloaded": 0}
            self._answer({"files": {given.get("info_hash", b""): counts}})
            return
        me = (self.client_address[0], int(given.get("port", b"0")))
        if given.get("event") == b"stopped":
            swarm.pop(me, None)
        else:
            swarm[me] = (time.monotonic(), int(given.get("left", b"0") or 0))
        peers = b"".join(
            bytes(map(int, host.split("."))) + port.to_bytes(2, "big")
            for host, port in list(swarm)[:50]
            if (host, port) != me
        )
        left = sum(1 for _, amount in swarm.values() if amount)
        self._answer(
            {
                "interval": INTERVAL,
                "min interval": INTERVAL,
                "peers": peers,
                "complete": len(swarm) - left,
                "incomplete": left,
            }
        )


if __name__ == "__main__":
    ThreadingHTTPServer.request_queue_size = 512
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Tracker).serve_forever()
