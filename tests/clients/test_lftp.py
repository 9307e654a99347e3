"""What lftp is told, and what of it is taken for a file."""

from pathlib import Path

from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.clients.errors import Unauthorized, Unreachable
from custom_components.showrunner.clients.fetching.order import (
    FetchOrder,
    Limits,
    Progress,
    RemoteChanged,
)
from custom_components.showrunner.clients.fetching.staging import Staging
from custom_components.showrunner.clients.lftp import (
    Address,
    Keys,
    LftpEngine,
    Protocol,
    against_address,
    parts,
)
from custom_components.showrunner.clients.lftp.engine import _meaning, _shares
from custom_components.showrunner.clients.lftp.script import can_name, quoted, script
from custom_components.showrunner.domain.transfer.tree import Version

from .fake_lftp import read_words

BOX = Address(Protocol.SFTP, "box.example", 22, "me", "secret")


@given(st.binary(max_size=300))
def test_every_name_is_read_as_just_these_bytes_or_never_told(name: bytes) -> None:
    if not can_name(name):
        with pytest.raises(ValueError, match="line"):
            quoted(name)
        return
    assert b"\n" not in quoted(name)
    assert read_words(b"get1 -c " + quoted(name) + b" -o x") == [b"get1", b"-c", name, b"-o", b"x"]


@pytest.mark.parametrize("byte", range(256))
def test_each_byte_is_quoted_or_refused(byte: int) -> None:
    name = bytes([byte])
    assert can_name(name) is (byte not in b"\0\r\n")
    if can_name(name):
        assert read_words(quoted(name)) == [name]


def test_a_script_holds_one_command_a_line_and_ends() -> None:
    """Names that look like options, commands, addresses or paths above are whole paths."""
    odd = (b"-rf", b"$(reboot)", b"; rm -rf /", b"!sh", b"ftp://evil/", b'"', b"a\\")
    files = [(b"/data/" + name, f"{number}.lftp") for number, name in enumerate(odd)]
    answer = script(BOX, rate=None, ca_file="", ssh="ssh -x", files=files)
    lines = answer.splitlines()
    gets = [read_words(line) for line in lines if line.startswith(b"get1")]
    assert gets == [[b"get1", b"-c", path, b"-o", name.encode()] for path, name in files]
    assert lines[-1] == b"exit"
    assert all(line.split()[0] in (b"set", b"open", b"user", b"get1", b"exit") for line in lines)


@pytest.mark.parametrize(
    ("protocol", "port", "opens"),
    [
        (Protocol.SFTP, 22, b"open -p 22 sftp://box.example"),
        (Protocol.FTP, 21, b"open -p 21 ftp://box.example"),
        (Protocol.FTPS, 21, b"open -p 21 ftp://box.example"),
        (Protocol.FTPS, 990, b"open -p 990 ftps://box.example"),
    ],
)
def test_it_opens_what_was_linked(protocol: Protocol, port: int, opens: bytes) -> None:
    """FTPS never goes on without TLS, and looks at the certificate unless that is switched off."""
    for verify in (True, False):
        address = Address(protocol, "box.example", port, "me", "secret", verify)
        answer = script(address, rate=None, ca_file="/ca.pem", ssh="ssh", files=())
        assert opens in answer.splitlines()
        wanted = b"yes" if protocol is Protocol.FTPS else b"no"
        assert b'set ftp:ssl-force "' + wanted + b'"' in answer
        assert b'set ssl:verify-certificate "' + (b"yes" if verify else b"no") + b'"' in answer


@pytest.mark.parametrize(
    ("protocol", "protecting"),
    [
        (Protocol.SFTP, {b"sftp:auto-confirm", b"sftp:connect-program"}),
        (Protocol.FTP, set()),
        (
            Protocol.FTPS,
            {
                *(b"ftp:ssl-allow", b"ftp:ssl-force", b"ftp:ssl-allow-anonymous"),
                *(b"ftp:ssl-protect-data", b"ftp:ssl-protect-list"),
                *(b"ssl:verify-certificate", b"ssl:check-hostname", b"ssl:ca-file"),
            },
        ),
    ],
)
def test_an_lftp_that_can_not_protect_ends_before_it_signs_in(
    protocol: Protocol, protecting: set[bytes]
) -> None:
    """One without TLS does not know these settings; any other that it lacks is no matter."""
    address = Address(protocol, "box.example", 21, "me", "secret")
    lines = script(address, rate=None, ca_file="/ca.pem", ssh="ssh", files=()).splitlines()
    ends = lines.index(b"set cmd:fail-exit yes")
    opens = next(at for at, line in enumerate(lines) if line.startswith(b"open"))
    assert {line.split()[1] for line in lines[ends + 1 : opens]} == protecting


def test_a_rate_limit_reaches_it() -> None:
    """However small: none at all is another thing."""
    assert b'set net:limit-rate "1:0"' in script(BOX, rate=0.2, ca_file="", ssh="ssh", files=())
    assert b'set net:limit-rate "0:0"' in script(BOX, rate=None, ca_file="", ssh="ssh", files=())
    answer = script(BOX, rate=125_000.4, ca_file="", ssh="ssh", files=())
    assert b'set net:limit-rate "125000:0"' in answer


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({}, None),
        ({"host": "box;reboot"}, "host"),
        ({"host": "-oProxyCommand=x"}, "host"),
        ({"host": "2001:db8::1"}, None),
        ({"username": "me $(x)"}, "username"),
        ({"username": "-l"}, "username"),
        ({"username": "me $(x)", "protocol": Protocol.FTP}, None),
        ({"username": "me\nget x", "protocol": Protocol.FTP}, "username"),
        ({"password": "a\nget x"}, "password"),
        ({"password": "a \"'\\;$(x)"}, None),
    ],
)
def test_what_can_not_be_told_safely_is_found_before(
    change: dict[str, object], field: str | None
) -> None:
    """ssh is started by a shell: hosts and names over SFTP are plain letters."""
    values = {"protocol": Protocol.SFTP, "host": "box", "port": 22, "username": "me"}
    assert against_address(Address(**{**values, **change})) == field  # type: ignore[arg-type]


async def test_a_name_with_a_line_s_end_is_told_and_nothing_runs(tmp_path: Path) -> None:
    files = {b"Film/a\nb.mkv": Version(3, 4)}

    async def look(name: bytes) -> dict[bytes, Version]:
        return files

    order = FetchOrder(b"/done", str(tmp_path), "k", b"Film", files, {})
    with pytest.raises(RemoteChanged, match="line"):
        await LftpEngine(BOX, Keys(), look).fetch(order, Limits(), Progress())
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def opened(tmp_path: Path) -> Staging:
    """Open a staging folder."""
    return Staging.open(str(tmp_path), "k")


def test_only_a_whole_file_of_its_version_is_taken(opened: Staging, tmp_path: Path) -> None:
    """What is shorter, longer, a link or of another version is none."""
    path, version = b"Film/a.mkv", Version(10, 1_700_000_000)
    own = tmp_path / ".showrunner-staging" / "k" / "parts"
    part = own / parts.name_of(path, version)
    assert not parts.finish(opened, path, version)
    for data in (b"x" * 9, b"x" * 11):
        part.write_bytes(data)
        assert not parts.finish(opened, path, version)
    assert not part.exists()
    (tmp_path / "mine").write_bytes(b"x" * 10)
    part.symlink_to(tmp_path / "mine")
    with pytest.raises(OSError, match="symbolic"):
        parts.finish(opened, path, version)
    part.unlink()
    part.write_bytes(b"x" * 10)
    assert not parts.finish(opened, path, Version(10, 5))
    assert parts.finish(opened, path, version)
    assert opened.is_finished(path, version)
    opened.close()


def test_what_is_not_known_to_be_on_the_disk_is_fetched_again(
    opened: Staging, tmp_path: Path
) -> None:
    """Also a file of full size."""
    name = parts.name_of(b"Film/a.mkv", Version(10, 4))
    part = tmp_path / ".showrunner-staging" / "k" / "parts" / name
    part.write_bytes(b"x" * 10)
    assert parts.prepare(opened, name) == 0
    part.write_bytes(b"x" * 6)
    assert parts.save(opened, name, 0) == 6
    part.write_bytes(b"x" * 10)
    assert parts.prepare(opened, name) == 6
    assert part.stat().st_size == 6
    opened.close()


def test_a_small_file_that_may_not_be_on_the_disk_is_fetched_again(
    opened: Staging, tmp_path: Path
) -> None:
    """As with the engine in process, whose staging folder it is: it is noted, or not there."""
    path, version = b"Film/a.nfo", Version(10, 1_700_000_000)
    part = tmp_path / ".showrunner-staging" / "k" / "parts" / parts.name_of(path, version)
    part.write_bytes(b"x" * 10)
    assert parts.finish(opened, path, version)
    assert opened.is_finished(path, version)
    assert not opened.is_there(path, version)
    opened.note()
    assert opened.is_there(path, version)
    # Taken once more it is written anew: a crash now must not leave the note of the other.
    part.write_bytes(b"x" * 10)
    assert parts.finish(opened, path, version)
    opened.close()
    again = Staging.open(str(tmp_path), "k")
    assert not again.is_there(path, version)
    again.close()


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=40), st.integers(1, 8))
def test_files_are_shared_out_each_once(sizes: list[int], most: int) -> None:
    left = {b"%d" % number: size for number, size in enumerate(sizes)}
    shares = _shares(left, most)
    assert sorted(path for share in shares for path in share) == sorted(left)
    assert all(shares)
    assert len(shares) == min(most, len(sizes))


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("get1: Login failed: 530 Login incorrect.", Unauthorized),
        ("Fatal error: Certificate verification: Not trusted", Unreachable),
        ("get1: Access failed: /data/x: Permission denied (550)", Unreachable),
        ("", Unreachable),
    ],
)
def test_what_it_says_is_understood_and_not_repeated(said: str, kind: type[Exception]) -> None:
    error = _meaning(f"{said} /home/secret")
    assert type(error).__mro__[0] is kind or isinstance(error, kind)
    assert "secret" not in str(error)
