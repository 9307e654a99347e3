"""A transfer: finished downloads come home from a folder of a server, over SFTP, FTPS or FTP."""

from functools import partial
from typing import Any, Final

from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import PERCENTAGE, UnitOfDataRate, UnitOfTime

from ...const import (
    CONF_FOLDER_MARK,
    CONF_IMPORT_PATH,
    CONF_LOCAL_PATH,
    CONF_REMOTE_PATH,
)
from ...coordinators.transfer import TransferCoordinator, TransferStatus
from ...domain.transfer.progress import TransferState
from ...domain.transfer.remote import Space
from ..spec import (
    Diagnostics,
    LinkContext,
    Reauth,
    ServiceSensorDescription,
    ServiceSpec,
    size_sensor,
)
from . import issues
from .flow import KEY, LOGIN_SCHEMA, TransferFlow, probe
from .login import client, engine, lacks, with_login


def coordinator(context: LinkContext, subentry: ConfigSubentry) -> TransferCoordinator:
    """Build what looks after one transfer."""
    asked = client(subentry.data)
    return TransferCoordinator(
        context.hass,
        context.entry,
        context.signals,
        asked,
        engine=engine(subentry.data, asked),
        lacks=partial(lacks, subentry.data),
        subentry_id=subentry.subentry_id,
        title=subentry.title,
        remote_path=subentry.data[CONF_REMOTE_PATH].encode(),
        local_path=subentry.data[CONF_LOCAL_PATH],
        import_path=subentry.data.get(CONF_IMPORT_PATH, ""),
        folder_mark=subentry.data.get(CONF_FOLDER_MARK, ""),
        values=context.store.kv,
    )


def _diagnostics(transfer: TransferCoordinator) -> dict[str, Any]:
    data = transfer.data
    return {
        "version": transfer.version or None,
        "host_key_confirmed": transfer.stranger is None,
        "remote_space_known": data.remote is not None if data else None,
        "local_space_known": data.local is not None if data else None,
        "state": transfer.progress.state.value,
        "files": len(transfer.progress.files),
        "last_sync": data.last_sync.isoformat() if data and data.last_sync else None,
    }


def _free(space: Space | None) -> int | None:
    return None if space is None else space.free


def _percent(data: TransferStatus) -> float | None:
    return data.progress.percent


SENSORS: Final[tuple[ServiceSensorDescription[TransferStatus], ...]] = (
    ServiceSensorDescription(
        key="state",
        translation_key="transfer_state",
        device_class=SensorDeviceClass.ENUM,
        options=[state.value for state in TransferState],
        value_fn=lambda data: data.progress.state.value,
    ),
    ServiceSensorDescription(
        key="progress",
        translation_key="progress",
        native_unit_of_measurement=PERCENTAGE,
        suggested_display_precision=0,
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=_percent,
    ),
    ServiceSensorDescription(
        key="rate",
        translation_key="rate",
        device_class=SensorDeviceClass.DATA_RATE,
        native_unit_of_measurement=UnitOfDataRate.BYTES_PER_SECOND,
        suggested_unit_of_measurement=UnitOfDataRate.MEGABYTES_PER_SECOND,
        suggested_display_precision=1,
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda data: data.progress.rate,
    ),
    ServiceSensorDescription(
        key="remaining",
        translation_key="remaining",
        device_class=SensorDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.SECONDS,
        suggested_unit_of_measurement=UnitOfTime.MINUTES,
        suggested_display_precision=0,
        value_fn=lambda data: data.progress.remaining,
    ),
    ServiceSensorDescription(
        key="last_sync",
        translation_key="last_sync",
        device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=lambda data: data.last_sync,
    ),
    size_sensor("free", lambda data: _free(data.remote)),
    size_sensor("local_free", lambda data: _free(data.local)),
)

SPEC: Final = ServiceSpec(
    key=KEY,
    manufacturer="OpenSSH",
    model="SFTP",
    flow=TransferFlow,
    coordinator=coordinator,
    reauth=Reauth(LOGIN_SCHEMA, with_login, probe),
    sensors=SENSORS,
    diagnostics=Diagnostics("transfers", _diagnostics),
    issues=issues.follow,
)
