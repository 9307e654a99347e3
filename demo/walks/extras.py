"""What a download has left beside a film is found, and left for an hour: it may be written yet."""

from .. import samples
from .walk import Seen, Walk


async def extras(here: Walk) -> None:
    """Go through its stations."""

    async def found() -> Seen | None:
        plan = await here.ask("cleanup_extras", dry_run=True)
        rows = plan["left_out"]
        reasons = {
            str(row["title"]): str(row["reason"])
            for row in (rows if isinstance(rows, list) else [])
        }
        names = {
            name: why
            for path, why in reasons.items()
            for name in samples.LEFT
            if path.endswith(name)
        }
        if plan["steps"] or names.keys() != samples.LEFT.keys():
            return None
        return Seen(f"{', '.join(sorted(names))}: {next(iter(names.values()))}")

    await here.station(f"a sample and a trailer beside {samples.FILM}", found, limit=5)
