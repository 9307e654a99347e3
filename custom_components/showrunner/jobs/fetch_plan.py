"""What must be done so that Radarr fetches a movie: the plan of the download job.

Add it where no Radarr holds it, set it monitored (with the profile, root folder and tag of the
options), search. Names are resolved to Radarr's numbers here, so that the plan that is shown is
the one that is carried out.
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

from ..clients.errors import Unreachable
from ..coordinators.radarr import RadarrCoordinator
from ..domain.decision import Decision, Finding
from ..domain.media import Title
from ..domain.plan import Action, Plan, Scope, Step, Target, Undo
from ..domain.text import Text, Words, say
from ..options import DownloadOptions
from .facts import Gathered
from .radarr_hand import FILE_MARK, file_mark

JOB: Final = "download"

type _Arguments = tuple[tuple[str, str | int], ...]


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
        add: _Arguments | None = None
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
    add: _Arguments | None,
    wishes: _Arguments,
    mark: str,
    note: Words,
) -> tuple[Step, ...]:
    facts = tuple(
        (finding.rule.value, _sourced(finding))
        for finding in decision.findings
        if finding.answer.value == "yes"
    )
    evidence: tuple[tuple[str, Words], ...] = (*facts, (FILE_MARK, mark)) if mark else facts
    if note:
        evidence = (*evidence, ("identity", note))

    def step(action: Action, arguments: _Arguments, after: Action | None) -> Step:
        return Step(
            id=action.value,
            action=action,
            scope=Scope.MOVIE,
            title=title,
            target=target,
            reasons=(decision.reason,),
            evidence=evidence,
            bytes=0,
            undo=Undo.NONE,
            after=(after.value,) if after else (),
            arguments=arguments,
        )

    steps = [] if add is None else [step(Action.ADD_MOVIE, add, None)]
    before = Action.ADD_MOVIE if steps else None
    steps.append(step(Action.UPDATE_MOVIE, wishes, before))
    steps.append(step(Action.SEARCH_MOVIE, (), Action.UPDATE_MOVIE))
    return tuple(steps)


def _sourced(finding: Finding) -> Words:
    """Say what was seen, and where."""
    if not finding.source:
        return ""
    value = finding.value
    # As Python writes them: not words of a language.
    seen = value if isinstance(value, Text | str) else str(value)
    return say("evidence_seen", value=seen, source=finding.source)


async def _wishes(radarr: RadarrCoordinator, options: DownloadOptions) -> _Arguments:
    """What the options ask of a movie, in Radarr's terms; empty options ask nothing."""
    wishes: list[tuple[str, str | int]] = []
    if options.quality_profile:
        wishes.append(("quality_profile_id", await _profile(radarr, options.quality_profile)))
    if options.root_folder:
        wishes.append(("root_folder", await _root(radarr, options.root_folder)))
    if options.tag:
        wishes.append(("tag", options.tag))
    return tuple(wishes)


async def _addition(
    radarr: RadarrCoordinator, title: Title, options: DownloadOptions
) -> _Arguments:
    if title.ids.tmdb is None:
        raise NoPlan(say("adds_by_tmdb", radarr=radarr.title))
    profile = await _profile(radarr, options.quality_profile)
    root = await _root(radarr, options.root_folder)
    tag: _Arguments = (("tag", options.tag),) if options.tag else ()
    return (("quality_profile_id", profile), ("root_folder", root), *tag)


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
