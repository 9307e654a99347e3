"""What is held of the requests that are not over, and what others look up in it."""

from collections.abc import Callable, Collection, Iterable, Iterator, KeysView, Mapping
from dataclasses import replace
from datetime import datetime

from ..domain.media import TitleKey
from ..domain.requests.changing import changes_at
from ..domain.requests.facts import Facts, Inventory
from ..domain.requests.hints import Hints
from ..domain.requests.report import Index, awaited
from ..domain.requests.request import Request, RequestState, StuckReason
from ..domain.requests.state import RequestStatus, state_of
from ..domain.requests.stuck import StuckPolicy
from .request_book import RequestBook, Requests
from .request_facts import HeldFacts
from .request_index import Mark, Owner, RequestIndex
from .request_shown import Shown
from .request_view import RequestView

type RequestListener = Callable[[RequestView], None]


class HeldRequests:
    """The requests of one entry that are not over; of settled ones only how they stand."""

    def __init__(
        self, *, matcher: Callable[[], bool], now: Callable[[], datetime], policy: StuckPolicy
    ) -> None:
        """Hold nothing yet."""
        self._matcher = matcher
        self._now = now
        self._policy = policy
        # How each stands by what was read, and how it is shown, with hints.
        self._held = RequestBook()
        self._shown = Shown(self._held)
        self._index = Index(Requests(self._held))
        self._places = RequestIndex()
        self._facts = HeldFacts()
        self._hints: dict[str, Hints] = {}
        self._listeners: list[RequestListener] = []

    # -- what others see -------------------------------------------------------------------------

    @property
    def views(self) -> Mapping[str, RequestView]:
        """Every request that is not over, by its id. Of thousands look for those that you mean."""
        return self._shown.views

    @property
    def refs(self) -> KeysView[str]:
        """The sources' own names of the requests that are not over."""
        return self._index.refs

    @property
    def waiting(self) -> Iterator[RequestView]:
        """The requests that are not settled: for them sources are asked."""
        return self.marked(Mark.WAITING)

    def marked(self, mark: Mark, owners: Iterable[Owner] | None = None) -> Iterator[RequestView]:
        """Go through the requests that are marked so; of some owners, or of anybody."""
        views = self._shown.views
        for one in self._places.marked(mark, owners):
            view = views.get(one)
            if view is not None and self._places.is_marked(one, mark):
                yield view

    @property
    def places(self) -> RequestIndex:
        """Where to look for requests, by their ids."""
        return self._places

    @property
    def downloads(self) -> frozenset[str]:
        """The downloads that unsettled requests wait for."""
        return self._index.downloads

    def waiting_for(self, download: str) -> frozenset[str]:
        """Name the unclosed requests that a download is for, settled or not."""
        return self._index.of_download(download)

    def facts(self, request_id: str) -> Facts:
        """Give what was read of a request that is not settled; of others nothing is held."""
        return self._facts.get(request_id, Facts())

    def hinted_by(self, service: str) -> frozenset[str]:
        """Name the requests of which a service's webhook has told what was not read yet."""
        return frozenset(
            request_id
            for request_id, hints in self._hints.items()
            if any(hint.service == service for hint in hints.hints)
        )

    def import_hinted(self, request_id: str) -> bool:
        """Tell whether a webhook has told of an import that was not read yet."""
        hints = self._hints.get(request_id)
        return hints is not None and hints.imports(self._facts[request_id])

    def count(self, state: RequestState) -> int:
        """Count the requests of a state."""
        return self._shown.count(state)

    @property
    def stuck_count(self) -> int:
        """Count the requests with a trouble; one that only waits for approval has none."""
        return self._shown.count_stuck(but=StuckReason.WAITING_FOR_APPROVAL)

    @property
    def stuck(self) -> tuple[RequestView, ...]:
        """The requests that somebody should look at."""
        return tuple(self._shown.views[one] for one in self._shown.stuck)

    def came_last(self, most: int) -> tuple[RequestView, ...]:
        """Give the settled requests that became available last, the last first."""
        return tuple(self._shown.views[one] for one in self._places.came_last(most))

    def find(self, ref: str) -> RequestView | None:
        """Find an unclosed request by its id or its source's own name."""
        request = self._index.by_ref(ref)
        return self._shown.views.get(ref if request is None else request.id)

    def about(self, title: TitleKey) -> tuple[RequestView, ...]:
        """Find the unclosed requests of a title."""
        found = self._index.of_title(title)
        return tuple(self._shown.views[one] for one in sorted(found) if one in self._shown.views)

    def add_listener(self, listener: RequestListener) -> Callable[[], None]:
        """Call `listener(view)` at every change of a request; give what ends that."""
        self._listeners.append(listener)

        def remove() -> None:
            self._listeners.remove(listener)

        return remove

    # -- how it is held --------------------------------------------------------------------------

    def _status(self, request: Request, facts: Facts) -> RequestStatus:
        return state_of(request, facts, self._now(), policy=self._policy, matcher=self._matcher())

    def _stands(self, request: Request, facts: Facts) -> tuple[RequestView, datetime | None]:
        """Say how a request stands, and when that may change by the time alone."""
        now = self._now()
        status = state_of(request, facts, now, policy=self._policy, matcher=self._matcher())
        due = None if status.settled else changes_at(request, facts, now, self._policy)
        return RequestView(request, status), due

    def _hold(self, view: RequestView, facts: Facts, due: datetime | None) -> None:
        request_id = view.request.id
        if view.status.closed is not None:
            self._drop(request_id)
            return
        settled = view.status.settled
        self._held.put(view)
        self._index.put(view.request, facts, waits=not settled)
        if settled:
            self._facts.drop(request_id)
            self._hints.pop(request_id, None)
        else:
            self._facts.put(request_id, facts)
        self._show(request_id, due)

    def _show(self, request_id: str, due: datetime | None) -> None:
        """Show a request as it stands, with what webhooks say of it."""
        view, facts = self._held[request_id], self.facts(request_id)
        hints = self._hints.get(request_id, Hints())
        self._index.guess(request_id, hints.downloads)
        if hints.hints:
            request = replace(view.request, anime=view.request.anime or hints.anime)
            status = self._status(request, hints.over(facts))
            # Whether somebody should look at it is for a read to say.
            view = RequestView(view.request, replace(status, stuck=view.status.stuck))
            due = self._now()
        else:
            self._hints.pop(request_id, None)
        self._shown.put(view, hinted=bool(hints.hints))
        unread = not any(isinstance(fact, Inventory) for fact in facts)
        self._places.put(view, due=due, awaited=awaited(facts), unread=unread)

    def _show_again(self, request_id: str) -> None:
        """Show a request of which hints have come or gone."""
        before = self._shown.views[request_id]
        self._show(request_id, self._now())
        self._tell(before, self._shown.views[request_id])

    def _drop(self, request_id: str) -> None:
        # Whom a request's names mean is forgotten first: it asks what is held for them.
        self._index.drop(request_id)
        self._shown.drop(request_id)
        self._places.drop(request_id)
        self._held.drop(request_id)
        self._facts.drop(request_id)
        self._hints.pop(request_id, None)

    def _tell(self, before: RequestView | None, view: RequestView) -> None:
        """Tell whoever shows requests."""
        if before != view:
            for listener in tuple(self._listeners):
                listener(view)


def listed_so(view: RequestView, states: Collection[str] | None, *, stuck: bool | None) -> bool:
    """Tell whether a request is among those that a list names."""
    return (not states or view.status.state.value in states) and (
        stuck is None or stuck == (view.status.stuck is not None)
    )
