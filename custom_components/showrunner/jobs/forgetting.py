"""Viewers who are no longer linked are forgotten (untracked users leave no trace).

Only those are whom we remember as linked: what else is in the store is left alone, and so is
everything while the entry has lost all that was linked to it (a broken or older configuration).
"""

from collections.abc import Mapping
import logging
from typing import Final

from ..store import Store

_LOGGER = logging.getLogger(__name__)

_KEY: Final = "viewers"


async def forget_unlinked(store: Store, linked: Mapping[str, str], *, certain: bool) -> None:
    """Erase what was recorded of viewers who were linked and aren't; remember who is.

    `linked`: their names by their ids. `certain`: the configuration is known to be whole. Raises
    StoreError.
    """
    kept = await store.kv.get(_KEY)
    remembered = dict(kept) if isinstance(kept, Mapping) else {}
    gone = {viewer: str(name) for viewer, name in remembered.items() if viewer not in linked}
    if gone and not certain:
        _LOGGER.warning(
            "Nothing is linked any more, not even %s viewers of whom there is a history; it is "
            "kept until a service or a viewer is linked again",
            len(gone),
        )
        return
    for viewer_id, name in gone.items():
        count = await store.forget_viewer(viewer_id, name)
        # Without the name: who is not tracked is not in the log either.
        _LOGGER.info("Forgot a viewer who is no longer linked, and %s viewings", count)
    if gone or remembered != dict(linked):
        await store.kv.put(_KEY, dict(linked))
