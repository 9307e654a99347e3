"""Addresses that mean the same place, however they are written.

`localhost`, 127.0.0.1 and ::1, a trailing dot, upper case, a port that goes without saying, and the
many forms of one IPv6 address. What only a name server knows is not asked.
"""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final
from urllib.parse import urlsplit

_PORTS: Final = {"http": 80, "https": 443}
_HERE: Final = "localhost"
_NAMES: Final = (_HERE, "localhost.localdomain", "ip6-localhost")


@dataclass(frozen=True, slots=True)
class Place:
    """Where something answers. The scheme is no part of it: one port speaks one."""

    host: str
    port: int | None
    path: str

    @classmethod
    def of(cls, url: str) -> Place:
        """Read an address that was put in order before. One that can't be read is only itself."""
        try:
            parts = urlsplit(url)
            port = parts.port or _PORTS.get(parts.scheme.lower())
        except ValueError:
            return cls("", None, url)
        return cls(same_host(parts.hostname or ""), port, parts.path.rstrip("/"))


def host_of(written: str) -> str:
    """Read the host of an address, or of what a person typed for one: a name, maybe with its port.

    As it is written, in lower case; "" for what can't be read.
    """
    text = written.strip()
    try:
        host = urlsplit(text if "//" in text else f"//{text}").hostname
    except ValueError:
        return ""
    return (host or "").strip(".")


def machine_of(url: str) -> str:
    """Say on which machine an address answers; one without a host is a socket of this one."""
    return same_host(host_of(url) or _HERE)


def same_host(host: str) -> str:
    """Write a host in one way: an address by its shortest form, and this machine as one name."""
    name = host.strip().lower().removeprefix("[").removesuffix("]").rstrip(".")
    address = _address(name)
    if address is not None:
        # Whoever connects to "any address" reaches this machine, too.
        return _HERE if address.is_loopback or address.is_unspecified else str(address)
    if name in _NAMES or name.endswith(f".{_HERE}"):
        return _HERE
    try:
        written = name.encode("idna").decode("ascii") if name else ""
    except UnicodeError:
        return name
    # What is left out of it (a soft hyphen) may have stood before a bracket.
    return written if written == name else same_host(written)


def _address(name: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(name)
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
