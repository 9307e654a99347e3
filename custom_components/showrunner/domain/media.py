"""What is watched and fetched: provider ids, titles and units.

A title is known by its provider ids, never by its name alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
import re
from typing import Final, Self

from .knowledge import Answer
from .text import Words, say
from .values import LARGEST, identifier

# No title is tt0000000, the word of some services for none; a page's address may go on after it.
_IMDB: Final = re.compile(r"(tt(?!0+(?![0-9]))[0-9]{5,12})(?![^-/])")
# .NET's empty id, all zeros, names nothing.
_GUID: Final = re.compile(r"(?!0{32})[0-9a-f]{32}")
# No id is longer, with dashes, brackets and blanks.
_LONGEST: Final = 64


class MediaType(StrEnum):
    """What a title is."""

    MOVIE = "movie"
    SERIES = "series"


class UnitKind(StrEnum):
    """The smallest thing that is watched, requested, downloaded or deleted."""

    MOVIE = "movie"
    EPISODE = "episode"


def normalize_guid(value: object) -> str | None:
    """Return a Jellyfin id as 32 lower-case hex digits, or None when it is none."""
    if not isinstance(value, str) or len(value) > _LONGEST:
        return None
    guid = value.replace("-", "").strip("{} ").lower()
    return guid if _GUID.fullmatch(guid) else None


def _imdb(value: object) -> str | None:
    """Read an IMDb id; Prowlarr sends the bare number."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = f"tt{value:07d}" if 0 < value <= LARGEST else ""
    if not isinstance(value, str):
        return None
    found = _IMDB.match(value[:_LONGEST].strip().lower())
    return found[1] if found else None


@dataclass(frozen=True, slots=True)
class ProviderIds:
    """The ids by which the rest of the world knows a title. All may be missing."""

    tmdb: int | None = None
    tvdb: int | None = None
    imdb: str | None = None

    @classmethod
    def parse(cls, tmdb: object = None, tvdb: object = None, imdb: object = None) -> Self:
        """Read ids as services send them (numbers, digits, "tt…"); rubbish is no id."""
        return cls(identifier(tmdb), identifier(tvdb), _imdb(imdb))

    @classmethod
    def from_mapping(cls, ids: Mapping[str, object]) -> Self:
        """Read a map such as Jellyfin's ProviderIds, whatever the case of its keys."""
        low = {key.lower(): value for key, value in ids.items()}
        return cls.parse(low.get("tmdb"), low.get("tvdb"), low.get("imdb"))

    def __bool__(self) -> bool:
        """Tell whether there is any id."""
        return self != ProviderIds()

    @property
    def keys(self) -> tuple[str, ...]:
        """All ids as text, the strongest first: tmdb:603, tvdb:169, imdb:tt0133093."""
        pairs = (("tmdb", self.tmdb), ("tvdb", self.tvdb), ("imdb", self.imdb))
        return tuple(f"{name}:{value}" for name, value in pairs if value is not None)

    def matches(self, other: ProviderIds) -> Answer:
        """Tell whether both name the same title.

        Yes: an id agrees and none disagrees. No: an id disagrees and none agrees.
        Unknown: no id in common, or they contradict each other.
        """
        pairs = (
            (self.tmdb, other.tmdb),
            (self.tvdb, other.tvdb),
            (self.imdb, other.imdb),
        )
        both = {a == b for a, b in pairs if a is not None and b is not None}
        if both == {True}:
            return Answer.YES
        if both == {False}:
            return Answer.NO
        return Answer.UNKNOWN

    def merged(self, other: ProviderIds) -> ProviderIds:
        """Fill our gaps from ids that were found to name the same title."""
        return ProviderIds(
            self.tmdb or other.tmdb, self.tvdb or other.tvdb, self.imdb or other.imdb
        )


def same_year(one: int | None, other: int | None) -> Answer:
    """Tell whether two services' years can be of one title; unknown where one tells none.

    A festival, a release at home and one abroad lie up to a year apart. More is another title,
    whatever the ids say.
    """
    if one is None or other is None:
        return Answer.UNKNOWN
    return Answer.of(abs(one - other) <= 1)


def year_note(one: int | None, other: int | None) -> Words:
    """Say that two years were taken for one although they differ; empty where they don't."""
    if one is None or other is None or one == other or same_year(one, other) is not Answer.YES:
        return ""
    return say("years_accepted", one=one, other=other)


@dataclass(frozen=True, slots=True)
class TitleKey:
    """What everything about a title is kept and found under: its kind, and every id it has.

    TMDb numbers movies and series apart, and so does TVDB: a number alone may be two titles.
    `others` are the same title's ids where services disagree about one of them.
    """

    media: MediaType
    ids: ProviderIds
    others: tuple[ProviderIds, ...] = ()

    def __bool__(self) -> bool:
        """Tell whether there is any id."""
        return any((self.ids, *self.others))

    @property
    def names(self) -> tuple[str, ...]:
        """All ids with the kind, the strongest first: movie:tmdb:603, movie:imdb:tt0133093."""
        every = (key for ids in (self.ids, *self.others) for key in ids.keys)
        return tuple(f"{self.media}:{key}" for key in dict.fromkeys(every))

    def joined(self, ids: ProviderIds) -> TitleKey:
        """Add ids by which another service knows the same title."""
        known = (self.ids, *self.others)
        return self if ids in known else replace(self, others=(*self.others, ids))


@dataclass(frozen=True, slots=True)
class Title:
    """A movie or a series."""

    media: MediaType
    ids: ProviderIds
    name: str
    year: int | None = None

    @property
    def key(self) -> TitleKey:
        """What it is kept and found under."""
        return TitleKey(self.media, self.ids)

    @property
    def label(self) -> str:
        """The name for people: The Matrix (1999); as long as nobody has told it, an id."""
        name = self.name or next(iter(self.ids.keys), "?")
        return f"{name} ({self.year})" if self.year else name


@dataclass(frozen=True, slots=True)
class TitleRef:
    """A reference that a person typed: an id, a Jellyfin item, or else a name.

    tmdb:603, tvdb:121361 and imdb:tt0133093 may have movie: or series: before them. Exactly one of
    `ids` (non-empty), `item_id` and `name` is set; `media` goes with ids only.
    """

    ids: ProviderIds = ProviderIds()
    item_id: str | None = None
    name: str = ""
    media: MediaType | None = None

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read a reference; None when nothing was written."""
        text = text.strip()
        kind, _, rest = text.partition(":")
        media = next((one for one in MediaType if one == kind.strip().lower()), None)
        provider, _, value = (rest if media else text).strip().partition(":")
        if ids := ProviderIds.from_mapping({provider.strip(): value}):
            return cls(ids=ids, media=media)
        if guid := normalize_guid(text):
            return cls(item_id=guid)
        return cls(name=text) if text else None


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Which unit of the title: an episode, or the movie itself (no numbers)."""

    season: int = -1
    episode: int = -1

    @property
    def text(self) -> str:
        """Write it: s1e2; empty for the movie."""
        return "" if self.season < 0 else f"s{self.season}e{self.episode}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `text` gave. Raises ValueError for anything else."""
        if not text:
            return cls()
        season, _, episode = text.removeprefix("s").partition("e")
        return cls(int(season), int(episode))


MOVIE = Place()


@dataclass(frozen=True, slots=True)
class Unit:
    """A movie, or one episode, as one Jellyfin server knows it.

    `ids` are the movie's or the episode's own; `series_ids`, `season` and `episode` belong to
    episodes only. Season 0 (specials) is a season like any other; None means not known.
    """

    kind: UnitKind
    name: str
    server_id: str
    item_id: str
    ids: ProviderIds = ProviderIds()
    year: int | None = None
    series_item_id: str | None = None
    series_name: str | None = None
    series_ids: ProviderIds = ProviderIds()
    season: int | None = None
    episode: int | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """Every name under which this unit may have been recorded, the strongest first.

        Provider ids outlive the server's item ids (a file that is added again gets a new one),
        so they come first; the item id is scoped by its server (two servers may share one).
        """
        keys = [f"{self.kind}:{key}" for key in self.ids.keys]
        if self.kind is UnitKind.EPISODE and None not in (self.season, self.episode):
            place = f"s{self.season}e{self.episode}"
            keys += [f"series:{key}:{place}" for key in self.series_ids.keys]
        keys.append(f"item:{self.server_id}:{self.item_id}")
        return tuple(keys)

    @property
    def key(self) -> str:
        """The strongest of the unit's names."""
        return self.keys[0]

    @property
    def unverified(self) -> Unit:
        """The unit as far as a webhook's word goes: which item, and how people call it.

        That it is this film, or that episode of this series, the server says that has it: else a
        play of one title would be one of another.
        """
        return Unit(
            self.kind, self.name, self.server_id, self.item_id, series_name=self.series_name
        )

    @property
    def title(self) -> Title:
        """The movie, or the series of the episode."""
        if self.kind is UnitKind.MOVIE:
            return Title(MediaType.MOVIE, self.ids, self.name, self.year)
        return Title(MediaType.SERIES, self.series_ids, self.series_name or self.name)

    @property
    def label(self) -> str:
        """The name for people."""
        if self.kind is UnitKind.MOVIE or self.series_name is None:
            return f"{self.name} ({self.year})" if self.year else self.name
        if self.season is None or self.episode is None:
            return f"{self.series_name}: {self.name}"
        return f"{self.series_name} S{self.season:02d}E{self.episode:02d}: {self.name}"
