"""The house's qBittorrent: many seed, some of them to somebody, and what is loading loads."""

from typing import Final

from aiohttp import web

from bench.house.arrs import download_id
from bench.house.house import House, Stand
from bench.house.replies import Row, reply

_SIZE: Final = 2_000_000_000
_ADDED: Final = 1_600_000_000
# Of so many one uploads at any moment.
_BUSY: Final = 100


class QBittorrent:
    """Tells everything at first, and what has changed since then."""

    def __init__(self, house: House) -> None:
        """Take the house."""
        self._house = house
        self._loading = house.of_stand(Stand.LOADING)
        self._rid = 0

    def routes(self, base: str) -> list[web.RouteDef]:
        """Say what is answered where."""
        api = f"{base}/api/v2"
        return [
            web.post(f"{api}/auth/login", self._login),
            web.get(f"{api}/app/version", self._version),
            web.get(f"{api}/sync/maindata", self._maindata),
            web.get(f"{api}/torrents/trackers", self._trackers),
            web.get(f"{api}/transfer/downloadLimit", self._limit),
            web.get(f"{api}/transfer/uploadLimit", self._limit),
        ]

    async def _login(self, _: web.Request) -> web.Response:
        answer = web.Response(text="Ok.")
        answer.set_cookie("SID", "s", path="/")
        return answer

    async def _version(self, _: web.Request) -> web.Response:
        return web.Response(text="v5.1.2")

    async def _trackers(self, _: web.Request) -> web.Response:
        return reply([])

    async def _limit(self, _: web.Request) -> web.Response:
        return web.Response(text="0")

    async def _maindata(self, request: web.Request) -> web.Response:
        whole = request.query.get("rid", "0") != str(self._rid) or not self._rid
        self._rid += 1
        state = {"free_space_on_disk": 9 * 10**12, "dl_info_speed": self._rid, "up_info_speed": 5}
        body: Row = {"rid": self._rid, "server_state": state}
        if whole:
            rows = {f"{n:040x}": self._seeding(n) for n in range(self._house.torrents)}
            rows |= {download_id(one).lower(): self._loads(one) for one in self._loading}
            return reply(body | {"full_update": True, "torrents": rows})
        changed: dict[str, Row] = {
            f"{n:040x}": {"upspeed": 1000 + self._rid % 7, "uploaded": _SIZE + self._rid * 1000}
            for n in range(0, self._house.torrents, _BUSY)
        }
        changed |= {
            download_id(one).lower(): {"dlspeed": 1000 + self._rid % 7, "eta": 7200}
            for one in self._loading
        }
        return reply(body | {"torrents": changed})

    def _seeding(self, number: int) -> Row:
        name = f"Some.Film.or.Other.Number.{number}.2011.1080p.BluRay.x264-GROUP"
        uploads = number % _BUSY == 0
        return _ROW | {
            "name": name,
            "state": "uploading" if uploads else "stalledUP",
            "uploaded": _SIZE + number,
            "ratio": 1.0 + number % 30 / 10,
            "upspeed": 1000 if uploads else 0,
            "category": "radarr" if number % 2 else "sonarr",
            "content_path": f"/downloads/{name}",
            "added_on": _ADDED + number * 60,
            "completion_on": _ADDED + number * 60 + 3600,
            "seeding_time": 5_000_000 + number,
            "infohash_v1": f"{number:040x}",
        }

    def _loads(self, request: int) -> Row:
        name = f"Some.Release.{request}.1080p"
        return _ROW | {
            "name": name,
            "state": "downloading",
            "completed": _SIZE // 2,
            "amount_left": _SIZE // 2,
            "progress": 0.5,
            "uploaded": 0,
            "ratio": 0,
            "eta": 7200,
            "dlspeed": 1000,
            "category": "radarr",
            "content_path": f"/downloads/{name}",
            "added_on": _ADDED,
            "completion_on": -1,
            "seeding_time": 0,
            "infohash_v1": download_id(request).lower(),
        }


_ROW: Final[Row] = {
    "size": _SIZE,
    "total_size": _SIZE,
    "completed": _SIZE,
    "downloaded": _SIZE,
    "amount_left": 0,
    "progress": 1,
    "eta": 8_640_000,
    "dlspeed": 0,
    "upspeed": 0,
    "num_complete": 14,
    "num_incomplete": 3,
    "num_seeds": 0,
    "num_leechs": 1,
    "tags": "",
    "save_path": "/downloads",
    "download_path": "",
    "tracker": "https://tracker.example/announce",
    "private": False,
    "infohash_v2": "",
    "force_start": False,
    "priority": 0,
    "magnet_uri": "magnet:?xt=urn:btih:" + "f" * 400,
}
