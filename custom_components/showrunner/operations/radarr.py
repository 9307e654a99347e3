"""What is done to a movie in Radarr: add, change, search, restore; its deletions stand beside it.

The target of every step is one movie in one Radarr, by its ids and Radarr's own number; both must
still agree when it is read back.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
import ntpath
import posixpath
from typing import Final, override

from ..clients.radarr import RadarrMovie
from ..domain.knowledge import Absent, Knowledge, Known
from ..domain.plan import (
    AddMovie,
    DeleteMovie,
    Payload,
    RestoreMovie,
    Step,
    UpdateMovie,
)
from ..domain.text import say
from .base import (
    Applied,
    NotPossible,
    payload_of,
    text,
    title_of,
)
from .on_movies import OnMovie, is_as_wished, number_or_none, tmdb_of

# Radarr's clock and ours may differ by this much when a search is read back.
_CLOCK_SLACK: Final = timedelta(seconds=60)


class AddMovieOperation(OnMovie):
    """Add a movie that no Radarr holds."""

    async def apply(self, step: Step) -> Applied | None:
        """Add it, monitored, without a search."""
        wish, tmdb = payload_of(step, AddMovie), tmdb_of(step)
        client = self._client(step)
        tags = [await client.ensure_tag(wish.tag)] if wish.tag else []
        movie = await client.add_movie(
            tmdb,
            root_folder=wish.root_folder,
            profile_id=wish.quality_profile_id,
            tags=tuple(tags),
            expected=title_of(step),
        )
        return _added(movie)

    async def read_back(self, step: Step, since: datetime) -> Knowledge[Applied]:
        """Look whether it is there."""
        movie = await self._movie(step)
        return Absent("radarr") if movie is None else Known(_added(movie), "radarr")

    @override
    def undo(
        self, before: Mapping[str, object], after: Mapping[str, object]
    ) -> tuple[Payload, ...]:
        """Have it forgotten again, unless a file has come."""
        return (DeleteMovie(),)


class UpdateMovieOperation(OnMovie):
    """Set a movie monitored, and what else the options say."""

    @override
    async def snapshot(self, step: Step) -> Mapping[str, object]:
        movie = await self._movie(step)
        if movie is None:
            raise NotPossible(say("no_longer_in", arr="Radarr"))
        return {
            "movie_id": movie.id,
            "monitored": movie.monitored,
            "quality_profile_id": movie.quality_profile_id,
            "root_folder": movie.root_folder,
            "tags": list(movie.tags),
        }

    async def apply(self, step: Step) -> Applied | None:
        """Change only the named fields."""
        client, wish = self._client(step), payload_of(step, UpdateMovie)
        movie = await self._movie(step)
        if movie is None:
            raise NotPossible(say("no_longer_in", arr="Radarr"))
        tags = [await client.ensure_tag(wish.tag)] if wish.tag else []
        await client.edit(
            movie.id,
            monitored=True,
            quality_profile_id=wish.quality_profile_id,
            root_folder_path=wish.root_folder,
            add_tags=tuple(tags),
        )
        return None

    async def read_back(self, step: Step, since: datetime) -> Knowledge[Applied]:
        """Look whether the movie is as wished."""
        movie, wish = await self._movie(step), payload_of(step, UpdateMovie)
        if movie is None or not movie.monitored:
            return Absent("radarr")
        if not is_as_wished(movie, wish.quality_profile_id, wish.root_folder):
            return Absent("radarr")
        after = {"movie_id": movie.id, "monitored": True}
        return Known(Applied(say("done_monitored"), after), "radarr")

    @override
    def undo(
        self, before: Mapping[str, object], after: Mapping[str, object]
    ) -> tuple[Payload, ...]:
        """Have it be as it was; the tag that was set stays."""
        monitored = before.get("monitored")
        if not isinstance(monitored, bool):
            return ()
        profile = number_or_none(before.get("quality_profile_id"))
        root = text(before.get("root_folder"))
        return (RestoreMovie(monitored, add=False, quality_profile_id=profile, root_folder=root),)


class SearchMovieOperation(OnMovie):
    """Have Radarr search for a movie."""

    async def apply(self, step: Step) -> Applied | None:
        """Send the search command."""
        movie = await self._movie(step)
        if movie is None:
            raise NotPossible(say("no_longer_in", arr="Radarr"))
        command = await self._client(step).search(movie.id)
        return Applied(say("done_search_sent"), {"movie_id": movie.id, "command_id": command})

    async def read_back(self, step: Step, since: datetime) -> Knowledge[Applied]:
        """Find the command, or the movie's last search, since then."""
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


class RestoreMovieOperation(OnMovie):
    """Have Radarr hold a movie as it did before a change of ours."""

    @override
    async def snapshot(self, step: Step) -> Mapping[str, object]:
        movie = await self._movie_of(step)
        if movie is None:
            return {"in_radarr": False}
        return {"record": await self._client(step).record(movie.id)}

    async def apply(self, step: Step) -> Applied | None:
        """Add it where it was deleted and is gone, or put back what was changed."""
        client, wish = self._client(step), payload_of(step, RestoreMovie)
        movie = await self._movie_of(step)
        if movie is None:
            await self._add(step, wish)
        elif wish.add:
            await client.edit(movie.id, monitored=wish.monitored)
        else:
            if movie.has_file and not is_as_wished(movie, None, wish.root_folder):
                # Files are never moved: Radarr would look for it where it is not.
                raise NotPossible(say("undo_would_lose_file"))
            await client.edit(
                movie.id,
                monitored=wish.monitored,
                quality_profile_id=wish.quality_profile_id,
                root_folder_path=wish.root_folder,
            )
        return None

    async def read_back(self, step: Step, since: datetime) -> Knowledge[Applied]:
        """Look whether it is as it was."""
        movie, wish = await self._movie_of(step), payload_of(step, RestoreMovie)
        if movie is None or movie.monitored is not wish.monitored:
            return Absent("radarr")
        if not wish.add and not is_as_wished(movie, wish.quality_profile_id, wish.root_folder):
            return Absent("radarr")
        return Known(Applied(say("done_restored"), {"movie_id": movie.id}), "radarr")

    async def _movie_of(self, step: Step) -> RadarrMovie | None:
        """Find the movie by its ids: added again it has another number."""
        return await self._client(step).movie_by_tmdb(tmdb_of(step))

    async def _add(self, step: Step, wish: RestoreMovie) -> RadarrMovie:
        if not wish.add:
            raise NotPossible(say("no_longer_in", arr="Radarr"))
        if wish.quality_profile_id is None or wish.root_folder is None:
            raise NotPossible(say("record_not_whole"))
        return await self._client(step).add_movie(
            tmdb_of(step),
            root_folder=wish.root_folder,
            profile_id=wish.quality_profile_id,
            tags=wish.tags,
            expected=title_of(step),
            monitored=wish.monitored,
            folder=wish.folder,
            minimum_availability=wish.minimum_availability,
        )


def file_mark(movie: RadarrMovie) -> str:
    """Name a movie's file so that another one is told from it, wherever it lies; empty for none."""
    if not movie.has_file:
        return ""
    name = posixpath.basename(ntpath.basename(movie.file_path or ""))
    return f"{name} {movie.size_bytes}"


def _added(movie: RadarrMovie) -> Applied:
    return Applied(say("done_added", number=movie.id), {"movie_id": movie.id})
