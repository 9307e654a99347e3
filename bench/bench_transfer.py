"""One tree by each tool over SFTP: ours (in process, with lftp), lftp, rsync where it is, and cp.

lftp by itself runs as people run it (mirror -P6, pget 8). The server is a real OpenSSH on this
machine (script/servers), over loopback and, for root with gcc and /dev/net/tun, over a simulated
line of 40 ms and 200 Mbit/s, with and without 50 Mbit/s for each connection. All keep partial files
out of sight (lftp is told to), so the rank is among them; cp is the disk. Ours also has all of it
on the disk before it is shown, which the others do not wait for. Stalls are how late a timer of one
millisecond comes in the loop that waits for ours. The processor time of a client is compared with
lftp's; a server's is not in it.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
import json
import os
from pathlib import Path
import random
import shutil
import subprocess
import sys
import tempfile
from typing import Any, Final

from tests.real.lab import program

type Row = Mapping[str, object]

_NEAR, _FAR = "showrunner-near", "showrunner-far"
_HOST_NEAR, _HOST_FAR = "10.99.0.1", "10.99.0.2"
_MIB: Final = 1024 * 1024
# By case: how many files, of how many bytes.
_TREES: Final[Mapping[str, Mapping[str, tuple[int, int]]]] = {
    "loopback": {"big": (1, 2048 * _MIB), "medium": (300, 2 * _MIB), "small": (5000, 4096)},
    "wan": {"big": (1, 256 * _MIB), "medium": (30, 2 * _MIB), "small": (1000, 4096)},
    "small": {"big": (1, 80 * _MIB), "medium": (10, 2 * _MIB), "small": (100, 4096)},
}
# Both engines: in process, and over lftp.
_OURS: Final = ("ours", "ours_lftp")
_BENCH: Final = Path(__file__).parent


def run(small: bool = False) -> list[Row]:  # noqa: FBT001, FBT002
    """Measure over loopback, and over a simulated line where one can be made."""
    rows: list[Row] = []
    with _server([], "") as server:
        measured = _measured("loopback", server, "127.0.0.1", [], _tree("loopback", small=small))
        rows += _rows("loopback", measured)
        rows += _in_all(measured)
    if small or not _can_simulate():
        return rows
    for net, each in (("wan", 0), ("wan_capped", 50)):
        with _line(each), _server(_in(_FAR), f"ListenAddress {_HOST_FAR}") as server:
            rows += _rows(net, _measured(net, server, _HOST_FAR, _in(_NEAR), _tree("wan")))
    return rows


def _tree(net: str, *, small: bool = False) -> Mapping[str, tuple[int, int]]:
    return _TREES["small" if small else net]


def _rows(net: str, measured: list[dict[str, Any]]) -> Iterator[Row]:
    for case in dict.fromkeys(one["case"] for one in measured):
        rates = {one["tool"]: one["mb_s"] for one in measured if one["case"] == case}
        against = ", ".join(f"{tool} {rate}" for tool, rate in rates.items() if tool not in _OURS)
        yield {
            "metric": f"{net}_{case}_mb_s",
            "value": rates["ours"],
            "unit": "MB/s",
            "against": against,
        }
        yield {
            "metric": f"{net}_{case}_lftp_engine_mb_s",
            "value": rates["ours_lftp"],
            "unit": "MB/s",
            "against": against,
        }
        others = [rate for tool, rate in rates.items() if tool not in (*_OURS, "cp")]
        rank = 1 + sum(rate > rates["ours"] for rate in others)
        yield {
            "metric": f"{net}_{case}_rank",
            "value": rank,
            "unit": f"of {len(others) + 1}",
            "against": ", ".join(tool for tool in rates if tool not in (*_OURS, "cp")),
        }


def _in_all(measured: list[dict[str, Any]]) -> Iterator[Row]:
    """Say what it costs the machine, over loopback, where it costs most."""
    stall = max(one["stall_ms"] for one in measured if one["tool"] in _OURS)
    yield {"metric": "stall_ms", "value": round(stall, 1), "unit": "ms"}
    used = {
        tool: sum(one["cpu"] for one in measured if one["tool"] == tool)
        for tool in ("ours", "lftp")
    }
    yield {
        "metric": "cpu_ratio",
        "value": round(used["ours"] / used["lftp"], 2),
        "unit": "of lftp's",
        "against": f"ours {used['ours']:.1f} s, lftp {used['lftp']:.1f} s",
    }


def _measured(
    net: str,
    server: Mapping[str, Any],
    host: str,
    within: list[str],
    tree: Mapping[str, tuple[int, int]],
) -> list[dict[str, Any]]:
    """Make the tree on the server, and fetch it with each tool."""
    folder = Path(server["folder"])
    for case, (count, size) in tree.items():
        _make(folder / "data" / case, count, size, server["owner"])
    key, known = folder.parent / "key", folder.parent / "known_hosts"
    key.write_text(server["private_key"])
    key.chmod(0o600)
    known.write_text(f"[{host}]:{server['port']} {server['host_key']}\n")
    home = folder.parent / f"home-{net}"
    home.mkdir()
    order = {
        "host": host,
        "port": server["port"],
        "user": server["user"],
        "key": str(key),
        "private_key": server["private_key"],
        "known_hosts": str(known),
        "host_key": server["host_key"],
        "remote": str(folder / "data"),
        "home": str(home),
        "cases": list(tree),
        "local": not within,
        "lftp": " ".join(program("ssh", "usr/bin/lftp")),
        "ssh": " ".join(program("ssh", "usr/bin/ssh")),
    }
    done = subprocess.run(
        [*within, sys.executable, "-m", "bench.transfer_measure"],
        input=json.dumps(order),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        cwd=_BENCH.parent,
    )
    lines: list[dict[str, Any]] = [json.loads(line) for line in done.stdout.splitlines()]
    for one in lines:
        count, size = tree[one["case"]]
        one["mb_s"] = round(count * size / 1e6 / one["seconds"], 2)
    return lines


def _make(folder: Path, count: int, size: int, owner: int) -> None:
    dice = random.Random(size)
    block = dice.randbytes(min(size, 4 * _MIB))
    folder.mkdir()
    for number in range(count):
        path = folder / f"{number:04}.bin"
        with path.open("wb") as file:
            for _ in range(size // len(block)):
                file.write(block)
        os.utime(path, (1_700_000_000, 1_700_000_000))
        if os.geteuid() == 0:
            os.chown(path, owner, owner)


@contextmanager
def _server(within: list[str], options: str) -> Iterator[dict[str, Any]]:
    """Run an OpenSSH server with a folder of its own, perhaps within another network."""
    with tempfile.TemporaryDirectory(prefix="bench-transfer-") as made:
        Path(made).chmod(0o755)
        folder = Path(made) / "lab"
        command = [*within, sys.executable, "-m", "bench.transfer_far", str(folder), options]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=_BENCH.parent
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            try:
                yield {**json.loads(process.stdout.readline()), "folder": str(folder)}
            finally:
                process.stdin.close()
                process.wait()


# -- a simulated line ------------------------------------------------------------------------------


def _can_simulate() -> bool:
    tools = all(shutil.which(one) for one in ("ip", "gcc"))
    return os.geteuid() == 0 and tools and Path("/dev/net/tun").exists()


def _in(net: str) -> list[str]:
    return ["ip", "netns", "exec", net]


@contextmanager
def _line(each_mbit: int, rtt_ms: int = 40, mbit: int = 200) -> Iterator[None]:
    """Make two networks with a slow line between them (bench/wan.c), until the context ends."""
    with tempfile.TemporaryDirectory(prefix="bench-wan-") as made:
        binary = Path(made) / "wan"
        _call("gcc", "-O2", "-o", str(binary), str(_BENCH / "wan.c"))
        try:
            for net in (_NEAR, _FAR):
                _call("ip", "netns", "add", net)
                _call("ip", "-n", net, "link", "set", "lo", "up")
            limits = [str(rtt_ms / 2), str(mbit), str(each_mbit)]
            with subprocess.Popen(
                [str(binary), _NEAR, _FAR, *limits], stdout=subprocess.PIPE, text=True
            ) as line:
                assert line.stdout is not None
                line.stdout.readline()  # it is ready
                try:
                    _addresses()
                    yield
                finally:
                    line.terminate()
        finally:
            for net in (_NEAR, _FAR):
                with suppress(subprocess.CalledProcessError):
                    _call("ip", "netns", "del", net)


def _addresses() -> None:
    ends = ((_NEAR, _HOST_NEAR, _HOST_FAR), (_FAR, _HOST_FAR, _HOST_NEAR))
    for net, here, there in ends:
        _call("ip", "-n", net, "addr", "add", here, "peer", there, "dev", "wan0")
        up = ("up", "mtu", "1500", "txqueuelen", "4000")
        _call("ip", "-n", net, "link", "set", "wan0", *up)


def _call(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
