"""What is done to episodes, torrents, titles of Seerr and requests."""

from typing import Any

import pytest

from custom_components.showrunner.clients.errors import Unreachable
from custom_components.showrunner.domain.knowledge import Absent, Known, Unknown
from custom_components.showrunner.domain.media import ProviderIds
from custom_components.showrunner.domain.plan import (
    Cost,
    DeleteEpisodeFiles,
    DeleteRequest,
    FileFingerprint,
    ForgetMedia,
    MonitorEpisodes,
    Payload,
    RemoveTorrent,
    SearchEpisodes,
    SearchMovie,
    Step,
    Target,
    UnmonitorEpisodes,
)
from custom_components.showrunner.domain.torrents import TorrentList
from custom_components.showrunner.operations import NotPossible, Operation, all_operations
from tests.domain.requests.test_deletion import TORRENT

from .linked import NOW, Book, Linked, Seerr, Sonarr, Torrents, episode, file_of, step

HASH = TORRENT.hash
FILES = tuple(FileFingerprint(number, f"/data/{number}.mkv", number) for number in (10, 20))
ALL: list[Payload] = [
    UnmonitorEpisodes((1, 2)),
    DeleteEpisodeFiles(1, FILES),
    MonitorEpisodes((1,)),
    SearchEpisodes((1,)),
    RemoveTorrent(HASH, 1000),
    ForgetMedia(4),
    DeleteRequest("r"),
]


def operation(payload: Payload, book: Book | None = None, **services: Any) -> Operation:
    """Give the operation of a payload's action."""
    return all_operations(Linked(**services), book or Book(), lambda: NOW)[payload.ACTION]


def of(payload: Payload, number: int | None = 7, service: str = "here") -> Step:
    """Make a step on something of a service."""
    target = Target(service, "x", number, None, ProviderIds(tvdb=121361))
    return step(payload, target=target, cost=Cost(1, 400))


@pytest.mark.parametrize("payload", ALL, ids=lambda one: one.ACTION.value)
async def test_nothing_is_done_at_what_is_not_linked(payload: Payload) -> None:
    """And a payload of another action is refused, with a service or without."""
    services = {"sonarr": Sonarr(), "seerr": Seerr(), "torrents": Torrents(TorrentList.of(()))}
    one = operation(payload, **services)
    with pytest.raises(NotPossible):
        await one.apply(of(payload, service="there"))
    with pytest.raises(NotPossible):
        await one.read_back(of(payload, service="there"), NOW)
    if not isinstance(payload, ForgetMedia | DeleteRequest):
        with pytest.raises(NotPossible):
            await one.apply(of(SearchMovie()))
    with pytest.raises(NotPossible):
        await one.read_back(of(SearchMovie(), None), NOW)


# -- episodes --------------------------------------------------------------------------------------


async def test_episodes_are_unmonitored_and_those_that_were_not_stay_so() -> None:
    """What was monitored before is kept, for the way back."""
    wish = UnmonitorEpisodes((1, 2))
    sonarr = Sonarr([episode(1), episode(2, monitored=False), episode(3)])
    one = operation(wish, sonarr=sonarr)
    before = await one.snapshot(of(wish))
    assert (before["monitored_episodes"], before["episodes"]) == ([1, 3], [1, 2])
    assert isinstance(await one.read_back(of(wish), NOW), Absent)
    assert await one.apply(of(wish)) is None
    assert sonarr.writes == [("monitor", (1, 2), False)]
    told = await one.read_back(of(wish), NOW)
    assert isinstance(told, Known)
    assert told.value.after["episode_ids"] == [1, 2]
    assert one.undo(before, {}) == (MonitorEpisodes((1,)),)
    assert one.undo({**before, "monitored_episodes": []}, {}) == ()
    assert one.undo({}, {}) == ()
    empty = UnmonitorEpisodes(())
    with pytest.raises(NotPossible):
        await operation(empty, sonarr=sonarr).apply(of(empty))


async def test_episode_files_are_deleted_in_one_call() -> None:
    """What is left is said, and only what is gone counts."""
    wish = DeleteEpisodeFiles(1, FILES)
    sonarr = Sonarr(
        [episode(1, file=10), episode(2, monitored=False, file=20), episode(3, file=30)],
        [file_of(number) for number in (10, 20, 30)],
    )
    one = operation(wish, sonarr=sonarr)
    before = await one.snapshot(of(wish))
    assert before["episodes"] == [1, 2]
    assert isinstance(await one.read_back(of(wish), NOW), Absent)
    assert await one.apply(of(wish)) is None
    assert sonarr.writes == [("delete", (10, 20))]
    whole = await one.read_back(of(wish), NOW)
    assert isinstance(whole, Known)
    assert (whole.value.bytes_freed, whole.value.half) == (30, False)
    sonarr.tracked.append(file_of(20))
    part = await one.read_back(of(wish), NOW)
    assert isinstance(part, Known)
    assert (part.value.bytes_freed, part.value.half) == (10, True)
    assert part.value.after == {"file_ids": [10], "left": [20]}
    both = (MonitorEpisodes((1,)), SearchEpisodes((1, 2)))
    assert one.undo(before, whole.value.after) == both
    # What is still there need not be fetched; what nobody looked for before is, all the same.
    assert one.undo(before, part.value.after) == (MonitorEpisodes((1,)), SearchEpisodes((1,)))
    assert one.undo(before, {"file_ids": [20]}) == (SearchEpisodes((2,)),)
    assert one.undo(before, {}) == one.undo({}, whole.value.after) == ()


async def test_a_series_that_is_gone_is_not_touched() -> None:
    """Without its record nothing could be put back."""
    for payload in ALL[:3]:
        one = operation(payload, sonarr=Sonarr(gone=True))
        with pytest.raises(NotPossible):
            await one.snapshot(of(payload))
        with pytest.raises(NotPossible):
            await one.snapshot(of(payload, None))


async def test_episodes_are_looked_for_again() -> None:
    """Those that the series still has; none at all is not done."""
    wish = MonitorEpisodes((1, 9))
    sonarr = Sonarr([episode(1, monitored=False), episode(2, monitored=False)])
    one = operation(wish, sonarr=sonarr)
    assert "monitored_episodes" in await one.snapshot(of(wish))
    assert isinstance(await one.read_back(of(wish), NOW), Absent)
    assert await one.apply(of(wish)) is None
    assert sonarr.writes == [("monitor", (1,), True)]
    told = await one.read_back(of(wish), NOW)
    assert isinstance(told, Known)
    assert told.value.after == {"episode_ids": [1]}
    sonarr.held = [episode(2)]
    assert isinstance(await one.read_back(of(wish), NOW), Absent)
    with pytest.raises(NotPossible):
        await one.apply(of(wish))


async def test_a_search_of_episodes_is_sent_again_where_nobody_knows() -> None:
    """Only for the series' own; twice does no harm."""
    wish, sonarr = SearchEpisodes((1, 9)), Sonarr([episode(1), episode(2)])
    one = operation(wish, sonarr=sonarr)
    applied = await one.apply(of(wish))
    assert applied is not None
    assert (applied.after, sonarr.writes) == ({"episode_ids": [1]}, [("search", (1,))])
    assert isinstance(await one.read_back(of(wish), NOW), Absent)
    sonarr.held = [episode(2)]
    with pytest.raises(NotPossible):
        await one.apply(of(wish))


# -- torrents --------------------------------------------------------------------------------------


@pytest.mark.parametrize("removes_data", [False, True])
async def test_one_torrent_is_removed(removes_data: bool) -> None:
    """It is gone when a list that is believed does not have it; then its loss is no fall."""
    wish = RemoveTorrent(HASH, 1000)
    client = Torrents(TorrentList.of((TORRENT,)), removes_data=removes_data)
    one = operation(wish, torrents=client)
    assert isinstance(await one.read_back(of(wish), NOW), Absent)
    assert await one.apply(of(wish)) is None
    assert client.removed == [HASH]
    told = await one.read_back(of(wish), NOW)
    assert isinstance(told, Known)
    assert told.value.bytes_freed == 400
    assert ("stays" in str(told.value.detail)) is not removes_data
    assert client.noted == []
    await one.acknowledge(of(wish))
    assert client.noted == [HASH]
    client.believed = False
    assert isinstance(await one.read_back(of(wish), NOW), Unknown)
    assert await one.snapshot(of(wish)) == {}
    assert one.undo({}, {}) == ()


# -- Seerr -----------------------------------------------------------------------------------------


async def test_a_title_is_forgotten() -> None:
    """Its request is gone, or points at another; a 404 of a proxy says nothing."""
    wish, seerr = ForgetMedia(4), Seerr()
    one = operation(wish, seerr=seerr)
    assert isinstance(await one.read_back(of(wish, 40), NOW), Absent)
    assert isinstance(await one.read_back(of(wish, 41), NOW), Known)
    assert await one.apply(of(wish, 40)) is None
    assert seerr.writes == [("media", 40)]
    assert isinstance(await one.read_back(of(wish, 40), NOW), Known)
    seerr.down = True
    with pytest.raises(Unreachable):
        await one.read_back(of(wish, 40), NOW)
    with pytest.raises(NotPossible):
        await one.apply(of(wish, None))
    await one.acknowledge(of(wish, 40))


async def test_a_request_is_deleted_in_seerr_and_closed_here() -> None:
    """Closed only when it is known to be gone: reading back closes nothing."""
    wish, seerr, book = DeleteRequest("seerr:x:4"), Seerr(), Book()
    one = operation(wish, book, seerr=seerr)
    assert isinstance(await one.read_back(of(wish, 4), NOW), Absent)
    assert await one.apply(of(wish, 4)) is None
    assert seerr.writes == [("request", 4)]
    assert isinstance(await one.read_back(of(wish, 4), NOW), Known)
    assert book.closed == []
    await one.acknowledge(of(wish, 4))
    assert book.closed == [("seerr:x:4", NOW)]


async def test_a_request_that_was_never_in_seerr_is_only_ours() -> None:
    """No Seerr is asked for anything."""
    wish, book = DeleteRequest("r"), Book()
    one = operation(wish, book)
    assert await one.apply(of(wish, None, service="")) is None
    assert isinstance(await one.read_back(of(wish, None, service=""), NOW), Known)
