"""Which torrents can have a say in what is found of a few: the places of all are many.

Before each step of a plan only one torrent is judged, and of thousands nearly all have nothing to
do with it. What is left out here changes nothing of what `Places` says of those few.
"""

from collections.abc import Iterable, Sequence

from .placed import Lying, Placed, lying


def nearby(placed: Iterable[Placed], about: Sequence[Placed]) -> list[Placed]:
    """Leave out what surely has nothing to do with these.

    What lies above or below one of them, or may under another name, has the last part of one's path
    in the other's. Where files lie loose, only how large they may be counts: the largest and the
    smallest of each client stand for all. Whose place is not told may be anywhere.
    """
    known, found = lying(placed)
    mine, _ = lying(about)
    ends = {one.parts[-1] for one in mine}
    parts = {part for one in mine for part in one.parts}
    names = {name for one in mine for name in _names(one)}
    found += _ends(known)
    found += [
        one.one
        for one in known
        if one.parts[-1] in parts
        or not ends.isdisjoint(one.parts)
        or not names.isdisjoint(_names(one))
    ]
    return list({one.key: one for one in found}.values())


def _names(held: Lying) -> tuple[object, ...]:
    """Give all by which another one may be the same."""
    torrent = held.one.torrent
    return torrent.hash, *torrent.other_hashes, (torrent.name, torrent.size_bytes)


def _ends(known: Iterable[Lying]) -> list[Placed]:
    """Give the smallest of each client, and the largest of those whose files lie loose."""
    least: dict[tuple[str, str], Placed] = {}
    loose: dict[tuple[str, str], Placed] = {}
    for held in known:
        one, whose = held.one, (held.one.service, held.one.host)
        size = one.torrent.size_bytes
        if whose not in least or size < least[whose].torrent.size_bytes:
            least[whose] = one
        if held.loose and (whose not in loose or size > loose[whose].torrent.size_bytes):
            loose[whose] = one
    return [*least.values(), *loose.values()]
