"""When people watch, and what most: for administrators alone where the options say so."""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from homeassistant.util import dt as dt_util
import voluptuous as vol

from ..domain.digest import Watched, most_watched
from ..domain.media import Unit, UnitKind
from ..refusals import invalid
from ..runtime import Runtime
from ..validation import text
from .common import Message, answered, entry_command, history_only

_LONGEST: Final = 366
_DAYS: Final = {vol.Optional("days", default=90): vol.All(int, vol.Range(1, _LONGEST))}
# So many titles of a kind are named.
_MOST: Final = 50


@entry_command(
    "history/week",
    {vol.Optional("viewer"): text, **_DAYS},
)
@history_only
@answered
async def viewing_week(runtime: Runtime, msg: Message) -> object:
    """Sum up the seconds that viewers watched in each hour of the week, in the last days."""
    names, since = _meant(runtime, msg.get("viewer")), _since(msg)
    week = await runtime.store.viewings.week([*names], since, dt_util.get_default_time_zone())
    return {
        "since": since.isoformat(),
        "viewers": [one.name for one in runtime.viewers.values()],
        "week": [[round(seconds) for seconds in day] for day in week],
    }


@entry_command(
    "history/top",
    {**_DAYS, vol.Optional("limit", default=10): vol.All(int, vol.Range(1, _MOST))},
)
@history_only
@answered
async def top(runtime: Runtime, msg: Message) -> object:
    """List the movies and the series that were watched to their end most often of late."""
    since, limit = _since(msg), msg["limit"]
    plays = await runtime.store.viewings.counting(since)
    # Beside the event loop: a large house watches much in a year.
    movies, series = await asyncio.to_thread(_tops, plays)
    return {
        "since": since.isoformat(),
        "movies": [_watched(one) for one in movies[:limit]],
        "series": [_watched(one) for one in series[:limit]],
    }


def _tops(plays: Iterable[tuple[Unit, int]]) -> tuple[tuple[Watched, ...], tuple[Watched, ...]]:
    kinds: dict[UnitKind, list[tuple[Unit, int]]] = {kind: [] for kind in UnitKind}
    for unit, count in plays:
        kinds[unit.kind].append((unit, count))
    return most_watched(kinds[UnitKind.MOVIE]), most_watched(kinds[UnitKind.EPISODE])


def _watched(one: Watched) -> Mapping[str, object]:
    title = one.title
    return {
        "title": title.label,
        "media": title.media.value,
        "ids": list(title.ids.keys),
        "count": one.count,
    }


def _since(msg: Message) -> datetime:
    return dt_util.start_of_local_day() - timedelta(days=msg["days"] - 1)


def _meant(runtime: Runtime, viewer: str | None) -> Mapping[str, str]:
    """Give the names of the viewers who are meant, by their ids: all who are tracked, or one."""
    names = {user: one.name for user, one in runtime.viewers.items()}
    if viewer is None:
        return names
    found = {user: name for user, name in names.items() if name.casefold() == viewer.casefold()}
    if not found:
        raise invalid("viewer_unknown", viewer=viewer)
    return found
