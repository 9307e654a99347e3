"""Never more bytes at once than are allowed, and nobody is forgotten."""

import asyncio

import pytest

from custom_components.showrunner.clients.fetching.in_flight import InFlight


async def test_never_more_than_allowed_and_all_come_to_their_turn() -> None:
    flight, held, most, ended = InFlight(10), 0, 0, list[int]()

    async def one(size: int) -> None:
        nonlocal held, most
        async with flight.take(size):
            held += min(size, 10)
            most = max(most, held)
            await asyncio.sleep(0)
            held -= min(size, 10)
        ended.append(size)

    async with asyncio.timeout(60):
        await asyncio.gather(*(one(size) for size in (3, 9, 1, 25, 4, 4, 10, 2)))

    assert sorted(ended) == [1, 2, 3, 4, 4, 9, 10, 25]
    assert most <= 10


@pytest.mark.parametrize("given_already", [False, True])
async def test_who_is_cancelled_while_waiting_takes_nothing_along(given_already: bool) -> None:
    flight = InFlight(10)

    async def one() -> None:
        async with flight.take(10):
            await asyncio.sleep(0)

    holding = flight.take(10)
    await holding.__aenter__()
    waiting = asyncio.create_task(one())
    behind = asyncio.create_task(one())
    await asyncio.sleep(0)
    if given_already:
        await holding.__aexit__(None, None, None)
        waiting.cancel()
    else:
        waiting.cancel()
        await asyncio.sleep(0)
        await holding.__aexit__(None, None, None)
    async with asyncio.timeout(60):
        await asyncio.gather(waiting, behind, return_exceptions=True)
        await one()

    assert waiting.cancelled()
    assert not behind.cancelled()
