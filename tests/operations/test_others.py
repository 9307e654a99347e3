"""What is done to episodes, torrents, titles of Seerr and requests."""

from dataclasses import replace
import os
from pathlib import Path
from typing import Any

import pytest

from custom_components.showrunner.clients.errors import (
    RateLimited,
    Refused,
    Unauthorized,
    Unreachable,
)
from custom_components.showrunner.clients.sonarr_models import SonarrSeason
from custom_components.showrunner.domain.knowledge import Absent, Known, Unknown
from custom_components.showrunner.domain.media import ProviderIds
from custom_components.showrunner.domain.plan import (
    Cost,
    DeleteEpisodeFiles,
    DeleteRequest,
    DeleteSeries,
    FileFingerprint,
    ForgetMedia,
    MonitorEpisodes,
    Payload,
    RemoveTorrent,
    RestoreSeries,
    SearchEpisodes,
    SearchMovie,
    Step,
    Subject,
    Target,
    UnmonitorEpisodes,
)
from custom_components.showrunner.domain.torrent_details import Removal, TorrentFile, TorrentFiles
from custom_components.showrunner.domain.torrents import TorrentList
from custom_components.showrunner.operations import (
    NotLinked,
    NotPossible,
    Operation,
    all_operations,
)
from tests.domain.requests.samples import TORRENT
from tests.english import english

from .disk import Disk
from .linked import (
    NOW,
    SERIES_RECORD,
    SHOW,
    Book,
    Linked,
    Seerr,
    Sonarr,
    Torrents,
    episode,
    file_of,
    series,
    step,
)
from .remote_files import write

HASH = TORRENT.hash
FILES = tuple(FileFingerprint(number, f"/data/{number}.mkv", number) for number in (10, 20))
ALL: list[Payload] = [
    UnmonitorEpisodes((1, 2)),
    DeleteEpisodeFiles(1, FILES),
    DeleteSeries(),
    MonitorEpisodes((1,)),
    RestoreSeries(True, 4, "/data/shows"),
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
    found = await one.read_back(of(wish), NOW)
    assert isinstance(found, Known)
    assert found.value.after["episode_ids"] == [1, 2]
    assert one.undo(before, {}) == (MonitorEpisodes((1,), ((1, 1),)),)
    # An older version did not keep which season and number they have.
    assert one.undo({**before, "places": None}, {}) == (MonitorEpisodes((1,)),)
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
    first, second = (1, 1), (1, 2)
    monitor = MonitorEpisodes((1,), (first,))
    both = (monitor, SearchEpisodes((1, 2), (first, second)))
    assert one.undo(before, whole.value.after) == both
    # What is still there need not be fetched; what nobody looked for before is, all the same.
    assert one.undo(before, part.value.after) == (monitor, SearchEpisodes((1,), (first,)))
    assert one.undo(before, {"file_ids": [20]}) == (SearchEpisodes((2,), (second,)),)
    assert one.undo(before, {}) == one.undo({}, whole.value.after) == ()


async def test_a_series_that_is_gone_is_not_touched() -> None:
    """Without its record nothing could be put back."""
    for payload in ALL[:4]:
        one = operation(payload, sonarr=Sonarr(gone=True))
        with pytest.raises(NotPossible):
            await one.snapshot(of(payload))
        with pytest.raises(NotPossible):
            await one.snapshot(of(payload, None))


async def test_a_series_without_files_is_forgotten_and_added_again_as_it_was() -> None:
    """With its folder, profile, type and tags, and with no episode monitored; but once only."""
    sonarr, wish = Sonarr(), DeleteSeries()
    one = operation(wish, sonarr=sonarr)
    before = await one.snapshot(of(wish))
    assert before["record"] == SERIES_RECORD
    assert isinstance(await one.read_back(of(wish), NOW), Absent)
    assert await one.apply(of(wish)) is None
    assert sonarr.writes.pop() == ("delete_series", 7)
    found = await one.read_back(of(wish), NOW)
    assert isinstance(found, Known)
    (back,) = one.undo(before, found.value.after)
    assert back == RestoreSeries(
        True, 4, "/data/shows", SERIES_RECORD["path"], "anime", False, "none", (3,)
    )
    again, named = operation(back, sonarr=sonarr), Subject.of_title(SHOW)
    restoring = replace(of(back, None), subject=named)
    assert await again.snapshot(restoring) == {"in_sonarr": False}
    assert isinstance(await again.read_back(restoring, NOW), Absent)
    added = await again.apply(restoring)
    assert added is not None
    ((_, tvdb, how),) = sonarr.writes
    assert (tvdb, added.after) == (121361, {"series_id": 8})
    assert (how["root_folder"], how["profile_id"], how["monitored"]) == ("/data/shows", 4, True)
    assert how["as_it_was"] == {
        "path": SERIES_RECORD["path"],
        "seriesType": "anime",
        "seasonFolder": False,
        "monitorNewItems": "none",
        "tags": [3],
    }
    assert isinstance(await again.read_back(restoring, NOW), Known)
    with pytest.raises(NotPossible):
        await again.apply(restoring)
    assert len(sonarr.writes) == 1


@pytest.mark.parametrize(
    "sonarr",
    [
        Sonarr(tracked=[file_of(10)]),
        Sonarr(entry=series(size_bytes=5)),
        Sonarr(entry=series(seasons=(SonarrSeason(1, False, 2, 1),))),
        Sonarr(entry=series(title=replace(SHOW, ids=ProviderIds(tvdb=5)))),
        Sonarr(entry=series(title=replace(SHOW, ids=ProviderIds(imdb="tt1")))),
        Sonarr(gone=True),
    ],
    ids=["a file", "bytes", "counted files", "another", "half known", "gone"],
)
async def test_a_series_with_anything_left_or_that_is_another_is_not_forgotten(
    sonarr: Sonarr,
) -> None:
    """The last look is the one right before: with files, files would go, too."""
    with pytest.raises(NotPossible):
        await operation(DeleteSeries(), sonarr=sonarr).apply(of(DeleteSeries()))
    assert sonarr.writes == []


async def test_a_proxy_before_a_sonarr_that_is_down_has_not_forgotten_a_series() -> None:
    """It says 404, too."""
    one = operation(DeleteSeries(), sonarr=Sonarr(gone=True, down=True))
    nameless = replace(of(DeleteSeries()), target=Target("here", "x", 7, None, ProviderIds()))
    for asked in (of(DeleteSeries()), nameless):
        with pytest.raises(Unreachable):
            await one.read_back(asked, NOW)


async def test_a_series_under_a_number_that_another_has_now_is_gone() -> None:
    """Sonarr gives none twice, but one that was set up anew begins again at one."""
    other = series(title=replace(SHOW, ids=ProviderIds(tvdb=5)))
    one = operation(DeleteSeries(), sonarr=Sonarr(entry=other))
    assert isinstance(await one.read_back(of(DeleteSeries()), NOW), Known)


async def test_half_a_record_of_a_series_adds_nothing() -> None:
    """Where it has to lie, and in which quality, nobody guesses."""
    wish = RestoreSeries(True, 4, "/data/shows")
    named = replace(of(wish, None), subject=Subject.of_title(SHOW))
    for half in (replace(wish, quality_profile_id=None), replace(wish, root_folder=None)):
        one = operation(half, sonarr=Sonarr(gone=True))
        with pytest.raises(NotPossible):
            await one.apply(replace(named, payload=half))
    nameless = replace(named, target=Target("here", "x", None, None, ProviderIds()))
    torrent = replace(named, subject=Subject.of_torrent("A" * 40, "A.Show"))
    for odd in (nameless, torrent):
        with pytest.raises(NotPossible):
            await operation(wish, sonarr=Sonarr(gone=True)).apply(odd)
    gone = operation(DeleteSeries(), sonarr=Sonarr())
    assert gone.undo({}, {}) == gone.undo({"record": {"title": "A Show"}}, {}) == ()


async def test_episodes_are_looked_for_again() -> None:
    """Those that the series still has; none at all is not done."""
    wish = MonitorEpisodes((1, 9))
    sonarr = Sonarr([episode(1, monitored=False), episode(2, monitored=False)])
    one = operation(wish, sonarr=sonarr)
    assert "monitored_episodes" in await one.snapshot(of(wish))
    assert isinstance(await one.read_back(of(wish), NOW), Absent)
    assert await one.apply(of(wish)) is None
    assert sonarr.writes == [("monitor", (1,), True)]
    found = await one.read_back(of(wish), NOW)
    assert isinstance(found, Known)
    assert found.value.after == {"episode_ids": [1]}
    sonarr.held = [episode(2)]
    assert isinstance(await one.read_back(of(wish), NOW), Absent)
    with pytest.raises(NotPossible):
        await one.apply(of(wish))


async def test_episodes_of_a_series_that_was_added_again_are_found_by_season_and_number() -> None:
    """There they have other numbers; none at all, or another series, is not touched."""
    wish, search = MonitorEpisodes((1, 2), ((1, 11), (1, 12))), SearchEpisodes((1,), ((1, 11),))
    sonarr = Sonarr([episode(11, monitored=False), episode(12, monitored=False), episode(1)])
    one, asked = operation(wish, sonarr=sonarr), operation(search, sonarr=sonarr)
    before = await one.snapshot(of(wish, None))
    assert (before["monitored_episodes"], before["episodes"]) == ([1], [1, 2])
    assert isinstance(await one.read_back(of(wish, None), NOW), Absent)
    assert await one.apply(of(wish, None)) is None
    found = await one.read_back(of(wish, None), NOW)
    assert isinstance(found, Known)
    assert found.value.after == {"episode_ids": [11, 12]}
    assert await asked.apply(of(search, None)) is not None
    assert sonarr.writes == [("monitor", (11, 12), True), ("search", (11,))]
    sonarr.held = [episode(1)]
    assert isinstance(await one.read_back(of(wish, None), NOW), Absent)
    with pytest.raises(NotPossible):
        await asked.apply(of(search, None))
    half = series(title=replace(SHOW, ids=ProviderIds(tvdb=121361, tmdb=9)))
    other = ProviderIds(tmdb=5, tvdb=121361)
    odd = replace(of(wish, None), target=Target("here", "x", None, None, other))
    for gone in (Sonarr(gone=True), Sonarr([episode(11), episode(12)], entry=half)):
        with pytest.raises(NotPossible):
            await operation(wish, sonarr=gone).apply(odd if gone.entry is half else of(wish, None))


async def test_what_was_looked_for_of_an_entry_that_left_is_again() -> None:
    """By its seasons and numbers: under its old ones nobody finds it."""
    one = operation(DeleteSeries(), sonarr=Sonarr([episode(1), episode(2, monitored=False)]))
    before = await one.snapshot(of(DeleteSeries()))
    back, monitor = one.undo(before, {})
    assert isinstance(back, RestoreSeries)
    assert monitor == MonitorEpisodes((1,), ((1, 1),))
    assert one.undo({**before, "places": [[1, 1]]}, {}) == (back,)


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


@pytest.mark.parametrize("removal", list(Removal))
@pytest.mark.parametrize("data", [None, True, False])
async def test_one_torrent_is_removed(removal: Removal, *, data: bool | None) -> None:
    """It is gone when a list that is believed does not have it; then its loss is no fall.

    Freed is what surely is: what a client only notes down is not. An older plan does not say what
    becomes of the data.
    """
    wish = RemoveTorrent(HASH, 1000, data)
    client = Torrents(TorrentList.of((TORRENT,)), removal=removal)
    one = operation(wish, torrents=client)
    assert isinstance(await one.read_back(of(wish), NOW), Absent)
    assert await one.apply(of(wish)) is None
    goes = removal is Removal.WITH_DATA and data is not False
    queued = removal is Removal.QUEUED_WITH_DATA and data is True
    assert (client.removed, client.with_data) == ([HASH], [goes or queued])
    found = await one.read_back(of(wish), NOW)
    assert isinstance(found, Known)
    assert found.value.bytes_freed == (400 if goes else 0)
    assert ("stays" in str(found.value.detail)) is not (goes or queued)
    assert ("noted down" in str(found.value.detail)) is queued
    assert client.noted == []
    await one.acknowledge(of(wish))
    assert client.noted == [HASH]
    client.believed = False
    assert isinstance(await one.read_back(of(wish), NOW), Unknown)
    assert await one.snapshot(of(wish)) == {}
    assert one.undo({}, {}) == ()


async def test_what_has_other_names_is_not_said_to_be_free(tmp_path: Path) -> None:
    """Where a transfer of the same host sees that before; else the client's word is taken."""
    wish = RemoveTorrent(HASH, 1000, data=True)
    write(tmp_path / "Release", [b"film.mkv", b"film.nfo"])
    (tmp_path / "seeds.mkv").hardlink_to(tmp_path / "Release" / "film.mkv")
    root = os.fsencode(tmp_path / "Release")
    files = tuple(
        TorrentFile(name, size, complete=True)
        for name, size in ((b"film.mkv", 390), (b"film.nfo", 10))
    )
    disk = Disk(tmp_path)
    for over, answer, freed in (
        (disk, TorrentFiles(root, files), 10),
        (disk, None, 400),
        (disk, TorrentFiles(root + b"x", files), 400),
        (None, TorrentFiles(root, files), 400),
    ):
        client = Torrents(TorrentList.of((TORRENT,)), files_are=answer)
        one = operation(wish, torrents=client, **({"over": over} if over else {}))
        applied = await one.apply(of(wish))
        if applied is None:
            seen = await one.read_back(of(wish), NOW)
            assert isinstance(seen, Known)
            applied = seen.value
        assert client.removed == [HASH]
        assert applied.bytes_freed == freed
        assert applied.after.get("linked") == (1 if freed == 10 else None)
        assert applied.after["freed_proven"] is False
        assert ("another name elsewhere" in english(applied.detail)) is (freed == 10)


async def test_files_that_a_client_does_not_list_keep_no_torrent(tmp_path: Path) -> None:
    """How many names they have is a mere figure: the client's word is taken."""
    write(tmp_path / "Release", [b"film.mkv"])

    class Mute(Torrents):
        async def files(self, info_hash: str) -> TorrentFiles | None:
            raise Unreachable("qBittorrent", "not now")

    client = Mute(TorrentList.of((TORRENT,)))
    wish = RemoveTorrent(HASH, 1000, data=True)
    one = operation(wish, torrents=client, over=Disk(tmp_path))
    assert await one.apply(of(wish)) is None
    assert client.removed == [HASH]


@pytest.mark.parametrize(
    "error",
    [
        Unauthorized("qBittorrent", "not now"),
        RateLimited("qBittorrent", 429, "no"),
        Refused("qBittorrent", 403, "no"),
        NotLinked("not now"),
    ],
)
async def test_an_error_of_looking_does_not_say_that_nothing_was_removed(
    tmp_path: Path, error: Exception
) -> None:
    """The removal was told and done: it is read back, never taken for one that failed."""
    write(tmp_path / "Release", [b"film.mkv"])
    (tmp_path / "seeds.mkv").hardlink_to(tmp_path / "Release" / "film.mkv")
    root = os.fsencode(tmp_path / "Release")
    remover = TorrentFiles(root, (TorrentFile(b"film.mkv", 400, complete=True),))

    class Mute(Torrents):
        async def torrents(self) -> TorrentList:
            raise error

    client = Mute(TorrentList.of((TORRENT,)), files_are=remover)
    wish = RemoveTorrent(HASH, 1000, data=True)
    one = operation(wish, torrents=client, over=Disk(tmp_path))
    assert await one.apply(of(wish)) is None
    assert client.removed == [HASH]


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


async def test_a_request_that_went_with_its_title_is_not_deleted_once_more() -> None:
    """That it is gone counts only when Seerr says so, and no proxy before it."""
    wish, seerr = DeleteRequest("seerr:x:4"), Seerr(held={})
    one = operation(wish, seerr=seerr)
    assert await one.apply(of(wish, 4)) is not None
    seerr.down = True
    with pytest.raises(Unreachable):
        await one.apply(of(wish, 4))
    assert seerr.writes == []


async def test_a_request_that_was_never_in_seerr_is_only_ours() -> None:
    """No Seerr is asked for anything."""
    wish, book = DeleteRequest("r"), Book()
    one = operation(wish, book)
    assert await one.apply(of(wish, None, service="")) is None
    assert isinstance(await one.read_back(of(wish, None, service=""), NOW), Known)
