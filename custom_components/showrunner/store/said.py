"""What people have said of titles, and what we have changed of them: of many in a few questions.

The same as each repository tells of one title. How many statements that takes goes by how many
rows there are, five hundred in each, and not by how many titles are asked for.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import batched
from typing import Final

from sqlalchemy import Connection, select

from ..domain.candidate import Override
from ..domain.identity import KnownAs
from ..domain.keeps import Keep
from ..domain.media import TitleKey
from ..domain.regrets import Regret
from . import titles
from .keeps import keeps_of
from .ledger import LedgerRow, rows_of
from .names import CHUNK
from .regrets import regrets_of
from .schema import OVERRIDES, TITLES

_KEEP: Final = "keep"
_LEDGER: Final = "ledger"


@dataclass(frozen=True, slots=True)
class Said:
    """What is remembered of one title.

    `standing`: the words that hold; `keeps`: also those that are over, the newest first. `override`
    is on it by its sure names, `doubtful_overrides` by each other id. `changes`: by its sure names,
    `doubtful_changes` by others, `every_change` by all of them; each the oldest first.
    """

    standing: tuple[Keep, ...] = ()
    keeps: tuple[Keep, ...] = ()
    override: Override = Override.AUTO
    doubtful_overrides: tuple[Override, ...] = ()
    changes: tuple[LedgerRow, ...] = ()
    doubtful_changes: tuple[LedgerRow, ...] = ()
    every_change: tuple[LedgerRow, ...] = ()
    regrets: Mapping[int, Regret] = field(default_factory=dict)


def said_of(connection: Connection, some: Sequence[KnownAs], now: datetime) -> tuple[Said, ...]:
    """Say it of titles, in their order."""
    every = [one.every for one in some]
    about = _about(connection, {name for one in every for name in one.names})
    widened = _widened(connection, every, about)
    missing = {name for names in widened for name in names} - about.keys()
    about |= _about(connection, missing)
    keeps = keeps_of(connection, _refs(about, _KEEP, about))
    changes = rows_of(connection, _refs(about, _LEDGER, {n for one in every for n in one.names}))
    policies = _policies(connection, {name for one in every for name in one.names})
    regrets = regrets_of(connection, [*changes])

    def kept(names: Iterable[str]) -> list[Keep]:
        mine = _refs(about, _KEEP, names)
        return [one for number, one in keeps.items() if number in mine]

    def changed(title: TitleKey) -> tuple[LedgerRow, ...]:
        return tuple(changes[one] for one in sorted(_refs(about, _LEDGER, title.names)))

    found: list[Said] = []
    for one, names in zip(some, widened, strict=True):
        words = kept(names)
        mine = changed(one.sure)
        found.append(
            Said(
                standing=tuple(word for word in words if word.holds(now)),
                keeps=tuple(words),
                override=_policy(policies, one.sure.names),
                doubtful_overrides=tuple(
                    _policy(policies, TitleKey(one.sure.media, ids).names)
                    for ids in one.doubtful.others
                ),
                changes=mine,
                doubtful_changes=changed(one.doubtful) if one.doubtful else (),
                every_change=changed(one.every),
                regrets={row.id: regrets[row.id] for row in mine if row.id in regrets},
            )
        )
    return tuple(found)


type _About = dict[str, set[tuple[str, str]]]


def _about(connection: Connection, names: Collection[str]) -> _About:
    """Say which rows of which subjects are about each of these names."""
    found: _About = {name: set() for name in names}
    for part in batched(sorted(names), CHUNK, strict=False):
        query = select(TITLES.c.key, TITLES.c.subject, TITLES.c.ref).where(TITLES.c.key.in_(part))
        for key, subject, ref in connection.execute(query):
            found[key].add((subject, ref))
    return found


def _widened(
    connection: Connection, every: Sequence[TitleKey], about: _About
) -> list[frozenset[str]]:
    """Add the names that ever stood with a title's, as `titles.together` does of one."""
    refs: dict[str, set[str]] = {}
    for rows in about.values():
        for subject, ref in rows:
            refs.setdefault(subject, set()).add(ref)
    names = {
        (subject, ref): keys
        for subject, some in refs.items()
        for ref, keys in titles.names_of(connection, subject, sorted(some)).items()
    }
    found: list[frozenset[str]] = []
    for title in every:
        rows = {row for name in title.names for row in about[name]}
        more = {name for row in rows for name in names.get(row, ())}
        mine = (name for name in more if name.startswith(f"{title.media}:"))
        found.append(frozenset((*title.names, *mine)))
    return found


def _refs(about: _About, subject: str, names: Iterable[str]) -> frozenset[int]:
    """Number the rows of a subject that are about these names."""
    return frozenset(
        int(ref) for name in names for one, ref in about.get(name, ()) if one == subject
    )


def _policies(connection: Connection, names: Collection[str]) -> dict[str, tuple[int, Override]]:
    found: dict[str, tuple[int, Override]] = {}
    for part in batched(sorted(names), CHUNK, strict=False):
        query = select(OVERRIDES.c.key, OVERRIDES.c.at, OVERRIDES.c.policy)
        for key, at, policy in connection.execute(query.where(OVERRIDES.c.key.in_(part))):
            found[key] = at, Override(policy)
    return found


def _policy(policies: Mapping[str, tuple[int, Override]], names: Iterable[str]) -> Override:
    """Give the last word under any of these names, as `Overrides.get` does."""
    told = [policies[name] for name in sorted(names) if name in policies]
    return max(told, key=lambda one: one[0], default=(0, Override.AUTO))[1]
