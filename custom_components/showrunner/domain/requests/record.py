"""Requests and facts as JSON-safe values, short, because there may be a million facts.

Read once, a record gives the same facts again. What is settled keeps only what its state and its
story still need.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from ..media import MediaType, Place, ProviderIds, Title
from ..values import year
from .facts import Event, EventKind, Fact, Facts, Inventory, JellyfinPresence, Transfer, Trouble
from .request import Closing, Request, RequestState, Stage
from .seasons import ALL, AllSeasons, Seasons, TheseSeasons
from .state import RequestStatus

_KEPT: Final = frozenset(
    {
        EventKind.APPROVED,
        EventKind.PENDING,
        EventKind.DECLINED,
        EventKind.WITHDRAWN,
        EventKind.REFUSED,
        EventKind.GRABBED,
        EventKind.IMPORTED,
        EventKind.DELETED,
        EventKind.MATCHED,
        EventKind.FAILED,
    }
)


_SIGHTINGS: Final = 3
_ALL: Final = "all"


def dump_facts(facts: Facts) -> list[list[object]]:
    """Write facts: a letter for what it is, then its values; instants in milliseconds."""
    return [_dump(fact) for fact in facts]


def _dump(fact: Fact) -> list[object]:
    match fact:
        case Event(kind, at, place, download, detail):
            mark = None if place is None else place.text
            return ["e", kind.value, _ms(at), mark, download, detail]
        case Transfer():
            return [
                "t",
                fact.download,
                _ms(fact.at),
                fact.progress,
                fact.eta,
                fact.trouble.value,
                fact.message,
                fact.source,
                _ms(fact.since),
                _ms(fact.still),
            ]
        case Inventory():
            return [
                "i",
                fact.place.text,
                _ms(fact.at),
                int(fact.has_file),
                int(fact.monitored),
                _ms(fact.aired_at),
                _ms(fact.searched_at),
                fact.path,
                _ms(fact.before),
            ]
        case _:
            return [
                "s",
                fact.place.text,
                _ms(fact.at),
                int(fact.seen),
                *(_ms(at) for at in (fact.before, fact.first_seen, fact.last_seen)),
            ]


def load_facts(rows: Sequence[Sequence[object]]) -> Facts:
    """Read what `dump_facts` gave. Raises ValueError, TypeError, KeyError for anything else."""
    return Facts({fact.key: fact for fact in map(_load, rows)})


# The units of thousands of requests are the same few, and each is a key wherever it is looked at.
_place: Final = lru_cache(maxsize=4096)(Place.parse)


def _load(row: Sequence[object]) -> Fact:
    match row:
        case ["e", kind, at, mark, str(download), str(detail)]:
            place = None if mark is None else _place(str(mark))
            return Event(EventKind(str(kind)), _known(at), place, download, detail)
        case ["t", str(download), at, progress, eta, trouble, str(message), str(source), *times]:
            # Before it was told apart, only the first of the times was kept.
            since, still = (*times, None)[:2]
            return Transfer(
                download,
                _known(at),
                _number(progress),
                _number(eta),
                Trouble(str(trouble)),
                message,
                source,
                _at(since),
                _at(still),
            )
        case ["i", str(mark), at, has_file, monitored, aired, searched, str(path), before]:
            return Inventory(
                _place(mark),
                _known(at),
                bool(has_file),
                bool(monitored),
                _at(aired),
                _at(searched),
                path,
                _at(before),
            )
        case ["s", str(mark), at, seen, *times] if len(times) == _SIGHTINGS:
            before, first, last = (_at(one) for one in times)
            return JellyfinPresence(_place(mark), _known(at), bool(seen), before, first, last)
    raise ValueError("not a fact")


def settled(facts: Facts) -> Facts:
    """Keep what a settled request still needs: no transfers, and of events those that tell."""
    return Facts(
        {
            key: fact
            for key, fact in facts.by_key.items()
            if isinstance(fact, Inventory | JellyfinPresence)
            or (isinstance(fact, Event) and fact.kind in _KEPT)
        }
    )


def dump_request(request: Request) -> dict[str, object]:
    """Write a request."""
    ids = request.ids
    return {
        "id": request.id,
        "ref": request.ref,
        "media": request.title.media.value,
        "ids": {"tmdb": ids.tmdb, "tvdb": ids.tvdb, "imdb": ids.imdb},
        "name": request.title.name,
        "year": request.title.year,
        "requested_at": _ms(request.requested_at),
        "seasons": _dump_seasons(request.seasons),
        "is_4k": request.is_4k,
        "anime": request.anime,
        "requested_by": request.requested_by,
        "poster": request.poster,
        "other_titles": list(request.other_titles),
        "arr": list(request.arr) if request.arr else None,
        "floor": _ms(request.floor),
    }


def load_request(plain: Mapping[str, object]) -> Request:
    """Read what `dump_request` gave. Raises ValueError, TypeError, KeyError for anything else."""
    ids, titles = plain["ids"], plain["other_titles"]
    if not isinstance(ids, Mapping) or not isinstance(titles, list):
        raise TypeError("request")
    arr, media = plain["arr"], MediaType(str(plain["media"]))
    return Request(
        id=str(plain["id"]),
        ref=str(plain["ref"]),
        title=Title(
            media,
            ProviderIds.from_mapping(ids),
            str(plain["name"]),
            year(plain["year"]),
        ),
        requested_at=_known(plain["requested_at"]),
        seasons=None if media is MediaType.MOVIE else _load_seasons(plain["seasons"]),
        is_4k=plain["is_4k"] is True,
        anime=plain["anime"] is True,
        requested_by=str(plain["requested_by"]),
        poster=str(plain["poster"]),
        other_titles=tuple(str(title) for title in titles),
        arr=(str(arr[0]), int(arr[1])) if isinstance(arr, list) else None,
        floor=_at(plain["floor"]),
    )


def _dump_seasons(seasons: Seasons | None) -> object:
    match seasons:
        case AllSeasons():
            return _ALL
        case TheseSeasons(numbers):
            return list(numbers)
    return None


def _load_seasons(plain: object) -> Seasons:
    """Read a series' seasons. Before they were a type of their own, an empty list said all."""
    if plain in (_ALL, []):
        return ALL
    if not isinstance(plain, list):
        raise TypeError("seasons")
    return TheseSeasons(tuple(int(season) for season in plain))


def dump_status(status: RequestStatus) -> dict[str, object]:
    """Write how a settled request stands: it does not change with the time any more."""
    return {
        "state": status.state.value,
        "progress": status.progress,
        "episodes": {state.value: count for state, count in status.episodes.items()},
        "attempts": status.attempts,
        "available_at": _ms(status.available_at),
        "closed": status.closed.value if status.closed else None,
        "closed_at": _ms(status.closed_at),
        "pending": status.pending,
    }


def load_status(plain: Mapping[str, object]) -> RequestStatus:
    """Read what `dump_status` gave. Raises ValueError, TypeError, KeyError for anything else."""
    episodes, attempts, closed = plain["episodes"], plain["attempts"], plain["closed"]
    if not isinstance(episodes, Mapping) or not isinstance(attempts, int):
        raise TypeError("status")
    return RequestStatus(
        state=RequestState(str(plain["state"])),
        progress=_number(plain["progress"]) or 0.0,
        eta=None,
        episodes={RequestState(state): int(count) for state, count in episodes.items()},
        stage=Stage.NONE,
        stage_since=None,
        stuck=None,
        attempts=attempts,
        available_at=_at(plain["available_at"]),
        closed=None if closed is None else Closing(str(closed)),
        closed_at=_at(plain["closed_at"]),
        settled=True,
        pending=plain.get("pending") is True,
    )


def _ms(at: datetime | None) -> int | None:
    return None if at is None else round(at.timestamp() * 1000)


def _at(stored: object) -> datetime | None:
    return None if stored is None else _known(stored)


def _known(stored: object) -> datetime:
    if not isinstance(stored, int):
        raise TypeError("an instant is a number of milliseconds")
    try:
        return datetime.fromtimestamp(stored / 1000, UTC)
    except OverflowError as err:
        raise ValueError("an instant is out of all time") from err


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
