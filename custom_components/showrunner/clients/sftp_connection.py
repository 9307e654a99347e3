"""One SSH connection with SFTP over it: settings, signing in, and the pinned host key.

No host key is ever taken on trust: the server's is compared with the one that a person confirmed,
before anything is told to it. Nothing of the machine is used, neither its keys nor its settings.
All of this runs in the thread of the client, never in Home Assistant's event loop.
"""

import asyncio
from dataclasses import dataclass, field
from functools import partial
import logging
from typing import Final, override

import asyncssh

from ..domain.text import say
from .errors import HostKeyChanged, HostKeyUnknown, ServiceError, Unauthorized, WrongProduct
from .redaction import excerpt
from .sftp_errors import FAILURES, PRODUCT, failure
from .sftp_session import SftpSession

# How long a server may take for everything up to the first question (seconds).
_OPENS: Final = 30.0
# Alive is asked every so often (seconds), and so many times without an answer: it is gone.
_KEEP_ALIVE: Final = 5
_UNANSWERED: Final = 3
# The first is the fastest by far on anything that has AES in hardware.
_CIPHERS: Final = (
    "aes128-gcm@openssh.com",
    "aes256-gcm@openssh.com",
    "chacha20-poly1305@openssh.com",
    "aes128-ctr",
    "aes256-ctr",
)
_HOST_KEYS: Final = (
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-512",
    "rsa-sha2-256",
)
# Not falsy: an empty list of known hosts would be the machine's own.
_NOBODY: Final[tuple[list[str], list[str], list[str]]] = ([], [], [])


@dataclass(frozen=True, slots=True)
class SftpLogin:
    """Where to sign in, and how: with a private key, whose passphrase is the password, or with one.

    `host_key` is the pinned one as OpenSSH writes it; empty while nobody has confirmed any.
    """

    host: str
    port: int
    username: str
    password: str = field(default="", repr=False)
    private_key: str = field(default="", repr=False)
    host_key: str = ""


@dataclass(frozen=True, slots=True)
class HostKey:
    """A server's host key: as OpenSSH writes it, and what people compare."""

    text: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A connection, and SFTP over it."""

    ssh: asyncssh.SSHClientConnection
    sftp: SftpSession
    host_key: HostKey
    version: str

    @property
    def is_lost(self) -> bool:
        """Tell whether it is there no more."""
        return self.ssh.is_closed() or self.sftp.is_lost

    @property
    def answers_in_order(self) -> bool:
        """Tell whether its server is known to answer one question after the other: OpenSSH's is.

        Others may do several at once, and mix up a folder that is asked for twice at once.
        """
        return self.version.startswith("OpenSSH_")

    def drop(self) -> None:
        """Let it go at once."""
        self.ssh.abort()


async def opened(login: SftpLogin) -> Opened:
    """Connect and sign in. Raises ServiceError."""
    ssh = await _connected(login)
    try:
        async with asyncio.timeout(_OPENS):
            sftp = await SftpSession.open(ssh)
        key = ssh.get_server_host_key()
        assert key is not None  # it was compared
        version = excerpt(str(ssh.get_extra_info("server_version", "")))
        return Opened(ssh, sftp, _host_key(key), version.removeprefix("SSH-2.0-"))
    except TimeoutError as err:
        error = failure(err)
    except ServiceError, asyncio.CancelledError:
        ssh.abort()
        raise
    ssh.abort()
    raise error


def _quiet() -> None:
    """Have asyncssh log no hosts and users, unless somebody has chosen what it logs."""
    if logging.getLogger("asyncssh").level == logging.NOTSET:
        asyncssh.set_log_level(logging.WARNING)


async def _connected(login: SftpLogin) -> asyncssh.SSHClientConnection:
    _quiet()
    pinned = _read(login.host_key)
    watch = _Watch(pinned)
    client_key = _private_key(login)
    try:
        async with asyncio.timeout(_OPENS):
            return await asyncssh.connect(
                login.host,
                login.port,
                client_factory=partial(_same, watch),
                config=[],
                known_hosts=_NOBODY,
                server_host_key_algs=_wanted(pinned),
                username=login.username,
                # With a key the password is its passphrase, which is nobody's business.
                password=None if client_key else login.password,
                client_keys=[client_key] if client_key else None,
                preferred_auth=("publickey", "keyboard-interactive", "password"),
                host_based_auth=False,
                gss_kex=False,
                gss_auth=False,
                agent_path=None,
                x509_trusted_certs=None,
                encryption_algs=_CIPHERS,
                compression_algs=("none",),
                keepalive_interval=_KEEP_ALIVE,
                keepalive_count_max=_UNANSWERED,
                send_env=None,
            )
    except asyncssh.HostKeyNotVerifiable:
        error = _not_the_one(pinned, watch.shown)
    except FAILURES as err:
        error = failure(err)
    raise error


class _Watch(asyncssh.SSHClient):
    """Notes the host key that is shown, and lets only the pinned one pass."""

    def __init__(self, pinned: asyncssh.SSHKey | None) -> None:
        self._pinned = pinned
        self.shown: asyncssh.SSHKey | None = None

    @override
    def validate_host_public_key(
        self, host: str, addr: str, port: int, key: asyncssh.SSHKey
    ) -> bool:
        self.shown = key
        return self._pinned is not None and key.public_data == self._pinned.public_data


def _same(watch: _Watch) -> _Watch:
    return watch


def _not_the_one(pinned: asyncssh.SSHKey | None, shown: asyncssh.SSHKey | None) -> ServiceError:
    if shown is None:
        return WrongProduct(PRODUCT, say("error_no_ssh_answers_here"))
    key = _host_key(shown)
    if pinned is None:
        return HostKeyUnknown(PRODUCT, key.text, key.fingerprint)
    return HostKeyChanged(PRODUCT, key.text, key.fingerprint, pinned.get_fingerprint())


def _wanted(pinned: asyncssh.SSHKey | None) -> list[str]:
    """Ask for a key of the pinned one's kind first: a server that has a new kind too is the same.

    For another kind as well, so that one that has no more of the old kind can show what it has.
    """
    first = [] if pinned is None else [one.decode() for one in pinned.sig_algorithms]
    first = [one for one in first if one in _HOST_KEYS]
    return [*first, *(one for one in _HOST_KEYS if one not in first)]


def _read(text: str) -> asyncssh.SSHKey | None:
    try:
        return asyncssh.import_public_key(text)
    except ValueError:
        return None


def _host_key(key: asyncssh.SSHKey) -> HostKey:
    text = b" ".join(key.export_public_key("openssh").split()[:2]).decode("ascii")
    return HostKey(text, key.get_fingerprint())


def _private_key(login: SftpLogin) -> asyncssh.SSHKey | None:
    """Read the private key; None without one. Raises Unauthorized."""
    if not login.private_key:
        return None
    try:
        return asyncssh.import_private_key(login.private_key, login.password or None)
    except ValueError as err:
        # There is no class of its own for all ways in which a passphrase is missing or wrong.
        locked = any(word in str(err).lower() for word in ("passphrase", "decrypt"))
    if locked:
        raise Unauthorized(PRODUCT, say("error_private_key_passphrase"))
    raise Unauthorized(PRODUCT, say("error_private_key_unreadable"))
