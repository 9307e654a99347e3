"""By which ids a title goes, by all that is told of it: surely, or perhaps. Pure.

Services know the same title by different ids, and some of what they say is wrong. What fits is
taken together. What contradicts it is not: whatever is found under such an id may be of another
title, and nobody knows (law 1). A movie and a series never meet: each name has its kind (law 14).
"""

from collections.abc import Iterable, Set as AbstractSet
from dataclasses import dataclass

from .knowledge import Answer
from .media import ProviderIds, TitleKey

# What one source says of one title: all names that it gives it.
type Saying = frozenset[str]


@dataclass(frozen=True, slots=True)
class KnownAs:
    """The names of a title: `sure` are its own, `doubtful` may be another title's."""

    sure: TitleKey
    doubtful: TitleKey

    @property
    def every(self) -> TitleKey:
        """All of them: nothing that may be of the title is under another name."""
        found = self.sure
        for ids in self.doubtful.others:
            found = found.joined(ids)
        return found

    def answer(self, names: Iterable[str]) -> Answer:
        """Tell whether what goes by these names is of this title."""
        asked = frozenset(names)
        if not asked.isdisjoint(self.sure.names):
            return Answer.YES
        return Answer.NO if asked.isdisjoint(self.doubtful.names) else Answer.UNKNOWN


def known_as(title: TitleKey, sayings: Iterable[Saying]) -> KnownAs:
    """Say by which names a title goes. In which order something is said, and how often, is all one.

    Only what shares a name with it says anything of it.
    """
    sure, waiting = set(title.names), set(sayings)
    while True:
        near = [one for one in waiting if not one.isdisjoint(sure) and _fits(one, sure)]
        # Of two that contradict each other nobody knows which one is right.
        clear = [one for one in near if all(_fits(one, other) for other in near)]
        waiting.difference_update(clear)
        if not clear:
            break
        sure.update(*clear)
    reached, before = set(sure), 0
    while len(reached) > before:
        before = len(reached)
        reached.update(*(one for one in waiting if not one.isdisjoint(reached)))
    return KnownAs(
        _named(title, sure), _named(TitleKey(title.media, ProviderIds()), reached - sure)
    )


def _fits(one: AbstractSet[str], other: AbstractSet[str]) -> bool:
    """Tell whether of no provider quite other ids are told; of a renumbered title two may be."""
    mine, theirs = _by_provider(one), _by_provider(other)
    return all(not ids.isdisjoint(theirs.get(name, ids)) for name, ids in mine.items())


def _by_provider(names: Iterable[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for name in names:
        found.setdefault(name.rpartition(":")[0], set()).add(name)
    return found


def _named(title: TitleKey, names: AbstractSet[str]) -> TitleKey:
    """Add names to a title's own."""
    for name in sorted(names - set(title.names)):
        _, provider, value = name.split(":", 2)
        title = title.joined(ProviderIds.from_mapping({provider: value}))
    return title
