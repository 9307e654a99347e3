"""The transfer of a household."""

from pathlib import Path

from homeassistant.config_entries import ConfigSubentryData

from custom_components.showrunner.clients.fetching import folder
from tests.clients.sftp_server import PASSWORD, USER

TITLE = "Box"


def transfer_of(port: int, host_key: str, home: Path) -> ConfigSubentryData:
    """Link the folder of a seedbox with one at home."""
    data = {
        "host": "127.0.0.1",
        "port": port,
        "username": USER,
        "password": PASSWORD,
        "host_key": host_key,
        "remote_path": "/done",
        "local_path": str(home),
        "folder_mark": folder.marked(str(home)),
    }
    return ConfigSubentryData(data=data, subentry_type="transfer", title=TITLE, unique_id="box")
