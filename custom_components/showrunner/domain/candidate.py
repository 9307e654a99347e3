"""What a download decision is about: a title, who watched it, and what is known of both."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from .knowledge import Absent, Knowledge, Unknown
from .media import Title
from .text import Words, say


class Override(StrEnum):
    """What a person decided for a title. `auto` is no override."""

    ALWAYS = "always"
    NEVER = "never"
    ASK = "ask"
    AUTO = "auto"


class Rule(StrEnum):
    """The rules, in the order in which they are asked."""

    OVERRIDE = "override"
    MOVIE = "movie"
    VIEWER = "viewer"
    LOCAL = "local"
    QUEUED = "queued"
    SEARCHED = "searched"
    COOLDOWN = "cooldown"
    RELEASED = "released"
    GENRE_EXCLUDED = "genre_excluded"
    INSTANT_RATING = "instant_rating"
    RARE_KEYWORD = "rare_keyword"
    RARE_YEAR_LANGUAGE = "rare_year_language"
    RARE_RATING_VOTES = "rare_rating_votes"
    RARE_GENRE = "rare_genre"
    RARE_SEEDERS = "rare_seeders"
    FAVORITE = "favorite"
    GENRE_INSTANT = "genre_instant"
    REWATCH = "rewatch"
    REWATCH_RATING = "rewatch_rating"
    STREAM = "stream"


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who watched. None: as the policy says."""

    user_id: str
    name: str
    tracked: bool
    may_download: bool
    rewatch_count: int | None = None
    rewatch_days: int | None = None


NOT_ASKED: Final = say("not_asked")
_SEEDERS: Final = Unknown(NOT_ASKED, "prowlarr")
_ABSENT: Final = Absent()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A title and what is known of it.

    `local`: it has a file under a permanent root folder. `seeders`: over all results, absent when
    there are none. `viewings`: completed ones by this viewer within the window. `texts`: titles,
    editions and file names. `original_language`: its English name. `viewer` None: nobody in
    particular asks (an action); then no viewer holds it back, and nothing was rewatched. `note`:
    what services say differently of the title, and was accepted. `override_kind_told` False:
    whether the movie or the series of that number was meant was not said.
    `override_doubt`: why nobody knows whether a person's word is on this title; "": that is known.
    """

    title: Title
    viewer: Viewer | None
    override: Override = Override.AUTO
    override_kind_told: bool = True
    override_doubt: Words = ""
    local: Knowledge[bool] = _ABSENT
    queued: Knowledge[bool] = _ABSENT
    searched_at: Knowledge[datetime] = _ABSENT
    deleted_at: Knowledge[datetime] = _ABSENT
    released: Knowledge[bool] = _ABSENT
    genres: Knowledge[tuple[str, ...]] = _ABSENT
    imdb_rating: Knowledge[float] = _ABSENT
    imdb_votes: Knowledge[int] = _ABSENT
    community_rating: Knowledge[float] = _ABSENT
    texts: tuple[str, ...] = ()
    original_language: Knowledge[str] = _ABSENT
    seeders: Knowledge[int] = _SEEDERS
    favorite: Knowledge[bool] = _ABSENT
    tags: Knowledge[frozenset[str]] = _ABSENT
    viewings: Knowledge[int] = _ABSENT
    note: Words = ""
