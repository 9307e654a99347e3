"""What a watched season lacks, and a film in two qualities: both leave, or come, by choice.

The search is a step of the plan like all others. The lower copy is announced for a week: its day
and its reason are shown, and nothing of it goes today.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from world.years import SAGAS, stories

from ..link import link_uhd, options
from .walk import Seen, Walk

_CHOICE: Final = "lower_quality"

type Row = Mapping[str, object]


async def copies(here: Walk) -> None:
    """Go through its stations."""
    await _lacking(here)
    await link_uhd(here.ha, here.entry_id, here.servers)
    await options(here.ha, here.entry_id, "cleanup", {_CHOICE: True})
    await _doubled(here)
    # Whoever chooses something else begins the grace of everything anew: it is as it was.
    await options(here.ha, here.entry_id, "cleanup", {_CHOICE: False})


def _rows(plan: Row, part: str) -> Sequence[Row]:
    rows = plan[part]
    return [one for one in (rows if isinstance(rows, list) else []) if isinstance(one, dict)]


async def _lacking(here: Walk) -> None:
    """See the search in a plan, carry out that step alone, and wait for the episode."""
    saga = next(one for one in SAGAS if one.lost)
    series = here.servers.sonarr_state.library.by_tvdb(saga.show.tvdb)
    if series is None:
        here.lacks(f"{saga.show.label} is in Sonarr")
        return
    places = [(part.episode.season, part.episode.number) for part in series.parts]
    lost = series.parts[places.index(saga.lost[0])]
    found: list[tuple[str, str]] = []

    async def planned() -> Seen | None:
        plan = await here.ask("cleanup_watched", media="series", dry_run=True)
        for row in _rows(plan, "steps"):
            if row["action"] == "search_episodes" and row["title"] == saga.show.label:
                found[:] = [(str(plan["plan_id"]), str(row["id"]))]
                return Seen(str(row["reasons"]))
        return None

    if await here.station("a season that lacks something is to be completed", planned) is None:
        return
    plan_id, step = found[0]
    done = await here.ask("apply_plan", plan_id=plan_id, steps=[step])
    told = [f"{row['state']}: {row['detail']}" for row in _rows(done, "steps") if row["id"] == step]
    here.say(f"        {', '.join(told)}")

    async def came() -> Seen | None:
        return Seen(f"{saga.show.label} {saga.lost[0]}") if lost.file_id else None

    await here.station("what it lacks comes", came)


async def _doubled(here: Walk) -> None:
    """See the lower copy among what leaves, and the higher one nowhere."""
    film = next(one.film for one in stories() if one.uhd)

    async def announced() -> Seen | None:
        plan = await here.ask("cleanup_watched", media="movie", dry_run=True)
        for row in _rows(plan, "left_out"):
            rules = [one["rule"] for one in _rows(row, "findings")]
            if row["title"] == film.label and "covered" in rules:
                return Seen(f"{film.label}: {row['reason']}")
        return None

    await here.station("the lower of two qualities is announced", announced)
