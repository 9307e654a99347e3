"""Real torrent clients on loopback: rTorrent (0.9.8, 0.16) and qBittorrent (4.5, 5.3), of Debian.

They come from script/servers, unpacked into `.servers` and started with the loader and libraries
that lie beside them, so that nothing is installed and no root is needed. Each lives in a folder of
the test's and ends with its context. Ports and passwords are new every time.
"""

import asyncio
import base64
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
import hashlib
from itertools import takewhile
import os
from pathlib import Path
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from typing import Final
import xmlrpc.client

import aiohttp

from tests.real.torrents import Made

ROOT: Final = Path(__file__).parents[2]
SERVERS: Final = ROOT / ".servers"
# Which of Debian's releases has which version.
RTORRENTS: Final = {"0.9.8": "bookworm", "0.16": "forky"}
QBITTORRENTS: Final = {"4.5": "bookworm", "5.3": "forky"}
USER: Final = "lab"
_MODULES: Final = (
    *("mpm_event", "authn_core", "authn_file", "authz_core", "authz_user", "auth_basic"),
    *("auth_digest", "proxy", "proxy_scgi"),
)


def free_port() -> int:
    """Find a port of 127.0.0.1 that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def program(suite: str, path: str) -> list[str]:
    """Give the command that runs a program with its own loader and libraries."""
    root = SERVERS / suite
    assert (root / ".ready").exists(), "run script/servers"
    [loader] = {found.resolve() for found in root.glob("**/ld-linux*") if "lib64" not in str(found)}
    libraries = [
        str(folder)
        for pattern in ("usr/lib/*-linux-gnu", "usr/lib/*-linux-gnu/libproxy", "lib/*-linux-gnu")
        for folder in root.glob(pattern)
    ]
    return [str(loader), "--library-path", ":".join(libraries), str(root / path)]


@asynccontextmanager
async def process(
    folder: Path, name: str, command: Iterable[str], environment: Mapping[str, str] | None = None
) -> AsyncGenerator[asyncio.subprocess.Process]:
    """Run a program until the context ends; its output is in the folder."""
    with (folder / f"{name}.log").open("ab") as log:
        started = await asyncio.create_subprocess_exec(
            *command,
            cwd=folder if name != "tracker" else ROOT,
            env={**os.environ, "HOME": str(folder), "LC_ALL": "C.UTF-8", **(environment or {})},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        yield started
    finally:
        if started.returncode is None:
            started.terminate()
            try:
                async with asyncio.timeout(20):
                    await started.wait()
            except TimeoutError:
                started.kill()
                await started.wait()


async def listening(port: int, running: asyncio.subprocess.Process, seconds: float = 40) -> None:
    """Wait until something listens on a port of 127.0.0.1."""
    async with asyncio.timeout(seconds):
        while True:
            assert running.returncode is None, "the server ended: see its log"
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return


@asynccontextmanager
async def tracker(folder: Path) -> AsyncGenerator[str]:
    """Run the tracker; give the address to announce to."""
    port = free_port()
    command = (sys.executable, "-m", "tests.real.tracker", str(port))
    async with process(folder, "tracker", command) as running:
        await listening(port, running)
        yield f"http://127.0.0.1:{port}/announce"


def hashed_password(password: str) -> str:
    """Write a password as servers keep it."""
    command = ["openssl", "passwd", "-6", "-stdin"]
    done = subprocess.run(command, input=password, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def let_others_in(folder: Path) -> None:
    """Let every user read a folder, whatever the tests' runner has put above it."""
    outside = Path(tempfile.gettempdir())
    for one in takewhile(lambda one: one not in (outside, *outside.parents), folder.parents):
        one.chmod(one.stat().st_mode | 0o055)
    folder.chmod(0o755)


@dataclass
class RTorrent:
    """A running rTorrent: straight over SCGI, and behind a web server with or without a login."""

    version: str
    folder: Path
    scgi: str
    http_port: int
    port: int
    password: str
    running: asyncio.subprocess.Process

    def url(self, auth: str = "none") -> str:
        """Give the web server's address: `none`, `basic` or `digest`."""
        return f"http://127.0.0.1:{self.http_port}/{auth}/RPC2"

    @property
    def data(self) -> Path:
        """Where downloads go."""
        return self.folder / "data"

    async def call(self, method: str, *arguments: object) -> object:
        """Call a method with the standard library's XML, over the web server without a login."""
        return await asyncio.to_thread(self._call, method, *arguments)

    def _call(self, method: str, *arguments: object) -> object:
        server = xmlrpc.client.ServerProxy(self.url())
        for left in range(5, -1, -1):
            try:
                return getattr(server, method)(*arguments)
            except xmlrpc.client.ProtocolError as err:
                # Apache's word for an rTorrent that closed the connection before it has answered.
                if err.errcode != 500 or not left:
                    raise
            time.sleep(0.5)
        raise AssertionError("six tries")

    async def load(
        self, torrents: Iterable[Made], directory: Path, *, start: bool = True, label: str = ""
    ) -> None:
        """Load torrents whose data lies in a folder; wait until they are listed and checked."""
        wanted = list(torrents)
        await self.load_blindly(wanted, directory, start=start, label=label)
        hashes = {one.hash for one in wanted}
        async with asyncio.timeout(60 + len(wanted) / 10):
            while True:
                answer = await self.call("d.multicall2", "", "main", "d.hash=", "d.hashing=")
                assert isinstance(answer, list)
                if hashes <= {row[0] for row in answer if not row[1]}:
                    return
                await asyncio.sleep(0.1 + len(wanted) / 1000)

    async def load_blindly(
        self,
        torrents: Iterable[Made],
        directory: Path,
        *,
        start: bool = True,
        label: str = "",
        flat: bool = False,
    ) -> None:
        """Load torrents and wait for nothing. `flat`: without a folder of their own."""
        method = "load.raw_start" if start else "load.raw"
        wanted = list(torrents)
        commands = [f'd.directory{"_base" if flat else ""}.set="{directory}"']
        commands += [f"d.custom1.set={label}"] if label else []
        for begin in range(0, len(wanted), 200):
            calls = [
                {
                    "methodName": method,
                    "params": ["", xmlrpc.client.Binary(one.content), *commands],
                }
                for one in wanted[begin : begin + 200]
            ]
            await self.call("system.multicall", calls)


def _rtorrent_rc(folder: Path, port: int, scgi: str) -> str:
    return "\n".join(
        (
            f"directory.default.set = {folder}/data",
            f"session.path.set = {folder}/session",
            f"network.port_range.set = {port}-{port}",
            "network.port_random.set = no",
            "network.bind_address.set = 127.0.0.1",
            "dht.mode.set = disable",
            "protocol.pex.set = no",
            "trackers.use_udp.set = no",
            "network.xmlrpc.size_limit.set = 32M",
            "pieces.hash.on_completion.set = no",
            f"network.scgi.{scgi}",
            f'log.open_file = "log", {folder}/rtorrent-own.log',
            'log.add_output = "info", "log"',
            "system.daemon.set = true",
            "",
        )
    )


def _apache_conf(folder: Path, port: int, scgi: str, password: str) -> str:
    modules = SERVERS / "bookworm/usr/lib/apache2/modules"
    realm = "seedbox"
    secret = hashlib.md5(f"{USER}:{realm}:{password}".encode()).hexdigest()
    (folder / "digest").write_text(f"{USER}:{realm}:{secret}\n")
    sha = base64.b64encode(hashlib.sha1(password.encode()).digest()).decode()
    (folder / "basic").write_text(f"{USER}:{{SHA}}{sha}\n")
    lines = [
        f'ServerRoot "{folder}"',
        f'PidFile "{folder}/apache.pid"',
        f'DefaultRuntimeDir "{folder}"',
        f"Listen 127.0.0.1:{port}",
        "ServerName localhost",
        f'ErrorLog "{folder}/apache-error.log"',
        "KeepAlive On",
        "MaxKeepAliveRequests 0",
        "Timeout 300",
        "StartServers 1",
        "ThreadsPerChild 25",
        # As root it wants to become somebody else.
        *(["User nobody", "Group nogroup"] if os.geteuid() == 0 else []),
        *(f"LoadModule {name}_module {modules}/mod_{name}.so" for name in _MODULES),
    ]
    for auth in ("none", "basic", "digest"):
        rules = ["Require all granted"]
        if auth != "none":
            rules = [
                f"AuthType {auth.capitalize()}",
                f'AuthName "{realm}"',
                f"Auth{auth.capitalize()}Provider file",
                f'AuthUserFile "{folder}/{auth}"',
                "Require valid-user",
            ]
        lines += [
            f'<Location "/{auth}">',
            *rules,
            "</Location>",
            f'ProxyPass "/{auth}/RPC2" "{scgi}/RPC2" timeout=300',
        ]
    return "\n".join([*lines, ""])


@asynccontextmanager
async def rtorrent(version: str, folder: Path, *, local: bool = False) -> AsyncGenerator[RTorrent]:
    """Run rTorrent with a web server before it; `local`: it listens to a file, not to a port.

    What a session lies in its folder already, it begins with.
    """
    suite = RTORRENTS[version]
    for name in ("session", "data"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    # The web server's own user reads the passwords.
    let_others_in(folder)
    port, scgi, http = free_port(), free_port(), free_port()
    socket_file = folder / "s"
    opened = f"open_local = {socket_file}" if local else f"open_port = 127.0.0.1:{scgi}"
    target = f"unix:{socket_file}|scgi://localhost" if local else f"scgi://127.0.0.1:{scgi}"
    address = f"scgi://{socket_file}" if local else target
    password = secrets.token_urlsafe(9)
    (folder / "rtorrent.rc").write_text(_rtorrent_rc(folder, port, opened))
    (folder / "apache.conf").write_text(_apache_conf(folder, http, target, password))
    command = [*program(suite, "usr/bin/rtorrent"), "-n", "-o", f"import={folder}/rtorrent.rc"]
    apache = [*program("bookworm", "usr/sbin/apache2"), "-f", f"{folder}/apache.conf"]
    async with AsyncExitStack() as stack:
        running = await stack.enter_async_context(
            process(folder, "rtorrent", command, {"TERM": "dumb"})
        )
        if local:
            async with asyncio.timeout(40):
                while not socket_file.exists():
                    await asyncio.sleep(0.05)
            socket_file.chmod(0o777)
        else:
            await listening(scgi, running)
        web = await stack.enter_async_context(process(folder, "apache", [*apache, "-DFOREGROUND"]))
        await listening(http, web)
        yield RTorrent(version, folder, address, http, port, password, running)


@dataclass
class QBittorrent:
    """A running qBittorrent."""

    version: str
    folder: Path
    web_port: int
    port: int
    password: str
    api_key: str
    running: asyncio.subprocess.Process

    @property
    def url(self) -> str:
        """The address of its Web API."""
        return f"http://127.0.0.1:{self.web_port}"

    @property
    def data(self) -> Path:
        """Where downloads go."""
        return self.folder / "data"

    @asynccontextmanager
    async def session(self) -> AsyncGenerator[aiohttp.ClientSession]:
        """Sign in, independently of the client under test."""
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
            form = {"username": USER, "password": self.password}
            async with session.post(f"{self.url}/api/v2/auth/login", data=form) as answer:
                assert answer.status in (200, 204), answer.status
            yield session

    async def post(self, path: str, **form: str) -> None:
        """Do something to it."""
        async with (
            self.session() as session,
            session.post(f"{self.url}/api/v2/{path}", data=form) as answer,
        ):
            assert answer.status < 300, (path, answer.status)

    async def load(
        self,
        torrents: Iterable[Made],
        directory: Path,
        *,
        category: str = "",
        check: bool = False,
        flat: bool = False,
    ) -> None:
        """Add torrents whose data lies in a folder. `flat`: without a folder of their own."""
        wanted = list(torrents)
        async with self.session() as session:
            for begin in range(0, len(wanted), 100):
                form = aiohttp.FormData()
                for key, value in (
                    ("savepath", str(directory)),
                    ("category", category),
                    ("skip_checking", "false" if check else "true"),
                    ("contentLayout", "NoSubfolder" if flat else "Original"),
                ):
                    form.add_field(key, value)
                for one in wanted[begin : begin + 100]:
                    form.add_field("torrents", one.content, filename=f"{one.hash}.torrent")
                async with session.post(f"{self.url}/api/v2/torrents/add", data=form) as answer:
                    assert answer.status < 300, await answer.text()


def _qbittorrent_conf(folder: Path, web: int, port: int, password: str, api_key: str) -> str:
    salt = secrets.token_bytes(16)
    key = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, 100_000, 64)
    hashed = f"{base64.b64encode(salt).decode()}:{base64.b64encode(key).decode()}"
    return rf"""[LegalNotice]
Accepted=true
[BitTorrent]
Session\DefaultSavePath={folder}/data
Session\Port={port}
Session\Interface=lo
Session\InterfaceName=lo
Session\InterfaceAddress=127.0.0.1
Session\DHTEnabled=false
Session\LSDEnabled=false
Session\PeXEnabled=false
Session\QueueingSystemEnabled=false
Session\SSRFMitigation=false
[Preferences]
General\Locale=en
WebUI\Enabled=true
WebUI\Address=127.0.0.1
WebUI\Port={web}
WebUI\Username={USER}
WebUI\Password_PBKDF2="@ByteArray({hashed})"
WebUI\APIKey={api_key}
WebUI\LocalHostAuth=true
WebUI\UseUPnP=false
"""


@asynccontextmanager
async def qbittorrent(
    version: str, folder: Path, *, again: QBittorrent | None = None
) -> AsyncGenerator[QBittorrent]:
    """Run qBittorrent without a window; `again` one that ran before, as it was."""
    configuration = folder / "profile/qBittorrent/config"
    if again is None:
        configuration.mkdir(parents=True)
        (folder / "data").mkdir()
        web, port, password = free_port(), free_port(), secrets.token_urlsafe(9)
        key = "qbt_" + secrets.token_hex(14)
        text = _qbittorrent_conf(folder, web, port, password, key)
        (configuration / "qBittorrent.conf").write_text(text)
    else:
        web, port, password, key = again.web_port, again.port, again.password, again.api_key
    command = program(QBITTORRENTS[version], "usr/bin/qbittorrent-nox")
    plugins = next(Path(command[-1]).parents[2].glob("usr/lib/*/qt6/plugins"), None)
    environment = {"XDG_CONFIG_HOME": str(folder / "xdg")}
    if plugins:
        environment["QT_PLUGIN_PATH"] = str(plugins)
    command += [f"--profile={folder}/profile", f"--webui-port={web}"]
    async with process(folder, "qbittorrent", command, environment) as running:
        await listening(web, running)
        yield QBittorrent(version, folder, web, port, password, key, running)


async def curl(*arguments: str) -> str:
    """Call curl; give what it printed."""
    ran = await asyncio.to_thread(
        subprocess.run, ["curl", "-sS", *arguments], capture_output=True, text=True, check=True
    )
    return ran.stdout
