"""The files of anime that wait: Jellyfin may have one under another kind, or without ids."""

from collections.abc import Iterable

from ..domain.paths import components
from ..domain.requests.showing import Wanted, wanted
from .cooperative_yield import CooperativeYield
from .jellyfin_search import JellyfinSearch
from .requests import RequestTracker, RequestView


def wanted_of(requests: RequestTracker, request_id: str) -> list[Wanted]:
    """List the units of a request that are not seen yet."""
    view = requests.views.get(request_id)
    if view is None or view.status.settled:
        return []
    return list(wanted(view.request, requests.facts(request_id)))


class AnimeFiles:
    """Which requests wait for which files, as Jellyfin names them; kept up to date once learnt."""

    def __init__(self, requests: RequestTracker, search: JellyfinSearch) -> None:
        """Know of none yet."""
        self._requests = requests
        self._search = search
        self._learnt = False
        self._files: dict[str, tuple[str, ...]] = {}
        self._requests_of: dict[str, tuple[str, ...]] = {}

    def of(self, path: str) -> Iterable[str]:
        """Name the requests that wait for a file."""
        return self._requests_of.get(str(components(path)), ())

    async def learn(self) -> None:
        """Note the files of all anime that wait, once."""
        if self._learnt:
            return
        self._learnt, pause = True, CooperativeYield()
        for view in self._requests.waiting:
            self.changed(view)
            await pause()

    def changed(self, view: RequestView) -> None:
        """Note the files of a request that has changed."""
        if not self._learnt or not (view.request.anime or view.request.id in self._files):
            return
        request_id, paths = view.request.id, self._search.paths(view.request)
        for file in self._files.pop(request_id, ()):
            left = tuple(one for one in self._requests_of.pop(file) if one != request_id)
            if left:
                self._requests_of[file] = left
        units = wanted_of(self._requests, request_id) if view.request.anime else []
        files = {str(components(path)) for one in units for path in one.paths(paths)}
        if files:
            self._files[request_id] = tuple(files)
        for file in files:
            self._requests_of[file] = (*self._requests_of.get(file, ()), request_id)
