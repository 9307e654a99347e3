"""What is taken of movies in Radarr: unmonitored, files deleted, forgotten."""

from collections.abc import Mapping
from datetime import datetime
import posixpath
from typing import override

from ..domain.knowledge import Absent, Knowledge, Known, Unknown
from ..domain.plan import (
    DeleteMovie,
    DeleteMovieFile,
    FileFingerprint,
    Payload,
    RestoreMovie,
    SearchMovie,
    Step,
    UnmonitorMovie,
)
from ..domain.text import say
from .base import (
    Applied,
    NotPossible,
    has_forgotten,
    numbers,
    payload_of,
    remote_id,
    text,
)
from .on_movies import OnMovie, number_or_none


class _Taking(OnMovie):
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


def _file(step: Step) -> FileFingerprint:
    match payload_of(step, DeleteMovieFile).files:
        case (file,):
            return file
    raise NotPossible(say("step_names_nothing"))


def _of_record(record: Mapping[str, object]) -> RestoreMovie | None:
    """Read Radarr's whole record of a movie."""
    monitored = record.get("monitored")
    if not isinstance(monitored, bool):
        return None
    path = text(record.get("path"))
    return RestoreMovie(
        monitored=monitored,
        add=True,
        quality_profile_id=number_or_none(record.get("qualityProfileId")),
        root_folder=text(record.get("rootFolderPath")) or (path and posixpath.dirname(path)),
        folder=path,
        minimum_availability=text(record.get("minimumAvailability")),
        tags=numbers(record.get("tags")),
    )
