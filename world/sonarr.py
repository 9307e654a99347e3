"""Sonarr's API, version 3, as a Sonarr 4 answers it."""

from datetime import UTC, datetime
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from . import sonarr_webhooks as webhooks
from .arr_clients import ArrClients
from .clock import arr_time, long_ago
from .connect import Connect
from .radarr_library import Row
from .radarr_settings import Settings, ints, invalid, problem
from .sonarr_library import Library, Part, Series, describe
from .sonarr_search import Searches
from .web import application, body_of, number, page_of, reply
from .world import World

_API: Final = "/api/v3"
_EVENTS: Final = {
    "1": "grabbed",
    "3": "downloadFolderImported",
    "4": "downloadFailed",
    "5": "episodeFileDeleted",
    "6": "episodeFileRenamed",
    "7": "downloadIgnored",
}


class Sonarr:
    """The handlers over Sonarr's library."""

    def __init__(self, world: World, library: Library | None = None) -> None:
        """Build the library from the world, or take another one's."""
        self._world = world
        self.library = library or Library(world)
        self.started = long_ago()
        self.clients = ArrClients("sonarr")
        self.connect = Connect("Sonarr", webhooks.SWITCHES, webhooks.sample, world.sonarr_version)
        self.searches = Searches(world, self.library, self.connect)

    def app(self) -> web.Application:
        """Make the application with all its routes."""
        app = application()
        app.middlewares.append(self._guarded)
        for method, path, handler in (
            ("GET", "/system/status", self._status),
            ("GET", "/health", self._health),
            ("GET", "/downloadclient", self._clients),
            ("GET", "/series", self._all_series),
            ("POST", "/series", self._add),
            ("GET", "/series/lookup", self._lookup),
            ("GET", "/series/{id}", self._one_series),
            ("DELETE", "/series/{id}", self._delete),
            ("GET", "/episode", self._episodes),
            ("PUT", "/episode/monitor", self._monitor),
            ("GET", "/episodefile", self._files),
            ("DELETE", "/episodefile/bulk", self._delete_files),
            ("DELETE", "/episodefile/{id}", self._delete_file),
            ("GET", "/queue", self._queue),
            ("GET", "/history", self._history),
            ("GET", "/history/series", self._series_history),
            ("GET", "/history/since", self._history_since),
            ("GET", "/wanted/missing", self._missing),
            ("GET", "/command", self._commands),
            ("POST", "/command", self._command),
            ("GET", "/command/{id}", self._one_command),
        ):
            app.router.add_route(method, _API + path, handler)
        Settings(self.library).add_routes(app, _API)
        self.connect.add_routes(app, _API)
        return app

    async def stop(self) -> None:
        """End searches and calls."""
        await self.searches.stop()
        await self.connect.stop()

    @property
    def _guarded(self) -> Middleware:
        @web.middleware
        async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
            if not request.path.startswith(f"{_API}/"):
                where = f"/login?returnUrl={request.path}"
                return web.Response(status=302, headers={"Location": where})
            bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
            given = request.headers.get("X-Api-Key") or request.query.get("apikey") or bearer
            if given != self._world.keys.sonarr:
                return web.Response(status=401)
            response = await handler(request)
            response.headers["X-Application-Version"] = self._world.sonarr_version
            return response

        return check

    async def _status(self, request: web.Request) -> web.Response:
        return reply(
            {
                "appName": "Sonarr",
                "instanceName": "Sonarr",
                "version": self._world.sonarr_version,
                "isProduction": True,
                "isDocker": True,
                "isLinux": True,
                "branch": "main",
                "databaseType": "sqLite",
                "authentication": "forms",
                "urlBase": "",
                "startTime": arr_time(self.started),
            }
        )

    async def _health(self, request: web.Request) -> web.Response:
        return reply(self.clients.health())

    async def _clients(self, request: web.Request) -> web.Response:
        return reply(self.clients.listed())

    # Series and episodes.

    async def _all_series(self, request: web.Request) -> web.Response:
        tvdb = number(request, "tvdbId", 0)
        found = self.library.series.values()
        return reply([one.write() for one in found if tvdb in (0, one.show.tvdb)])

    def _of(self, request: web.Request) -> Series | None:
        wanted = request.match_info["id"]
        return self.library.series.get(int(wanted) if wanted.isdigit() else 0)

    async def _one_series(self, request: web.Request) -> web.Response:
        series = self._of(request)
        return reply(series.write()) if series else problem(404, "Not Found")

    async def _lookup(self, request: web.Request) -> web.Response:
        term = request.query.get("term", "").removeprefix("tvdb:")
        show = self.library.show(int(term)) if term.isdigit() else None
        added = None if show is None else self.library.by_tvdb(show.tvdb)
        if show is None:
            return reply([])
        return reply([added.write() if added else describe(show)])

    async def _add(self, request: web.Request) -> web.Response:
        body = await body_of(request)
        tvdb, root = body.get("tvdbId"), body.get("rootFolderPath")
        show = self.library.show(tvdb) if isinstance(tvdb, int) else None
        if show is None:
            return invalid("TvdbId", tvdb, "A series with this ID was not found", "NotEmpty")
        if self.library.by_tvdb(show.tvdb):
            said = "This series has already been added"
            return invalid("TvdbId", tvdb, said, "SeriesExistsValidator")
        if not isinstance(root, str) or root.rstrip("/") not in self.library.roots.values():
            return invalid("RootFolderPath", root, "Path does not exist", "RootFolderValidator")
        listed = body.get("seasons")
        seasons = {
            int(str(one["seasonNumber"]))
            for one in (listed if isinstance(listed, list) else [])
            if one.get("monitored")
        }
        series = self.library.add(
            show,
            monitored=bool(body.get("monitored")),
            seasons=seasons if listed else None,
            root=root,
        )
        if isinstance(kind := body.get("seriesType"), str):
            series.kind = kind
        if isinstance(profile := body.get("qualityProfileId"), int):
            series.profile = profile
        if isinstance(folder := body.get("path"), str):
            series.folder = folder
        series.tags = set(ints(body.get("tags")))
        self.connect.tell("onSeriesAdd", webhooks.added(series))
        options = body.get("addOptions")
        if isinstance(options, dict) and options.get("searchForMissingEpisodes"):
            self.searches.begin("SeriesSearch", {"seriesId": series.id})
        return reply(series.write(), 201)

    async def _delete(self, request: web.Request) -> web.Response:
        series = self._of(request)
        if series is None:
            return problem(404, "Not Found")
        files = request.query.get("deleteFiles", "false") == "true"
        del self.library.series[series.id]
        if files:
            for part in series.parts:
                self._world.episode_went(part.episode)
        rows = self.library.history
        self.library.history = [row for row in rows if row["seriesId"] != series.id]
        self.connect.tell("onSeriesDelete", webhooks.deleted(series, files=files))
        return reply({})

    async def _episodes(self, request: web.Request) -> web.Response:
        series = self.library.series.get(number(request, "seriesId", 0))
        season = number(request, "seasonNumber", -1)
        if series is None:
            return reply([])
        parts = [part for part in series.parts if season in (-1, part.episode.season)]
        return reply([series.write_part(part) for part in parts])

    async def _monitor(self, request: web.Request) -> web.Response:
        body = await body_of(request)
        monitored = body.get("monitored")
        if not isinstance(monitored, bool):
            return problem(400, "One or more validation errors occurred.")
        found = [self.library.part(one) for one in ints(body.get("episodeIds"))]
        known = [one for one in found if one is not None]
        for _, part in known:
            part.monitored = monitored
        return reply([series.write_part(part) for series, part in known], 202)

    async def _files(self, request: web.Request) -> web.Response:
        series = self.library.series.get(number(request, "seriesId", 0))
        parts = [] if series is None else [part for part in series.parts if part.file_id]
        return reply([series.write_file(part) for part in parts] if series else [])

    def _by_file(self, file_id: int) -> tuple[Series, Part] | None:
        return next(
            (
                (series, part)
                for series in self.library.series.values()
                for part in series.parts
                if file_id and part.file_id == file_id
            ),
            None,
        )

    async def _delete_file(self, request: web.Request) -> web.Response:
        wanted = request.match_info["id"]
        found = self._by_file(int(wanted) if wanted.isdigit() else 0)
        if found is None:
            return problem(404, "Not Found")
        self.searches.delete_file(*found)
        return reply({})

    async def _delete_files(self, request: web.Request) -> web.Response:
        """Delete files, all of the first one's series; of none at all it fails, as Sonarr does.

        One after another: at one that the disk does not let go it ends; those before are gone.
        """
        wanted = ints((await body_of(request)).get("episodeFileIds"))
        found = [one for number_ in wanted if (one := self._by_file(number_)) is not None]
        if not found:
            return reply({"message": "Sequence contains no elements"}, 500)
        for series, part in found:
            if part.file_id in self.library.locked:
                return reply({"message": "Unable to delete episode file"}, 500)
            if series is found[0][0]:
                self.searches.delete_file(series, part)
        return reply({})

    # What happens.

    async def _queue(self, request: web.Request) -> web.Response:
        lines = self.clients.queue(list(self.library.queue.values()), self.started)
        return reply(page_of(request, lines, "timeleft"))

    async def _history(self, request: web.Request) -> web.Response:
        return reply(page_of(request, _events(request, self.library.history[::-1]), "date"))

    async def _series_history(self, request: web.Request) -> web.Response:
        wanted = number(request, "seriesId", 0)
        rows = [row for row in self.library.history[::-1] if row["seriesId"] == wanted]
        return reply(_events(request, rows))

    async def _history_since(self, request: web.Request) -> web.Response:
        try:
            since = datetime.fromisoformat(request.query.get("date", "0001-01-01T00:00:00Z"))
        except ValueError:
            return problem(400, "One or more validation errors occurred.")
        since = since if since.tzinfo else since.replace(tzinfo=UTC)
        rows = [
            row
            for row in sorted(self.library.history, key=lambda row: str(row["date"]))
            if datetime.fromisoformat(str(row["date"])) >= since
        ]
        return reply(_events(request, rows))

    async def _missing(self, request: web.Request) -> web.Response:
        return reply(page_of(request, self.library.missing(), "episodes.airDateUtc"))

    async def _commands(self, request: web.Request) -> web.Response:
        return reply(list(self.library.commands.values()))

    async def _one_command(self, request: web.Request) -> web.Response:
        wanted = request.match_info["id"]
        command = self.library.commands.get(int(wanted) if wanted.isdigit() else 0)
        return reply(command) if command else problem(404, "Not Found")

    async def _command(self, request: web.Request) -> web.Response:
        body = await body_of(request)
        name = body.get("name")
        if not isinstance(name, str) or not name:
            return problem(400, "One or more validation errors occurred.")
        rest = {key: value for key, value in body.items() if key != "name"}
        return reply(self.searches.begin(name, rest), 201)


def _events(request: web.Request, rows: list[Row]) -> list[Row]:
    asked = request.query.getall("eventType", [])
    wanted = {_EVENTS.get(name, name) for name in asked}
    return [row for row in rows if not wanted or row["eventType"] in wanted]
