"""What our own memory has of a title: what people said of it, and what we have deleted of it.

It is asked under all of the title's names. What stands under one that may be another title's is of
nobody knows which, and keeps what it would keep if it were of this one.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

from ...domain.candidate import Override
from ...domain.deletion.facts import NOT_ASKED
from ...domain.identity import KnownAs
from ...domain.keeps import Keep, on_title
from ...domain.knowledge import Absent, Answer, Knowledge, Known, Unknown
from ...domain.media import TitleKey
from ...domain.plan import Action, LeftOut
from ...domain.regrets import Regret
from ...domain.retention import OurDeletion, OurSearch, PersonsKeep
from ...domain.text import say
from ...store import LedgerRow, LedgerState, Said, Store

# Of the words that are over nobody needs to know more to judge a title; the newest come first.
_MOST_OVER: Final = 500
_DELETIONS: Final = frozenset(action.value for action in Action if action.takes_title)


@dataclass(frozen=True, slots=True)
class SaidOfTitle:
    """What is remembered. Nothing of it is known of a title whose names are not.

    `standing`: the words that hold now, which stand against every deletion, whatever job asks.
    """

    keeps: Knowledge[tuple[PersonsKeep, ...]] = NOT_ASKED
    kept_by_override: Answer = Answer.UNKNOWN
    deletions: Knowledge[tuple[OurDeletion, ...]] = NOT_ASKED
    left_to_person: Answer = Answer.UNKNOWN
    searches: Knowledge[tuple[OurSearch, ...]] = NOT_ASKED
    standing: Knowledge[tuple[Keep, ...]] = NOT_ASKED


_NOTHING_SAID: Final = SaidOfTitle(
    *(Known(()), Answer.NO, Known((), "showrunner"), Answer.NO, Known((), "showrunner"), Known(())),
)
# Who has said so fetches it themselves, or wants it not.
_BY_PERSON: Final = frozenset({Override.NEVER, Override.ASK})


def is_quiet(known_as: Knowledge[KnownAs], spoken: frozenset[str] | None) -> bool:
    """Tell whether nothing is remembered of a title, by all names of which there is something.

    Of `spoken` None: they were not asked for, and the title is.
    """
    if spoken is None or not isinstance(known_as, Known):
        return False
    return spoken.isdisjoint(known_as.value.every.names)


async def words_on(
    store: Store,
    some: Sequence[Knowledge[KnownAs]],
    now: datetime,
    spoken: frozenset[str] | None = None,
) -> list[SaidOfTitle]:
    """Say what is remembered of titles, in their order. Raises StoreError."""
    asked = [one.value for one in some if isinstance(one, Known) and not is_quiet(one, spoken)]
    told = iter(zip(asked, await store.said_of(asked, now) if asked else (), strict=True))
    found: list[SaidOfTitle] = []
    for known_as in some:
        match known_as:
            case Known() if is_quiet(known_as, spoken):
                found.append(_NOTHING_SAID)
            case Known():
                found.append(_words(*next(told), now))
            case Unknown() as unknown:
                found.append(
                    SaidOfTitle(
                        keeps=unknown, deletions=unknown, searches=unknown, standing=unknown
                    )
                )
            case Absent():
                found.append(SaidOfTitle())
    return found


def _words(named: KnownAs, said: Said, now: datetime) -> SaidOfTitle:
    """Read what is remembered of one title."""
    words = dict.fromkeys((*said.standing, *said.keeps[:_MOST_OVER]))
    return SaidOfTitle(
        keeps=on_title(words, named, now),
        kept_by_override=_override(said, {Override.ALWAYS}),
        deletions=_deletions(said),
        left_to_person=_override(said, _BY_PERSON),
        searches=Known(tuple(searches_in(said.every_change)), "showrunner"),
        standing=on_title(said.standing, named, now),
    )


class KeptNames:
    """Finds out which of these words nothing matches that is held anywhere."""

    def __init__(self, keeps: Iterable[Keep] = ()) -> None:
        """Take the words that hold."""
        self._by_name: dict[str, list[Keep]] = {}
        self._left = dict.fromkeys(keeps)
        for keep in self._left:
            for name in keep.title.names:
                self._by_name.setdefault(name, []).append(keep)

    def waits_for(self, title: TitleKey) -> bool:
        """Tell whether any word is of a title of these names."""
        return not self._by_name.keys().isdisjoint(title.names)

    def meet(self, title: TitleKey) -> None:
        """Take it that an arr holds a title."""
        if self._left:
            for name in title.names:
                for keep in self._by_name.get(name, ()):
                    self._left.pop(keep, None)

    async def unmatched(self, store: Store) -> list[LeftOut]:
        """Say of which titles nobody knows what is kept. Raises StoreError."""
        return [
            LeftOut(one.title.names[0], say("kept_unmatched"), unknown=True)
            for one in self._left
            if not await store.titles.is_remembered(one.title)
        ]


def _override(said: Said, words: Collection[Override]) -> Answer:
    """Tell whether a person has said one of these. Each other id may be another title's."""
    if said.override in words:
        return Answer.YES
    doubtful = any(one in words for one in said.doubtful_overrides)
    return Answer.UNKNOWN if doubtful else Answer.NO


def _deletions(said: Said) -> Knowledge[tuple[OurDeletion, ...]]:
    ids = {one.id for one in said.changes}
    if any(deletions_in(one for one in said.doubtful_changes if one.id not in ids)):
        return Unknown(say("deleted_under_other_ids"), "showrunner")
    return Known(tuple(deletions_in(said.changes, said.regrets)), "showrunner")


def searches_in(changes: Iterable[LedgerRow]) -> Iterator[OurSearch]:
    """Say which of a title's changes were searches for episodes; what failed was none."""
    for one in changes:
        payload = one.before.get("payload")
        told = payload.get("episodes") if isinstance(payload, dict) else None
        if one.action != Action.SEARCH_EPISODES or one.state is LedgerState.FAILED:
            continue
        episodes = frozenset(number for number in told or () if isinstance(number, int))
        yield OurSearch(one.begun_at, one.service or "", episodes)


def deletions_in(
    changes: Iterable[LedgerRow], regrets: Mapping[int, Regret] = MappingProxyType({})
) -> Iterator[OurDeletion]:
    """Say what of a title's changes was a deletion of ours, and what of that was regretted."""
    for one in changes:
        if is_deletion(one) and one.ended_at is not None:
            yield OurDeletion(
                one.ended_at,
                season_of(one),
                one.service if one.state is LedgerState.DONE else None,
                one.undone_at,
                regrets.get(one.id),
            )


def is_deletion(one: LedgerRow) -> bool:
    """Tell whether a change was a deletion of ours; what failed half way has done some."""
    done = one.state is LedgerState.DONE
    half = one.state is LedgerState.FAILED and bool(one.after)
    return one.action in _DELETIONS and one.ended_at is not None and (done or half)


def season_of(one: LedgerRow) -> int | None:
    """Say of which season it deleted files; None: of the whole title."""
    payload = one.before.get("payload")
    season = payload.get("season") if isinstance(payload, Mapping) else None
    return season if isinstance(season, int) else None
