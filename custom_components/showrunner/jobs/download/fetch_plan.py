"""What must be done so that Radarr fetches a movie: the plan of the download job.

Add it where no Radarr holds it, set it monitored (with the profile, root folder and tag of the
options), search. Names are resolved to Radarr's numbers here, so that the plan that is shown is
the one that is carried out.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

from ...clients.errors import Unreachable
from ...coordinators.radarr import RadarrCoordinator
from ...domain.decision import Decision
from ...domain.finding import Finding
from ...domain.knowledge import Answer
from ...domain.media import Title
from ...domain.plan import (
    Action,
    AddMovie,
    Payload,
    Plan,
    Scope,
    SearchMovie,
    Step,
    Subject,
    Target,
    Undo,
    UpdateMovie,
)
from ...domain.text import Words, say
from ...operations.radarr import file_mark
from ...options import DownloadOptions
from .facts import Gathered

JOB: Final = "download"

# The rule of a finding: what services say differently of the title, and was accepted.
IDENTITY: Final = "identity"


class NoPlan(Exception):
    """It can't be fetched as things are; `why` says it to people."""

    def __init__(self, why: Words) -> None:
        """Take why."""
        super().__init__(str(why))
        self.why = why


async def plan_for(
    gathered: Gathered,
    decision: Decision,
    options: DownloadOptions,
    *,
    lifetime: timedelta,
    dry_run: bool,
    now: datetime,
) -> Plan:
    """Plan how the movie is fetched. Raises NoPlan, or a ServiceError when Radarr can't tell."""
    if gathered.silent:
        # A word like "always" decides without Radarr; which Radarr it is can't be told without it.
        raise Unreachable("Radarr", gathered.silent)
    if gathered.owner is not None:
        radarr, remote_id = gathered.owner.radarr, gathered.owner.movie.id
        path: str | None = gathered.owner.movie.path
        add: AddMovie | None = None
    elif gathered.adder is not None:
        radarr, remote_id, path = gathered.adder, None, None
        add = await _addition(radarr, gathered.candidate.title, options)
    else:
        raise NoPlan(gathered.problem)
    title = gathered.candidate.title
    # Radarr's own ids: by them its movie is known again in the moment of each step.
    ids = gathered.owner.movie.title.ids if gathered.owner else title.ids
    target = Target(radarr.subentry_id or "", "radarr", remote_id, path, ids)
    wishes = await _wishes(radarr, options)
    mark = file_mark(gathered.owner.movie) if gathered.owner else ""
    steps = _steps(title, target, decision, add, wishes, mark, gathered.candidate.note)
    return Plan(
        plan_id=uuid4().hex,
        job=JOB,
        dry_run=dry_run,
        created_at=now,
        expires_at=now + lifetime,
        steps=steps,
        left_out=(),
    )


def _steps(
    title: Title,
    target: Target,
    decision: Decision,
    add: AddMovie | None,
    wishes: UpdateMovie,
    mark: str,
    note: Words,
) -> tuple[Step, ...]:
    findings = tuple(one for one in decision.findings if one.answer is Answer.YES)
    if note:
        findings = (*findings, Finding(IDENTITY, Answer.YES, detail=note))

    def step(payload: Payload, after: Action | None) -> Step:
        return Step(
            id=payload.ACTION.value,
            scope=Scope.MOVIE,
            subject=Subject.of_title(title),
            target=target,
            payload=payload,
            reasons=(decision.reason,),
            findings=findings,
            undo=Undo.NONE if isinstance(payload, SearchMovie) else Undo.RESTORE,
            after=(after.value,) if after else (),
        )

    steps = [] if add is None else [step(add, None)]
    before = Action.ADD_MOVIE if steps else None
    steps.append(step(replace(wishes, present_file=mark), before))
    steps.append(step(SearchMovie(mark), Action.UPDATE_MOVIE))
    return tuple(steps)


async def _wishes(radarr: RadarrCoordinator, options: DownloadOptions) -> UpdateMovie:
    """What the options ask of a movie, in Radarr's terms; empty options ask nothing."""
    profile, root = options.quality_profile, options.root_folder
    return UpdateMovie(
        quality_profile_id=await _profile(radarr, profile) if profile else None,
        root_folder=await _root(radarr, root) if root else None,
        tag=options.tag,
    )


async def _addition(radarr: RadarrCoordinator, title: Title, options: DownloadOptions) -> AddMovie:
    if title.ids.tmdb is None:
        raise NoPlan(say("adds_by_tmdb", radarr=radarr.title))
    profile = await _profile(radarr, options.quality_profile)
    return AddMovie(profile, await _root(radarr, options.root_folder), options.tag)


async def _profile(radarr: RadarrCoordinator, name: str) -> int:
    """Find a quality profile by its name, whatever the case; no name means the first."""
    profiles = await radarr.client.quality_profiles()
    for number, known in profiles:
        if not name or known.casefold() == name.casefold():
            return number
    if not name:
        raise NoPlan(say("no_quality_profile", radarr=radarr.title))
    raise NoPlan(say("no_such_quality_profile", radarr=radarr.title, profile=name))


async def _root(radarr: RadarrCoordinator, wanted: str) -> str:
    """Find a root folder by its path; none wanted means the first permanent one."""
    for folder in await radarr.client.root_folders():
        path = folder.path
        if (
            path.rstrip("/\\") == wanted.rstrip("/\\")
            if wanted
            else folder.accessible and radarr.is_permanent(path)
        ):
            return path
    raise NoPlan(
        say("no_root_folder", radarr=radarr.title, folder=wanted)
        if wanted
        else say("no_permanent_root_folder", radarr=radarr.title)
    )
