"""qBittorrent: what its numbers mean, changes that add up, and signing in as each version does."""

import asyncio
from collections.abc import Awaitable, Callable
from copy import deepcopy
from datetime import UTC, datetime
import gc
import json
from pathlib import Path
from typing import Any
from unittest.mock import patch

import aiohttp
from aiohttp import web
from hypothesis import given, strategies as st
import pytest
import yaml

from custom_components.showrunner.clients import qbittorrent_models as models
from custom_components.showrunner.clients.errors import (
    Blocked,
    Forbidden,
    ServiceError,
    TooOld,
    Unauthorized,
    Unreachable,
    Unreadable,
    WrongProduct,
)
from custom_components.showrunner.clients.login_rest import REST
from custom_components.showrunner.clients.offload import members
from custom_components.showrunner.clients.qbittorrent import QBittorrentClient
from custom_components.showrunner.clients.qbittorrent_changes import MainData, UnknownTorrent
from custom_components.showrunner.coordinators.remembered import RememberedLogin
from custom_components.showrunner.domain.torrents import TorrentState
from tests.kept import Kept

from .conftest import read

type Serve = Callable[..., Awaitable[str]]

[SAMPLE] = read("qbittorrent/torrents-info.json")
CONTRACT = Path(__file__).parents[3] / "shared/contracts/openapi/qbittorrent-webui.contract.yml"


# --- what a torrent means --------------------------------------------------------------------


def test_a_constructed_sample_is_read() -> None:
    """As the contracts describe it."""
    one = models.torrent(SAMPLE["hash"], SAMPLE)
    assert one.hash == SAMPLE["hash"].upper()
    assert (one.state, one.complete, one.progress, one.ratio) == (
        TorrentState.SEEDING,
        True,
        100.0,
        1.53,
    )
    assert (one.eta, one.seeds, one.peers) == (None, 37, 2)
    assert (one.label, one.tags, one.private) == ("radarr", {"keep", "x"}, True)
    assert one.completed_at == datetime.fromtimestamp(1_763_643_000, UTC)
    assert (one.seeding_seconds, one.trackers) == (7200, ("tracker.example",))
    assert one.other_hashes == ()


def test_every_field_that_is_read_is_in_the_contract() -> None:
    """Where the contracts lie beside the project."""
    if not CONTRACT.exists():
        pytest.skip("the contracts are not beside this clone")
    contract = yaml.safe_load(CONTRACT.read_text())
    fields = contract["components"]["schemas"]["Torrent"]["properties"]
    assert set(models.KEPT) <= {*fields, "tracker"}


@pytest.mark.parametrize(
    ("word", "state", "complete"),
    [
        ("uploading", TorrentState.SEEDING, True),
        ("stalledUP", TorrentState.SEEDING, True),
        ("pausedUP", TorrentState.STOPPED, True),
        ("stoppedUP", TorrentState.STOPPED, True),
        ("queuedUP", TorrentState.QUEUED, True),
        ("checkingUP", TorrentState.CHECKING, True),
        ("moving", TorrentState.MOVING, True),
        ("missingFiles", TorrentState.ERROR, True),
        ("error", TorrentState.ERROR, True),
        ("somethingNew", TorrentState.UNKNOWN, True),
        ("", TorrentState.UNKNOWN, True),
        ("downloading", TorrentState.DOWNLOADING, False),
        ("stalledDL", TorrentState.STALLED, False),
        ("pausedDL", TorrentState.STOPPED, False),
        ("stoppedDL", TorrentState.STOPPED, False),
        ("metaDL", TorrentState.METADATA, False),
        ("forcedMetaDL", TorrentState.METADATA, False),
        ("checkingDL", TorrentState.CHECKING, False),
        ("checkingResumeData", TorrentState.CHECKING, False),
        ("queuedForChecking", TorrentState.CHECKING, False),
    ],
)
def test_states_of_all_versions(word: str, state: TorrentState, complete: bool) -> None:
    """A state that means "not yet" is believed more than numbers that have not caught up."""
    one = models.torrent("a" * 40, {**SAMPLE, "state": word})
    assert (one.state, one.complete) == (state, complete)


def test_numbers_that_mean_none() -> None:
    """-1, a hundred days, 2^32-1, and nothing at all."""
    changes: dict[str, Any] = {
        "state": "downloading",
        "amount_left": 5,
        "eta": 8_640_000,
        "ratio": -1,
        "completed": 100,
        "uploaded": 1_000_000,
        "completion_on": 4_294_967_295,
        "num_complete": -1,
        "num_incomplete": -1,
        "progress": 0.25,
        "tracker": "",
        "private": None,
        "content_path": "",
        "tags": "",
    }
    one = models.torrent("a" * 40, {**SAMPLE, **changes})
    assert (one.eta, one.ratio, one.completed_at, one.progress) == (None, 10_000, None, 25.0)
    assert (one.seeds, one.peers, one.trackers, one.private) == (None, None, None, None)
    assert (one.content_path, one.tags) == (None, frozenset())
    assert models.torrent("a" * 40, {**SAMPLE, **changes, "completed": 0}).ratio is None
    assert models.torrent("a" * 40, {**SAMPLE, **changes, "eta": 90}).eta == 90
    bare = models.torrent("a" * 40, {})
    assert (bare.name, bare.state, bare.complete, bare.ratio) == (
        "",
        TorrentState.UNKNOWN,
        False,
        None,
    )


def test_a_hybrid_keeps_its_other_hashes() -> None:
    """The first version's, and the whole of the second's."""
    v1, v2 = "1" * 40, "2b" * 32
    one = models.torrent(v2[:40], {**SAMPLE, "infohash_v1": v1, "infohash_v2": v2})
    assert (one.hash, one.other_hashes) == (v2[:40].upper(), (v1, v2.upper()))


# --- reading piece by piece ------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(
    st.dictionaries(st.text(), JSON), st.dictionaries(st.text(), JSON), st.sampled_from((None, 2))
)
def test_members_are_those_of_the_whole(
    outer: dict[str, Any], inner: dict[str, Any], indent: int | None
) -> None:
    """Whatever is in the texts, brackets and quotes among it."""
    outer.pop("torrents", None)
    content = json.dumps({**outer, "torrents": inner}, indent=indent)
    rows = list(members(content, within="torrents"))
    at = rows.index(("torrents", None))
    assert dict(rows[:at]) == outer
    assert [(f"torrents {key}", value) for key, value in inner.items()] == rows[at + 1 :]


@given(st.dictionaries(st.text(), JSON, min_size=1), st.integers(0, 300))
def test_half_of_it_is_an_error(value: dict[str, Any], cut: int) -> None:
    """Never a shorter list."""
    content = json.dumps({"torrents": value, "rid": 1})
    for part in (content[: min(cut, len(content) - 1)], f"{content} x", f"[{content}]"):
        with pytest.raises(ValueError):  # noqa: PT011
            list(members(part, within="torrents"))


# --- changes ---------------------------------------------------------------------------------


def said(rid: int, **more: Any) -> bytes:
    """Write an answer of sync/maindata."""
    return json.dumps({"rid": rid, **more}).encode()


def test_changes_are_merged_and_the_removed_go() -> None:
    """Only what changed is said, of torrents and of the server."""
    data = MainData("4.5.2")
    first = {"a" * 40: SAMPLE, "b" * 40: {**SAMPLE, "name": "B"}}
    state = {"free_space_on_disk": 7, "dl_info_speed": 1, "up_info_data": 9}
    assert data.merge(said(1, full_update=True, torrents=first, server_state=state))
    whole = data.list
    assert whole is not None
    assert (len(whole), whole.free_bytes) == (2, 7)
    assert data.merge(said(2))
    assert data.list is whole
    changes = {"a" * 40: {"state": "stoppedUP"}, "c" * 40: {**SAMPLE, "name": "C"}}
    assert data.merge(
        said(3, torrents=changes, torrents_removed=["b" * 40], server_state={"dl_info_speed": 5})
    )
    listed = data.list
    assert listed is not None
    assert sorted(listed.by_hash) == ["A" * 40, "C" * 40]
    assert listed.by_hash["A" * 40].state is TorrentState.STOPPED
    assert listed.by_hash["A" * 40].name == SAMPLE["name"]
    assert (listed.free_bytes, listed.down_rate, data.rid) == (7, 5, 3)
    assert data.merge(said(4, full_update=True, torrents={}))
    assert data.list
    assert len(data.list) == 0


def test_a_disk_that_is_not_measured_yet_is_not_full() -> None:
    """The first answer after a login says 0 until the disk was measured; the next one knows."""
    told = {"full_update": True, "torrents": {}}

    def free(data: MainData, rid: int, space: int | None, **more: Any) -> int | None:
        state = {} if space is None else {"server_state": {"free_space_on_disk": space}}
        assert data.merge(said(rid, **state, **more))
        assert data.list is not None
        return data.list.free_bytes

    roomy, full = MainData(), MainData()
    assert free(roomy, 1, 0, **told) is None
    assert free(roomy, 2, 900) == 900
    assert free(full, 1, 0, **told) is None
    # Nothing has changed, neither has the disk: it is full.
    assert free(full, 2, None) == 0
    # And still is, when everything is told anew; after a login nobody knows.
    assert free(full, 3, 0, **told) == 0
    assert free(roomy, 1, 0, **told) is None
    # A disk that can't be measured is unknown.
    assert free(roomy, 2, -1) is None


@pytest.mark.parametrize("content", [b"", b"null", b"[]", b'{"torrents":{}}', b"<html>", b"{}"])
def test_what_is_no_answer_changes_nothing(content: bytes) -> None:
    """An error, not an empty client."""
    data = MainData()
    data.merge(said(1, full_update=True, torrents={"a" * 40: SAMPLE}))
    before = data.list
    with pytest.raises(ValueError):  # noqa: PT011
        data.merge(content)
    with pytest.raises(UnknownTorrent):
        data.merge(said(2, torrents={"d" * 40: {"state": "uploading"}}))
    with pytest.raises(ValueError):  # noqa: PT011
        data.merge(said(3, torrents={"a" * 40: {"name": "New"}})[:-2])
    assert (data.list, data.rid) == (before, 1)


CHANGES = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.integers(0, 4), st.sampled_from(("uploading", "stalledUP"))),
        st.tuples(st.just("remove"), st.integers(0, 4), st.just("")),
        st.tuples(st.just("poll"), st.just(0), st.sampled_from(("", "lost", "restart"))),
    ),
    max_size=40,
)


@given(CHANGES)
def test_parts_add_up_to_the_truth(story: list[tuple[str, int, str]]) -> None:
    """A server as it works: what changed since the answer that was received; answers get lost."""
    truth: dict[str, dict[str, Any]] = {}
    received: dict[str, dict[str, Any]] = {}
    sent: dict[str, dict[str, Any]] = {}
    data, rid = MainData(), 0

    def answer() -> bytes:
        nonlocal sent, received, rid
        if data.rid == rid and rid:
            received = sent
        full = data.rid == 0 or data.rid not in (rid, rid - 1) or not rid
        rid += 1
        sent = deepcopy(truth)
        if full:
            received = {}
            return said(rid, full_update=True, torrents=truth)
        changed = {
            key: {k: v for k, v in row.items() if received.get(key, {}).get(k) != v}
            for key, row in truth.items()
            if received.get(key) != row
        }
        gone = [key for key in received if key not in truth]
        return said(rid, torrents=changed, torrents_removed=gone)

    for what, number, extra in [*story, ("poll", 0, ""), ("poll", 0, "")]:
        key = f"{number:040x}"
        match what:
            case "put":
                truth[key] = {**SAMPLE, "hash": key, "state": extra}
            case "remove":
                truth.pop(key, None)
            case _ if extra == "restart":
                # Which ends the session: the client signs in anew and asks for everything.
                rid, sent, received = 0, {}, {}
                data.rid = 0
            case _ if extra == "lost":
                answer()
            case _:
                assert data.merge(answer())
                assert data.list is not None
                assert data.list.by_hash == {
                    key.upper(): models.torrent(key, row) for key, row in truth.items()
                }


# --- signing in ------------------------------------------------------------------------------


class Server:
    """A qBittorrent of our own: its version's ways of signing in, and what it has."""

    def __init__(self, version: str = "v4.5.2", good: tuple[int, str] = (200, "Ok.")):
        self.version = version
        self.good = good
        self.bad = (200, "Fails.") if good == (200, "Ok.") else (401, "Unauthorized")
        self.cookie = "SID" if version.startswith("v4") else "QBT_SID_8080"
        self.sessions: set[str] = set()
        self.key = "qbt_" + "k" * 28
        self.logins = 0
        self.banned = False
        self.open = False
        self.rids: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.full = True

    async def answer(self, request: web.Request) -> web.Response:
        self.headers.append(dict(request.headers))
        if request.path.endswith("auth/login"):
            return await self._login(request)
        session = request.cookies.get(self.cookie)
        bearer = request.headers.get("Authorization") == f"Bearer {self.key}"
        if not (session in self.sessions or bearer or self.open):
            return web.Response(status=403, text="Forbidden")
        if request.path.endswith("app/version"):
            return web.Response(text=self.version)
        if request.path.endswith("sync/maindata"):
            self.rids.append(request.query["rid"])
            if not self.full:
                return web.json_response({"rid": 5, "torrents": {"d" * 40: {"state": "error"}}})
            whole = {"full_update": True, "torrents": {"a" * 40: SAMPLE}, "server_state": {}}
            return web.json_response({"rid": len(self.rids), **whole})
        return web.Response(status=404)

    async def _login(self, request: web.Request) -> web.Response:
        self.logins += 1
        form = await request.post()
        if self.banned:
            return web.Response(status=403, text="Your IP address has been banned")
        if (form["username"], form["password"]) != ("ada", "pä w"):
            return web.Response(status=self.bad[0], text=self.bad[1])
        name = f"s{self.logins}"
        self.sessions = {name}
        response = web.Response(status=self.good[0], text=self.good[1] or None)
        response.set_cookie(self.cookie, name, httponly=True, path="/", samesite="Strict")
        return response


@pytest.fixture
async def jar_session(socket_enabled: None):  # type: ignore[no-untyped-def]
    """Open a session whose jar takes cookies of addresses."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as opened:
        yield opened


@pytest.mark.parametrize(
    ("version", "good"),
    [("v4.5.2", (200, "Ok.")), ("v5.2.0", (200, "")), ("v5.3.0", (204, ""))],
)
async def test_each_version_is_signed_in_to_once(
    jar_session: aiohttp.ClientSession, serve: Serve, version: str, good: tuple[int, str]
) -> None:
    """The cookie is kept, whatever its name; a forgotten one is replaced; no foreign origin."""
    server = Server(version, good)
    url = await serve(server.answer)
    client = QBittorrentClient(jar_session, url, username="ada", password="pä w")
    assert await client.status() == version.removeprefix("v")
    for _ in range(3):
        assert len(await client.torrents()) == 1
    assert server.logins == 1
    assert server.rids == ["0", "1", "2"]
    server.sessions = set()
    assert len(await client.torrents()) == 1
    assert server.logins == 2
    assert server.rids[3:] == ["0"]
    assert not any({"Origin", "Referer"} & headers.keys() for headers in server.headers)
    wrong = QBittorrentClient(jar_session, url, username="ada", password="wrong-one")
    server.sessions = set()
    with pytest.raises(Unauthorized) as caught:
        await wrong.torrents()
    assert "wrong-one" not in str(caught.value)


async def test_a_refused_login_rests(jar_session: aiohttp.ClientSession, serve: Serve) -> None:
    """Polls go on, tries don't: five would have us banned."""
    server = Server()
    client = QBittorrentClient(
        jar_session, await serve(server.answer), username="ada", password="wrong"
    )
    for _ in range(9):
        with pytest.raises(Unauthorized, match="refused"):
            await client.torrents()
    assert server.logins == 1


async def test_a_refused_login_rests_over_reloads_and_restarts(
    jar_session: aiohttp.ClientSession, serve: Serve
) -> None:
    """Five reloads would have us banned; a changed password is tried at once, and none is kept."""
    server, kept = Server(), Kept()
    url = await serve(server.answer)

    def linked(password: str) -> QBittorrentClient:
        login = {"url": url, "username": "ada", "password": password}
        memory = RememberedLogin(kept, "box", "qBittorrent", login)
        return QBittorrentClient(jar_session, url, username="ada", password=password, memory=memory)

    for _ in range(6):
        with pytest.raises(Unauthorized, match="refused"):
            await linked("wrong-one").torrents()
    assert server.logins == 1
    assert "wrong-one" not in str(kept.values)
    good = linked("pä w")
    assert len(await good.torrents()) == 1
    # It works now; that the same login is refused later is tried, once.
    server.sessions = set()
    server.banned = True
    for _ in range(3):
        with pytest.raises(Forbidden, match="banned"):
            await good.torrents()
        with pytest.raises(Forbidden, match="banned"):
            await linked("pä w").torrents()
    assert server.logins == 3


@pytest.mark.parametrize("passed", [REST + 1, -REST])
async def test_a_rest_ends(jar_session: aiohttp.ClientSession, serve: Serve, passed: float) -> None:
    """After half an hour; and a clock that was set back does not make it longer."""
    server, kept = Server(), Kept()
    url = await serve(server.answer)
    for number in range(2):
        memory = RememberedLogin(kept, "box", "qBittorrent", {})
        client = QBittorrentClient(
            jar_session, url, username="ada", password="wrong", memory=memory
        )
        with (
            patch("time.time", return_value=1e9 + number * passed),
            pytest.raises(Unauthorized),
        ):
            await client.torrents()
    assert server.logins == 2


async def test_a_ban_is_said(jar_session: aiohttp.ClientSession, serve: Serve) -> None:
    """Which is no wrong password."""
    server = Server()
    server.banned = True
    client = QBittorrentClient(
        jar_session, await serve(server.answer), username="ada", password="pä w"
    )
    with pytest.raises(Forbidden, match="banned"):
        await client.torrents()


async def test_a_login_that_does_not_help_is_an_error(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """A jar that takes no cookies of addresses, say: one login, no endless round."""
    server = Server()
    client = QBittorrentClient(session, await serve(server.answer), username="ada", password="pä w")
    with pytest.raises(Forbidden, match="still refused"):
        await client.torrents()
    assert server.logins == 1


async def test_a_key_needs_no_login(jar_session: aiohttp.ClientSession, serve: Serve) -> None:
    """And a wrong one is refused; where nobody is asked, neither is needed."""
    server = Server("v5.3.0")
    url = await serve(server.answer)
    assert len(await QBittorrentClient(jar_session, url, api_key=server.key).torrents()) == 1
    for login in ({"api_key": "qbt_other"}, {}):
        with pytest.raises(Unauthorized) as caught:
            await QBittorrentClient(jar_session, url, **login).torrents()
        assert "qbt_other" not in str(caught.value)
    assert server.logins == 0
    server.open = True
    assert len(await QBittorrentClient(jar_session, url).torrents()) == 1


async def test_two_who_ask_at_once_are_answered_one_after_another(
    jar_session: aiohttp.ClientSession, serve: Serve
) -> None:
    """A change adds to the one before: a poll and a read-back must not take each other's."""
    server = Server()
    server.open = True
    inside: list[int] = []
    most = 0

    async def answer(request: web.Request) -> web.Response:
        nonlocal most
        inside.append(1)
        most = max(most, len(inside))
        await asyncio.sleep(0.02)
        inside.pop()
        return await server.answer(request)

    client = QBittorrentClient(jar_session, await serve(answer))
    lists = await asyncio.gather(*(client.torrents() for _ in range(3)))
    assert [len(one) for one in lists] == [1, 1, 1]
    assert (most, server.rids) == (1, ["0", "1", "2"])


async def test_a_hybrid_is_among_the_torrents_by_each_of_its_hashes(
    jar_session: aiohttp.ClientSession, serve: Serve
) -> None:
    """Whichever of them a step names: it is gone when none of them is told."""
    v1, v2 = "1" * 40, "2b" * 32
    row = {**SAMPLE, "infohash_v1": v1, "infohash_v2": v2}

    async def answer(request: web.Request) -> web.Response:
        if request.path.endswith("/app/version"):
            return web.Response(text="v5.0.1")
        other = {**SAMPLE, "infohash_v1": "", "infohash_v2": ""}
        torrents = {v2[:40]: row, "c" * 40: other}
        return web.json_response({"rid": 1, "full_update": True, "torrents": torrents})

    client = QBittorrentClient(jar_session, await serve(answer))
    assert await client.hashes() == {v2[:40].upper(), v1, v2.upper(), "C" * 40}


async def test_changes_to_the_unknown_begin_anew(
    jar_session: aiohttp.ClientSession, serve: Serve
) -> None:
    """Asked once more for everything; a server that never says everything is not believed."""
    server = Server()
    server.open = True
    client = QBittorrentClient(jar_session, await serve(server.answer))
    assert len(await client.torrents()) == 1
    server.full = False
    with pytest.raises(Unreadable):
        await client.torrents()
    assert server.rids == ["0", "1", "0"]
    server.full = True
    assert len(await client.torrents()) == 1


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (200, "<html>Sign in</html>", WrongProduct),
        (200, '{"version": "v4.5"}', WrongProduct),
        (200, "", WrongProduct),
        (404, "", WrongProduct),
        (302, "", WrongProduct),
        (200, "v3.3.16", TooOld),
        (502, "<html>", Unreachable),
        (401, "", Blocked),
        (403, "<html>Sign in</html>", Blocked),
        (403, "Forbidden", Forbidden),
    ],
)
async def test_another_product_is_named(
    session: aiohttp.ClientSession, serve: Serve, status: int, body: str, error: type[Exception]
) -> None:
    """And an old one, and one that is ill."""

    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=status, text=body)

    with pytest.raises(error):
        await QBittorrentClient(session, await serve(answer)).status()


@pytest.mark.parametrize("body", ["", "[]", "null", '{"rid":1}', "<html>", '{"rid":1,"torrents"'])
async def test_no_answer_is_no_empty_client(
    session: aiohttp.ClientSession, serve: Serve, body: str
) -> None:
    """A list that could not be read is an error."""

    async def answer(request: web.Request) -> web.Response:
        return web.Response(text="v5.1.0" if request.path.endswith("version") else body)

    with pytest.raises(ServiceError):
        await QBittorrentClient(session, await serve(answer)).torrents()


async def test_a_refused_host_name_is_no_wrong_login(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """401 to whoever has no session is the check of the host or the proxy: no login is tried."""
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(status=401, text="Unauthorized")

    url = await serve(answer)
    client = QBittorrentClient(session, url, username="ada", password="right")
    for ask in (client.status, client.torrents, lambda: client.remove("a" * 40, data=True)):
        with pytest.raises(Blocked, match="Host header"):
            await ask()
    assert not [path for path in asked if path.endswith("/login")]
    assert await client._memory.recall() is None
    # With a key it is the key that is refused.
    with pytest.raises(Unauthorized):
        await QBittorrentClient(session, url, api_key="qbt_wrong").status()


@given(
    st.dictionaries(st.sampled_from(models.KEPT), JSON),
    st.lists(st.dictionaries(st.sampled_from(models.KEPT), JSON), max_size=4),
)
def test_what_was_told_in_parts_is_read_as_if_it_were_told_at_once(
    first: dict[str, Any], parts: list[dict[str, Any]]
) -> None:
    """Whatever is told of a field, and also when it is told anew."""
    data, key = MainData(), "a" * 40
    row = {**SAMPLE, **first}
    assert data.merge(said(1, full_update=True, torrents={key: row}))
    for rid, part in enumerate(parts, 2):
        assert data.merge(said(rid, torrents={key: part}))
        row |= part
    assert data.torrents[key] == models.torrent(key, row)


def test_of_thousands_of_torrents_little_is_gone_through() -> None:
    """One object each for the collector; texts that they share are there once."""
    gc.collect()
    before = len(gc.get_objects())
    many = {
        f"{number:040x}": {**SAMPLE, "name": f"T {number}", "category": "films", "tags": "keep, a"}
        for number in range(1000)
    }
    data = MainData()
    assert data.merge(said(1, full_update=True, torrents=many))
    del many
    gc.collect()
    gc.collect()
    assert len(gc.get_objects()) - before < 2500
    one, other = list(data.torrents.values())[:2]
    assert one.label is other.label
    assert one.tags is other.tags
