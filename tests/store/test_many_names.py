"""Many titles at once are found as each would be by itself, and as somebody slow would find it."""

import random

import pytest

from custom_components.showrunner.domain.identity import known_as
from custom_components.showrunner.domain.keeps import Keep
from custom_components.showrunner.domain.knowledge import Known
from custom_components.showrunner.domain.library import ItemKey, ItemKind, LibraryItem
from custom_components.showrunner.domain.media import MediaType, ProviderIds, Title, TitleKey
from custom_components.showrunner.store import Store, known_as as names, library_names
from custom_components.showrunner.store.library_columns import guid
from tests.domain.samples import NOW
from tests.effort import examples

SERVERS = ("5" * 32, "6" * 32)


def _ids(chance: random.Random) -> ProviderIds:
    """Few enough that titles share some."""
    return ProviderIds(
        chance.choice((None, *range(1, 9))),
        chance.choice((None, None, *range(1, 9))),
        chance.choice((None, None, *(f"tt000000{n}" for n in range(1, 7)))),
    )


def _library(chance: random.Random) -> list[LibraryItem]:
    kinds = [ItemKind.MOVIE] * 8 + [ItemKind.SERIES] * 4
    found = [
        LibraryItem(chance.choice(SERVERS), f"{n:032x}", kind, f"Title {n}", _ids(chance))
        for n, kind in enumerate(kinds)
    ]
    for number in range(30):
        series = chance.choice(found[8:12])
        found.append(
            LibraryItem(
                series.server_id,
                f"{100 + number:032x}",
                ItemKind.EPISODE,
                f"Part {number}",
                _ids(chance) if chance.random() < 0.3 else ProviderIds(),
                series_item_id=series.item_id,
                series_ids=series.ids,
                season=chance.choice((None, 0, 1, 2)),
                episode=chance.choice((None, 1, 2, 3)),
            )
        )
    return found


def _names(chance: random.Random, items: list[LibraryItem]) -> list[str]:
    """Name an item or two, episodes by their series too, and what nobody has."""
    rows = [name for one in chance.sample(items, chance.randint(0, 3)) for name in one.keys]
    series = (f"series:{key}" for key in _ids(chance).keys)
    rows += [f"{one}:s{chance.randint(0, 3)}e{chance.randint(1, 4)}" for one in series]
    rows += [f"{chance.choice(('movie', 'series'))}:{key}" for key in _ids(chance).keys]
    return [*rows, "rubbish", f"item:{SERVERS[0]}:", f"item:{SERVERS[1]}:{'f' * 32}"]


async def test_items_of_many_titles_are_those_that_bear_one_of_its_names(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever ids they share, and however many names are asked for in one statement."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")  # noqa: T201
    chance = random.Random(seed)
    for number in range(examples(60)):
        items = _library(chance)
        await store._database.run(lambda c: c.exec_driver_sql("DELETE FROM library_items"))
        await store.library.take([one for one in items if one.server_id == SERVERS[0]], 1)
        await store.library.take([one for one in items if one.server_id == SERVERS[1]], 1)
        asked = [_names(chance, items) for _ in range(20)]
        monkeypatch.setattr(library_names, "CHUNK", chance.choice((1, 2, 500)))
        found = await store.library.by_keys_of(asked)
        for wanted, mine in zip(asked, found, strict=True):
            right = {one.item_id for one in items if _bears(one, wanted)}
            assert {one.item_id for one in mine} == right, (seed, number, wanted)
            assert len(mine) == len(right)
        alone = [await store.library.by_keys(one) for one in asked]
        assert [*found] == alone


def _bears(item: LibraryItem, wanted: list[str]) -> bool:
    return not set(wanted).isdisjoint(item.keys)


async def test_what_the_last_sweep_missed_is_not_met(store: Store) -> None:
    """For one of many titles as for one alone."""
    one = LibraryItem(SERVERS[0], "1" * 32, ItemKind.MOVIE, "One", ProviderIds(1))
    other = LibraryItem(SERVERS[0], "2" * 32, ItemKind.MOVIE, "Other", ProviderIds(2))
    await store.library.take((one, other), 1)
    missed = "UPDATE library_items SET missed = 1 WHERE item_id = ?"
    await store._database.run(lambda c: c.exec_driver_sql(missed, (guid(one.item_id),)))
    asked = (one.keys, other.keys, ())
    assert await store.library.by_keys_of(asked) == ((one,), (other,), ())
    assert await store.library.by_keys_of(asked, met=True) == ((), (other,), ())
    assert await store.library.by_keys_of(()) == ()


async def test_many_titles_go_by_the_names_that_each_would_go_by(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By rows of the store, by the library, and by what is said: as the slow judge says."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")  # noqa: T201
    chance = random.Random(seed)
    for number in range(examples(40)):
        clear = ("library_items", "titles", "keeps", "ledger")
        for table in clear:
            await store._database.run(
                lambda c, table=table: c.exec_driver_sql(f"DELETE FROM {table}")  # type: ignore[misc]
            )
        items = [one for one in _library(chance) if one.kind is not ItemKind.EPISODE]
        await store.library.take([one for one in items if one.server_id == SERVERS[0]], 1)
        rows = [(chance.choice([*MediaType]), _ids(chance)) for _ in range(8)]
        for season, (media, ids) in enumerate(rows):
            if ids and chance.random() < 0.5:
                keep = Keep(TitleKey(media, ids), season, None, NOW, "somebody")
                await store.keeps.set(keep)
            else:
                await store.ledger.note("cleanup", None, Title(media, ids, "X"), "delete", "")
        asked = [
            (TitleKey(chance.choice([*MediaType]), _ids(chance)), [_ids(chance)] * (n % 2))
            for n in range(12)
        ]
        monkeypatch.setattr(names, "CHUNK", chance.choice((1, 3, 500)))
        found = await store.titles.known_as_many(asked)
        answer = [
            frozenset(TitleKey(MediaType(one.kind.value), one.ids).names)
            for one in items
            if one.server_id == SERVERS[0]
        ]
        answer += [frozenset(TitleKey(media, ids).names) for media, ids in rows]
        for (title, said), mine in zip(asked, found, strict=True):
            right = known_as(title, _reached(title, answer, said))
            assert mine == Known(right, "showrunner"), (seed, number, title)
            assert mine == await store.titles.known_as(title, said)


def _reached(
    title: TitleKey, groups: list[frozenset[str]], said: list[ProviderIds]
) -> list[frozenset[str]]:
    """Give what one gets to from a title's names, one saying after the other."""
    sayings = [*groups, *(frozenset(TitleKey(title.media, ids).names) for ids in said)]
    reached = set(title.names)
    while more := [one for one in sayings if one & reached and not one <= reached]:
        reached.update(*more)
    return [one for one in sayings if one & reached or one in sayings[len(groups) :]]


def test_a_name_with_several_ids_finds_what_bears_one_of_them() -> None:
    """Which condition that makes, for each kind; no id, no condition."""
    assert library_names.with_ids(ItemKind.MOVIE, ProviderIds()) is None
    several = library_names.with_ids(ItemKind.MOVIE, ProviderIds(1, 2, "tt0000001"))
    assert str(several).count("library_items.kind") == 3
    assert ItemKey.parse("movie:tmdb:0") is None
