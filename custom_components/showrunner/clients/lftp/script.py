"""What lftp is told, over its standard input: settings, where to sign in, and what to fetch.

lftp has a command language of its own. Every word that is not ours is written in quotes; what no
quotes can hold (a line's end, which ends a command even within them) is never told to it. Paths are
whole, so that none begins with a dash or looks like an address. No shell sees any of it but the one
that lftp starts ssh with, which gets nothing but our own paths, and names of plain letters.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
import re
from typing import Final

_PLAIN: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._@+:-]{0,252}")
_LINE_ENDS: Final = frozenset(b"\0\n\r")
_IMPLICIT: Final = 990


class Protocol(StrEnum):
    """What a server speaks. FTPS is FTP that never goes on without TLS."""

    SFTP = "sftp"
    FTP = "ftp"
    FTPS = "ftps"


# How the settings begin without which a protocol is not safe.
_PROTECTING: Final[Mapping[Protocol, tuple[str, ...]]] = {
    Protocol.SFTP: ("sftp:auto-confirm", "sftp:connect-program"),
    Protocol.FTP: (),
    Protocol.FTPS: ("ftp:ssl-", "ssl:"),
}


@dataclass(frozen=True, slots=True)
class Address:
    """Where lftp signs in, and how. Over SFTP `ssh` is the command that it connects with."""

    protocol: Protocol
    host: str
    port: int
    username: str
    password: str = field(default="", repr=False)
    verify: bool = True


def against_address(address: Address) -> str | None:
    """Say which part of an address lftp can't be told safely; None: none."""
    if not _PLAIN.fullmatch(address.host):
        return "host"
    sftp = address.protocol is Protocol.SFTP
    if sftp and not _PLAIN.fullmatch(address.username):
        return "username"
    for name in ("username", "password"):
        if not can_name(getattr(address, name).encode("utf-8", "surrogateescape")):
            return name
    return None


def can_name(word: bytes) -> bool:
    """Tell whether lftp can be told a word at all."""
    return _LINE_ENDS.isdisjoint(word)


def quoted(word: bytes) -> bytes:
    """Write a word so that lftp reads it as just these bytes. Raises ValueError."""
    if not can_name(word):
        raise ValueError("no line may end within a word")
    return b'"' + word.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def script(
    address: Address,
    *,
    rate: float | None,
    ca_file: str,
    ssh: str,
    files: Iterable[tuple[bytes, str]],
) -> bytes:
    """Write the whole script: `files` are remote paths, and the names that they get here.

    `rate` is in bytes a second; None: as fast as it goes.
    """
    settings = _settings(address, rate, ca_file, ssh)
    protecting = _PROTECTING[address.protocol]
    lines = [
        *(_set(key, value) for key, value in settings.items() if not key.startswith(protecting)),
        # A release comes whole or not at all: what fails once is looked at before it goes on. An
        # lftp that does not know what protects us, as one without TLS, ends before it signs in.
        b"set cmd:fail-exit yes",
        *(_set(key, value) for key, value in settings.items() if key.startswith(protecting)),
        *_opening(address),
    ]
    lines += [
        b"get1 -c " + quoted(remote) + b" -o " + quoted(local.encode()) for remote, local in files
    ]
    return b"\n".join([*lines, b"exit", b""])


def _set(key: str, value: str) -> bytes:
    return f"set {key} ".encode() + quoted(value.encode())


def _settings(address: Address, rate: float | None, ca_file: str, ssh: str) -> dict[str, str]:
    settings: dict[str, str] = {
        "cmd:move-background": "no",
        # Else it would sign in as somebody else before it is told as whom.
        "cmd:verify-host": "no",
        "cmd:verify-path": "no",
        "cmd:save-cwd-history": "no",
        "cmd:save-rl-history": "no",
        "bmk:save-passwords": "no",
        "xfer:log": "no",
        "xfer:clobber": "yes",
        # Else it waits for room.
        "xfer:disk-full-fatal": "yes",
        "xfer:use-temp-file": "no",
        # A file has the bytes that came, and no more: its size tells how far it is.
        "file:use-fallocate": "no",
        "net:timeout": "30",
        "net:max-retries": "2",
        "net:reconnect-interval-base": "2",
        "net:limit-rate": f"{max(round(rate), 1)}:0" if rate is not None else "0:0",
        "sftp:auto-confirm": "no",
        # Later versions speak of names as text.
        "sftp:protocol-version": "3",
        # Else names are translated into what a server says that it speaks.
        "ftp:use-utf8": "no",
        "ftp:use-feat": "no",
        "ftp:ssl-allow": "yes" if address.protocol is Protocol.FTPS else "no",
        "ftp:ssl-force": "yes" if address.protocol is Protocol.FTPS else "no",
        "ftp:ssl-allow-anonymous": "yes",
        "ftp:ssl-protect-data": "yes",
        "ftp:ssl-protect-list": "yes",
        "ssl:verify-certificate": "yes" if address.verify else "no",
        "ssl:check-hostname": "yes" if address.verify else "no",
    }
    if address.protocol is Protocol.SFTP:
        settings["sftp:connect-program"] = ssh
    elif ca_file:
        settings["ssl:ca-file"] = ca_file
    return settings


def _opening(address: Address) -> list[bytes]:
    implicit = address.protocol is Protocol.FTPS and address.port == _IMPLICIT
    scheme = "ftps" if implicit else address.protocol.value.removesuffix("s")
    if address.protocol is Protocol.SFTP:
        scheme = "sftp"
    host = f"[{address.host}]" if ":" in address.host else address.host
    name = quoted(address.username.encode("utf-8", "surrogateescape"))
    word = quoted(address.password.encode("utf-8", "surrogateescape"))
    return [
        f"open -p {address.port} {scheme}://{host}".encode(),
        b"user " + name + b" " + word,
    ]
