"""Which torrents may have the same data under names that do not show it.

In containers every client has its own names for one disk; and who seeds a release a second time may
do so from a folder of links. No client tells of either, so what looks alike is in doubt.
"""

from collections.abc import Iterable, Mapping

from .placed import Key, Lying, Parts, Placed, may_be_same

type _Prefixes = Mapping[str, Mapping[str, set[Parts]]]


def aliases(placed: Iterable[Lying]) -> frozenset[Key]:
    """Name those whose data another torrent may have under another name of the same place."""
    all_placed = tuple(placed)
    return _alike(all_placed) | _nested(all_placed) | _beside_loose(all_placed)


def _alike(placed: Iterable[Lying]) -> frozenset[Key]:
    """Name the same torrents, and those of the same name and size, that lie at several places."""
    same: dict[object, list[tuple[Placed, Parts]]] = {}
    for held in placed:
        one, parts, torrent = held.one, held.parts, held.one.torrent
        for name in {torrent.hash, *torrent.other_hashes, (torrent.name, torrent.size_bytes)}:
            same.setdefault(name, []).append((one, parts))
    return frozenset(
        one.key
        for alike in same.values()
        if len({parts for _, parts in alike}) > 1
        for one, _ in alike
    )


def _nested(placed: Iterable[Lying]) -> frozenset[Key]:
    """Name those of which one may lie in the other, as another client names the folders above.

    The last folder or file of the outer one's path is somewhere in the inner one's.
    """
    all_placed = tuple((held.one, held.parts) for held in placed)
    ends: dict[str, dict[str, set[Parts]]] = {}
    for one, parts in all_placed:
        ends.setdefault(parts[-1], {}).setdefault(one.service, set()).add(parts[:-1])
    within: dict[str, dict[str, set[Parts]]] = {}
    found: set[Key] = set()
    for one, parts in all_placed:
        for depth, name in enumerate(parts):
            if name in ends:
                within.setdefault(name, {}).setdefault(one.service, set()).add(parts[:depth])
                found |= {one.key} if _elsewhere(ends, name, one.service, parts[:depth]) else set()
    return frozenset(found) | {
        one.key
        for one, parts in all_placed
        if _elsewhere(within, parts[-1], one.service, parts[:-1])
    }


def _elsewhere(names: _Prefixes, name: str, service: str, above: Parts) -> bool:
    """Tell whether another client has this name below folders that it calls otherwise."""
    return any(
        other != service and (len(prefixes) > 1 or above not in prefixes)
        for other, prefixes in names.get(name, {}).items()
    )


def _beside_loose(placed: Iterable[Lying]) -> frozenset[Key]:
    """Name those that may be among the loose files of another client's torrent on the same host.

    And that one: which of the files there are its, nobody knows. What is larger is not among them.
    """
    torrents = tuple((held.one, held.loose) for held in placed)
    least: dict[tuple[str, str], int] = {}
    loose: dict[tuple[str, str], int] = {}
    for one, is_loose in torrents:
        whose, size = (one.service, one.host), one.torrent.size_bytes
        least[whose] = min(least.get(whose, size), size)
        if is_loose:
            loose[whose] = max(loose.get(whose, size), size)

    def other(one: Placed, sizes: Mapping[tuple[str, str], int]) -> Iterable[int]:
        return (
            size
            for (service, host), size in sizes.items()
            if service != one.service and may_be_same(one.host, host)
        )

    def is_in_doubt(one: Placed, is_loose: bool) -> bool:  # noqa: FBT001
        size = one.torrent.size_bytes
        among = any(size <= theirs for theirs in other(one, loose))
        return among or (is_loose and any(size >= theirs for theirs in other(one, least)))

    return frozenset(one.key for one, is_loose in torrents if is_in_doubt(one, is_loose))
