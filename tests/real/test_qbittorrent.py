"""Real qBittorrents, 4.5 and 5.3: signing in, changes, odd names, a transfer, and a restart."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
import random

import aiohttp
import pytest

from custom_components.showrunner.clients.errors import (
    Forbidden,
    Unauthorized,
    Unreachable,
    WrongProduct,
)
from custom_components.showrunner.clients.qbittorrent import QBittorrentClient
from custom_components.showrunner.domain.torrents import Torrent, TorrentList, TorrentState
from tests.real import lab
from tests.real.torrents import make, make_many, make_odd

pytestmark = [pytest.mark.real, pytest.mark.usefixtures("socket_enabled")]

VERSIONS = list(lab.QBITTORRENTS)


@asynccontextmanager
async def signed_in(server: lab.QBittorrent, **login: str) -> AsyncGenerator[QBittorrentClient]:
    """Give the client under test, with a session of its own."""
    given = login or {"username": lab.USER, "password": server.password}
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        yield QBittorrentClient(session, server.url, **given)


async def until(client: QBittorrentClient, wanted) -> TorrentList:  # type: ignore[no-untyped-def]
    """Ask until something is so."""
    async with asyncio.timeout(90):
        while True:
            torrents = await client.torrents()
            if wanted(torrents):
                return torrents
            await asyncio.sleep(0.25)


@pytest.mark.parametrize("version", VERSIONS)
async def test_logins_good_and_bad(tmp_path: Path, version: str) -> None:
    """The version and an empty list; no login, a wrong one, a ban; another product, nobody."""
    async with lab.qbittorrent(version, tmp_path / "qb") as server:
        async with signed_in(server) as ours:
            assert (await ours.status()).startswith(version)
            torrents = await ours.torrents()
            assert len(torrents) == 0
            # 4.5 measures the disk after the login; until it has, nothing is said of it.
            assert torrents.free_bytes != 0
            assert (await until(ours, lambda torrents: torrents.free_bytes)).free_bytes
            # A cookie that the server has forgotten is replaced without a word.
            ours._http._session.cookie_jar.clear()
            assert len(await ours.torrents()) == 0
        async with aiohttp.ClientSession() as session:
            with pytest.raises(Unauthorized):
                await QBittorrentClient(session, server.url).torrents()
            with pytest.raises(WrongProduct):
                await QBittorrentClient(session, f"{server.url}/base").status()
        with pytest.raises(Unauthorized) as caught:
            async with signed_in(server, username=lab.USER, password="wrong-one") as ours:
                await ours.torrents()
        assert "wrong-one" not in str(caught.value)
        # The sixth wrong login is one too many; ours would have rested after the first.
        for _ in range(6):
            with pytest.raises(Unauthorized) as caught:
                async with signed_in(server, username=lab.USER, password="wrong-one") as ours:
                    await ours.torrents()
        assert isinstance(caught.value, Forbidden)
        assert "banned" in str(caught.value)
        server.running.terminate()
        await server.running.wait()
        with pytest.raises(Unreachable):
            async with signed_in(server) as ours:
                await ours.status()


async def test_a_key_does_instead_of_a_login(tmp_path: Path) -> None:
    """From 5.2 on."""
    async with lab.qbittorrent("5.3", tmp_path / "qb") as server:
        async with signed_in(server, api_key=server.api_key) as ours:
            assert (await ours.status()).startswith("5.3")
            assert len(await ours.torrents()) == 0
        async with signed_in(server, api_key="qbt_" + "x" * 28) as ours:
            with pytest.raises(Unauthorized) as caught:
                await ours.torrents()
            assert "xxxx" not in str(caught.value)


@pytest.mark.parametrize("version", VERSIONS)
async def test_changes_add_up_to_the_whole(tmp_path: Path, version: str) -> None:
    """Added, labelled, stopped, removed: what was told in parts is what a new client is told."""
    data = tmp_path / "files"
    data.mkdir()
    async with (
        lab.tracker(tmp_path) as announce,
        lab.qbittorrent(version, tmp_path / "qb") as server,
        signed_in(server) as ours,
    ):
        await ours.torrents()
        made = [*make_many(data, 6, announce), *make_odd(data, announce).values()]
        tame = made[:6]
        await server.load(made, data, category="tv shows", check=True)
        await until(ours, lambda torrents: len(torrents) == len(made))
        done = await until(
            ours,
            lambda torrents: all(
                torrents.by_hash[one.hash].complete and torrents.by_hash[one.hash].trackers
                for one in tame
            ),
        )
        for one in tame:
            found = done.by_hash[one.hash]
            assert (found.name, found.label) == (one.name.decode(), "tv shows")
            assert (found.size_bytes, found.progress) == (one.size, 100.0)
            assert found.content_path == str(data / found.name)
            assert (found.save_path, found.trackers) == (str(data), ("127.0.0.1",))
            assert found.completed_at is not None
        stop = "torrents/stop" if version == "5.3" else "torrents/pause"
        await server.post(stop, hashes=tame[0].hash.lower())
        await server.post("torrents/addTags", hashes=tame[1].hash.lower(), tags="keep,x")
        await server.post("torrents/delete", hashes=tame[2].hash.lower(), deleteFiles="false")
        torrents = await until(
            ours,
            lambda torrents: (
                tame[2].hash not in torrents.by_hash
                and torrents.by_hash[tame[0].hash].state is TorrentState.STOPPED
                and torrents.by_hash[tame[1].hash].tags == {"keep", "x"}
                and not torrents.counts.get(TorrentState.CHECKING)
            ),
        )
        async with signed_in(server) as other:
            whole = await other.torrents()
        torrents = await ours.torrents()
        assert {h: _lasting(t) for h, t in torrents.by_hash.items()} == {
            h: _lasting(t) for h, t in whole.by_hash.items()
        }


def _lasting(one: Torrent) -> tuple[object, ...]:
    """Leave out what ticks."""
    return (
        one.name,
        one.state,
        one.label,
        one.tags,
        one.complete,
        one.content_path,
        one.size_bytes,
    )


@pytest.mark.parametrize(("giver", "taker"), [("5.3", "4.5"), ("4.5", "5.3")])
async def test_a_real_transfer_is_followed(tmp_path: Path, giver: str, taker: str) -> None:
    """From nothing to complete: progress only grows, rate and time left are told, then it seeds."""
    data = tmp_path / "files"
    data.mkdir()
    async with (
        lab.tracker(tmp_path) as announce,
        lab.qbittorrent(giver, tmp_path / "giver") as seed,
        lab.qbittorrent(taker, tmp_path / "taker") as leech,
        signed_in(seed) as giving,
        signed_in(leech) as ours,
    ):
        content = random.Random(3).randbytes(12 * 1024 * 1024)
        made = make(data, b"A.Film.2024.mkv", [((), content)], announce)
        await seed.load([made], data, check=True)
        await until(giving, lambda answer: (one := answer.get(made.hash)) and one.complete)
        await leech.post("transfer/setDownloadLimit", limit=str(2 * 1024 * 1024))
        await leech.load([made], leech.data, check=True)
        seen: list[Torrent] = []
        async with asyncio.timeout(180):
            while not seen or not seen[-1].complete:
                found = (await ours.torrents()).get(made.hash.lower())
                seen += [found] if found is not None else []
                await asyncio.sleep(0.25)
        progress = [one.progress for one in seen]
        assert progress == sorted(progress)
        between = [one for one in seen if 0 < one.progress < 100]
        assert len(between) >= 3
        assert any(one.state is TorrentState.DOWNLOADING for one in between)
        assert any(one.eta is not None and one.down_rate for one in between)
        assert seen[-1].eta is None
        assert (leech.data / "A.Film.2024.mkv").read_bytes() == content


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_restart_begins_anew(tmp_path: Path, version: str) -> None:
    """The number of the last answer means nothing to the new one; everything is told again."""
    data = tmp_path / "files"
    data.mkdir()
    async with lab.tracker(tmp_path) as announce:
        made = make_many(data, 3, announce)
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
            async with lab.qbittorrent(version, tmp_path / "qb") as server:
                ours = QBittorrentClient(
                    session, server.url, username=lab.USER, password=server.password
                )
                await server.load(made, data, check=True)
                await until(ours, lambda found: found.seeding == 3)
                await server.post("torrents/delete", hashes=made[0].hash, deleteFiles="false")
            with pytest.raises(Unreachable):
                await ours.torrents()
            async with lab.qbittorrent(version, tmp_path / "qb", again=server):
                found = await until(ours, lambda found: len(found) == 2)
                assert found.by_hash.keys() == {one.hash for one in made[1:]}
