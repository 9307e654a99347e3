"""Makes up households: titles in several arrs, viewers, words, marks, and what nobody tells."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
import random
from typing import Any

from custom_components.showrunner.domain.inventory import (
    ArrFile,
    ArrTitle,
    ArrUnit,
    SeriesStatus,
)
from custom_components.showrunner.domain.knowledge import Absent, Answer, Known, Unknown
from custom_components.showrunner.domain.media import MOVIE, Place, ProviderIds
from custom_components.showrunner.domain.regrets import Regret, Way
from custom_components.showrunner.domain.retention import (
    FileDates,
    OurDeletion,
    OurSearch,
    Requester,
    RetentionFacts,
    RetentionPolicy,
    RetentionViewer,
    TitleFacts,
    TitlePart,
    WatchState,
    WhoCounts,
)

from .samples import NOW, ZONE, Keep, ago

type World = tuple[RetentionFacts, RetentionPolicy]

_ODD: Sequence[datetime | None] = (None, datetime(1, 1, 2, tzinfo=NOW.tzinfo), ago(-3))


class Maker:
    """Makes one household. Most of everything lets things go, or nothing would ever be tried."""

    def __init__(self, chance: random.Random, *, known: bool) -> None:
        self.chance = chance
        self.known = known
        self.often = chance.choice([0.0, 0.01, 0.03, 0.1])
        # What much of it is about: copies that nobody has watched, or seasons with gaps.
        self.doubles, self.gaps = chance.choice([(0.4, 0.0), (0.4, 0.0), (0.9, 0.0), (0.4, 0.4)])

    def rare(self, times: float = 1.0) -> bool:
        """Say yes now and then; in some households never, in others often."""
        return self.chance.random() < self.often * times

    def unknown(self) -> bool:
        """Say whether a source does not tell."""
        return not self.known and self.rare()

    def day(self, days: Sequence[float]) -> datetime | None:
        """Give a date so many days ago, seldom one that says nothing."""
        return self.chance.choice(_ODD) if self.rare(0.5) else ago(self.chance.choice(days))

    def world(self) -> World:
        """Make a household and what it wants."""
        chance = self.chance
        viewers = tuple(
            RetentionViewer(name, name, not self.rare(3), number == 0 and not self.rare())
            for number, name in enumerate(("ann", "ben", "cleo")[: chance.randint(1, 3)])
        )
        records: list[ArrTitle] = []
        for number in range(chance.randint(1, 3)):
            make = chance.choice([self.movie, self.series, self.series])
            records.append(record := make(number))
            if chance.random() < self.doubles:
                records.append(self.twin(record, 2))
                if chance.random() < 0.2:
                    records.append(self.twin(record, 3))
        policy = RetentionPolicy(
            who=chance.choice(list(WhoCounts)),
            grace_days=chance.choice([5, 5, 0, 30]),
            protect_requests=chance.random() < 0.8,
            protect_latest_season=chance.random() < 0.7,
            keep_last_watched=chance.random() < 0.3,
            remove_empty_series=chance.random() < 0.7,
            excluded=self.excluded(),
            unwatched_months=chance.choice([0, 0, 1, 2]),
            idle_days=chance.choice([0, 0, 15, 60]),
            idle_rating=chance.choice([0, 6, 8]),
            lower_quality=chance.random() < self.doubles,
            season_packing=chance.random() < (0.9 if self.gaps else 0.3),
        )
        facts = RetentionFacts(
            now=NOW,
            zone=ZONE,
            viewers=viewers,
            titles=tuple(self.title(one, viewers) for one in records),
            silent=frozenset({chance.choice(["radarr", "sonarr"])} if self.unknown() else ()),
            counted_since=self.day([400, 3]) if self.rare() else None,
            primary_gone=self.rare(),
            libraries=self.libraries(),
        )
        return facts, policy

    def excluded(self) -> tuple[str, ...]:
        """Name what is left alone: nothing, mostly."""
        if self.rare():
            return ("gone",)
        return self.chance.choice([*[()] * 5, ("kids",), ("/elsewhere",), ("/elsewhere", "kids")])

    def libraries(self) -> Any:
        """Say where libraries lie."""
        if self.unknown():
            return self.chance.choice([Unknown("down"), Absent()])
        kids = self.chance.choice(["/media/0", "/media/1", "/tv"])
        films = "/other" if self.rare() else "/media"
        return Known({"films": (films,), "kids": (kids,), "/elsewhere": ("/elsewhere",)})

    # -- what the arrs hold ------------------------------------------------------------------------

    def common(self, number: int, kind: str) -> dict[str, Any]:
        """Give what movies and series have in common."""
        ids = ProviderIds(tmdb=number + 1, tvdb=number + 50 if kind == "sonarr" else None)
        return {
            "service": kind[0] + "1",
            "kind": kind,
            "name": kind,
            "id": number + 1,
            "ids": ProviderIds() if self.rare(0.3) else ids,
            "path": f"/media/{number}",
            "tags": frozenset({"Keep"} if self.rare() else {"4k"}),
            "permanent": not self.rare(),
            "monitored": not self.rare(),
        }

    def lines(self) -> int | None:
        """Say of what quality a file is: full HD, mostly."""
        return self.chance.choice([720, 2160, None]) if self.rare(2) else 1080

    def movie(self, number: int) -> ArrTitle:
        """Make a movie."""
        file = ArrFile(
            9,
            f"/media/{number}/film.mkv",
            100,
            frozenset({MOVIE}),
            self.day([90, 90, 40, 25, 3]),
            self.lines(),
        )
        unit = ArrUnit(1, MOVIE, True, 9)
        files = () if self.rare() else (file,)
        return ArrTitle(**self.common(number, "radarr"), units=(unit,), files=files)

    def series(self, number: int) -> ArrTitle:
        """Make a series of a few seasons, with files of one episode or of two, or without any."""
        chance = self.chance
        empty = chance.random() < 0.2
        last = chance.randint(1, 3)
        seasons = [*([0] if chance.random() < 0.3 else []), *range(1, last + 1)]
        units: list[ArrUnit] = []
        for season in seasons:
            for episode in range(1, chance.randint(1, 3) + 1):
                aired = ago(700 - 100 * season + chance.choice([0, 0, 7]))
                if self.rare():
                    aired = chance.choice([None, ago(-4), ago(2), ago(40)])
                file: int | None = 100 * season + episode
                last_unit = units[-1] if units else None
                if last_unit and last_unit.file_id and chance.random() < 0.15:
                    near = last_unit.place.season == season or chance.random() < 0.3
                    file = last_unit.file_id if near else file
                if empty or self.rare() or chance.random() < self.gaps:
                    file = None
                place = Place(season, episode)
                monitored = (not empty and not self.rare()) or self.rare()
                searched = self.day([0.5, 0.9, 1, 40]) if self.rare(3) else None
                units.append(ArrUnit(len(units) + 1, place, monitored, file, aired, searched))
        names = dict.fromkeys(one.file_id for one in units if one.file_id is not None)
        files = tuple(
            ArrFile(
                one,
                f"/media/{number}/{one}.mkv",
                100,
                frozenset(unit.place for unit in units if unit.file_id == one),
                self.day([90] * 9 + [40, 25, 3]),
                self.lines(),
            )
            for one in names
            if not self.rare(0.3)
        )
        announced = [*seasons, *([last + 1] if self.rare(2) else [])]
        return ArrTitle(
            **self.common(number, "sonarr"),
            units=tuple(units),
            files=files,
            status=chance.choice([SeriesStatus.ENDED, SeriesStatus.ENDED, *SeriesStatus]),
            seasons=frozenset(announced),
        )

    def twin(self, record: ArrTitle, number: int) -> ArrTitle:
        """Make the same title in another arr, in another quality, with other gaps now and then."""
        chance = self.chance
        status = chance.choice(list(SeriesStatus)) if self.rare(3) else record.status
        lines = chance.choice([2160, 2160, 2160, 1080, 720])
        units = tuple(replace(one, file_id=None) if self.rare() else one for one in record.units)
        # An arr says of its episodes in which file they are: of a file nothing else is known.
        places = {
            file.id: frozenset(one.place for one in units if one.file_id == file.id)
            for file in record.files
        }
        files = tuple(
            replace(
                one,
                places=places[one.id],
                resolution=self.lines() if self.rare() else lines,
                size_bytes=0 if self.rare(0.3) else one.size_bytes,
                added=self.day([90] * 9 + [8, 3]),
            )
            for one in record.files
            if places[one.id] and not self.rare(0.3)
        )
        return replace(
            record,
            service=f"{record.service[0]}{number}",
            tags=frozenset({"keep"} if self.rare() else ()),
            status=status,
            id=record.id + 30 * number,
            files=files,
            units=units,
            permanent=not self.rare(),
        )

    # -- what is known of them ---------------------------------------------------------------------

    def title(self, record: ArrTitle, viewers: Sequence[RetentionViewer]) -> TitleFacts:
        """Say what is known of a title."""
        places = [one.place for one in record.units]
        untouched = self.chance.random() < (0.7 if self.doubles > 0.5 else 0.2)
        return TitleFacts(
            record=record,
            watched={
                one.id: Absent() if untouched else self.watching(record, one)
                for one in viewers
                if not self.unknown()
            },
            touches={one.id: self.touches() for one in viewers if not self.unknown()},
            unseen=frozenset(one for one in places if self.unknown()),
            unplaced=frozenset([self.chance.choice([None, 0, 1, 2])] if self.unknown() else ()),
            files={one.id: self.dates() for one in record.files if not self.unknown()},
            favorites={one.id: self.told(self.parts) for one in viewers if not self.unknown()},
            playing=self.told(self.parts),
            requests=self.told(lambda: self.requests(viewers)),
            keeps=self.told(self.keeps),
            deletions=self.told(self.deletions) if record.files else self.emptied(),
            shown=self.shown(record),
            rating=self.rating(),
            kept_by_override=self.answer(),
            playable=self.playable(record),
            left_to_person=self.answer(),
            searches=self.told(lambda: self.searches(record)),
        )

    def playable(self, record: ArrTitle) -> Any:
        """Say what Jellyfin shows: all of it, mostly."""
        if self.unknown():
            return Unknown("down")
        if self.rare(0.3):
            return Absent()
        there = (one.place for one in record.units if one.file_id is not None)
        return Known(frozenset(one for one in there if not self.rare(0.5)))

    def searches(self, record: ArrTitle) -> tuple[OurSearch, ...]:
        """Let us have searched for an episode of it, a while ago or not, here or elsewhere."""
        at = ago(self.chance.choice([1, 89, 90, 200]))
        service = self.chance.choice([record.service, record.service, "s9"])
        episodes = frozenset({self.chance.choice(record.units).id})
        return (OurSearch(at, service, episodes),)

    def shown(self, record: ArrTitle) -> Any:
        """Say where Jellyfin has it."""
        if self.unknown():
            return Unknown("down")
        where = [record.path, record.path, record.path, *(["/lost"] if self.rare() else [])]
        return Known(tuple(f"{one}/x.mkv" for one in self.chance.sample(where, 2)))

    def rating(self) -> Any:
        """Say how it is rated."""
        if self.unknown():
            return Unknown("down")
        return Absent() if self.rare() else Known(self.chance.choice([5.0, 6.0, 7.5, 8.0]))

    def told(self, make: Any) -> Any:
        """Say something, nothing, or that nobody tells."""
        if self.unknown():
            return Unknown("down")
        return Known(make()) if self.rare(2) else self.chance.choice([Known(()), Absent()])

    def answer(self) -> Answer:
        """Say no, mostly."""
        if self.unknown():
            return Answer.UNKNOWN
        return Answer.of(self.rare(0.5))

    def watching(self, record: ArrTitle, viewer: RetentionViewer) -> Any:
        """Say how a viewer stands to a title: all watched, half of it, or nothing."""
        if self.unknown():
            return Unknown("down")
        habit = self.chance.random()
        if not viewer.primary and habit < 0.5:
            return Absent()
        until = 99 if habit < 0.9 else self.chance.randint(0, 2)
        states = {
            one.place: self.state()
            for one in record.units
            if one.place.season <= until
            and not self.rare()
            # What is not there nobody has watched, where it never was.
            and (one.file_id is not None or not self.gaps or self.rare(3))
        }
        return Known(states)

    def state(self) -> WatchState:
        """Say how a viewer stands to a unit: watched, mostly."""
        days = [20] * 9 + [50, 80, 100, 130, 6, 2]
        if self.rare():
            begun = self.chance.random() < 0.7
            return WatchState(False, begun, self.day(days), self.chance.randint(0, 1))
        return WatchState(True, self.rare(), self.day(days), 0 if self.rare() else 1)

    def touches(self) -> Any:
        """Say when a viewer had to do with any copy: mostly not, besides what is said of units."""
        if self.unknown():
            return Unknown("down")
        if self.chance.random() < 0.85:
            return self.chance.choice([Known(()), Absent()])
        return Known(tuple(self.day([100, 130, 20]) for _ in range(self.chance.randint(1, 2))))

    def dates(self) -> FileDates:
        """Say how old a file is by others."""
        return FileDates(
            created=self.day([90] * 9 + [2]),
            first_seen=self.day([90] * 9 + [2]),
        )

    def parts(self) -> tuple[TitlePart, ...]:
        """Mark an episode, a season or all."""
        season = self.chance.choice([None, 0, 1, 2])
        return (TitlePart(season, self.chance.choice([None, 1, 2])),)

    def seasons(self) -> frozenset[int] | None:
        """Name seasons, or none: all."""
        return self.chance.choice([None, frozenset({1}), frozenset({2, 3}), frozenset({0})])

    def requests(self, viewers: Sequence[RetentionViewer]) -> tuple[Requester, ...]:
        """Let somebody ask."""
        who = self.chance.choice([*(one.id for one in viewers), None])
        gone = self.day([100, 3]) if self.chance.random() < 0.2 else None
        return (Requester("x", who, self.seasons(), gone, self.chance.random() < 0.3),)

    def keeps(self) -> tuple[Keep, ...]:
        """Let somebody keep or put off something, now or a while ago."""
        until = self.chance.choice([None, ago(100), ago(3), ago(-3)])
        ended = ago(50) if self.chance.random() < 0.3 else None
        return (Keep(self.chance.choice([None, 1, 2, 0]), until, ended),)

    def emptied(self) -> Any:
        """Say of what has no files how that came."""
        return Unknown("down") if self.unknown() else Known(self.left())

    def left(self) -> tuple[OurDeletion, ...]:
        """Let all that there was have left by us, mostly."""
        if self.rare():
            return self.deletions()
        service = self.chance.choice(["s1", "s1", "s1", "s2", None])
        until = ago(3) if self.rare() else None
        at = ago(self.chance.choice([400, 40, 10, 3]))
        seasons = tuple(
            OurDeletion(at, season, service, until, self.regret() if self.rare() else None)
            for season in (1, 2, 3)
            if not self.rare()
        )
        if self.chance.random() < 0.9:
            return seasons
        back = self.chance.choice([None, ago(380), ago(9)])
        return (*seasons, OurDeletion(ago(self.chance.choice([500, 10])), None, service, back))

    def deletions(self) -> tuple[OurDeletion, ...]:
        """Let us have deleted something, of this arr or another, a while ago."""
        service = self.chance.choice(["r1", "s1", None])
        season = self.chance.choice([None, 1, 2])
        until = self.chance.choice([None, ago(1)])
        at = ago(self.chance.choice([500, 380, 60, 10]))
        return (OurDeletion(at, season, service, until, self.regret()),)

    def regret(self) -> Regret | None:
        """Let somebody have taken it back, a while ago."""
        if self.chance.random() < 0.6:
            return None
        return Regret(1, ago(self.chance.choice([370, 366, 364, 50, 9])), Way.REQUEST, "seerr")


def made(chance: random.Random, *, known: bool) -> World:
    """Make a household. `known`: every source has told."""
    return Maker(chance, known=known).world()


# -- one fact less ---------------------------------------------------------------------------------


def without_one(facts: RetentionFacts, chance: random.Random) -> RetentionFacts:
    """Take one fact away: a source that doesn't tell, a date that is missing, a file not named."""
    number = chance.randrange(len(facts.titles))
    title = facts.titles[number]
    less = chance.choice(_LESS)(title, chance)
    titles = (*facts.titles[:number], less, *facts.titles[number + 1 :])
    if chance.random() < 0.05:
        return replace(facts, libraries=Unknown("down"))
    if chance.random() < 0.05:
        return replace(facts, silent=facts.silent | {title.record.kind})
    return replace(facts, titles=titles)


def _source(title: TitleFacts, chance: random.Random) -> TitleFacts:
    names = ["playing", "requests", "keeps", "deletions", "shown", "rating"]
    name = chance.choice([*names, "playable", "searches"])
    return replace(title, **{name: Unknown("down")})


def _answer(title: TitleFacts, chance: random.Random) -> TitleFacts:
    name = chance.choice(["kept_by_override", "left_to_person"])
    return replace(title, **{name: Answer.UNKNOWN})


def _viewer(title: TitleFacts, chance: random.Random) -> TitleFacts:
    name = chance.choice(["watched", "favorites", "touches"])
    answer = dict(getattr(title, name))
    if answer:
        who = chance.choice(sorted(answer))
        answer[who] = Unknown("down")
        if chance.random() < 0.5:
            del answer[who]
    return replace(title, **{name: answer})


def _played(title: TitleFacts, chance: random.Random) -> TitleFacts:
    who = chance.choice(sorted(title.watched) or ["nobody"])
    states = title.watched.get(who)
    if not isinstance(states, Known) or not states.value:
        return title
    place = chance.choice(sorted(states.value))
    less = replace(states.value[place], last_played=None)
    return replace(title, watched={**title.watched, who: Known({**states.value, place: less})})


def _touch(title: TitleFacts, chance: random.Random) -> TitleFacts:
    who = chance.choice(sorted(title.touches) or ["nobody"])
    dates = title.touches.get(who)
    if not isinstance(dates, Known):
        return title
    less = Known(tuple(None for _ in dates.value))
    return replace(title, touches={**title.touches, who: less})


def _place(title: TitleFacts, chance: random.Random) -> TitleFacts:
    place = chance.choice([one.place for one in title.record.units])
    if chance.random() < 0.5:
        return replace(title, unseen=title.unseen | {place})
    return replace(title, unplaced=title.unplaced | {chance.choice([None, place.season])})


def _file(title: TitleFacts, chance: random.Random) -> TitleFacts:
    files = list(title.record.files)
    if not files:
        return title
    one = chance.choice(files)
    match chance.randrange(4):
        case 0:
            return replace(title, files={k: v for k, v in title.files.items() if k != one.id})
        case 1:
            files.remove(one)
        case 2:
            files[files.index(one)] = replace(one, resolution=None)
        case _:
            files[files.index(one)] = replace(one, added=None)
    return replace(title, record=replace(title.record, files=tuple(files)))


def _unit(title: TitleFacts, chance: random.Random) -> TitleFacts:
    units = list(title.record.units)
    number = chance.randrange(len(units))
    units[number] = replace(units[number], aired=None)
    return replace(title, record=replace(title.record, units=tuple(units)))


def _status(title: TitleFacts, _: random.Random) -> TitleFacts:
    return replace(title, record=replace(title.record, status=SeriesStatus.UNKNOWN))


def _requester(title: TitleFacts, chance: random.Random) -> TitleFacts:
    if not isinstance(title.requests, Known):
        return title
    name = chance.choice(["viewer_id", "gone_since", "seasons"])
    less = tuple(replace(one, **{name: None}) for one in title.requests.value)
    return replace(title, requests=Known(less))


def _folder(title: TitleFacts, chance: random.Random) -> TitleFacts:
    name = chance.choice(["permanent", "monitored"])
    return replace(title, record=replace(title.record, **{name: False}))


_LESS = (
    _folder,
    _source,
    _answer,
    _viewer,
    _played,
    _touch,
    _place,
    _file,
    _unit,
    _status,
    _requester,
)
