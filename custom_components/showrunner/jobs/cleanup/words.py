"""What our own memory has of a title: what people said of it, and what we have deleted of it.

It is asked under all of the title's names. What stands under one that may be another title's is of
nobody knows which, and keeps what it would keep if it were of this one.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
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
from ...store import LedgerRow, LedgerState, Store

# Of the words that are over nobody needs to know more to judge a title; the newest come first.
_MOST_OVER: Final = 500
_DELETIONS: Final = frozenset(action.value for action in Action if action.takes_title)


@dataclass(frozen=True, slots=True)
class SaidOfTitle:
    """What is remembered. Nothing of it is known of a title whose names are not."""

    keeps: Knowledge[tuple[PersonsKeep, ...]] = NOT_ASKED
    kept_by_override: Answer = Answer.UNKNOWN
    deletions: Knowledge[tuple[OurDeletion, ...]] = NOT_ASKED
    left_to_person: Answer = Answer.UNKNOWN
    searches: Knowledge[tuple[OurSearch, ...]] = NOT_ASKED


_NOTHING_SAID: Final = SaidOfTitle(
    Known(()), Answer.NO, Known((), "showrunner"), Answer.NO, Known((), "showrunner")
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
    known_as: Knowledge[KnownAs],
    now: datetime,
    spoken: frozenset[str] | None = None,
) -> SaidOfTitle:
    """Say what is remembered of a title. Raises StoreError."""
    match known_as:
        case Known() if is_quiet(known_as, spoken):
            return _NOTHING_SAID
        case Known(named):
            return SaidOfTitle(
                keeps=await _keeps(store, named, now),
                kept_by_override=await _override(store, named, {Override.ALWAYS}),
                deletions=await _deletions(store, named),
                left_to_person=await _override(store, named, _BY_PERSON),
                searches=Known(await _searches(store, named), "showrunner"),
            )
        case Unknown() as unknown:
            return SaidOfTitle(keeps=unknown, deletions=unknown, searches=unknown)
        case Absent():
            return SaidOfTitle()


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


async def _keeps(store: Store, known_as: KnownAs, now: datetime) -> Knowledge[tuple[Keep, ...]]:
    holding = await store.keeps.standing(now, known_as.every)
    over = await store.keeps.for_title(known_as.every, _MOST_OVER)
    return on_title(dict.fromkeys((*holding, *over)), known_as, now)


async def _override(store: Store, known_as: KnownAs, words: Collection[Override]) -> Answer:
    """Tell whether a person has said one of these. Each other id may be another title's."""
    if (await store.overrides.get(known_as.sure)).policy in words:
        return Answer.YES
    for ids in known_as.doubtful.others:
        word = await store.overrides.get(TitleKey(known_as.sure.media, ids))
        if word.policy in words:
            return Answer.UNKNOWN
    return Answer.NO


async def _deletions(store: Store, known_as: KnownAs) -> Knowledge[tuple[OurDeletion, ...]]:
    mine = await store.ledger.for_title(known_as.sure)
    ids = {one.id for one in mine}
    others = await store.ledger.for_title(known_as.doubtful) if known_as.doubtful else ()
    if any(deletions_in(one for one in others if one.id not in ids)):
        return Unknown(say("deleted_under_other_ids"), "showrunner")
    regrets = await store.regrets.of(ids)
    return Known(tuple(deletions_in(mine, regrets)), "showrunner")


async def _searches(store: Store, known_as: KnownAs) -> tuple[OurSearch, ...]:
    """Say when episodes were searched for under any of a title's ids; one too many only waits."""
    return tuple(searches_in(await store.ledger.for_title(known_as.every)))


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
