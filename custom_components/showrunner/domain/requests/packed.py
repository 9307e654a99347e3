"""Facts and requests as a few bytes each, for what is held in memory and seldom looked at.

A request of a season has hundreds of facts, and a house thousands of requests: as objects they are
what every collection of the interpreter goes through. Unpacked, each is equal to what was packed,
to the microsecond. These bytes never leave the process; what is stored is `record`'s.
"""

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import Final
import zlib

from ..media import MediaType, Place, ProviderIds, Title
from .facts import Event, EventKind, Fact, Facts, Inventory, JellyfinPresence, Transfer, Trouble
from .request import Closing, Request, RequestState, Stage, Stuck, StuckReason
from .seasons import ALL, AllSeasons, Seasons, TheseSeasons
from .state import RequestStatus

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
# What stands for None where there is a number: no instant, place or count is that small.
_NONE: Final = -(2**63)
# Fast, and a season is still a tenth: its downloads and instants are the same ones over and over.
_LEVEL: Final = 1
_EVENT, _TRANSFER, _INVENTORY, _PRESENCE = range(4)

_KINDS: Final = tuple(EventKind)
_TROUBLES: Final = tuple(Trouble)
_MEDIA: Final = tuple(MediaType)
_STATES: Final = tuple(RequestState)
_STAGES: Final = tuple(Stage)
_REASONS: Final = tuple(StuckReason)
_CLOSINGS: Final = tuple(Closing)
# By the members' types too: of two enums, members of one text are equal.
_NUMBERS: Final[Mapping[tuple[type[StrEnum], StrEnum], int]] = {
    (type(one), one): number
    for every in (_KINDS, _TROUBLES, _MEDIA, _STATES, _STAGES, _REASONS, _CLOSINGS)
    for number, one in enumerate[StrEnum](every)
}


def _number_of(member: StrEnum) -> int:
    return _NUMBERS[type(member), member]


@lru_cache(maxsize=8192)
def _place(season: int, episode: int) -> Place:
    return Place(season, episode)


class _Writer:
    """Numbers one after the other, and each text once."""

    def __init__(self) -> None:
        self.numbers = array("q")
        self._texts: dict[str, int] = {}

    def text(self, value: str) -> int:
        return self._texts.setdefault(value, len(self._texts))

    def number(self, value: float | None) -> int:
        """Write a fraction as its text, which gives the very same one again."""
        return _NONE if value is None else self.text(repr(float(value)))

    def packed(self) -> bytes:
        texts = [text.encode("utf-8", "surrogatepass") for text in self._texts]
        head = array("q", (len(texts), *map(len, texts)))
        return zlib.compress(b"".join((head.tobytes(), *texts, self.numbers.tobytes())), _LEVEL)


class _Reader:
    """Reads what a `_Writer` has written."""

    def __init__(self, packed: bytes) -> None:
        content = memoryview(zlib.decompress(packed))
        size = array("q").itemsize
        count = content[:size].cast("q")[0]
        begin = size * (count + 1)
        ends = accumulate(content[size:begin].cast("q"), initial=begin)
        texts = [content[one:next_].tobytes() for one, next_ in pairwise(ends)]
        self.texts = [text.decode("utf-8", "surrogatepass") for text in texts]
        numbers = array("q")
        numbers.frombytes(content[begin + sum(map(len, texts)) :])
        self._numbers = iter(numbers)
        self.next: Callable[[], int] = self._numbers.__next__

    def rest(self) -> Iterator[int]:
        """Go through the numbers that were not read yet."""
        return self._numbers

    def text(self) -> str:
        return self.texts[self.next()]

    def number(self) -> float | None:
        found = self.next()
        return None if found == _NONE else float(self.texts[found])

    def at(self) -> datetime | None:
        return _instant(self.next())

    def known_at(self) -> datetime:
        return _EPOCH + timedelta(microseconds=self.next())

    def maybe(self) -> int | None:
        found = self.next()
        return None if found == _NONE else found


def _us(at: datetime | None) -> int:
    return _NONE if at is None else (at - _EPOCH) // _MICROSECOND


def _instant(us: int) -> datetime | None:
    return None if us == _NONE else _EPOCH + timedelta(microseconds=us)


def _or_none(value: int | None) -> int:
    return _NONE if value is None else value


# -- facts -----------------------------------------------------------------------------------------


def pack_facts(facts: Facts) -> bytes:
    """Write facts."""
    writer = _Writer()
    for fact in facts:
        writer.numbers.extend(_fact_numbers(fact, writer))
    return writer.packed()


def _fact_numbers(fact: Fact, writer: _Writer) -> tuple[int, ...]:
    match fact:
        case Event(kind, at, place, download, detail):
            season, episode = (_NONE, 0) if place is None else (place.season, place.episode)
            texts = writer.text(download), writer.text(detail)
            return (_EVENT, _number_of(kind), _us(at), season, episode, *texts)
        case Transfer():
            return (
                _TRANSFER,
                writer.text(fact.download),
                _us(fact.at),
                writer.number(fact.progress),
                writer.number(fact.eta),
                _number_of(fact.trouble),
                writer.text(fact.message),
                writer.text(fact.source),
                _us(fact.since),
                _us(fact.still),
            )
        case Inventory():
            return (
                _INVENTORY,
                fact.place.season,
                fact.place.episode,
                _us(fact.at),
                fact.has_file,
                fact.monitored,
                _us(fact.aired_at),
                _us(fact.searched_at),
                writer.text(fact.path),
                _us(fact.before),
            )
        case _:
            return (
                _PRESENCE,
                fact.place.season,
                fact.place.episode,
                _us(fact.at),
                fact.seen,
                _us(fact.before),
                _us(fact.first_seen),
                _us(fact.last_seen),
            )


def unpack_facts(packed: bytes) -> Facts:
    """Read what `pack_facts` gave."""
    reader = _Reader(packed)
    return Facts({fact.key: fact for fact in _facts(reader)})


def _facts(reader: _Reader) -> Iterator[Fact]:
    read, at, known_at = reader.next, reader.at, reader.known_at
    for kind in reader.rest():
        if kind == _EVENT:
            what, when, season, episode = _KINDS[read()], known_at(), read(), read()
            place = None if season == _NONE else _place(season, episode)
            yield Event(what, when, place, reader.text(), reader.text())
        elif kind == _TRANSFER:
            yield Transfer(
                reader.text(),
                known_at(),
                reader.number(),
                reader.number(),
                _TROUBLES[read()],
                reader.text(),
                reader.text(),
                at(),
                at(),
            )
        elif kind == _INVENTORY:
            place = _place(read(), read())
            when, has_file, monitored = known_at(), bool(read()), bool(read())
            aired, searched, path = at(), at(), reader.text()
            yield Inventory(place, when, has_file, monitored, aired, searched, path, at())
        else:
            place = _place(read(), read())
            yield JellyfinPresence(place, known_at(), bool(read()), at(), at(), at())


# -- a request and how it stands -------------------------------------------------------------------


def pack_request(request: Request, status: RequestStatus) -> bytes:
    """Write a request and how it stands."""
    writer = _Writer()
    writer.numbers.extend(_request_numbers(request, writer))
    writer.numbers.extend(_status_numbers(status, writer))
    return writer.packed()


def unpack_request(packed: bytes) -> tuple[Request, RequestStatus]:
    """Read what `pack_request` gave."""
    reader = _Reader(packed)
    return _request(reader), _status(reader)


def _request_numbers(request: Request, writer: _Writer) -> Iterator[int]:
    title, ids, text = request.title, request.ids, writer.text
    yield from (text(request.id), text(request.ref), _number_of(title.media))
    yield from (_or_none(ids.tmdb), _or_none(ids.tvdb))
    yield _NONE if ids.imdb is None else text(ids.imdb)
    yield from (text(title.name), _or_none(title.year), _us(request.requested_at))
    yield from _season_numbers(request.seasons)
    yield from (request.is_4k, request.anime, text(request.requested_by), text(request.poster))
    yield from _texts(request.other_titles, writer)
    yield from (_NONE, 0) if request.arr is None else (text(request.arr[0]), request.arr[1])
    yield _us(request.floor)


def _season_numbers(seasons: Seasons | None) -> tuple[int, ...]:
    match seasons:
        case AllSeasons():
            return (-1,)
        case TheseSeasons(numbers):
            return (len(numbers), *numbers)
    return (_NONE,)


def _texts(texts: Iterable[str], writer: _Writer) -> tuple[int, ...]:
    found = tuple(map(writer.text, texts))
    return (len(found), *found)


def _request(reader: _Reader) -> Request:
    read, text = reader.next, reader.text
    name, ref, media = text(), text(), _MEDIA[read()]
    tmdb, tvdb, imdb = reader.maybe(), reader.maybe(), read()
    ids = ProviderIds(tmdb, tvdb, None if imdb == _NONE else reader.texts[imdb])
    title = Title(media, ids, text(), reader.maybe())
    requested_at, seasons = reader.known_at(), _seasons(reader)
    is_4k, anime, requested_by, poster = bool(read()), bool(read()), text(), text()
    others = tuple(text() for _ in range(read()))
    service, number = read(), read()
    return Request(
        id=name,
        ref=ref,
        title=title,
        requested_at=requested_at,
        seasons=seasons,
        is_4k=is_4k,
        anime=anime,
        requested_by=requested_by,
        poster=poster,
        other_titles=others,
        arr=None if service == _NONE else (reader.texts[service], number),
        floor=reader.at(),
    )


def _seasons(reader: _Reader) -> Seasons | None:
    count = reader.next()
    if count == _NONE:
        return None
    return ALL if count < 0 else TheseSeasons(tuple(reader.next() for _ in range(count)))


def _status_numbers(status: RequestStatus, writer: _Writer) -> Iterator[int]:
    stuck = status.stuck
    yield from (_number_of(status.state), writer.number(status.progress))
    yield from (writer.number(status.eta), len(status.episodes))
    for state, count in status.episodes.items():
        yield from (_number_of(state), count)
    yield from (_number_of(status.stage), _us(status.stage_since))
    if stuck is None:
        yield _NONE
    else:
        yield from (_number_of(stuck.reason), _us(stuck.since), writer.text(stuck.message))
    yield from (status.attempts, _us(status.available_at))
    yield _NONE if status.closed is None else _number_of(status.closed)
    yield from (_us(status.closed_at), status.settled, status.pending)


def _status(reader: _Reader) -> RequestStatus:
    read = reader.next
    state, progress, eta = _STATES[read()], reader.number() or 0.0, reader.number()
    episodes = {_STATES[read()]: read() for _ in range(read())}
    stage, since, reason = _STAGES[read()], reader.at(), read()
    stuck = None
    if reason != _NONE:
        stuck = Stuck(_REASONS[reason], reader.known_at(), reader.text())
    attempts, available_at, closed = read(), reader.at(), read()
    return RequestStatus(
        state=state,
        progress=progress,
        eta=eta,
        episodes=episodes,
        stage=stage,
        stage_since=since,
        stuck=stuck,
        attempts=attempts,
        available_at=available_at,
        closed=None if closed == _NONE else _CLOSINGS[closed],
        closed_at=reader.at(),
        settled=bool(read()),
        pending=bool(read()),
    )
