"""Which titles are judged together: those that share an id, directly or by way of another.

Nothing else that is known of one title says anything of another (`Twins`). So of a large library
few titles have to be known at a time, and not all that is known of all of them.
"""

from collections.abc import Callable, Iterator, Sequence

from ..inventory import ArrTitle


def together[T](titles: Sequence[T], record: Callable[[T], ArrTitle]) -> Iterator[list[T]]:
    """Give them in groups, each title once, in the order in which they and their first ones stand.

    `record` gives a title as its arr holds it.
    """
    once: set[str] = set()
    shared: set[str] = set()
    for one in titles:
        names = set(_names(record(one)))
        shared |= names & once
        once |= names
    groups: dict[str, list[int]] = {}
    for number, one in enumerate(titles):
        names = shared.intersection(_names(record(one)))
        if not names:
            continue
        group = [number]
        for other in {id(found): found for n in names if (found := groups.get(n))}.values():
            group += other
        for member in group:
            groups |= dict.fromkeys(shared.intersection(_names(record(titles[member]))), group)
    given: set[int] = set()
    for one in titles:
        name = next(iter(shared.intersection(_names(record(one)))), None)
        if name is None:
            yield [one]
        elif id(group := groups[name]) not in given:
            given.add(id(group))
            yield [titles[number] for number in sorted(group)]


def _names(record: ArrTitle) -> Iterator[str]:
    return (f"{record.kind}:{key}" for key in record.ids.keys)
