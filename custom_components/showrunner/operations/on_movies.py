"""What all operations on a movie in a Radarr share."""

from collections.abc import Mapping

from ..clients.arr_titles import find_under
from ..clients.radarr import RadarrClient, RadarrMovie
from ..domain.inventory import Found
from ..domain.knowledge import Answer
from ..domain.plan import (
    Step,
)
from ..domain.text import say
from .base import (
    BaseOperation,
    Linked,
    NotLinked,
    NotPossible,
    remote_id,
)


class OnMovie(BaseOperation):
    """What all operations on a movie share."""

    def __init__(self, linked: Linked) -> None:
        self._linked = linked

    def _client(self, step: Step) -> RadarrClient:
        client = self._linked.radarr(step.target.service)
        if client is None:
            raise NotLinked(say("arr_not_linked", arr="Radarr"))
        return client

    async def _movie(self, step: Step) -> RadarrMovie | None:
        """Find the step's movie: by Radarr's number where known, else by TMDb's."""
        found = await self._found(step)
        return None if found is None else found.entry

    async def _same_movie(self, step: Step) -> RadarrMovie | None:
        """Find the step's movie; None also when its number is another title's now."""
        found = await self._found(step)
        return found.entry if found is not None and found.same is Answer.YES else None

    async def _found(self, step: Step) -> Found[RadarrMovie] | None:
        return await find_under(self._client(step), step.target.ids, step.target.remote_id)

    async def _record(self, step: Step) -> Mapping[str, object]:
        """Give Radarr's whole record of the movie, for the ledger."""
        record = await self._client(step).record(remote_id(step))
        if record is None:
            raise NotPossible(say("no_longer_in", arr="Radarr"))
        return {"record": record}


def tmdb_of(step: Step) -> int:
    """Give the number by which Radarr can be asked for a step's movie."""
    if step.target.ids.tmdb is None:
        raise NotPossible(say("movie_without_tmdb"))
    return step.target.ids.tmdb


def is_as_wished(movie: RadarrMovie, profile: int | None, root: str | None) -> bool:
    """Tell whether a movie has this profile and lies below this folder; None: any will do."""
    if profile is not None and movie.quality_profile_id != profile:
        return False
    return root is None or (movie.root_folder or "").rstrip("/") == root.rstrip("/")


def number_or_none(kept: object) -> int | None:
    """Read a whole number that was kept; None: it is none."""
    return kept if isinstance(kept, int) and not isinstance(kept, bool) else None
