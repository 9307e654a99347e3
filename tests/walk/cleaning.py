"""A household in which what was watched leaves, and what its tests ask of it."""

from datetime import timedelta
from typing import Any, override

from sqlalchemy import Connection, delete

from custom_components.showrunner.domain.media import MediaType, ProviderIds, TitleKey
from custom_components.showrunner.store import LedgerState
from custom_components.showrunner.store.schema import LEDGER, REGRETS, TITLES
from tests.english import english
from world.catalogue import EPISODES, Entry, Film
from world.clock import utcnow
from world.radarr_library import Movie
from world.sonarr_library import Series
from world.world import in_jellyfin

from .household import Household

SERIES = "The Ministry of Rain"


type Answer = dict[str, Any]


class Cleaned:
    """The household, what is watched in it, and what was asked of the services."""

    def __init__(self, house: Household) -> None:
        """Begin to count."""
        self.house = house
        self.servers = house.servers
        movies = self.servers.radarr_state.library.movies.values()
        world = self.servers.world
        self.movies = [one for one in movies if one.file_id and in_jellyfin(world, one.film)]

    @property
    def series(self) -> Series:
        """The series that Sonarr has."""
        library = self.servers.sonarr_state.library
        return next(one for one in library.series.values() if one.show.name == SERIES)

    def watched(self, entry: Entry, days: float = 30, user: str = "Sofa") -> None:
        """Have somebody have watched something, so many days ago."""
        data = self.servers.world.userdata(self.house.user(user).id, entry.item_id)
        data.played, data.play_count, data.position = True, 1, 0.0
        data.last_played = utcnow() - timedelta(days=days)

    def season(self, days: float = 30) -> list[Entry]:
        """Have the series watched, and name its episodes."""
        found: list[Entry] = [one for one in EPISODES if one.series == SERIES]
        for one in found:
            self.watched(one, days)
        return found

    async def ready(self) -> None:
        """Have the library read."""
        await self.house.runtime.library.sweep_now()

    def writes(self) -> list[str]:
        """List the changes that services were asked for: method and path."""
        harmless = ("/Library/Media/Updated", "/Library/Refresh")
        return [
            f"{call.method} {call.path}"
            for name in ("radarr", "sonarr", "jellyfin")
            for call in self.servers.all[name].calls[self.begun[name] :]
            if call.method != "GET" and not call.path.endswith(harmless)
        ]

    def begin(self) -> None:
        """Count from now on."""
        self.begun = {name: len(server.calls) for name, server in self.servers.all.items()}

    async def call(self, action: str, **data: Any) -> Answer:
        """Call an action, and give its answer."""
        answer = await self.house.hass.services.async_call(
            "showrunner", action, data, blocking=True, return_response=True
        )
        assert answer is not None
        return answer  # type: ignore[return-value]

    def has(self, movie: Movie) -> bool:
        """Tell whether a movie's file is there."""
        return self.servers.radarr_state.library.movies.get(movie.id) is movie and bool(
            movie.file_id
        )


async def settled(house: Household) -> Cleaned:
    """Have nothing watched, anybody count, and no limit of shares."""
    for one in house.servers.world.data.values():
        one.played, one.favorite, one.position = False, False, 0.0
    await house.runtime.set_option("cleanup", "who", "any")
    await house.runtime.set_option("safety", "max_library_percent", 100)
    made = Cleaned(house)
    made.begin()
    return made


def steps(plan: Answer) -> dict[str, str]:
    """Say how the steps stand, by what they do."""
    return {step["action"]: step["state"] for step in plan["steps"]}


def why(plan: Answer) -> str:
    """Say why things stay."""
    return "; ".join(
        f"{english(one['title'])}: {english(one['reason'])}" for one in plan["left_out"]
    )


def key(film: Film) -> TitleKey:
    """Name a film as the ledger does."""
    return TitleKey(MediaType.MOVIE, ProviderIds(tmdb=film.tmdb, imdb=film.imdb))


class Goes:
    """What leaves in a world in which something goes wrong, and how it is put back."""

    actions: tuple[str, ...] = ()
    most: int = 1

    def __init__(self, home: Cleaned) -> None:
        """Remember it."""
        self.home = home
        self.world = home.servers.world
        self.movies = home.servers.radarr_state.library
        self.shows = home.servers.sonarr_state.library

    def is_mine(self, one: object) -> bool:
        """Tell whether a movie or an episode is what leaves."""
        raise NotImplementedError

    @property
    def others(self) -> list[object]:
        """Write down everything that may not change."""
        movies = self.movies.movies.values()
        parts = [part for one in self.shows.series.values() for part in one.parts]
        every = [one for one in (*movies, *parts) if not self.is_mine(one)]
        return [(one.id, one.file_id, one.monitored) for one in every]

    def put_back(self) -> None:
        """Have it be there again as if nothing had been."""
        raise NotImplementedError

    async def anew(self) -> None:
        """Have nothing be known of it having been away: what came back would stay for a year."""
        self.put_back()
        self.movies.history.clear()
        self.shows.history.clear()

        def forget(connection: Connection) -> None:
            connection.execute(delete(LEDGER))
            connection.execute(delete(REGRETS))
            connection.execute(delete(TITLES).where(TITLES.c.subject == "ledger"))

        await self.home.house.runtime.store._database.run(forget)
        self.home.begin()

    def happened(self) -> dict[str, bool]:
        """Say of each action whether it has taken place."""
        raise NotImplementedError

    @property
    def deletions(self) -> int:
        """Count the files that were deleted."""
        rows = (*self.movies.history, *self.shows.history)
        gone = ("movieFileDeleted", "episodeFileDeleted")
        return sum(row["eventType"] in gone for row in rows)


class GoingMovie(Goes):
    """A movie."""

    def __init__(self, home: Cleaned) -> None:
        """Have one watched."""
        super().__init__(home)
        self.movie = home.movies[0]
        self.was = self.movie.file_id, self.world.homes[self.movie.film.item_id]
        home.watched(self.movie.film)

    @override
    def is_mine(self, one: object) -> bool:
        return one is self.movie

    @override
    def put_back(self) -> None:
        movie, item_id = self.movie, self.movie.film.item_id
        movie.file_id, self.world.homes[item_id] = self.was
        movie.monitored = True
        self.movies.movies[movie.id] = movie
        self.world.gone.pop(item_id, None)
        self.world.believed.pop(item_id, None)

    @override
    def happened(self) -> dict[str, bool]:
        there = self.movies.movies.get(self.movie.id)
        return {
            "unmonitor_movie": there is None or not there.monitored,
            "delete_file": there is None or not there.file_id,
            "delete_movie": there is None,
        }


class GoingSeason(Goes):
    """The season of a series."""

    def __init__(self, home: Cleaned) -> None:
        """Have it watched."""
        super().__init__(home)
        self.parts = home.series.parts
        self.was = [part.file_id for part in self.parts]
        self.most = len(self.parts)
        home.season()

    @override
    def is_mine(self, one: object) -> bool:
        return any(one is part for part in self.parts)

    @override
    def put_back(self) -> None:
        for part, file_id in zip(self.parts, self.was, strict=True):
            part.file_id, part.monitored = file_id, True
            self.world.gone.pop(part.episode.item_id, None)
            self.world.episodes[part.episode.item_id] = part.episode

    @override
    def happened(self) -> dict[str, bool]:
        return {
            "unmonitor_episodes": not any(part.monitored for part in self.parts),
            "delete_episode_files": not any(part.file_id for part in self.parts),
        }


async def _is_true(goes: Goes, plan: Answer) -> None:
    """Compare what the ledger says with the world."""
    happened = goes.happened()
    for row in await goes.home.house.runtime.store.ledger.for_plan(plan["plan_id"]):
        if row.state is LedgerState.DONE:
            assert happened[row.action], row
        if row.state is LedgerState.FAILED:
            assert not happened[row.action], row
