"""One poll of 5,000 real torrents, beside the bare call by curl and a call for every field.

rTorrent 0.16 over JSON-RPC and 0.9.8 over XML-RPC, each behind its web server, and qBittorrent 4.5
with what it tells at first and what has changed. All are real, on this machine (script/servers).
Ours and the bare call are asked in turns, so that a busy machine is busy for both; a poll is from
asking to the finished list. Stalls are how late a timer of one millisecond comes while we poll,
beside the same timer in the same loop while only curl does.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
import json
from pathlib import Path
import statistics
import tempfile
import time
from typing import Final

import aiohttp

from custom_components.showrunner.clients import xmlrpc
from custom_components.showrunner.clients.qbittorrent import QBittorrentClient
from custom_components.showrunner.clients.rtorrent import RTorrentClient, Speech
from custom_components.showrunner.clients.rtorrent_models import FREE, NEEDED, OPTIONAL, PLAIN
from custom_components.showrunner.domain.torrents import TorrentList
from tests.real import lab
from tests.real.torrents import Made, make_many

type Row = Mapping[str, object]

_FIELDS: Final = ("d.hash=", "d.name=", "d.ratio=", "d.complete=", "d.custom1=")
_ALL: Final = ["", "main", *NEEDED, *PLAIN, *OPTIONAL, FREE]


def row(metric: str, value: float, unit: str = "ms", against: str = "") -> Row:
    """Make one line."""
    return {"metric": metric, "value": round(value, 2), "unit": unit, "against": against}


class Stalls:
    """How late a timer of one millisecond comes: while we poll, and while only curl does."""

    def __init__(self) -> None:
        self.polling = False
        self.worst = {True: 0.0, False: 0.0}

    @asynccontextmanager
    async def watching(self) -> AsyncGenerator[None]:
        """Watch the event loop."""
        task = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _watch(self) -> None:
        while True:
            begun, polling = time.perf_counter(), self.polling
            await asyncio.sleep(0.001)
            late = (time.perf_counter() - begun - 0.001) * 1000
            if polling == self.polling:
                self.worst[polling] = max(self.worst[polling], late)

    async def timed(self, what: Callable[[], Awaitable[object]]) -> float:
        """Time a poll in milliseconds."""
        self.polling = True
        begun = time.perf_counter()
        try:
            await what()
            return (time.perf_counter() - begun) * 1000
        finally:
            # The watcher has its turn before the next thing begins.
            await asyncio.sleep(0.003)
            self.polling = False

    @property
    def against(self) -> str:
        """What to hold it against."""
        return f"{self.worst[False]:.1f} ms in the same loop while only curl polls"


async def bare(url: str, out: Path, *arguments: str) -> tuple[float, int]:
    """Ask with curl alone; give its own time in milliseconds, and the bytes of the answer."""
    # It asks for a compressed answer, as we do; qBittorrent gives it.
    output = await lab.curl(
        *("--compressed", *arguments),
        "-o",
        str(out),
        "-w",
        "%{http_code} %{time_total} %{size_download}",
        url,
    )
    status, seconds, size = output.split()
    if status != "200":
        raise RuntimeError(f"curl was answered {status}")
    return float(seconds) * 1000, int(size)


async def run(small: bool = False) -> list[Row]:  # noqa: FBT001, FBT002
    """Measure."""
    count, rounds = (60, 3) if small else (5000, 15)
    with tempfile.TemporaryDirectory(prefix="showrunner-bench-") as folder:
        home = Path(folder)
        data = home / "files"
        data.mkdir()
        async with lab.tracker(home) as announce, aiohttp.ClientSession() as session:
            made = make_many(data, count, announce)
            rows: list[Row] = [row("torrents", count, "torrents")]
            for version, name in (("0.16", "json"), ("0.9.8", "xml")):
                async with lab.rtorrent(version, home / name) as server:
                    await server.load(made, data)
                    rows += await _rtorrent(session, server, name, rounds, count)
            async with lab.qbittorrent("4.5", home / "qb") as qb:
                rows += await _qbittorrent(qb, made, data, home, rounds)
        worst = max(float(str(one["value"])) for one in rows if "stall" in str(one["metric"]))
        return [*rows, row("stall_ms", worst, "ms", "the worst of the three; 20 ms is the aim")]


async def _rtorrent(
    session: aiohttp.ClientSession, server: lab.RTorrent, name: str, rounds: int, count: int
) -> list[Row]:
    client = RTorrentClient(session, server.url())
    stalls = Stalls()
    body, kind = xmlrpc.request("d.multicall2", *_ALL), "text/xml"
    if name == "json":
        call = {"jsonrpc": "2.0", "id": 1, "method": "d.multicall2", "params": _ALL}
        body, kind = json.dumps(call).encode(), "application/json"
    question = server.folder / "question"
    question.write_bytes(body)
    asked = ("-H", f"Content-Type: {kind}", "--data-binary", f"@{question}")
    out = server.folder / "answer"
    # What a server's first answer after loading costs is not what every poll costs.
    await bare(server.url(), out, *asked)
    async with stalls.watching():
        await client.status()
        assert client.speech is (Speech.JSON if name == "json" else Speech.XML)
        first = await stalls.timed(client.torrents)
        ours, theirs, size, cpu = [], [], 0, []
        for _ in range(rounds):
            bare_ms, size = await bare(server.url(), out, *asked)
            theirs.append(bare_ms)
            busy = time.process_time()
            ours.append(await stalls.timed(client.torrents))
            cpu.append((time.process_time() - busy) * 1000)
    assert len(await client.torrents()) == count
    poll, alone = statistics.median(ours), statistics.median(theirs)
    beside = "the bare d.multicall2 by curl, in turns"
    rows = [
        row(f"{name}_poll_ms", poll, against=f"curl {alone:.1f} ms"),
        row(f"{name}_first_poll_ms", first, against=f"curl {alone:.1f} ms"),
        row(f"{name}_bytes", size, "bytes"),
        row(f"{name}_cpu_ms", statistics.median(cpu)),
        row(f"{name}_stall_ms", stalls.worst[True], against=stalls.against),
        row(f"{name}_ratio", poll / alone, "times", beside),
    ]
    if name == "json":
        sample = min(count, 200)
        seconds = await _per_field(session, server, sample) * count / sample
        extrapolated = "" if sample == count else f", from {sample} torrents"
        rows.append(row("per_field_s", seconds, "s", f"five calls a torrent{extrapolated}"))
        rows.append(row("per_field_speedup", seconds * 1000 / poll, "times", "a call per field"))
    return rows


async def _per_field(session: aiohttp.ClientSession, server: lab.RTorrent, sample: int) -> float:
    """Ask for five fields of some torrents, one call after the other, as it is often done."""
    wanted = list((await RTorrentClient(session, server.url()).torrents()).by_hash)[:sample]
    headers = {"Content-Type": "application/json"}
    begun = time.perf_counter()
    for one in wanted:
        for field in _FIELDS:
            call = {"jsonrpc": "2.0", "id": 1, "method": field.rstrip("="), "params": [one]}
            async with session.post(server.url(), json=call, headers=headers) as answer:
                await answer.json(content_type=None)
    return time.perf_counter() - begun


async def _qbittorrent(
    server: lab.QBittorrent, made: list[Made], data: Path, home: Path, rounds: int
) -> list[Row]:
    """Measure what it tells at first and then; all torrents are really in it (4.5.2 adds fast)."""
    await server.load(made, data)
    out, jar = home / "answer", home / "jar"
    login = f"username={lab.USER}&password={server.password}"
    await lab.curl("-c", str(jar), "-d", login, f"{server.url}/api/v2/auth/login")
    url = f"{server.url}/api/v2/sync/maindata"
    stalls = Stalls()
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:

        def new() -> QBittorrentClient:
            return QBittorrentClient(
                session, server.url, username=lab.USER, password=server.password
            )

        await _settled(new(), len(made))
        full, full_bare, delta, delta_bare, size, rid = [], [], [], [], 0, 0
        async with stalls.watching():
            for _ in range(max(rounds // 3, 2)):
                took, size = await bare(url, out, "-b", str(jar))
                full_bare.append(took)
                client = new()
                await client.status()
                full.append(await stalls.timed(client.torrents))
            # Both are now owed only what changed since.
            rid = json.loads(out.read_bytes())["rid"]
            for _ in range(rounds):
                took, _ = await bare(f"{url}?rid={rid}", out, "-b", str(jar))
                rid = json.loads(out.read_bytes())["rid"]
                delta_bare.append(took)
                delta.append(await stalls.timed(client.torrents))
    medians = [statistics.median(one) for one in (full, full_bare, delta, delta_bare)]
    beside = "the bare sync/maindata by curl, in turns"
    return [
        row("qbit_full_ms", medians[0], against=f"curl {medians[1]:.1f} ms"),
        row("qbit_full_bytes", size, "bytes"),
        row("qbit_full_ratio", medians[0] / medians[1], "times", beside),
        row("qbit_delta_ms", medians[2], against=f"curl {medians[3]:.1f} ms"),
        row("qbit_delta_ratio", medians[2] / medians[3], "times", beside),
        row("qbit_stall_ms", stalls.worst[True], against=stalls.against),
    ]


async def _settled(client: QBittorrentClient, count: int) -> TorrentList:
    """Wait until all are listed, and what adding them began has ended."""
    async with asyncio.timeout(600):
        while True:
            listing = await client.torrents()
            if len(listing) == count and listing.seeding == count:
                return listing
            await asyncio.sleep(1)
