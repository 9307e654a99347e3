"""A server's files over FTP, or FTPS: asked from Home Assistant's event loop, answered in threads.

Only questions are asked here; files are fetched by lftp. A server has to list in the way that
programs can read (MLSD). FTP tells nobody what is a link, so nothing is ever removed over it.
Names are bytes: the control connection is spoken in a code that gives each byte back.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
import ftplib
from functools import partial
import re
import socket
import ssl
import time
from typing import Any, Final, override

from ..domain.text import say
from ..domain.transfer.remote import DEPTH, RemoteFile, RemoteKind, Space
from .errors import (
    NotThere,
    Refused,
    ServiceError,
    TimedOut,
    TlsFailed,
    Unauthorized,
    Unreachable,
    Unreadable,
    WrongProduct,
)
from .offload import whole
from .redaction import conceal, excerpt

PRODUCT: Final = "FTP"

# How long an answer may take (seconds).
_ANSWER: Final = 30.0
_FACTS: Final = "type;size;modify;"
# How long a whole listing may take (seconds), and how much of it is read at once.
_LISTING: Final = 300.0
_PART: Final = 65_536
_END: Final = b"\r\n"
_LINE_ENDS: Final = frozenset(b"\r\n\0")
# Where TLS is spoken from the first byte on; everywhere else it is asked for.
_IMPLICIT: Final = 990
_FAILURES: Final[tuple[type[Exception], ...]] = (
    ftplib.Error,
    OSError,
    EOFError,
    ValueError,
)
_KINDS: Final = {"file": RemoteKind.FILE, "dir": RemoteKind.FOLDER}
_SELVES: Final = ("cdir", "pdir")
_SIZE: Final = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class FtpLogin:
    """Where to sign in, and how. `tls`: never without; `verify`: with a certificate that counts."""

    host: str
    port: int
    username: str
    password: str = field(default="", repr=False)
    tls: bool = True
    verify: bool = True


class FtpClient:
    """One server, one user."""

    removes = False

    def __init__(self, login: FtpLogin) -> None:
        """Take where and how to sign in; nothing is connected yet."""
        conceal(login.password)
        self.login = login
        # What the server told of itself last.
        self.version = ""
        self._ftp: ftplib.FTP | None = None
        self._alone = asyncio.Lock()

    async def close(self) -> None:
        """Let go of the connection. May be called twice."""
        async with self._alone:
            await asyncio.to_thread(self._drop)

    async def connect(self) -> None:
        """Sign in, if that is not done yet."""
        await self._ask(lambda ftp: ftp.voidcmd("NOOP"))

    async def realpath(self, path: bytes) -> bytes:
        """Write a path whole; one that begins nowhere begins where a login leads to."""
        if path.startswith(b"/"):
            return path
        home = (await self._ask(ftplib.FTP.pwd)).encode("latin-1")
        return home if path == b"." else home.rstrip(b"/") + b"/" + path

    async def statvfs(self, path: bytes) -> Space | None:
        """Say that nobody knows the room: FTP does not tell."""
        return None

    async def stat(self, path: bytes) -> RemoteFile:
        """Look at a file; a folder may lie in one that can't be listed. Raises NotThere too."""
        try:
            return await self.lstat(path)
        except NotThere:
            raise
        except Refused:
            await self._list(path)
        return RemoteFile(path, RemoteKind.FOLDER, None, None)

    async def lstat(self, path: bytes) -> RemoteFile:
        """Look at a file, by what its folder lists. Raises NotThere too."""
        bare = path.rstrip(b"/")
        if not bare:
            await self._list(b"/")
            return RemoteFile(path, RemoteKind.FOLDER, None, None)
        for one in await self._list(bare.rpartition(b"/")[0] or b"/"):
            if one.path == bare:
                return RemoteFile(path, one.kind, one.size, one.mtime)
        raise NotThere(PRODUCT, 0, say("error_file_not_there"))

    async def walk(self, root: bytes, depth: int = DEPTH) -> AsyncGenerator[tuple[RemoteFile, ...]]:
        """Name everything below a folder, folder by folder.

        Raises ServiceError where it can't all be named: only what may not be read is named as such.
        """
        waiting = [(root.rstrip(b"/") or b"/", 0)]
        while waiting:
            folder, level = waiting.pop()
            if level > depth:
                raise Unreadable(PRODUCT, say("error_folder_not_told_whole"))
            try:
                found = await self._list(folder)
            except Refused:
                if not level:
                    raise
                yield (RemoteFile(folder, RemoteKind.CLOSED, None, None),)
                continue
            waiting += [(one.path, level + 1) for one in found if one.kind is RemoteKind.FOLDER]
            yield found

    # -- asking ----------------------------------------------------------------------------------

    async def _list(self, folder: bytes) -> tuple[RemoteFile, ...]:
        """List a folder, all of it. Raises Unreadable for names that FTP can't carry, Refused."""
        if not _LINE_ENDS.isdisjoint(folder):
            raise Unreadable(PRODUCT, say("error_folder_not_told_whole"))
        listing = await self._ask(lambda ftp: _listing(ftp, folder))
        return entries(folder, listing)

    async def _ask[T](self, question: Callable[[ftplib.FTP], T]) -> T:
        """Ask, once more over a new connection where one from before was lost. One at a time."""
        async with self._alone:
            asked = partial(self._asked, question, self._ftp is not None)
            return await whole(asyncio.get_running_loop().run_in_executor(None, asked))

    def _asked[T](self, question: Callable[[ftplib.FTP], T], again: bool) -> T:  # noqa: FBT001
        try:
            if self._ftp is None:
                self._ftp = _opened(self.login)
                self.version = excerpt(self._ftp.getwelcome().removeprefix("220").strip(" -"))
            return question(self._ftp)
        except ftplib.error_perm as err:
            error = failure(err)
        except _FAILURES as err:
            self._drop()
            if again:
                return self._asked(question, again=False)
            error = failure(err)
        raise error

    def _drop(self) -> None:
        if self._ftp is not None:
            self._ftp.close()
            self._ftp = None


def _listing(ftp: ftplib.FTP, folder: bytes) -> bytes:
    """Ask for a listing, and see that its very end has come. Blocks. Raises one of _FAILURES.

    Over TLS that is its own end, which nobody on the way can send; over both it is the server's
    word that all was sent, and a whole last line.
    """
    with suppress(ftplib.error_perm):  # what it tells of itself is mostly enough
        ftp.sendcmd(f"OPTS MLST {_FACTS}")
    ftp.voidcmd("TYPE A")
    received, until = bytearray(), time.monotonic() + _LISTING
    with ftp.transfercmd(f"MLSD {folder.decode('latin-1')}") as made:
        while part := made.recv(_PART):
            received += part
            if time.monotonic() > until:
                raise TimeoutError
        if isinstance(made, ssl.SSLSocket):
            with suppress(OSError):  # it has said its end, and may be gone
                made.unwrap()
    ftp.voidresp()
    if received and not received.endswith(_END):
        raise EOFError
    return bytes(received)


def entries(folder: bytes, listing: bytes) -> tuple[RemoteFile, ...]:
    """Read a listing. Raises Unreadable for one that names something twice, or nothing."""
    read = (_line(line) for line in listing.split(_END)[:-1])
    found = tuple(
        _entry(folder, name, facts)
        for facts, name in read
        if facts.get("type", "").lower() not in _SELVES
    )
    if len({one.path for one in found}) != len(found):
        raise Unreadable(PRODUCT, say("error_folder_not_told_whole"))
    return found


class _Tls(ftplib.FTP_TLS):
    """FTP over TLS whose data belong to the same session, as many servers demand."""

    implicit = False

    @override
    def connect(self, *args: Any, **kwargs: Any) -> str:
        if not self.implicit:
            return super().connect(*args, **kwargs)
        self.host, self.port, self.timeout = args[0], args[1], args[2]
        plain = socket.create_connection((self.host, self.port), self.timeout)
        self.af = plain.family
        self.sock = self.context.wrap_socket(plain, server_hostname=self.host)
        self.file = self.sock.makefile("r", encoding=self.encoding)
        self.welcome = self.getresp()
        return self.welcome

    @override
    def ntransfercmd(
        self, cmd: str, rest: int | str | None = None
    ) -> tuple[socket.socket, int | None]:
        made, size = ftplib.FTP.ntransfercmd(self, cmd, rest)  # noqa: S321  TLS is next
        if self._prot_p:  # type: ignore[attr-defined]
            session = getattr(self.sock, "session", None)
            # A listing that is cut off must not pass for a whole one.
            made = self.context.wrap_socket(
                made, server_hostname=self.host, session=session, suppress_ragged_eofs=False
            )
        return made, size


def _opened(login: FtpLogin) -> ftplib.FTP:
    """Connect and sign in: over TLS before a name or password is told. Blocks."""
    made = _made(login)
    try:
        made.connect(login.host, login.port, _ANSWER)
        if isinstance(made, _Tls) and not made.implicit:
            _secure(made)
        # Not what the class over TLS has of its own, which would secure it once more.
        ftplib.FTP.login(made, _wire(login.username), _wire(login.password))  # noqa: S321
        if isinstance(made, _Tls):
            made.prot_p()
    except BaseException:
        made.close()
        raise
    return made


def _secure(made: _Tls) -> None:
    try:
        made.auth()
    except ftplib.Error as err:
        raise ssl.SSLError("it speaks no TLS") from err


def _made(login: FtpLogin) -> ftplib.FTP:
    if not login.tls:
        return ftplib.FTP(timeout=_ANSWER, encoding="latin-1")  # noqa: S321  a person's choice
    made = _Tls(context=_context(verify=login.verify), timeout=_ANSWER, encoding="latin-1")
    made.implicit = login.port == _IMPLICIT
    return made


def _wire(text: str) -> str:
    """Write a text so that its bytes in UTF-8 are sent."""
    return text.encode("utf-8", "surrogateescape").decode("latin-1")


def _context(*, verify: bool) -> ssl.SSLContext:
    context = ssl.create_default_context()
    # Servers demand that data belong to the session of the commands: from 1.3 on a session can't
    # be taken up surely more than once.
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    if not verify:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _line(line: bytes) -> tuple[dict[str, str], bytes]:
    """Read the facts and the name of a line. Raises Unreadable: it may be a part of another one."""
    described, separator, name = line.partition(b" ")
    *facts, rest = described.decode("latin-1").split(";")
    if not separator or rest or not all("=" in one for one in facts):
        raise Unreadable(PRODUCT, say("error_answer_not_ftp"))
    parted = (one.partition("=") for one in facts)
    return {fact.lower(): value for fact, _, value in parted}, name


def _entry(folder: bytes, name: bytes, facts: Mapping[str, str]) -> RemoteFile:
    """Read one line of a listing. Raises Unreadable for one that names nothing."""
    if not name or b"/" in name or name in (b".", b".."):
        raise Unreadable(PRODUCT, say("error_folder_not_told_whole"))
    kind = _KINDS.get(facts.get("type", "").lower(), RemoteKind.OTHER)
    size = facts.get("size", "")
    size_bytes = int(size) if kind is RemoteKind.FILE and _SIZE.fullmatch(size) else None
    return RemoteFile(
        folder.rstrip(b"/") + b"/" + name, kind, size_bytes, _time(facts.get("modify", ""))
    )


def _time(text: str) -> int | None:
    try:
        at = datetime.strptime(text.partition(".")[0], "%Y%m%d%H%M%S")  # noqa: DTZ007  it is UTC
    except ValueError:
        return None
    return int(at.replace(tzinfo=UTC).timestamp())


def failure(err: Exception) -> ServiceError:
    """Say what an exception means, without what it says itself."""
    match err:
        case ftplib.Error():
            return _error_of(str(err)[:3])
        case EOFError() | ssl.SSLEOFError() | ssl.SSLZeroReturnError():
            return Unreachable(PRODUCT, say("error_connection_broke_off"))
        case ssl.SSLError():
            return _unsecured(err)
        case TimeoutError():
            return TimedOut(PRODUCT, say("error_no_answer_time"))
        case OSError():
            return Unreachable(PRODUCT, say("error_no_connection"))
    return Unreadable(PRODUCT, say("error_answer_not_ftp"))


def _unsecured(err: ssl.SSLError) -> ServiceError:
    if isinstance(err, ssl.SSLCertVerificationError):
        return TlsFailed(PRODUCT, say("error_certificate_not_trusted"))
    return TlsFailed(PRODUCT, say("error_connection_could_not_secured"))


def _error_of(code: str) -> ServiceError:
    """Say what a server's answer means, by its number."""
    match code:
        case "530":
            return Unauthorized(PRODUCT, say("error_key_login_was_refused"))
        case "500" | "501" | "502" | "504":
            return WrongProduct(PRODUCT, say("error_no_listing_for_programs"))
    if code.startswith("4"):
        return Unreachable(PRODUCT, say("error_no_connection"))
    return Refused(PRODUCT, 0, say("error_request_was_refused"))
