"""Years of a library: what was watched leaves, what somebody wants stays, and one is undone.

The plan is looked at as a person does: what goes, what stays and why. It is applied whole, within a
budget of a few files; one of its deletions is taken back; and the film of it tells its whole story.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from world.radarr_library import Movie

from ..link import options
from .walk import Probe, Seen, Walk

_BUDGET: Final = 3
# What stays, and a word of why.
_STAYS: Final = {
    "A Spoonful of Thunder": "favourite",
    "Granddad's Submarine": "keep",
    "The Ninth Postman": "Kitchen",
    "Fields of Static": "until",
}
_SERIES: Final = {
    "The Tinker's Almanac": "favourite",
    "The Long Allotment": "season",
    "Night Ferry Inspectors": "Sofa",
}

type Row = Mapping[str, object]


async def cleanup(here: Walk) -> None:
    """Go through its stations."""
    safety = {"max_items": _BUDGET, "max_library_percent": 100}
    await options(here.ha, here.entry_id, "safety", safety)
    await here.ask("sync_library")
    await _looked_at(here, "series", _SERIES)
    plan = await _looked_at(here, "movie", _STAYS)
    if plan is None:
        return
    movies = {
        movie.film.label: movie for movie in here.servers.radarr_state.library.movies.values()
    }
    goes = list(dict.fromkeys(str(row["title"]) for row in _rows(plan, "steps", "planned")))
    others = {label: movie for label, movie in movies.items() if label not in goes}
    before = {label: _stands(movie) for label, movie in others.items()}
    here.say(f"{len(goes)} of the films leave: {', '.join(goes)}")
    done = await here.ask("apply_plan", plan_id=plan["plan_id"])
    await here.station("the plan was carried out", _done(done))
    await here.station("they have left Radarr", _left(here, goes))
    if {label: _stands(movie) for label, movie in others.items()} != before:
        here.lacks("what was not planned is untouched")
    await _undone(here, done, movies)


def _stands(movie: Movie) -> tuple[object, ...]:
    return movie.path, movie.profile, sorted(movie.tags), movie.monitored, movie.file_id


def _rows(plan: Row, part: str, state: str = "") -> Sequence[Row]:
    rows = plan[part]
    found = [row for row in (rows if isinstance(rows, list) else []) if isinstance(row, dict)]
    return [row for row in found if not state or row["state"] == state]


def _size(plan: Row) -> str:
    totals = plan["totals"]
    count = totals.get("bytes", 0) if isinstance(totals, dict) else 0
    return f"{int(str(count)) / 10**9:.1f} GB"


async def _looked_at(here: Walk, media: str, stays: Mapping[str, str]) -> Row | None:
    """Have it planned, until it is told of everything that stays."""
    found: list[Row] = []

    async def planned() -> Seen | None:
        plan = await here.ask("cleanup_watched", media=media, dry_run=True)
        found[:] = [plan]
        steps = _rows(plan, "steps")
        cut = sum(row["state"] == "cut" for row in steps)
        if not steps:
            return None
        return Seen(f"{len(steps)} steps, {_size(plan)}; {cut} of them wait for another run")

    if await here.station(f"a plan of what leaves ({media})", planned) is None:
        return None
    plan = found[0]
    why = [(str(row["title"]), str(row["reason"])) for row in _rows(plan, "left_out")]
    for title, word in stays.items():
        said = [reason for label, reason in why if label.startswith(title) and word in reason]
        if said:
            here.say(f"        {title} stays: {said[0]}")
        else:
            its_words = [one for one in why if one[0].startswith(title)]
            here.lacks(f"{title} stays, with {word!r}: {its_words}")
    return plan


def _done(plan: Row) -> Probe:
    async def probe() -> Seen | None:
        states = [str(row["state"]) for row in _rows(plan, "steps")]
        if "done" not in states or "failed" in states or "skipped" in states:
            return None
        return Seen(", ".join(f"{states.count(one)} {one}" for one in sorted(set(states))))

    return probe


def _left(here: Walk, labels: Sequence[str]) -> Probe:
    async def probe() -> Seen | None:
        held = {one.film.label for one in here.servers.radarr_state.library.movies.values()}
        return None if held & set(labels) else Seen("neither entry nor file")

    return probe


async def _undone(here: Walk, plan: Row, movies: Mapping[str, Movie]) -> None:
    """Take the deletion of one film back, and look at its whole story."""
    (row, *_) = [one for one in _rows(plan, "steps", "done") if one["action"] == "delete_movie"]
    was = movies[str(row["title"])]
    here.say(f"somebody regrets {was.film.label}")
    await here.ask("undo", ledger_id=row["ledger_id"], dry_run=False)

    async def back() -> Seen | None:
        again = here.servers.radarr_state.library.by_tmdb(was.film.tmdb)
        if again is None or (again.path, again.profile, again.tags) != (
            was.path,
            was.profile,
            was.tags,
        ):
            return None
        return Seen(f"{again.path}, searched for again")

    await here.station("it is in Radarr again, as it was", back)

    async def story() -> Seen | None:
        answer = await here.ask("get_title", title=f"movie:tmdb:{was.film.tmdb}")
        events = answer["events"]
        rows = [
            one for one in (events if isinstance(events, list) else []) if isinstance(one, dict)
        ]
        kinds = [kind for one in rows for kind in ("viewing", "decision", "change") if kind in one]
        changes = [one["change"] for one in rows if "change" in one]
        undone = [one["action"] for one in changes if one.get("undone_at")]
        if "viewing" not in kinds or "delete_movie" not in undone:
            return None
        return Seen(
            f"{kinds.count('viewing')} viewings, then {[str(o['action']) for o in changes]}"
        )

    await here.station("its story from the first viewing to its return", story)
