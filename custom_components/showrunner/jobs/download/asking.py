"""What a viewing or a person asks for, and what still stands in its way."""

from datetime import datetime
import hashlib

from ...domain.acquisition import Acquisition, AcquisitionState, Origin
from ...domain.candidate import NOT_ASKED
from ...domain.decision import Decision, Rule, Verdict
from ...domain.knowledge import Unknown
from ...domain.media import MediaType
from ...domain.text import Words, say
from ...domain.watching import Viewing
from ...options import Options
from .facts import Gathered


def identity(*parts: str) -> str:
    """Make an id that is the same for the same parts."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def acquisition_of(viewing: Viewing, now: datetime, *, tracked: bool) -> Acquisition:
    """Make the acquisition that a viewing asks for; a guest's names nobody."""
    who = viewing.viewer_id if tracked else ""
    return Acquisition(
        # By Jellyfin's id: a first report may not know the provider ids yet, a second does.
        id=identity("viewing", who, viewing.unit.item_id, viewing.day.isoformat()),
        title=viewing.unit.title,
        state=AcquisitionState.DECIDING,
        created_at=now,
        next_at=None,
        origin=Origin.VIEWING if tracked else Origin.GUEST,
        item_id=viewing.unit.item_id,
        viewer_id=who or None,
    )


def unanswered(gathered: Gathered, decision: Decision) -> Words:
    """Name what did not answer and could have changed the verdict; empty when nothing did."""
    candidate = gathered.candidate
    if candidate.title.media is not MediaType.MOVIE:
        return ""
    if decision.pending:
        return decision.reason
    if decision.rule is not Rule.STREAM:
        return ""
    facts = (
        (say("fact_favorites"), candidate.favorite),
        (say("fact_tags"), candidate.tags),
        (say("fact_rating"), candidate.imdb_rating),
        (say("fact_votes"), candidate.imdb_votes),
        (say("fact_genres"), candidate.genres),
        (say("fact_seeders"), candidate.seeders),
        (say("fact_viewings"), candidate.viewings),
    )
    silent = tuple(
        say("fact_unknown", fact=name, why=fact.reason)
        for name, fact in facts
        if isinstance(fact, Unknown) and fact.reason != NOT_ASKED
    )
    return say("facts", all=silent) if silent else ""


def why_waiting(options: Options, decision: Decision, acquisition: Acquisition) -> Words:
    """Say why a plan waits for a person; empty when it may be carried out."""
    if options.safety.dry_run:
        return say("waits_dry_run")
    if acquisition.origin is Origin.PERSON:
        return ""
    if decision.verdict is Verdict.ASK:
        return say("waits_asks_you")
    return "" if options.downloads.enabled else say("waits_downloads_off")
