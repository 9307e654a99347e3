"""The steps of a sync, and whether a release is still what its step was planned for."""

from collections.abc import Collection
from typing import Final

from ...clients.fetching.fetcher import ReleaseFetcher
from ...domain.media import ProviderIds
from ...domain.plan import (
    Check,
    Cost,
    FetchRelease,
    Plan,
    Pool,
    Proceed,
    RemoteFingerprint,
    Scope,
    Skip,
    Step,
    StepState,
    Subject,
    Target,
    Wait,
)
from ...domain.text import say
from ...domain.transfer.selection import Fetch, Leave
from ...domain.transfer.tree import as_text

_KIND: Final = "transfer"
# The steps' ids are this, and their releases' keys.
FETCH: Final = "fetch-"


def as_planned(choice: Fetch | Leave | None, wish: FetchRelease) -> Check:
    """Say whether the very same would be fetched by what is known now."""
    match choice:
        case None:
            return Skip(say("transfer_gone"))
        case Leave(reason=reason, unknown=True):
            return Wait(reason)
        case Leave(reason=reason, home=home):
            return Skip(reason, needless=home)
        case Fetch():
            same = _payload(choice) == wish
            return Proceed() if same else Skip(say("transfer_changed_since"))


def _payload(fetch: Fetch) -> FetchRelease:
    files = (
        RemoteFingerprint(as_text(path), version.size, version.mtime)
        for path, version in sorted(fetch.files.items())
    )
    return FetchRelease(as_text(fetch.release.name), tuple(files))


def steps(service: str, fetcher: ReleaseFetcher, fetches: Collection[Fetch]) -> tuple[Step, ...]:
    """Make the steps, beside the event loop: they name every file."""
    return tuple(_step(service, fetcher, one) for one in fetches)


def _step(service: str, fetcher: ReleaseFetcher, fetch: Fetch) -> Step:
    name = fetch.release.name
    return Step(
        id=f"{FETCH}{fetcher.key(name)}",
        scope=Scope.TRANSFER,
        subject=Subject.of_transfer(service, as_text(name), fetch.release.label),
        target=Target(service, _KIND, None, fetcher.place(name), ProviderIds()),
        payload=_payload(fetch),
        reasons=fetch.reasons,
        cost=Cost(1, fetch.size, Pool.TORRENTS),
    )


def bytes_left(plan: Plan, service: str) -> int:
    """Say how many bytes a plan still fetches over one transfer."""
    return sum(
        step.cost.bytes
        for step in plan.steps
        if step.target.service == service and step.state is StepState.PLANNED
    )
