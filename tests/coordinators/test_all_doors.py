"""Forged, replayed and shuffled bodies of all four doors at once, while films play: after the next
healthy reads everything is as polling alone would have it (law 13).

One house hears them all, its twin only reads. What people see of requests, what is closed, what
counts as watched, what leads to a download and what is open are the same in both.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
import copy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
import json
import os
from random import Random
from types import SimpleNamespace
from typing import Any, cast

from hypothesis import HealthCheck, event, example, given, settings, strategies as st

from custom_components.showrunner.clients.errors import NotOurs
from custom_components.showrunner.clients.jellyfin import JellyfinClient
from custom_components.showrunner.clients.jellyfin_webhook import parse_webhook
from custom_components.showrunner.coordinators.confirmation import Confirmation
from custom_components.showrunner.coordinators.playback import PlaybackTracker
from custom_components.showrunner.coordinators.session_presence import SessionPresence
from custom_components.showrunner.domain.media import ProviderIds, Unit, UnitKind
from custom_components.showrunner.domain.requests.hints import SETTLES
from custom_components.showrunner.domain.watching import (
    PlaybackReport,
    ReportKind,
    ReportSource,
    Viewing,
    WatchPolicy,
    merge,
    same_unit,
)
from custom_components.showrunner.signals import Signals
from custom_components.showrunner.store import Saved, Store
from tests.domain.samples import day_of
from tests.kept import Kept

from .hints import FIXTURES, House, forged
from .rooms import GUEST, VIEWER, Choices

# The same stories in every run; with EVENINGS=500 as many new ones.
EXAMPLES = int(os.environ.get("EVENINGS", "25"))
DERANDOMIZED = "EVENINGS" not in os.environ

LENGTH = 1200.0
# A play is looked at so often, and so often when nobody plays (seconds).
EVERY = 30
SERVER = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
FILMS = tuple(
    Unit(
        UnitKind.MOVIE, f"Film {n}", SERVER, f"{n:032x}", ids=ProviderIds(tmdb=9000 + n), year=2000
    )
    for n in range(3)
)
UNKNOWN = tuple(f"{n:032x}" for n in range(100, 104))
POLICY = WatchPolicy()
JELLYFIN = [
    json.loads(file.read_text())
    for file in sorted((FIXTURES / "jellyfin-webhook").glob("*.json"))
    if "configuration" not in file.name
]
KINDS = ["PlaybackStart", "PlaybackProgress", "PlaybackStop"]


@st.composite
def plays_that_nobody_plays(draw: st.DrawFn) -> tuple[str, Any]:
    """Make a body of Jellyfin's plugin about a film that is here or not, of a viewer or a guest."""
    body = copy.deepcopy(draw(st.sampled_from(JELLYFIN)))
    if draw(st.integers(0, 3)):
        body["NotificationType"] = draw(st.sampled_from(KINDS))
    film = draw(st.integers(-4, len(FILMS) - 1))
    item, tmdb = (UNKNOWN[film], 9100 + film) if film < 0 else (FILMS[film].item_id, 9000 + film)
    body |= {
        "UserId": draw(st.sampled_from([VIEWER, VIEWER, VIEWER, GUEST])),
        "ItemId": item,
        "ItemType": draw(st.sampled_from(["Movie", "Movie", "Movie", "Episode"])),
        "Provider_tmdb": draw(st.sampled_from([str(tmdb), str(tmdb), "9000", None])),
        "Provider_imdb": None,
        "RunTimeTicks": draw(st.sampled_from([int(LENGTH), int(LENGTH), 1, 310, 10**6, None])),
        "PlaybackPositionTicks": draw(st.sampled_from([0, 1, 300, 600, 1020, 1150, 1199, 10**6])),
        "PlayedToCompletion": draw(st.booleans()),
        "IsPaused": draw(st.booleans()),
        "Id": draw(st.sampled_from(["tv", "tv", "other", ""])),
        "DeviceName": draw(st.sampled_from(["Television", "Other", ""])),
        "ClientName": "Web",
        "LastPlaybackCheckIn": None,
    }
    for name in ("RunTimeTicks", "PlaybackPositionTicks"):
        if body[name] is not None:
            body[name] *= 10**7
    return "jellyfin", body


def said(kind: str, film: int, **more: object) -> tuple[str, Any]:
    """Make one body of a play that nobody plays."""
    body: dict[str, object] = {
        "NotificationType": kind,
        "ServerId": SERVER,
        "UserId": VIEWER,
        "ItemId": FILMS[film].item_id,
        "ItemType": "Movie",
        "Provider_tmdb": str(9000 + film),
        "RunTimeTicks": int(LENGTH) * 10**7,
        "PlaybackPositionTicks": 0,
        "PlayedToCompletion": True,
        "Id": "other",
        "DeviceName": "Other",
        "ClientName": "Web",
    }
    return "jellyfin", body | more


@dataclass(frozen=True)
class Play:
    """Somebody plays a film from one position to another (seconds), on the television."""

    film: int
    begin: int
    end: int


real_plays = st.builds(
    Play,
    st.integers(0, len(FILMS) - 1),
    st.sampled_from([0, 0, 300, 600, 960]),
    st.sampled_from([900, 1000, 1050, 1170]),
)


class Rows:
    """A history without a disk."""

    def __init__(self) -> None:
        """Begin empty."""
        self.rows: list[Viewing] = []

    async def save(self, viewing: Viewing) -> Saved:
        """Keep one."""
        return self.to_save(viewing)()[0]

    def to_save(self, viewing: Viewing) -> Callable[[], tuple[Saved, int]]:
        """Give what keeps one, for `together`."""
        return lambda: (self._saved(viewing), 0)

    def _saved(self, viewing: Viewing) -> Saved:
        """Keep one, joined with what is of the same viewer, unit and day."""
        mine = [
            one
            for one in self.rows
            if (one.viewer_id, one.day) == (viewing.viewer_id, viewing.day)
            and same_unit(one.unit, viewing.unit)
        ]
        merged = viewing
        for one in mine:
            merged = merge(one, merged)
        self.rows = [one for one in self.rows if one not in mine] + [merged]
        return Saved(merged, not mine, merged.counts and not any(one.counts for one in mine))

    async def last_of(self, viewer_id: str, unit: Unit, since: datetime) -> Viewing | None:
        """Remember nothing that the tracker has forgotten."""
        return None

    async def history(self, **_: object) -> tuple[Viewing, ...]:
        """Give all."""
        return tuple(self.rows)


@dataclass
class Truth:
    """What really plays, and what Jellyfin keeps of it."""

    playing: Play | None = None
    position: float = 0.0
    kept: dict[str, tuple[bool, float, datetime]] = field(default_factory=dict)

    def begin(self, play: Play, now: datetime) -> None:
        """Begin to play; what was played before ends here."""
        self.end()
        self.playing, self.position = play, float(play.begin)
        self.kept[FILMS[play.film].item_id] = (False, self.position, now)

    def go_on(self, seconds: float) -> float:
        """Play on, at most to the end; give for how long."""
        if self.playing is None:
            return seconds
        seconds = min(seconds, self.playing.end - self.position)
        self.position += seconds
        return seconds

    def end(self) -> None:
        """Stop; Jellyfin notes where, or that it was played."""
        if self.playing is None:
            return
        item = FILMS[self.playing.film].item_id
        played = self.position >= 0.9 * LENGTH
        self.kept[item] = (played, 0.0 if played else self.position, self.kept[item][2])
        self.playing = None

    def reports(self, now: datetime) -> Iterable[PlaybackReport]:
        """Give what the list of sessions says."""
        if self.playing is not None:
            yield PlaybackReport(
                source=ReportSource.POLL,
                kind=ReportKind.PROGRESS,
                at=now,
                user_id=VIEWER,
                user_name="Sofa",
                unit=FILMS[self.playing.film],
                position=self.position,
                runtime=LENGTH,
                session_id="tv",
                device="Television",
                client="Web",
            )

    async def items(self, ids: Sequence[str], user_id: str) -> tuple[object, ...]:
        """Answer likewise of several; what there is not is left out."""
        found = [await self.item(one, user_id) for one in ids]
        return tuple(one for one in found if one is not None)

    async def item(self, item_id: str, user_id: str) -> object:
        """Answer what Jellyfin keeps of a user and an item."""
        if user_id != VIEWER or item_id not in {one.item_id for one in FILMS}:
            return None
        played, position, last = self.kept.get(item_id, (False, 0.0, None))
        unit = next(one for one in FILMS if one.item_id == item_id)
        return SimpleNamespace(
            played=played, position=position, last_played=last, unit=unit, runtime=LENGTH
        )


class WholeHouse(House):
    """Requests, as in `test_hints`, and what is watched, with whoever is told of it."""

    def __init__(self, truth: Truth) -> None:
        """Build it."""
        super().__init__()
        self.truth = truth
        self.rows = Rows()
        kv = Kept()
        plain = SimpleNamespace(viewings=self.rows, kv=kv, together=kv.together)
        store = cast("Store", plain)
        self.playback = PlaybackTracker(store, Signals(), Choices())
        self.roll = SessionPresence()
        self.confirmation = Confirmation(
            cast("JellyfinClient", truth), self.playback, store, lambda: self.now
        )
        self.acts: set[tuple[str, str]] = set()
        self.watched: set[tuple[str, str]] = set()
        self.completed: list[str] = []
        self.playback.on_viewing(self._viewed)
        self.playback.on_completed(self._completed)

    async def _viewed(self, viewing: Viewing, tracked: bool) -> None:
        """Do as the library and the downloads do."""
        if not viewing.counts:
            return
        if tracked:
            self.watched |= {(viewing.viewer_id, key) for key in viewing.unit.keys}
        if (viewing.percent or 100) >= POLICY.completion:
            self.acts.add((viewing.viewer_id, viewing.unit.item_id))

    async def _completed(self, viewing: Viewing) -> None:
        self.completed.append(viewing.unit.item_id)

    async def play(self, body: Any) -> None:
        """Take in a body as Jellyfin's door does."""
        try:
            message = parse_webhook(body, self.now, SERVER)
        except NotOurs:
            return
        if isinstance(message, PlaybackReport):
            await self.playback.ingest((self.roll.heard(message),), self.now)

    async def look(self) -> None:
        """Look at the sessions."""
        await self.playback.ingest(self.roll.take(self.truth.reports(self.now), self.now), self.now)

    async def ask(self) -> None:
        """Ask Jellyfin of what is in doubt, until it is settled."""
        while self.confirmation._doubts:
            for doubt in self.confirmation._doubts.values():
                doubt.due = 0.0
            await self.confirmation._round()

    def counted(self) -> set[tuple[str, str, object]]:
        """Give which viewings count."""
        return {(one.viewer_id, one.unit.item_id, one.day) for one in self.rows.rows if one.counts}

    def open(self) -> set[tuple[str, str]]:
        """Give what is open."""
        return {(one.viewer_id, one.unit.item_id) for one in self.playback._tracker.open}


class Street:
    """Both houses, and time for them."""

    def __init__(self) -> None:
        """Begin."""
        self.truth = Truth()
        self.told, self.plain = WholeHouse(self.truth), WholeHouse(self.truth)
        self.sent: list[Any] = []

    @property
    def both(self) -> tuple[WholeHouse, WholeHouse]:
        """Give them."""
        return self.told, self.plain

    async def wait(self, seconds: float) -> None:
        """Let time pass, in which both look at the sessions."""
        while seconds > 0:
            passed = self.truth.go_on(min(EVERY, seconds))
            for house in self.both:
                house.now += timedelta(seconds=max(passed, 1.0))
                await house.look()
            playing = self.truth.playing
            if playing is not None and self.truth.position >= playing.end:
                await self.say("PlaybackStop")
                self.truth.end()
            seconds -= max(passed, 1.0)

    async def begin(self, play: Play) -> None:
        """Begin a film, and stop what played."""
        if self.truth.playing is not None:
            await self.say("PlaybackStop")
        self.truth.begin(play, self.told.now)
        await self.say("PlaybackStart")

    async def say(self, kind: str) -> None:
        """Send what Jellyfin's plugin says of what really plays."""
        (report,) = self.truth.reports(self.told.now)
        body = {
            "NotificationType": kind,
            "ServerId": SERVER,
            "UserId": VIEWER,
            "ItemId": report.unit.item_id,
            "ItemType": "Movie",
            "Provider_tmdb": str(report.unit.ids.tmdb),
            "RunTimeTicks": int(LENGTH) * 10**7,
            "PlaybackPositionTicks": int(self.truth.position * 10**7),
            "PlayedToCompletion": self.truth.position >= 0.9 * LENGTH,
            "Id": "tv",
            "DeviceName": "Television",
            "ClientName": "Web",
        }
        self.sent.append(body)
        await self.told.play(body)

    async def step(self, door: str, body: Any) -> None:
        """Let one thing happen."""
        match door:
            case "jellyfin":
                await self.told.play(body)
            case "again" if self.sent:
                await self.told.play(self.sent[body % len(self.sent)])
            case "play":
                await self.begin(body)
            case "wait":
                await self.wait(body)
            case "read":
                for house in self.both:
                    house.read()
            case "on":
                for house in self.both:
                    house.phase = min(2, house.phase + 1)
            case "seerr" | "radarr" | "sonarr":
                self.told.hear(door, body)
        for house in self.both:
            house.now += timedelta(seconds=1)
        self.truth.go_on(1)

    async def settle(self) -> None:
        """Read everything, let what plays end, and ask of what is in doubt."""
        await self.wait(2 * LENGTH)
        for house in self.both:
            house.now += SETTLES
            house.read()
            await house.ask()
            await house.look()


steps = st.lists(
    st.one_of(
        forged(),
        plays_that_nobody_plays(),
        plays_that_nobody_plays(),
        st.tuples(st.just("play"), real_plays),
        st.tuples(st.just("wait"), st.sampled_from([1, 20, 45, 300, 600, 1300])),
        st.tuples(st.just("again"), st.integers(0, 9)),
        st.sampled_from([("read", None), ("on", None)]),
    ),
    max_size=25,
)


async def live(story: list[tuple[str, Any]]) -> Street:
    """Let a story happen to both houses."""
    street = Street()
    for house in street.both:
        house.read()
    for door, body in story:
        await street.step(door, body)
    await street.settle()
    return street


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=DERANDOMIZED,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(steps, st.randoms(use_true_random=False))
@example([said("PlaybackStart", 2, Provider_tmdb="9000"), ("play", Play(2, 0, 1170))], Random(1))
@example([said("PlaybackStart", 2, RunTimeTicks=10**13), ("play", Play(2, 0, 1170))], Random(1))
@example([said("PlaybackStop", 2, RunTimeTicks=310 * 10**7), ("play", Play(2, 0, 660))], Random(1))
def test_whatever_comes_in_through_all_doors_ends_as_polling_alone(
    story: list[tuple[str, Any]], dice: Random
) -> None:
    """Requests, viewings, what acts and what would be deleted; doubled, late and mixed up."""
    bodies = [step for step in story if step[0] not in ("play", "wait", "read", "on")]
    story = list(story)
    for step in bodies:
        if dice.random() < 0.4:
            story.insert(dice.randrange(len(story) + 1), step)
    street = asyncio.run(live(story))
    before, plain = street.both
    event(f"count: {len(plain.counted())}")
    assert before.shown() == plain.shown()
    assert before.over() == plain.over()
    assert before.book.rows.keys() == plain.book.rows.keys()
    assert before.counted() == plain.counted()
    assert before.watched == plain.watched
    assert before.acts == plain.acts
    assert sorted(before.completed) == sorted(plain.completed)
    assert before.open() == plain.open() == set()
    assert not before.tracker._hints
    # What only a webhook told names no title; and whoever is no viewer leaves nothing.
    assert not any(one.unit.ids for one in before.rows.rows if not one.is_seen)
    assert {one.viewer_id for one in before.rows.rows} <= {VIEWER}
    assert not any(one.day != day_of(one.started_at) for one in plain.rows.rows)
