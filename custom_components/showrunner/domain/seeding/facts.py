"""What is known of torrent clients, histories and queues when torrents are judged."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ..knowledge import Knowledge
from ..torrents import Torrent, TorrentState
from .imports import Imports, key as hash_key
from .placed import Key, Placed


@dataclass(frozen=True, slots=True)
class ClientTorrents:
    """All torrents of one client, by an answer that is believed. `host` is where it runs."""

    service: str
    kind: str
    name: str
    host: str
    torrents: tuple[Torrent, ...]
    used_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedingFacts:
    """All that is known at one moment.

    `silent`: the clients that did not tell, or had torrents of which nothing but a hash is left,
    with what they told before. Nobody knows who else uses data on their hosts; one that has told
    nothing before (`blind`) may be anywhere. `vanished`: what clients no longer tell, until they
    say so again: it may still use its data. `queued`: the hashes that are in a queue of an arr.
    `trackers`: the hosts of each torrent's trackers, where they were asked.
    """

    now: datetime
    clients: tuple[ClientTorrents, ...]
    imports: Knowledge[Imports]
    queued: Knowledge[frozenset[str]]
    silent: tuple[ClientTorrents, ...] = ()
    vanished: tuple[ClientTorrents, ...] = ()
    blind: bool = False
    trackers: Mapping[Key, tuple[str, ...]] = field(default_factory=dict)


def gone_torrent(info_hash: str, name: str, path: str | None, size_bytes: int) -> Torrent:
    """Describe a torrent that is gone, as far as its place matters."""
    return Torrent(
        hash=info_hash,
        name=name,
        size_bytes=size_bytes,
        done_bytes=size_bytes,
        uploaded_bytes=0,
        progress=100.0,
        ratio=None,
        state=TorrentState.UNKNOWN,
        complete=True,
        is_active=False,
        content_path=path,
    )


def placed(clients: Iterable[ClientTorrents]) -> Iterable[Placed]:
    """Give the torrents of clients at their places."""
    return (
        Placed(client.service, client.host, torrent)
        for client in clients
        for torrent in client.torrents
    )


def waiting(names: Iterable[str | None]) -> frozenset[str]:
    """Write the hashes of queues as they are compared; what is no torrent's is left out."""
    return frozenset(found for name in names if (found := hash_key(name)) is not None)
