"""Take over the history that others kept: Jellystat, Playback Reporting, Jellyfin's played flags.

Page by page: each page's items are looked up at once, the days that it closes are saved in one go.
A failure of either side stops the import with what was saved so far; running it again adds only
what is missing. What is played and watched becomes viewings, for tracked viewers alone; Jellyfin
itself keeps no plays, so its played flags become marks (watched, without a viewing).
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from itertools import batched
from typing import Final, Protocol

from ...clients.errors import Refused as RefusedByService, ServiceError
from ...clients.jellystat import JellystatClient
from ...clients.playback_reporting import PlaybackReportingClient
from ...domain.importing import HistoryFold, HistoryRow, ImportedItem, Refusal
from ...domain.knowledge import Absent, Knowledge, Known, Unknown
from ...domain.library import NO_TITLE, LibraryItem, MarkSource, WatchedMark
from ...domain.sweep_pages import HalfRead
from ...domain.text import Words, say
from ...domain.watching import ReportSource, Viewing, WatchPolicy
from ...signals import Signals, Topic
from ...store import Store, StoreError
from ..refused import Refused

JOB: Final = "import_history"
# Others want their turn with the store between two batches.
_BATCH: Final = 100

type Page = tuple[HistoryRow | Refusal, ...]


class ImportSource(StrEnum):
    """Where history comes from."""

    JELLYFIN = "jellyfin"
    PLAYBACK_REPORTING = "playback_reporting"
    JELLYSTAT = "jellystat"


class Library(Protocol):
    """What knows the items of the Jellyfin server, and what its users have played."""

    async def lookup(self, item_ids: Collection[str]) -> Mapping[str, Knowledge[LibraryItem]]:
        """Say of each id what it is."""
        ...

    async def sweep(self) -> None:
        """Read the library anew, with what the server keeps of the viewers."""
        ...


class Others(Protocol):
    """Who has kept what was watched."""

    def playback_reporting(self) -> PlaybackReportingClient:
        """Give Jellyfin's plugin."""
        ...

    def jellystats(self) -> Mapping[str, JellystatClient]:
        """Give the linked Jellystats by their subentries' ids."""
        ...


class ImportSettings(Protocol):
    """Whose history is imported, and how it counts."""

    def tracked_viewers(self) -> Collection[str]:
        """Name the viewers who are tracked now."""

    def policy_of_tracked(self, user_id: str) -> WatchPolicy | None:
        """Give a tracked viewer's thresholds, None for everybody else."""

    def kept_since(self) -> datetime | None:
        """Say since when viewings are kept; None when all are."""


class ImportRunning(Refused):
    """An import is under way (law 11)."""

    callers_mistake = False

    def __init__(self, source: ImportSource, since: datetime) -> None:
        """Name the first run."""
        super().__init__(translation_key="import_running", source=source.value, since=since)


def words_of_error(error: BaseException) -> Words:
    """Say what went wrong, for people."""
    match error:
        case ServiceError() | StoreError():
            return error.text
        case HalfRead():
            return error.said
        case _:
            return str(error)


class ImportFailed(Refused):
    """An import ended early; what it had saved by then stays."""

    callers_mistake = False

    def __init__(self, error: Exception, imported: int) -> None:
        """Take what went wrong, and how much was imported before."""
        super().__init__(
            translation_key="import_failed", error=words_of_error(error), imported=str(imported)
        )


class NothingTracked(Refused):
    """No viewer is tracked, so there is nobody to import for."""

    def __init__(self) -> None:
        """There is nothing more to say."""
        super().__init__(translation_key="nobody_tracked")


class JellystatUnknown(Refused):
    """It is not said which Jellystat is meant, or that one is not linked."""

    def __init__(self, service: str | None, *, many: bool) -> None:
        """Take what was said, and whether there are several to choose from."""
        key = "jellystat_many" if many and not service else "jellystat_unknown"
        super().__init__(translation_key=key, service=service or "Jellystat")


@dataclass(slots=True)
class ImportCounts:
    """What an import did: viewings (marks, for Jellyfin) that are new, and that were known."""

    imported: int = 0
    known: int = 0
    refused: Counter[Refusal] = field(default_factory=Counter)

    def as_dict(self) -> dict[str, object]:
        """Give what the action answers."""
        return {
            "imported": self.imported,
            "known": self.known,
            "rejected": self.refused.total(),
            "reasons": {why.value: count for why, count in sorted(self.refused.items()) if count},
        }


class HistoryImport:
    """Imports for one entry, one at a time."""

    def __init__(
        self,
        store: Store,
        signals: Signals,
        library: Library,
        settings: ImportSettings,
        others: Others,
        *,
        server_id: str,
        day_of: Callable[[datetime], date],
        now: Callable[[], datetime],
        settle: Callable[[str], Awaitable[object]],
    ) -> None:
        """Take the library, the settings, and `settle`, which knows milestones in silence.

        `others` are asked what they kept.
        """
        self._store = store
        self._signals = signals
        self._library = library
        self._server_id = server_id
        self._settings = settings
        self._others = others
        self._viewers = settings.tracked_viewers
        self._day_of = day_of
        self._now = now
        self._settle = settle
        self._running: tuple[ImportSource, datetime] | None = None
        self._task: asyncio.Task[None] | None = None

    async def run(self, source: ImportSource, service: str | None = None) -> ImportCounts:
        """Import what others kept. `service`: which Jellystat, where there are several.

        Raises ImportRunning, ImportFailed, NothingTracked, JellystatUnknown.
        """
        match source:
            case ImportSource.JELLYFIN:
                return await self.from_jellyfin()
            case ImportSource.PLAYBACK_REPORTING:
                return await self.from_playback_reporting(self._others.playback_reporting())
        linked = self._others.jellystats()
        known = linked.get(service) if service else None
        if service is None and len(linked) == 1:
            known = next(iter(linked.values()))
        if known is None:
            raise JellystatUnknown(service, many=bool(linked))
        return await self.from_jellystat(known)

    async def from_jellystat(self, client: JellystatClient) -> ImportCounts:
        """Import every play that a Jellystat kept. Raises ImportRunning, ImportFailed."""

        async def work(counts: ImportCounts) -> None:
            await client.status()
            fold = self._fold(ReportSource.JELLYSTAT, counts, newest_first=True)
            seen = False
            async for page in _jellystat_pages(client, tuple(self._viewers())):
                seen = seen or bool(page)
                if page is not None:
                    await self._page(fold, page, counts)
                else:
                    await self._keep(fold.finish(), counts)
            if not seen and not await client.has_history():
                raise ServiceError("Jellystat", say("error_knows_no_play_all_which_not"))

        return await self._run(ImportSource.JELLYSTAT, work)

    async def from_playback_reporting(self, client: PlaybackReportingClient) -> ImportCounts:
        """Import every play that the plugin kept. Raises ImportRunning, ImportFailed."""

        async def work(counts: ImportCounts) -> None:
            fold = self._fold(ReportSource.PLAYBACK_REPORTING, counts, newest_first=False)
            async for page in client.history(tuple(self._viewers())):
                await self._page(fold, page, counts)
            await self._keep(fold.finish(), counts)

        return await self._run(ImportSource.PLAYBACK_REPORTING, work)

    async def from_jellyfin(self) -> ImportCounts:
        """Take over what the server has as played, as marks. Raises ImportRunning, ImportFailed."""

        async def work(counts: ImportCounts) -> None:
            counts.known = await self._marked()
            try:
                await self._library.sweep()
            finally:
                counts.imported = await self._marked() - counts.known

        return await self._run(ImportSource.JELLYFIN, work)

    async def _marked(self) -> int:
        return sum([await self._store.watched.count(one) for one in tuple(self._viewers())])

    async def stop(self) -> None:
        """End a running import; what it saved stays."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    # -- one run ---------------------------------------------------------------------------------

    async def _run(
        self, source: ImportSource, work: Callable[[ImportCounts], Awaitable[None]]
    ) -> ImportCounts:
        if self._running is not None:
            raise ImportRunning(*self._running)
        if not self._viewers():
            raise NothingTracked
        counts = ImportCounts()
        self._running = (source, self._now())
        task = self._task = asyncio.ensure_future(self._guarded(work, counts))
        try:
            await asyncio.wait({task})
        finally:
            # Whoever asked may be gone; then nobody waits for the answer.
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            self._running = self._task = None
        error = (
            ServiceError("Showrunner", say("error_stopped"))
            if task.cancelled()
            else task.exception()
        )
        attributes = {"job": JOB, "source": source.value, **counts.as_dict()}
        if error is not None:
            self._signals.send(Topic.JOB, "failed", attributes | {"reason": words_of_error(error)})
            if isinstance(error, ServiceError | StoreError | HalfRead):
                raise ImportFailed(error, counts.imported) from error
            raise error
        self._signals.send(Topic.JOB, "done", attributes)
        return counts

    async def _guarded(
        self, work: Callable[[ImportCounts], Awaitable[None]], counts: ImportCounts
    ) -> None:
        try:
            await work(counts)
        finally:
            if counts.imported:
                for viewer_id in self._viewers():
                    await self._settle(viewer_id)

    def _fold(
        self, source: ReportSource, counts: ImportCounts, *, newest_first: bool
    ) -> HistoryFold:
        fold = HistoryFold(
            source,
            self._server_id,
            self._settings.policy_of_tracked,
            self._day_of,
            self._now(),
            newest_first=newest_first,
            kept_since=self._settings.kept_since(),
        )
        counts.refused = fold.refused
        return fold

    async def _page(self, fold: HistoryFold, page: Page, counts: ImportCounts) -> None:
        """Take in a page. Nothing of it is kept when an item can't be told: that is not "gone"."""
        wanted = fold.wanted(page)
        looked_up = await self._library.lookup(wanted) if wanted else {}
        items: dict[str, ImportedItem | None] = {}
        for item_id in wanted:
            match looked_up.get(item_id, Unknown(say("no_answer"))):
                case Known(item):
                    items[item_id] = _item(item)
                case Unknown(reason):
                    raise ServiceError("Jellyfin", reason)
                case Absent(source) if source == NO_TITLE:
                    items[item_id] = None  # an intro before the film, say
                case Absent():
                    pass
        await self._keep(fold.take(page, items), counts)

    async def _keep(self, viewings: Collection[Viewing], counts: ImportCounts) -> None:
        for some in batched(viewings, _BATCH, strict=False):
            saved = await self._store.viewings.import_many(some)
            created = sum(one.created for one in saved)
            counts.imported += created
            counts.known += len(saved) - created
            await self._mark(one.viewing for one in saved if one.viewing.completed)

    async def _mark(self, completed: Iterable[Viewing]) -> None:
        """Remember as watched, for ever, what was completed."""
        marks: dict[str, list[WatchedMark]] = {}
        for one in completed:
            mark = WatchedMark(one.unit.keys, one.unit.item_id, one.ended_at, MarkSource.IMPORT)
            marks.setdefault(one.viewer_id, []).append(mark)
        for viewer_id, found in marks.items():
            await self._store.watched.mark(viewer_id, found)


def _item(item: LibraryItem) -> ImportedItem | None:
    return None if item.unit is None else ImportedItem(item.unit, item.runtime)


async def _jellystat_pages(
    client: JellystatClient, viewers: Collection[str]
) -> AsyncIterator[Page | None]:
    """Give the pages of each viewer, and None where one's history ends.

    A Jellystat that can't tell a user's plays shows at least those that it groups.
    """
    try:
        for viewer_id in viewers:
            async for page in client.user_history(viewer_id):
                yield page
            yield None
    except RefusedByService as err:
        if err.status != 404:  # noqa: PLR2004
            raise
        async for page in client.history():
            yield page
            yield None
