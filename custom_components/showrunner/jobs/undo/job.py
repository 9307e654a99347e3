"""Takes back what the ledger says that we did: as a plan, like every change.

What an operation kept of before says what takes it back. Where one plan changed a title several
times, it is put back to how it was before the first of these changes: a film that was unmonitored
and then deleted is monitored again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from ...clients.arr_queue import known_queue
from ...clients.radarr import RadarrClient, RadarrMovie
from ...clients.sonarr import SonarrClient
from ...coordinators.requests import RequestTracker
from ...domain.deletion.proofs import KEEP, WHOLE_TITLE
from ...domain.finding import Finding
from ...domain.identity import KnownAs
from ...domain.keeps import kept, on_title
from ...domain.knowledge import Answer, Knowledge, Known
from ...domain.media import MediaType, ProviderIds, TitleKey
from ...domain.plan import (
    Action,
    Check,
    DeleteMovie,
    MonitorEpisodes,
    Payload,
    Plan,
    Proceed,
    Proof,
    ProofKind,
    Protection,
    RestoreFile,
    RestoreMovie,
    RestoreSeries,
    Scope,
    SearchEpisodes,
    SearchMovie,
    Skip,
    Step,
    Subject,
    SubjectKind,
    Target,
)
from ...domain.text import Words, say
from ...operations import Linked, NotLinked, NotPossible, Operations
from ...store import LedgerRow, LedgerState
from ..kit.plan_runs import PlanRuns, RunParts
from ..refused import Refused
from .keeping import Keeping
from .left import Elsewhere, elsewhere, may_go_on
from .origins import NotUndoable, is_same_target, scope_of, target_of, title_of

JOB: Final = "undo"


class RowUnknown(Refused):
    """The ledger has no such row."""

    def __init__(self, ledger_id: int) -> None:
        """Take the id that was asked for."""
        super().__init__(translation_key="ledger_row_unknown", ledger_id=ledger_id)


class UndoJob:
    """Plans and carries out what takes one row of the ledger back."""

    def __init__(
        self,
        parts: RunParts,
        operations: Operations,
        linked: Linked,
        requests: RequestTracker,
        keeping: Keeping,
    ) -> None:
        """Take everything by hand."""
        self._keeping = keeping
        self._store = parts.store
        self._operations = operations
        self._linked = linked
        self._requests = requests
        self._now = parts.now
        self.runs = PlanRuns(JOB, self, parts, wish="ledger_id")

    async def undo(self, ledger_id: int, *, dry_run: bool, keep: bool = True) -> Plan:
        """Plan how a row is taken back and, unless it is a dry run, carry it out.

        Raises RowUnknown, NotUndoable, AlreadyRunning, ServiceError. A dry run that is not to be
        kept leaves no trace.
        """
        row = await self._store.ledger.get(ledger_id)
        if row is None:
            raise RowUnknown(ledger_id)
        steps = await self._steps(row)
        sources = {step.target.service for step in steps}
        if any(isinstance(step.payload, DeleteMovie) for step in steps):
            sources |= self._keeping.sources
        plan = self.runs.make(
            steps, dry_run=dry_run, intent={"ledger_id": ledger_id}, sources=sources
        )
        return await self.runs.start(plan, dry_run=dry_run, keep=keep)

    async def recheck(self, plan: Plan, step: Step, prepares: Sequence[Step]) -> Check:
        """Go on while the row is not taken back yet, and its title is what it was."""
        undone = await self._undone(step)
        if undone is not None or isinstance(step.payload, RestoreFile):
            # Whether a file is still in the trash, its operation looks right before it is done.
            return undone or Proceed()
        match step.payload:
            case RestoreMovie() as wish:
                return await self._may_restore(step, wish)
            case SearchMovie():
                return await self._may_search(step)
            case RestoreSeries() | MonitorEpisodes() | SearchEpisodes():
                return await self._about_series(step)
            case DeleteMovie():
                movie = await self._radarr(step).by_number(step.target.remote_id or 0)
                why = await self._against_removing(step, movie)
                return Proceed() if why is None else Skip(why)
        return Skip(say("step_no_operation"))

    async def _undone(self, step: Step) -> Skip | None:
        """Say whether somebody else has taken the row back since."""
        if step.undo_of is None:
            return None
        row = await self._store.ledger.get(step.undo_of)
        if row is None:
            return Skip(say("step_names_nothing"))
        at = row.undone_at
        return None if at is None else Skip(say("undone_already", at=at), needless=True)

    # -- planning ----------------------------------------------------------------------------------

    async def _steps(self, row: LedgerRow) -> tuple[Step, ...]:
        if row.undone_at is not None:
            raise NotUndoable(say("undone_already", at=row.undone_at))
        if row.step_id is None or row.state is LedgerState.BEGUN or not row.after:
            raise NotUndoable(say("undo_not_done"))
        operation = self._operations.get(Action(row.action))
        before = await self._before(row)
        payloads = () if operation is None else operation.undo(before, row.after)
        if not payloads:
            raise NotUndoable(say("undo_impossible"))
        if isinstance(payloads[0], RestoreFile):
            return (await self._put_back(row, payloads[0]),)
        entry: LedgerRow | None = None
        wishes: list[Payload] = [*payloads]
        target = target_of(row, payloads[0])
        if (moved := await self._moved(row, target, payloads)) is not None:
            target, entry = replace(target, remote_id=None), moved.entry
            wishes = [*([] if moved.back is None else [moved.back]), *wishes]
        steps: list[Step] = []
        for payload in wishes:
            mine = target if moved is not None else target_of(row, payload)
            if isinstance(wishes[0], RestoreSeries):
                # Added again it has another number, and so have its episodes.
                mine = replace(mine, remote_id=None)
            title = title_of(row, before, mine.ids)
            movie = title.media is MediaType.MOVIE
            first = entry is not None and not steps
            why = say("undo_entry_first") if first else say("undo_reason", number=row.id)
            step = Step(
                id=payload.ACTION.value,
                scope=scope_of(payload, movie=movie),
                subject=Subject.of_title(title),
                target=mine,
                payload=payload,
                reasons=(why,),
                # The first one takes it back; a search after it only fetches what went.
                undo_of=entry.id if entry is not None and first else _undoes(row, steps),
                after=tuple(one.id for one in steps),
            )
            steps.append(await self._proven(step) if isinstance(payload, DeleteMovie) else step)
        return tuple(steps)

    async def _moved(
        self, row: LedgerRow, target: Target, payloads: Sequence[Payload]
    ) -> Elsewhere | None:
        """Say where the series is of which something is undone; None: where it was.

        Raises NotUndoable where it is nowhere, and nothing says how to add it again.
        """
        client = self._linked.sonarr(target.service)
        if client is None or row.action == Action.DELETE_SERIES:
            return None
        found = await elsewhere(client, self._store, self._operations, target, payloads, row.id)
        if found is not None and found.lost:
            raise NotUndoable(say("undo_series_left"))
        return found

    async def _put_back(self, row: LedgerRow, payload: RestoreFile) -> Step:
        """Plan to take a file out of the trash, where it still is."""
        kind, _, key = (row.subject or "").partition(":")
        step = Step(
            id=payload.ACTION.value,
            scope=Scope.FILE,
            subject=Subject(SubjectKind(kind), key, row.title),
            target=Target("", "files", None, row.title, ProviderIds()),
            payload=payload,
            reasons=(say("undo_reason", number=row.id),),
            undo_of=row.id,
        )
        try:
            await self._operations[Action.RESTORE_FILE].snapshot(step)
        except NotPossible as err:
            raise NotUndoable(err.why) from err
        return step

    async def _before(self, row: LedgerRow) -> Mapping[str, object]:
        """Say how it was before the first change that the row's plan made to the same title."""
        if row.plan_id is None:
            return row.before
        first: Mapping[str, object] = {}
        for other in await self._store.ledger.for_plan(row.plan_id):
            if not first and other.before.get("record") and is_same_target(other, row):
                first = other.before
            if other.id == row.id:
                break
        kept = ("record", "monitored_episodes")
        return {**row.before, **{name: first[name] for name in kept if name in first}}

    # -- taking an addition back -------------------------------------------------------------------

    async def _proven(self, step: Step) -> Step:
        """Add what proves that the entry is the one, and that nothing keeps it (laws 4 and 6)."""
        try:
            movie = await self._radarr(step).by_number(step.target.remote_id or 0)
            why = await self._against_removing(step, movie)
        except NotPossible as err:
            raise NotUndoable(err.why) from err
        if movie is None or why is not None:
            raise NotUndoable(why or say("no_longer_in", arr="Radarr"))
        ours, wanted = " ".join(movie.title.ids.keys), " ".join(step.target.ids.keys)
        same = movie.title.ids.matches(step.target.ids)
        return replace(
            step,
            proofs=(Proof(ProofKind.ID, ours, wanted, same),),
            findings=(
                Finding(Protection.KEEP, Answer.NO, threshold=KEEP, source="radarr"),
                await self._kept(movie, await self._known_as(movie, step)),
            ),
        )

    def _radarr(self, step: Step) -> RadarrClient:
        client = self._linked.radarr(step.target.service)
        if client is None:
            raise NotLinked(say("arr_not_linked", arr="Radarr"))
        return client

    async def _against_removing(self, step: Step, movie: RadarrMovie | None) -> Words | None:
        """Say why a movie that we added stays; None: it may go. Raises ServiceError."""
        client = self._radarr(step)
        if movie is None:
            return say("no_longer_in", arr="Radarr")
        if movie.title.ids.matches(step.target.ids) is not Answer.YES:
            return say("movie_is_another", number=movie.id, title=movie.title.label)
        labels = await client.tags() if movie.tags else {}
        if (tag := self._keeping.tag(labels.get(one, KEEP) for one in movie.tags)) is not None:
            return say("has_keep_tag", tag=tag, arr="Radarr")
        known_as = await self._known_as(movie, step)
        if (kept := await self._kept(movie, known_as)).answer is not Answer.NO:
            return kept.detail
        title = known_as.value.every if isinstance(known_as, Known) else movie.title.key
        wanted = await self._wanted(client, movie, title)
        return wanted or await self._protected(step, movie)

    async def _protected(self, step: Step, movie: RadarrMovie) -> Words | None:
        """Say what keeps a movie as before every deletion. Raises ServiceError, StoreError."""
        row = None if step.undo_of is None else await self._store.ledger.get(step.undo_of)
        if row is None:
            return say("step_names_nothing")
        service, ids = step.target.service, step.target.ids
        return await self._keeping.against(service, movie, ids, row.begun_at)

    async def _known_as(self, movie: RadarrMovie, step: Step) -> Knowledge[KnownAs]:
        """Say by which ids a movie goes. Raises StoreError."""
        title = movie.title.key.joined(step.target.ids)
        return await self._store.titles.known_as(title)

    async def _kept(self, movie: RadarrMovie, known_as: Knowledge[KnownAs]) -> Finding:
        """Tell whether a person keeps a movie. Raises StoreError."""
        if not isinstance(known_as, Known):
            return kept(known_as, WHOLE_TITLE)
        now = self._now()
        words = await self._store.keeps.standing(now, known_as.value.every)
        return kept(on_title(words, known_as.value, now), WHOLE_TITLE)

    async def _wanted(
        self, client: RadarrClient, movie: RadarrMovie, title: TitleKey
    ) -> Words | None:
        """Say why somebody still wants a movie: for its file, its download, or on request."""
        if movie.has_file:
            return say("undo_has_file")
        queue = await known_queue(client, client.product, self._now())
        if any(line.movie_id == movie.id for line in queue):
            return say("undo_under_way")
        return say("undo_requested") if self._requests.about(title) else None

    # -- putting back ------------------------------------------------------------------------------

    async def _held(self, step: Step) -> RadarrMovie | None:
        """Find the movie by its ids: added again it has another number."""
        tmdb = step.target.ids.tmdb
        if tmdb is None:
            raise NotPossible(say("movie_without_tmdb"))
        return await self._radarr(step).movie_by_tmdb(tmdb)

    async def _may_restore(self, step: Step, wish: RestoreMovie) -> Check:
        movie = await self._held(step)
        if movie is None:
            return Proceed() if wish.add else Skip(say("no_longer_in", arr="Radarr"))
        elsewhere = (movie.root_folder or "").rstrip("/") != (wish.root_folder or "").rstrip("/")
        if not wish.add and wish.root_folder and movie.has_file and elsewhere:
            # Files are never moved: Radarr would look for it where it is not.
            return Skip(say("undo_would_lose_file"))
        return Proceed()

    async def _may_search(self, step: Step) -> Check:
        movie = await self._held(step)
        if movie is None:
            return Skip(say("no_longer_in", arr="Radarr"))
        if movie.has_file:
            return Skip(say("undo_file_is_there"), needless=True)
        client = self._radarr(step)
        queue = await known_queue(client, client.product, self._now())
        if any(line.movie_id == movie.id for line in queue):
            return Skip(say("in_queue_by_now"), needless=True)
        return Proceed()

    async def _about_series(self, step: Step) -> Check:
        """Go on with what is added again where it is gone, and with the rest where it is there."""
        client = self._linked.sonarr(step.target.service)
        if client is None:
            raise NotLinked(say("arr_not_linked", arr="Sonarr"))
        if isinstance(step.payload, RestoreSeries):
            return await _is_gone(client, step)
        return await may_go_on(client, step)


async def _is_gone(client: SonarrClient, step: Step) -> Check:
    tvdb = step.target.ids.tvdb
    if tvdb is None:
        raise NotPossible(say("series_without_tvdb"))
    if await client.series_by_tvdb(tvdb) is not None:
        return Skip(say("undo_series_is_there"), needless=True)
    return Proceed()


def _undoes(row: LedgerRow, steps: Sequence[Step]) -> int | None:
    """Say which row a step takes back: the first of those that do it, but for an entry's."""
    return None if any(one.undo_of == row.id for one in steps) else row.id
