"""Many questions at once over a channel: what is answered, what is not, and what is no SFTP."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import asynccontextmanager
from itertools import cycle
import stat
import struct
from typing import Any, cast

import asyncssh
from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.clients import sftp_packets as packets
from custom_components.showrunner.clients.errors import (
    ServiceError,
    Unreachable,
    Unreadable,
)
from custom_components.showrunner.clients.sftp_reading import Reads
from custom_components.showrunner.clients.sftp_session import SftpSession

pytestmark = pytest.mark.usefixtures("socket_enabled")

_KEY = asyncssh.generate_private_key("ssh-ed25519")
OPEN, CLOSE, READ, FSTAT, OPENDIR, READDIR = 3, 4, 5, 8, 11, 12
STATUS, HANDLE, DATA, NAME, ATTRS = 101, 102, 103, 104, 105
HANGS_UP = b"hangs up"
STATVFS = b"statvfs@openssh.com"

type Answers = Callable[[int, bytes], bytes | None]


def uint(*values: int) -> bytes:
    return b"".join(struct.pack(">I", value) for value in values)


def text(value: bytes) -> bytes:
    return uint(len(value)) + value


def attrs(size: int, mode: int = stat.S_IFREG, mtime: int = 5) -> bytes:
    """Say all that can be said of a file, and what nobody knows."""
    return (
        uint(0x8000000F)
        + struct.pack(">Q", size)
        + uint(1000, 1000, mode, 1, mtime)
        + uint(1)
        + text(b"acl")
        + text(b"none")
    )


def status(code: int, reason: bytes = b"no") -> bytes:
    return bytes((STATUS,)) + uint(code) + text(reason) + text(b"en")


def answer(kind: int, body: bytes) -> bytes:
    return bytes((kind,)) + body


class Talk(asyncssh.SSHServerSession[bytes]):
    """A server that answers by what it is told, as OpenSSH does: one question after the other."""

    def __init__(self, answers: Answers) -> None:
        self.answers = answers
        self.asked: list[int] = []
        self._came = b""

    def connection_made(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        self._channel = chan

    def subsystem_requested(self, subsystem: str) -> bool:
        return subsystem == "sftp"

    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:
        self._came += data
        while len(self._came) >= 4:
            (length,) = struct.unpack_from(">I", self._came)
            packet, rest = self._came[4 : 4 + length], self._came[4 + length :]
            if len(packet) < length:
                return
            self._came = rest
            self._answer(packet)

    def _answer(self, packet: bytes) -> None:
        if packet[0] == 1:
            self._channel.write(uint(5) + b"\x02" + uint(3))
            return
        self.asked.append(packet[0])
        result = self.answers(packet[0], packet[5:])
        if result is HANGS_UP:
            self._channel.exit(0)
        elif result is not None:
            plain = uint(len(result) + 4) + result[:1] + packet[1:5] + result[1:]
            self._channel.write(result if result.startswith(b"raw") else plain)


@asynccontextmanager
async def talking(
    answers: Answers, heard: Callable[[], None] = lambda: None
) -> AsyncGenerator[tuple[SftpSession, Talk]]:
    """Open a channel to such a server."""
    talk = Talk(answers)

    class Login(asyncssh.SSHServer):
        def begin_auth(self, username: str) -> bool:
            return False

        def session_requested(self) -> Talk:
            return talk

    listener = await asyncssh.listen(
        "127.0.0.1", 0, server_factory=Login, server_host_keys=[_KEY], encoding=None, config=[]
    )
    ssh = await asyncssh.connect(
        "127.0.0.1", listener.get_port(), config=[], known_hosts=None, username="anna"
    )
    try:
        yield await SftpSession.open(ssh, heard), talk
    finally:
        ssh.abort()
        listener.close()
        await listener.wait_closed()


async def all_of(reads: Reads) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    while result := await reads.next():
        found |= {path: one.data for path, one in result.items()}
    return found


def files(contents: dict[bytes, bytes]) -> Answers:
    """Serve files by their names, each with its name as its handle."""

    def tell(kind: int, body: bytes) -> bytes | None:
        (length,) = struct.unpack_from(">I", body)
        name = body[4 : 4 + length]
        if kind == CLOSE:
            return status(0)
        if name not in contents:
            return status(2)
        if kind == OPEN:
            return answer(HANDLE, text(name))
        if kind == FSTAT:
            return answer(ATTRS, attrs(len(contents[name])))
        return answer(DATA, text(contents[name])) if contents[name] else status(1)

    return tell


async def test_files_are_read_and_what_is_not_there_is_left_out() -> None:
    heard: list[int] = []
    wanted = {b"%d" % number: bytes([number]) * number for number in range(200)}
    async with talking(files(wanted), lambda: heard.append(1)) as (channel, talk):
        reads = channel.read_files({**dict.fromkeys(wanted, 300), b"gone": 9})
        assert await all_of(reads) == wanted
        assert heard
        one = channel.read_files({b"7": 300})
        result = (await one.next())[b"7"]
        assert (result.before.size, result.before.mtime) == (7, 5)
        assert result.after.type == asyncssh.FILEXFER_TYPE_REGULAR
        assert await one.next() == {}
        await asyncio.wait_for(_closed(talk, 201), 10)
        channel.close()
        assert channel.is_lost


async def test_a_file_is_opened_looked_at_and_read_where_it_is_asked_for() -> None:
    plain = files({b"a": b"xyz", b"": b""})
    async with talking(plain) as (channel, talk):
        one = await channel.open_file(b"a")
        assert (await one.stat()).size == 3
        assert await one.read(9, 5) == b"xyz"
        assert await (await channel.open_file(b"")).read(9, 0) == b""
        await one.close()
        await asyncio.wait_for(_closed(talk, 1), 10)
        with pytest.raises(asyncssh.SFTPNoSuchFile):
            await channel.open_file(b"gone")
        asked = channel.open_file(b"a")
        channel.close()
        with pytest.raises(Unreachable):
            await asked


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (status(3), asyncssh.SFTPPermissionDenied),
        (status(4), asyncssh.SFTPError),
        (status(5), asyncssh.SFTPBadMessage),
        (status(6), asyncssh.SFTPNoConnection),
        (status(7), asyncssh.SFTPConnectionLost),
        (answer(HANDLE, text(b"x")), ValueError),
    ],
)
async def test_what_is_not_answered_of_an_open_file_is_said(
    content: bytes, error: type[Exception]
) -> None:
    plain = files({b"a": b"xyz"})

    def tell(kind: int, body: bytes) -> bytes | None:
        return content if kind in (READ, FSTAT) else plain(kind, body)

    async with talking(tell) as (channel, _):
        one = await channel.open_file(b"a")
        with pytest.raises(error):
            await one.read(9, 0)
        with pytest.raises(error):
            await one.stat()


@given(
    st.lists(st.integers(0, 60), min_size=1, max_size=8),
    st.lists(st.integers(1, 50), min_size=1, max_size=20),
)
def test_what_is_read_is_the_same_wherever_it_is_cut_on_its_way(
    sizes: list[int], cuts: list[int]
) -> None:
    """The bytes of a file are put together once they are all there; what is beside them is not."""
    contents = {b"%d" % number: bytes(range(size)) for number, size in enumerate(sizes)}
    plain = files(contents)

    async def run() -> dict[bytes, bytes]:
        channel = await alone(plain, cuts=cuts)
        opened = {name: await channel.open_file(name) for name in contents}
        async with asyncio.timeout(20):
            found = await asyncio.gather(*(one.read(99, 0) for one in opened.values()))
            assert [(await one.stat()).size for one in opened.values()] == sizes
        return dict(zip(opened, found, strict=True))

    assert asyncio.run(run()) == contents


@pytest.mark.parametrize("cut", [13, 20, 99])
@pytest.mark.parametrize("content", [uint(7) + b"x" * 8, uint(9) + b"x" * 8, b"x"])
async def test_bytes_that_are_not_as_many_as_they_should_be_are_none(
    content: bytes, cut: int
) -> None:
    plain = files({b"a": b"xyz"})

    def tell(kind: int, body: bytes) -> bytes | None:
        return answer(DATA, content) if kind == READ else plain(kind, body)

    channel = await alone(tell, cuts=[cut])
    one = await channel.open_file(b"a")
    with pytest.raises(Unreadable):
        async with asyncio.timeout(20):
            await one.read(9, 0)
    assert channel.is_lost


async def _closed(talk: Talk, count: int) -> None:
    while talk.asked.count(CLOSE) < count:
        await asyncio.sleep(0.01)


async def test_who_waits_no_more_has_nothing_read() -> None:
    async with talking(files({b"a": b"x"})) as (channel, talk):
        reads = channel.read_files({b"a": 2})
        reads.close()
        await asyncio.wait_for(_closed(talk, 1), 10)
        assert talk.asked == [OPEN, CLOSE]


@pytest.mark.parametrize(
    ("to", "content"),
    [
        (FSTAT, status(4)),
        (READ, status(4)),
        (READ, answer(HANDLE, text(b"x"))),
        (READ, answer(DATA, text(b"xyz"))),  # more than was asked for
        (FSTAT, answer(DATA, text(b"x"))),
        (OPEN, answer(DATA, text(b"x"))),
    ],
)
async def test_what_is_not_answered_plainly_is_left_out(to: int, content: bytes) -> None:
    plain = files({b"a": b"x"})
    async with talking(lambda kind, body: content if kind == to else plain(kind, body)) as (one, _):
        assert await all_of(one.read_files({b"a": 2})) == {}


@pytest.mark.parametrize(
    "content",
    [
        b"raw!",
        b"raw" + bytes(100),
        answer(HANDLE, b"\0"),
        answer(HANDLE, text(b"x" * 257)),
        answer(HANDLE, uint(99) + b"short"),
    ],
)
async def test_what_is_no_sftp_ends_it(content: bytes) -> None:
    async with talking(lambda *_: content) as (channel, _):
        with pytest.raises(Unreadable):
            await all_of(channel.read_files({b"a": 2}))
        assert channel.is_lost
        with pytest.raises(Unreadable):
            await all_of(channel.read_files({b"a": 2}))


async def test_an_answer_that_nobody_asked_for_ends_it() -> None:
    number = uint(5) + bytes((STATUS,)) + uint(77_777)

    def tell(kind: int, _: bytes) -> bytes | None:
        return b"raw" if kind == OPEN else None

    async with talking(tell) as (channel, _):
        reads = channel.read_files({b"a": 2})
        channel.data_received(number, None)
        channel.data_received(b"for people", asyncssh.EXTENDED_DATA_STDERR)
        with pytest.raises(Unreadable):
            await all_of(reads)


async def test_what_came_before_it_was_lost_is_given() -> None:
    plain = files({b"a": b"x", b"b": b"y"})

    def tell(kind: int, body: bytes) -> bytes | None:
        return HANGS_UP if (kind, body[4:5]) == (READ, b"b") else plain(kind, body)

    async with talking(tell) as (channel, _):
        reads = channel.read_files({b"a": 2, b"b": 2})
        assert {path: one.data for path, one in (await reads.next()).items()} == {b"a": b"x"}
        with pytest.raises(Unreachable):
            await reads.next()


def folder(parts: Iterable[bytes]) -> Answers:
    """Serve the parts of a folder, one after the other."""
    left = iter(parts)

    def tell(kind: int, _: bytes) -> bytes | None:
        if kind == OPENDIR:
            return answer(HANDLE, text(b"h"))
        return next(left, status(1)) if kind == READDIR else status(0)

    return tell


def part(*names: bytes) -> bytes:
    lines = (text(name) + text(b"line") + attrs(3, stat.S_IFDIR) for name in names)
    return answer(NAME, uint(len(names)) + b"".join(lines))


async def names(channel: SftpSession, *, in_order: bool = True) -> list[Any]:
    listed = channel.names(b"/d", in_order=in_order)
    return [entry.filename async for some in listed for entry in some]


async def test_names_come_in_their_order_and_several_parts_are_asked_for_at_once() -> None:
    parts = [part(b"%d" % number, b"%d" % (number + 1)) for number in range(0, 60, 2)]
    async with talking(folder(parts)) as (channel, talk):
        assert await names(channel) == [b"%d" % number for number in range(60)]
        await asyncio.wait_for(_closed(talk, 1), 10)
        # More were asked for than there were: as many as were under way at the end.
        assert 31 < talk.asked.count(READDIR) <= 30 + 48
    async with talking(folder(parts)) as (channel, talk):
        assert await names(channel, in_order=False) == [b"%d" % number for number in range(60)]
        assert talk.asked.count(READDIR) == 31
    async with talking(folder([part(b"a")])) as (channel, _):
        [[entry]] = [some async for some in channel.names(b"/d")]
        assert entry.attrs.type == asyncssh.FILEXFER_TYPE_DIRECTORY
        assert entry.longname == b"line"


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (status(2), asyncssh.SFTPNoSuchFile),
        (status(3), asyncssh.SFTPPermissionDenied),
        (status(10), asyncssh.SFTPNoSuchPath),
        (status(12), asyncssh.SFTPWriteProtect),
        (status(4), asyncssh.SFTPError),
        (bytes((STATUS,)) + uint(4), asyncssh.SFTPError),
        (answer(DATA, text(b"x")), ValueError),
        (bytes((STATUS,)), ValueError),
    ],
)
async def test_a_folder_that_is_refused_is_said(content: bytes, error: type[Exception]) -> None:
    for answers in (lambda *_: content, folder([part(b"a"), content])):
        async with talking(answers) as (channel, _):
            with pytest.raises(error):
                await names(channel)


async def test_a_large_folder_is_named_in_a_few_ways_there_and_back() -> None:
    """Each way brings all that was asked for since the last one."""
    ways: list[int] = []
    channel = await alone(folder([part(b"%d" % number) for number in range(50)]), ways=ways)
    assert len(await names(channel)) == 50
    # Its beginning, to open it, then for 2, 10 and 48 of its parts, and to close it.
    assert len(ways) <= 6


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (status(2), asyncssh.SFTPNoSuchFile),
        (status(0), asyncssh.SFTPError),
        (status(1), asyncssh.SFTPEOFError),
        (status(8), asyncssh.SFTPOpUnsupported),
        (answer(DATA, text(b"x")), ValueError),
        (bytes((ATTRS,)) + uint(1), ValueError),
        (part(), ValueError),
        (part(b"a", b"b"), ValueError),
    ],
)
async def test_what_is_no_answer_to_a_look_is_none(content: bytes, error: type[Exception]) -> None:
    async with talking(lambda *_: content) as (channel, _):
        for question in (channel.stat, channel.lstat, channel.realpath):
            with pytest.raises(error):
                await question(b"/a")


@pytest.mark.parametrize("content", [status(4), status(1), answer(HANDLE, text(b"x"))])
async def test_a_change_is_done_when_the_server_says_so(content: bytes) -> None:
    async with talking(lambda *_: status(0)) as (channel, talk):
        await channel.remove(b"/a")
        await channel.rmdir(b"/a")
        await channel.rename(b"/a", b"/b")
        assert talk.asked == [13, 15, 18]
    async with talking(lambda *_: content) as (channel, _):
        for change in (channel.remove(b"/a"), channel.rmdir(b"/a"), channel.rename(b"/a", b"/b")):
            with pytest.raises((asyncssh.SFTPError, ValueError)):
                await change


async def test_the_room_is_asked_for_where_the_server_knows_of_it() -> None:
    numbers = struct.pack(">11Q", 1, 4096, 900, 90, 80, *range(6))
    told = [answer(201, numbers), answer(201, numbers[:-1]), status(8), answer(ATTRS, attrs(1))]

    async with talking(lambda *_: told.pop(0)) as (channel, talk):
        with pytest.raises(asyncssh.SFTPOpUnsupported):
            await channel.statvfs(b"/")
        assert not talk.asked
        channel.extensions = packets.extensions(
            text(b"a@b") + text(b"1") + text(STATVFS) + text(b"2")
        )
        room = await channel.statvfs(b"/")
        assert (room.bsize, room.frsize, room.blocks, room.bavail) == (1, 4096, 900, 80)
        for error in (ValueError, asyncssh.SFTPOpUnsupported, ValueError):
            with pytest.raises(error):
                await channel.statvfs(b"/")


async def test_what_a_server_can_do_is_heard_at_its_beginning() -> None:
    channel = await alone(folder(()), more=text(STATVFS) + text(b"2"))
    assert channel.extensions == {STATVFS}
    with pytest.raises(ValueError, match="no SFTP"):
        await alone(folder(()), more=text(STATVFS) + uint(2))


async def test_a_file_that_nobody_waits_for_any_more_is_closed() -> None:
    """As soon as it is known that it is open; else a server has too many of them in the end."""
    async with talking(files({b"a": b"xyz"})) as (channel, talk):
        asked = asyncio.ensure_future(channel.open_file(b"a"))
        await asyncio.sleep(0)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        await asyncio.wait_for(_closed(talk, 1), 10)
        assert talk.asked == [OPEN, CLOSE]


async def test_a_folder_that_is_lost_in_the_middle_is_never_taken_for_whole() -> None:
    async with talking(folder([part(b"a"), HANGS_UP])) as (channel, _):
        with pytest.raises(Unreachable):
            await names(channel)


@pytest.mark.parametrize("whole", [part(b"a", b"b"), answer(HANDLE, text(b"h"))])
async def test_an_answer_that_is_cut_off_anywhere_is_none(whole: bytes) -> None:
    """Of a folder's names none are taken, and what is said is what `failure` knows."""
    to = OPENDIR if whole[0] == HANDLE else READDIR
    for end in range(1, len(whole)):
        plain = folder([whole])

        def tell(kind: int, body: bytes, end: int = end, plain: Answers = plain) -> bytes | None:
            return whole[:end] if kind == to else plain(kind, body)

        channel = await alone(tell)
        with pytest.raises(ValueError, match=r"cut off|string"):
            await names(channel)


def test_attributes_that_end_with_their_owner_are_not_cut_off_in_it() -> None:
    with pytest.raises(ValueError, match="cut off"):
        packets.attrs(uint(0x2, 1000), 0)
    assert packets.attrs(uint(0x2, 1000, 1000), 0)[1] == 12


def test_attributes_of_which_some_are_not_known_are_not_read() -> None:
    """Nobody knows where they stand, and so not what the others are."""
    for bit in (0x10, 0x40, 0x40000000):
        with pytest.raises(ValueError, match="attributes"):
            packets.attrs(uint(0x4 | bit, 0o100644, 7), 0)
    # Some servers set a later version's mark of a time, and mean nothing by it.
    told, end = packets.attrs(uint(0x28, 6, 7), 0)
    assert (told.mtime, end) == (7, 12)


async def test_the_version_is_said_as_soon_as_there_is_a_channel() -> None:
    """Nobody waits for an answer first: each is a way there and back more."""
    written: list[bytes] = []

    class There:
        def write(self, data: bytes) -> None:
            written.append(data)

    channel = SftpSession()
    channel.connection_made(cast("asyncssh.SSHClientChannel[bytes]", There()))
    assert not written  # first it is asked for SFTP
    await asyncio.sleep(0)
    assert written == [text(b"\x01" + uint(3))]


async def test_a_server_of_another_version_is_not_believed() -> None:
    with pytest.raises(ValueError, match="no SFTP"):
        await alone(folder(()), version=2)


async def alone(
    answers: Answers,
    version: int = 3,
    cuts: Iterable[int] = (),
    more: bytes = b"",
    ways: list[int] | None = None,
) -> SftpSession:
    """Open a channel where no network is: what is written is answered in a moment, in pieces."""
    lengths = cycle(cuts)
    channel = SftpSession(lambda: None)
    talk = Talk(answers)

    result = bytearray()

    class Back:
        def write(self, data: bytes) -> None:
            result.extend(data.replace(uint(5) + b"\x02" + uint(3), hello))

    def ask(data: bytes) -> None:
        """What is asked together is answered together."""
        if ways is not None:
            ways.append(len(data))
        talk.data_received(data, None)
        while result:
            piece = bytes(result[: next(lengths, len(result))])
            del result[: len(piece)]
            channel.data_received(piece, None)

    class There:
        def write(self, data: bytes) -> None:
            asyncio.get_running_loop().call_soon(ask, data)

    hello = text(b"\x02" + uint(version) + more)
    talk.connection_made(cast("asyncssh.SSHServerChannel[bytes]", Back()))
    channel.connection_made(cast("asyncssh.SSHClientChannel[bytes]", There()))
    await channel.start()
    return channel


async def test_a_server_without_sftp_is_said() -> None:
    class Login(asyncssh.SSHServer):
        def begin_auth(self, username: str) -> bool:
            return False

    listener = await asyncssh.listen(
        "127.0.0.1", 0, server_factory=Login, server_host_keys=[_KEY], config=[]
    )
    ssh = await asyncssh.connect(
        "127.0.0.1", listener.get_port(), config=[], known_hosts=None, username="anna"
    )
    try:
        with pytest.raises(ServiceError):
            await SftpSession.open(ssh)
    finally:
        ssh.abort()
        listener.close()
        await listener.wait_closed()
