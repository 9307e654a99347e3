"""Seerr's API, version 1, as a Seerr 3.1 answers it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from .catalogue import Film, by_name
from .clock import utcnow
from .people import USERS, User
from .radarr_library import Row
from .seerr_agent import Agent
from .seerr_book import Ask, Book, Entry, MediaStatus, Status, person, poster
from .seerr_work import Worker
from .shows import Show, show_by_name
from .web import application, body_of, number, reply
from .world import World

_API: Final = "/api/v1"
_OPEN: Final = ("/status", "/settings/public")
_UNDONE: Final = (
    MediaStatus.UNKNOWN,
    MediaStatus.PENDING,
    MediaStatus.PROCESSING,
    MediaStatus.PARTIALLY_AVAILABLE,
)
_EVERY_STATUS: Final = tuple(Status)
_EVERY_MEDIA: Final = tuple(MediaStatus)
_FILTERS: Final[dict[str, tuple[tuple[Status, ...], tuple[MediaStatus, ...]]]] = {
    "all": (_EVERY_STATUS, _EVERY_MEDIA),
    "approved": ((Status.APPROVED,), _EVERY_MEDIA),
    "available": ((Status.COMPLETED,), (MediaStatus.AVAILABLE,)),
    "pending": ((Status.PENDING,), _EVERY_MEDIA),
    "processing": ((Status.APPROVED,), _UNDONE),
    "unavailable": ((Status.PENDING, Status.APPROVED), _UNDONE),
    "failed": ((Status.FAILED,), _EVERY_MEDIA),
    "deleted": ((Status.COMPLETED,), (MediaStatus.DELETED,)),
    "completed": ((Status.COMPLETED,), _EVERY_MEDIA),
}


class Seerr:
    """The handlers over Seerr's book. `radarr`, `sonarr`: where it reaches them."""

    def __init__(self, world: World, radarr: Callable[[], str], sonarr: Callable[[], str]) -> None:
        """Fill the book with what people asked for in the past."""
        self._world = world
        self._arrs = {"radarr": radarr, "sonarr": sonarr}
        self.book = Book(world)
        self.agent = Agent(world)
        self.worker = Worker(world, self.book, self.agent, radarr, sonarr)
        self._remember()

    def _remember(self) -> None:
        """Put in some requests of the past, in every state."""
        now = utcnow()
        there, sky = MediaStatus.AVAILABLE, by_name("Copper Sky")
        for name, who, days, status, media in (
            ("Granite", "Sofa", 200, Status.COMPLETED, there),
            ("The Fifth Elevator", "Kitchen", 20, Status.DECLINED, MediaStatus.UNKNOWN),
            (sky.name, "Kitchen", 5, Status.APPROVED, MediaStatus.PROCESSING),
            ("The Weight of Feathers", "Kitchen", 2, Status.PENDING, MediaStatus.PENDING),
        ):
            ask = self.book.ask(by_name(name), self._world.user(who), at=now - timedelta(days=days))
            ask.status, ask.media.status = status, media
        fog = self.book.ask(
            show_by_name("Cable and Fog"),
            self._world.user("Kitchen"),
            (1,),
            now - timedelta(days=90),
        )
        fog.status, fog.media.status = Status.COMPLETED, there

    def app(self) -> web.Application:
        """Make the application with all its routes."""
        app = application()
        app.middlewares.append(self._guarded)
        for method, path, handler in (
            ("GET", "/status", self._status),
            ("GET", "/auth/me", self._me),
            ("GET", "/settings/public", self._public),
            ("GET", "/settings/{arr:radarr|sonarr}", self._arr),
            ("GET", "/settings/notifications/webhook", self._webhook),
            ("POST", "/settings/notifications/webhook", self._set_webhook),
            ("POST", "/settings/notifications/webhook/test", self._test_webhook),
            ("GET", "/user", self._users),
            ("GET", "/request", self._requests),
            ("POST", "/request", self._ask),
            ("GET", "/request/count", self._count),
            ("GET", "/request/{id}", self._request),
            ("DELETE", "/request/{id}", self._delete),
            ("POST", "/request/{id}/{act:approve|decline|retry}", self._act),
            ("DELETE", "/media/{id}", self._forget),
            ("GET", "/{media:movie|tv}/{id}", self._title),
        ):
            app.router.add_route(method, _API + path, handler)
        return app

    async def start(self) -> None:
        """Begin to look at Jellyfin."""
        await self.worker.start()

    async def stop(self) -> None:
        """End scans and calls."""
        await self.worker.stop()
        await self.agent.stop()

    @property
    def _guarded(self) -> Middleware:
        @web.middleware
        async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
            path = request.path.removeprefix(_API)
            if path in _OPEN or not request.path.startswith(f"{_API}/"):
                return await handler(request)
            given = request.headers.get("X-Api-Key")
            if given is None:
                said = "cookie 'connect.sid' required"
                errors = [{"path": request.path, "message": said}]
                return reply({"message": said, "errors": errors}, 401)
            if given != self._world.keys.seerr:
                said = "You do not have permission to access this endpoint"
                return reply({"status": 403, "error": said}, 403)
            return await handler(request)

        return check

    @staticmethod
    def _user(request: web.Request) -> User:
        """Say for whom somebody acts: the first user, unless the header names another."""
        wanted = request.headers.get("X-API-User", "1")
        return USERS[int(wanted) - 1 if wanted.isdigit() else 0]

    async def _status(self, request: web.Request) -> web.Response:
        return reply(
            {
                "version": "3.1.0",
                "commitTag": "local",
                "updateAvailable": False,
                "commitsBehind": 0,
                "restartRequired": False,
            }
        )

    async def _me(self, request: web.Request) -> web.Response:
        return reply(person(self._user(request)))

    async def _users(self, request: web.Request) -> web.Response:
        users = [person(user) for user in USERS if not user.disabled]
        info = {"pages": 1, "pageSize": 10, "results": len(users), "page": 1}
        return reply({"pageInfo": info, "results": users})

    async def _public(self, request: web.Request) -> web.Response:
        return reply({"initialized": True, "applicationTitle": "Seerr", "applicationUrl": ""})

    async def _arr(self, request: web.Request) -> web.Response:
        name = request.match_info["arr"]
        host, _, port = self._arrs[name]().removeprefix("http://").partition(":")
        row: Row = {"id": 0, "name": name, "hostname": host, "port": int(port), "baseUrl": ""}
        return reply([row | {"useSsl": False, "is4k": False, "isDefault": True}])

    # -- requests --------------------------------------------------------------------------------

    async def _requests(self, request: web.Request) -> web.Response:
        wanted = _FILTERS.get(request.query.get("filter", "all"))
        if wanted is None:
            said = "request.query.filter should be equal to one of the allowed values"
            return reply({"message": f"{said}: {', '.join(_FILTERS)}"}, 400)
        statuses, media = wanted
        found = [
            ask
            for ask in self.book.asks.values()
            if ask.status in statuses and ask.media.status in media
        ]
        modified = request.query.get("sort") == "modified"
        found.sort(key=lambda ask: (ask.at if modified else ask.id, ask.id), reverse=True)
        take, skip = number(request, "take", 10), number(request, "skip", 0)
        rows = [ask.write() | {"canRemove": True} for ask in found[skip : skip + take]]
        info = {
            "pages": -(-len(found) // take),
            "pageSize": take,
            "results": len(found),
            "page": skip // take + 1,
        }
        errors: Row = {"radarr": [], "sonarr": []}
        return reply({"pageInfo": info, "results": rows, "serviceErrors": errors})

    async def _count(self, request: web.Request) -> web.Response:
        asks = self.book.asks.values()
        counts = {name.name.lower(): sum(ask.status is name for ask in asks) for name in Status}
        films = sum(isinstance(ask.media.entry, Film) for ask in asks)
        return reply(counts | {"total": len(asks), "movie": films, "tv": len(asks) - films})

    def _found(self, request: web.Request) -> Ask | None:
        wanted = request.match_info["id"]
        return self.book.asks.get(int(wanted) if wanted.isdigit() else 0)

    async def _request(self, request: web.Request) -> web.Response:
        ask = self._found(request)
        return reply(ask.write()) if ask else _missing()

    async def _delete(self, request: web.Request) -> web.Response:
        ask = self._found(request)
        if ask is None:
            return _missing()
        self.book.forget(ask)
        return web.Response(status=204)

    async def _forget(self, request: web.Request) -> web.Response:
        wanted = request.match_info["id"]
        media = self.book.media.get(int(wanted) if wanted.isdigit() else 0)
        if media is None:
            return reply({"message": "Media not found"}, 404)
        self.book.forget_media(media)
        return web.Response(status=204)

    async def _ask(self, request: web.Request) -> web.Response:
        body = await body_of(request)
        tmdb = body.get("mediaId")
        if not isinstance(tmdb, int):
            return reply({"message": "request.body should have required property 'mediaId'"}, 400)
        entry = self.book.entry(str(body.get("mediaType")), tmdb)
        if entry is None:
            said = "Failed to fetch movie details: Request failed with status code 404"
            return reply({"message": f"[TMDB] {said}"}, 500)
        seasons: tuple[int, ...] = ()
        if isinstance(entry, Show):
            seasons = self.book.open_seasons(entry, body.get("seasons"))
            if not seasons:
                return reply({"message": "No seasons available to request"}, 202)
        elif "is4k" in body and self._is_asked_for(entry):
            # Without that word, 3.1 lets the same film be asked for twice.
            return reply({"message": "Request for this media already exists."}, 409)
        return reply((await self._begin(entry, self._user(request), seasons)).write(), 201)

    async def _begin(self, entry: Entry, user: User, seasons: tuple[int, ...]) -> Ask:
        """Take in a request, and hand it on if it needs nobody's approval."""
        ask = self.book.ask(entry, user, seasons)
        self._world.note("asked", entry.name, ask.user.name)
        if ask.status is Status.PENDING:
            self.agent.tell("MEDIA_PENDING", ask)
        else:
            self.agent.tell("MEDIA_AUTO_APPROVED", ask)
            await self.worker.pass_to_arr(ask)
        return ask

    async def wish(self, title: str, user: str, seasons: tuple[int, ...] = ()) -> Ask:
        """Ask for a title by its name, as a person does; of a series all seasons unless named.

        Raises KeyError, StopIteration.
        """
        try:
            entry: Entry = by_name(title)
        except KeyError:
            entry = show_by_name(title)
            seasons = seasons or self.book.open_seasons(entry, "all")
        return await self._begin(entry, self._world.user(user), seasons)

    def _is_asked_for(self, entry: Entry) -> bool:
        done = (Status.DECLINED, Status.COMPLETED)
        return any(ask.status not in done for ask in self.book.of(self.book.medium(entry)))

    async def _act(self, request: web.Request) -> web.Response:
        ask = self._found(request)
        if ask is None:
            return _missing()
        ask.modified_by = self._user(request)
        if request.match_info["act"] == "decline":
            ask.status = Status.DECLINED
            self.agent.tell("MEDIA_DECLINED", ask)
            if ask.media.status is MediaStatus.PENDING:
                ask.media.status = MediaStatus.UNKNOWN
        else:
            ask.status = Status.APPROVED
            self.agent.tell("MEDIA_APPROVED", ask)
            await self.worker.pass_to_arr(ask)
        return reply(ask.write())

    # -- titles, and the webhook -----------------------------------------------------------------

    async def _title(self, request: web.Request) -> web.Response:
        wanted, media = request.match_info["id"], request.match_info["media"]
        entry = self.book.entry(media, int(wanted) if wanted.isdigit() else 0)
        if entry is None:
            # Of a title that TMDb does not know Seerr says that it failed itself.
            word = "movie" if media == "movie" else "series"
            return reply({"message": f"Unable to retrieve {word}."}, 500)
        return reply(_page(entry))

    async def _webhook(self, request: web.Request) -> web.Response:
        return reply(self.agent.shown())

    async def _set_webhook(self, request: web.Request) -> web.Response:
        body = await body_of(request)
        if not self.agent.save(body):
            return reply({"message": "Unable to save the settings."}, 500)
        return reply(body)

    async def _test_webhook(self, request: web.Request) -> web.Response:
        if await self.agent.test(await body_of(request)):
            return web.Response(status=204)
        return reply({"message": "Failed to send webhook notification."}, 500)


def _missing() -> web.Response:
    return reply({"message": "Request not found."}, 404)


def _page(entry: Entry) -> Row:
    """Write a title's page."""
    common: Row = {
        "id": entry.tmdb,
        "genres": [],
        "originalLanguage": "en",
        "overview": "A made-up title of the demo.",
        "posterPath": poster(entry),
    }
    if isinstance(entry, Film):
        return common | {
            "title": entry.name,
            "originalTitle": entry.original or entry.name,
            "releaseDate": entry.premiere.isoformat(),
            "imdbId": entry.imdb,
            "externalIds": {"imdbId": entry.imdb},
        }
    return common | {
        "name": entry.name,
        "originalName": entry.original or entry.name,
        "firstAirDate": f"{entry.year}-02-01",
        "externalIds": {"imdbId": entry.imdb, "tvdbId": entry.tvdb},
    }
