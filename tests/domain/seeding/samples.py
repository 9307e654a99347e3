"""Clients, histories and queues as the rule is told them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from custom_components.showrunner.domain.history import HistoryEvent, HistoryKind
from custom_components.showrunner.domain.knowledge import Known
from custom_components.showrunner.domain.seeding import (
    ArrHistory,
    ClientTorrents,
    Imports,
    PurgePolicy,
    SeedingFacts,
    Verdict,
    choose,
    judge,
)
from custom_components.showrunner.domain.torrents import Torrent

from ..torrents import torrent

NOW = datetime(2026, 11, 30, 3, tzinfo=UTC)
DAY = timedelta(days=1)
HASH = "A" * 40


def film(number: int = 1, **more: Any) -> Torrent:
    """Make a torrent of a film that has seeded enough."""
    values = {
        "ratio": 2.0,
        "seeding_seconds": 5 * 86_400,
        "private": False,
        "content_path": f"/data/Film {number}",
        "trackers": ("tracker.example",),
    }
    return torrent(number, **{**values, **more})


def row(
    number: int,
    kind: HistoryKind,
    download: str | None = HASH,
    media: int | None = 1,
    episode: int | None = None,
    **more: Any,
) -> HistoryEvent:
    """Make a row of a history; later numbers happened later."""
    values = {"at": NOW - 30 * DAY + timedelta(minutes=number), **more}
    return HistoryEvent(
        number, kind, media_id=media, episode_id=episode, download_id=download, **values
    )


def imported_film(one: Torrent, media: int = 1) -> list[HistoryEvent]:
    """Say that a film was grabbed and imported."""
    return [
        row(1000 + 2 * media, HistoryKind.GRABBED, one.hash, media),
        row(1001 + 2 * media, HistoryKind.IMPORTED, one.hash, media),
    ]


def client(*torrents: Torrent, service: str = "c1", **more: Any) -> ClientTorrents:
    """Make a client."""
    values = {"kind": "qbittorrent", "name": "qBittorrent", "host": "box", "used_bytes": 0}
    return ClientTorrents(service, torrents=torrents, **{**values, **more})


def arr(events: Iterable[HistoryEvent], *, movies: bool = True, service: str = "a1") -> ArrHistory:
    """Make the history of an arr."""
    return ArrHistory(service, "Radarr" if movies else "Sonarr", movies, tuple(events))


def facts(*clients: ClientTorrents, arrs: Iterable[ArrHistory] = (), **more: Any) -> SeedingFacts:
    """Put together what is known; every tracker is asked."""
    trackers = {
        (one.service, held.hash): held.trackers
        for one in clients
        for held in one.torrents
        if held.trackers is not None
    }
    values = {
        "now": NOW,
        "clients": clients,
        "imports": Known(Imports.of(arrs)),
        "queued": Known(frozenset()),
        "trackers": trackers,
    }
    return SeedingFacts(**{**values, **more})


def one_film(events: Iterable[HistoryEvent] | None = None, **more: Any) -> SeedingFacts:
    """Make a client with one film, and a Radarr that has imported it."""
    held = film(**more)
    answer = imported_film(held) if events is None else events
    return facts(client(held), arrs=[arr(answer)])


def verdict(known: SeedingFacts, policy: PurgePolicy | None = None) -> Verdict:
    """Judge the first torrent."""
    return judge(known, policy or PurgePolicy())[0][0]


def chosen(
    known: SeedingFacts, policy: PurgePolicy | None = None, clears: bool = True
) -> list[tuple[str, str, str]]:
    """Give what goes, in its order: client, hash, and what becomes of the data."""
    wanted = policy or PurgePolicy()
    verdicts, places = judge(known, wanted)
    return [
        (*one.key, one.fate.value)
        for one in choose(verdicts, places, wanted, lambda _: clears, known.now)
    ]


__all__ = [
    "DAY",
    "HASH",
    "NOW",
    "arr",
    "chosen",
    "client",
    "facts",
    "film",
    "imported_film",
    "one_film",
    "replace",
    "row",
    "verdict",
]
