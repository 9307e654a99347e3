"""Real rTorrents, 0.9.8 and 0.16: speeches, logins, odd names, a transfer, and one that is down."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
import random

import aiohttp
import pytest
import pytest_socket

from custom_components.showrunner.clients.errors import (
    Refused,
    Unauthorized,
    Unreachable,
    WrongProduct,
)
from custom_components.showrunner.clients.parse import text
from custom_components.showrunner.clients.rtorrent import RTorrentClient, Speech
from custom_components.showrunner.domain.torrents import TorrentState
from tests.real import lab
from tests.real.torrents import ODD, make, make_many, make_odd

pytestmark = pytest.mark.real

VERSIONS = list(lab.RTORRENTS)
NOT_UTF8 = ("latin1", "surrogate")


@pytest.fixture
async def session(socket_enabled: None) -> AsyncGenerator[aiohttp.ClientSession]:
    """Open a session as Home Assistant gives it."""
    async with aiohttp.ClientSession() as opened:
        yield opened


def client(
    session: aiohttp.ClientSession, server: lab.RTorrent, auth: str = "none", **login: str
) -> RTorrentClient:
    """Make the client under test; `auth` may be `scgi` too."""
    if auth == "scgi":
        return RTorrentClient(session, server.scgi)
    given = {"username": lab.USER, "password": server.password} if auth != "none" else {}
    return RTorrentClient(session, server.url(auth), **{**given, **login})


@pytest.mark.parametrize("version", VERSIONS)
async def test_every_way_in_gives_the_same_list(
    session: aiohttp.ClientSession, tmp_path: Path, version: str
) -> None:
    """SCGI itself, and a web server without a login, with Basic, with Digest."""
    data = tmp_path / "files"
    data.mkdir()
    async with lab.tracker(tmp_path) as announce, lab.rtorrent(version, tmp_path / "rt") as server:
        assert len(await client(session, server).torrents()) == 0
        made = make_many(data, 6, announce)
        made.append(make(data, b"private", [((), b"x" * 20_000)], announce, private=True))
        await server.load(made, data, label="tv%20shows")
        lists = []
        for auth in ("scgi", "none", "basic", "digest"):
            one = client(session, server, auth)
            assert (await one.status()).startswith(version)
            assert one.speech is (Speech.JSON if version == "0.16" else Speech.XML)
            torrents = await one.torrents()
            lists.append(torrents.by_hash)
            # Asked again, with what was learned: the login, the speech, the rows.
            again = await one.torrents()
            assert again.by_hash == torrents.by_hash
            assert all(again.by_hash[key] is torrents.by_hash[key] for key in torrents.by_hash)
        assert lists[1:] == lists[:-1]
        assert torrents.by_hash.keys() == {one.hash for one in made}
        assert torrents.counts == {TorrentState.SEEDING: len(made)}
        assert torrents.free_bytes
        assert torrents.used_bytes == sum(one.size for one in made)
        for one in made:
            found = torrents.by_hash[one.hash]
            assert found.name == one.name.decode()
            assert (found.label, found.private) == ("tv shows", one.name == b"private")
            assert (found.size_bytes, found.done_bytes) == (one.size, one.size)
            assert (found.progress, found.complete, found.is_active) == (100.0, True, True)
            assert found.content_path == str(data / found.name)
            assert found.save_path == str(data)
            assert found.completed_at is not None
            assert found.seeds is None


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_socket_file_is_spoken_to(
    session: aiohttp.ClientSession, tmp_path: Path, version: str
) -> None:
    """`scgi:///path`."""
    pytest_socket.socket_allow_hosts(["127.0.0.1"], allow_unix_socket=True)
    async with (
        lab.tracker(tmp_path) as announce,
        lab.rtorrent(version, tmp_path / "rt", local=True) as server,
    ):
        assert server.scgi.startswith("scgi:///")
        await server.load(make_many(tmp_path, 300, announce), tmp_path)
        assert len(await client(session, server, "scgi").torrents()) == 300


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_wrong_login_and_a_wrong_address_are_told_apart(
    session: aiohttp.ClientSession, tmp_path: Path, version: str
) -> None:
    """No login, a wrong one, another path, another port, and a server that is gone."""
    pytest_socket.socket_allow_hosts(["127.0.0.1"], allow_unix_socket=True)
    async with lab.rtorrent(version, tmp_path / "rt") as server:
        for auth in ("basic", "digest"):
            for login in ({"username": ""}, {"password": "wrong"}, {"username": "other"}):
                with pytest.raises(Unauthorized) as caught:
                    await client(session, server, auth, **login).torrents()
                assert server.password not in str(caught.value)
        for url in (f"http://127.0.0.1:{server.http_port}", server.url("nowhere")):
            with pytest.raises(WrongProduct):
                await RTorrentClient(session, url).status()
        for url in ("scgi://127.0.0.1:9", f"scgi://{tmp_path}/no", "http://127.0.0.1:9/RPC2"):
            with pytest.raises(Unreachable):
                await RTorrentClient(session, url).torrents()
        ours = client(session, server)
        await ours.torrents()
        server.running.terminate()
        await server.running.wait()
        # The web server still answers, for a server that is gone.
        with pytest.raises(Unreachable):
            await ours.torrents()


@pytest.mark.parametrize("version", VERSIONS)
async def test_odd_names_never_spoil_the_list(
    session: aiohttp.ClientSession, tmp_path: Path, version: str
) -> None:
    """Emoji, no UTF-8, control characters, shell text: all are there, by their hashes."""
    data = tmp_path / "files"
    data.mkdir()
    async with lab.tracker(tmp_path) as announce, lab.rtorrent(version, tmp_path / "rt") as server:
        made = make_odd(data, announce)
        ours = client(session, server, "digest")
        plain = [one for key, one in made.items() if key not in NOT_UTF8]
        # Control characters make XML that the standard library can't read: so ours waits.
        await server.load_blindly(plain, data)
        torrents = await _settled(ours, len(plain))
        assert ours.speech is (Speech.JSON if version == "0.16" else Speech.XML)
        await server.load_blindly([made[key] for key in NOT_UTF8], data)
        torrents = await _settled(ours, len(made))
        assert ours.speech is (Speech.JSON_ENCODED if version == "0.16" else Speech.XML)
        assert torrents.by_hash.keys() == {one.hash for one in made.values()}
        # 0.9.8 writes question marks for all that XML of its kind can't hold.
        lost = {"emoji", "nonchar", *NOT_UTF8} if version == "0.9.8" else set()
        for key, name in ODD.items():
            found = torrents.by_hash[made[key].hash]
            assert found.complete, key
            if key in lost:
                assert "?" in found.name, key
            else:
                # For people; the path is exact.
                assert found.name == text(name.decode("utf-8", "replace")), key
            if version == "0.16":
                exact = key not in NOT_UTF8
                assert found.content_path == (str(data / name.decode()) if exact else None), key
        assert not (tmp_path / "pwned").exists()


async def _settled(ours: RTorrentClient, count: int):  # type: ignore[no-untyped-def]
    """Ask until so many are listed and none is being checked."""
    async with asyncio.timeout(60):
        while True:
            torrents = await ours.torrents()
            if len(torrents) == count and torrents.counts == {TorrentState.SEEDING: count}:
                return torrents
            await asyncio.sleep(0.1)


@pytest.mark.parametrize(("giver", "taker"), [("0.16", "0.9.8"), ("0.9.8", "0.16")])
async def test_a_real_transfer_is_followed(
    session: aiohttp.ClientSession, tmp_path: Path, giver: str, taker: str
) -> None:
    """From nothing to complete: progress only grows, rate and time left are told, then it seeds."""
    data = tmp_path / "files"
    data.mkdir()
    async with (
        lab.tracker(tmp_path) as announce,
        lab.rtorrent(giver, tmp_path / "giver") as seed,
        lab.rtorrent(taker, tmp_path / "taker") as leech,
    ):
        content = random.Random(3).randbytes(12 * 1024 * 1024)
        made = make(data, b"A.Film.2024.mkv", [((), content)], announce)
        await seed.load([made], data)
        await leech.call("throttle.global_down.max_rate.set_kb", "", "2048")
        await leech.load([made], leech.data)
        ours = client(session, leech)
        seen = []
        async with asyncio.timeout(120):
            while not seen or not seen[-1].complete:
                found = (await ours.torrents()).get(made.hash.lower())
                assert found is not None
                seen.append(found)
                await asyncio.sleep(0.25)
        progress = [one.progress for one in seen]
        assert progress == sorted(progress)
        between = [one for one in seen if 0 < one.progress < 100]
        assert len(between) >= 3
        assert all(not one.complete for one in between)
        assert any(one.state is TorrentState.DOWNLOADING for one in between)
        timed = [one for one in between if one.eta is not None and one.down_rate]
        assert timed
        assert any(one.connected_seeds == 1 for one in between)
        assert (leech.data / "A.Film.2024.mkv").read_bytes() == content
        given = (await client(session, seed).torrents()).by_hash[made.hash]
        assert given.uploaded_bytes >= made.size
        assert given.ratio is not None
        assert given.ratio >= 1


@pytest.mark.parametrize("version", VERSIONS)
async def test_states_as_a_person_makes_them(
    session: aiohttp.ClientSession, tmp_path: Path, version: str
) -> None:
    """Stopped, held, and a tracker that says no, which is a message and no state."""
    data = tmp_path / "files"
    data.mkdir()
    async with lab.tracker(tmp_path) as announce, lab.rtorrent(version, tmp_path / "rt") as server:
        made = make_many(data, 3, announce)
        refused = announce.replace("/announce", "/unregistered/announce")
        unknown = make(data, b"gone.mkv", [((), b"y" * 2000)], refused)
        missing = make(tmp_path / "elsewhere", b"missing.mkv", [((), b"z" * 2000)], announce)
        await server.load([*made, unknown, missing], data)
        await server.call("d.stop", made[0].hash)
        await server.call("d.pause", made[1].hash)
        ours = client(session, server)
        async with asyncio.timeout(60):
            while True:
                torrents = await ours.torrents()
                if "Unregistered" in torrents.by_hash[unknown.hash].message:
                    break
                await asyncio.sleep(0.2)
        assert torrents.by_hash[unknown.hash].state is TorrentState.SEEDING
        states = [torrents.by_hash[one.hash].state for one in (*made, missing)]
        assert states == [
            TorrentState.STOPPED,
            TorrentState.PAUSED,
            TorrentState.SEEDING,
            TorrentState.STALLED,
        ]
        await server.call("d.erase", made[2].hash)
        assert made[2].hash not in (await ours.torrents()).by_hash


async def test_a_field_that_is_refused_is_left_out(
    session: aiohttp.ClientSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that no server knows stands for one that this server does not grant."""
    from custom_components.showrunner.clients import rtorrent, rtorrent_models

    data = tmp_path / "files"
    data.mkdir()
    monkeypatch.setattr(rtorrent, "OPTIONAL", ("d.nobody.knows=", *rtorrent_models.OPTIONAL))
    for version in VERSIONS:
        async with (
            lab.tracker(tmp_path) as announce,
            lab.rtorrent(version, tmp_path / version) as server,
        ):
            await server.load(make_many(data, 2, announce), data)
            torrents = await client(session, server).torrents()
            assert len(torrents) == 2
            monkeypatch.setattr(rtorrent, "NEEDED", (*rtorrent_models.NEEDED, "d.needed.by.us="))
            with pytest.raises(Refused, match=r"d\.needed\.by\.us"):
                await client(session, server).torrents()
            monkeypatch.setattr(rtorrent, "NEEDED", rtorrent_models.NEEDED)
