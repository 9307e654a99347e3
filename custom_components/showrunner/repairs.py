"""Repairs that a person can make: folders, viewers, what was not handed on, a damaged database."""

from abc import abstractmethod
from collections.abc import Mapping
import logging
from pathlib import Path
from typing import Any, ClassVar, override

from homeassistant.components.repairs import ConfirmRepairFlow, RepairsFlow
from homeassistant.components.repairs.const import FlowType
from homeassistant.components.repairs.models import RepairsFlowResult
from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigEntryState,
    OperationNotAllowed,
    SubentryFlowContext,
)
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import voluptuous as vol

from .const import CONF_HOST_KEY
from .coordinators.requests import RequestView
from .domain.requests.request import StuckReason
from .domain.text import say
from .flows import chain
from .flows.common import Failure, attempt, errors_of, placeholders
from .flows.viewer import CONF_VIEWERS, read_users, several_field, subentries
from .issues.nobody_tracked import NOBODY_TRACKED
from .issues.stuck import mendable, placeholders as stuck_placeholders
from .runtime import (
    FallBusy,
    FallMoved,
    NotHandedOn,
    NotWaiting,
    Runtime,
    ServiceError,
    database_path,
)
from .store import Store, StoreError
from .texts import said

_LOGGER = logging.getLogger(__name__)


async def async_create_fix_flow(
    hass: HomeAssistant, issue_id: str, data: dict[str, str | int | float | None] | None
) -> RepairsFlow:
    """Give the flow that mends an issue."""
    texts = {name: str(value) for name, value in (data or {}).items()}
    flow: RepairsFlow = ConfirmRepairFlow()
    match texts:
        case {"entry_id": entry_id, "subentry_id": subentry_id}:
            flow = MappingFlow(entry_id, subentry_id)
        case {"entry_id": entry_id, "request_id": request_id, "reason": StuckReason.NOT_IMPORTED}:
            flow = LookAgainFlow(entry_id, request_id)
        case {"entry_id": entry_id, "request_id": request_id}:
            flow = RetryFlow(entry_id, request_id)
        case {"entry_id": entry_id, "fallen": source, "mark": mark}:
            flow = FallFlow(entry_id, source, mark, texts)
        case {"entry_id": entry_id, "transfer_id": transfer_id, "host_key": host_key}:
            flow = HostKeyFlow(entry_id, transfer_id, host_key, texts)
        case {"entry_id": entry_id, "damage": damage}:
            flow = DatabaseFlow(entry_id, damage)
        case {"entry_id": entry_id} if issue_id.startswith(NOBODY_TRACKED):
            flow = ViewersFlow(entry_id)
    return flow


class MappingFlow(ConfirmRepairFlow):
    """Leads into the reconfiguration of the arr that needs a path mapping."""

    def __init__(self, entry_id: str, subentry_id: str) -> None:
        """Take which arr it is about."""
        super().__init__()
        self._entry_id = entry_id
        self._subentry_id = subentry_id

    async def async_step_confirm(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Say what is wrong, then go on to the folders' form."""
        entry = self.hass.config_entries.async_get_entry(self._entry_id)
        if entry is None or self._subentry_id not in entry.subentries:
            return self.async_abort(reason="gone")
        if user_input is None:
            return self.async_show_form(
                step_id="confirm",
                data_schema=vol.Schema({}),
                description_placeholders={"service": entry.subentries[self._subentry_id].title},
            )
        flow = await self.hass.config_entries.subentries.async_init(
            (self._entry_id, entry.subentries[self._subentry_id].subentry_type),
            context=SubentryFlowContext(source=SOURCE_RECONFIGURE, subentry_id=self._subentry_id),
        )
        return self.async_create_entry(
            data={}, next_flow=(FlowType.CONFIG_SUBENTRIES_FLOW, flow["flow_id"])
        )


class ViewersFlow(ConfirmRepairFlow):
    """Asks who is tracked: several at once."""

    def __init__(self, entry_id: str) -> None:
        """Take which server it is about."""
        super().__init__()
        self._entry_id = entry_id

    async def async_step_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Track whom the person chooses; nobody is chosen before."""
        entry = self.hass.config_entries.async_get_entry(self._entry_id)
        if entry is None:
            return self.async_abort(reason="gone")
        tracked = [one.unique_id for one in entry.subentries.values()]
        users = await attempt(read_users(self.hass, entry.data, tracked))
        failure = users if isinstance(users, Failure) else None
        known = {} if isinstance(users, Failure) else users
        chosen = subentries(known, (user_input or {}).get(CONF_VIEWERS, []))
        if chosen:
            for one in chosen:
                chain.add(self.hass, entry, one)
            return self.async_create_entry(data={})
        errors = errors_of(failure)
        if user_input is not None and failure is None:
            errors = {"base": "nobody_chosen"}
        return self.async_show_form(
            step_id="confirm",
            data_schema=vol.Schema(several_field(known) if known else {}),
            errors=errors,
            description_placeholders=placeholders(failure, server=entry.title),
        )


class StuckFlow(ConfirmRepairFlow):
    """What a person can do about one stuck request."""

    reason: ClassVar[StuckReason]

    def __init__(self, entry_id: str, request_id: str) -> None:
        """Take which request it is about."""
        super().__init__()
        self._entry_id = entry_id
        self._request_id = request_id

    async def async_step_confirm(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Say what holds it up, and try again when the person agrees."""
        runtime = _runtime(self.hass, self._entry_id)
        view = None if runtime is None else self._stuck(runtime)
        if runtime is None or view is None:
            return self.async_abort(reason="moved")
        errors: dict[str, str] = {}
        error = ""
        if user_input is not None:
            try:
                with runtime.calls:
                    done = await self._mend(runtime, self._request_id)
            except NotWaiting:
                return self.async_abort(reason="moved")
            except NotHandedOn:
                errors["base"] = "not_handed_on"
            except (ServiceError, StoreError) as err:
                errors["base"], error = "failed", said(self.hass, err.text)
            else:
                if done or self._stuck(runtime) is None:
                    return self.async_create_entry(data={})
                errors["base"] = "not_handed_on"
        stuck = mendable(view)
        texts = stuck_placeholders(self.hass, view, stuck) if stuck else {}
        return self.async_show_form(
            step_id="confirm",
            data_schema=vol.Schema({}),
            errors=errors,
            description_placeholders={**texts, "error": error},
        )

    @abstractmethod
    async def _mend(self, runtime: Runtime, request_id: str) -> bool:
        """Do it; tell whether that is all that can be done. Raises as the job does."""

    def _stuck(self, runtime: Runtime) -> RequestView | None:
        """Give the request, as long as that is what holds it up."""
        view = runtime.requests.find(self._request_id)
        stuck = None if view is None else mendable(view)
        return view if stuck is not None and stuck.reason is self.reason else None


class RetryFlow(StuckFlow):
    """Has Seerr hand a request on once more."""

    reason: ClassVar[StuckReason] = StuckReason.REFUSED

    @override
    async def _mend(self, runtime: Runtime, request_id: str) -> bool:
        await runtime.approvals.retry(request_id)
        return False  # only how it stands tells whether that worked


class LookAgainFlow(StuckFlow):
    """Has Radarr or Sonarr look again at what it waits to import."""

    reason: ClassVar[StuckReason] = StuckReason.NOT_IMPORTED

    @override
    async def _mend(self, runtime: Runtime, request_id: str) -> bool:
        await runtime.arr_checks.look_again(request_id)
        return True  # importing takes its time; if nothing comes of it, the repair is back


class FallFlow(ConfirmRepairFlow):
    """Asks whether what a source has suddenly lost is gone; to wait is to close the form."""

    def __init__(
        self, entry_id: str, source: str, mark: str, placeholders: Mapping[str, str]
    ) -> None:
        """Take which fall of which source it is about, and what is told of it."""
        super().__init__()
        self._entry_id = entry_id
        self._source = source
        self._mark = mark
        self._placeholders = placeholders

    async def async_step_confirm(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Say what is gone; believe it, and nothing beyond it, when the person confirms."""
        runtime = _runtime(self.hass, self._entry_id)
        if runtime is None:
            return self.async_abort(reason="moved")
        errors: dict[str, str] = {}
        error = ""
        if user_input is not None:
            try:
                with runtime.calls:
                    await runtime.falls.accept(self._source, self._mark)
            except FallMoved:
                return self.async_abort(reason="moved")
            except FallBusy:
                errors["base"] = "busy"
            except StoreError as err:
                errors["base"], error = "failed", said(self.hass, err.said)
            else:
                return self.async_create_entry(data={})
        return self.async_show_form(
            step_id="confirm",
            data_schema=vol.Schema({}),
            errors=errors,
            description_placeholders={**self._placeholders, "error": error},
        )


class HostKeyFlow(ConfirmRepairFlow):
    """Asks whether the host key that a transfer's server shows now is its own."""

    def __init__(
        self, entry_id: str, subentry_id: str, host_key: str, placeholders: Mapping[str, str]
    ) -> None:
        """Take whose it is, and what is told of it: the new one and the one before."""
        super().__init__()
        self._entry_id = entry_id
        self._subentry_id = subentry_id
        self._host_key = host_key
        self._placeholders = placeholders

    async def async_step_confirm(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Show both; pin the new one, and no other, when the person says so."""
        entry = self.hass.config_entries.async_get_entry(self._entry_id)
        subentry = entry.subentries.get(self._subentry_id) if entry else None
        if entry is None or subentry is None:
            return self.async_abort(reason="gone")
        if user_input is None:
            return self.async_show_form(
                step_id="confirm",
                data_schema=vol.Schema({}),
                description_placeholders={**self._placeholders},
            )
        data = {**subentry.data, CONF_HOST_KEY: self._host_key}
        self.hass.config_entries.async_update_subentry(entry, subentry, data=data)
        return self.async_create_entry(data={})


class DatabaseFlow(RepairsFlow):
    """The two ways out of a damaged database: the last backup, or a new one beside the old one."""

    def __init__(self, entry_id: str, damage: str) -> None:
        """Take whose it is, and what was found."""
        super().__init__()
        self._entry_id = entry_id
        self._damage = damage

    async def async_step_init(self, user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Say what is damaged, and let the person choose."""
        if self.hass.config_entries.async_get_entry(self._entry_id) is None:
            return self.async_abort(reason="gone")
        return self.async_show_menu(
            menu_options=["restore", "anew"],
            description_placeholders={"damage": self._damage, "file": self._path.name},
        )

    @property
    def _path(self) -> Path:
        return database_path(self.hass, self._entry_id)

    async def async_step_restore(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Say how a backup is restored. The repair stays until the database is whole."""
        return self.async_abort(
            reason="restore", description_placeholders={"file": self._path.name}
        )

    async def async_step_anew(self, user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Keep the damaged files aside and begin with an empty database."""
        entry = self.hass.config_entries.async_get_entry(self._entry_id)
        if entry is None:
            return self.async_abort(reason="gone")
        errors: dict[str, str] = {}
        error = ""
        if user_input is not None:
            try:
                await self._keep_damaged()
            except StoreError as err:
                errors["base"], error = "failed", said(self.hass, err.said)
            except OperationNotAllowed as err:
                errors["base"], error = "failed", str(err)
            else:
                return self.async_create_entry(data={})
        return self.async_show_form(
            step_id="anew",
            data_schema=vol.Schema({}),
            errors=errors,
            description_placeholders={"file": self._path.name, "error": error},
        )

    async def _keep_damaged(self) -> None:
        """Close the database, rename its files and load the entry again. Raises StoreError."""
        entries = self.hass.config_entries
        if not await entries.async_unload(self._entry_id):
            raise StoreError(say("store_in_use"))
        try:
            kept = await Store.keep_damaged(self._path, dt_util.now())
            _LOGGER.warning("The damaged database is kept as %s", kept.name)
        finally:
            await entries.async_setup(self._entry_id)


def _runtime(hass: HomeAssistant, entry_id: str) -> Runtime | None:
    """Give what runs; None while the entry is not loaded."""
    entry = hass.config_entries.async_get_entry(entry_id)
    if entry is None or entry.state is not ConfigEntryState.LOADED:
        return None
    runtime: Runtime = entry.runtime_data
    return runtime
