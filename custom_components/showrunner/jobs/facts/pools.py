"""How much there is of what a plan takes from, for its budget (law 8)."""

from ...store import Store


async def library_size(store: Store) -> int | None:
    """Count the library's movies and episodes; while it is not known whole, nobody knows."""
    state = await store.library.state()
    counts = await store.library.counts() if state.known else {}
    return counts.get("movie", 0) + counts.get("episode", 0) if counts else None
