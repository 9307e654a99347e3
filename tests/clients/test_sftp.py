"""The SFTP client and a server in this process: who may, what lies there, what goes wrong."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
import os
from pathlib import Path

import asyncssh
from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.clients import sftp as client_module, sftp_connection
from custom_components.showrunner.clients.errors import (
    HostKeyChanged,
    HostKeyUnknown,
    NotThere,
    Refused,
    TimedOut,
    Unauthorized,
    Unreachable,
    Unreadable,
    WrongProduct,
)
from custom_components.showrunner.clients.sftp import SftpClient, is_whole
from custom_components.showrunner.clients.sftp_connection import Opened
from custom_components.showrunner.clients.sftp_session import SftpSession
from custom_components.showrunner.clients.sftp_walk import space
from custom_components.showrunner.domain.transfer.remote import RemoteFile, RemoteKind, Space

from .hostile import HOSTILE
from .sftp_server import PASSWORD, Served, serving, text_of


@pytest.fixture
async def served(socket_enabled: None, tmp_path: Path) -> AsyncGenerator[Served]:
    """Run a kind server over an empty folder."""
    async with serving(tmp_path) as made:
        yield made


@pytest.fixture
async def client(served: Served) -> AsyncGenerator[SftpClient]:
    """Make a client that may sign in."""
    made = served.client()
    yield made
    await made.close()


async def all_of(client: SftpClient, root: bytes = b"/") -> list[RemoteFile]:
    """Walk to the end."""
    async with aclosing(client.walk(root)) as parts:
        return [one async for part in parts for one in part]


async def kinds_of(client: SftpClient, root: bytes = b"/") -> dict[bytes, RemoteKind]:
    """Say what lies below a folder."""
    return {one.path: one.kind for one in await all_of(client, root)}


# -- who is who -----------------------------------------------------------------------------------


async def test_nothing_is_told_to_a_server_that_nobody_has_confirmed(served: Served) -> None:
    """Its key is given to be shown; with it confirmed, the same server is signed in to."""
    stranger = served.client(host_key="")
    with pytest.raises(HostKeyUnknown) as caught:
        await stranger.connect()
    await stranger.close()
    assert not isinstance(caught.value, HostKeyChanged)
    assert caught.value.key == served.host_key
    assert all(one.get_extra_info("username") is None for one in served.connections)
    friend = served.client(host_key=caught.value.key)
    found = await friend.connect()
    await friend.close()
    assert (found.text, found.fingerprint) == (served.host_key, caught.value.fingerprint)
    assert found.fingerprint == asyncssh.import_public_key(served.host_key).get_fingerprint()
    assert found.fingerprint.startswith("SHA256:")


@pytest.mark.parametrize("kind", ["ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa"])
async def test_another_host_key_than_the_pinned_one_stops_everything(
    served: Served, kind: str
) -> None:
    """Of the same kind or another; both fingerprints are told, and no password."""
    pinned = text_of(asyncssh.generate_private_key(kind))
    client = served.client(host_key=pinned)
    for question in (client.connect(), client.statvfs(b"/"), client.remove_file(b"/a")):
        with pytest.raises(HostKeyChanged) as caught:
            await question
        assert caught.value.key == served.host_key
        assert caught.value.pinned == asyncssh.import_public_key(pinned).get_fingerprint()
    await client.close()
    assert all(one.get_extra_info("username") is None for one in served.connections)


async def test_a_server_that_has_a_new_kind_of_key_too_is_the_same(
    socket_enabled: None, tmp_path: Path
) -> None:
    """The pinned kind is asked for first, whichever the server prefers."""
    old = asyncssh.generate_private_key("ecdsa-sha2-nistp256")
    both = [asyncssh.generate_private_key("ssh-ed25519"), old]
    async with serving(tmp_path, keys=both) as served:
        client = served.client(host_key=text_of(old))
        assert (await client.connect()).text == text_of(old)
        await client.close()


async def test_a_private_key_signs_in_and_its_passphrase_stays_here(
    socket_enabled: None, tmp_path: Path
) -> None:
    """OpenSSH's and PEM's; a wrong passphrase and half a key are told before anybody is asked."""
    key = asyncssh.generate_private_key("ssh-rsa", key_size=1024)
    async with serving(tmp_path, client_key=key) as served:
        for form in ("openssh", "pkcs1-pem", "pkcs8-pem"):
            plain = key.export_private_key(form).decode()
            locked = key.export_private_key(form, "open").decode()
            for text, password in ((plain, ""), (locked, "open")):
                client = served.client(private_key=text, password=password)
                await client.connect()
                await client.close()
            for text, password, said in (
                (locked, "", "passphrase"),
                (locked, "shut", "passphrase"),
                (plain[: len(plain) // 2], "", "read"),
                ("PuTTY-User-Key-File-3: ssh-ed25519", "", "read"),
            ):
                client = served.client(private_key=text, password=password)
                with pytest.raises(Unauthorized, match=said):
                    await client.connect()
                await client.close()
        stranger = asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode()
        # The password is good, and is the key's passphrase: it is not tried.
        client = served.client(private_key=stranger, password=PASSWORD)
        with pytest.raises(Unauthorized, match="refused"):
            await client.connect()
        await client.close()


async def test_a_wrong_password_is_refused_and_not_named(served: Served) -> None:
    """Neither in the error nor in what a client shows of itself."""
    client = served.client(password="wrong horse")
    with pytest.raises(Unauthorized) as caught:
        await client.connect()
    await client.close()
    assert "horse" not in str(caught.value)
    assert "horse" not in repr(client.login)


async def test_what_answers_and_is_no_sftp_is_told_apart(
    socket_enabled: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No SFTP after a good login, no SSH at all, nobody there, somebody who says nothing."""
    async with serving(tmp_path, sftp=False) as served:
        client = served.client()
        with pytest.raises(WrongProduct, match="no SFTP"):
            await client.connect()
        await client.close()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 3)
        await writer.drain()
        writer.close()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    monkeypatch.setattr(sftp_connection, "_OPENS", 0.2)
    for answer, expected in ((talk, (WrongProduct, Unreachable)), (silent, TimedOut)):
        async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            client = SftpClient("127.0.0.1", port, "anna", password="x")
            with pytest.raises(expected):
                await client.connect()
            await client.close()
    client = SftpClient("127.0.0.1", port, "anna", password="x")
    with pytest.raises(Unreachable, match="no connection"):
        await client.connect()
    await client.close()


# -- what lies there ------------------------------------------------------------------------------


async def test_every_name_comes_as_its_bytes(
    served: Served, client: SftpClient, tmp_path: Path
) -> None:
    """Whatever is in it; files are removed by exactly these."""
    for name in HOSTILE:
        (tmp_path / os.fsdecode(name)).mkdir()
        (tmp_path / os.fsdecode(name) / os.fsdecode(name)).write_bytes(name)
    files = {b"/" + name + b"/" + name: len(name) for name in HOSTILE}
    found = {one.path: one.size for one in await all_of(client) if one.kind is RemoteKind.FILE}
    assert found == files
    for path in found:
        assert (await client.lstat(path)).size == files[path]
        await client.remove_file(path)
        await client.remove_empty_folder(path.rpartition(b"/")[0])
    assert list(tmp_path.iterdir()) == []


async def test_links_are_named_and_never_followed(
    served: Served, client: SftpClient, tmp_path: Path
) -> None:
    """Not out of the folder, not round in a circle, and not by who removes."""
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "file").write_text("x")
    (tmp_path / "round").symlink_to(".")
    (tmp_path / "there" / "up").symlink_to("..")
    (tmp_path / "nowhere").symlink_to("gone")
    (tmp_path / "first").symlink_to("there/file")
    os.mkfifo(tmp_path / "pipe")
    assert await kinds_of(client) == {
        b"/there": RemoteKind.FOLDER,
        b"/there/file": RemoteKind.FILE,
        b"/there/up": RemoteKind.LINK,
        b"/round": RemoteKind.LINK,
        b"/nowhere": RemoteKind.LINK,
        b"/first": RemoteKind.LINK,
        b"/pipe": RemoteKind.OTHER,
    }
    assert (await client.stat(b"/first")).kind is RemoteKind.FILE
    assert (await client.lstat(b"/first")).kind is RemoteKind.LINK
    for wrong in (b"/first", b"/round", b"/nowhere", b"/pipe", b"/there"):
        with pytest.raises(Refused, match="something else"):
            await client.remove_file(wrong)
    for wrong in (b"/first", b"/round", b"/there/file"):
        with pytest.raises(Refused, match="something else"):
            await client.remove_empty_folder(wrong)
    with pytest.raises(Refused):
        await client.remove_empty_folder(b"/there")
    assert (tmp_path / "there" / "file").read_text() == "x"
    assert not [what for what, _ in served.unkind.asked if what == "remove"]


async def test_a_folder_that_becomes_a_link_meanwhile_is_not_entered(
    served: Served, client: SftpClient, tmp_path: Path
) -> None:
    """Each is looked at again before it is listed."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "secret").write_text("x")
    (tmp_path / "a").symlink_to("elsewhere")
    folder = os.lstat(tmp_path / "elsewhere")
    served.unkind.listed[b"/a"] = asyncssh.SFTPAttrs.from_local(folder)
    assert b"/a/secret" not in await kinds_of(client)
    assert ("list", b"/elsewhere") in served.unkind.asked
    assert ("list", b"/a") not in served.unkind.asked


@pytest.mark.parametrize("name", [b"../out", b"a/b", b"", b"nul\0", b"/etc/passwd", b".ssh/.."])
async def test_a_server_whose_names_are_none_is_not_believed(
    served: Served, client: SftpClient, name: bytes
) -> None:
    """Nothing of what it names is known then."""
    attrs = asyncssh.SFTPAttrs(type=1, size=3, permissions=0o100644)
    served.unkind.more[b"/"] = [asyncssh.SFTPName(name, attrs=attrs)]
    with pytest.raises(Unreadable):
        await all_of(client)


async def test_what_may_not_be_read_is_named_and_the_rest_goes_on(
    served: Served, client: SftpClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that is closed, and one that is gone by the time it would be entered."""
    for name in ("closed", "gone", "open"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text("x")
    served.unkind.refuses[b"/closed"] = asyncssh.SFTPPermissionDenied("no")
    served.unkind.refuses[b"/gone"] = asyncssh.SFTPNoSuchFile("no")
    found = [(one.path, one.kind) for one in await all_of(client)]
    assert sorted(found) == [
        (b"/closed", RemoteKind.CLOSED),
        (b"/closed", RemoteKind.FOLDER),
        (b"/gone", RemoteKind.FOLDER),
        (b"/open", RemoteKind.FOLDER),
        (b"/open/file", RemoteKind.FILE),
    ]
    served.unkind.refuses[b"/"] = asyncssh.SFTPPermissionDenied("no")
    with pytest.raises(Refused, match="permit"):
        await all_of(client)
    with pytest.raises(NotThere):
        await all_of(client, b"/nowhere")
    with pytest.raises(NotThere, match="no folder"):
        await all_of(client, b"/open/file")


async def test_a_huge_folder_comes_in_parts_and_who_stops_early_may(
    served: Served, client: SftpClient, tmp_path: Path
) -> None:
    """The server is not asked for more than what is taken, and a little ahead."""
    attrs = asyncssh.SFTPAttrs(type=1, size=3, permissions=0o100644, mtime=9, atime=9)
    rows = [asyncssh.SFTPName(b"file %d" % number, attrs=attrs) for number in range(20_000)]
    served.unkind.more[b"/"] = rows
    async with aclosing(client.walk(b"/")) as parts:
        sizes = [len(part) async for part in parts]
    assert sum(sizes) == 20_000
    assert max(sizes) <= 500
    async with aclosing(client.walk(b"/")) as parts:
        assert len(await anext(parts)) == 500
    assert (await client.stat(b"/")).kind is RemoteKind.FOLDER


async def test_what_is_listed_twice_is_named_once(
    served: Served, client: SftpClient, tmp_path: Path
) -> None:
    """OpenSSH over ext4 begins anew in the middle, where a folder was written to just before."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x").write_text("abc")
    folder = asyncssh.SFTPAttrs.from_local(os.lstat(tmp_path / "a"))
    served.unkind.more[b"/"] = [asyncssh.SFTPName(b"a", attrs=folder)] * 3
    assert [one.path for one in await all_of(client)] == [b"/a", b"/a/x"]


async def test_the_nearest_come_first_and_none_too_deep(
    served: Served, client: SftpClient, tmp_path: Path
) -> None:
    """Level by level; folders in each other without an end are not whole, and said so."""
    for number in range(30):
        (tmp_path / f"a{number}" / "b" / "c").mkdir(parents=True)
    depths = [one.path.count(b"/") for one in await all_of(client)]
    assert depths == sorted(depths)
    assert len(depths) == 90
    (tmp_path / "/".join("x" * 45)).relative_to(tmp_path)
    (tmp_path / "/".join("x" * 45)).mkdir(parents=True)
    with pytest.raises(Unreadable, match="deep"):
        await all_of(client)


async def test_a_server_that_says_nothing_of_what_it_lists_is_asked_for_each(
    served: Served, client: SftpClient, tmp_path: Path
) -> None:
    """Without a kind nothing could be told from a folder."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x").write_text("abc")
    served.unkind.silent = True
    assert await kinds_of(client) == {b"/a": RemoteKind.FOLDER, b"/a/x": RemoteKind.FILE}


async def test_a_server_that_lists_rights_without_a_kind_is_asked_for_each(
    served: Served, client: SftpClient, tmp_path: Path
) -> None:
    """Its rights say who may read, and not what it is."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x").write_text("abc")
    served.unkind.listed = {
        b"/a": asyncssh.SFTPAttrs(permissions=0o755),
        b"/a/x": asyncssh.SFTPAttrs(permissions=0o644, size=3),
    }
    assert await kinds_of(client) == {b"/a": RemoteKind.FOLDER, b"/a/x": RemoteKind.FILE}


async def test_sizes_and_times_that_cannot_be_are_not_told(
    served: Served, client: SftpClient, tmp_path: Path
) -> None:
    """And a file of which the size is not told has none."""
    (tmp_path / "a").write_text("abc")
    for attrs, size in (
        (asyncssh.SFTPAttrs(type=1, size=2**64 - 1, permissions=0o100644), None),
        (asyncssh.SFTPAttrs(type=1, permissions=0o100644), None),
        (asyncssh.SFTPAttrs(type=1, size=0, permissions=0o100644), 0),
    ):
        served.unkind.lies[b"/a"] = attrs
        [found] = await all_of(client)
        assert (found.kind, found.size, found.mtime) == (RemoteKind.FILE, size, None)


async def test_the_room_is_told_or_is_not_known(
    served: Served, client: SftpClient, tmp_path: Path
) -> None:
    """A file system that knows nothing says 0, some say more free than there is."""
    room = os.statvfs(tmp_path)
    found = await client.statvfs(b"/")
    assert found is not None
    assert found.total == room.f_blocks * room.f_frsize
    assert 0 < found.free <= found.total
    served.unkind.refuses[b"/"] = asyncssh.SFTPOpUnsupported("no statvfs")
    assert await client.statvfs(b"/") is None


@given(*[st.integers(0, 2**64 - 1)] * 4)
def test_no_room_is_read_that_cannot_be(frsize: int, bsize: int, blocks: int, free: int) -> None:
    """Whatever a server says."""
    attributes = asyncssh.SFTPVFSAttrs(frsize=frsize, bsize=bsize, blocks=blocks, bavail=free)
    match space(attributes):
        case Space(left, total):
            assert 0 <= left <= total < 2**53
            assert total == blocks * (frsize or bsize) > 0
        case None:
            assert not 0 < blocks * (frsize or bsize) < 2**53 or free > blocks


# -- what is changed ------------------------------------------------------------------------------


@given(st.binary(max_size=40))
def test_only_a_whole_path_is_one(path: bytes) -> None:
    """It begins at the root, and nothing in it leads back or nowhere."""
    parts = path.split(b"/")
    expected = path.startswith(b"/") and len(parts) > 1 and b"\0" not in path
    expected = expected and not {b"", b".", b".."} & set(parts[1:])
    assert is_whole(path) is expected


@pytest.mark.parametrize(
    "path", [b"", b"/", b"a", b"/a/../b", b"/a//b", b"/a/", b"./a", b"/.", b"/a\0b", b"~/a"]
)
async def test_nothing_is_changed_by_half_a_path(served: Served, path: bytes) -> None:
    """The server is not even asked."""
    client = served.client()
    for change in (
        client.remove_file(path),
        client.remove_empty_folder(path),
        client.rename(path, b"/b"),
        client.rename(b"/b", path),
    ):
        with pytest.raises(Refused, match="whole path"):
            await change
    await client.close()
    assert served.connections == []


async def test_a_rename_takes_nothings_place(client: SftpClient, tmp_path: Path) -> None:
    """What is there stays."""
    (tmp_path / "a").write_text("a")
    (tmp_path / "b").write_text("b")
    with pytest.raises(Refused, match="already"):
        await client.rename(b"/a", b"/b")
    with pytest.raises(NotThere):
        await client.rename(b"/c", b"/d")
    await client.rename(b"/a", b"/c")
    assert {one.name: one.read_text() for one in tmp_path.iterdir()} == {"b": "b", "c": "a"}
    with pytest.raises(NotThere):
        await client.remove_file(b"/a")


# -- what goes wrong ------------------------------------------------------------------------------


async def test_a_connection_that_was_lost_is_opened_anew(
    served: Served, client: SftpClient, tmp_path: Path
) -> None:
    """For a question without a word; a change is not repeated by itself."""
    (tmp_path / "a").write_text("a")
    await client.connect()
    served.connections[0].abort()
    assert (await client.stat(b"/a")).size == 1
    assert len(served.connections) == 2


@pytest.mark.parametrize("what", ["hangs", "dies"])
async def test_a_server_that_stops_in_the_middle_is_not_waited_for(
    served: Served, client: SftpClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, what: str
) -> None:
    """Of an answer and of a list; the next question finds it again."""
    from custom_components.showrunner.clients import sftp_walk

    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b").write_text("b")
    monkeypatch.setattr(client_module, "_ANSWER", 0.3)
    monkeypatch.setattr(sftp_walk, "_NEXT", 0.3)
    await client.connect()
    getattr(served.unkind, what).update({b"/a", b"/a/b"})
    expected = TimedOut if what == "hangs" else Unreachable
    for question in (client.stat(b"/a/b"), client.statvfs(b"/a"), client.remove_file(b"/a/b")):
        with pytest.raises(expected):
            await question
    assert [path for asked, path in served.unkind.asked if asked == "lstat"] == [b"/a/b"]
    with pytest.raises(expected):
        await all_of(client)
    getattr(served.unkind, what).clear()
    assert (await client.stat(b"/a/b")).size == 1
    assert (tmp_path / "a" / "b").exists()


async def test_who_is_cancelled_leaves_nothing_behind(
    served: Served, client: SftpClient, tmp_path: Path
) -> None:
    """And the connection goes on."""
    (tmp_path / "a").write_text("a")
    served.unkind.hangs.add(b"/a")
    await client.connect()
    task = asyncio.create_task(client.stat(b"/a"))
    while ("stat", b"/a") not in served.unkind.asked:
        await asyncio.sleep(0.001)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    served.unkind.go_on.set()
    assert (await client.stat(b"/a")).size == 1
    assert len(served.connections) == 1


async def test_a_closed_client_says_so(served: Served) -> None:
    """Also to who was waiting."""
    client = served.client()
    served.unkind.hangs.add(b"/")
    task = asyncio.create_task(client.stat(b"/"))
    while ("stat", b"/") not in served.unkind.asked:
        await asyncio.sleep(0.001)
    await client.close()
    with pytest.raises(Unreachable):
        await task
    with pytest.raises(Unreachable, match="stopped"):
        await client.stat(b"/")
    await client.close()


async def test_who_reads_files_has_connections_of_its_own(
    served: Served, client: SftpClient, tmp_path: Path
) -> None:
    """Inside the thread; they end with their context, and a lost one is no longer among them."""
    (tmp_path / "a").write_bytes(b"abcdef")

    async def work() -> tuple[list[bytes], int]:
        async with client.connections(3) as pool:
            read = []
            for one in pool.opened:
                file = await one.sftp.open_file(b"/a")
                read.append(await file.read(2, 2))
            await pool.add()
            pool.drop(pool.opened[0])
            return read, len(pool.opened)

    assert await client.run(work()) == ([b"cd"] * 3, 3)

    async def fails() -> None:
        async with client.connections(1) as pool:
            await pool.opened[0].sftp.stat(b"/nowhere")

    with pytest.raises(NotThere):
        await client.run(fails())
    assert len(served.connections) == 5
    while not all(one.is_closed() for one in served.connections):
        await asyncio.sleep(0.001)


async def test_who_reads_files_goes_on_over_the_connection_that_was_asked_over(
    served: Served, client: SftpClient
) -> None:
    """Who asks meanwhile opens another one; it ends with what it was given for."""
    await client.stat(b"/")
    assert len(served.connections) == 1

    async def work() -> int:
        async with client.connections(0) as pool:
            first, second = await pool.add(), await pool.add()
            assert first is not second
            return len(served.connections)

    assert await client.run(work()) == 2
    await client.stat(b"/")
    assert len(served.connections) == 3


async def test_a_session_that_has_ended_is_opened_anew_with_its_connection(
    served: Served, client: SftpClient
) -> None:
    """Its server may be gone while the connection is still there."""
    await client.stat(b"/")

    async def end() -> Opened:
        one = await client._shared.get()
        one.sftp.close()
        return one

    first = await client.run(end())
    assert first.is_lost
    assert (await client.stat(b"/")).kind is RemoteKind.FOLDER
    assert len(served.connections) == 2
    while not served.connections[0].is_closed():
        await asyncio.sleep(0.001)


async def test_a_connection_that_is_in_use_is_given_to_nobody(
    served: Served, client: SftpClient, tmp_path: Path
) -> None:
    (tmp_path / "a").touch()

    async def nothing(_: SftpSession) -> None:
        assert client._shared.take() is None

    assert await client.run(_taken(client)) is None  # there is none
    await client._ask(nothing)
    parts = client.walk(b"/")
    await anext(parts)
    assert await client.run(_taken(client)) is None
    await parts.aclose()
    taken = await client.run(_taken(client))
    assert taken is not None
    taken.drop()
    await client.stat(b"/")
    served.connections[-1].abort()
    while not (known := client._shared._opened) or not known.is_lost:
        await asyncio.sleep(0.001)
    assert await client.run(_taken(client)) is None


async def _taken(client: SftpClient) -> Opened | None:
    return client._shared.take()


async def test_a_broken_pipe_is_the_servers_failure(client: SftpClient) -> None:
    """It comes up from the socket, past asyncssh's own errors."""

    async def fails() -> None:
        raise BrokenPipeError

    with pytest.raises(Unreachable):
        await client.run(fails())


@pytest.mark.parametrize("error", [OSError(28, "No space left"), KeyError("x")])
async def test_what_fails_here_is_not_the_servers_failure(
    client: SftpClient, error: Exception
) -> None:
    """A full disk is no server that is down."""

    async def fails() -> None:
        raise error

    with pytest.raises(type(error)):
        await client.run(fails())
