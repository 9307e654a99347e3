"""A real OpenSSH server: logins, names, links, rights, room, and one that freezes or dies."""

import asyncio
from contextlib import aclosing
import os
from pathlib import Path
import time

import asyncssh
import pytest

from custom_components.showrunner.clients import sftp, sftp_connection
from custom_components.showrunner.clients.errors import (
    HostKeyChanged,
    HostKeyUnknown,
    NotThere,
    Refused,
    Unauthorized,
    Unreachable,
    WrongProduct,
)
from custom_components.showrunner.clients.sftp import SftpClient
from custom_components.showrunner.domain.transfer.remote import RemoteFile, RemoteKind
from tests.clients.hostile import HOSTILE
from tests.real.lab import free_port
from tests.real.sshd import Sshd, sshd

pytestmark = [pytest.mark.real, pytest.mark.usefixtures("socket_enabled")]


async def all_of(client: SftpClient, root: Path) -> list[RemoteFile]:
    """Walk to the end."""
    async with aclosing(client.walk(os.fsencode(root))) as parts:
        return [one async for part in parts for one in part]


def fill(server: Sshd) -> None:
    """Put a file of every hostile name into a folder of that name."""
    for name in map(os.fsdecode, HOSTILE):
        folder = server.data / name
        folder.mkdir()
        (folder / name).write_bytes(b"x" * len(name))
        server.own(folder, folder / name)


async def test_by_key_and_by_password() -> None:
    """And not with others; nothing is told to a server that nobody has confirmed."""
    async with sshd() as server:
        for login in ({}, {"private_key": "", "password": server.password}):
            client = server.client(**login)
            assert (await client.connect()).text == server.host_key
            assert client.version.startswith("OpenSSH_9.2")
            assert (await client.stat(os.fsencode(server.data))).kind is RemoteKind.FOLDER
            await client.close()
        other = asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode()
        for login in (
            {"private_key": other},
            {"private_key": "", "password": "no"},
            {"username": "eve"},
        ):
            client = server.client(**login)
            with pytest.raises(Unauthorized):
                await client.connect()
            await client.close()
        client = server.client(host_key="")
        with pytest.raises(HostKeyUnknown) as caught:
            await client.connect()
        await client.close()
        assert caught.value.key == server.host_key
        log = (server.folder / "sshd.log").read_text()
        # Of the last one it heard no name: it hung up before.
        assert "preauth" in log.splitlines()[-1]


async def test_a_server_set_up_anew_is_not_spoken_to() -> None:
    """At the same port, with another host key."""
    port = free_port()
    async with sshd(port=port) as old:
        client = old.client()
        await client.connect()
        await client.close()
    async with sshd(port=port) as new:
        client = new.client(host_key=old.host_key)
        with pytest.raises(HostKeyChanged) as caught:
            await client.statvfs(b"/")
        await client.close()
        assert caught.value.key == new.host_key


async def test_a_login_without_sftp_says_so() -> None:
    """As with a provider that gives a shell alone."""
    async with sshd(options="ForceCommand /bin/false") as server:
        config = (server.folder / "sshd_config").read_text()
        assert "internal-sftp" in config
        client = server.client()
        with pytest.raises((WrongProduct, Unreachable)):
            await client.connect()
        await client.close()


async def test_hostile_names_and_links() -> None:
    """Every byte as it is, no link followed, and what is removed is exactly that."""
    async with sshd() as server:
        fill(server)
        stays = server.data / "stays"
        stays.mkdir()
        (stays / "file").write_text("x")
        for link, target in (("out", "/etc"), ("round", "."), ("file", "stays/file")):
            (server.data / link).symlink_to(target)
        os.mkfifo(server.data / "pipe")
        server.own(stays)
        root = os.fsencode(server.data)
        client = server.client()
        found = {one.path: one for one in await all_of(client, server.data)}
        disk = {
            os.fsencode(Path(folder) / name)
            for folder, folders, files in os.walk(server.data)
            for name in (*folders, *files)
        }
        assert found.keys() == disk
        for name in HOSTILE:
            path = root + b"/" + name + b"/" + name
            answer, here = found[path], os.lstat(path)
            assert answer == RemoteFile(path, RemoteKind.FILE, here.st_size, int(here.st_mtime))
            await client.remove_file(path)
            with pytest.raises(NotThere):
                await client.remove_file(path)
            await client.remove_empty_folder(root + b"/" + name)
        for name in (b"out", b"round", b"file", b"pipe"):
            with pytest.raises(Refused):
                await client.remove_file(root + b"/" + name)
            with pytest.raises(Refused):
                await client.remove_empty_folder(root + b"/" + name)
        with pytest.raises(Refused):
            await client.remove_empty_folder(root + b"/stays")
        with pytest.raises(Refused):
            await client.rename(root + b"/out", root + b"/stays")
        await client.rename(root + b"/stays/file", root + b"/moved")
        await client.close()
        left = {one.name for one in server.data.iterdir()}
        assert left == {"stays", "out", "round", "file", "pipe", "moved"}


async def test_rights_and_room() -> None:
    """What may not be read is named; what may not be removed stays; the room is the disk's."""
    async with sshd() as server:
        closed, fixed = server.data / "closed", server.data / "fixed"
        for folder in (closed, fixed):
            folder.mkdir()
            (folder / "file").write_text("x")
            server.own(folder, folder / "file")
        closed.chmod(0)
        fixed.chmod(0o555)
        client = server.client()
        kinds = [(one.path, one.kind) for one in await all_of(client, server.data)]
        assert (os.fsencode(closed), RemoteKind.CLOSED) in kinds
        assert (os.fsencode(fixed / "file"), RemoteKind.FILE) in kinds
        with pytest.raises(Refused, match="permit"):
            await client.remove_file(os.fsencode(fixed / "file"))
        with pytest.raises(Refused, match="permit"):
            await all_of(client, closed)
        found, here = await client.statvfs(os.fsencode(server.data)), os.statvfs(server.data)
        assert found is not None
        assert found.total == here.f_blocks * here.f_frsize
        assert abs(found.free - here.f_bavail * here.f_frsize) < 2**30
        await client.close()
        assert (fixed / "file").exists()
        closed.chmod(0o755)
        fixed.chmod(0o755)


async def test_thousands_of_files() -> None:
    """In parts, while the event loop goes on."""
    async with sshd() as server:
        for number in range(10):
            folder = server.data / f"{number}"
            folder.mkdir()
            for name in range(500):
                (folder / f"{name}").touch()
        client = server.client()
        await client.connect()
        worst, count = 0.0, 0

        async def beat() -> None:
            nonlocal worst
            while True:
                before = time.perf_counter()
                await asyncio.sleep(0.001)
                worst = max(worst, time.perf_counter() - before)

        beating = asyncio.create_task(beat())
        async with aclosing(client.walk(os.fsencode(server.data))) as parts:
            async for part in parts:
                count += len(part)
        beating.cancel()
        await client.close()
        assert count == 5_010
        assert worst < 1


async def test_a_server_that_freezes_is_given_up_and_found_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By its silence, or by the question that it leaves open; a new one is answered later."""
    monkeypatch.setattr(sftp_connection, "_KEEP_ALIVE", 0.3)
    monkeypatch.setattr(sftp_connection, "_OPENS", 1.5)
    monkeypatch.setattr(sftp, "_ANSWER", 3.0)
    async with sshd() as server:
        client = server.client()
        await client.connect()
        server.freeze()
        began = time.monotonic()
        with pytest.raises(Unreachable):
            await client.stat(os.fsencode(server.data))
        with pytest.raises(Unreachable):
            await client.connect()
        assert time.monotonic() - began < 15
        server.go_on()
        assert (await client.stat(os.fsencode(server.data))).kind is RemoteKind.FOLDER
        server.freeze()
        began = time.monotonic()
        await client.close()
        assert time.monotonic() - began < 8


async def test_a_server_that_dies_in_the_middle() -> None:
    """Of a walk and of reading; the next question is answered by the next one."""
    async with sshd() as server:
        for number in range(3000):
            (server.data / f"{number}").touch()
        (server.data / "big").write_bytes(b"x" * 2**22)
        client = server.client()
        async with aclosing(client.walk(os.fsencode(server.data))) as parts:
            assert len(await anext(parts)) == 500
            server.kill_connections()
            with pytest.raises(Unreachable):
                async for _ in parts:
                    pass
        assert (await client.stat(os.fsencode(server.data / "big"))).size == 2**22

        async def read() -> None:
            async with client.connections(2) as pool:
                file = await pool.opened[0].sftp.open_file(os.fsencode(server.data / "big"))
                assert len(await file.read(1000, 0)) == 1000
                server.kill_connections()
                while await file.read(1000, 1000):
                    pass

        with pytest.raises(Unreachable):
            await client.run(read())
        assert (await client.stat(os.fsencode(server.data / "big"))).size == 2**22
        await client.close()


async def test_a_server_tells_how_many_names_a_file_has() -> None:
    """In the line that it writes for people, whatever the file is called."""
    async with sshd() as server:
        names = [name for name in HOSTILE if len(name) < 250]
        for number, name in enumerate(map(os.fsdecode, names)):
            (server.data / name).write_text("x")
            for other in range(number % 3):
                (server.data / f"link {number} {other}").hardlink_to(server.data / name)
        (server.data / "folder").mkdir()
        server.own(*server.data.rglob("*"))
        client = server.client()
        counts = await client.link_counts(os.fsencode(server.data))
        assert {name: counts[name] for name in names} == {
            name: number % 3 + 1 for number, name in enumerate(names)
        }
        assert counts.keys() >= {b"folder"}
        assert await client.is_empty(os.fsencode(server.data / "folder"))
        assert not await client.is_empty(os.fsencode(server.data))
        with pytest.raises(NotThere):
            await client.is_empty(os.fsencode(server.data / "nothing"))
        with pytest.raises(NotThere):
            await client.link_counts(os.fsencode(server.data / "nothing"))
        await client.close()
