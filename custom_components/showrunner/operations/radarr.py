"""What is done to a movie in Radarr: add, change, search, unmonitor, delete, restore.

The target of every step is one movie in one Radarr, by its ids and Radarr's own number; both must
still agree when it is read back.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
import ntpath
import posixpath
from typing import Final, override

from ..clients.arr_titles import find_under
from ..clients.radarr import RadarrClient, RadarrMovie
from ..domain.inventory import Found
from ..domain.knowledge import Absent, Answer, Knowledge, Known, Unknown
from ..domain.plan import (
    AddMovie,
    DeleteMovie,
    DeleteMovieFile,
    FileFingerprint,
    Payload,
    RestoreMovie,
    SearchMovie,
    Step,
    UnmonitorMovie,
    UpdateMovie,
)
from ..domain.text import say
from .base import (
    Applied,
    BaseOperation,
    Linked,
    NotLinked,
    NotPossible,
    has_forgotten,
    numbers,
    payload_of,
    remote_id,
    text,
    title_of,
)

# Radarr's clock and ours may differ by this much when a search is read back.
_CLOCK_SLACK: Final = timedelta(seconds=60)


class _OnMovie(BaseOperation):
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


# -- fetching --------------------------------------------------------------------------------------


class AddMovieOperation(_OnMovie):
    """Add a movie that no Radarr holds."""

    async def apply(self, step: Step) -> Applied | None:
        """Add it, monitored, without a search."""
        wish, tmdb = payload_of(step, AddMovie), _tmdb(step)
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


class UpdateMovieOperation(_OnMovie):
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
        if not _is_as_wished(movie, wish.quality_profile_id, wish.root_folder):
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
        profile = _number(before.get("quality_profile_id"))
        root = text(before.get("root_folder"))
        return (RestoreMovie(monitored, add=False, quality_profile_id=profile, root_folder=root),)


class SearchMovieOperation(_OnMovie):
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


# -- deleting --------------------------------------------------------------------------------------


class _Taking(_OnMovie):
    """An operation that takes something of a movie, with Radarr's whole record in the ledger."""

    @override
    async def snapshot(self, step: Step) -> Mapping[str, object]:
        return await self._record(step)

    @override
    def undo(
        self, before: Mapping[str, object], after: Mapping[str, object]
    ) -> tuple[Payload, ...]:
        """Have it be as it was, and fetched."""
        record = before.get("record")
        back = _of_record(record) if isinstance(record, Mapping) else None
        return () if back is None else (back, SearchMovie())


class UnmonitorMovieOperation(_Taking):
    """Have Radarr look no more for a movie."""

    @override
    def undo(
        self, before: Mapping[str, object], after: Mapping[str, object]
    ) -> tuple[Payload, ...]:
        """Have it looked for again, if it was; nothing else was changed."""
        record = before.get("record")
        monitored = record.get("monitored") if isinstance(record, Mapping) else None
        return (RestoreMovie(monitored, add=False),) if isinstance(monitored, bool) else ()

    async def apply(self, step: Step) -> Applied | None:
        """Unmonitor it."""
        payload_of(step, UnmonitorMovie)
        await self._client(step).edit(remote_id(step), monitored=False)
        return None

    async def read_back(self, step: Step, since: datetime) -> Knowledge[Applied]:
        """Look whether it is monitored."""
        movie = await self._same_movie(step)
        if movie is None or movie.monitored:
            return Absent("radarr")
        after = {"movie_id": movie.id, "monitored": False}
        return Known(Applied(say("done_unmonitored"), after), "radarr")


class DeleteMovieFileOperation(_Taking):
    """Delete one movie file through Radarr, and nothing that lies beside it."""

    async def apply(self, step: Step) -> Applied | None:
        """Delete it."""
        await self._client(step).delete_file(_file(step).id)
        return None

    async def read_back(self, step: Step, since: datetime) -> Knowledge[Applied]:
        """Look whether Radarr still tracks it."""
        movie, file = await self._same_movie(step), _file(step)
        if movie is None:
            return Unknown(say("file_not_told"), "radarr")
        if movie.file_id == file.id:
            return Absent("radarr")
        after = {"file_id": file.id}
        return Known(Applied(say("done_file_gone"), after, file.size_bytes), "radarr")


class DeleteMovieOperation(_Taking):
    """Have Radarr forget a movie. Its folder stays."""

    async def apply(self, step: Step) -> Applied | None:
        """Delete the entry; with files it would take the whole folder, so that is never asked."""
        payload_of(step, DeleteMovie)
        await self._client(step).delete_movie(remote_id(step))
        return None

    async def read_back(self, step: Step, since: datetime) -> Knowledge[Applied]:
        """Look whether it is there."""
        number = remote_id(step)
        if not await has_forgotten(self._client(step), number, step.target.ids):
            return Absent("radarr")
        return Known(Applied(say("done_gone", arr="Radarr"), {"movie_id": number}), "radarr")


# -- restoring -------------------------------------------------------------------------------------


class RestoreMovieOperation(_OnMovie):
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
            if movie.has_file and not _is_as_wished(movie, None, wish.root_folder):
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
        if not wish.add and not _is_as_wished(movie, wish.quality_profile_id, wish.root_folder):
            return Absent("radarr")
        return Known(Applied(say("done_restored"), {"movie_id": movie.id}), "radarr")

    async def _movie_of(self, step: Step) -> RadarrMovie | None:
        """Find the movie by its ids: added again it has another number."""
        return await self._client(step).movie_by_tmdb(_tmdb(step))

    async def _add(self, step: Step, wish: RestoreMovie) -> RadarrMovie:
        if not wish.add:
            raise NotPossible(say("no_longer_in", arr="Radarr"))
        if wish.quality_profile_id is None or wish.root_folder is None:
            raise NotPossible(say("record_not_whole"))
        return await self._client(step).add_movie(
            _tmdb(step),
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


def _tmdb(step: Step) -> int:
    """Give the number by which Radarr can be asked for a step's movie."""
    if step.target.ids.tmdb is None:
        raise NotPossible(say("movie_without_tmdb"))
    return step.target.ids.tmdb


def _file(step: Step) -> FileFingerprint:
    match payload_of(step, DeleteMovieFile).files:
        case (file,):
            return file
    raise NotPossible(say("step_names_nothing"))


def _added(movie: RadarrMovie) -> Applied:
    return Applied(say("done_added", number=movie.id), {"movie_id": movie.id})


def _is_as_wished(movie: RadarrMovie, profile: int | None, root: str | None) -> bool:
    if profile is not None and movie.quality_profile_id != profile:
        return False
    return root is None or (movie.root_folder or "").rstrip("/") == root.rstrip("/")


def _of_record(record: Mapping[str, object]) -> RestoreMovie | None:
    """Read Radarr's whole record of a movie."""
    monitored = record.get("monitored")
    if not isinstance(monitored, bool):
        return None
    path = text(record.get("path"))
    return RestoreMovie(
        monitored=monitored,
        add=True,
        quality_profile_id=_number(record.get("qualityProfileId")),
        root_folder=text(record.get("rootFolderPath")) or (path and posixpath.dirname(path)),
        folder=path,
        minimum_availability=text(record.get("minimumAvailability")),
        tags=numbers(record.get("tags")),
    )


def _number(kept: object) -> int | None:
    return kept if isinstance(kept, int) and not isinstance(kept, bool) else None
