"""Repairs of a transfer: another host key than the confirmed one, and what is wrong at this end.

Until a person has compared the keys nothing is fetched, asked or removed there. Until the folder is
there again, or another one was chosen by changing the transfer, nothing is written. What needs lftp
is fetched by nobody else until that is installed.
"""

from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from ...clients.errors import HostKeyChanged
from ...clients.fetching.folder import Trouble
from ...const import DOMAIN
from ...coordinators.transfer import TransferCoordinator

_KEY: Final = "host_key_changed"
_FOLDER_GONE: Final = "local_folder_gone"
_FOLDER_REFUSES: Final = "local_folder_refuses"
_FOLDER_UNCONFIRMED: Final = "local_folder_unconfirmed"
_PROGRAM_MISSING: Final = "program_missing"


def follow(hass: HomeAssistant, transfer: TransferCoordinator) -> None:
    """Show the repairs of a transfer for as long as it is looked after."""
    _follow_here(hass, transfer)
    issue_id = f"{_KEY}_{transfer.subentry_id}"

    @callback
    def show() -> None:
        stranger = transfer.stranger
        if stranger is None:
            forget()
            return
        pinned = stranger.pinned if isinstance(stranger, HostKeyChanged) else "–"
        placeholders = {"transfer": transfer.title, "shown": stranger.fingerprint, "pinned": pinned}
        ir.async_create_issue(
            hass,
            DOMAIN,
            issue_id,
            is_fixable=True,
            severity=ir.IssueSeverity.ERROR,
            translation_key=_KEY,
            translation_placeholders=placeholders,
            data={
                **placeholders,
                "entry_id": transfer.config_entry.entry_id,
                "transfer_id": transfer.subentry_id,
                "host_key": stranger.key,
            },
        )

    @callback
    def forget() -> None:
        ir.async_delete_issue(hass, DOMAIN, issue_id)

    show()
    transfer.until_shutdown(transfer.async_add_listener(show))
    transfer.until_shutdown(forget)


def _follow_here(hass: HomeAssistant, transfer: TransferCoordinator) -> None:
    """Show what is wrong here, with the folder or what is installed, for as long as it is."""
    keys = (_FOLDER_GONE, _FOLDER_REFUSES, _FOLDER_UNCONFIRMED, _PROGRAM_MISSING)

    @callback
    def show() -> None:
        shown = _wrong_here(transfer)
        for key in keys:
            issue_id = f"{key}_{transfer.subentry_id}"
            if key not in shown:
                ir.async_delete_issue(hass, DOMAIN, issue_id)
                continue
            ir.async_create_issue(
                hass,
                DOMAIN,
                issue_id,
                is_fixable=False,
                severity=ir.IssueSeverity.ERROR,
                translation_key=key,
                translation_placeholders={"transfer": transfer.title, **shown[key]},
            )

    @callback
    def forget() -> None:
        for key in keys:
            ir.async_delete_issue(hass, DOMAIN, f"{key}_{transfer.subentry_id}")

    show()
    transfer.until_shutdown(transfer.async_add_listener(show))
    transfer.until_shutdown(forget)


def _wrong_here(transfer: TransferCoordinator) -> dict[str, dict[str, str]]:
    """Say what is wrong at this end, by the repairs' names, and what they tell of it."""
    found: dict[str, dict[str, str]] = {}
    if transfer.trouble is not None:
        key = _key_of(transfer.trouble)
        found[key] = {"folder": transfer.local_path, "why": transfer.trouble.why}
    if transfer.lacks is not None:
        found[_PROGRAM_MISSING] = {"program": transfer.lacks}
    return found


def _key_of(wrong: Trouble) -> str:
    if wrong.unconfirmed:
        return _FOLDER_UNCONFIRMED
    return _FOLDER_GONE if wrong.gone else _FOLDER_REFUSES
