"""rTorrent as it was recorded, and as servers stand in front of it: faults, logins, silence."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
import hashlib
from pathlib import Path
import re
from typing import Any

import aiohttp
from aiohttp import web
import pytest
import pytest_socket

from custom_components.showrunner.clients import rtorrent_models as models, scgi, xmlrpc
from custom_components.showrunner.clients.errors import (
    Refused,
    ServiceError,
    TooOld,
    Unauthorized,
    Unreachable,
    Unreadable,
    WrongProduct,
)
from custom_components.showrunner.clients.rtorrent import RTorrentClient, Speech, normalize
from custom_components.showrunner.domain.torrents import TorrentState

from .conftest import read
from .rtorrent import HASH, VALUES, Server, row, xml

type Serve = Callable[..., Awaitable[str]]

# What 0.16 behind ruTorrent grants to somebody whom it does not trust (recorded).
GRANTED = read("rtorrent/0.16.17-d.multicall2-fields-untrusted.json")


# --- what a row means ------------------------------------------------------------------------


def test_a_row_is_read() -> None:
    """Per mille, URL-encoded labels, and what ruTorrent's plugins note."""
    one = models.torrent(VALUES)
    assert one is not None
    assert (one.hash, one.ratio, one.label) == (HASH, 1.53, "Mövies & more")
    assert (one.state, one.progress, one.private) == (TorrentState.SEEDING, 100.0, True)
    assert one.added_at == datetime.fromtimestamp(1_763_640_000, UTC)
    assert one.completed_at == datetime.fromtimestamp(1_763_643_000, UTC)
    assert one.seeding_since == datetime.fromtimestamp(1_763_643_001, UTC)
    assert (one.connected_seeds, one.connected_peers) == (2, 3)
    assert (one.seeds, one.peers) == (None, None)
    assert (one.content_path, one.save_path) == ("/dl/Harbour.Lights.S01", "/dl")


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"hashing": 1}, TorrentState.CHECKING),
        ({"is_hash_checking": 1, "state": 0}, TorrentState.CHECKING),
        ({"state": 0, "is_active": 0}, TorrentState.STOPPED),
        ({"state": 0, "is_active": 0, "message": "Tracker: [Timeout]"}, TorrentState.STOPPED),
        ({"state": 0, "message": "Hash check returned unfinished chunks."}, TorrentState.ERROR),
        ({"is_active": 0}, TorrentState.PAUSED),
        ({"message": "Tracker: [Unregistered torrent]"}, TorrentState.SEEDING),
        ({"complete": 0}, TorrentState.STALLED),
        ({"complete": 0, "down__rate": 5}, TorrentState.DOWNLOADING),
        ({"complete": 0, "is_meta": 1}, TorrentState.METADATA),
    ],
)
def test_states(changes: dict[str, Any], state: TorrentState) -> None:
    """A tracker's words are no state."""
    one = models.torrent(row(**changes))
    assert one is not None
    assert one.state is state


def test_unfinished_torrents_have_no_finish() -> None:
    """Half there, a rate, a time left; a stamp of an earlier check counts for nothing."""
    one = models.torrent(row(complete=0, bytes_done=250, down__rate=10))
    assert one is not None
    assert (one.progress, one.eta, one.complete) == (25.0, 75, False)
    assert (one.completed_at, one.seeding_since) == (None, None)
    empty = models.torrent(row(complete=0, size_bytes=0, bytes_done=0))
    assert empty is not None
    assert empty.progress == 0


@pytest.mark.parametrize(
    ("changes", "content", "folder"),
    [
        ({"base_path": "", "directory": "/dl/Show"}, "/dl/Show", "/dl"),
        (
            {"base_path": "", "directory": "/dl", "is_multi_file": 0},
            "/dl/Harbour.Lights.S01",
            "/dl",
        ),
        ({"base_path": "", "directory": ""}, None, None),
        ({"base_path": "/dl/Caf\ufffd"}, None, None),
    ],
)
def test_places(changes: dict[str, Any], content: str | None, folder: str | None) -> None:
    """Never opened since the start, and bytes that are no text: then there is no path."""
    one = models.torrent(row(**changes))
    assert one is not None
    assert (one.content_path, one.save_path) == (content, folder)


def test_without_a_hash_there_is_no_torrent() -> None:
    """Nothing could be done with it."""
    assert models.torrent(row(hash="")) is None
    assert models.torrent(row(hash="x" * 12)) is None


def test_broken_rows_are_read_as_far_as_they_go() -> None:
    """Refused fields are unknown; broken numbers are none; a broken name is not the end."""
    bare = {"d.hash=": HASH, models.NAME64: "!", models.PATH64: "Q2Fm6Q==", "d.ratio=": ""}
    one = models.torrent({**bare, "d.timestamp.finished=": 10**17, "d.complete=": 1})
    assert one is not None
    assert (one.ratio, one.private, one.completed_at, one.content_path) == (None, None, None, None)
    assert (one.connected_seeds, one.connected_peers) == (None, None)


# --- recorded --------------------------------------------------------------------------------


def test_a_recorded_list_is_read() -> None:
    """0.9.8 behind ruTorrent 5.3.12, with the fields that were asked for then."""
    recording = read("rtorrent/0.9.8-rpc-d.multicall2.json")
    names = re.findall(r"<string>(d\.[^<]*)</string>", recording["request"]["body"])
    table = xmlrpc.rows(recording["response"].encode(), xmlrpc.fields)
    assert table
    found = [models.torrent(dict(zip(names, one, strict=True))) for one in table]
    assert [one.name for one in found if one] == [
        "The.Paper.Lantern.2019.1080p.mkv",
        "Harbour.Lights.S01",
        'Ünïcode & "Quotes".mkv',
    ]
    assert [one.label for one in found if one] == ["radarr", "tv-sonarr", "Mövies & more"]
    assert [one.complete for one in found if one] == [False, True, False]


@pytest.mark.parametrize(
    ("recording", "error", "words"),
    [
        ("0.9.8-rtorrent-down-multicall", Unreachable, "rTorrent itself does not"),
        ("0.9.8-rtorrent-down-raw", Unreachable, "rTorrent itself does not"),
        ("0.16.17-rtorrent-down-raw", Unreachable, "rTorrent itself does not"),
        ("0.9.8-rtorrent-down-direct-RPC2", Unreachable, "502"),
        ("0.9.8-noauth", Unauthorized, "refused"),
        ("0.9.8-raw-bad-xml", WrongProduct, "not a proper XML-RPC call"),
    ],
)
async def test_recorded_errors_are_told_apart(
    session: aiohttp.ClientSession, serve: Serve, recording: str, error: type[Exception], words: str
) -> None:
    """rTorrent that is down behind ruTorrent says "false" with 200, which is no empty list."""
    content = read(f"rtorrent/{recording}.json")
    body = "false" if content["response"] is False else content["response"]

    async def answer(request: web.Request) -> web.Response:
        kind = content["content_type"].split(";")[0]
        return web.Response(status=content["status"], text=body, content_type=kind)

    url = await serve(answer)
    for path in ("/RPC2", "/plugins/httprpc/action.php"):
        with pytest.raises(error, match=words):
            await RTorrentClient(session, url + path).torrents()


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("<!DOCTYPE html><html>Sign in</html>", WrongProduct),
        ('{"version": 1}', WrongProduct),
        (xml([1, 2]), WrongProduct),
        (xml("not a version")[:80], Unreadable),
        ("", Unreachable),
        (xml("0.8.9"), TooOld),
        (xml("rTorrent"), TooOld),
    ],
)
async def test_another_product_is_named(
    session: aiohttp.ClientSession, serve: Serve, body: str, error: type[Exception]
) -> None:
    """With a web page, with JSON of its own, with half an answer, with none."""

    async def answer(request: web.Request) -> web.Response:
        return web.Response(text=body)

    with pytest.raises(error):
        await RTorrentClient(session, await serve(answer)).status()


# --- how it is spoken to ---------------------------------------------------------------------


async def test_the_speech_is_found_out_once(session: aiohttp.ClientSession, serve: Serve) -> None:
    """JSON where it is spoken; one request for a poll."""
    for json_too in (True, False):
        server = Server(VALUES, version="0.16.17" if json_too else "0.9.8", json_too=json_too)
        client = RTorrentClient(session, f"{await serve(server.answer)}/RPC2")
        for _ in range(3):
            torrents = await client.torrents()
            assert torrents.free_bytes == 5_000_000
            assert torrents.version == server.version
            assert torrents.get(HASH) == models.torrent(VALUES)
        assert [how for how, _ in server.lists] == ["json" if json_too else "xml"] * 3
        assert sum(method == "system.client_version" for _, method, _ in server.asked) == 1


@pytest.mark.parametrize("json_too", [True, False])
async def test_which_torrents_there_are_is_asked_for_without_the_rest(
    session: aiohttp.ClientSession, serve: Serve, json_too: bool
) -> None:
    """In one request, of one field."""
    server = Server(VALUES, row(hash="b" * 40), json_too=json_too)
    client = RTorrentClient(session, await serve(server.answer))
    for _ in range(2):
        assert await client.hashes() == {HASH, "B" * 40}
    assert server.lists == [("json" if json_too else "xml", ["", "main", "d.hash="])] * 2
    server.rows = []
    assert await client.hashes() == frozenset()


@pytest.mark.parametrize("wrong", [0, "", "B" * 39, "G" * 40, ["B" * 40]])
@pytest.mark.parametrize("json_too", [True, False])
async def test_law_1_a_hash_that_cant_be_read_is_not_left_out(
    session: aiohttp.ClientSession, serve: Serve, json_too: bool, wrong: object
) -> None:
    """What is not among them is taken for gone."""
    server = Server(VALUES, row(hash=wrong), json_too=json_too)
    client = RTorrentClient(session, await serve(server.answer))
    with pytest.raises(Unreadable):
        await client.hashes()
    server.rows, server.refused = [VALUES], {"d.hash=": "Command d.hash does not exist"}
    with pytest.raises(Refused):
        await client.hashes()


async def test_a_server_that_speaks_no_json_any_more_names_its_torrents_all_the_same(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """An older rTorrent came back under the same address."""
    server = Server(VALUES, json_too=True)
    client = RTorrentClient(session, await serve(server.answer))
    assert await client.hashes() == {HASH}
    server.json_too = False
    assert await client.hashes() == {HASH}
    assert client.speech is Speech.XML


@pytest.mark.parametrize("json_too", [True, False])
async def test_only_what_changed_is_another_object(
    session: aiohttp.ClientSession, serve: Serve, json_too: bool
) -> None:
    """Also when the free space, which is said with each, has changed for all."""
    server = Server(VALUES, row(hash="B" * 40), json_too=json_too)
    client = RTorrentClient(session, await serve(server.answer))
    first = await client.torrents()
    server.rows = [row(ratio=9000, free_diskspace=7), row(hash="B" * 40, free_diskspace=8)]
    second = await client.torrents()
    assert second.by_hash[HASH].ratio == 9
    assert second.by_hash["B" * 40] is first.by_hash["B" * 40]
    assert (first.free_bytes, second.free_bytes) == (5_000_000, 8)
    server.rows = [row(hash="B" * 40)]
    assert (await client.torrents()).by_hash.keys() == {"B" * 40}


async def test_rutorrents_proxy_is_never_spoken_json_to(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """It parses XML itself."""
    server = Server(VALUES, json_too=True)
    url = f"{await serve(server.answer)}/plugins/httprpc/action.php"
    assert len(await RTorrentClient(session, url).torrents()) == 1
    assert {how for how, _, _ in server.asked} == {"xml"}


async def test_one_bad_name_is_asked_for_in_another_way(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """In base64; and in XML where a label is bad too."""
    names = {models.NAME64: "Q2Fm6S5ta3Y=", models.PATH64: "L2RsL0NhZukubWt2"}
    server = Server({**VALUES, **names}, version="0.16.17", json_too=True)
    server.spoilt = {"d.name="}
    client = RTorrentClient(session, await serve(server.answer))
    for _ in range(2):
        one = (await client.torrents()).get(HASH)
        assert one is not None
        assert (one.name, one.content_path) == ("Caf\ufffd.mkv", None)
    assert client.speech is Speech.JSON_ENCODED
    assert len(server.lists) == 3
    server.spoilt.add("d.custom1=")
    assert len(await client.torrents()) == 1
    assert client.speech is Speech.XML


async def test_a_server_that_stops_speaking_json_is_met_again(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """An older rTorrent came back under the same address."""
    server = Server(VALUES, version="0.16.17", json_too=True)
    client = RTorrentClient(session, await serve(server.answer))
    await client.torrents()
    server.json_too, server.version = False, "0.9.8"
    assert (await client.torrents()).version == "0.9.8"
    assert client.speech is Speech.XML


@pytest.mark.parametrize("json_too", [True, False])
async def test_what_is_refused_is_left_out_and_remembered(
    session: aiohttp.ClientSession, serve: Serve, json_too: bool
) -> None:
    """Each costs one more request, once; what we can't do without is an error with its words."""
    server = Server(VALUES, json_too=json_too)
    server.refused = {
        "d.is_private=": 'Command "d.is_private" is not allowed for untrusted connections.',
        "d.custom=seedingtime": 'Command "d.custom" does not exist.',
    }
    client = RTorrentClient(session, await serve(server.answer))
    one = (await client.torrents()).get(HASH)
    assert one is not None
    assert one.private is None
    assert one.added_at == datetime.fromtimestamp(1_763_600_000, UTC)
    assert one.seeding_since == one.completed_at
    before = len(server.lists)
    await client.torrents()
    assert len(server.lists) == before + 1
    assert "d.is_private=" not in server.lists[-1][1]
    server.refused["d.hash="] = 'Command "d.hash" is not allowed for untrusted connections.'
    with pytest.raises(Refused, match="not allowed for untrusted"):
        await client.torrents()
    server.refused = {"d.hash=": "Unsupported target type found."}
    with pytest.raises(Refused, match="Unsupported target"):
        await client.torrents()


def test_nothing_is_needed_that_a_distrustful_server_refuses() -> None:
    """By what ruTorrent's newest and 0.16 grant."""
    needed = (*models.NEEDED, *models.PLAIN, models.FREE)
    assert {field: GRANTED[field] for field in needed} == dict.fromkeys(needed, "OK")


async def test_rows_of_another_length_are_not_believed(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """A shifted column would be read as another one."""

    async def answer(request: web.Request) -> web.Response:
        text = await request.text()
        if "client_version" in text:
            return web.Response(text=xml("0.9.8"))
        return web.Response(text=xml([[HASH, "name", 3]]))

    with pytest.raises(Unreadable):
        await RTorrentClient(session, f"{await serve(answer)}/a.php").torrents()


async def test_an_answer_that_broke_off_is_no_shorter_list(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """In both speeches."""
    for json_too in (True, False):
        server = Server(*(row(hash=f"{n:040X}") for n in range(5)), json_too=json_too)

        async def answer(request: web.Request, server: Server = server) -> web.Response:
            whole = await server.answer(request)
            body = whole.body if server.asked[-1][1] != "d.multicall2" else whole.body[:-400]
            return web.Response(body=body, content_type=whole.content_type)

        with pytest.raises(ServiceError):
            await RTorrentClient(session, await serve(answer)).torrents()


# --- signing in ------------------------------------------------------------------------------


class Digest:
    """A web server that asks for Digest, counts uses of a nonce, and lets them grow stale."""

    def __init__(self, server: Server, scheme: str = "Digest"):
        self.server = server
        self.scheme = scheme
        self.nonce = 0
        self.refusals = 0
        self.authorized: list[str] = []
        self.also: list[str] = []

    async def answer(self, request: web.Request) -> web.Response:
        given = request.headers.get("Authorization", "")
        if self._good(given):
            self.authorized.append(given)
            return await self.server.answer(request)
        self.refusals += 1
        stale = "true" if given else "false"
        challenge = (
            f'Digest realm="box", qop="auth", nonce="n{self.nonce}", algorithm=MD5, stale={stale}'
            if self.scheme == "Digest"
            else 'Basic realm="box"'
        )
        response = web.Response(
            status=401, text="<html>no", headers={"WWW-Authenticate": challenge}
        )
        for other in self.also:
            response.headers.add("WWW-Authenticate", f'{other} realm="box"')
        return response

    def _good(self, given: str) -> bool:
        if self.scheme != "Digest":
            return given == "Basic w6RkYTpww6Q="
        parts = dict(re.findall(r'(\w+)="?([^",]*)"?', given))
        if parts.get("nonce") != f"n{self.nonce}":
            return False

        def md5(text: str) -> str:
            return hashlib.md5(text.encode()).hexdigest()

        ha1, ha2 = md5("äda:box:pä"), md5(f"POST:{parts['uri']}")
        rest = ":".join((parts["nonce"], parts["nc"], parts["cnonce"], "auth"))
        return parts["response"] == md5(f"{ha1}:{rest}:{ha2}")


async def test_digest_is_answered_once_and_again_when_stale(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """The nonce is used again, and a new one taken when the server wants one."""
    door = Digest(Server(VALUES))
    url = f"{await serve(door.answer)}/RPC2"
    client = RTorrentClient(session, url, username="äda", password="pä")
    for _ in range(4):
        await client.torrents()
    # Once without anything, once because the middleware begins without a challenge too.
    assert door.refusals == 2
    assert re.findall("nc=(\\d+)", " ".join(door.authorized))[-1] > "00000004"
    door.nonce += 1
    await client.torrents()
    assert door.refusals == 3


async def test_basic_is_only_sent_where_it_is_asked_for(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """Not to a server that wants Digest, where it would show the password."""
    door = Digest(Server(VALUES), "Basic")
    client = RTorrentClient(session, await serve(door.answer), username="äda", password="pä")
    await client.torrents()
    await client.torrents()
    assert door.refusals == 1
    door.scheme = "Digest"
    await client.torrents()
    assert door.authorized[-1].startswith("Digest")


async def test_of_two_ways_the_first_is_taken(session: aiohttp.ClientSession, serve: Serve) -> None:
    """Digest before Basic: the password is not shown."""
    door = Digest(Server(VALUES))
    door.also = ["Basic"]
    client = RTorrentClient(session, await serve(door.answer), username="äda", password="pä")
    await client.torrents()
    assert all(given.startswith("Digest") for given in door.authorized)


@pytest.mark.parametrize("scheme", ["Digest", "Basic"])
async def test_a_wrong_login_is_refused(
    session: aiohttp.ClientSession, serve: Serve, scheme: str
) -> None:
    """Without more tries than the server's ways need, and without the password in the error."""
    door = Digest(Server(VALUES), scheme)
    for login in ({}, {"username": "äda", "password": "wrong-one"}, {"username": "a:b"}):
        with pytest.raises(Unauthorized) as caught:
            await RTorrentClient(session, await serve(door.answer), **login).torrents()
        assert "wrong-one" not in str(caught.value)


# --- addresses and SCGI ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        (" https://Box.example/RPC2/ ", "https://box.example/RPC2"),
        (
            "box/rutorrent/plugins/httprpc/action.php",
            "http://box/rutorrent/plugins/httprpc/action.php",
        ),
        ("SCGI://Box:5000/", "scgi://box:5000"),
        ("scgi://[::1]:5000", "scgi://[::1]:5000"),
        ("scgi:///run/rtorrent/rpc.socket", "scgi:///run/rtorrent/rpc.socket"),
    ],
)
def test_addresses_are_written_in_one_way(typed: str, written: str) -> None:
    """All four forms."""
    assert normalize(typed) == written
    assert normalize(written) == written


@pytest.mark.parametrize(
    "typed",
    [
        *("", "ftp://box", "scgi://", "scgi:///", "scgi://box", "scgi://box:5000/x"),
        *("scgi://a@box:1", "scgi://box:99999", "http://user:pw@box/RPC2", "scgi://box:5000?x"),
    ],
)
def test_what_is_no_address_is_refused(typed: str) -> None:
    """Also one that carries a password."""
    with pytest.raises(ValueError):  # noqa: PT011
        normalize(typed)


async def test_scgi_breaks_off_and_errs(session: aiohttp.ClientSession, tmp_path: Path) -> None:
    """An answer cut short, none at all, an error, and something that is no SCGI, over a file."""
    pytest_socket.socket_allow_hosts(["127.0.0.1"], allow_unix_socket=True)
    body = xml("0.9.8").encode()
    head = b"Status: 200 OK\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n"
    said = [b""]
    asked: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        length = int((await reader.readuntil(b":"))[:-1])
        asked.append(await reader.readexactly(length + 1))
        writer.write(said[0])
        writer.close()

    path = tmp_path / "s"
    async with await asyncio.start_unix_server(answer, path):
        one = scgi.Scgi(f"scgi://{path}", "rTorrent")
        whole = head % len(body) + body
        said[0] = whole
        assert await one.ask(b"x", "text/xml", 5) == body
        assert asked[0].startswith(b"CONTENT_LENGTH\x001\x00SCGI\x001\x00")
        assert await RTorrentClient(session, f"scgi://{path}").status() == "0.9.8"
        for said[0], error in (
            (whole[:-9], Unreachable),
            (b"", Unreachable),
            (b"Status: 500 No\r\n\r\n", Unreachable),
            (b"SSH-2.0-OpenSSH_9.2\r\n", Unreadable),
        ):
            with pytest.raises(error):
                await one.ask(b"x", "text/xml", 5)
        said[0] = whole
        with pytest.raises(Unreadable, match="too large"):
            await one.ask(b"x", "text/xml", 5, max_bytes=10)
    with pytest.raises(Unreachable):
        await one.ask(b"x", "text/xml", 5)


async def test_a_silent_scgi_is_unreachable(socket_enabled: None) -> None:
    """It takes the connection and says nothing."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(Unreachable, match="in time"):
            await scgi.Scgi(f"scgi://127.0.0.1:{port}", "rTorrent").ask(b"x", "text/xml", 0.1)
