"""A Jellyfin that only plays: `python -m bench.sessions_server STREAMS`, in a process of its own.

It answers /Sessions, and pushes on its socket what a line on its input asks for: `Sessions 40` or
`ForceKeepAlive 2`. The sessions are as long as a real server's: streams, capabilities, reasons.
Every answer is a second after the one before, every push one and a half. It writes its port first.
"""

import asyncio
import sys

from aiohttp import web
import orjson

SERVER = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
_SECOND = 10_000_000
_IDLE = 3
_BEGIN = 600.0


def user_id(number: int) -> str:
    """Give a user's id."""
    return f"{number + 1:032x}"


def _media_stream(kind: str, index: int) -> dict[str, object]:
    return {
        "Codec": {"Video": "hevc", "Audio": "eac3"}.get(kind, "subrip"),
        "Language": "eng",
        "TimeBase": "1/1000",
        "DisplayTitle": f"English - {kind} - Number {index}",
        "IsInterlaced": False,
        "IsAVC": False,
        "BitRate": 768_000,
        "BitDepth": 10,
        "RefFrames": 1,
        "IsDefault": index < 2,
        "IsForced": False,
        "IsHearingImpaired": False,
        "Height": 2160,
        "Width": 3840,
        "AverageFrameRate": 23.976025,
        "RealFrameRate": 23.976025,
        "Profile": "Main 10",
        "Type": kind,
        "AspectRatio": "16:9",
        "Index": index,
        "IsExternal": False,
        "IsTextSubtitleStream": kind == "Subtitle",
        "SupportsExternalStream": True,
        "Level": 153,
        "ChannelLayout": "5.1",
        "Channels": 6,
        "SampleRate": 48000,
    }


def session(number: int, *, plays: bool) -> dict[str, object]:
    """Make a session."""
    row: dict[str, object] = {
        "PlayState": {"CanSeek": plays, "IsPaused": False, "IsMuted": False, "RepeatMode": "Off"},
        "AdditionalUsers": [],
        "Capabilities": {
            "PlayableMediaTypes": ["Audio", "Video"],
            "SupportedCommands": [f"Command{each}" for each in range(30)],
            "SupportsMediaControl": True,
            "SupportsPersistentIdentifier": False,
        },
        "RemoteEndPoint": "192.0.2.17",
        "PlayableMediaTypes": ["Audio", "Video"],
        "Id": f"{number + 77:032x}",
        "UserId": user_id(number),
        "UserName": f"User {number}",
        "Client": "Jellyfin Android TV",
        "LastActivityDate": "2026-05-06T19:20:21.1234567Z",
        "DeviceName": f"Television {number}",
        "DeviceId": f"device-{number}",
        "ApplicationVersion": "0.18.4",
        "IsActive": True,
        "SupportsMediaControl": True,
        "SupportsRemoteControl": True,
        "ServerId": SERVER,
        "SupportedCommands": [f"Command{each}" for each in range(30)],
    }
    if not plays:
        return row
    kinds = ["Video", *["Audio"] * 3, *["Subtitle"] * 6]
    row["NowPlayingItem"] = {
        "Name": f"A Film of Some Length, Number {number}",
        "ServerId": SERVER,
        "Id": f"{number + 500:032x}",
        "DateCreated": "2024-05-06T19:20:21.1234567Z",
        "Container": "mkv",
        "Path": f"/media/movies/A Film (2011)/A Film Number {number} (2011) Bluray-2160p.mkv",
        "Overview": "Somebody comes to a town where nobody wants to be found. " * 6,
        "Genres": ["Drama", "Mystery"],
        "RunTimeTicks": 7200 * _SECOND,
        "ProductionYear": 2011,
        "ProviderIds": {"Tmdb": str(number + 1), "Imdb": f"tt{number + 1:07d}"},
        "Type": "Movie",
        "MediaType": "Video",
        "MediaStreams": [_media_stream(kind, index) for index, kind in enumerate(kinds)],
        "Chapters": [{"StartPositionTicks": n * 300 * _SECOND, "Name": f"{n}"} for n in range(20)],
    }
    if number % 3 == 0:
        row["TranscodingInfo"] = {
            "AudioCodec": "aac",
            "VideoCodec": "h264",
            "Container": "ts",
            "IsVideoDirect": False,
            "IsAudioDirect": False,
            "Bitrate": 8_000_000,
            "TranscodeReasons": ["VideoCodecNotSupported", "AudioCodecNotSupported"],
        }
    return row


class Server:
    """The sessions, a moment later at every look."""

    def __init__(self, streams: int) -> None:
        """Begin to play; a few are there and do nothing."""
        self._rows = [session(number, plays=True) for number in range(streams)]
        self._rows += [session(streams + number, plays=False) for number in range(_IDLE)]
        self._position = _BEGIN
        self._sockets: set[web.WebSocketResponse] = set()

    def _sessions(self, later: float) -> list[dict[str, object]]:
        self._position = _BEGIN + (self._position + later - _BEGIN) % 6000.0
        for number, row in enumerate(self._rows):
            state = row["PlayState"]
            if "NowPlayingItem" in row and isinstance(state, dict):
                state["PositionTicks"] = int(self._position * _SECOND)
                state["PlayMethod"] = "DirectPlay" if number % 3 else "Transcode"
        return self._rows

    async def sessions(self, request: web.Request) -> web.Response:
        """Answer /Sessions."""
        return web.Response(body=orjson.dumps(self._sessions(1.0)), content_type="application/json")

    async def info(self, request: web.Request) -> web.Response:
        """Say who this is."""
        answer = {"Id": SERVER, "ServerName": "Bench", "Version": "10.11.0"}
        return web.json_response(answer | {"ProductName": "Jellyfin Server"})

    async def folders(self, request: web.Request) -> web.Response:
        """List no libraries, which only an administrator may see."""
        return web.json_response([])

    async def socket(self, request: web.Request) -> web.WebSocketResponse:
        """Take a client in."""
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._sockets.add(socket)
        async for _ in socket:
            pass
        self._sockets.discard(socket)
        return socket

    async def push(self, kind: str, count: int) -> None:
        """Push so many messages."""
        for _ in range(count):
            data = 60 if kind == "ForceKeepAlive" else self._sessions(1.5)
            message = orjson.dumps({"MessageType": kind, "MessageId": "m", "Data": data}).decode()
            for socket in tuple(self._sockets):
                await socket.send_str(message)


async def main(streams: int) -> None:
    """Serve until the process is ended."""
    server, app = Server(streams), web.Application()
    app.router.add_get("/Sessions", server.sessions)
    app.router.add_get("/System/Info", server.info)
    app.router.add_get("/System/Info/Public", server.info)
    app.router.add_get("/Library/VirtualFolders", server.folders)
    app.router.add_get("/socket", server.socket)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
    while line := await reader.readline():
        kind, count = line.decode().split()
        await server.push(kind, int(count))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
