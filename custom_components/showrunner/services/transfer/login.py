"""Where a transfer leads to, and how it signs in: as it is typed, kept, and given to a client."""

from collections.abc import Callable, Mapping
from ipaddress import ip_address
from typing import Any, Final

from homeassistant.const import (
    CONF_HOST,
    CONF_PASSWORD,
    CONF_PORT,
    CONF_USERNAME,
    CONF_VERIFY_SSL,
)

from ...clients.fetching.fetcher import Fetches, InProcess, Look
from ...clients.ftp import FtpClient, FtpLogin
from ...clients.lftp import (
    Address,
    Keys,
    LftpEngine,
    Protocol,
    against_address,
    lacking,
)
from ...clients.sftp import SftpClient
from ...clients.transfers import TransferClient
from ...const import CONF_ENGINE, CONF_HOST_KEY, CONF_PASSPHRASE, CONF_PRIVATE_KEY
from ...domain.addresses import same_host
from ...flows.common import InvalidLogin

SECRETS: Final = (CONF_PASSWORD, CONF_PRIVATE_KEY, CONF_PASSPHRASE)
CONF_PROTOCOL: Final = "protocol"
IN_PROCESS: Final = "sftp"
LFTP: Final = "lftp"
_LONGEST_HOST: Final = 253
_SSH: Final = 22
_FTP: Final = 21
_NOT_IN_HOSTS: Final = frozenset("/@?#\\%[]")


def protocol_of(data: Mapping[str, Any]) -> Protocol:
    """Say what a linked server speaks; what an older version has linked speaks SFTP."""
    return Protocol(data.get(CONF_PROTOCOL, Protocol.SFTP))


def client(data: Mapping[str, Any]) -> TransferClient:
    """Build a client from what a subentry keeps."""
    protocol = protocol_of(data)
    if protocol is Protocol.SFTP:
        return _sftp(data)
    return FtpClient(
        FtpLogin(
            data[CONF_HOST],
            data[CONF_PORT],
            data[CONF_USERNAME],
            data.get(CONF_PASSWORD, ""),
            tls=protocol is Protocol.FTPS,
            verify=data.get(CONF_VERIFY_SSL, True),
        )
    )


def engine(data: Mapping[str, Any], asked: TransferClient) -> Callable[[Look], Fetches]:
    """Say who fetches, by what a subentry keeps: in this process, unless lftp was chosen."""
    if data.get(CONF_ENGINE) != LFTP and isinstance(asked, SftpClient):
        return lambda _: InProcess(asked)
    keys = Keys(
        data.get(CONF_HOST_KEY, ""), data.get(CONF_PRIVATE_KEY, ""), data.get(CONF_PASSPHRASE, "")
    )
    return lambda look: LftpEngine(address(data), keys, look)


def address(data: Mapping[str, Any]) -> Address:
    """Say where lftp signs in."""
    return Address(
        protocol_of(data),
        data[CONF_HOST],
        data[CONF_PORT],
        data[CONF_USERNAME],
        data.get(CONF_PASSWORD, ""),
        data.get(CONF_VERIFY_SSL, True),
    )


def with_address(data: Mapping[str, Any]) -> dict[str, Any]:
    """Read what a server speaks from how its host was typed; keep only what is not as usual.

    Raise InvalidLogin for a server that nobody can fetch from in the way that was chosen.
    """
    kept = {key: one for key, one in data.items() if key not in (CONF_PROTOCOL, CONF_VERIFY_SSL)}
    scheme, separator, rest = data[CONF_HOST].strip().partition("://")
    if separator and scheme.lower() not in Protocol:
        raise InvalidLogin("invalid_host", CONF_HOST)
    protocol = Protocol(scheme.lower()) if separator else Protocol.SFTP
    kept[CONF_HOST] = read_host(rest.rstrip("/") if separator else scheme)
    if kept.get(CONF_ENGINE) == IN_PROCESS:
        del kept[CONF_ENGINE]
    return kept if protocol is Protocol.SFTP else _over_ftp(kept, data, protocol)


def _over_ftp(kept: dict[str, Any], data: Mapping[str, Any], protocol: Protocol) -> dict[str, Any]:
    if kept.get(CONF_ENGINE) != LFTP:
        raise InvalidLogin("engine_lftp_only", CONF_ENGINE)
    if CONF_PRIVATE_KEY in kept:
        raise InvalidLogin("private_key_over_ftp", CONF_PRIVATE_KEY)
    kept[CONF_PROTOCOL] = protocol.value
    if kept[CONF_PORT] == _SSH:
        kept[CONF_PORT] = _FTP
    if protocol is Protocol.FTPS and not data.get(CONF_VERIFY_SSL, True):
        kept[CONF_VERIFY_SSL] = False
    return kept


def as_typed(data: Mapping[str, Any]) -> dict[str, Any]:
    """Write what a subentry keeps as it was typed."""
    protocol = protocol_of(data)
    host = data[CONF_HOST]
    shown = host if protocol is Protocol.SFTP else f"{protocol}://{host}"
    return {CONF_ENGINE: IN_PROCESS, CONF_VERIFY_SSL: True, **data, CONF_HOST: shown}


def lacks(data: Mapping[str, Any]) -> str | None:
    """Name a program that has to be installed here to fetch from there, and is not. Blocks."""
    return lacking(protocol_of(data)) if data.get(CONF_ENGINE) == LFTP else None


def must_be_able(data: Mapping[str, Any]) -> None:
    """Raise InvalidLogin when lftp was chosen and can't fetch from there. Blocks."""
    if data.get(CONF_ENGINE) != LFTP:
        return
    if (program := lacks(data)) is not None:
        raise InvalidLogin(f"{program}_missing", CONF_ENGINE)
    if (field := against_address(address(data))) is not None:
        raise InvalidLogin("lftp_characters", field)


def _sftp(data: Mapping[str, Any]) -> SftpClient:
    private_key = data.get(CONF_PRIVATE_KEY, "")
    return SftpClient(
        data[CONF_HOST],
        data[CONF_PORT],
        data[CONF_USERNAME],
        password=data.get(CONF_PASSPHRASE if private_key else CONF_PASSWORD, ""),
        private_key=private_key,
        host_key=data.get(CONF_HOST_KEY, ""),
    )


def with_login(stored: Mapping[str, Any], typed: Mapping[str, Any]) -> dict[str, Any]:
    """Return the stored data with what was typed, and one way to sign in.

    With everything empty the stored way stays, a stored password for the same name only. A new
    password takes a stored key's place, and the reverse. Raise InvalidLogin.
    """
    data = {key: value for key, value in {**stored, **typed}.items() if key not in SECRETS}
    password, private_key, passphrase = (typed.get(name) or "" for name in SECRETS)
    if password and (private_key or passphrase):
        raise InvalidLogin("password_or_private_key", CONF_PRIVATE_KEY)
    if not password and not private_key:
        same = data.get(CONF_USERNAME) == stored.get(CONF_USERNAME)
        password = stored.get(CONF_PASSWORD, "") if same and not passphrase else ""
        private_key = stored.get(CONF_PRIVATE_KEY, "")
        passphrase = passphrase or stored.get(CONF_PASSPHRASE, "")
    if private_key:
        data[CONF_PRIVATE_KEY] = f"{private_key.strip().replace('\r\n', '\n')}\n"
        return {**data, CONF_PASSPHRASE: passphrase} if passphrase else data
    if passphrase:
        raise InvalidLogin("private_key_missing", CONF_PRIVATE_KEY)
    if not password:
        raise InvalidLogin("password_missing", CONF_PASSWORD)
    return {**data, CONF_PASSWORD: password}


def read_host(typed: str) -> str:
    """Write a host's name or address in one way. Raise InvalidLogin for what is none."""
    host = typed.strip().lower().removeprefix("[").removesuffix("]").rstrip(".")
    try:
        return str(ip_address(host))
    except ValueError:
        fits = 0 < len(host) <= _LONGEST_HOST and host.isprintable() and ":" not in host
    try:
        host.encode("idna")
    except UnicodeError:
        fits = False
    if not fits or _NOT_IN_HOSTS & set(host) or any(char.isspace() for char in host):
        raise InvalidLogin("invalid_host", CONF_HOST)
    return host


def same_server(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Tell whether two links lead to one server, whose host key is the same."""
    hosts = {same_host(data.get(CONF_HOST, "")) for data in (one, other)}
    same = all(one.get(key) == other.get(key) for key in (CONF_PORT, CONF_PROTOCOL))
    return len(hosts) == 1 and same
