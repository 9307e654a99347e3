"""A real FTP server on loopback, of Debian 12: ProFTPD, with TLS or without. It needs no root."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
import grp
import os
from pathlib import Path
import pwd
import secrets
import subprocess

from .lab import SERVERS, free_port, hashed_password, let_others_in, listening, process, program

USER = "lab"
_NOBODY = 65534


@dataclass
class Ftpd:
    """A running server. What lies in `data` is the user's own."""

    folder: Path
    port: int
    password: str

    @property
    def data(self) -> Path:
        """Where downloads lie."""
        return self.folder / "data"

    def own(self, *paths: Path) -> None:
        """Give the user what a test has made."""
        if os.geteuid() == 0:
            for path in paths:
                os.chown(path, _NOBODY, _NOBODY, follow_symlinks=False)


@asynccontextmanager
async def ftpd(folder: Path, *, tls: bool) -> AsyncGenerator[Ftpd]:
    """Run a server until the context ends."""
    port, password = free_port(), secrets.token_urlsafe(9)
    (folder / "data").mkdir(parents=True)
    uid = _NOBODY if os.geteuid() == 0 else os.geteuid()
    hashed = hashed_password(password)
    (folder / "users").write_text(
        f"{USER}:{hashed}:{uid}:{pwd.getpwuid(uid).pw_gid}::{folder}:/bin/sh\n"
    )
    (folder / "groups").write_text(f"{USER}:x:{pwd.getpwuid(uid).pw_gid}:\n")
    for one in ("users", "groups"):
        (folder / one).chmod(0o600)
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"),
            *("-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")),
        ],
        check=True,
        capture_output=True,
    )
    (folder / "key.pem").chmod(0o600)
    modules = SERVERS / "ftp" / "usr/lib/proftpd"
    secured = (
        "LoadModule mod_tls.c\nTLSEngine on\nTLSRequired on\n"
        f"TLSECCertificateFile {folder}/cert.pem\n"
        f"TLSECCertificateKeyFile {folder}/key.pem\nTLSLog {folder}/tls.log\n"
    )
    (folder / "proftpd.conf").write_text(
        "\n".join(
            (
                f"ModulePath {modules}",
                "ServerType standalone",
                f"User {pwd.getpwuid(uid).pw_name}",
                f"Group {grp.getgrgid(pwd.getpwuid(uid).pw_gid).gr_name}",
                "<IfModule mod_ctrls.c>",
                "ControlsEngine off",
                f"ControlsSocket {folder}/control",
                "</IfModule>",
                "UseIPv6 off",
                "DefaultAddress 127.0.0.1",
                f"Port {port}",
                "AuthOrder mod_auth_file.c",
                f"AuthUserFile {folder}/users",
                f"AuthGroupFile {folder}/groups",
                "RequireValidShell off",
                "UseReverseDNS off",
                "WtmpLog off",
                f"PidFile {folder}/proftpd.pid",
                f"ScoreboardFile {folder}/scoreboard",
                "DelayTable none",
                "UseEncoding off",
                f"SystemLog {folder}/proftpd.system",
                "AllowOverwrite on",
                secured if tls else "",
                "",
            )
        )
    )
    let_others_in(folder)
    if os.geteuid() == 0:
        for one in (folder, *folder.iterdir()):
            os.chown(one, uid, uid)
    command = program("ftp", "usr/sbin/proftpd")
    if os.geteuid() == 0:
        user = ("--reuid", str(uid), "--regid", str(uid), "--clear-groups")
        command = ["setpriv", *user, *command]
    async with process(
        folder, "proftpd", [*command, "-n", "-c", str(folder / "proftpd.conf")]
    ) as running:
        await listening(port, running)
        yield Ftpd(folder, port, password)
