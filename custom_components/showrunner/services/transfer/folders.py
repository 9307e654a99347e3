"""The two folders of a transfer: whether one can be read, the other written, and they are two."""

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import aclosing
import os
from pathlib import Path
import tempfile
from typing import Any, Final

from homeassistant.core import HomeAssistant

from ...clients.errors import NotThere, Refused
from ...clients.fetching.folder import marked
from ...clients.transfers import TransferClient
from ...const import CONF_IMPORT_PATH, CONF_LOCAL_PATH, CONF_REMOTE_PATH
from ...domain.paths import components, normalize
from ...domain.transfer.remote import RemoteKind
from ...flows.common import InvalidLogin

# How long a folder here may take, which may be a network's that hangs (seconds).
_LOCAL: Final = 15.0
_HOME: Final = ("~/", "./")


class InvalidFolder(InvalidLogin):
    """A folder that a transfer can't use."""


def read_import_path(data: dict[str, Any], typed: Mapping[str, Any]) -> None:
    """Take the folder as arrs see it, as it was typed; emptied it is none. Raise InvalidFolder.

    Only they know whether it is there: it is written in the way of where they run.
    """
    path = typed.get(CONF_IMPORT_PATH, "").strip()
    data.pop(CONF_IMPORT_PATH, None)
    if not path:
        return
    if components(path) is None:
        raise InvalidFolder("import_path_not_whole", CONF_IMPORT_PATH)
    data[CONF_IMPORT_PATH] = normalize(path)


async def check(hass: HomeAssistant, client: TransferClient, remote: str, local: str) -> str:
    """Try both folders; give the remote one's whole path.

    Raise InvalidFolder, ServiceError.
    """
    path = await _whole(client, remote)
    await _readable(client, path)
    probe = _Probe(local)
    try:
        async with asyncio.timeout(_LOCAL):
            await hass.async_add_executor_job(probe.begin, hass.config.config_dir, _media(hass))
        await _apart(client, path, probe)
    except TimeoutError:
        raise InvalidFolder("folder_not_writable", CONF_LOCAL_PATH) from None
    finally:
        await hass.async_add_executor_job(probe.end)
    try:
        return path.decode()
    except UnicodeDecodeError:
        raise InvalidFolder("remote_not_readable", CONF_REMOTE_PATH) from None


async def mark(hass: HomeAssistant, local: str) -> str:
    """Give the mark of the folder here, by which it is known again. Raise InvalidFolder."""
    try:
        async with asyncio.timeout(_LOCAL):
            return await hass.async_add_executor_job(marked, local)
    except OSError:  # a time-out is one, too
        raise InvalidFolder("folder_not_writable", CONF_LOCAL_PATH) from None


def _media(hass: HomeAssistant) -> list[str]:
    return [*hass.config.media_dirs.values(), *hass.config.allowlist_external_dirs]


async def _whole(client: TransferClient, typed: str) -> bytes:
    """Write a path from its root; one that begins nowhere begins where a login leads to."""
    if not typed.startswith("/"):
        for beginning in _HOME:
            typed = typed.removeprefix(beginning)
        return await client.realpath(b"." if typed in ("", "~", ".") else typed.encode())
    names = [name for name in typed.encode().split(b"/") if name not in (b"", b".")]
    if b".." in names or any(b"\0" in name for name in names):
        raise InvalidFolder("remote_missing", CONF_REMOTE_PATH)
    return b"/" + b"/".join(names)


async def _readable(client: TransferClient, path: bytes) -> None:
    """See that a remote folder can be listed: only its first names are asked for."""
    try:
        if (await client.stat(path)).kind is not RemoteKind.FOLDER:
            raise InvalidFolder("remote_missing", CONF_REMOTE_PATH)
        async with aclosing(client.walk(path)) as parts:
            await anext(parts, None)
    except NotThere:
        raise InvalidFolder("remote_missing", CONF_REMOTE_PATH) from None
    except Refused:
        raise InvalidFolder("remote_not_readable", CONF_REMOTE_PATH) from None


async def _apart(client: TransferClient, remote: bytes, probe: _Probe) -> None:
    """See that no folder lies in the other: our file here must not be seen over there.

    A server that is this machine, or has the same disk, may name our folder as we do.
    """
    ours = os.fsencode(probe.file)
    if await _is_there(client, remote.rstrip(b"/") + b"/" + ours.rpartition(b"/")[2]):
        raise InvalidFolder("same_folder", CONF_LOCAL_PATH)
    if not await _is_there(client, ours):
        return
    here = await client.realpath(os.fsencode(probe.folder))
    there = await client.realpath(remote)
    if _within(here, there) or _within(there, here):
        raise InvalidFolder("same_folder", CONF_LOCAL_PATH)


async def _is_there(client: TransferClient, path: bytes) -> bool:
    try:
        await client.lstat(path)
    except Refused:
        return False
    return True


def _within(path: bytes, folder: bytes) -> bool:
    return (path.rstrip(b"/") + b"/").startswith(folder.rstrip(b"/") + b"/")


class _Probe:
    """An empty file of ours in the folder here. Both ends of it block."""

    def __init__(self, local: str) -> None:
        self.folder = local
        self.file = ""

    def begin(self, config: str, media: Iterable[str]) -> None:
        """Make it. Raise InvalidFolder."""
        folder = Path(self.folder)
        if not folder.is_absolute():
            raise InvalidFolder("folder_not_whole", CONF_LOCAL_PATH)
        try:
            found = folder.resolve(strict=True)
            is_folder = found.is_dir()
        except OSError, ValueError:
            is_folder = False
        if not is_folder:
            raise InvalidFolder("folder_missing", CONF_LOCAL_PATH)
        ours = found.is_relative_to(Path(config).resolve())
        if ours and not any(found.is_relative_to(Path(one).resolve()) for one in media):
            raise InvalidFolder("folder_of_home_assistant", CONF_LOCAL_PATH)
        try:
            handle, self.file = tempfile.mkstemp(prefix=".showrunner-", dir=found)
        except OSError:
            raise InvalidFolder("folder_not_writable", CONF_LOCAL_PATH) from None
        os.close(handle)

    def end(self) -> None:
        """Take it away."""
        if self.file:
            Path(self.file).unlink(missing_ok=True)
