"""What is asked of torrent clients for one torrent, and told to many: files, trackers, limits."""

from collections.abc import Awaitable, Callable, Mapping
import json
import re
from typing import Any
from urllib.parse import parse_qs
import xmlrpc.client

import aiohttp
from aiohttp import web
import pytest

from custom_components.showrunner.clients.errors import Refused, Unreachable, Unreadable
from custom_components.showrunner.clients.qbittorrent import QBittorrentClient
from custom_components.showrunner.clients.qbittorrent_details import trackers_of_one
from custom_components.showrunner.clients.rtorrent import RTorrentClient
from custom_components.showrunner.domain.torrent_details import (
    RateLimits,
    Removal,
    TorrentFile,
    TrackerState,
)

from .conftest import Answer, read
from .rtorrent import fault, xml

HASH = "23D3F5FB85BDDE15925E3D4A4DF3BFB3BCD28A6F"
OTHER, GONE = "1" * 40, "0" * 40
MORE = [f"{number:040X}" for number in range(16, 22)]
NO_HASH = "invalid parameters: info-hash not found"
type Serve = Callable[[Answer], Awaitable[str]]


class RTorrent:
    """An rTorrent with one answer for each method; `asked`: methods (of many in one, too)."""

    def __init__(self, **answers: object) -> None:
        self.answers = {key.replace("__", "."): value for key, value in answers.items()}
        self.asked: list[str] = []
        self.sizes: list[int] = []
        self.forms: list[dict[str, list[str]]] = []
        self.form: object = ["0"]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer XML, JSON where there is any, and ruTorrent's forms."""
        body = await request.read()
        self.sizes.append(len(body))
        if request.content_type == "application/x-www-form-urlencoded":
            self.forms.append(parse_qs(body.decode()))
            return web.json_response(self.form)
        if request.content_type == "application/json":
            call = await request.json()
            self.asked.append(call["method"])
            result = self.answers.get(f"json {call['method']} {call['params'][-5:][:1]}")
            result = self.answers.get(f"json {call['method']}") if result is None else result
            if result is None:
                return web.Response(text=fault(-503, "not a proper XML-RPC call"))
            return web.json_response({"jsonrpc": "2.0", "id": 1, **result})  # type: ignore[dict-item]
        params, method = xmlrpc.client.loads(body)
        if method == "system.multicall" and method not in self.answers:
            [calls] = params
            self.asked += [one["methodName"] for one in calls]  # type: ignore[index,union-attr]
            members = [self._member(one) for one in calls]  # type: ignore[union-attr]
            value = "".join(f"<value>{one}</value>" for one in members)
            result = "<methodResponse><params><param><value><array><data>"
            return web.Response(
                text=f"{result}{value}</data></array></value></param></params></methodResponse>"
            )
        self.asked.append(str(method))
        given = self.answers.get(str(method), 0)
        return web.Response(
            text=given if isinstance(given, str) and given[:1] == "<" else xml(given)
        )

    def _member(self, call: Any) -> str:
        answer = self.answers.get(call["methodName"], 0)
        info_hash = call["params"][0]
        if isinstance(answer, Mapping):
            answer = answer.get(info_hash, NO_HASH)
        if isinstance(answer, str):
            return (
                "<struct><member><name>faultCode</name><value><i4>-503</i4></value></member>"
                f"<member><name>faultString</name><value><string>{answer}</string></value></member>"
                "</struct>"
            )
        value = xml([answer]).split("<param>")[1].split("</param>")[0]
        return value.removeprefix("<value>").removesuffix("</value>")


# -- rTorrent's files ------------------------------------------------------------------------------


async def test_rutorrents_files_as_recorded(session: aiohttp.ClientSession, serve: Serve) -> None:
    """Names, sizes and the folder; whether all of a file is there is told by its pieces."""
    rows = [["Harbour.Lights.S01E01.mkv", "", 900_000, 14, 14]]
    rows.append(["Extras/one.mkv", "/dl/S01/Extras/one.mkv", 5, 0, 1])
    server = RTorrent(f__multicall=rows, d__directory="/dl/S01", system__client_version="0.9.8")
    files = await RTorrentClient(session, await serve(server.answer)).files(HASH.lower())
    assert files is not None
    assert (files.root, files.exact, files.size_bytes) == (b"/dl/S01", True, 900_005)
    assert files.files == (
        TorrentFile(b"Harbour.Lights.S01E01.mkv", 900_000, complete=True),
        TorrentFile(b"Extras/one.mkv", 5, complete=False),
    )


@pytest.mark.parametrize(
    ("name", "exact"),
    [
        ("plain.mkv", True),
        ("Caf?.mkv", False),
        ("Caf%C3%A9.mkv", False),
        ("100% real.mkv", True),
        ("Caf\ufffd.mkv", False),
        ("../../etc/passwd", False),
        ("/etc/passwd", False),
        ("a//b", False),
        ("a/./b", False),
        ("two\nlines $(touch x) -rf.mkv", True),
        ("日本語.mkv", True),
        ("ctl\x01.mkv", True),
    ],
)
async def test_a_name_that_may_have_lost_letters_is_not_exact(
    session: aiohttp.ClientSession, serve: Serve, name: str, exact: bool
) -> None:
    """Over XML a question mark or a percent sign may stand for anything."""
    rows = [[name, "", 5, 1, 1], ["good.mkv", "", 5, 1, 1]]
    server = RTorrent(f__multicall=rows, d__directory="/dl", system__client_version="0.9.8")
    files = await RTorrentClient(session, await serve(server.answer)).files(HASH)
    assert files is not None
    assert [one.exact for one in files.files] == [exact, True]
    assert files.exact is exact
    assert files.files[0].path == name.encode()


@pytest.mark.parametrize(("name", "exact"), [("ctl\x01.mkv", False), ("plain.mkv", True)])
async def test_letters_that_are_lost_in_an_unusual_answer_make_no_name_exact(
    session: aiohttp.ClientSession, serve: Serve, name: str, exact: bool
) -> None:
    """What is no XML is left out there, in whichever name it was."""
    rows = [[name, "", 5, 1, 1], ["good.mkv", "", 5, 1, 1]]
    spaced = xml(rows).replace("<value><array>", "<value>\n<array>")
    server = RTorrent(f__multicall=spaced, d__directory="/dl", system__client_version="0.9.8")
    files = await RTorrentClient(session, await serve(server.answer)).files(HASH)
    assert files is not None
    assert [one.exact for one in files.files] == [exact, exact]


@pytest.mark.parametrize("root", ["/d?", "/d%20", "relative", "./"])
async def test_a_folder_that_may_be_another_is_not_exact(
    session: aiohttp.ClientSession, serve: Serve, root: str
) -> None:
    """The same for the folder that they are in."""
    rows = [["good.mkv", "", 5, 1, 1]]
    server = RTorrent(f__multicall=rows, d__directory=root, system__client_version="0.9.8")
    files = await RTorrentClient(session, await serve(server.answer)).files(HASH)
    assert files is not None
    assert (files.root_exact, files.exact, files.files[0].exact) == (False, False, True)


async def test_files_that_were_opened_elsewhere_are_not_exact(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """The folder was changed while they are open: they lie where they were opened."""
    rows = [["a.mkv", "/old/a.mkv", 5, 1, 1]]
    server = RTorrent(f__multicall=rows, d__directory="/new", system__client_version="0.9.8")
    files = await RTorrentClient(session, await serve(server.answer)).files(HASH)
    assert files is not None
    assert not files.exact


async def test_a_torrent_that_is_gone_has_no_files_and_odd_answers_are_none(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """None is "no such torrent", and nothing else is."""
    for answer, wanted in (
        (fault(-501, "Could not find info-hash."), None),
        (fault(-503, "no such command"), Refused),
        ([["a", "", "many", 1, 1]], Unreadable),
        ([["a", 5]], Unreadable),
        ([["", "", 5, 1, 1]], Unreadable),
        ("text", Unreadable),
    ):
        server = RTorrent(f__multicall=answer, d__directory="/dl", system__client_version="0.9.8")
        client = RTorrentClient(session, await serve(server.answer))
        if wanted is None:
            assert await client.files(HASH) is None
        else:
            with pytest.raises(wanted):
                await client.files(HASH)


async def test_json_is_exact_and_base64_where_a_name_is_no_utf8(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """0.16: question marks are letters; bytes are had from opened files, else nothing is exact."""
    rows = [["Caf?.mkv", "/d?/Caf?.mkv", 5, 1, 1]]
    server = RTorrent()
    server.answers |= {
        "json system.client_version": {"result": "0.16.17"},
        "json f.multicall": {"result": rows},
        "json d.directory": {"result": "/d?"},
    }
    client = RTorrentClient(session, f"{await serve(server.answer)}/RPC2")
    files = await client.files(HASH)
    assert files is not None
    assert (files.root, files.files[0].path, files.exact) == (b"/d?", b"Caf?.mkv", True)

    spoilt = {"error": {"code": -32700, "message": "invalid UTF-8 byte"}}
    server.answers |= {
        "json f.multicall ['f.path=']": spoilt,
        "json f.multicall ['f.frozen_path.base64=']": {
            "result": [["L2QvQ2Fm6S5ta3Y=", "L2QvQ2Fm6S5ta3Y=", 5, 1, 1]]
        },
        "json d.base_path.base64": {"result": "L2Q="},
        "json d.is_multi_file": {"result": 1},
        "f.multicall": [["Caf%E9.mkv", "/d/Caf%E9.mkv", 5, 1, 1]],
        "d.directory": "/d",
    }
    files = await client.files(HASH)
    assert files is not None
    assert (files.root, files.files[0].path, files.exact) == (b"/d", b"Caf\xe9.mkv", True)
    # Never opened: its path is empty, and XML has letters less.
    server.answers["json f.multicall ['f.frozen_path.base64=']"] = {"result": [["", "", 5, 1, 1]]}
    files = await client.files(HASH)
    assert files is not None
    assert (files.files[0].path, files.files[0].exact) == (b"Caf%E9.mkv", False)


# -- rTorrent's trackers ---------------------------------------------------------------------------


@pytest.mark.parametrize("at_once", [True, False])
async def test_trackers_of_thousands_take_few_calls_and_no_secret(
    session: aiohttp.ClientSession, serve: Serve, at_once: bool
) -> None:
    """One that is gone is left out; passkeys stay behind; DHT is no tracker; bodies are small."""
    urls: dict[str, list[list[object]]] = {
        HASH: [
            ["https://ada:word@tracker.example:8443/PASSKEY/announce?passkey=SECRET", 1],
            ["udp://[2001:db8::1]:80/announce", 0],
            ["dht://", 1],
            ["nonsense", 1],
        ],
        OTHER: [],
        "2" * 40: [["http://odd.example/#x", 1]],
    }
    many = [f"{number:040X}" for number in range(2, 3000)]
    every = urls | {one: [["http://t/announce", 1]] for one in many}
    rows = [
        [key, "".join(f"{value}#" for one in listed for value in one)]
        for key, listed in every.items()
    ]
    refused = fault(-507, 'Command "cat" is not allowed for untrusted connections.')
    server = RTorrent(t__multicall=every, d__multicall2=rows if at_once else refused)
    client = RTorrentClient(session, f"{await serve(server.answer)}/RPC2")
    trackers = await client.trackers([HASH.lower(), OTHER, GONE, "2" * 40, *many, HASH])
    assert trackers.keys() == {HASH, OTHER, "2" * 40, *many}
    assert trackers[HASH] == (
        TrackerState("tracker.example", "https://tracker.example:8443"),
        TrackerState("2001:db8::1", "udp://[2001:db8::1]:80", enabled=False),
        TrackerState("", ""),
    )
    assert trackers[OTHER] == ()
    # Its address holds the mark between them: it is asked for by itself.
    assert trackers["2" * 40] == (TrackerState("odd.example", "http://odd.example"),)
    assert not re.search("PASSKEY|SECRET|word", repr(trackers))
    assert len(server.sizes) == (2 if at_once else 9)
    assert max(server.sizes) < 400 * 1024
    assert await client.trackers([]) == {}


async def test_a_refused_question_for_trackers_is_no_answer(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """Not "no trackers"."""
    for answer, error in (
        ("not allowed for untrusted connections", Refused),
        ([["x"]], Unreadable),
    ):
        server = RTorrent(t__multicall=answer)
        client = RTorrentClient(session, await serve(server.answer))
        with pytest.raises(error):
            await client.trackers([HASH])


# -- rTorrent's removal, stopping and limits -------------------------------------------------------


async def test_rutorrent_removes_with_data_by_its_own_form(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """As recorded; false is "nothing was erased", and fine only when the torrent is gone."""
    recorded = read("rutorrent/removewithdata.json")
    server = RTorrent(d__erase=0)
    url = f"{await serve(server.answer)}/plugins/httprpc/action.php"
    client = RTorrentClient(session, url)
    assert client.removal is Removal.QUEUED_WITH_DATA
    server.form = recorded["response"]
    await client.remove(HASH.lower(), data=True)
    assert server.forms == [parse_qs(recorded["request"]["body"])]
    server.answers["d.hash"] = HASH
    for nothing in (False, None):
        server.form = nothing
        with pytest.raises(Refused, match="erased nothing"):
            await client.remove(HASH, data=True)
    server.answers["d.hash"] = fault(-503, NO_HASH)
    await client.remove(HASH, data=True)
    server.answers["d.hash"] = "<html>"
    with pytest.raises(Exception, match="web page"):
        await client.remove(HASH, data=True)
    assert "d.erase" not in server.asked
    await client.remove(HASH, data=False)
    assert server.asked[-1] == "d.erase"


async def test_plain_rtorrent_never_takes_data_for_removed(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """Also behind another of ruTorrent's addresses, which has no such form."""
    for path in ("/RPC2", "/plugins/rpc/rpc.php"):
        server = RTorrent()
        client = RTorrentClient(session, await serve(server.answer) + path)
        assert client.removal is Removal.ENTRY_ONLY
        with pytest.raises(ValueError, match="can't be deleted"):
            await client.remove(HASH, data=True)
        assert server.asked == []


async def test_rutorrent_stops_and_starts_by_its_own_forms(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """As recorded: 0.16 refuses d.stop from ruTorrent 5.3.12, and takes the form."""
    server = RTorrent()
    client = RTorrentClient(session, f"{await serve(server.answer)}/plugins/httprpc/action.php")
    for what, name in ((client.pause, "pause"), (client.resume, "start")):
        content = read(f"rutorrent/{name}.json")
        server.form = content["response"]
        await what([HASH])
        assert server.forms[-1] == parse_qs(content["request"]["body"])
    server.form = read("rutorrent/stop-unknown-hash.json")["response"]
    await client.pause([GONE])  # the list tells
    await client.pause([f"{number:040X}" for number in range(450)])
    assert [len(one["hash"]) for one in server.forms[-3:]] == [200, 200, 50]
    assert server.asked == []


async def test_plain_rtorrent_stops_and_starts_many_in_one(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """One that is gone is no error, one that is refused is, after all were asked for."""
    server = RTorrent(d__stop={HASH: 0}, d__start=0)
    client = RTorrentClient(session, await serve(server.answer))
    await client.pause([HASH.lower(), GONE])
    await client.resume([HASH])
    assert server.asked == ["d.stop", "d.stop", "d.start"]
    # As recorded for the same in XML through ruTorrent 5.3.12.
    server.answers["system.multicall"] = read("rutorrent/multicall-not-allowed.json")["response"]
    with pytest.raises(Refused, match="not allowed"):
        await client.pause([HASH])
    for word in ("all", ""):
        with pytest.raises(ValueError, match="hash"):
            await client.pause([HASH, word])


async def test_rtorrents_limits(session: aiohttp.ClientSession, serve: Serve) -> None:
    """In KiB, and never 0 for little."""
    sent: list[str] = []
    server = RTorrent(throttle__global_down__max_rate=1024, throttle__global_up__max_rate=0)

    async def answer(request: web.Request) -> web.StreamResponse:
        sent.append(await request.text())
        return await server.answer(request)

    client = RTorrentClient(session, await serve(answer))
    assert await client.limits() == RateLimits(1024, 0)
    sent.clear()
    await client.set_limits(1, 0)
    assert [re.findall("<string>(.*?)</string>", one) for one in sent] == [["", "1"], ["", "0"]]
    assert server.asked[-2:] == [
        "throttle.global_down.max_rate.set_kb",
        "throttle.global_up.max_rate.set_kb",
    ]
    server.answers["throttle.global_down.max_rate"] = fault(-503, "no")
    with pytest.raises(Refused):
        await client.limits()


# -- qBittorrent -----------------------------------------------------------------------------------


class QBittorrent:
    """A qBittorrent with an answer for each path."""

    def __init__(self, **answers: Any) -> None:
        self.answers: dict[str, Any] = {"app/version": "v4.5.2", **answers}
        self.missing = ""
        self.asked: list[tuple[str, dict[str, Any]]] = []

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer; what is not there is a 404."""
        path = request.path.removeprefix("/api/v2/")
        form = dict(await request.post()) if request.method == "POST" else dict(request.query)
        self.asked.append((path, form))
        result = 404 if form.get("hash") == self.missing else self.answers.get(path, 404)
        if isinstance(result, int):
            return web.Response(status=result)
        return web.Response(text=result) if isinstance(result, str) else web.json_response(result)


ROW = {"save_path": "/data", "download_path": "", "amount_left": 0}
FILE = {"index": 0, "name": "Show/e1.mkv", "size": 5, "progress": 1, "priority": 1}


async def test_qbittorrents_files(session: aiohttp.ClientSession, serve: Serve) -> None:
    """Below the save path, or where what is not complete lies until it is."""
    server = QBittorrent()
    server.answers |= {
        "torrents/files": [FILE, FILE | {"name": "Show/no?.mkv", "progress": 0.999}],
        "torrents/info": [ROW],
    }
    client = QBittorrentClient(session, await serve(server.answer))
    files = await client.files(HASH)
    assert files is not None
    assert (files.root, files.exact) == (b"/data", True)
    assert files.files == (
        TorrentFile(b"Show/e1.mkv", 5, complete=True),
        TorrentFile(b"Show/no?.mkv", 5, complete=False),
    )
    assert server.asked[-2:] == [
        ("torrents/files", {"hash": HASH.lower()}),
        ("torrents/info", {"hashes": HASH.lower()}),
    ]
    server.answers["torrents/info"] = [ROW | {"download_path": "/tmp/half", "amount_left": 1}]
    assert (await client.files(HASH)).root == b"/tmp/half"  # type: ignore[union-attr]
    server.answers["torrents/info"] = []
    assert await client.files(HASH) is None
    del server.answers["torrents/files"]
    assert await client.files(HASH) is None


@pytest.mark.parametrize(
    ("file", "exact"),
    [({"name": "a\ufffd"}, False), ({"name": "../x"}, False), ({"name": "/x"}, False)],
)
async def test_qbittorrents_odd_names_are_not_exact(
    session: aiohttp.ClientSession, serve: Serve, file: dict[str, Any], exact: bool
) -> None:
    """What leads outside, or lost letters."""
    server = QBittorrent()
    server.answers |= {"torrents/files": [FILE | file], "torrents/info": [ROW]}
    files = await QBittorrentClient(session, await serve(server.answer)).files(HASH)
    assert files is not None
    assert files.exact is exact


@pytest.mark.parametrize(
    "files", [{}, [5], [FILE | {"size": "x"}], [FILE | {"name": ""}], [{"name": "a", "size": 5}]]
)
async def test_qbittorrents_files_are_whole_or_unknown(
    session: aiohttp.ClientSession, serve: Serve, files: Any
) -> None:
    """A row that can't be read would be a file that is left behind, or taken for nothing."""
    server = QBittorrent()
    server.answers |= {"torrents/files": files, "torrents/info": [ROW]}
    with pytest.raises(Unreadable):
        await QBittorrentClient(session, await serve(server.answer)).files(HASH)


MAIN = {
    "rid": 7,
    "full_update": True,
    "torrents": {
        HASH.lower(): {"name": "a", "state": "uploading"},
        OTHER: {"name": "b", "state": "x"},
    },
    "server_state": {},
}


async def test_qbittorrents_trackers_are_one_call_and_the_next_list_is_whole(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """All trackers, not only the one that works; and no change is lost that this answer told."""
    server = QBittorrent()
    server.answers["sync/maindata"] = MAIN | {
        "trackers": {
            "https://t.example/SECRET/announce": [HASH.lower()],
            "udp://u.example:9": [HASH.lower(), GONE],
        }
    }
    client = QBittorrentClient(session, await serve(server.answer))
    await client.torrents()
    trackers = await client.trackers([HASH, OTHER, GONE, *MORE])
    assert trackers == {
        HASH: (
            TrackerState("t.example", "https://t.example"),
            TrackerState("u.example", "udp://u.example:9"),
        ),
        OTHER: (),
    }
    await client.torrents()
    asked = [form for path, form in server.asked if path == "sync/maindata"]
    assert asked == [{"rid": "0"}, {"rid": "0"}, {"rid": "0"}]
    server.answers["sync/maindata"] = MAIN | {"full_update": False}
    with pytest.raises(Unreadable):
        await client.trackers([HASH, *MORE])


async def test_few_torrents_of_qbittorrent_are_asked_for_their_trackers_one_by_one(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """All that it has would come along else, before each torrent of thousands that is purged."""
    server = QBittorrent()
    server.answers["torrents/trackers"] = [{"url": "http://t.example/x", "status": 2}]
    server.missing = GONE
    client = QBittorrentClient(session, await serve(server.answer))
    trackers = await client.trackers([OTHER, GONE])
    assert trackers == {OTHER: (TrackerState("t.example", "http://t.example"),)}
    assert {path for path, _ in server.asked} == {"torrents/trackers"}


async def test_an_old_qbittorrent_is_asked_for_each_torrents_trackers(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """Where the whole answer has none: that is no "no trackers"."""
    server = QBittorrent()
    server.answers |= {
        "sync/maindata": MAIN,
        "torrents/trackers": [
            {"url": "** [DHT] **", "status": 0},
            {"url": "http://t.example/x", "status": 2},
            {"url": "http://off.example/x", "status": 0},
        ],
    }
    client = QBittorrentClient(session, await serve(server.answer))
    assert await client.trackers([HASH, GONE, *MORE]) == {
        HASH: (
            TrackerState("t.example", "http://t.example"),
            TrackerState("off.example", "http://off.example", enabled=False),
        )
    }


@pytest.mark.parametrize("version", ["v4.5.2", "v5.3.0"])
async def test_qbittorrent_stops_and_starts_in_both_tongues(
    session: aiohttp.ClientSession, serve: Serve, version: str
) -> None:
    """5.0 renamed them; 404 says that it was the other one."""
    words = ("stop", "start") if version > "v5" else ("pause", "resume")
    server = QBittorrent(**{"app/version": version} | {f"torrents/{one}": "" for one in words})
    client = QBittorrentClient(session, await serve(server.answer))
    await client.pause([HASH, OTHER])
    await client.resume([HASH])
    posts = [one for one in server.asked if one[0].startswith("torrents")]
    assert posts == [
        (f"torrents/{words[0]}", {"hashes": f"{OTHER}|{HASH.lower()}"}),
        (f"torrents/{words[1]}", {"hashes": HASH.lower()}),
    ]
    # Another version came in the meantime.
    del server.answers[f"torrents/{words[0]}"]
    server.answers["torrents/stop" if words[0] == "pause" else "torrents/pause"] = ""
    await client.pause([HASH])
    for word in ("all", ""):
        with pytest.raises(ValueError, match="hash"):
            await client.pause([word])


async def test_qbittorrents_limits(session: aiohttp.ClientSession, serve: Serve) -> None:
    """It cuts off what is no whole KiB, and makes none of more than 32 bits: neither is meant."""
    server = QBittorrent()
    server.answers |= {
        "transfer/downloadLimit": "1024",
        "transfer/uploadLimit": "-1",
        "transfer/setDownloadLimit": "",
        "transfer/setUploadLimit": "",
    }
    client = QBittorrentClient(session, await serve(server.answer))
    assert await client.limits() == RateLimits(1024, 0)
    await client.set_limits(1500, 3_000_000_000)
    await client.set_limits(0, 1)
    sent = [form["limit"] for path, form in server.asked if "set" in path]
    assert sent == ["2048", str(2**31 - 1024), "0", "1024"]
    server.answers["transfer/uploadLimit"] = "<html>"
    with pytest.raises(Unreadable):
        await client.limits()


async def test_a_dead_rtorrent_behind_a_web_server_is_no_answer(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """It says `false` to everything."""

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.json_response(False)

    client = RTorrentClient(session, f"{await serve(answer)}/plugins/httprpc/action.php")
    for ask in (
        lambda: client.files(HASH),
        lambda: client.trackers([HASH]),
        lambda: client.remove(HASH, data=True),
        client.limits,
    ):
        with pytest.raises(Unreachable):
            await ask()


@pytest.mark.parametrize("url", ["http://t.exam\x00le/announce", "http://t.example\n/a", 5, None])
def test_a_tracker_whose_address_can_t_be_one_makes_them_unknown(url: object) -> None:
    """It may be any, also one that obliges: read as another one it would oblige to nothing."""
    rows = [{"url": "http://t.example/announce", "status": 2}, {"url": url, "status": 2}]
    with pytest.raises(Unreadable):
        trackers_of_one(json.dumps(rows).encode())
