"""Why a movie that we added stays, whatever undoes its addition: everything that keeps a movie.

The same is asked as before every deletion, of the same services (laws 1, 3 and 6). What nobody can
say keeps it.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Final

from ...clients.errors import ServiceError
from ...clients.radarr import RadarrMovie
from ...coordinators.arr_inventory import of_movie
from ...domain.candidate import Override
from ...domain.deletion.facts import Evidence, Favorites, ProofFacts
from ...domain.deletion.proofs import KEEP, against_touching
from ...domain.inventory import ArrTitle
from ...domain.knowledge import Answer, Knowledge, Known, Unknown
from ...domain.media import MediaType, ProviderIds, Title, Unit, UnitKind
from ...domain.paths import contains
from ...domain.retention import RetentionPolicy
from ...domain.text import Words, say
from ...settings import Settings
from ...store import Store
from ..facts.title_asker import TitleAsker

_EVERY: Final = ("cleanup", "purge")


def keep_tags(settings: Settings) -> frozenset[str] | None:
    """Name every tag that keeps something, as tags are compared; None: the options can't be read.

    Also those that keep torrents: whoever gives one to a movie wants the same.
    """
    found: list[object] = [KEEP]
    for section in _EVERY:
        page = settings.page(section)
        found.append(page.get("keep_tag", KEEP))
        more = page.get("keep_tags", [])
        found += more if isinstance(more, list | tuple) else [None]
    if not all(isinstance(one, str) for one in found):
        return None
    return frozenset(RetentionPolicy(keep_tag=str(one)).tag for one in found)


class Keeping:
    """Asks for one movie at a time."""

    def __init__(
        self,
        titles: TitleAsker,
        store: Store,
        tags: Callable[[], frozenset[str] | None],
        viewers: Callable[[], Mapping[str, str]],
        now: Callable[[], datetime],
    ) -> None:
        """Take everything by hand. `viewers` are all that are tracked, also who does not count."""
        self._titles = titles
        self._store = store
        self._tags = tags
        self._viewers = viewers
        self._now = now

    @property
    def sources(self) -> frozenset[str]:
        """Name what the answers stand on that can suddenly fall (law 9)."""
        return self._titles.sources

    def tag(self, labels: Iterable[str]) -> str | None:
        """Give the tag that keeps a movie; None: it has none that does."""
        wanted = self._tags()
        for label in labels:
            if wanted is None or label.strip().casefold() in wanted:
                return label
        return None

    async def against(
        self, service: str, movie: RadarrMovie, ids: ProviderIds, since: datetime
    ) -> Words | None:
        """Say why a movie that was added then stays; None: nothing keeps it.

        Raises ServiceError and StoreError.
        """
        arr = self._titles.radarrs.get(service)
        if arr is None:
            return say("arr_not_linked", arr="Radarr")
        record = await of_movie(arr, movie)
        title = Title(MediaType.MOVIE, ids.merged(movie.title.ids), movie.title.name, record.year)
        found = await self._titles.with_items(title, lambda _: True, ProofFacts(Known(record)))
        found = await self._titles.with_protection(title, found)
        known_as = await self._titles.known_as(title, found)
        keeps = await self._titles.keeps(known_as)
        proofs = ProofFacts(Known(record), evidence=found.evidence, keeps=keeps)
        for objection in against_touching(record, proofs, ids):
            return objection.reason
        if not isinstance(known_as, Known):
            return say("retention_override")
        (said,) = await self._store.said_of([known_as.value], self._now())
        if Override.ALWAYS in (said.override, *said.doubtful_overrides):
            return say("retention_override")
        if not isinstance(found.evidence, Known):
            return say("jellyfin_not_where", why=_silence(found.evidence))
        items = [one for one in found.evidence.value if one.ids.matches(title.ids) is not Answer.NO]
        return (
            _lies_there(record, items)
            or _loved(found.favorites, items)
            or _plays(found.playing, items, title)
            or await self._played(title, items, since)
        )

    async def _played(self, title: Title, items: list[Evidence], since: datetime) -> Words | None:
        """Say who has watched something of it since it was added, or is in the middle of it."""
        unit = Unit(UnitKind.MOVIE, title.name, "", "", title.ids, title.year)
        for viewer, name in self._viewers().items():
            try:
                rows = await self._titles.evidence.kept(viewer, title, items)
            except ServiceError as err:
                return say("viewings_unknown", why=err.text)
            if any(
                row.position > 0 or (row.last_played is not None and row.last_played >= since)
                for row in rows.values()
            ) or await self._store.viewings.last_of(viewer, unit, since):
                return say("undo_played", viewer=name)
        return None


def _lies_there(record: ArrTitle, items: Iterable[Evidence]) -> Words | None:
    """Say that Jellyfin shows something in the movie's folder, whatever Radarr has of it."""
    for path in (path for one in items for path in one.paths):
        there = record.path_map.to_there(path)
        if there is None or contains(record.path, there):
            return say("undo_has_file")
    return None


def _loved(favorites: Knowledge[tuple[Favorites, ...]], items: Iterable[Evidence]) -> Words | None:
    if not isinstance(favorites, Known):
        return say("jellyfin_not_favorites", why=_silence(favorites))
    mine = {one.item_id for one in items}
    for one in favorites.value:
        if one.within or one.item_ids & mine:
            return say("favorite_of", viewer=one.viewer)
    return None


def _plays(
    playing: Knowledge[tuple[Unit, ...]], items: Iterable[Evidence], title: Title
) -> Words | None:
    if not isinstance(playing, Known):
        return say("jellyfin_not_playing", why=_silence(playing))
    mine = {one.item_id for one in items}
    if any(o.item_id in mine or o.ids.matches(title.ids) is Answer.YES for o in playing.value):
        return say("playing_now")
    return None


def _silence(answer: Knowledge[object]) -> Words:
    return answer.reason if isinstance(answer, Unknown) else say("nothing_said")
