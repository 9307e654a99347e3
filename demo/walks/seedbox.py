"""The circle of one film over the seedbox: grabbed, fetched home, imported, and purged at the end.

The walk of the first film has had it grabbed, and it could be imported only because its files came
home. Here they are looked at where they lie, and leave when they have seeded enough: the torrent,
its files, and nothing else.
"""

from collections.abc import Mapping
from typing import Final

from world.seedbox import Seedbox
from world.torrents import Torrent

from .walk import Probe, Seen, Walk

_WORD: Final = "Lantern"
_GENEROUS: Final = 2.5

type Row = Mapping[str, object]


async def seedbox(here: Walk) -> None:
    """Go through its stations."""
    box, world = here.servers.world.seedbox, here.servers.world
    if box is None:
        here.lacks("a seedbox")
        return
    torrent = world.swarm.find(_WORD)
    here.say(f"{torrent.name} has come home from the seedbox, and seeds there")
    await here.station("its files lie on the seedbox", _on_seedbox(box, torrent))
    await here.station("Radarr has moved them out of the downloads", _moved(box, torrent))
    await here.station("a purge keeps it", _kept(here, torrent))
    torrent.ratio = _GENEROUS
    here.say(f"it has given back {_GENEROUS} times what it is")
    others = [one for one in world.swarm.torrents.values() if one is not torrent]
    before = {one.name: _files(box, one) for one in others}
    await here.station("a purge would take it", _planned(here, torrent))
    done = await here.ask("purge_seedbox", dry_run=False)
    await here.station("it has left the client", _gone(here, torrent))

    async def deleted() -> Seen | None:
        there = (box.remote / torrent.name).exists()
        return None if there else Seen("no file, no folder")

    await here.station("and its files the seedbox", deleted)
    totals = done["totals"]
    here.say(f"        {totals}")
    after = {one.name: _files(box, one) for one in others}
    if after != before or any(one.hash not in world.swarm.torrents for one in others):
        here.lacks("what others seed is untouched")


def _files(box: Seedbox, torrent: Torrent) -> dict[str, int]:
    folder = box.remote / torrent.name
    return {
        str(path.relative_to(folder)): path.stat().st_size
        for path in folder.rglob("*")
        if path.is_file()
    }


def _on_seedbox(box: Seedbox, torrent: Torrent) -> Probe:
    async def probe() -> Seen | None:
        found = _files(box, torrent)
        return Seen(", ".join(sorted(found))) if found else None

    return probe


def _moved(box: Seedbox, torrent: Torrent) -> Probe:
    async def probe() -> Seen | None:
        return None if (box.home / torrent.name).exists() else Seen("nothing is left of them there")

    return probe


async def _purge(here: Walk) -> tuple[dict[str, Row], dict[str, Row]]:
    """Ask what a purge would do: its steps, and what it leaves, by their names."""
    plan = await here.ask("purge_seedbox", dry_run=True)
    found = []
    for part in ("steps", "left_out"):
        rows = plan[part]
        found.append({str(row["title"]): row for row in (rows if isinstance(rows, list) else [])})
    return found[0], found[1]


def _kept(here: Walk, torrent: Torrent) -> Probe:
    async def probe() -> Seen | None:
        steps, kept = await _purge(here)
        row = kept.get(torrent.name)
        return None if row is None or torrent.name in steps else Seen(str(row["reason"]))

    return probe


def _planned(here: Walk, torrent: Torrent) -> Probe:
    async def probe() -> Seen | None:
        steps, _ = await _purge(here)
        if set(steps) != {torrent.name}:
            return None
        return Seen(f"{steps[torrent.name]['reasons']}, {steps[torrent.name]['bytes']} bytes")

    return probe


def _gone(here: Walk, torrent: Torrent) -> Probe:
    async def probe() -> Seen | None:
        there = torrent.hash in here.servers.world.swarm.torrents
        return None if there else Seen("the client lists it no more")

    return probe
