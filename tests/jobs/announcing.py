"""What leaves by a rule of choice, as it is judged."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from custom_components.showrunner.domain.finding import Finding
from custom_components.showrunner.domain.inventory import ArrTitle
from custom_components.showrunner.domain.knowledge import Answer
from custom_components.showrunner.domain.media import ProviderIds
from custom_components.showrunner.domain.paths import PathMap
from custom_components.showrunner.domain.plan import Scope
from custom_components.showrunner.domain.retention import RetentionVerdict
from custom_components.showrunner.domain.retention.ground import Ground
from custom_components.showrunner.domain.retention.verdict import RetentionRule

START = datetime(2026, 6, 10, 20, tzinfo=UTC)
RECORD = ArrTitle(
    "r1", "radarr", "Radarr", 7, ProviderIds(tmdb=5), "/m/Rain", frozenset(), (), (), PathMap(())
)
IDLE = RetentionVerdict(
    RECORD,
    Scope.MOVIE,
    None,
    (),
    (),
    (Finding(RetentionRule.GRACE, Answer.YES),),
    leaves_at=START - timedelta(days=300),
    ground=Ground.IDLE,
)


def stays(answer: Answer) -> RetentionVerdict:
    """Judge it otherwise: something keeps it, or nobody knows."""
    kept = Finding(RetentionRule.FAVORITE, answer)
    return replace(IDLE, findings=(*IDLE.findings, kept))
