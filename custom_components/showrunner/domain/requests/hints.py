"""What webhooks tell of a request: hints, which show something sooner and decide nothing (law 13).

A webhook has no signature, so anybody may have sent it, and again, and late. Its hints lie beside
the facts of a request and never among them. They stand until the next healthy read of the service
that sent them: what that read tells are facts, and its hints are forgotten. A hint
only ever shows that something has got on; that something has ended or gone, that it is held up, or
that it is no longer, is for a read to say.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Self

from .facts import Event, EventKind, Fact, Facts
from .report import Report, admitted, downloads_of
from .request import Request

# A service may call before it has written what it tells: a read that began sooner than this
# afterwards says nothing against it.
SETTLES: Final = timedelta(seconds=2)
# So much is held of one request: a season's episodes, each grabbed and imported, and some more.
MOST: Final = 200
_ON: Final = frozenset(
    {
        EventKind.APPROVED,
        EventKind.GRABBED,
        EventKind.STARTED,
        EventKind.COMPLETE,
        EventKind.IMPORTING,
        EventKind.IMPORTED,
    }
)


@dataclass(frozen=True, slots=True)
class Hint:
    """What one webhook told: by which service (a subentry's id), and when it came."""

    service: str
    came: datetime
    facts: tuple[Fact, ...]
    anime: bool = False

    @classmethod
    def of(cls, service: str, came: datetime, request: Request, report: Report) -> Self:
        """Take from a report what may be shown. Nothing has happened later than it was told."""
        reported = admitted(request, (fact for fact in report.facts if _gets_on(fact)))
        facts = (
            replace(fact, at=min(fact.at, came)) if isinstance(fact, Event) else fact
            for fact in reported
        )
        return cls(service, came, tuple(facts), bool(report.anime))


@dataclass(frozen=True, slots=True)
class Hints:
    """The hints of one request, in the order in which they came."""

    hints: tuple[Hint, ...] = ()

    def with_hint(self, hint: Hint, facts: Facts) -> Self:
        """Take one in, if it tells anything that is not known, and there is room for it."""
        known = self.over(facts)
        room = MOST - sum(len(one.facts) for one in self.hints)
        if known.with_(_shown(hint.facts, facts)) is known or len(hint.facts) > room:
            return self
        return type(self)((*self.hints, hint))

    def after(self, service: str, began: datetime) -> Self:
        """Give what is left of them after a healthy read of that service that began then."""
        left = tuple(
            one for one in self.hints if one.service != service or began - one.came < SETTLES
        )
        return self if len(left) == len(self.hints) else type(self)(left)

    def over(self, facts: Facts) -> Facts:
        """Lay them over what is known."""
        return facts.with_(_shown((fact for one in self.hints for fact in one.facts), facts))

    @property
    def anime(self) -> bool:
        """Tell whether one of them says that it is anime."""
        return any(one.anime for one in self.hints)

    def imports(self, facts: Facts) -> bool:
        """Tell whether one of them says that a file has come of which nothing is known."""
        reported = (
            fact for one in self.hints for fact in one.facts if fact.key not in facts.by_key
        )
        return any(isinstance(f, Event) and f.kind is EventKind.IMPORTED for f in reported)

    @property
    def downloads(self) -> set[str]:
        """The downloads that they name."""
        return downloads_of(fact for one in self.hints for fact in one.facts)


def _gets_on(fact: Fact) -> bool:
    return isinstance(fact, Event) and fact.kind in _ON


def _shown(reported: Iterable[Fact], facts: Facts) -> Iterator[Fact]:
    """Leave out an approval of what was read as refused: the same call comes at every new try."""
    refused = facts.event(EventKind.REFUSED) is not None
    for fact in reported:
        if not (refused and isinstance(fact, Event) and fact.kind is EventKind.APPROVED):
            yield fact


def without(facts: Facts, hints: Hints, left: Hints) -> Facts:
    """Forget what a client said of downloads that only hints had named, once these are gone."""
    return facts.without_downloads(hints.downloads - left.downloads - downloads_of(facts))
