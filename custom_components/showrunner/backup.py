"""Home Assistant's backups hold databases that are whole.

While the files are copied nothing is written to them; what comes meanwhile waits, and is written
when the backup is made, or after a quarter of an hour at the latest.
"""

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from .const import DOMAIN
from .runtime.databases import databases


async def async_pre_backup(hass: HomeAssistant) -> None:
    """Bring everything into the files, and let them be."""
    await databases(hass).rest()


async def async_post_backup(hass: HomeAssistant) -> None:
    """Go on. Raises HomeAssistantError when a file may have changed while it was copied."""
    if not await databases(hass).wake():
        raise HomeAssistantError(translation_domain=DOMAIN, translation_key="backup_disturbed")
