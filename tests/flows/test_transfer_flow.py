"""The subentry flow of a transfer: its host key, its login and its two folders are tried first."""

from collections.abc import AsyncGenerator, Mapping
import json
from pathlib import Path
from typing import Any

import asyncssh
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.showrunner.clients.errors import NotThere, Unauthorized
from custom_components.showrunner.clients.fetching.fetcher import InProcess
from custom_components.showrunner.clients.fetching.folder import marked
from custom_components.showrunner.clients.ftp import FtpClient
from custom_components.showrunner.clients.lftp import LftpEngine, process
from custom_components.showrunner.domain.transfer.names import STAGING
from custom_components.showrunner.domain.transfer.remote import RemoteFile, RemoteKind
from custom_components.showrunner.domain.transfer.tree import Version
from custom_components.showrunner.flows.common import InvalidLogin
from custom_components.showrunner.services.transfer import flow, login
from custom_components.showrunner.services.transfer.login import read_host, with_login
from tests.clients.sftp_server import PASSWORD, USER, Served, serving, text_of

from .conftest import add_entry, subentry, suggested
from .steps import only, send, start

KIND = "transfer"


@pytest.fixture
async def served(socket_enabled: None, tmp_path: Path) -> AsyncGenerator[Served]:
    """Run a server with finished downloads."""
    folder = tmp_path / "box"
    (folder / "downloads" / "done").mkdir(parents=True)
    async with serving(folder) as made:
        yield made


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Give a folder where downloads are to go."""
    made = tmp_path / "home"
    made.mkdir()
    return made


def typed(served: Served, home: Path, **other: Any) -> dict[str, Any]:
    """Fill the form in."""
    given = {
        "host": "LocalHost.",
        "port": float(served.port),
        "username": USER,
        "password": PASSWORD,
        "remote_path": "/downloads/done/",
        "local_path": str(home),
        **other,
    }
    return {key: value for key, value in given.items() if value is not None}


def linked(served: Served, home: Path, **other: Any) -> dict[str, Any]:
    """Give a subentry as it is kept."""
    data = {
        "host": "127.0.0.1",
        "port": served.port,
        "username": USER,
        "password": PASSWORD,
        "host_key": served.host_key,
        "remote_path": "/downloads/done",
        "local_path": str(home),
        **other,
    }
    data = {key: value for key, value in data.items() if value is not None}
    unique_id = f"transfer:{USER}@127.0.0.1:{served.port}/downloads/done"
    return subentry(KIND, unique_id, "Box", data, "box")


async def confirmed(hass: HomeAssistant, entry: MockConfigEntry, data: dict[str, Any]) -> Any:
    """Send the form, and say that the host key is right."""
    result = await send(hass, await start(hass, entry, KIND), data)
    assert result["step_id"] == "host_key"
    return await send(hass, result, {})


async def test_a_transfer_is_linked_once_its_host_key_is_confirmed(
    hass: HomeAssistant, served: Served, home: Path
) -> None:
    """Nothing is told to the server before; what is kept is written in one way."""
    entry = add_entry(hass)
    result = await send(hass, await start(hass, entry, KIND), typed(served, home))
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "host_key")
    fingerprint = asyncssh.import_public_key(served.host_key).get_fingerprint()
    assert result["description_placeholders"]["shown"] == fingerprint
    assert all(one.get_extra_info("username") is None for one in served.connections)
    result = await send(hass, result, {})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    made = only(entry)
    assert made.title == "localhost"
    assert made.unique_id == f"transfer:{USER}@localhost:{served.port}/downloads/done"
    assert dict(made.data) == {
        "host": "localhost",
        "port": served.port,
        "username": USER,
        "password": PASSWORD,
        "host_key": served.host_key,
        "remote_path": "/downloads/done",
        "local_path": str(home),
        "folder_mark": marked(str(home)),
    }
    assert [one.name for one in home.iterdir()] == [STAGING]
    again = await confirmed(hass, entry, typed(served, home, host="127.0.0.1"))
    assert (again["type"], again["reason"]) == (FlowResultType.ABORT, "already_configured")


async def test_a_private_key_with_its_passphrase(
    hass: HomeAssistant, socket_enabled: None, tmp_path: Path, home: Path
) -> None:
    """Pasted from Windows, too; it is kept whole and never shown again."""
    key = asyncssh.generate_private_key("ssh-ed25519")
    text = key.export_private_key("pkcs8-pem", "open").decode()
    (tmp_path / "box").mkdir()
    async with serving(tmp_path / "box", client_key=key) as served:
        entry = add_entry(hass)
        keyed = {"password": None, "private_key": text.replace("\n", "\r\n"), "remote_path": "/"}
        data = typed(served, home, **keyed, passphrase="shut")
        result = await send(hass, await start(hass, entry, KIND), data)
        assert (result["step_id"], result["errors"]) == ("user", {"base": "invalid_auth"})
        assert "passphrase" in result["description_placeholders"]["detail"]
        assert "private_key" not in suggested(result)
        assert text.split("\n")[1] not in json.dumps(result, default=str)
        # What was typed need not be typed again.
        result = await send(
            hass, result, typed(served, home, password=None, passphrase="open", remote_path="/")
        )
        result = await send(hass, result, {})
        assert result["type"] is FlowResultType.CREATE_ENTRY
        kept = only(entry).data
        assert (kept["private_key"], kept["passphrase"]) == (text, "open")
        assert "password" not in kept


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"host": "http://box"}, {"host": "invalid_host"}),
        ({"host": "box:22"}, {"host": "invalid_host"}),
        ({"host": "me@box"}, {"host": "invalid_host"}),
        ({"host": "a b"}, {"host": "invalid_host"}),
        ({"host": "x" * 80}, {"host": "invalid_host"}),
        ({"password": None}, {"password": "password_missing"}),
        ({"private_key": "x"}, {"private_key": "password_or_private_key"}),
        ({"passphrase": "x"}, {"private_key": "password_or_private_key"}),
        ({"password": None, "passphrase": "x"}, {"private_key": "private_key_missing"}),
        ({"port": 1.0}, {"base": "cannot_connect"}),
    ],
)
async def test_what_is_wrong_before_anybody_is_asked(
    hass: HomeAssistant, served: Served, home: Path, wrong: dict[str, Any], error: dict[str, str]
) -> None:
    """It is said at its field, and what was typed stays."""
    data = typed(served, home, **wrong)
    result = await send(hass, await start(hass, add_entry(hass), KIND), data)
    assert (result["type"], result["errors"]) == (FlowResultType.FORM, error)
    shown = suggested(result)
    assert all(shown[key] == data[key] for key in ("host", "username", "remote_path"))


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"password": "no"}, {"base": "invalid_auth"}),
        ({"username": "eve"}, {"base": "invalid_auth"}),
        ({"remote_path": "/nowhere"}, {"remote_path": "remote_missing"}),
        ({"remote_path": "/downloads/../downloads"}, {"remote_path": "remote_missing"}),
        ({"remote_path": "/downloads/file"}, {"remote_path": "remote_missing"}),
        ({"remote_path": "/downloads/\x00"}, {"remote_path": "remote_missing"}),
        ({"remote_path": "/closed"}, {"remote_path": "remote_not_readable"}),
        ({"local_path": "home"}, {"local_path": "folder_not_whole"}),
        ({"local_path": "/nowhere/at/all"}, {"local_path": "folder_missing"}),
        ({"local_path": "/a\x00b"}, {"local_path": "folder_missing"}),
        ({"local_path": __file__}, {"local_path": "folder_missing"}),
        ({"local_path": "/proc/self/task"}, {"local_path": "folder_not_writable"}),
    ],
)
async def test_what_is_wrong_with_the_login_or_a_folder(
    hass: HomeAssistant, served: Served, home: Path, wrong: dict[str, Any], error: dict[str, str]
) -> None:
    """Tried with the confirmed server; mended, it is linked without another question."""
    (served.folder / "downloads" / "file").write_text("x")
    (served.folder / "closed").mkdir()
    served.unkind.refuses[b"/closed"] = asyncssh.SFTPPermissionDenied("no")
    entry = add_entry(hass)
    result = await confirmed(hass, entry, typed(served, home, **wrong))
    assert (result["type"], result["errors"]) == (FlowResultType.FORM, error)
    assert list(home.iterdir()) == []
    result = await send(hass, result, typed(served, home))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert [one.name for one in home.iterdir()] == [STAGING]


async def test_home_assistants_own_folder_is_no_place_for_films(
    hass: HomeAssistant, served: Served
) -> None:
    """Nor anything in it, but a folder for media."""
    entry = add_entry(hass)
    config = Path(hass.config.config_dir)
    (config / "deep").mkdir()
    (config / "media").mkdir()
    hass.config.media_dirs = {"local": str(config / "media")}
    (config / "link").symlink_to(config / "deep")
    for wrong in (config, config / "deep", config / "link", config / "media" / ".."):
        result = await confirmed(hass, entry, typed(served, wrong))
        assert result["errors"] == {"local_path": "folder_of_home_assistant"}, wrong
    result = await confirmed(hass, entry, typed(served, config / "media"))
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    ("chroot", "remote", "local"),
    [
        (True, "/downloads/done", "box/downloads/done"),
        (True, "/downloads/link", "box/downloads/done"),
        (False, "{root}/box/downloads", "box/downloads/done"),
        (False, "{root}/box/downloads/done", "box/downloads"),
        (False, "{root}/link/done", "box/downloads"),
        (False, "{root}/box/downloads", "link/done"),
    ],
)
async def test_a_folder_is_not_fetched_into_itself(
    hass: HomeAssistant, socket_enabled: None, tmp_path: Path, chroot: bool, remote: str, local: str
) -> None:
    """Whatever both are called: the server may be this machine."""
    (tmp_path / "box" / "downloads" / "done").mkdir(parents=True)
    (tmp_path / "box" / "downloads" / "link").symlink_to("done")
    (tmp_path / "link").symlink_to("box/downloads")
    async with serving(tmp_path / "box", chroot=chroot) as served:
        wrong = typed(served, tmp_path / local, remote_path=remote.format(root=tmp_path))
        result = await confirmed(hass, add_entry(hass), wrong)
    assert result["errors"] == {"local_path": "same_folder"}
    assert sorted(one.name for one in (tmp_path / "box" / "downloads").iterdir()) == [
        "done",
        "link",
    ]


@pytest.mark.parametrize("written", ["downloads/done", "~/downloads/done", "./downloads/done/"])
async def test_a_folder_may_be_written_from_where_the_login_leads_to(
    hass: HomeAssistant, served: Served, home: Path, written: str
) -> None:
    """What is kept is its whole path."""
    entry = add_entry(hass)
    result = await confirmed(hass, entry, typed(served, home, remote_path=written))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert only(entry).data["remote_path"] == "/downloads/done"


@pytest.mark.parametrize("name", ["{x}", "<b>x", "**`x`**", "$(touch x)", "-rf", "日本 🎬"])
async def test_hostile_names_are_names(
    hass: HomeAssistant, served: Served, home: Path, name: str
) -> None:
    """Of both folders."""
    (served.folder / name).mkdir()
    (home / name).mkdir()
    entry = add_entry(hass)
    data = typed(served, home / name, remote_path=f"/{name}")
    assert (await confirmed(hass, entry, data))["type"] is FlowResultType.CREATE_ENTRY
    assert only(entry).data["remote_path"] == f"/{name}"


# -- changing -------------------------------------------------------------------------------------


async def test_reconfiguring_keeps_what_is_left_empty(
    hass: HomeAssistant, served: Served, home: Path
) -> None:
    """The password and the confirmed host key; no secret is shown."""
    entry = add_entry(hass, linked(served, home))
    form = await start(hass, entry, KIND, "box")
    assert not {"password", "private_key", "passphrase"} & suggested(form).keys()
    assert suggested(form)["remote_path"] == "/downloads/done"
    same = typed(served, home, host="127.0.0.1", password=None, remote_path="/downloads")
    result = await send(hass, form, same)
    assert result["reason"] == "reconfigure_successful"
    kept = only(entry)
    assert kept.data["password"] == PASSWORD
    assert kept.data["host_key"] == served.host_key
    assert kept.data["remote_path"] == "/downloads"
    assert kept.unique_id == f"transfer:{USER}@127.0.0.1:{served.port}/downloads"


@pytest.mark.parametrize(
    ("written", "kept"),
    [(" /downloads/incoming/ ", "/downloads/incoming"), (r"D:\in\\", r"D:\in"), ("  ", None)],
)
async def test_arrs_may_see_the_folder_elsewhere(
    hass: HomeAssistant, served: Served, home: Path, written: str, kept: str | None
) -> None:
    """It is kept as they write paths, and gone once it is emptied."""
    entry = add_entry(hass, linked(served, home, import_path="/old"))
    form = await start(hass, entry, KIND, "box")
    assert suggested(form)["import_path"] == "/old"
    same = typed(served, home, host="127.0.0.1", password=None)
    result = await send(hass, form, {**same, "import_path": "downloads"})
    assert result["errors"] == {"import_path": "import_path_not_whole"}
    result = await send(hass, result, {**same, "import_path": written})
    assert result["reason"] == "reconfigure_successful"
    assert only(entry).data.get("import_path") == kept
    form = await start(hass, entry, KIND, "box")
    await send(hass, form, same)
    assert "import_path" not in only(entry).data


async def test_reconfiguring_takes_the_folder_that_is_there(
    hass: HomeAssistant, served: Served, home: Path, tmp_path: Path
) -> None:
    """Somebody has moved the disk, or taken another one: with or without another path."""
    entry = add_entry(hass, linked(served, home, folder_mark="0" * 32))
    same = typed(served, home, host="127.0.0.1", password=None)
    await send(hass, await start(hass, entry, KIND, "box"), same)
    assert only(entry).data["folder_mark"] == marked(str(home)) != "0" * 32
    moved = home.rename(tmp_path / "moved")
    there = typed(served, moved, host="127.0.0.1", password=None)
    await send(hass, await start(hass, entry, KIND, "box"), there)
    assert only(entry).data["folder_mark"] == marked(str(moved))
    assert only(entry).data["local_path"] == str(moved)


async def test_another_server_has_to_be_confirmed_anew(
    hass: HomeAssistant, served: Served, home: Path, tmp_path: Path
) -> None:
    """At another port; a password is none of another name's."""
    entry = add_entry(hass, linked(served, home))
    form = await start(hass, entry, KIND, "box")
    other_name = typed(served, home, host="127.0.0.1", username="eve", password=None)
    result = await send(hass, form, other_name)
    assert result["errors"] == {"password": "password_missing"}
    async with serving(served.folder) as other:
        result = await send(hass, result, typed(other, home, host="127.0.0.1", password=PASSWORD))
        assert result["step_id"] == "host_key"
        result = await send(hass, result, {})
        assert result["reason"] == "reconfigure_successful"
        assert only(entry).data["host_key"] == other.host_key


async def test_a_changed_host_key_is_shown_beside_the_old_one(
    hass: HomeAssistant, served: Served, home: Path
) -> None:
    """And counts when the person says so."""
    old = asyncssh.generate_private_key("ssh-ed25519")
    entry = add_entry(hass, linked(served, home, host_key=text_of(old)))
    form = await start(hass, entry, KIND, "box")
    result = await send(hass, form, typed(served, home, host="127.0.0.1", password=None))
    assert result["step_id"] == "host_key_changed"
    answer = result["description_placeholders"]
    assert answer["pinned"] == old.get_fingerprint()
    assert answer["shown"] == asyncssh.import_public_key(served.host_key).get_fingerprint()
    assert only(entry).data["host_key"] == text_of(old)
    result = await send(hass, result, {})
    assert result["reason"] == "reconfigure_successful"
    assert only(entry).data["host_key"] == served.host_key


async def test_a_password_takes_a_keys_place(
    hass: HomeAssistant, served: Served, home: Path
) -> None:
    """There is one way to sign in at a time."""
    before = linked(served, home, password=None, private_key="old", passphrase="open")
    entry = add_entry(hass, before)
    form = await start(hass, entry, KIND, "box")
    await send(hass, form, typed(served, home, host="127.0.0.1"))
    kept = only(entry).data
    assert kept["password"] == PASSWORD
    assert not {"private_key", "passphrase"} & kept.keys()


async def test_signing_in_again(hass: HomeAssistant, served: Served, home: Path) -> None:
    """A wrong one is said; the right one is taken over; another server gets none."""
    entry = add_entry(hass, linked(served, home, password="old"))
    flows = hass.config_entries.flow
    form = await entry.start_reauth_flow(hass, data={"subentry_id": "box"})
    assert form["step_id"] == "reauth_service"
    result = await flows.async_configure(form["flow_id"], {"password": "no"})
    assert result["errors"] == {"base": "invalid_auth"}
    result = await flows.async_configure(form["flow_id"], {"password": PASSWORD})
    assert result["reason"] == "reauth_successful"
    assert only(entry).data["password"] == PASSWORD
    stranger = text_of(asyncssh.generate_private_key("ssh-ed25519"))
    hass.config_entries.async_update_subentry(
        entry, only(entry), data={**only(entry).data, "host_key": stranger}
    )
    form = await entry.start_reauth_flow(hass, data={"subentry_id": "box"})
    result = await flows.async_configure(form["flow_id"], {"password": "other"})
    assert result["errors"] == {"base": "host_key"}
    assert only(entry).data["password"] == PASSWORD


# -- the rules ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Box.Example.", "box.example"),
        (" box ", "box"),
        ("[::1]", "::1"),
        ("0:0::1", "::1"),
        ("büx.example", "büx.example"),
        ("192.168.1.10", "192.168.1.10"),
    ],
)
def test_a_host_is_written_in_one_way(written: str, read: str) -> None:
    """A name or an address, and nothing with it."""
    assert read_host(written) == read


@pytest.mark.parametrize(
    "written", ["", ".", "a/b", "user@box", "[box]:22", "box:22", "a b", "a\nb", "x" * 300, "a%b"]
)
def test_what_is_no_host(written: str) -> None:
    """It is refused before a name server is asked."""
    with pytest.raises(InvalidLogin):
        read_host(written)


def test_a_key_stays_with_a_new_passphrase() -> None:
    """And for another name, unlike a password."""
    stored = {"username": "a", "private_key": "k", "passphrase": "old"}
    assert with_login(stored, {"username": "b", "passphrase": "new"}) == {
        "username": "b",
        "private_key": "k\n",
        "passphrase": "new",
    }


class Ftp:
    """A server over FTP, as `FtpClient` shows one: a folder of this machine."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        """Take what is kept of it."""
        self.data = dict(data)

    async def connect(self) -> None:
        """Sign in."""
        if self.data["password"] != PASSWORD:
            raise Unauthorized("FTP", "refused")

    async def close(self) -> None:
        """End."""

    async def realpath(self, path: bytes) -> bytes:
        """Say that it is whole."""
        return path

    async def stat(self, path: bytes) -> RemoteFile:
        """Say that there is a folder."""
        return RemoteFile(path, RemoteKind.FOLDER, None, None)

    async def lstat(self, path: bytes) -> RemoteFile:
        """Say that there is nothing."""
        raise NotThere("FTP", 0, "nothing")

    async def walk(self, root: bytes) -> AsyncGenerator[tuple[RemoteFile, ...]]:
        """List nothing."""
        yield ()


@pytest.fixture
def lftp(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have lftp and ssh be installed, and servers over FTP be there."""
    monkeypatch.setattr(login, "lacking", lambda _: None)
    real = login.client
    monkeypatch.setattr(
        flow, "client", lambda data: Ftp(data) if "protocol" in data else real(data)
    )


@pytest.mark.usefixtures("lftp")
async def test_lftp_is_chosen_for_a_server_over_sftp(
    hass: HomeAssistant, served: Served, home: Path
) -> None:
    """Its host key is confirmed all the same; and it can be given up again."""
    entry = add_entry(hass)
    result = await confirmed(hass, entry, typed(served, home, engine="lftp"))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    made = only(entry)
    assert (made.data["engine"], made.data["host_key"]) == ("lftp", served.host_key)
    assert "protocol" not in made.data
    asked = login.client(made.data)
    assert isinstance(login.engine(made.data, asked)(_look), LftpEngine)
    result = await start(hass, entry, KIND, made.subentry_id)
    assert suggested(result)["engine"] == "lftp"
    await send(hass, result, typed(served, home, host="localhost", password=None, engine="sftp"))
    kept = only(entry).data
    assert "engine" not in kept
    assert isinstance(login.engine(kept, login.client(kept))(_look), InProcess)


async def _look(name: bytes) -> Mapping[bytes, Version]:
    return {}


@pytest.mark.usefixtures("lftp", "socket_enabled")
@pytest.mark.parametrize(
    ("host", "port", "protocol", "becomes"),
    [
        ("ftp://Box.example/", 22, "ftp", 21),
        ("FTPS://box.example", 2121, "ftps", 2121),
        ("ftps://box.example", 990, "ftps", 990),
    ],
)
async def test_a_server_over_ftp_is_linked_for_lftp(
    hass: HomeAssistant, home: Path, host: str, port: int, protocol: str, becomes: int
) -> None:
    """It has no host key; what was typed is shown again when it is changed."""
    entry = add_entry(hass)
    data = {
        "host": host,
        "port": port,
        "username": USER,
        "password": PASSWORD,
        "remote_path": "/done",
        "local_path": str(home),
        "engine": "lftp",
        "verify_ssl": False,
    }
    result = await send(hass, await start(hass, entry, KIND), data)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    made = only(entry)
    kept = {
        **{key: data[key] for key in ("username", "password", "remote_path", "local_path")},
        "host": "box.example",
        "port": becomes,
        "engine": "lftp",
        "protocol": protocol,
    }
    kept["folder_mark"] = marked(str(home))
    assert dict(made.data) == (kept if protocol == "ftp" else {**kept, "verify_ssl": False})
    result = await start(hass, entry, KIND, made.subentry_id)
    shown = suggested(result)
    assert (shown["host"], shown["engine"]) == (f"{protocol}://box.example", "lftp")
    asked = login.client(made.data)
    assert isinstance(asked, FtpClient)
    assert (asked.login.tls, asked.login.verify) == (protocol == "ftps", protocol == "ftp")
    assert not asked.removes
    again = await send(hass, result, {**data, "password": "wrong"})
    assert again["errors"] == {"base": "invalid_auth"}


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"host": "ftp://box"}, {"engine": "engine_lftp_only"}),
        ({"host": "ftps://box"}, {"engine": "engine_lftp_only"}),
        ({"host": "sftp://a b", "engine": "lftp"}, {"host": "invalid_host"}),
        (
            {"host": "ftp://box", "engine": "lftp", "password": None, "private_key": "x"},
            {"private_key": "private_key_over_ftp"},
        ),
        ({"engine": "lftp", "username": "me; x"}, {"username": "lftp_characters"}),
    ],
)
@pytest.mark.usefixtures("lftp")
async def test_what_lftp_can_not_fetch_is_said_before(
    hass: HomeAssistant, served: Served, home: Path, wrong: dict[str, Any], error: dict[str, str]
) -> None:
    result = await send(
        hass, await start(hass, add_entry(hass), KIND), typed(served, home, **wrong)
    )
    assert (result["step_id"], result["errors"]) == ("user", error)


@pytest.mark.parametrize(("there", "error"), [("", "lftp_missing"), ("lftp", "ssh_missing")])
async def test_lftp_must_be_installed(
    hass: HomeAssistant,
    served: Served,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    there: str,
    error: str,
) -> None:
    """And ssh, which it speaks SFTP over."""
    monkeypatch.setattr(process.shutil, "which", lambda name: name if name == there else None)
    data = typed(served, home, engine="lftp")
    result = await send(hass, await start(hass, add_entry(hass), KIND), data)
    assert result["errors"] == {"engine": error}
