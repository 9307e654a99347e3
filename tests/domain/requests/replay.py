"""A household that changes while a deletion is carried out in it: what is true, and what it tells.

Mutable and plain. Every step has its effect here, and is refused loudly where a law forbids it. The
services are late, as the real ones are: Jellyfin misses a file after a while, and an arr's queue
names a removed torrent until it has looked again.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from custom_components.showrunner.domain.deletion.draft import Deletion
from custom_components.showrunner.domain.deletion.facts import Evidence, Favorites, SeerrSide
from custom_components.showrunner.domain.inventory import ArrFile, ArrTitle, ArrUnit
from custom_components.showrunner.domain.keeps import Keep
from custom_components.showrunner.domain.knowledge import Absent, Known, Unknown
from custom_components.showrunner.domain.media import MOVIE, Place, Unit, UnitKind
from custom_components.showrunner.domain.paths import PathMap, PathPair
from custom_components.showrunner.domain.plan import (
    Action,
    DeleteEpisodeFiles,
    DeleteMovieFile,
    Plan,
    Pool,
    Progress,
    RemoveTorrent,
    Step,
    StepState,
    UnmonitorEpisodes,
    begun,
    chosen,
)
from custom_components.showrunner.domain.plan.guards import against_carrying_out
from custom_components.showrunner.domain.requests.deletion import plan_deletion
from custom_components.showrunner.domain.requests.holdings import (
    ClientTorrent,
    Gathered,
    Queued,
)
from custom_components.showrunner.domain.requests.recheck import against_doing
from custom_components.showrunner.domain.requests.request import Request
from custom_components.showrunner.domain.torrents import Torrent, TorrentState

from .samples import at, status

MAP = PathMap((PathPair("/media", "/data"),))
FOLDER = "/data/title"
SILENT = Unknown("no answer")


def files_of(step: Step) -> tuple[int, ...]:
    """Give the numbers of the files that a step deletes."""
    assert isinstance(step.payload, DeleteMovieFile | DeleteEpisodeFiles)
    return tuple(file.id for file in step.payload.files)


def episodes_of(step: Step) -> tuple[int, ...]:
    """Give the numbers of the episodes that a step unmonitors."""
    assert isinstance(step.payload, UnmonitorEpisodes)
    return step.payload.episodes


def hash_of(step: Step) -> str:
    """Give the hash of the torrent that a step removes."""
    assert isinstance(step.payload, RemoveTorrent)
    return step.payload.hash


@dataclass
class File:
    """A file in the arr. `shown`: how long Jellyfin goes on to show it when it is gone."""

    id: int
    places: frozenset[Place]
    size: int = 100
    there: bool = True
    shown: int = 3
    proven: bool = True
    loved: bool = False
    playing: bool = False

    @property
    def path(self) -> str:
        """Where the arr has it."""
        return f"{FOLDER}/{self.id}.mkv"

    @property
    def visible(self) -> bool:
        """Whether Jellyfin has an item there."""
        return self.there or self.shown > 0


@dataclass
class Download:
    """A torrent. `told`: for what our facts say that it was grabbed; `queued`: the arr names it."""

    hash: str
    places: frozenset[Place]
    told: frozenset[Place | None]
    state: TorrentState = TorrentState.DOWNLOADING
    complete: bool = False
    in_client: bool = True
    queued: int = 2
    kept: bool = False
    awaited: bool = False  # by another open request
    busy: int = 0  # how long its client still works on its data

    @property
    def goes_on(self) -> bool:
        """Whether it is under way."""
        return self.in_client and not self.complete


@dataclass
class Household:
    """The truth, and what was written."""

    request: Request
    files: dict[int, File]
    monitored: dict[Place, bool]
    downloads: dict[str, Download] = field(default_factory=dict)
    held: bool = True
    kept: bool = False
    words: frozenset[int | None] = frozenset()  # the seasons that a person keeps; None: all of it
    others: tuple[Request, ...] = ()
    asked: bool = True  # in Seerr
    open: bool = True  # here
    media: bool = True
    lone: bool = True
    silent: set[str] = field(default_factory=set)
    log: list[str] = field(default_factory=list)

    # -- what it tells ---------------------------------------------------------------------------

    @property
    def record(self) -> ArrTitle | None:
        """The title in its arr."""
        if not self.held:
            return None
        movie = self.request.is_movie
        of = {p: file.id for file in self.files.values() if file.there for p in file.places}
        return ArrTitle(
            "arr",
            "radarr" if movie else "sonarr",
            "Radarr" if movie else "Sonarr",
            4,
            self.request.ids,
            FOLDER,
            frozenset({"keep"} if self.kept else ()),
            tuple(
                ArrUnit(self.unit_id(place), place, on, of.get(place))
                for place, on in self.monitored.items()
            ),
            tuple(
                ArrFile(file.id, file.path, file.size, file.places)
                for file in self.files.values()
                if file.there
            ),
            MAP,
        )

    def unit_id(self, place: Place) -> int:
        """Give the arr's number of a unit."""
        return 4 if place == MOVIE else place.season * 100 + place.episode

    def _evidence(self) -> Iterator[Evidence]:
        for file in self.files.values():
            if file.visible and any(self.wants(self.request, p) for p in file.places):
                ids = self.request.ids if file.proven else type(self.request.ids)(tmdb=5)
                here = file.path.replace("/data", "/media")
                yield Evidence(f"j{file.id}", ids, file.places, (here,), "show")

    def _playing(self) -> Iterator[Unit]:
        kind = UnitKind.MOVIE if self.request.is_movie else UnitKind.EPISODE
        for file in self.files.values():
            for place in sorted(file.places) if file.playing else ():
                yield Unit(
                    kind,
                    "x",
                    "s",
                    f"j{file.id}",
                    series_item_id=None if self.request.is_movie else "show",
                    season=None if self.request.is_movie else place.season,
                    episode=None if self.request.is_movie else place.episode,
                )

    def _torrents(self) -> Iterator[ClientTorrent]:
        for one in self.downloads.values():
            if one.in_client:
                torrent = Torrent(
                    hash=one.hash,
                    name=one.hash,
                    size_bytes=1000,
                    done_bytes=1000 if one.complete else 400,
                    uploaded_bytes=0,
                    progress=100.0 if one.complete else 40.0,
                    ratio=None,
                    state=TorrentState.CHECKING if one.busy else one.state,
                    complete=one.complete and not one.busy,
                    is_active=True,
                    tags=frozenset({"keep"} if one.kept else ()),
                    content_path=f"/torrents/{one.hash}",
                )
                yield ClientTorrent("q", "qBittorrent", torrent, removes_data=True)

    def _queue(self) -> Iterator[Queued]:
        for one in self.downloads.values():
            for place in sorted(one.places) if one.queued and self.held else ():
                unit = None if self.request.is_movie else self.unit_id(place)
                yield Queued("arr", 4, unit, one.hash)

    def _downloads(self) -> tuple[tuple[str, frozenset[Place | None]], ...]:
        """Name what is waited for by facts or by the queue, as it is gathered."""
        queued = {line.download for line in self._queue()}
        return tuple(
            (one.hash, one.told)
            for one in self.downloads.values()
            if (one.told or one.hash in queued)
            and any(p is None or self.wants(self.request, p) for p in one.told or one.places)
            and not self._imported(one)
        )

    def _imported(self, one: Download) -> bool:
        there = {p for file in self.files.values() if file.there for p in file.places}
        return one.complete and not one.queued and one.places <= there

    def gathered(self, *, files: bool) -> Gathered:
        """Answer everything, but what is silent."""
        record = self.record
        changed = Gathered(
            record=Absent("arr") if record is None else Known(record),
            downloads=self._downloads(),
            others=self.others,
            other_downloads=frozenset(d.hash for d in self.downloads.values() if d.awaited),
            queue=Known(tuple(self._queue())),
            torrents=Known(tuple(self._torrents())),
            keeps=Known(
                tuple(Keep(self.request.title.key, one, None, at(0), "x") for one in self.words)
            ),
            seerr=Known(SeerrSide("x", 1, self.request.ids, 77 if self.media else None, self.lone))
            if self.asked
            else Absent("seerr"),
        )
        if files:
            loved = frozenset(f"j{f.id}" for f in self.files.values() if f.loved and f.visible)
            changed = replace(
                changed,
                rivals=Known(()),
                evidence=Known(tuple(self._evidence())),
                favorites=Known((Favorites("Sofa", loved),)),
                playing=Known(tuple(self._playing())),
            )
        quiet = {name: SILENT for name in self.silent if getattr(changed, name) is not None}
        return replace(changed, **quiet)  # type: ignore[arg-type]

    def deletion(self, *, files: bool) -> Deletion:
        """Plan with what it tells now."""
        gathered = self.gathered(files=files)
        return plan_deletion(self.request, status(self.request, ()), gathered, files=files)

    # -- what is true ------------------------------------------------------------------------------

    @staticmethod
    def wants(request: Request, place: Place) -> bool:
        """Tell whether a request asks for a unit."""
        return place == MOVIE if request.is_movie else request.wants(place.season)

    def mine(self, places: frozenset[Place]) -> bool:
        """Tell whether units are this request's, and no other's."""
        return all(
            self.wants(self.request, p) and not any(self.wants(o, p) for o in self.others)
            for p in places
        )

    def keeps(self, places: frozenset[Place]) -> bool:
        """Tell whether somebody keeps the title, or a season of these units."""
        return self.kept or None in self.words or bool(self.words & {p.season for p in places})

    def protected(self, places: frozenset[Place]) -> bool:
        """Tell whether something protects a title or these units of it, or nothing proves them."""
        return self.keeps(places) or any(
            file.places & places and (file.loved or file.playing or not file.proven)
            for file in self.files.values()
            if file.there
        )

    def of_it(self) -> list[Download]:
        """List the downloads that are under way for this request and that nobody else waits for."""
        return [
            one
            for one in self.downloads.values()
            if one.goes_on
            and not one.awaited
            and any(self.wants(self.request, p) for p in one.places)
            and self.mine(frozenset(p for p in one.places if self.wants(self.request, p)))
        ]

    def reached(self, step: Step) -> bool:
        """Tell whether what a step is for is so."""
        match step.action:
            case Action.UNMONITOR_MOVIE:
                return not self.held or not self.monitored[MOVIE]
            case Action.UNMONITOR_EPISODES:
                wanted = episodes_of(step)
                return not any(on and self.unit_id(p) in wanted for p, on in self.monitored.items())
            case Action.REMOVE_TORRENT:
                one = self.downloads[hash_of(step)]
                return not one.in_client or self._imported(one)
            case Action.DELETE_FILE | Action.DELETE_EPISODE_FILES:
                return not any(self.files[one].there for one in files_of(step))
            case Action.DELETE_MOVIE:
                return not self.held
            case Action.FORGET_MEDIA:
                return not self.media
            case _:
                return not self.asked and not self.open

    def unchanged(self, deletion: Step) -> bool:
        """Tell whether a deletion would still take what it was planned to take, or nothing."""
        if deletion.action not in (Action.DELETE_FILE, Action.DELETE_EPISODE_FILES):
            return True
        there = [self.files[one] for one in files_of(deletion)]
        there = [file for file in there if file.there]
        return not there or sum(file.size for file in there) == deletion.cost.bytes

    # -- what is done ------------------------------------------------------------------------------

    def do(self, step: Step, *, files: bool) -> None:
        """Carry a step out. Raises AssertionError where a law forbids it in this moment."""
        self.log.append(step.id)
        assert against_carrying_out(step) is None
        match step.action:
            case Action.UNMONITOR_MOVIE:
                self._unmonitor([MOVIE], files=files)
            case Action.UNMONITOR_EPISODES:
                wanted = episodes_of(step)
                places = [p for p in self.monitored if self.unit_id(p) in wanted]
                self._unmonitor(places, files=files)
            case Action.REMOVE_TORRENT:
                self._remove(self.downloads[hash_of(step)])
            case Action.DELETE_FILE | Action.DELETE_EPISODE_FILES:
                for one in files_of(step):
                    self._delete(self.files[one])
            case Action.DELETE_MOVIE:
                assert self.held
                assert not any(file.there for file in self.files.values()), "its file stays"
                assert not self.monitored[MOVIE], "it is monitored"
                assert not self.keeps(frozenset(self.monitored))
                assert not self.of_it(), "a download goes on that nobody can name any more"
                self.held = False
            case Action.FORGET_MEDIA:
                self._close(files=files)
                assert not any(file.visible for file in self._asked_files()), "Seerr finds it again"
                self.media = self.asked = False
            case Action.DELETE_REQUEST:
                self._close(files=files)
                self.asked = self.open = False

    def _unmonitor(self, places: list[Place], *, files: bool) -> None:
        assert self.held
        touched = frozenset(places)
        assert self.mine(touched), "somebody else wants it"
        assert not self.keeps(touched), "it is kept"
        if files:
            assert not self.protected(touched), "what is not deleted is unmonitored"
        self.monitored |= dict.fromkeys(places, False)

    def _remove(self, one: Download) -> None:
        assert one.goes_on, "it is complete"
        assert self.held, "nobody can prove whose it is"
        assert not one.busy, "its client works on its data"
        assert not one.kept
        assert not one.awaited
        assert not self.keeps(one.places)
        assert None not in one.told, "it may be for something else"
        assert one.told == one.places
        assert self.mine(one.places)
        assert not any(self.monitored[p] for p in one.places), "it would be fetched again"
        one.in_client = False

    def _delete(self, file: File) -> None:
        assert self.held
        assert file.there
        assert file.proven, "one proof is none"
        assert not self.protected(file.places), "it is protected"
        assert self.mine(file.places), "somebody else wants it"
        assert not any(self.monitored[p] for p in file.places), "it is monitored"
        assert not any(file.places & one.places for one in self.of_it()), "it would come back"
        file.there = False

    def _asked_files(self) -> list[File]:
        return [
            file
            for file in self.files.values()
            if any(self.wants(self.request, p) for p in file.places)
        ]

    def _close(self, *, files: bool) -> None:
        assert self.open
        assert not self.of_it(), "a download goes on for ever"
        if files:
            left = [f for f in self._asked_files() if f.there and self.mine(f.places)]
            # What no arr holds nobody can delete.
            assert not left or not self.held, "what was asked to go is there"

    def tick(self) -> None:
        """Let some time pass."""
        for file in self.files.values():
            if not file.there:
                file.shown = max(file.shown - 1, 0)
        for one in self.downloads.values():
            if not one.in_client:
                one.queued = max(one.queued - 1, 0)
            one.busy = max(one.busy - 1, 0)


# -- how a plan is carried out ---------------------------------------------------------------------

type Between = Callable[[Household, int], None]


def planned(household: Household, *, files: bool) -> Plan:
    """Make a plan of it; an empty one when it is over."""
    deletion = household.deletion(files=files) if household.open else Deletion((), ())
    return Plan(
        "p",
        "delete_request",
        False,
        at(0),
        at(9_999),
        deletion.steps,
        intent={"request_id": household.request.id, "files": files},
        populations={Pool.LIBRARY: 10_000, Pool.TORRENTS: 1_000},
    )


def step_once(household: Household, plan: Plan, step: Step) -> Step:
    """Try a step as the runner and its hand do."""
    against = Progress(plan).held(step)
    files = plan.intent["files"] is True
    if against is None:
        fresh = household.deletion(files=files) if household.open else None
        against = against_doing(step, fresh, Progress(plan).prepared(step))
    if against is None:
        for deletion in Progress(plan).prepared(step):
            assert household.unchanged(deletion), "what it is done for can't be done"
        household.do(step, files=files)
        return replace(step, state=StepState.DONE, waits=False)
    if hasattr(against, "needless"):
        return replace(
            step,
            state=StepState.SKIPPED,
            detail=against.reason,
            needless=against.needless,
            waits=False,
        )
    return replace(step, detail=against.reason)


def run(household: Household, plan: Plan, between: Between, *, stop: int | None = None) -> Plan:
    """Carry out what can be, from the top; with `stop` only so many steps are tried."""
    wanted = [step.id for step in plan.waiting] or None
    ids = chosen(plan, wanted)
    plan = begun(plan, ids)
    for tried, step in enumerate(one for one in plan.steps if one.id in ids):
        if tried == stop:
            break
        between(household, len(household.log))
        plan = plan.with_steps([step_once(household, plan, step)])
    return plan


def nothing(household: Household, done: int) -> None:
    """Let nothing happen in between."""


def finish(household: Household, plan: Plan, between: Between = nothing, rounds: int = 12) -> Plan:
    """Come back to a plan until nothing waits any more, or for as long as it holds."""
    plan = run(household, plan, between)
    for _ in range(rounds):
        if not plan.waiting:
            break
        household.tick()
        plan = run(household, plan, between)
    return plan
