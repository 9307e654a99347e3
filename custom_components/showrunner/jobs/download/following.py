"""What Radarr says about a movie that was searched: its command, history and queue."""

import asyncio
from collections.abc import Awaitable, Iterable
from datetime import datetime
from typing import Final

from ...clients.errors import ServiceError
from ...clients.radarr import ArrCommand, HistoryRecord, QueueItem, RadarrClient
from ...domain.acquisition import CommandState, Progress
from ...domain.knowledge import Absent, Knowledge, Known, Unknown, fmap

_COMMAND: Final = {
    "completed": CommandState.COMPLETED,
    "failed": CommandState.FAILED,
    "aborted": CommandState.FAILED,
    "cancelled": CommandState.FAILED,
    "orphaned": CommandState.FAILED,
}
_GRABBED: Final = frozenset({"grabbed"})
_IMPORTED: Final = frozenset({"downloadFolderImported", "movieFolderImported"})
_FAILED: Final = frozenset({"downloadFailed"})


async def ask(client: RadarrClient, movie_id: int, command_id: int | None) -> Progress:
    """Ask all three at once; what does not answer is unknown. Never raises a ServiceError."""
    command, history, queue = await asyncio.gather(
        _command(client, command_id),
        _answer(client.movie_history(movie_id)),
        _answer(client.queue()),
    )
    mine = fmap(queue, lambda items: tuple(i for i in items if i.movie_id == movie_id))
    return Progress(
        command=fmap(command, lambda c: _COMMAND.get(c.status, CommandState.RUNNING)),
        command_ended=command.value.ended if isinstance(command, Known) else None,
        queued=fmap(mine, bool),
        grabs=_times(history, _GRABBED),
        imports=_times(history, _IMPORTED),
        failures=_times(history, _FAILED),
        message=_message(command, mine),
    )


async def _answer[T](request: Awaitable[T]) -> Knowledge[T]:
    try:
        return Known(await request, "radarr")
    except ServiceError as err:
        return Unknown(err.text, "radarr")


async def _command(client: RadarrClient, command_id: int | None) -> Knowledge[ArrCommand]:
    """Radarr forgets finished commands after a while: then absent."""
    if command_id is None:
        return Absent("radarr")
    answer = await _answer(client.command(command_id))
    if isinstance(answer, Known):
        return Absent("radarr") if answer.value is None else Known(answer.value, "radarr")
    return answer


def _times(
    history: Knowledge[tuple[HistoryRecord, ...]], events: frozenset[str]
) -> Knowledge[tuple[datetime, ...]]:
    def chosen(records: Iterable[HistoryRecord]) -> tuple[datetime, ...]:
        return tuple(record.at for record in records if record.event in events)

    return fmap(history, chosen)


def _message(command: Knowledge[ArrCommand], queue: Knowledge[tuple[QueueItem, ...]]) -> str:
    """Take the words of Radarr itself: what blocks the import, else what the command said."""
    if isinstance(queue, Known):
        for item in queue.value:
            if item.messages:
                return "; ".join(item.messages)
    if isinstance(command, Known) and command.value.message:
        return command.value.message
    return ""
