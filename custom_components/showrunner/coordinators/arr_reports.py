"""What Radarr's and Sonarr's queue, history, inventory and webhooks say of requests. Pure.

The arrs name titles by numbers of their own; what is not known by ids is not reported. Events bear
the arr's own time where it tells one, readings the time at which the arr was asked.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from ..clients.arr_models import QueueItem
from ..clients.arr_webhook import ArrEvent, ArrMessage
from ..domain.history import HistoryEvent, HistoryKind
from ..domain.knowledge import Answer
from ..domain.media import MOVIE, MediaType, Place, ProviderIds, Title, same_year
from ..domain.requests.facts import Event, EventKind, Fact, Facts, Inventory, Transfer, Trouble
from ..domain.requests.readings import of_queue
from ..domain.requests.report import About, Report
from ..domain.requests.request import Request

# A file that gives way to another one is no deletion.
_REPLACED: Final = frozenset({"upgrade", "manualoverride"})
_EVENTS: Final[Mapping[HistoryKind, EventKind]] = {
    HistoryKind.GRABBED: EventKind.GRABBED,
    HistoryKind.IMPORTED: EventKind.IMPORTED,
    HistoryKind.FAILED: EventKind.FAILED,
    HistoryKind.DELETED: EventKind.DELETED,
}


@dataclass(frozen=True, slots=True)
class Speaker:
    """Which arr speaks. `alone`: no other of its kind is linked, so every title may be its."""

    service: str
    media: MediaType
    alone: bool

    def about(
        self,
        arr_id: int | None,
        ids: ProviderIds | None = None,
        download: str = "",
        year: int | None = None,
    ) -> About:
        """Say of whom it speaks. Whose a 4K request is must be known: an only arr is standard."""
        return About(
            media=self.media,
            ids=ids or ProviderIds(),
            service=self.service,
            arr_id=arr_id,
            download=download,
            is_4k=False,
            own_only=not self.alone,
            year=year,
        )


@dataclass(frozen=True, slots=True)
class Holding:
    """A title as an arr holds it. `places` are Sonarr's episodes by its numbers of them."""

    arr_id: int
    ids: ProviderIds
    units: tuple[Inventory, ...] = ()
    places: Mapping[int, Place] = field(default_factory=dict)
    anime: bool = False
    other_titles: tuple[str, ...] = ()
    poster: str = ""
    year: int | None = None

    def place(self, episode_id: int | None, media: MediaType) -> Place | None:
        """Say which unit a row is about; None when that is not known."""
        if media is MediaType.MOVIE:
            return MOVIE
        return None if episode_id is None else self.places.get(episode_id)


def may_be_of(request: Request, title: Title) -> bool:
    """Tell whether an arr's title can be the requested one: no id and no year says otherwise."""
    return (
        title.ids.matches(request.ids) is not Answer.NO
        and same_year(title.year, request.title.year) is not Answer.NO
    )


def of_holding(speaker: Speaker, holding: Holding) -> Report:
    """Report what the arr has of a title."""
    return Report(
        speaker.about(holding.arr_id, holding.ids, year=holding.year),
        holding.units,
        anime=holding.anime,
        other_titles=holding.other_titles,
        poster=holding.poster,
    )


def of_settled(speaker: Speaker, holding: Holding, facts: Facts) -> Report:
    """Report of a request that is settled only what it did not know: files that are gone, or back.

    New seasons of a series are nobody's request.
    """
    reports = []
    for unit in holding.units:
        known = facts.by_key.get(unit.key)
        before = known.has_file if isinstance(known, Inventory) else None
        if before is not None and (not unit.has_file or not before):
            reports.append(unit)
    about = speaker.about(holding.arr_id, holding.ids, year=holding.year)
    return Report(about, tuple(reports), anime=holding.anime)


def gone(speaker: Speaker, arr_id: int, ids: ProviderIds, facts: Facts, at: datetime) -> Report:
    """Report that the arr holds a title no more: it has no file of what it knew or fetched."""
    places = {
        fact.place
        for fact in facts
        if isinstance(fact, Inventory)
        or (isinstance(fact, Event) and fact.kind is EventKind.IMPORTED)
    }
    units = tuple(
        Inventory(place, at, has_file=False, monitored=False)
        for place in sorted(place for place in places if place is not None)
    )
    return Report(speaker.about(arr_id, ids), units)


# -- the queue -------------------------------------------------------------------------------------


def name_of(download_id: str | None) -> str:
    """Write a download's id as everybody does."""
    return (download_id or "").upper()


def of_items(
    speaker: Speaker,
    items: Iterable[QueueItem],
    holdings: Mapping[int, Holding],
    at: datetime,
    unsure: Collection[int] = frozenset(),
) -> Iterator[Report]:
    """Report the lines of a queue; those of one download are one reading over its episodes.

    `unsure`: lines (by their ids) whose episode could not be asked for; the next look asks again.
    """
    downloads: dict[tuple[int | None, str], list[QueueItem]] = {}
    for item in items:
        if name := name_of(item.download_id):
            downloads.setdefault((item.media_id, name), []).append(item)
    for (media_id, name), lines in downloads.items():
        holding = None if media_id is None else holdings.get(media_id)
        placed = (
            [] if holding is None else [(_place_of(holding, one, speaker), one) for one in lines]
        )
        found = [place for place, one in placed if place is not None or one.id not in unsure]
        facts = tuple(_reading(name, lines, found, at))
        about = speaker.about(media_id, None, name)
        if holding is not None:
            about = speaker.about(media_id, holding.ids, name, holding.year)
        yield Report(about, facts)


def _place_of(holding: Holding, item: QueueItem, speaker: Speaker) -> Place | None:
    return holding.place(item.episode_id, speaker.media)


def _reading(
    name: str, lines: list[QueueItem], places: Collection[Place | None], at: datetime
) -> Iterator[Event | Transfer]:
    # Every line of a pack tells the whole download; what is wrong is told by the worst of them.
    line = max(lines, key=lambda one: (one.tracked_status not in ("", "ok"), -one.id))
    left = (line.eta - at).total_seconds() if line.eta is not None else None
    return of_queue(
        name,
        tuple(dict.fromkeys(places)),
        at,
        status=line.status.lower(),
        tracked_state=line.tracked_state,
        tracked_status=line.tracked_status.lower() or "ok",
        size=line.size,
        size_left=line.size_left,
        eta=left if left is not None and left > 0 else None,
        message="; ".join(dict.fromkeys(said for one in lines for said in one.messages)),
        output_path=line.output_path or "",
    )


# -- history ---------------------------------------------------------------------------------------


def of_history(
    speaker: Speaker, events: Iterable[HistoryEvent], holdings: Mapping[int, Holding]
) -> Iterator[Report]:
    """Report what happened to titles that are known by their ids, a report for each title."""
    found: dict[int, list[Event]] = {}
    for event in events:
        holding = None if event.media_id is None else holdings.get(event.media_id)
        if holding is None:
            continue
        fact = _fact(event, holding.place(event.episode_id, speaker.media))
        # Only of a grab it counts that it was for something that can't be named: it is under way.
        if fact is not None and (fact.place is not None or fact.kind is EventKind.GRABBED):
            found.setdefault(holding.arr_id, []).append(fact)
    for arr_id, facts in found.items():
        held = holdings[arr_id]
        yield Report(speaker.about(arr_id, held.ids, year=held.year), tuple(facts))


def unconfirmed(
    facts: Facts, history: Iterable[HistoryEvent], queued: Collection[str], since: datetime
) -> frozenset[str]:
    """Name the downloads that are kept and that nobody knows: history since then, queue, client.

    Earlier versions kept what a webhook told of a download, and nothing ends what never was.
    """
    known = set(queued)
    for event in history:
        known |= {name_of(event.download_id), name_of(event.info_hash)}
        if (claim := _fact(event, None)) is not None:
            known.add(claim.download)
    kept: dict[str, datetime] = {}
    for fact in facts:
        if isinstance(fact, Transfer) and fact.source == "client":
            if fact.trouble is not Trouble.MISSING:
                known.add(fact.download)
        elif isinstance(fact, Event) and fact.download:
            kept[fact.download] = min(fact.at, kept.get(fact.download, fact.at))
    return frozenset(name for name, at in kept.items() if at >= since and name not in known)


def _fact(event: HistoryEvent, place: Place | None) -> Event | None:
    kind = _EVENTS.get(event.kind)
    if kind is None:
        return None
    download = event.download_id or event.info_hash or ""
    if kind is EventKind.DELETED:
        if (event.reason or "").lower() in _REPLACED:
            return None
        download = ""
    if kind in (EventKind.DELETED, EventKind.IMPORTED) and not download:
        mark = event.file_id if event.file_id is not None else f"history-{event.id}"
        download = f"file:{mark}"
    if not download:
        return None
    detail = event.message if kind is EventKind.FAILED else ""
    return Event(kind, event.at, place, download, detail)


# -- webhooks --------------------------------------------------------------------------------------


def of_message(speaker: Speaker, message: ArrMessage) -> Report:
    """Report what a webhook hints at. What is gone is for a look to say."""
    about = speaker.about(message.arr_id, message.ids, message.download, message.year)
    return Report(about, tuple(_facts_of(message)), anime=message.anime)


def _facts_of(message: ArrMessage) -> Iterator[Fact]:
    match message.event:
        case ArrEvent.GRAB if message.download:
            for place in message.grabbed:
                yield Event(EventKind.GRABBED, message.at, place, message.download)
        case ArrEvent.IMPORT:
            yield from _imported(message)
        case ArrEvent.BLOCKED if message.download:
            yield from _blocked(message)


def _imported(message: ArrMessage) -> Iterator[Fact]:
    files, units = message.files, message.units
    if message.complete and message.download:
        # It names all that was grabbed: only where there are as many files each one has come.
        yield Event(EventKind.IMPORTING, message.at, download=message.download)
    if not files or (message.complete and len(files) != len(units)):
        return
    if not message.download and len(files) > 1:
        return  # which file is whose is not said; each was told of by itself
    at = min((file.added for file in files if file.added is not None), default=message.at)
    for place in units:
        yield Event(EventKind.IMPORTED, at, place, message.download or _file_name(message))


def _blocked(message: ArrMessage) -> Iterator[Fact]:
    """Read how far it has come. What holds it up is for the queue to say."""
    for place in message.grabbed:
        yield Event(EventKind.GRABBED, message.at, place, message.download)
    yield Event(EventKind.STARTED, message.at, download=message.download)
    yield Event(EventKind.COMPLETE, message.at, download=message.download)


def _file_name(message: ArrMessage) -> str:
    mark = next((file.id for file in message.files if file.id is not None), None)
    return f"file:{mark if mark is not None else message.arr_id}"
