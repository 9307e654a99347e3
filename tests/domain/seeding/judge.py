"""Says what may be purged, slowly and so that anybody can see that it is right.

It shares nothing with the rule but the values: every question is asked of every row and torrent.
"""

from custom_components.showrunner.domain.history import HistoryEvent, HistoryKind
from custom_components.showrunner.domain.seeding import ArrHistory, ClientTorrents, PurgePolicy
from custom_components.showrunner.domain.torrents import Torrent, TorrentState

from .samples import NOW


def short(answer: str | None) -> str:
    """Write a hash as clients do."""
    return (answer or "").upper()[:40]


def is_about(event: HistoryEvent, torrent: Torrent) -> bool:
    """Tell whether a row is about a torrent."""
    mine = [short(torrent.hash), *map(short, torrent.other_hashes)]
    theirs = [short(name) for name in (event.download_id, event.info_hash) if name]
    return any(name in mine for name in theirs)


def imported(torrent: Torrent, arrs: list[ArrHistory]) -> bool:
    """Tell whether everything that any arr grabbed with it was imported, and is at home."""
    somebody = False
    for arr in arrs:
        events = sorted(arr.events, key=lambda event: (event.at, event.id))
        mine = [
            event
            for event in events
            if is_about(event, torrent)
            and event.kind
            in (
                HistoryKind.GRABBED,
                HistoryKind.IMPORTED,
                HistoryKind.FAILED,
                HistoryKind.IGNORED,
            )
        ]
        if not mine:
            continue
        somebody = True
        if any(event.media_id is None for event in mine):
            return False
        if not arr.movies and any(event.episode_id is None for event in mine):
            return False
        if not any(event.kind is HistoryKind.GRABBED for event in mine):
            return False
        for wanted in mine:
            unit = (wanted.media_id, None if arr.movies else wanted.episode_id)

            def same(event: HistoryEvent) -> bool:
                return (event.media_id, None if arr.movies else event.episode_id) == unit  # noqa: B023

            if [event for event in mine if same(event)][-1].kind is not HistoryKind.IMPORTED:
                return False
            file = [
                event
                for event in events
                if same(event)
                and event.media_id is not None
                and event.kind in (HistoryKind.IMPORTED, HistoryKind.DELETED)
            ][-1]
            if file.kind is HistoryKind.DELETED and file.reason == "MissingFromDisk":
                return False
    return somebody


def touches(one: str, other: str) -> bool:
    """Tell whether one place is the other, or lies in it."""
    return one == other or one.startswith(f"{other}/") or other.startswith(f"{one}/")


def may_be_one(torrent: Torrent, theirs: Torrent) -> bool:
    """Tell whether two may have the same data, and name its place otherwise.

    In one client, too: a second seed may lie in a folder of links, and no client tells of those.
    """
    if torrent.content_path is None or theirs.content_path is None:
        return False
    if torrent.content_path == theirs.content_path:
        return False
    hashes = {torrent.hash, *torrent.other_hashes} & {theirs.hash, *theirs.other_hashes}
    looks = (torrent.name, torrent.size_bytes) == (theirs.name, theirs.size_bytes)
    return bool(hashes) or looks


def may_go(torrent: Torrent, hosts: tuple[str, ...], policy: PurgePolicy) -> bool:
    """Tell whether a torrent by itself may go; whether it is imported is another question."""
    if torrent.content_path is None:
        return False
    rests = (TorrentState.SEEDING, TorrentState.STOPPED, TorrentState.PAUSED, TorrentState.QUEUED)
    if not torrent.complete or torrent.state not in rests:
        return False
    if torrent.message and not torrent.message.startswith("Tracker:"):
        return False
    if "keep" in {torrent.label.lower(), *(tag.lower() for tag in torrent.tags)}:
        return False
    days = None
    if torrent.seeding_seconds is not None:
        days = torrent.seeding_seconds / 86_400
    elif torrent.seeding_since is not None and torrent.state is TorrentState.SEEDING:
        days = (NOW - torrent.seeding_since).total_seconds() / 86_400
    if days is None and torrent.private is not False:
        return False
    by_ratio = torrent.ratio is not None and torrent.ratio >= policy.min_ratio
    by_days = days is not None and days >= policy.min_days
    if not by_ratio and not by_days:
        return False
    for rule in policy.trackers:
        if any(host == rule.host or host.endswith("." + rule.host) for host in hosts):
            if rule.min_days and (days is None or days < rule.min_days):
                return False
            if rule.min_ratio and (torrent.ratio is None or torrent.ratio < rule.min_ratio):
                return False
    return True


def allowed(
    clients: list[ClientTorrents], arrs: list[ArrHistory], queued: set[str], policy: PurgePolicy
) -> set[tuple[str, str]]:
    """Name the torrents that may go when everything is known."""
    return {
        (client.service, torrent.hash)
        for client in clients
        for torrent in client.torrents
        if may_go(torrent, torrent.trackers or (), policy)
        and not any(
            other.host != client.host and touches(torrent.content_path, theirs.content_path)
            for other in clients
            for theirs in other.torrents
            if torrent.content_path and theirs.content_path
        )
        and not any(may_be_one(torrent, theirs) for other in clients for theirs in other.torrents)
        and imported(torrent, arrs)
        and not {short(torrent.hash), *map(short, torrent.other_hashes)} & queued
    }


def may_lose_data(
    key: tuple[str, str], gone: set[tuple[str, str]], clients: list[ClientTorrents]
) -> bool:
    """Tell whether nobody uses a torrent's data when these are gone."""
    everybody = {
        (client.service, torrent.hash): (client.host, torrent)
        for client in clients
        for torrent in client.torrents
    }
    host, mine = everybody[key]
    return all(
        other == key
        or other in gone
        or there != host
        or (
            theirs.content_path is not None
            and not touches(mine.content_path or "", theirs.content_path)
        )
        for other, (there, theirs) in everybody.items()
    )
