"""The repair for a database that is damaged, and the look for damage that nobody has met yet."""

import asyncio
from datetime import timedelta
from functools import partial
import logging
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir

from ..const import DOMAIN
from ..domain.text import Words
from ..runtime import Runtime, ShowrunnerConfigEntry, database_path
from ..store import StoreError
from ..texts import said

_LOGGER = logging.getLogger(__name__)

DAMAGED: Final = "database_damaged"
# After a start others come first.
FIRST_LOOK: Final = timedelta(minutes=3)
EVERY: Final = timedelta(days=7)
_LONGEST: Final = timedelta(minutes=10)


def issue_id_of(entry_id: str) -> str:
    """Name the repair of an entry's database."""
    return f"{DAMAGED}_{entry_id}"


def tell(hass: HomeAssistant, entry: ShowrunnerConfigEntry, damage: Words) -> None:
    """Ask a person what is to become of a damaged database; say it once in the log."""
    if ir.async_get(hass).async_get_issue(DOMAIN, issue_id_of(entry.entry_id)) is None:
        _LOGGER.error("The database of %s is damaged: %s", entry.title, damage)
    ir.async_create_issue(
        hass,
        DOMAIN,
        issue_id_of(entry.entry_id),
        is_fixable=True,
        severity=ir.IssueSeverity.ERROR,
        translation_key=DAMAGED,
        translation_placeholders={
            "name": entry.title,
            "damage": said(hass, damage),
            "file": database_path(hass, entry.entry_id).name,
        },
        data={"entry_id": entry.entry_id, "damage": said(hass, damage)},
    )


def forget(hass: HomeAssistant, entry_id: str) -> None:
    """Take the repair back: the database was opened well, or is no more."""
    ir.async_delete_issue(hass, DOMAIN, issue_id_of(entry_id))


def register(hass: HomeAssistant, entry: ShowrunnerConfigEntry, runtime: Runtime) -> None:
    """Tell of damage that anybody meets from now on, and look for what nobody meets."""
    forget(hass, entry.entry_id)
    runtime.store.on_damage(partial(tell, hass, entry))
    entry.async_create_background_task(hass, look(runtime), f"{DOMAIN} look for damage")


async def look(runtime: Runtime) -> None:
    """Read the whole database now and then, beside what goes on."""
    pause = FIRST_LOOK
    while True:
        await asyncio.sleep(pause.total_seconds())
        pause = EVERY
        try:
            await runtime.store.check(_LONGEST.total_seconds())
        except StoreError as err:
            # A backup came, or it is a very slow disk: that says nothing.
            _LOGGER.debug("%s", err)
