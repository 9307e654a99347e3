"""What is remembered of many titles at once is what each repository tells of each."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
import random
from unittest.mock import Mock

import pytest
from sqlalchemy import event

from custom_components.showrunner.domain.candidate import Override
from custom_components.showrunner.domain.identity import KnownAs
from custom_components.showrunner.domain.keeps import Keep
from custom_components.showrunner.domain.knowledge import Known
from custom_components.showrunner.domain.media import MediaType, ProviderIds, Title, TitleKey
from custom_components.showrunner.domain.plan import Subject
from custom_components.showrunner.domain.regrets import Regret, Way
from custom_components.showrunner.store import LedgerState, Said, Store, small
from tests.domain.plans import step
from tests.domain.samples import FILM, NOW
from tests.effort import examples

from .scratch import engines

DAY = timedelta(days=1)


def ids(chance: random.Random) -> ProviderIds:
    """Give ids of few titles, so that rows share some and contradict each other in others."""
    tmdb, imdb = chance.randrange(6), chance.randrange(6)
    which = chance.randrange(3)
    return ProviderIds(
        tmdb=tmdb + 1 if which != 1 else None, imdb=f"tt{imdb + 1:07d}" if which else None
    )


async def speak(store: Store, chance: random.Random) -> None:
    """Have something be said of a title, or changed."""
    media = chance.choice([MediaType.MOVIE, MediaType.MOVIE, MediaType.SERIES])
    key = TitleKey(media, ids(chance))
    match chance.randrange(5):
        case 0 | 1:
            until = chance.choice([None, NOW + DAY, NOW - DAY, NOW])
            at = NOW - chance.randrange(5) * DAY
            season = chance.choice([None, 1]) if media is MediaType.SERIES else None
            await store.keeps.set(Keep(key, season, until, at, "ada"))
        case 2:
            await store.overrides.set(key, chance.choice([*Override]), "ada")
        case _:
            title = Title(media, key.ids, "X")
            wish = replace(step(1), subject=Subject.of_title(title))
            row = await store.ledger.begin("cleanup", "p", wish, {})
            state = chance.choice([LedgerState.DONE, LedgerState.FAILED])
            await store.ledger.finish(row, state, "", {"id": 1} if chance.randrange(2) else {})
            if chance.randrange(2):
                await store.regrets.put([Regret(row, NOW, Way.UNDO, "showrunner")])


async def one_by_one(store: Store, named: KnownAs) -> Said:
    """Ask every repository for one title."""
    policies = [
        (await store.overrides.get(TitleKey(named.sure.media, one))).policy
        for one in named.doubtful.others
    ]
    changes = await store.ledger.for_title(named.sure)
    return Said(
        standing=await store.keeps.standing(NOW, named.every),
        keeps=await store.keeps.for_title(named.every, 500),
        override=(await store.overrides.get(named.sure)).policy,
        doubtful_overrides=tuple(policies),
        changes=changes,
        doubtful_changes=await store.ledger.for_title(named.doubtful) if named.doubtful else (),
        every_change=await store.ledger.for_title(named.every),
        regrets=await store.regrets.of({row.id for row in changes}),
    )


async def names(store: Store) -> list[KnownAs]:
    """Give titles by all that is kept of them, as far as that is known."""
    chance = random.Random(0)
    keys = [TitleKey(media, ids(chance)) for media in MediaType for _ in range(12)]
    keys.append(TitleKey(MediaType.MOVIE, ProviderIds(tmdb=99)))
    known = await store.titles.known_as_many((key, ()) for key in keys)
    return [one.value for one in known if isinstance(one, Known)]


@pytest.mark.parametrize("seed", range(examples(100)))
async def test_many_are_told_as_each_is(
    store: Store, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Words of people, overrides, changes and regrets, under sure names and doubtful ones."""
    chance = random.Random(seed)
    if seed % 2:  # all is said within one millisecond
        monkeypatch.setattr(small, "datetime", Mock(now=lambda _: NOW))
    for _ in range(chance.randrange(25)):
        await speak(store, chance)
    nothing = TitleKey(MediaType.MOVIE, ProviderIds())
    # Also by a part of its names: what ever stood with one of them is the title's, too.
    parts = [KnownAs(TitleKey(media, ids(chance)), nothing) for media in MediaType for _ in "xyz"]
    asked = [*await names(store), *parts]
    answer = await store.said_of(asked, NOW)
    assert [*answer] == [await one_by_one(store, one) for one in asked]
    assert await store.said_of([], NOW) == ()


async def test_how_many_are_asked_for_costs_no_more_questions(store: Store) -> None:
    """A hundred titles with words and changes take the statements of one, and each is told."""
    asked: list[KnownAs] = []
    for number in range(1, 101):
        title = replace(FILM, ids=ProviderIds(tmdb=number))
        await store.keeps.set(Keep(title.key, None, None, NOW, "ada"))
        await store.overrides.set(title.key, Override.ALWAYS, "ada")
        row = await store.ledger.begin("cleanup", "p", step(1, subject=Subject.of_title(title)), {})
        await store.ledger.finish(row, LedgerState.DONE, "", {"id": 1})
        asked.append(KnownAs(title.key, TitleKey(MediaType.MOVIE, ProviderIds())))

    async def statements(some: Sequence[KnownAs]) -> int:
        count = 0

        def one_more(*_: object) -> None:
            nonlocal count
            count += 1

        event.listen(engines(store)[1], "before_cursor_execute", one_more)
        answer = await store.said_of(some, NOW)
        event.remove(engines(store)[1], "before_cursor_execute", one_more)
        assert all(one.standing and one.changes for one in answer)
        assert all(one.override is Override.ALWAYS for one in answer)
        return count

    one, many = await statements(asked[:1]), await statements(asked)
    assert many <= one + 1, (one, many)
    assert one < 10
