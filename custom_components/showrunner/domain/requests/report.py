"""What a source reports: of whom it speaks, and the facts. And whom of the requests it means.

Correlation is by ids, never by a name. What contradicts a request in any id is not its.
"""

from collections.abc import Collection, Iterable, KeysView, MutableMapping
from dataclasses import dataclass, field, replace
from typing import Final

from ..knowledge import Answer
from ..media import MediaType, ProviderIds, TitleKey, same_year
from .facts import Event, EventKind, Fact, Facts
from .request import Request

_MOST_TITLES: Final = 20


@dataclass(frozen=True, slots=True)
class About:
    """Of whom a report speaks; whatever the source knows of it.

    `service` is the subentry of the arr that speaks, `arr_id` its id of the title. `ref` names one
    request exactly, as Seerr does. `is_4k`: what this arr's instance holds, when that is known.
    `own_only`: there are several such arrs, so only requests that are known to be this one's are
    meant.
    """

    media: MediaType | None = None
    ids: ProviderIds = field(default_factory=ProviderIds)
    ref: str = ""
    service: str = ""
    arr_id: int | None = None
    download: str = ""
    is_4k: bool | None = None
    own_only: bool = False
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """Facts about one title. `anime` and `other_titles` when the source knows them (None: no)."""

    about: About
    facts: tuple[Fact, ...]
    anime: bool | None = None
    other_titles: tuple[str, ...] = ()
    poster: str = ""


@dataclass(slots=True)
class _Names:
    """Which requests go by which names, both ways.

    In tuples of text: there may be hundreds of thousands, and the collector passes them over.
    """

    requests: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _own: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def put(self, request_id: str, names: Collection[str]) -> None:
        """Note a request's names, instead of those before."""
        now, before = tuple(sorted(names)), self._own.get(request_id, ())
        if now == before:
            return
        for name in set(before).difference(now):
            left = tuple(one for one in self.requests[name] if one != request_id)
            if left:
                self.requests[name] = left
            else:
                del self.requests[name]
        for name in set(now).difference(before):
            self.requests[name] = (*self.requests.get(name, ()), request_id)
        if now:
            self._own[request_id] = now
        else:
            del self._own[request_id]

    def of(self, name: str) -> tuple[str, ...]:
        """Name the requests that go by a name."""
        return self.requests.get(name, ())


@dataclass(slots=True)
class Index:
    """The requests that may still be meant, by every name under which they can be.

    Closed requests are not in it: what is said of a title afterwards is about a new request.
    """

    requests: MutableMapping[str, Request] = field(default_factory=dict)
    _refs: dict[str, str] = field(default_factory=dict)
    _titles: _Names = field(default_factory=_Names)
    _downloads: _Names = field(default_factory=_Names)
    # Of those that are not settled.
    _awaited: _Names = field(default_factory=_Names)
    _guesses: _Names = field(default_factory=_Names)

    def put(self, request: Request, facts: Facts, *, waits: bool = True) -> None:
        """Take in a request, or what it has become. `waits`: it is not settled."""
        downloads = downloads_of(facts)
        self.requests[request.id] = request
        self._refs[request.ref] = request.id
        self._titles.put(request.id, request.title.key.names)
        self._downloads.put(request.id, downloads)
        self._awaited.put(request.id, downloads if waits else ())

    def drop(self, request_id: str) -> None:
        """Forget a closed request."""
        request = self.requests.get(request_id)
        if request is None:
            return
        del self.requests[request_id]
        self._refs.pop(request.ref, None)
        for names in (self._titles, self._downloads, self._awaited, self._guesses):
            names.put(request_id, ())

    def guess(self, request_id: str, downloads: Collection[str]) -> None:
        """Note the downloads that only hints say a request waits for, instead of those before."""
        self._guesses.put(request_id, downloads)

    def by_ref(self, ref: str) -> Request | None:
        """Find a request by its source's own name for it."""
        request_id = self._refs.get(ref)
        return None if request_id is None else self.requests.get(request_id)

    @property
    def refs(self) -> KeysView[str]:
        """The sources' own names of the requests."""
        return self._refs.keys()

    @property
    def downloads(self) -> frozenset[str]:
        """The downloads that unsettled requests wait for, as far as anybody says."""
        return frozenset((*self._awaited.requests, *self._guesses.requests))

    def of_download(self, download: str) -> frozenset[str]:
        """Name the requests that a download is for, settled or not, as far as anybody says."""
        return frozenset((*self._downloads.of(download), *self._guesses.of(download)))

    def of_title(self, title: TitleKey) -> set[str]:
        """Name the requests of a title, by any of its ids."""
        return {request_id for name in title.names for request_id in self._titles.of(name)}

    def meant(self, about: About, *, guesses: bool = False) -> tuple[Request, ...]:
        """Find the requests that a report is about; several people may want one title.

        `guesses`: also by the downloads that only hints name.
        """
        if about.ref:
            exact = self.by_ref(about.ref)
            return (exact,) if exact is not None and _fits(exact, about) else ()
        title = None if about.media is None else TitleKey(about.media, about.ids)
        found = set() if title is None else self.of_title(title)
        if about.download:
            found.update(self._downloads.of(about.download))
            if guesses:
                found.update(self._guesses.of(about.download))
        requests = (self.requests[one] for one in sorted(found))
        return tuple(request for request in requests if _fits(request, about))


def _fits(request: Request, about: About) -> bool:
    """Tell whether nothing in the report contradicts the request."""
    if about.media is not None and about.media is not request.title.media:
        return False
    if about.ids and request.ids.matches(about.ids) is Answer.NO:
        return False
    if same_year(request.title.year, about.year) is Answer.NO:
        return False
    if about.service and request.arr is not None:
        service, number = request.arr
        # A title that was added anew has another number in the same arr, and the same ids.
        same = about.arr_id in (None, number) or request.ids.matches(about.ids) is Answer.YES
        return service == about.service and same
    if about.own_only:
        return False
    return about.is_4k is None or about.is_4k == request.is_4k


def downloads_of(facts: Iterable[Fact]) -> set[str]:
    """List the downloads that facts name."""
    return {
        fact.download
        for fact in facts
        if isinstance(fact, Event)
        and fact.kind in (EventKind.GRABBED, EventKind.IMPORTED)
        and fact.download
        and not fact.download.startswith("file:")
    }


def awaited(facts: Facts) -> frozenset[str]:
    """Name the downloads that an arr should have in its queue: grabbed, and no end to it."""
    ended = {
        (fact.place, fact.download)
        for fact in facts
        if isinstance(fact, Event) and fact.kind in (EventKind.IMPORTED, EventKind.FAILED)
    }
    # What can't be named ends with what can.
    over = {download for _, download in ended}
    return frozenset(
        fact.download
        for fact in facts
        if isinstance(fact, Event)
        and fact.kind is EventKind.GRABBED
        and (fact.place, fact.download) not in ended
        and not (fact.place is None and fact.download in over)
    )


def admitted(request: Request, facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """Leave out what happened before this request: it belongs to an earlier one of the title."""
    floor = request.floor
    return tuple(
        fact for fact in facts if floor is None or not isinstance(fact, Event) or fact.at >= floor
    )


def enriched(request: Request, report: Report) -> Request:
    """Learn from a report what the request did not say itself: ids, the arr, anime, titles."""
    about = report.about
    ids = request.ids.merged(about.ids)
    arr = request.arr
    if about.service and about.arr_id is not None and (arr is None or arr[0] == about.service):
        arr = (about.service, about.arr_id)
    titles = tuple(dict.fromkeys((*request.other_titles, *report.other_titles)))
    return replace(
        request,
        title=replace(request.title, ids=ids),
        arr=arr,
        anime=request.anime or bool(report.anime),
        other_titles=titles[:_MOST_TITLES],
        poster=request.poster or report.poster,
    )
