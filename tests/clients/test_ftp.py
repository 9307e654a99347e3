"""A server's files over FTP and FTPS: what is listed is all that is there, or nothing is known."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
import threading
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.clients import ftp
from custom_components.showrunner.clients.errors import (
    NotThere,
    Refused,
    TlsFailed,
    Unauthorized,
    Unreachable,
    Unreadable,
)
from custom_components.showrunner.clients.ftp import FtpClient, FtpLogin, entries
from custom_components.showrunner.domain.transfer.remote import RemoteFile, RemoteKind

from .ftp_server import PASSWORD, USER, Served, certificate, serving

pytestmark = pytest.mark.usefixtures("socket_enabled")

FILE = b"type=file;size=7;modify=20260102030405; "
FOLDER = b"type=dir;modify=20260102030405; "
AT = 1_767_323_045


@pytest.fixture(params=[False, True], ids=["ftp", "ftps"])
def served(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Served]:
    """Run a server with a release, with TLS and without."""
    with serving(certificate(tmp_path) if request.param else None) as made:
        made.folders = {
            b"/done": [b"type=cdir; .", b"Type=PDIR; ..", FOLDER + b"Film"],
            b"/done/Film": [FILE + b"a.mkv", FILE + b"b.nfo"],
        }
        yield made


@pytest.fixture
def tls(request: pytest.FixtureRequest) -> bool:
    """Tell whether the server speaks TLS."""
    return "ftps" in request.node.callspec.id


def client(served: Served, *, tls: bool, **other: Any) -> FtpClient:
    """Make a client that signs in there."""
    given = {"username": USER, "password": PASSWORD, "verify": False, **other}
    return FtpClient(FtpLogin("127.0.0.1", served.port, tls=tls, **given))


async def walked(asked: FtpClient, root: bytes = b"/done") -> list[RemoteFile]:
    """Name all that is below a folder."""
    return [one async for part in asked.walk(root) for one in part]


async def test_all_is_listed(served: Served, tls: bool) -> None:
    """With sizes and times; the folder itself and the one above are none of it."""
    asked = client(served, tls=tls)
    assert await walked(asked) == [
        RemoteFile(b"/done/Film", RemoteKind.FOLDER, None, AT),
        RemoteFile(b"/done/Film/a.mkv", RemoteKind.FILE, 7, AT),
        RemoteFile(b"/done/Film/b.nfo", RemoteKind.FILE, 7, AT),
    ]
    assert await asked.realpath(b".") == b"/home/lab"
    assert await asked.realpath(b"done") == b"/home/lab/done"
    assert await asked.statvfs(b"/done") is None
    assert asked.version == "(a server for tests)"
    assert served.secured == ["secure" if tls else "plain"]
    await asked.close()
    await asked.close()


@pytest.mark.parametrize(
    "ending", ["no answer", "half a line", "no end of TLS", "426", "451", "550"]
)
async def test_a_listing_that_is_cut_off_is_unknown(served: Served, tls: bool, ending: str) -> None:
    """Also where the server says that it has sent all: over TLS the end has to come, too."""
    if ending == "no end of TLS" and not tls:
        pytest.skip("plain FTP has none")
    asked = client(served, tls=tls)
    await asked.connect()
    served.ending = ending
    with pytest.raises((Unreachable, Refused)):
        await walked(asked)
    with pytest.raises((Unreachable, Refused)) as error:
        await asked.lstat(b"/done/Gone")
    assert not isinstance(error.value, NotThere)
    served.ending = "whole"
    assert len(await walked(asked)) == 3
    await asked.close()


async def test_a_folder_that_may_not_be_read_is_not_an_empty_one(served: Served, tls: bool) -> None:
    """Below it is told as closed; itself it is refused, which is not that it is gone."""
    asked = client(served, tls=tls)
    served.folders[b"/done/Film"] = None
    assert await walked(asked) == [
        RemoteFile(b"/done/Film", RemoteKind.FOLDER, None, AT),
        RemoteFile(b"/done/Film", RemoteKind.CLOSED, None, None),
    ]
    served.folders[b"/done"] = None
    for question in (walked(asked), asked.lstat(b"/done/Film")):
        with pytest.raises(Refused) as error:
            await question
        assert not isinstance(error.value, NotThere)
    served.folders[b"/done/Film"] = []
    assert (await asked.stat(b"/done/Film")).kind is RemoteKind.FOLDER
    await asked.close()


async def test_one_file_is_found_in_its_folder(served: Served, tls: bool) -> None:
    asked = client(served, tls=tls)
    found = await asked.lstat(b"/done/Film/a.mkv")
    assert found == RemoteFile(b"/done/Film/a.mkv", RemoteKind.FILE, 7, AT)
    for look in (asked.lstat, asked.stat):
        with pytest.raises(NotThere):
            await look(b"/done/Film/c.mkv")
    await asked.close()


async def test_a_refused_password_is_said_and_not_repeated(served: Served, tls: bool) -> None:
    """Also where the server repeats it."""
    with pytest.raises(Unauthorized) as error:
        await client(served, tls=tls, password="not-the-one").connect()
    assert "not-the-one" not in f"{error.value} {error.value.__context__} {error.value.__cause__}"


async def test_without_tls_nothing_is_told(tmp_path: Path) -> None:
    """Neither to a server that has none, nor to one whose certificate nobody vouches for."""
    for context in (None, certificate(tmp_path)):
        with serving(context) as served:
            with pytest.raises(TlsFailed):
                await client(served, tls=True, verify=True).connect()
            assert served.secured == []


async def test_a_connection_that_was_lost_is_opened_again(served: Served, tls: bool) -> None:
    """Once: a server that hangs up each time is unreachable."""
    asked = client(served, tls=tls)
    await asked.connect()
    served.hang_up()
    assert len(await walked(asked)) == 3
    served.before = served.hang_up
    with pytest.raises(Unreachable):
        await walked(asked)
    await asked.close()


async def test_who_gives_up_waiting_leaves_no_answer_for_the_next(
    served: Served, tls: bool
) -> None:
    """The connection is one: its next question waits until the first was answered."""
    asked = client(served, tls=tls)
    await asked.connect()
    begun, go_on = threading.Event(), threading.Event()

    def before() -> None:
        begun.set()
        go_on.wait(20)

    served.before = before
    first = asyncio.create_task(asked.lstat(b"/done/Film/a.mkv"))
    assert await asyncio.to_thread(begun.wait, 20)
    first.cancel()
    second = asyncio.create_task(asked.realpath(b"."))
    await asyncio.sleep(0)
    go_on.set()
    assert await second == b"/home/lab"
    with pytest.raises(asyncio.CancelledError):
        await first
    await asked.close()


async def test_a_listing_that_never_ends_is_given_up(
    served: Served, tls: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ftp, "_LISTING", -1.0)
    asked = client(served, tls=tls)
    with pytest.raises(Unreachable):
        await walked(asked)
    await asked.close()


NAMES = st.binary(min_size=1, max_size=60).filter(lambda name: b"\r\n" not in name)


@given(st.lists(NAMES, unique=True))
def test_every_name_is_read_as_just_these_bytes(names: list[bytes]) -> None:
    """One that could name another folder makes the whole folder unknown."""
    text = b"".join(FILE + name + b"\r\n" for name in names)
    if any(b"/" in name or name in (b".", b"..") for name in names):
        with pytest.raises(Unreadable):
            entries(b"/done", text)
        return
    assert [one.path for one in entries(b"/done", text)] == [b"/done/" + name for name in names]


@pytest.mark.parametrize(
    "name", [b"a\r\nb", b"a\r\nb c", b"a\r\n", b"a\r\n; x", b"\r\ntype;size; x"]
)
def test_a_name_that_is_two_lines_makes_the_folder_unknown(name: bytes) -> None:
    with pytest.raises(Unreadable):
        entries(b"/done", FILE + name + b"\r\n")


@given(st.binary(max_size=200))
def test_whatever_is_told_is_read_or_unreadable(content: bytes) -> None:
    try:
        found = entries(b"/done", content)
    except Unreadable:
        return
    assert all(one.path.startswith(b"/done/") for one in found)


@pytest.mark.parametrize(
    ("line", "kind", "size", "mtime"),
    [
        (b"TYPE=FILE;Size=9;Modify=20260102030405.123; x", RemoteKind.FILE, 9, AT),
        (b"type=OS.unix=slink:/etc;size=4; x", RemoteKind.OTHER, None, None),
        (b"size=4; x", RemoteKind.OTHER, None, None),
        (b"type=file;size=-4;modify=yesterday; x", RemoteKind.FILE, None, None),
        (b"type=file;size=\xb2; x", RemoteKind.FILE, None, None),
        (b"type=dir;size=4; x", RemoteKind.FOLDER, None, None),
    ],
)
def test_what_is_not_told_is_not_known(
    line: bytes, kind: RemoteKind, size: int | None, mtime: int | None
) -> None:
    assert entries(b"/", line + b"\r\n") == (RemoteFile(b"/x", kind, size, mtime),)


def test_a_name_that_is_told_twice_makes_the_folder_unknown() -> None:
    """One of them would be a line that is a part of a name."""
    with pytest.raises(Unreadable):
        entries(b"/", FILE + b"x\r\n" + FOLDER + b"x\r\n")
