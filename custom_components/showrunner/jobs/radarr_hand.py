"""How plan steps are carried out on Radarr: check with fresh facts, apply, read back.

The target of every step is one movie in one Radarr, by its ids and Radarr's own number; both must
still agree in the moment before the step (PRODUCT 0, law 3).
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
import ntpath
import posixpath
from typing import Final

from ..clients.errors import Refused
from ..clients.radarr import RadarrClient, RadarrMovie
from ..coordinators.radarr import RadarrCoordinator
from ..domain.knowledge import Absent, Answer, Knowledge, Known
from ..domain.media import same_year
from ..domain.plan import Action, Step
from ..domain.text import say
from .runner import Applied, Check, Handler, Proceed, Skip

# Radarr's clock and ours may differ by this much when a search is read back.
_CLOCK_SLACK: Final = timedelta(seconds=60)
_SEARCH_AGAIN: Final = timedelta(hours=24)
FILE_MARK: Final = "file"

type _Clock = Callable[[], datetime]


class _RadarrHandler:
    """What all steps on Radarr share."""

    def __init__(self, radarrs: Mapping[str, RadarrCoordinator], now: _Clock) -> None:
        self._radarrs = radarrs
        self._now = now

    def _client(self, step: Step) -> RadarrClient:
        radarr = self._radarrs.get(step.target.service)
        if radarr is None:
            raise Refused("Radarr", 410, say("arr_not_linked", arr="Radarr"))
        return radarr.client

    async def _movie(self, step: Step) -> RadarrMovie | None:
        """Find the step's movie: by Radarr's id where known, else by tmdb."""
        client = self._client(step)
        if step.target.remote_id is not None:
            return await client.movie(step.target.remote_id)
        if step.title.ids.tmdb is None:
            return None
        return await client.movie_by_tmdb(step.title.ids.tmdb)

    async def _wanted(self, step: Step) -> RadarrMovie | Skip:
        """Give the movie if it is still the one, and still has to be fetched."""
        movie = await self._movie(step)
        if movie is None:
            return Skip(say("no_longer_in", arr="Radarr"))
        same = movie.title.ids.matches(step.target.ids)
        if same is not Answer.YES or same_year(movie.title.year, step.title.year) is Answer.NO:
            return Skip(say("movie_is_another", number=movie.id, title=movie.title.label))
        permanent = self._radarrs[step.target.service].is_permanent(movie.path)
        # The file that was there when the plan was made is one to stream, even where our own change
        # of the root folder has Radarr look for it under a permanent one.
        if movie.has_file and permanent and file_mark(movie) != dict(step.evidence).get(FILE_MARK):
            return Skip(say("has_permanent_file"))
        return movie


class AddMovie(_RadarrHandler):
    """Add a movie that no Radarr holds."""

    async def check(self, step: Step, prepares: Sequence[Step] = ()) -> Check:
        """Skip when it was added meanwhile, or is there under another id."""
        movie = await self._movie(step)
        if movie is not None:
            return Skip(say("added_meanwhile"))
        ids, radarr = step.title.ids, self._radarrs[step.target.service]
        other = None if ids.imdb is None else await radarr.movie_by_imdb(ids.imdb, fresh=True)
        if other is not None:
            known = " ".join(other.title.ids.keys)
            return Skip(say("in_radarr_as", ids=known, wanted=" ".join(ids.keys)))
        return Proceed({"in_radarr": False})

    async def apply(self, step: Step) -> Applied:
        """Add it, monitored, without a search."""
        tmdb = step.title.ids.tmdb
        if tmdb is None:
            raise Refused("Radarr", 400, say("movie_without_tmdb"))
        client, wish = self._client(step), dict(step.arguments)
        tags = [await client.ensure_tag(label) for label in _labels(wish)]
        movie = await client.add_movie(
            tmdb,
            root_folder=str(wish["root_folder"]),
            profile_id=_integer(wish["quality_profile_id"]),
            tags=tuple(tags),
            expected=step.title,
        )
        return Applied(say("done_added", number=movie.id), {"movie_id": movie.id})

    async def happened(self, step: Step, since: datetime) -> Knowledge[Applied]:
        """Look whether it is there."""
        movie = await self._movie(step)
        if movie is None:
            return Absent("radarr")
        return Known(Applied(say("done_added", number=movie.id), {"movie_id": movie.id}), "radarr")


class UpdateMovie(_RadarrHandler):
    """Set a movie monitored, and what else the options say."""

    async def check(self, step: Step, prepares: Sequence[Step] = ()) -> Check:
        """Proceed with what is there now, for the ledger."""
        movie = await self._wanted(step)
        if isinstance(movie, Skip):
            return movie
        return Proceed(
            {
                "movie_id": movie.id,
                "monitored": movie.monitored,
                "quality_profile_id": movie.quality_profile_id,
                "root_folder": movie.root_folder,
                "tags": list(movie.tags),
            }
        )

    async def apply(self, step: Step) -> Applied:
        """Change only the named fields, then read back that it took."""
        client, wish = self._client(step), dict(step.arguments)
        movie = await self._movie(step)
        if movie is None:
            raise Refused("Radarr", 404, say("no_longer_in", arr="Radarr"))
        tags = [await client.ensure_tag(label) for label in _labels(wish)]
        profile = wish.get("quality_profile_id")
        root = wish.get("root_folder")
        await client.edit(
            movie.id,
            monitored=True,
            quality_profile_id=None if profile is None else _integer(profile),
            root_folder_path=None if root is None else str(root),
            add_tags=tuple(tags),
        )
        done = await self.happened(step, self._now())
        if not isinstance(done, Known):
            raise Refused("Radarr", 409, say("change_did_not_take"))
        return done.value

    async def happened(self, step: Step, since: datetime) -> Knowledge[Applied]:
        """Look whether the movie is as wished."""
        movie = await self._movie(step)
        if movie is None or not movie.monitored:
            return Absent("radarr")
        wish = dict(step.arguments)
        profile, root = wish.get("quality_profile_id"), wish.get("root_folder")
        if profile is not None and movie.quality_profile_id != profile:
            return Absent("radarr")
        if root is not None and (movie.root_folder or "").rstrip("/") != str(root).rstrip("/"):
            return Absent("radarr")
        return Known(
            Applied(say("done_monitored"), {"movie_id": movie.id, "monitored": True}), "radarr"
        )


class SearchMovie(_RadarrHandler):
    """Have Radarr search for a movie."""

    async def check(self, step: Step, prepares: Sequence[Step] = ()) -> Check:
        """Skip what is there, under way, or was searched a moment ago."""
        movie = await self._wanted(step)
        if isinstance(movie, Skip):
            return movie
        if any(entry.movie_id == movie.id for entry in await self._client(step).queue()):
            return Skip(say("in_queue_by_now"))
        if movie.last_search and self._now() - movie.last_search < _SEARCH_AGAIN:
            return Skip(say("searched_already", at=movie.last_search))
        return Proceed({"movie_id": movie.id, "monitored": movie.monitored})

    async def apply(self, step: Step) -> Applied:
        """Send the search command."""
        movie = await self._movie(step)
        if movie is None:
            raise Refused("Radarr", 404, say("no_longer_in", arr="Radarr"))
        command = await self._client(step).search(movie.id)
        return Applied(say("done_search_sent"), {"movie_id": movie.id, "command_id": command})

    async def happened(self, step: Step, since: datetime) -> Knowledge[Applied]:
        """Find the command, or the movie's last search, or a grab since then."""
        movie = await self._movie(step)
        if movie is None:
            return Absent("radarr")
        begun = since - _CLOCK_SLACK
        for command in await self._client(step).commands():
            sent = command.queued or command.started
            if command.is_search and movie.id in command.movie_ids and sent and sent >= begun:
                after = {"movie_id": movie.id, "command_id": command.id}
                return Known(Applied(say("done_search_sent"), after), "radarr")
        if movie.last_search is not None and movie.last_search >= begun:
            return Known(Applied(say("done_searched"), {"movie_id": movie.id}), "radarr")
        return Absent("radarr")


def file_mark(movie: RadarrMovie) -> str:
    """Name a movie's file so that another one is told from it, wherever it lies; empty for none."""
    if not movie.has_file:
        return ""
    name = posixpath.basename(ntpath.basename(movie.file_path or ""))
    return f"{name} {movie.size_bytes}"


def handlers(radarrs: Mapping[str, RadarrCoordinator], now: _Clock) -> dict[Action, Handler]:
    """Give the hand for each action on Radarr."""
    return {
        Action.ADD_MOVIE: AddMovie(radarrs, now),
        Action.UPDATE_MOVIE: UpdateMovie(radarrs, now),
        Action.SEARCH_MOVIE: SearchMovie(radarrs, now),
    }


def _labels(wish: Mapping[str, object]) -> tuple[str, ...]:
    tag = wish.get("tag")
    return (str(tag),) if tag else ()


def _integer(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise Refused("Radarr", 400, say("profile_not_a_number"))
    return value
