"""An FTP server in this process, with TLS or without, that ends a listing as a test wants it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
import ipaddress
from pathlib import Path
import socket
import socketserver
import ssl
import threading

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "lab", "geheim-pässword"
# Nobody who calls is waited for longer (seconds).
_PATIENCE = 30.0


@dataclass
class Served:
    """What it lists by folder (None: it may not be read), and how."""

    port: int = 0
    folders: dict[bytes, list[bytes] | None] = field(default_factory=dict)
    # How a listing ends: `whole`; cut off in the middle: of a line, without TLS's end, with no
    # answer, or with one that says so.
    ending: str = "whole"
    # Is called before a listing is sent.
    before: Callable[[], None] = lambda: None
    secured: list[str] = field(default_factory=list)
    sessions: list[socket.socket] = field(default_factory=list)

    def hang_up(self) -> None:
        """Cut all connections."""
        for session in self.sessions:
            with suppress(OSError):
                session.shutdown(socket.SHUT_RDWR)


@contextmanager
def serving(context: ssl.SSLContext | None = None) -> Iterator[Served]:
    """Serve until the context ends."""
    served = Served()

    class Session(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.settimeout(_PATIENCE)
            served.sessions.append(self.request)
            with suppress(OSError):
                _Talk(served, self.request, context).run()

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = False  # it waits for them when it closes

    with Server(("127.0.0.1", 0), Session) as server:
        served.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield served
        finally:
            server.shutdown()
            thread.join()
            served.hang_up()


class _Talk:
    """One connection."""

    def __init__(
        self, served: Served, session: socket.socket, context: ssl.SSLContext | None
    ) -> None:
        self.served, self.session, self.context = served, session, context
        self.waiting: socket.socket | None = None
        self.told = bytearray()
        self.protected = False

    def run(self) -> None:
        self.say("220 (a server for tests)")
        while line := self.line():
            word, _, rest = line.partition(b" ")
            self.one(word.upper().decode(), rest)

    def say(self, text: str) -> None:
        self.session.sendall(f"{text}\r\n".encode())

    def line(self) -> bytes:
        while b"\r\n" not in self.told:
            part = self.session.recv(4096)
            if not part:
                return b""
            self.told += part
        line, _, rest = bytes(self.told).partition(b"\r\n")
        self.told = bytearray(rest)
        return line

    def one(self, word: str, rest: bytes) -> None:
        secure = isinstance(self.session, ssl.SSLSocket)
        match word:
            case "AUTH" if self.context is not None:
                self.say("234 go on")
                self.session = self.context.wrap_socket(self.session, server_side=True)
                self.served.sessions.append(self.session)
            case "AUTH":
                self.say("502 what is that")
            case "USER" if self.context is not None and not secure:
                self.say("530 TLS first")
            case "USER":
                self.say("331 and the password")
            case "PASS":
                self.served.secured.append("secure" if secure else "plain")
                good = rest == PASSWORD.encode()
                self.say("230 welcome" if good else f"530 {rest.decode('latin-1')} is wrong")
            case "PROT":
                self.protected = rest == b"P"
                self.say("200 ok")
            case "PASV":
                self.waiting = socket.create_server(("127.0.0.1", 0))
                port = self.waiting.getsockname()[1]
                self.say(f"227 here (127,0,0,1,{port // 256},{port % 256})")
            case "MLSD":
                self.list(rest)
            case "PWD":
                self.say('257 "/home/lab" is it')
            case _:
                self.say("200 ok")

    def list(self, folder: bytes) -> None:
        assert self.waiting is not None
        lines = self.served.folders.get(folder)
        self.served.before()
        with self.waiting:
            if lines is None:
                self.say("550 not for you")
                return
            self.say("150 it comes")
            self.waiting.settimeout(_PATIENCE)
            made, _ = self.waiting.accept()
        with made:
            if self.protected:
                assert self.context is not None
                made = self.context.wrap_socket(made, server_side=True)
            self.send(made, b"".join(line + b"\r\n" for line in lines))

    def send(self, made: socket.socket, content: bytes) -> None:
        ending = self.served.ending
        with made:
            made.sendall(content[:-5] if ending == "half a line" else content)
            if isinstance(made, ssl.SSLSocket) and ending != "no end of TLS":
                made.unwrap()
        match ending:
            case "no answer":
                self.session.shutdown(socket.SHUT_RDWR)
            case "426" | "451" | "550":
                self.say(f"{ending} broken off")
            case _:
                self.say("226 that was all")


def certificate(folder: Path) -> ssl.SSLContext:
    """Make a certificate that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context
