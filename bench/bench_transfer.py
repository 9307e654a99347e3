"""One tree by each tool over SFTP: ours (in process, with lftp), lftp, rsync, rclone, and cp.

lftp by itself runs as people run it (mirror -P6, pget 8). The server is a real OpenSSH on this
machine (script/servers), over loopback and, for root with gcc and /dev/net/tun, over a simulated
line of 40 ms and 200 Mbit/s, with and without 50 Mbit/s for each connection. The rank is among
those that keep partial files out of sight: ours, lftp (told to) and rsync, which has a half of it
at the server; rclone 1.60 shows them, and cp is the disk. Ours also has all of it on the disk
before it is shown, which the others do not wait for. Over loopback all is measured twice, in
another order, and the better one counts. Who takes much longer than ours over the line is ended,
and shown with what it has at the most (<). Stalls are how late a timer of one millisecond comes in
the loop that waits for ours, beside how late it comes in a process that does nothing; others' load
is in both. The processor time of a client is compared with lftp's; a server's is
not in it. All of it takes about twenty minutes.
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

from tests.real.lab import SERVERS, program

type Row = Mapping[str, object]

_NEAR, _FAR = "showrunner-near", "showrunner-far"
_HOST_NEAR, _HOST_FAR = "10.99.0.1", "10.99.0.2"
_MIB: Final = 1024 * 1024
# By case: how many files, of how many bytes.
_TREES: Final[Mapping[str, Mapping[str, tuple[int, int]]]] = {
    "loopback": {"big": (1, 2048 * _MIB), "medium": (300, 2 * _MIB), "small": (5000, 4096)},
    "wan": {"big": (1, 1024 * _MIB), "medium": (300, 2 * _MIB), "small": (5000, 4096)},
    "small": {"big": (1, 80 * _MIB), "medium": (10, 2 * _MIB), "small": (100, 4096)},
}
# Both engines: in process, and over lftp.
_OURS: Final = ("ours", "ours_lftp")
# Whose partial files lie under their final names.
_SHOWS: Final = ("rclone", "cp")
# How often all is measured, and after how many times of what ours took the others are ended.
_LOCAL: Final = (2, 10.0)
_FAR_AWAY: Final = (1, 1.6)
_BENCH: Final = Path(__file__).parent


def run(small: bool = False) -> list[Row]:  # noqa: FBT001, FBT002
    """Measure over loopback, and over a simulated line where one can be made."""
    rows: list[Row] = []
    with _server([], "") as server:
        measured = _measured(
            "loopback", server, "127.0.0.1", [], _tree("loopback", small=small), *_LOCAL
        )
        rows += _rows("loopback", measured)
        rows += _in_all(measured)
    if small or not _can_simulate():
        return rows
    for net, each in (("wan", 0), ("wan_capped", 50)):
        with _line(each), _server(_in(_FAR), f"ListenAddress {_HOST_FAR}") as server:
            rows += _rows(
                net, _measured(net, server, _HOST_FAR, _in(_NEAR), _tree("wan"), *_FAR_AWAY)
            )
    return rows


def _tree(net: str, *, small: bool = False) -> Mapping[str, tuple[int, int]]:
    return _TREES["small" if small else net]


def _rows(net: str, measured: list[dict[str, Any]]) -> Iterator[Row]:
    for case in dict.fromkeys(one["case"] for one in measured):
        rates: dict[str, float] = {}
        for one in measured:
            if one["case"] == case:
                rates[one["tool"]] = max(rates.get(one["tool"], 0.0), one["mb_s"])
        ended = {one["tool"] for one in measured if one["case"] == case and "ended" in one}
        against = ", ".join(
            f"{tool} {'<' if tool in ended else ''}{rate}"
            for tool, rate in rates.items()
            if tool not in _OURS
        )
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
        others = [rate for tool, rate in rates.items() if tool not in (*_OURS, *_SHOWS)]
        rank = 1 + sum(rate > rates["ours"] for rate in others)
        yield {
            "metric": f"{net}_{case}_rank",
            "value": rank,
            "unit": f"of {len(others) + 1}",
            "against": ", ".join(tool for tool in rates if tool not in (*_OURS, *_SHOWS)),
        }
        ours = [one for one in measured if (one["case"], one["tool"]) == (case, "ours")]
        yield {
            "metric": f"{net}_{case}_stall_ms",
            "value": round(max(one["stall_ms"] for one in ours), 1),
            "unit": "ms",
            "against": f"idle {max(one['idle_ms'] for one in ours):.1f}",
        }
        yield {
            "metric": f"{net}_{case}_cpu",
            "value": _cpu(measured, case, "ours"),
            "unit": "s",
            "against": ", ".join(
                f"{tool} {_cpu(measured, case, tool)}" for tool in rates if tool != "ours"
            ),
        }


def _cpu(measured: list[dict[str, Any]], case: str, tool: str) -> float:
    """Say what a tool's better round took of the processor."""
    return round(
        min(one["cpu"] for one in measured if (one["case"], one["tool"]) == (case, tool)), 3
    )


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
    rounds: int,
    patience: float,
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
        "rounds": rounds,
        "patience": patience,
        "lftp": " ".join(program("ssh", "usr/bin/lftp")),
        "ssh": " ".join(program("ssh", "usr/bin/ssh")),
        "rsync": _installed("rsync"),
        "rclone": _installed("rclone"),
    }
    measured: list[dict[str, Any]] = []
    with subprocess.Popen(
        [*within, sys.executable, "-m", "bench.transfer_measure"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=_BENCH.parent,
    ) as measuring:
        assert measuring.stdin is not None
        assert measuring.stdout is not None
        measuring.stdin.write(json.dumps(order))
        measuring.stdin.close()
        for line in measuring.stdout:
            one = json.loads(line)
            count, size = tree[one["case"]]
            one["mb_s"] = round(count * size / 1e6 / one["seconds"], 2)
            sys.stderr.write(f"{net} {one}\n")
            measured.append(one)
    if measuring.returncode:
        raise subprocess.CalledProcessError(measuring.returncode, measuring.args)
    return measured


def _installed(name: str) -> str:
    """Give the command of a tool: of script/servers, or the machine's; empty without one."""
    if (SERVERS / "transfer" / ".ready").exists():
        return " ".join(program("transfer", f"usr/bin/{name}"))
    return shutil.which(name) or ""


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
