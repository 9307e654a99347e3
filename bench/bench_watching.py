"""What watching costs: the first sweep and its stall; modules beside this one add the rest."""

from collections.abc import Mapping

from bench import watching_idle, watching_library, watching_queries

type Row = Mapping[str, object]


async def run(small: bool = False) -> list[Row]:  # noqa: FBT001, FBT002
    """Measure, one part after the other."""
    return [
        *await watching_library.run(small),
        *await watching_idle.rows(small),
        *await watching_queries.rows(small),
    ]
