"""Jellyfin's WebSocket: what it tells, and every way in which it may not."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
import json
import logging
from typing import Any

import aiohttp
from aiohttp import web
from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.clients import jellyfin_socket
from custom_components.showrunner.clients.errors import (
    Forbidden,
    Refused,
    ServiceError,
    TlsFailed,
    Unauthorized,
    Unreachable,
    Unreadable,
)
from custom_components.showrunner.clients.jellyfin import JellyfinClient
from custom_components.showrunner.clients.jellyfin_sessions import SessionsSnapshot, snapshot
from custom_components.showrunner.domain.streams import PlayMethod, StreamMedia
from custom_components.showrunner.domain.watching import ReportSource
from world.lies import Lie, LieKind
from world.servers import Servers

from .conftest import Answer, read

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
KEY = "5ecret0key0of0this0test"
SERVER = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
INFO = {"Id": SERVER, "ServerName": "T", "Version": "10.11.11", "ProductName": "Jellyfin Server"}
# What a server says of itself first, whatever it does at /socket.
type Script = Callable[[web.WebSocketResponse], Awaitable[None]]
type Serve = Callable[[Answer], Awaitable[str]]


def clock() -> datetime:
    """Tell the time."""
    return NOW


def scripted(script: Script, asked: list[web.Request] | None = None) -> Answer:
    """Answer as a Jellyfin whose socket does what the script says."""

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.path.endswith("/System/Info/Public"):
            return web.json_response(INFO)
        if asked is not None:
            asked.append(request)
        socket = web.WebSocketResponse(max_msg_size=0)
        await socket.prepare(request)
        await script(socket)
        return socket

    return answer


def saying(*texts: str | bytes) -> Script:
    """Send some frames, then wait until the client goes."""

    async def script(socket: web.WebSocketResponse) -> None:
        for text in texts:
            await (socket.send_str(text) if isinstance(text, str) else socket.send_bytes(text))
        async for _ in socket:
            pass

    return script


def sessions(rows: object) -> str:
    """Write a Sessions message."""
    return json.dumps({"MessageType": "Sessions", "Data": rows})


async def one(session: aiohttp.ClientSession, url: str, key: str = KEY) -> SessionsSnapshot:
    """Open the socket and wait for one list of sessions."""
    client = JellyfinClient(session, url, key, device_id="test")
    async with client.sessions_socket(clock) as socket:
        return await socket.receive()


# -- what it tells -------------------------------------------------------------------------------


async def test_the_demo_pushes_what_plays(session: aiohttp.ClientSession, servers: Servers) -> None:
    """At once nobody, then a start, a pause and the end, without being asked."""
    client = JellyfinClient(
        session, servers.jellyfin.url, servers.world.keys.jellyfin, device_id="test"
    )
    async with client.sessions_socket(clock) as socket:
        assert await socket.receive() == SessionsSnapshot()
        play = servers.play("Sofa", "Paper Foxes", 0.5, speed=0.5)
        (report,) = (await socket.receive()).reports
        assert (report.source, report.at) == (ReportSource.WEBSOCKET, NOW)
        assert (report.user_id, report.paused) == (servers.world.user("Sofa").id, False)
        assert report.position == pytest.approx(3.5, abs=0.5)
        play.pause()
        assert (await socket.receive()).reports[0].paused
        play.stop()
        assert (await socket.receive()).reports == ()


async def test_the_key_is_in_the_header_and_the_base_path_is_kept(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """Behind a proxy's folder; nothing secret in the address."""
    asked: list[web.Request] = []
    url = await serve(scripted(saying(sessions([])), asked))
    await one(session, url + "/media/")
    assert [request.path_qs for request in asked] == ["/media/socket"]
    assert f'Token="{KEY}"' in asked[0].headers["Authorization"]


async def test_keep_alive_is_answered_and_spoken_at_half_of_it(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """The first answer at once, the next after half of what the server said."""
    answer: list[tuple[float, Any]] = []
    loop = asyncio.get_running_loop()

    async def script(socket: web.WebSocketResponse) -> None:
        await socket.send_json({"MessageType": "ForceKeepAlive", "Data": 2})
        while len(answer) < 4:
            message = await socket.receive_json()
            answer.append((loop.time(), message))
            await socket.send_json({"MessageType": "KeepAlive"})
        await socket.send_str(sessions([]))
        await socket.receive()

    await one(session, await serve(scripted(script)))
    assert [message for _, message in answer] == [
        {"MessageType": "SessionsStart", "Data": "0,1500"},
        *[{"MessageType": "KeepAlive"}] * 3,
    ]
    times = [at for at, _ in answer]
    assert times[2] - times[1] == pytest.approx(1.0, abs=0.4)
    assert times[3] - times[2] == pytest.approx(1.0, abs=0.4)


async def test_a_demo_that_is_kept_alive_does_not_drop_us(
    session: aiohttp.ClientSession, servers: Servers
) -> None:
    """Twice as long as its patience; who says nothing is dropped."""
    sockets = servers.jellyfin_state.socket
    sockets.keep_alive = 1
    client = JellyfinClient(
        session, servers.jellyfin.url, servers.world.keys.jellyfin, device_id="test"
    )
    async with client.sessions_socket(clock) as socket:
        await socket.receive()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(2.2):
                await socket.receive()
        assert sockets.open == 1
    headers = {"Authorization": f'MediaBrowser Token="{servers.world.keys.jellyfin}"'}
    async with session.ws_connect(servers.jellyfin.url + "/socket", headers=headers) as silent:
        async with asyncio.timeout(5):
            async for _ in silent:
                pass
        assert silent.closed


@pytest.mark.parametrize("binary", [False, True])
async def test_foreign_messages_are_passed_over(
    session: aiohttp.ClientSession, serve: Serve, binary: bool
) -> None:
    """Other types, no type, no object, and every message of the samples; text or binary."""
    foreign = [
        *("null", "[]", "7", "{}", '{"MessageType": null}', '{"MessageType": 3, "Data": []}'),
        '{"MessageType": "ForceKeepAlive", "Data": "soon"}',
        '{"MessageType": "ForceKeepAlive", "Data": -5}',
        *(
            json.dumps(sample["message"])
            for sample in read("jellyfin/ws-messages.json")
            if sample["message"]["MessageType"] != "Sessions"
        ),
    ]
    texts: list[str | bytes] = [*foreign, sessions([])]
    if binary:
        texts = [text.encode() for text in texts if isinstance(text, str)]
    assert await one(session, await serve(scripted(saying(*texts)))) == SessionsSnapshot()


async def test_a_long_list_is_read(session: aiohttp.ClientSession, serve: Serve) -> None:
    """Longer than what is decoded in the event loop."""
    row = read("jellyfin/sessions.json")[0]
    many = [row | {"Id": f"{number:032x}"} for number in range(200)]
    text = sessions(many)
    assert len(text) > jellyfin_socket._LONG
    assert len((await one(session, await serve(scripted(saying(text))))).streams) == 200


# -- what goes wrong -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        sessions([{"Id": "s"}])[:-9],
        "<html>",
        "",
        "[" * 200_000,
        sessions(None),
        sessions({"Items": []}),
        '{"MessageType": "Sessions"}',
    ],
)
async def test_what_cannot_be_read_is_not_an_empty_list(
    session: aiohttp.ClientSession, serve: Serve, text: str
) -> None:
    """Half a JSON, a page, no list: nobody has stopped because of it."""
    with pytest.raises(Unreadable):
        await one(session, await serve(scripted(saying(text))))


async def test_a_huge_message_is_refused(session: aiohttp.ClientSession, serve: Serve) -> None:
    """Beyond the cap nothing is kept."""
    text = sessions(["x" * jellyfin_socket.LARGEST])
    with pytest.raises(Unreadable, match="too large"):
        await one(session, await serve(scripted(saying(text))))


async def test_a_server_that_closes_is_unreachable(
    session: aiohttp.ClientSession, serve: Serve
) -> None:
    """Politely, and without a word."""

    async def polite(socket: web.WebSocketResponse) -> None:
        await socket.close()

    async def rude(socket: web.WebSocketResponse) -> None:
        assert socket._req is not None
        assert socket._req.transport is not None
        socket._req.transport.abort()

    for script in (polite, rude):
        with pytest.raises(Unreachable):
            await one(session, await serve(scripted(script)))


async def test_a_silent_server_is_unreachable(
    session: aiohttp.ClientSession, servers: Servers
) -> None:
    """It does not even answer our keep-alives, though the connection is open."""
    sockets = servers.jellyfin_state.socket
    sockets.keep_alive = 1
    client = JellyfinClient(
        session, servers.jellyfin.url, servers.world.keys.jellyfin, device_id="test"
    )
    async with client.sessions_socket(clock) as socket:
        await socket.receive()
        sockets.mute = True
        with pytest.raises(Unreachable, match="silent"):
            await socket.receive()


@pytest.mark.parametrize(
    ("lie", "error"),
    [
        (Lie(LieKind.ERROR, "/socket", status=403), Forbidden),
        (Lie(LieKind.ERROR, "/socket", status=404), Refused),
        (Lie(LieKind.ERROR, "/socket", status=500), Unreachable),
        (Lie(LieKind.ERROR, "/socket", status=503), Unreachable),
        (Lie(LieKind.REFUSED, "/socket"), Unauthorized),
        (Lie(LieKind.HTML, "/socket"), Unreadable),
        (Lie(LieKind.REDIRECT, "/socket"), Unreadable),
        (Lie(LieKind.DROP, "/socket"), Unreachable),
    ],
)
async def test_who_refuses_the_socket(
    session: aiohttp.ClientSession, servers: Servers, lie: Lie, error: type[ServiceError]
) -> None:
    """As the other calls are mapped."""
    servers.jellyfin.liar.tell(lie)
    with pytest.raises(error) as caught:
        await one(session, servers.jellyfin.url, servers.world.keys.jellyfin)
    assert type(caught.value) is error


async def test_a_wrong_key_is_forbidden(session: aiohttp.ClientSession, servers: Servers) -> None:
    """Jellyfin says 403 here, where it says 401 elsewhere."""
    with pytest.raises(Forbidden):
        await one(session, servers.jellyfin.url, "wrong")


async def test_nobody_answers(session: aiohttp.ClientSession, servers: Servers) -> None:
    """Refused, and https where http is spoken."""
    url = servers.jellyfin.url
    client = JellyfinClient(session, url, KEY, device_id="test")
    await client.server()
    await servers.jellyfin.go_down()
    with pytest.raises(Unreachable):
        async with client.sessions_socket(clock):
            pass
    await servers.jellyfin.come_back()
    secure = JellyfinClient(session, url.replace("http:", "https:"), KEY, device_id="test")
    secure._server_id = SERVER
    with pytest.raises(TlsFailed):
        async with secure.sessions_socket(clock):
            pass


async def test_no_error_and_no_log_tells_key_or_address(
    session: aiohttp.ClientSession, servers: Servers, caplog: pytest.LogCaptureFixture
) -> None:
    """Nor does anything that is chained to an error."""
    caplog.set_level(logging.DEBUG, "custom_components.showrunner")
    for lie in (
        Lie(LieKind.ERROR, "/socket", status=403, times=1),
        Lie(LieKind.HTML, "/socket", times=1),
        Lie(LieKind.REDIRECT, "/socket", times=1),
        Lie(LieKind.DROP, "/socket", times=1),
    ):
        servers.jellyfin.liar.tell(lie)
        with pytest.raises(ServiceError) as caught:
            await one(session, servers.jellyfin.url, KEY)
        error: BaseException | None = caught.value
        while error is not None:
            assert KEY not in repr(error)
            assert str(servers.jellyfin.port) not in str(error)
            error = error.__cause__ or error.__context__
    ours = [record for record in caplog.records if record.name.startswith("custom_components")]
    assert not any(KEY in record.getMessage() for record in ours)


async def test_going_down_cuts_the_sockets(
    session: aiohttp.ClientSession, servers: Servers
) -> None:
    """And a cut does; nobody is told goodbye."""
    client = JellyfinClient(
        session, servers.jellyfin.url, servers.world.keys.jellyfin, device_id="test"
    )
    sockets = servers.jellyfin_state.socket
    async with client.sessions_socket(clock) as socket:
        await socket.receive()
        assert sockets.cut() == 1
        with pytest.raises(Unreachable):
            await socket.receive()
    async with client.sessions_socket(clock) as socket:
        await socket.receive()
        await servers.jellyfin.go_down()
        with pytest.raises(Unreachable):
            await socket.receive()
    sockets.refused = 404
    await servers.jellyfin.come_back()
    with pytest.raises(Refused):
        await one(session, servers.jellyfin.url, servers.world.keys.jellyfin)


# -- how sessions are read -----------------------------------------------------------------------


def read_sessions(rows: list[Any]) -> SessionsSnapshot:
    """Read rows as a poll gives them."""
    return snapshot(rows, SERVER, NOW, ReportSource.POLL)


def test_every_sample_is_read() -> None:
    """Polled, and pushed with much less in it."""
    found = read_sessions(read("jellyfin/sessions.json"))
    assert [one.user_name for one in found.reports] == ["alice"]
    (stream,) = found.streams
    assert (stream.title, stream.media) == ("Example Movie (2024)", StreamMedia.MOVIE)
    assert (stream.method, stream.bitrate, stream.position, stream.runtime) == (
        PlayMethod.DIRECT_PLAY,
        None,
        3600.0,
        7200.0,
    )
    messages = [sample["message"] for sample in read("jellyfin/ws-messages.json")]
    (rows,) = [message["Data"] for message in messages if message["MessageType"] == "Sessions"]
    found = read_sessions(rows)
    assert (found.reports[0].position, found.reports[0].runtime) == (3600.0, None)
    assert (found.streams[0].method, found.streams[0].device) == (PlayMethod.UNKNOWN, "")


async def test_the_demos_conversion_is_read(
    session: aiohttp.ClientSession, servers: Servers
) -> None:
    """What it was, what is made of it, and why."""
    reasons = ("ContainerNotSupported", "AudioCodecNotSupported", "SubtitleCodecNotSupported")
    servers.play(
        *("Sofa", "Paper Foxes", 0.5),
        method="Transcode",
        reasons=reasons,
        audio="dts",
        audio_profile="DTS-HD MA",
    )
    client = JellyfinClient(
        session, servers.jellyfin.url, servers.world.keys.jellyfin, device_id="test"
    )
    while not (found := await client.sessions(NOW)).streams:
        await asyncio.sleep(0.01)
    (stream,) = found.streams
    assert stream.reasons.all == ("AudioCodecNotSupported", reasons[2], reasons[0])
    assert (stream.source.audio, stream.source.audio_profile) == ("dts", "DTS-HD MA")
    assert stream.target is not None
    assert (stream.target.audio, stream.target.video) == ("aac", "hevc")
    assert (stream.audio_direct, stream.video_direct) == (False, True)
    assert (stream.method, stream.bitrate) == (PlayMethod.TRANSCODE, 4_000_000)


def playing(**rest: Any) -> dict[str, Any]:
    """Change the sample's item, state and conversion."""
    row = read("jellyfin/sessions.json")[0]
    row["NowPlayingItem"] |= rest.pop("item", {})
    row["PlayState"] |= rest.pop("state", {})
    return row | rest


TRACKS = [
    {"Type": "Video", "Codec": "HEVC", "Index": 0, "BitRate": 100},
    {"Type": "Audio", "Codec": "ac3", "Index": 1, "BitRate": 10},
    {"Type": "Audio", "Codec": "truehd", "Index": 2, "IsDefault": True, "BitRate": 20},
]


@pytest.mark.parametrize(
    ("row", "audio", "bitrate"),
    [
        (playing(item={"MediaStreams": TRACKS}), "ac3", 110),
        (playing(item={"MediaStreams": TRACKS}, state={"AudioStreamIndex": 2}), "truehd", 120),
        (playing(item={"MediaStreams": TRACKS}, state={"AudioStreamIndex": -1}), "truehd", 120),
        (playing(item={"MediaStreams": TRACKS}, state={"AudioStreamIndex": None}), "truehd", 120),
        (playing(item={"MediaStreams": TRACKS[:2]}, state={"AudioStreamIndex": 7}), "ac3", 110),
        (playing(item={"MediaStreams": [TRACKS[0], {"Type": "Audio"}]}), None, None),
        (playing(item={"MediaSources": [{"Id": "x", "Bitrate": 7}]}), None, 7),
        (playing(item={"MediaStreams": TRACKS, "MediaSources": [{"Bitrate": 0}]}), "ac3", 110),
        (playing(item={"MediaStreams": TRACKS}, TranscodingInfo={"Bitrate": 5}), "ac3", 5),
    ],
)
def test_the_track_that_plays_and_what_is_sent(
    row: dict[str, Any], audio: str | None, bitrate: int | None
) -> None:
    """The chosen track, else the default one; the best-known bitrate, never half of one."""
    (stream,) = read_sessions([row]).streams
    assert (stream.source.audio, stream.bitrate) == (audio, bitrate)


@pytest.mark.parametrize(
    ("said", "transcoding", "method"),
    [
        ("DirectPlay", None, PlayMethod.DIRECT_PLAY),
        ("DirectStream", None, PlayMethod.DIRECT_STREAM),
        ("Transcode", None, PlayMethod.TRANSCODE),
        ("Transcode", {"IsVideoDirect": True, "IsAudioDirect": True}, PlayMethod.DIRECT_STREAM),
        ("Transcode", {"IsVideoDirect": True, "IsAudioDirect": False}, PlayMethod.TRANSCODE),
        ("DirectStream", {"IsVideoDirect": True, "IsAudioDirect": False}, PlayMethod.TRANSCODE),
        (None, {"IsVideoDirect": False, "IsAudioDirect": True}, PlayMethod.TRANSCODE),
        # A conversion that is over may still be told.
        ("DirectPlay", {"IsVideoDirect": False, "IsAudioDirect": False}, PlayMethod.DIRECT_PLAY),
        ("Teleport", None, PlayMethod.UNKNOWN),
        (None, None, PlayMethod.UNKNOWN),
    ],
)
def test_how_it_is_sent(said: str | None, transcoding: Any, method: PlayMethod) -> None:
    """Another container alone is no conversion."""
    row = playing(state={"PlayMethod": said}, TranscodingInfo=transcoding)
    assert read_sessions([row]).streams[0].method is method


@pytest.mark.parametrize("value", [["AudioCodecNotSupported", "X"], "AudioCodecNotSupported, X"])
def test_reasons_are_a_list_or_a_text(value: object) -> None:
    """Flags are written in both ways."""
    row = playing(TranscodingInfo={"TranscodeReasons": value})
    assert read_sessions([row]).streams[0].reasons.all == ("AudioCodecNotSupported", "X")


def test_what_is_a_stream_and_what_a_viewing() -> None:
    """Live television is sent, and not a viewing; music and trailers are neither."""
    live = playing(item={"Type": "TvChannel", "Name": "One"})
    found = read_sessions([live])
    assert (found.reports, found.streams[0].media, found.streams[0].title) == (
        (),
        StreamMedia.OTHER,
        "One",
    )
    assert read_sessions([playing(item={"Type": "Audio", "MediaType": "Audio"})]).streams == ()
    trailer = read_sessions([playing(item={"ExtraType": "Trailer"})])
    assert trailer.streams == ()
    assert [one.is_theme for one in trailer.reports] == [True]
    intro = read_sessions([playing(item={"ProviderIds": {"prerolls.video": "/intros/1.mp4"}})])
    assert intro.streams == ()
    assert [one.is_theme for one in intro.reports] == [True]


def test_two_before_one_screen_are_one_stream() -> None:
    """And two reports."""
    found = read_sessions([playing(AdditionalUsers=[{"UserId": "b" * 32, "UserName": "B"}])])
    assert len(found.reports) == 2
    assert found.streams[0].watching == ("150fe35a657b4c5ea4fd644c4c5152b5", "b" * 32)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@given(st.data())
def test_no_row_is_too_strange(data: st.DataObject) -> None:
    """Any field may be anything: it is read as far as it goes, and never an exception."""
    row = playing(
        item={"MediaStreams": TRACKS, "MediaSources": [{"Id": "x", "Bitrate": 7}]},
        TranscodingInfo={"IsAudioDirect": False, "TranscodeReasons": ["X"]},
    )
    for part in (row, row["NowPlayingItem"], row["PlayState"], row["TranscodingInfo"]):
        names = st.sampled_from(sorted(part))
        for name in data.draw(st.lists(names, max_size=4)):
            if name not in ("NowPlayingItem", "PlayState", "TranscodingInfo"):
                part[name] = data.draw(JSON)
    read_sessions([row])
