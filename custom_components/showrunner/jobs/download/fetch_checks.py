"""Whether the steps of a download may be carried out now, from Radarr's fresh answers (law 3)."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from ...clients.arr_queue import known_queue
from ...clients.arr_titles import find_under
from ...clients.radarr import RadarrMovie
from ...coordinators.radarr import RadarrCoordinator
from ...domain.inventory import Found
from ...domain.knowledge import Answer
from ...domain.media import same_year
from ...domain.plan import AddMovie, Check, Plan, Proceed, SearchMovie, Skip, Step, UpdateMovie
from ...domain.text import say
from ...operations import NotLinked
from ...operations.radarr import file_mark

_SEARCH_AGAIN: Final = timedelta(hours=24)


class FetchChecks:
    """Asks the Radarr of each step."""

    def __init__(
        self, radarrs: Mapping[str, RadarrCoordinator], now: Callable[[], datetime]
    ) -> None:
        """Take the linked Radarrs by their subentries' ids, and the clock."""
        self._radarrs = radarrs
        self._now = now

    async def recheck(self, plan: Plan, step: Step, prepares: Sequence[Step]) -> Check:
        """Go on while Radarr's movie is the one, and still has to be fetched."""
        match step.payload:
            case AddMovie():
                return await self._may_add(step)
            case UpdateMovie(present_file=present):
                wanted = await self._wanted(step, present)
                return wanted if isinstance(wanted, Skip) else Proceed()
            case SearchMovie(present_file=present):
                return await self._may_search(step, present)
        return Skip(say("step_no_operation"))

    def _radarr(self, step: Step) -> RadarrCoordinator:
        radarr = self._radarrs.get(step.target.service)
        if radarr is None:
            raise NotLinked(say("arr_not_linked", arr="Radarr"))
        return radarr

    async def _found(self, step: Step) -> Found[RadarrMovie] | None:
        client = self._radarr(step).client
        return await find_under(client, step.target.ids, step.target.remote_id)

    async def _may_add(self, step: Step) -> Check:
        """Skip when it was added meanwhile, or is there under another id."""
        if await self._found(step) is not None:
            return Skip(say("added_meanwhile"))
        ids, radarr = step.target.ids, self._radarr(step)
        other = None if ids.imdb is None else await radarr.movie_by_imdb(ids.imdb, fresh=True)
        if other is not None:
            known = " ".join(other.title.ids.keys)
            return Skip(say("in_radarr_as", ids=known, wanted=" ".join(ids.keys)))
        return Proceed()

    async def _wanted(self, step: Step, present_file: str) -> RadarrMovie | Skip:
        """Give the movie if it is still the one, and still has to be fetched."""
        found = await self._found(step)
        if found is None:
            return Skip(say("no_longer_in", arr="Radarr"))
        movie = found.entry
        year = None if step.subject.title is None else step.subject.title.year
        if found.same is not Answer.YES or same_year(movie.title.year, year) is Answer.NO:
            return Skip(say("movie_is_another", number=movie.id, title=movie.title.label))
        permanent = self._radarr(step).is_permanent(movie.path)
        # The file that was there when the plan was made is one to stream, even where our own change
        # of the root folder has Radarr look for it under a permanent one.
        if movie.has_file and permanent and file_mark(movie) != present_file:
            return Skip(say("has_permanent_file"))
        return movie

    async def _may_search(self, step: Step, present_file: str) -> Check:
        """Skip what is there, under way, or was searched a moment ago."""
        movie = await self._wanted(step, present_file)
        if isinstance(movie, Skip):
            return movie
        radarr = self._radarr(step)
        queue = await known_queue(radarr.client, radarr.title, self._now())
        if any(entry.movie_id == movie.id for entry in queue):
            return Skip(say("in_queue_by_now"))
        if movie.last_search and self._now() - movie.last_search < _SEARCH_AGAIN:
            return Skip(say("searched_already", at=movie.last_search))
        return Proceed()
