"""Plans and steps that nobody needs more of."""

from dataclasses import replace
from datetime import timedelta

from custom_components.showrunner.domain.finding import Finding
from custom_components.showrunner.domain.knowledge import Answer
from custom_components.showrunner.domain.plan import (
    Cost,
    DeleteMovie,
    Payload,
    Plan,
    Pool,
    Proof,
    ProofKind,
    Protection,
    Scope,
    Step,
    StepState,
    Subject,
    Target,
    Undo,
)

from .samples import FILM, NOW

GB = 10**9


def step(
    number: int,
    *,
    payload: Payload = DeleteMovie(),  # noqa: B008
    size: int = GB,
    items: int = 1,
    pool: Pool = Pool.LIBRARY,
    **more: object,
) -> Step:
    """Make a deletion."""
    plain = Step(
        id=f"s{number}",
        scope=Scope.MOVIE,
        subject=Subject.of_title(FILM),
        target=Target("radarr", "radarr", number, f"/data/movies/{number}", FILM.ids),
        payload=payload,
        reasons=("watched",),
        findings=tuple(Finding(one, Answer.NO) for one in (Protection.KEEP, Protection.KEPT)),
        proofs=(Proof(ProofKind.ID, "here", "there", Answer.YES),),
        cost=Cost(items, size, pool),
        undo=Undo.RE_ADD,
    )
    return replace(plain, **more)  # type: ignore[arg-type]


def plan(*steps: Step, library: int | None = 10_000) -> Plan:
    """Make a plan of a day, for a library of this size."""
    known = {} if library is None else {Pool.LIBRARY: library}
    return Plan("p", "cleanup", False, NOW, NOW + timedelta(hours=24), steps, populations=known)


def planned(result: Plan) -> list[str]:
    """Name the steps that stay."""
    return [one.id for one in result.steps if one.state is StepState.PLANNED]
