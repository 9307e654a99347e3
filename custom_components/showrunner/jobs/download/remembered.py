"""What we remember of a title that may be fetched: a person's word, our deletion, our last search.

It is asked under all ids that anybody gives the title. What stands under one that may be another
title's is of nobody knows which, and fetches nothing (law 1).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ...domain.candidate import Override
from ...domain.identity import KnownAs
from ...domain.knowledge import Absent, Knowledge, Known, Unknown
from ...domain.media import ProviderIds, TitleKey
from ...domain.text import Words, say
from ...store import Store, StoreDamaged
from ...store.small import Word

_SOURCE = "ledger"


@dataclass(frozen=True, slots=True)
class Remembered:
    """`doubt`: why nobody knows whether a person's word is on this title; "": it is, or is none."""

    word: Word
    doubt: Words
    deleted_at: Knowledge[datetime]
    searched_at: Knowledge[datetime]


async def remembered(store: Store, title: TitleKey, sayings: Iterable[ProviderIds]) -> Remembered:
    """Ask the store. `sayings`: by which ids services call the title. Raises StoreError."""
    known_as = await store.titles.known_as(title, sayings)
    if not isinstance(known_as, Known):
        why = known_as.reason if isinstance(known_as, Unknown) else ""
        unknown = Unknown(why, _SOURCE)
        return Remembered(await store.overrides.get(title), why, unknown, unknown)
    named = known_as.value
    word = await store.overrides.get(named.sure)
    doubtful = word.policy is Override.AUTO and await _is_decided(store, named)
    return Remembered(
        word,
        say("decided_under_other_ids") if doubtful else "",
        await _deleted_at(store, named),
        await _searched_at(store, named),
    )


async def _is_decided(store: Store, named: KnownAs) -> bool:
    """Tell whether a person has decided for what may be another title."""
    keys = (TitleKey(named.sure.media, ids) for ids in named.doubtful.others)
    words = [await store.overrides.get(key) for key in keys]
    return any(one.policy is not Override.AUTO for one in words)


async def _deleted_at(store: Store, named: KnownAs) -> Knowledge[datetime]:
    mine = await store.ledger.deleted_at(named.sure)
    others = await store.ledger.deleted_at(named.doubtful) if named.doubtful else None
    return _later(mine, others, say("deleted_under_other_ids"))


async def _searched_at(store: Store, named: KnownAs) -> Knowledge[datetime]:
    """Say when we have searched for it last."""
    try:
        mine = await _last_search(store, named.sure)
        others = await _last_search(store, named.doubtful) if named.doubtful else None
    except StoreDamaged as err:
        return Unknown(err.said, _SOURCE)
    return _later(mine, others, say("searched_under_other_ids"))


async def _last_search(store: Store, title: TitleKey) -> datetime | None:
    found = await store.acquisitions.for_title(title)
    return max((one.searched_at for one in found if one.searched_at is not None), default=None)


def _later(mine: datetime | None, others: datetime | None, why: Words) -> Knowledge[datetime]:
    """Take what was done to this title, unless later the same may have been done to it."""
    if others is not None and (mine is None or others > mine):
        return Unknown(why, _SOURCE)
    return Absent(_SOURCE) if mine is None else Known(mine, _SOURCE)
