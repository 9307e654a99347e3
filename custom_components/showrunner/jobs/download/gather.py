"""Gather what a download decision is based on, from all services at once.

Every lookup ends as known, absent or unknown; a service that does not answer makes unknown what
only it could have told, and nothing else.
"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from ...clients.errors import ServiceError
from ...clients.jellyfin import JellyfinItem
from ...clients.radarr import RadarrMovie
from ...coordinators.jellyfin import JellyfinCoordinator
from ...coordinators.jellystat import JellystatCoordinator
from ...coordinators.playback import local_day
from ...coordinators.prowlarr import ProwlarrCoordinator
from ...coordinators.radarr import RadarrCoordinator
from ...domain.candidate import NOT_ASKED
from ...domain.decision import Candidate, Policy, Viewer
from ...domain.importing import ImportedItem, completed_days
from ...domain.knowledge import Absent, Knowledge, Known, Unknown, fmap, most
from ...domain.media import MediaType, ProviderIds, Title, UnitKind
from ...domain.text import Words, joined, say
from ...domain.watching import WatchPolicy
from ...store import Store
from . import facts
from .facts import Gathered, Holding, Wanted
from .radarr_match import Refused, Silent, held_by
from .remembered import remembered


class Gatherer:
    """Asks Jellyfin, every Radarr, the store and (only when it matters) Prowlarr."""

    def __init__(
        self,
        store: Store,
        jellyfin: JellyfinCoordinator,
        radarrs: Mapping[str, RadarrCoordinator],
        prowlarrs: Mapping[str, ProwlarrCoordinator],
        jellystats: Mapping[str, JellystatCoordinator],
    ) -> None:
        """Take what is asked."""
        self._store = store
        self._jellyfin = jellyfin
        self._radarrs = radarrs
        self._prowlarrs = prowlarrs
        self._jellystats = jellystats

    async def gather(
        self, wanted: Wanted, viewer: Viewer | None, policy: Policy, now: datetime
    ) -> Gathered:
        """Ask all but Prowlarr. Raises ServiceError only when not even the title is known."""
        if wanted.media is not MediaType.MOVIE:
            title = Title(wanted.media, wanted.ids, wanted.name, wanted.year)
            return self._bare(title, None, viewer)
        item = await self._item(wanted, viewer)
        known_item = item.value if isinstance(item, Known) else None
        if known_item is None and not wanted.ids and isinstance(item, Unknown):
            raise self._error(item)
        ids = wanted.ids.merged(known_item.unit.ids) if known_item else wanted.ids
        if known_item is not None and known_item.unit.kind is not UnitKind.MOVIE:
            return self._bare(known_item.unit.title, known_item, viewer)
        year = (known_item.unit.year if known_item else None) or wanted.year
        holdings, silent, refused = await self._ask_radarrs(ids, year, known_item)
        title = facts.title(wanted, known_item, holdings, ids)
        owner, adder, problem = self._owner(known_item, holdings, refused)
        # What a movie says that may be another one is not known of this one.
        unknown = silent if holdings else (*silent, *refused)
        candidate = await self._candidate(title, viewer, item, holdings, unknown, policy, now)
        return Gathered(candidate, known_item, owner, adder, problem, joined(silent))

    async def with_seeders(self, gathered: Gathered) -> Gathered:
        """Add Prowlarr's answer. Several Prowlarrs: the best seeded counts."""
        title = gathered.candidate.title
        if not self._prowlarrs:
            seeders: Knowledge[int] = Absent(say("no_prowlarr"))
        else:
            answers = await asyncio.gather(
                *(self._seeders(prowlarr, title) for prowlarr in self._prowlarrs.values())
            )
            unknown = [answer for answer in answers if isinstance(answer, Unknown)]
            # An indexer collection that did not answer may hold the missing seeders.
            seeders = unknown[0] if unknown else most(answers)
        return replace(gathered, candidate=replace(gathered.candidate, seeders=seeders))

    async def _seeders(self, prowlarr: ProwlarrCoordinator, title: Title) -> Knowledge[int]:
        try:
            return await prowlarr.client.seeders(title.ids, title.name, title.year)
        except ServiceError as err:
            return Unknown(err.text, "prowlarr")

    @staticmethod
    def _error(item: Unknown) -> ServiceError:
        return ServiceError("Jellyfin", item.reason)

    def _bare(self, title: Title, item: JellyfinItem | None, viewer: Viewer | None) -> Gathered:
        """A series is decided by its kind alone: nothing else is asked."""
        candidate = Candidate(title=title, viewer=viewer)
        return Gathered(candidate, item, None, None, "")

    async def _item(self, wanted: Wanted, viewer: Viewer | None) -> Knowledge[JellyfinItem]:
        user = viewer.user_id if viewer else None
        client = self._jellyfin.client
        try:
            if wanted.item_id is not None:
                found = await client.item(wanted.item_id, user)
            else:
                found = await client.find_movie(wanted.ids, wanted.name, user)
        except ServiceError as err:
            return Unknown(err.text, "jellyfin")
        return Absent("jellyfin") if found is None else Known(found, "jellyfin")

    async def _ask_radarrs(
        self, ids: ProviderIds, year: int | None, item: JellyfinItem | None
    ) -> tuple[tuple[Holding, ...], tuple[Words, ...], tuple[Words, ...]]:
        """Ask every Radarr: who holds it, who did not answer, who has what may be another movie."""
        answers = await asyncio.gather(
            *(held_by(radarr, ids, year, item) for radarr in self._radarrs.values())
        )
        return (
            tuple(answer for answer in answers if isinstance(answer, Holding)),
            tuple(answer.why for answer in answers if isinstance(answer, Silent)),
            tuple(answer.why for answer in answers if isinstance(answer, Refused)),
        )

    def _owner(
        self, item: JellyfinItem | None, holdings: tuple[Holding, ...], refused: tuple[Words, ...]
    ) -> tuple[Holding | None, RadarrCoordinator | None, Words]:
        """Find the right Radarr: the only one that holds it, else the one that owns its path."""
        if len(holdings) == 1:
            return holdings[0], None, ""
        if not holdings and refused:
            return None, None, joined(refused)
        if not holdings:
            if len(self._radarrs) == 1:
                return None, next(iter(self._radarrs.values())), ""
            names = tuple(radarr.title for radarr in self._radarrs.values())
            problem = say("none_holds_it", radarrs=names) if names else say("no_radarr_linked")
            return None, None, problem
        owning = [holding for holding in holdings if item and facts.owns(holding, item)]
        if len(owning) == 1:
            return owning[0], None, ""
        places = tuple(f"{h.radarr.title}: {h.movie.path}" for h in holdings)
        return None, None, say("several_hold_it", places=places)

    async def _candidate(
        self,
        title: Title,
        viewer: Viewer | None,
        item: Knowledge[JellyfinItem],
        holdings: tuple[Holding, ...],
        unknown: tuple[Words, ...],
        policy: Policy,
        now: datetime,
    ) -> Candidate:
        movies = tuple(holding.movie for holding in holdings)
        known_item = item.value if isinstance(item, Known) else None
        local = (facts.is_local(holding, known_item) for holding in holdings)
        silent = Unknown(joined(unknown), "radarr") if unknown else None
        rest: Knowledge[RadarrMovie] = silent or Absent("radarr")
        movie: Knowledge[RadarrMovie] = Known(movies[0], "radarr") if movies else rest
        sayings = [one.title.ids for one in movies]
        sayings += [] if known_item is None else [known_item.unit.ids]
        ours = await remembered(self._store, title.key, sayings)
        return Candidate(
            title=title,
            viewer=viewer,
            override=ours.word.policy,
            override_kind_told=ours.word.kind_told,
            override_doubt=ours.doubt,
            local=facts.any_says(local, silent),
            queued=facts.any_says((bool(h.queue) for h in holdings), silent),
            searched_at=_searched_at(ours.searched_at, movies, silent),
            deleted_at=ours.deleted_at,
            released=facts.released(movie),
            genres=facts.genres(movie, item),
            imdb_rating=facts.bind(movie, "imdb_rating"),
            imdb_votes=facts.bind(movie, "imdb_votes"),
            community_rating=facts.attribute(item, "community_rating", "jellyfin:community"),
            texts=facts.texts(movies, item),
            original_language=facts.attribute(movie, "original_language", "radarr"),
            seeders=Unknown(NOT_ASKED, "prowlarr"),
            favorite=fmap(item, lambda found: found.is_favorite),
            tags=facts.tags(holdings, rest),
            viewings=await self._viewings(viewer, item, policy, now),
            note=joined(holding.note for holding in holdings),
        )

    async def _viewings(
        self,
        viewer: Viewer | None,
        item: Knowledge[JellyfinItem],
        policy: Policy,
        now: datetime,
    ) -> Knowledge[int]:
        """Count completed viewings: the most of our history, Jellystat's, and Jellyfin's starts.

        Counts of others can only raise it, so one that is unknown matters only below the rewatch.
        """
        if viewer is None:
            return Absent(say("value_not_tracked"))
        plays: Knowledge[int] = fmap(item, lambda found: found.play_count)
        if isinstance(plays, Known):
            recent = isinstance(item, Known) and facts.recent(item.value, viewer, policy, now)
            plays = (
                Known(plays.value, "jellyfin:play_count (starts)")
                if recent
                else Absent(say("not_played_within"))
            )
        if not isinstance(item, Known):
            return plays
        days = viewer.rewatch_days or policy.rewatch_days
        since = now - timedelta(days=days)
        own = await self._store.viewings.completed_count(
            viewer.user_id, item.value.unit, since, policy.completion
        )
        best = most((Known(own, "history"), plays))
        enough = viewer.rewatch_count or policy.rewatch_count
        if isinstance(best, Known) and best.value >= enough:
            return best
        answers = await asyncio.gather(
            *(
                self._jellystat_count(one, viewer.user_id, item.value, since, policy, now)
                for one in self._jellystats.values()
            )
        )
        best = most((best, *answers))
        unknown = next((answer for answer in answers if isinstance(answer, Unknown)), None)
        if unknown is not None and not (isinstance(best, Known) and best.value >= enough):
            return unknown
        return best

    @staticmethod
    async def _jellystat_count(
        jellystat: JellystatCoordinator,
        user_id: str,
        item: JellyfinItem,
        since: datetime,
        policy: Policy,
        now: datetime,
    ) -> Knowledge[int]:
        """Count the days on which a Jellystat saw the viewer watch the film to its end."""
        if not item.runtime:
            return Absent(say("length_not_known"))
        if not jellystat.connected:
            # It was asked a moment ago: nobody's decision has to wait for it again.
            return Unknown(jellystat.last_error or say("it_does_not_answer"), "jellystat")
        try:
            rows = await jellystat.client.plays(item.unit.item_id, user_id, since)
        except ServiceError as err:
            return Unknown(err.text, "jellystat")
        watch = WatchPolicy(completion=policy.completion, min_seconds=0)
        imported = ImportedItem(item.unit, item.runtime)
        return Known(completed_days(rows, imported, watch, local_day, now), "jellystat")


def _searched_at(
    ours: Knowledge[datetime], movies: Iterable[RadarrMovie], silent: Unknown | None
) -> Knowledge[datetime]:
    """Take the last search by anybody: Radarr's own memory, and ours."""
    times = [at for at in (m.last_search for m in movies) if at is not None]
    match ours:
        case Unknown():
            return ours
        case Known(at):
            times.append(at)
    if times:
        return Known(max(times), "radarr, ledger")
    return silent or Absent("radarr, ledger")
