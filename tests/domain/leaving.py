"""A film that is watched, and all that is known of it."""

from custom_components.showrunner.domain.deletion.facts import (
    Evidence,
    Favorites,
    ProofFacts,
)
from custom_components.showrunner.domain.finding import Finding
from custom_components.showrunner.domain.inventory import ArrFile, ArrTitle, ArrUnit
from custom_components.showrunner.domain.knowledge import Answer, Known
from custom_components.showrunner.domain.media import MOVIE, MediaType, ProviderIds, Title
from custom_components.showrunner.domain.paths import PathMap, PathPair
from custom_components.showrunner.domain.plan import (
    Scope,
)
from custom_components.showrunner.domain.retention import RetentionRule, RetentionVerdict

IDS = ProviderIds(tmdb=11)


FILM = Title(MediaType.MOVIE, IDS, "The Lantern", 2011)


MAP = PathMap((PathPair("/media", "/data"),))


FILE = ArrFile(901, "/data/movies/Lantern/lantern.mkv", 8_000, frozenset({MOVIE}))


UNIT = ArrUnit(12, MOVIE, True, 901)


RECORD = ArrTitle(
    "r1", "radarr", "Radarr", 12, IDS, "/data/movies/Lantern", frozenset(), (UNIT,), (FILE,), MAP
)


SEEN = Evidence("j1", IDS, frozenset({MOVIE}), ("/media/movies/Lantern/lantern.mkv",))


FACTS = ProofFacts(
    record=Known(RECORD),
    rivals=Known(()),
    evidence=Known((SEEN,)),
    favorites=Known((Favorites("Sofa", frozenset()),)),
    playing=Known(()),
    keeps=Known(()),
)


WATCHED = Finding(RetentionRule.WATCHED, Answer.YES)


MAY = RetentionVerdict(RECORD, Scope.MOVIE, None, (UNIT,), (FILE,), (WATCHED,))
