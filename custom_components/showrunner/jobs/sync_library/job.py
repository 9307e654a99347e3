"""Follows what people added to a Radarr or Sonarr by hand, as if it had been requested there.

Each once: what a request of Seerr's is about, what is followed already, and what our own downloads
are fetching is left alone. While a Seerr has not told its requests nobody can say which these are.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
import logging

from ...clients.errors import Unreachable
from ...clients.radarr import RadarrMovie
from ...clients.sonarr_models import SonarrSeries
from ...coordinators.radarr import RadarrCoordinator
from ...coordinators.requests import RequestTracker, RequestView
from ...coordinators.seerr import SeerrCoordinator
from ...coordinators.sonarr import SonarrCoordinator
from ...domain.media import Title
from ...domain.requests.facts import Event, EventKind
from ...domain.requests.ref import RequestRef, RequestSource
from ...domain.requests.request import Request
from ...domain.requests.seasons import TheseSeasons, named
from ...domain.text import say
from ...store import Store, StoreDamaged

_LOGGER = logging.getLogger(__name__)


class RequestSync:
    """Looks through the arrs when a person asks for it."""

    def __init__(
        self,
        store: Store,
        requests: RequestTracker,
        radarrs: Mapping[str, RadarrCoordinator],
        sonarrs: Mapping[str, SonarrCoordinator],
        seerrs: Mapping[str, SeerrCoordinator],
        now: Callable[[], datetime],
    ) -> None:
        """Take everything by hand."""
        self._store = store
        self._requests = requests
        self._radarrs = radarrs
        self._sonarrs = sonarrs
        self._seerrs = seerrs
        self._now = now

    async def sync(self) -> tuple[RequestView, ...]:
        """Follow what is monitored without a file, or under way. Raises ServiceError, StoreError.

        Nothing is followed unless every service answers.
        """
        for seerr in tuple(self._seerrs.values()):
            if not seerr.connected:
                raise Unreachable(seerr.title, say("error_which_titles_were_requested_there_not"))
        found: list[Request] = []
        for service, radarr in tuple(self._radarrs.items()):
            found += await self._movies(service, radarr)
        for service, sonarr in tuple(self._sonarrs.items()):
            found += await self._series(service, sonarr)
        fresh = [one for one in found if await self._is_new(one.title)]
        over = await self._requests.closed(one.ref for one in fresh)
        approved = EventKind.APPROVED
        await self._requests.asked(
            (one, (Event(approved, one.requested_at),)) for one in fresh if one.ref not in over
        )
        views = (self._requests.find(one.ref) for one in fresh)
        return tuple(view for view in views if view is not None)

    async def _is_new(self, title: Title) -> bool:
        """Tell whether nobody has asked for it, and we do not fetch it ourselves."""
        if not title.ids or self._requests.about(title.key):
            return False
        try:
            pursued = await self._store.acquisitions.for_title(title.key)
        except StoreDamaged as err:
            _LOGGER.warning("Not following %s: %s", title.label, err)
            return False
        return not any(one.state.open for one in pursued)

    async def _movies(self, service: str, radarr: RadarrCoordinator) -> list[Request]:
        under_way = {line.movie_id for line in await radarr.client.queue()}

        def wanted(one: RadarrMovie) -> Request | None:
            # A better file on its way for what is there is nobody's wish for the title.
            if one.has_file or not (one.monitored or one.id in under_way):
                return None
            return self._request(service, one.id, one.title, one.added, poster=one.poster)

        return list(await radarr.client.movies(wanted))

    async def _series(self, service: str, sonarr: SonarrCoordinator) -> list[Request]:
        under_way = {line.series_id for line in await sonarr.client.queue()}

        def wanted(one: SonarrSeries) -> Request | None:
            files = sum(season.files for season in one.seasons)
            if one.id not in under_way and not (one.monitored and not files):
                return None
            seasons = named(
                season.number
                for season in one.seasons
                if season.monitored and season.number > 0 and season.files < season.episodes
            )
            if seasons is None:
                return None  # all is there
            return self._request(
                service, one.id, one.title, one.added, seasons=seasons, poster=one.poster
            )

        return list(await sonarr.client.all_series(wanted))

    def _request(
        self,
        service: str,
        number: int,
        title: Title,
        added: datetime | None,
        *,
        seasons: TheseSeasons | None = None,
        poster: str = "",
    ) -> Request:
        ref = RequestRef(RequestSource.ARR, service, number).text
        return Request(
            ref,
            ref,
            title,
            min(added, self._now()) if added is not None else self._now(),
            seasons=seasons,
            poster=poster,
            arr=(service, number),
        )
