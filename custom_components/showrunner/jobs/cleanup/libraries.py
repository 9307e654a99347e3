"""Where Jellyfin's libraries lie, and the root folders of the arrs."""

from collections.abc import Iterable, Mapping

from ...domain.retention import library_name
from ..facts.evidence import JellyfinEvidence
from ..facts.title_asker import Arr


async def ask(evidence: JellyfinEvidence, arrs: Iterable[Arr]) -> Mapping[str, tuple[str, ...]]:
    """Ask all of them; a root folder is its own name. Raises ServiceError."""
    found: dict[str, tuple[str, ...]] = {}
    for one in await evidence.libraries():
        name = library_name(one.name)
        found[name] = (*found.get(name, ()), *one.paths)
    for arr in arrs:
        for folder in await arr.client.root_folders():
            name = library_name(folder.path)
            found[name] = tuple(dict.fromkeys((*found.get(name, ()), folder.path)))
    return found
