"""Radarr's API, version 3, as a Radarr 6 answers it."""

from datetime import UTC, datetime
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from . import radarr_webhooks as webhooks
from .arr_clients import ArrClients
from .clock import arr_time, long_ago, utcnow
from .connect import Connect
from .radarr_library import PROFILES, Library, Movie, Row, describe
from .radarr_search import Searches
from .radarr_settings import Settings, ints, invalid, problem
from .web import application, body_of, number, page_of, reply
from .world import World

_API: Final = "/api/v3"
_EVENTS: Final = {
    "1": "grabbed",
    "3": "downloadFolderImported",
    "4": "downloadFailed",
    "6": "movieFileDeleted",
    "8": "movieFileRenamed",
}


class Radarr:
    """The handlers over Radarr's library."""

    def __init__(
        self, world: World, library: Library | None = None, key: str | None = None
    ) -> None:
        """Build the library from the world, or take another one's, with a key of its own."""
        self._world = world
        self._own_key = key or world.keys.radarr
        self.library = library or Library(world)
        self.started = long_ago()
        self.clients = ArrClients("radarr")
        self.connect = Connect("Radarr", webhooks.SWITCHES, webhooks.sample, world.radarr_version)
        self.searches = Searches(world, self.library, self.connect)

    def app(self) -> web.Application:
        """Make the application with all its routes."""
        app = application()
        app.middlewares.append(self._guarded)
        for method, path, handler in (
            ("GET", "/system/status", self._status),
            ("GET", "/health", self._health),
            ("GET", "/downloadclient", self._clients),
            ("GET", "/movie", self._movies),
            ("POST", "/movie", self._add),
            ("PUT", "/movie/editor", self._edit),
            ("GET", "/movie/lookup/tmdb", self._lookup),
            ("GET", "/movie/lookup/imdb", self._lookup_imdb),
            ("GET", "/movie/{id}", self._movie),
            ("DELETE", "/movie/{id}", self._delete),
            ("GET", "/moviefile", self._files),
            ("DELETE", "/moviefile/{id}", self._delete_file),
            ("GET", "/queue", self._queue),
            ("GET", "/history", self._history),
            ("GET", "/history/movie", self._movie_history),
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
            if self._key(request) != self._own_key:
                return web.Response(status=401)
            response = await handler(request)
            response.headers["X-Application-Version"] = self._world.radarr_version
            return response

        return check

    @staticmethod
    def _key(request: web.Request) -> str:
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return request.headers.get("X-Api-Key") or request.query.get("apikey") or bearer

    async def _status(self, request: web.Request) -> web.Response:
        return reply(
            {
                "appName": "Radarr",
                "instanceName": "Radarr",
                "version": self._world.radarr_version,
                "isProduction": True,
                "isDocker": True,
                "isLinux": True,
                "branch": "master",
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

    # Movies.

    async def _movies(self, request: web.Request) -> web.Response:
        tmdb = number(request, "tmdbId", 0)
        rows = [
            movie.write() for movie in self.library.movies.values() if tmdb in (0, movie.film.tmdb)
        ]
        return reply(rows)

    async def _movie(self, request: web.Request) -> web.Response:
        try:
            movie = self.library.movies.get(int(request.match_info["id"]))
        except ValueError:
            movie = None
        return reply(movie.write()) if movie else problem(404, "Not Found")

    async def _files(self, request: web.Request) -> web.Response:
        movie = self.library.movies.get(number(request, "movieId", 0))
        return reply([movie.write_file()] if movie and movie.file_id else [])

    async def _lookup(self, request: web.Request) -> web.Response:
        tmdb = number(request, "tmdbId", 0)
        added = self.library.by_tmdb(tmdb)
        film = self.library.film(tmdb)
        if film is None:
            said = f"Movie with tmdbId {tmdb} was not found, it may have been removed from TMDb."
            return reply({"message": said, "description": "MovieNotFoundException"}, 500)
        return reply(added.write() if added else describe(film))

    async def _lookup_imdb(self, request: web.Request) -> web.Response:
        """Describe a film by its IMDb id as if it were not here, and without a number of ours.

        Seen so on a Radarr 6.0.3; its MovieLookupController asks its metadata alone.
        """
        imdb = request.query.get("imdbId", "")
        film = self.library.film_by_imdb(imdb)
        if film is None:
            said = f"Movie with IMDBId {imdb} was not found, it may have been removed from TMDb."
            return reply({"message": said, "description": "MovieNotFoundException"}, 500)
        return reply(describe(film))

    async def _add(self, request: web.Request) -> web.Response:
        body = await body_of(request)
        tmdb = body.get("tmdbId")
        film = self.library.film(tmdb) if isinstance(tmdb, int) else None
        root = body.get("rootFolderPath")
        profile = body.get("qualityProfileId")
        if film is None:
            return invalid("TmdbId", tmdb, "This movie does not exist", "NotEmptyValidator")
        if self.library.by_tmdb(film.tmdb):
            return invalid(
                "TmdbId", tmdb, "This movie has already been added", "MovieExistsValidator"
            )
        if not isinstance(root, str) or root.rstrip("/") not in self.library.roots.values():
            return invalid("RootFolderPath", root, "Path does not exist", "RootFolderValidator")
        if not isinstance(profile, int) or profile not in PROFILES:
            return invalid(
                "QualityProfileId", profile, "Quality Profile does not exist", "ProfileValidator"
            )
        monitored = bool(body.get("monitored"))
        movie = self.library.add(film, root, profile=profile, monitored=monitored, at=utcnow())
        movie.tags = {tag for tag in ints(body.get("tags")) if tag in self.library.tags}
        self.connect.tell("onMovieAdded", webhooks.added(movie, self.library.labels(movie)))
        options = body.get("addOptions")
        if isinstance(options, dict) and options.get("searchForMovie"):
            self.searches.begin("MoviesSearch", [movie.id], {})
        return reply(movie.write(), 201)

    async def _delete(self, request: web.Request) -> web.Response:
        wanted = request.match_info["id"]
        movie = self.library.movies.pop(int(wanted) if wanted.isdigit() else 0, None)
        if movie is None:
            return problem(404, "Not Found")
        files = request.query.get("deleteFiles", "false") == "true"
        if files and movie.file_id:
            self.library.went(movie)
        rows = self.library.history
        self.library.history = [row for row in rows if row["movieId"] != movie.id]
        body = webhooks.deleted(movie, self.library.labels(movie), files=files)
        self.connect.tell("onMovieDelete", body)
        return reply({})

    async def _delete_file(self, request: web.Request) -> web.Response:
        wanted = request.match_info["id"]
        number_ = int(wanted) if wanted.isdigit() else 0
        movies = self.library.movies.values()
        movie = next((one for one in movies if number_ and one.file_id == number_), None)
        if movie is None:
            return problem(404, "Not Found")
        body = webhooks.file_deleted(movie, self.library.labels(movie))
        self.connect.tell("onMovieFileDelete", body)
        self.library.record(movie, "movieFileDeleted", "", utcnow())
        movie.file_id = 0
        self.library.went(movie)
        return reply({})

    async def _edit(self, request: web.Request) -> web.Response:
        body = await body_of(request)
        if not isinstance(body.get("monitored", True), bool | None):
            return problem(400, "One or more validation errors occurred.")
        movies = [
            self.library.movies[number_]
            for number_ in ints(body.get("movieIds"))
            if number_ in self.library.movies
        ]
        for movie in movies:
            self._change(movie, body)
        return reply([movie.write() for movie in movies], 202)

    def _change(self, movie: Movie, body: Row) -> None:
        """Set the named fields of a movie, and only those."""
        if isinstance(monitored := body.get("monitored"), bool):
            movie.monitored = monitored
        if isinstance(profile := body.get("qualityProfileId"), int):
            movie.profile = profile
        if isinstance(root := body.get("rootFolderPath"), str):
            movie.root = root.rstrip("/")
            movie.path = f"{movie.root}/{movie.film.label}"
        tags = set(ints(body.get("tags")))
        match body.get("applyTags"):
            case "add":
                movie.tags |= tags
            case "remove":
                movie.tags -= tags
            case "replace":
                movie.tags = tags

    # What happens.

    async def _queue(self, request: web.Request) -> web.Response:
        lines = self.clients.queue(list(self.library.queue.values()), self.started)
        return reply(page_of(request, lines, "timeleft"))

    async def _history(self, request: web.Request) -> web.Response:
        rows = _events(request, self.library.history[::-1])
        return reply(page_of(request, rows, "date"))

    async def _movie_history(self, request: web.Request) -> web.Response:
        wanted = number(request, "movieId", 0)
        rows = [row for row in self.library.history[::-1] if row["movieId"] == wanted]
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
        rows = [movie.write() for movie in self.library.missing()]
        return reply(page_of(request, rows, "title"))

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
        return reply(self.searches.begin(name, ints(body.get("movieIds")), rest), 201)


def _events(request: web.Request, rows: list[Row]) -> list[Row]:
    asked = request.query.getall("eventType", [])
    wanted = {_EVENTS.get(name, name) for name in asked}
    return [row for row in rows if not wanted or row["eventType"] in wanted]
