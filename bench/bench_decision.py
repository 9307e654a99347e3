"""Decisions a second over 50,000 different candidates, every rule with its finding."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
import random
import time

from custom_components.showrunner.domain.candidate import Candidate, Viewer
from custom_components.showrunner.domain.decision import decide, needs_seeders
from custom_components.showrunner.domain.knowledge import Absent, Known, Unknown
from custom_components.showrunner.domain.media import MediaType, ProviderIds, Title
from custom_components.showrunner.domain.policy import Policy

NOW = datetime(2026, 6, 10, tzinfo=UTC)
_GENRES = ("Drama", "Comedy", "Animation", "Silent", "Horror", "Crime", "Family")
_LANGUAGES = ("English", "German", "Japanese", "French")


def candidates(count: int) -> list[Candidate]:
    """Make candidates as a library has them: most are nothing special."""
    dice = random.Random(1)
    viewer = Viewer("a" * 32, "Sofa", tracked=True, may_download=True)
    made = []
    for number in range(count):
        year = dice.randint(1920, 2026)
        name = f"A Film of the Year {number}"
        title = Title(MediaType.MOVIE, ProviderIds(number + 1), name, year)
        rating = Known(round(dice.gauss(6.4, 1.1), 1), "radarr:imdb")
        one = Candidate(
            title=title,
            viewer=viewer,
            local=Known(dice.random() < 0.2, "radarr"),
            queued=Known(value=False, source="radarr"),
            searched_at=Known(NOW - timedelta(hours=dice.randint(1, 5000)), "radarr"),
            deleted_at=Absent("ledger"),
            released=Known(value=True, source="radarr"),
            genres=Known(tuple(dice.sample(_GENRES, 2)), "radarr"),
            imdb_rating=rating if dice.random() < 0.95 else Absent("radarr:imdb"),
            imdb_votes=Known(dice.randint(100, 900_000), "radarr:imdb"),
            community_rating=Known(6.1, "jellyfin:community"),
            texts=(name, f"{name.replace(' ', '.')}.{year}.1080p.BluRay.x264-GROUP.mkv"),
            original_language=Known(dice.choice(_LANGUAGES), "radarr"),
            favorite=Known(dice.random() < 0.02, "jellyfin"),
            tags=Known(frozenset({"4k"}), "radarr"),
            viewings=Known(dice.choice((0, 1, 1, 2)), "history"),
        )
        if dice.random() < 0.05:
            one = replace(one, local=Unknown("no answer in time", "radarr"))
        made.append(one)
    return made


def run(small: bool = False) -> list[Mapping[str, object]]:  # noqa: FBT001, FBT002
    """Measure deciding, deciding with the question to Prowlarr, and JSON."""
    count = 500 if small else 50_000
    some, policy = candidates(count), Policy()

    def rate(seconds: float) -> int:
        return round(count / seconds)

    begun = time.perf_counter()
    for one in some:
        decide(one, policy, NOW)
    alone = time.perf_counter() - begun
    begun = time.perf_counter()
    for one in some:
        needs_seeders(one, policy, NOW)
        decide(one, policy, NOW)
    asked = time.perf_counter() - begun
    begun = time.perf_counter()
    for one in some:
        decide(one, policy, NOW).as_dict()
    written = time.perf_counter() - begun
    unit = "decisions/s"
    return [
        {"metric": "per_second", "value": rate(alone), "unit": unit, "against": ""},
        {
            "metric": "per_second_as_the_job",
            "value": rate(asked),
            "unit": unit,
            "against": "decide alone",
        },
        {
            "metric": "per_second_with_json",
            "value": rate(written),
            "unit": unit,
            "against": "decide alone",
        },
    ]
