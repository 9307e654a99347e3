"""By which ids titles go, by all that is kept of them. Functions on an open transaction.

Many titles are asked for at once: what is kept under a name is looked up once for all of them.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import batched
from typing import Final

from sqlalchemy import Connection, and_, select

from ..domain.identity import KnownAs, Saying, known_as
from ..domain.knowledge import Knowledge, Known, Unknown
from ..domain.library import ItemKey
from ..domain.media import MediaType, ProviderIds, TitleKey
from ..domain.text import say
from .library_names import named
from .names import CHUNK
from .schema import TITLES

# No title has more names. Where one seems to, wrong ids have run many titles into one.
_MOST_NAMES: Final = 100


def known_as_many(
    connection: Connection, some: Iterable[tuple[TitleKey, Iterable[ProviderIds]]]
) -> tuple[Knowledge[KnownAs], ...]:
    """Say by which ids each of these titles goes, by what is kept and what is said of it now.

    Unknown where too much runs into one.
    """
    searches = [_Search(title, ids) for title, ids in some]
    kept, going = _Kept(connection), searches
    while going:
        kept.ask({name for one in going for name in one.new})
        going = [one for one in going if one.goes_on(kept)]
    return tuple(one.found for one in searches)


class _Search:
    """Goes from a title's names to those that stand with them, until there are no others."""

    def __init__(self, title: TitleKey, told: Iterable[ProviderIds]) -> None:
        """Begin with the title's own names."""
        self._title = title
        self._sayings = {frozenset(TitleKey(title.media, ids).names) for ids in told}
        self._names, self._asked = set(title.names), set[str]()

    @property
    def new(self) -> set[str]:
        """Give the names of which nobody has asked yet what stands with them."""
        return self._names - self._asked

    def goes_on(self, kept: _Kept) -> bool:
        """Take in what is kept under the new names; tell whether there are others by now."""
        new = self.new
        self._asked |= new
        self._sayings.update(*(kept.of(name) for name in new))
        self._names.update(*(one for one in self._sayings if not one.isdisjoint(self._names)))
        return bool(self.new) and not self._is_endless

    @property
    def _is_endless(self) -> bool:
        return len(self._names) > _MOST_NAMES

    @property
    def found(self) -> Knowledge[KnownAs]:
        """Say by which names it goes."""
        if self.new and self._is_endless:
            return Unknown(say("title_runs_into_others"), "showrunner")
        return Known(known_as(self._title, self._sayings), "showrunner")


class _Kept:
    """What is kept together with a name: the rows of every subject, and the library's items."""

    def __init__(self, connection: Connection) -> None:
        """Nothing was asked yet."""
        self._connection = connection
        self._of: dict[str, set[Saying]] = {}

    def of(self, name: str) -> Collection[Saying]:
        """Give what stands with a name that was asked for."""
        return self._of[name]

    def ask(self, names: Iterable[str]) -> None:
        """Look up what stands with these names, but for those that were looked up before."""
        new = [name for name in names if name not in self._of]
        self._of |= {name: set() for name in new}
        for some in batched(new, CHUNK, strict=False):
            for saying in _rows(self._connection, some):
                for name in saying & self._of.keys():
                    self._of[name].add(saying)
        keys = {name: key for name in new if (key := ItemKey.parse(name)) is not None}
        items = named(self._connection, keys.values())
        for name, key in keys.items():
            media = MediaType(name.partition(":")[0])
            for row in items[key]:
                ids = ProviderIds(row["tmdb"], row["tvdb"], row["imdb"])
                self._of[name].add(frozenset(TitleKey(media, ids).names))


def _rows(connection: Connection, names: Sequence[str]) -> Iterator[Saying]:
    """Give what stands in one row of any subject with one of these names, of one kind each."""
    mine, other = TITLES.alias("mine"), TITLES.alias("other")
    same = and_(other.c.subject == mine.c.subject, other.c.ref == mine.c.ref)
    rows = select(other.c.subject, other.c.ref, other.c.key).join_from(mine, other, same)
    found: dict[tuple[str, str, str], set[str]] = {}
    for subject, ref, key in connection.execute(rows.where(mine.c.key.in_(names)).distinct()):
        found.setdefault((subject, ref, key.partition(":")[0]), set()).add(key)
    yield from map(frozenset, found.values())
