"""A real OpenSSH server on loopback, of Debian 12, with SFTP: by key and by password.

It needs no root, and gives nobody any: as root it runs as nobody. The one user that it knows is
made up for it (libnss-wrapper), so that a password can be tried too.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
import os
from pathlib import Path
import secrets
import signal
from tempfile import TemporaryDirectory
from typing import Any, Final

import asyncssh

from custom_components.showrunner.clients.sftp import SftpClient

from .lab import SERVERS, free_port, hashed_password, let_others_in, listening, process, program

USER: Final = "lab"
_NOBODY: Final = 65534


@dataclass
class Sshd:
    """A running server. What lies in `data` is the user's own."""

    folder: Path
    port: int
    password: str
    private_key: str
    host_key: str
    running: asyncio.subprocess.Process
    stopped: set[int] = field(default_factory=set)

    @property
    def data(self) -> Path:
        """Where downloads lie."""
        return self.folder / "data"

    @property
    def owner(self) -> int:
        """Whose processes these are."""
        return _NOBODY if os.geteuid() == 0 else os.geteuid()

    def client(self, **other: Any) -> SftpClient:
        """Make a client that signs in by key, unless told otherwise."""
        given = {"private_key": self.private_key, "host_key": self.host_key, **other}
        return SftpClient("127.0.0.1", self.port, given.pop("username", USER), **given)

    def own(self, *paths: Path) -> None:
        """Give the user what a test has made."""
        if os.geteuid() == 0:
            for path in paths:
                os.chown(path, _NOBODY, _NOBODY, follow_symlinks=False)

    def freeze(self) -> None:
        """Stop it and all its connections, as a machine that hangs."""
        self.stopped = set(tree(self.running.pid))
        for pid in self.stopped:
            with suppress(ProcessLookupError):  # it has just ended
                os.kill(pid, signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it go on."""
        for pid in self.stopped:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        self.stopped = set()

    def kill_connections(self) -> None:
        """Kill what serves each connection."""
        for pid in tree(self.running.pid):
            if pid != self.running.pid:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


def tree(pid: int) -> Iterator[int]:
    """Name a process and all below it."""
    yield pid
    children: dict[int, list[int]] = {}
    for one in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = one.read_text().rpartition(")")[2].split()
            children.setdefault(int(fields[1]), []).append(int(one.parent.name))
    waiting = [pid]
    while waiting:
        below = children.get(waiting.pop(), [])
        yield from below
        waiting += below


@asynccontextmanager
async def sshd(
    folder: Path | None = None, *, port: int = 0, options: str = ""
) -> AsyncGenerator[Sshd]:
    """Run a server until the context ends, its connections included.

    Without a folder in one of its own, which is not below pytest's: whenever another pytest begins
    on the machine, that is closed to all other users, and ours would be denied everything.
    """
    with TemporaryDirectory(prefix="showrunner-ssh-") as own:
        async with _serving(folder or Path(own), port, options) as made:
            yield made


@asynccontextmanager
async def _serving(folder: Path, port: int, options: str) -> AsyncGenerator[Sshd]:
    port, password = port or free_port(), secrets.token_urlsafe(9)
    (folder / "data").mkdir(parents=True)
    uid = _NOBODY if os.geteuid() == 0 else os.geteuid()
    keys = {name: asyncssh.generate_private_key("ssh-ed25519") for name in ("host", "user")}
    (folder / "host").write_bytes(keys["host"].export_private_key())
    (folder / "host").chmod(0o600)
    (folder / "authorized").write_bytes(keys["user"].export_public_key())
    hashed = hashed_password(password)
    (folder / "passwd").write_text(
        f"{USER}:x:{uid}:{uid}::{folder}:/bin/sh\nsshd:x:{uid + 1}:{uid + 1}::/:/bin/false\n"
    )
    (folder / "group").write_text(f"{USER}:x:{uid}:\n")
    (folder / "shadow").write_text(f"{USER}:{hashed}:19000:0:99999:7:::\n")
    (folder / "sshd_config").write_text(
        "\n".join(
            (
                f"Port {port}",
                "ListenAddress 127.0.0.1",
                f"HostKey {folder}/host",
                "PidFile none",
                f"AuthorizedKeysFile {folder}/authorized",
                "StrictModes no",
                "UsePAM no",
                "UseDNS no",
                "MaxStartups 100",
                "Subsystem sftp internal-sftp",
                options,
                "",
            )
        )
    )
    let_others_in(folder)
    for one in (folder / "data", folder / "host"):
        if os.geteuid() == 0:
            os.chown(one, uid, uid)
    [wrapper] = (SERVERS / "ssh").glob("usr/lib/*/libnss_wrapper.so")
    loader, *rest = program("ssh", "usr/sbin/sshd")
    # It forks without beginning anew: its loader is another one than the machine's.
    command = [loader, "--preload", str(wrapper), *rest, "-D", "-r", "-e"]
    if os.geteuid() == 0:
        user = ("--reuid", str(uid), "--regid", str(uid), "--clear-groups")
        command = ["setpriv", *user, *command]
    known = {
        f"NSS_WRAPPER_{name.upper()}": str(folder / name) for name in ("passwd", "group", "shadow")
    }
    async with process(
        folder, "sshd", [*command, "-f", str(folder / "sshd_config")], known
    ) as running:
        await listening(port, running)
        host_key = b" ".join(keys["host"].export_public_key("openssh").split()[:2]).decode()
        private_key = keys["user"].export_private_key().decode()
        made = Sshd(folder, port, password, private_key, host_key, running)
        try:
            yield made
        finally:
            made.go_on()
            made.kill_connections()
