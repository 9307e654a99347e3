"""What a source reports: of whom it speaks, and the facts. And whom of the requests it means.

Correlation is by ids, never by a name. What contradicts a request in any id is not its.
"""

from collections.abc import Collection, Iterable
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
class _Downloads:
    """Which requests wait for which downloads, both ways."""

    awaited: dict[str, set[str]] = field(default_factory=dict)
    _own: dict[str, frozenset[str]] = field(default_factory=dict)

    def put(self, request_id: str, downloads: Collection[str]) -> None:
        """Note what a request waits for, instead of what it waited for before."""
        now, before = frozenset(downloads), self._own.get(request_id, frozenset())
        for download in before - now:
            self.awaited[download].discard(request_id)
            if not self.awaited[download]:
                del self.awaited[download]
        for download in now - before:
            self.awaited.setdefault(download, set()).add(request_id)
        if now:
            self._own[request_id] = now
        else:
            self._own.pop(request_id, None)

    def of(self, download: str) -> frozenset[str]:
        """Name the requests that wait for a download."""
        return frozenset(self.awaited.get(download, ()))


@dataclass(slots=True)
class Index:
    """The requests that may still be meant, by every name under which they can be.

    Closed requests are not in it: what is said of a title afterwards is about a new request.
    """

    requests: dict[str, Request] = field(default_factory=dict)
    _refs: dict[str, str] = field(default_factory=dict)
    _titles: dict[str, set[str]] = field(default_factory=dict)
    _downloads: _Downloads = field(default_factory=_Downloads)
    _guesses: _Downloads = field(default_factory=_Downloads)

    def put(self, request: Request, facts: Facts) -> None:
        """Take in a request, or what it has become."""
        known = self.requests.get(request.id)
        if known is not None and known.ids != request.ids:
            self._forget_titles(known)
        self.requests[request.id] = request
        self._refs[request.ref] = request.id
        for name in request.title.key.names:
            self._titles.setdefault(name, set()).add(request.id)
        self._downloads.put(request.id, downloads_of(facts))

    def drop(self, request_id: str) -> None:
        """Forget a closed request."""
        request = self.requests.pop(request_id, None)
        if request is None:
            return
        self._refs.pop(request.ref, None)
        self._forget_titles(request)
        self._downloads.put(request_id, ())
        self._guesses.put(request_id, ())

    def guess(self, request_id: str, downloads: Collection[str]) -> None:
        """Note the downloads that only hints say a request waits for, instead of those before."""
        self._guesses.put(request_id, downloads)

    def _forget_titles(self, request: Request) -> None:
        for name in request.title.key.names:
            self._titles.get(name, set()).discard(request.id)
            if not self._titles.get(name):
                self._titles.pop(name, None)

    def by_ref(self, ref: str) -> Request | None:
        """Find a request by its source's own name for it."""
        request_id = self._refs.get(ref)
        return None if request_id is None else self.requests.get(request_id)

    @property
    def downloads(self) -> frozenset[str]:
        """The downloads that requests wait for, as far as anybody says."""
        return frozenset((*self._downloads.awaited, *self._guesses.awaited))

    def of_download(self, download: str) -> frozenset[str]:
        """Name the requests that wait for a download, as far as anybody says."""
        return self._downloads.of(download) | self._guesses.of(download)

    def of_title(self, title: TitleKey) -> set[str]:
        """Name the requests of a title, by any of its ids."""
        return {request_id for name in title.names for request_id in self._titles.get(name, ())}

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
            found |= self._downloads.of(about.download)
            if guesses:
                found |= self._guesses.of(about.download)
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
