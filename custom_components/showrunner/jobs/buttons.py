"""The buttons that an entry has given out: its secret, its address, and which were pressed."""

from collections.abc import Callable, Mapping
from datetime import datetime
import secrets
from typing import Final

from homeassistant.components.webhook import async_generate_url
from homeassistant.core import HomeAssistant
from homeassistant.helpers.network import NoURLAvailableError, get_url

from ..clients.parse import instant
from ..domain.buttons import EXCUSED, Button, Press, read, sign
from ..store import Store

_KEY: Final = "buttons"
_PRESSED: Final = "buttons_pressed"
_BYTES: Final = 32


class Buttons:
    """Gives out buttons and knows them again. `load` comes before everything else."""

    def __init__(self, store: Store, entry_id: str, now: Callable[[], datetime]) -> None:
        """Take the entry's store and id, and the clock."""
        self._store = store
        self._entry_id = entry_id
        self._now = now
        self._secret = b""
        self._pressed: dict[str, datetime] = {}
        # The webhook's secret id. No service knows it, and it takes nothing but tokens.
        self.webhook_id = ""

    async def load(self) -> None:
        """Read the secrets, or make them; what can't be read is made anew. Raises StoreError."""
        kept = await self._store.kv.get(_KEY)
        secret, address = _secrets(kept)
        if not secret or not address:
            secret, address = secrets.token_hex(_BYTES), secrets.token_hex(_BYTES)
            await self._store.kv.put(_KEY, {"secret": secret, "webhook_id": address})
        self._secret, self.webhook_id = bytes.fromhex(secret), address
        self._pressed = _read(await self._store.kv.get(_PRESSED))

    def token(self, button: Button, channel: str) -> str:
        """Give a channel a button: the token that comes back when it is pressed."""
        return sign(self._secret, self._entry_id, Press(button, channel, secrets.token_urlsafe(9)))

    def read(self, token: object) -> Press | None:
        """Read a token; None for what is not ours, was pressed before, or is long over."""
        if not self._secret:
            return None
        press = read(self._secret, self._entry_id, token)
        if press is None or press.number in self._pressed:
            return None
        return None if press.button.until + EXCUSED <= self._now() else press

    async def use(self, press: Press) -> None:
        """Take it that a button was pressed: it is not again. Raises StoreError."""
        self._pressed[press.number] = press.button.until + EXCUSED
        now = self._now()
        self._pressed = {key: end for key, end in self._pressed.items() if end > now}
        kept = {number: end.isoformat() for number, end in self._pressed.items()}
        await self._store.kv.put(_PRESSED, kept)


class PhoneAddresses:
    """Where phones reach this Home Assistant: from outside if they can, else at home."""

    def __init__(self, hass: HomeAssistant, buttons: Buttons) -> None:
        """Take what has the address."""
        self._hass = hass
        self._buttons = buttons

    @property
    def presses(self) -> str | None:
        """The address that takes what is pressed; None where Home Assistant has none."""
        if not self._buttons.webhook_id:
            return None
        try:
            return async_generate_url(self._hass, self._buttons.webhook_id)
        except NoURLAvailableError:
            return None

    def page(self, path: str) -> str | None:
        """The address of a page of Home Assistant's."""
        try:
            return f"{get_url(self._hass, prefer_external=True)}{path}"
        except NoURLAvailableError:
            return None


def _secrets(kept: object) -> tuple[str, str]:
    if not isinstance(kept, Mapping):
        return "", ""
    return _hex(kept.get("secret")), _hex(kept.get("webhook_id"))


def _hex(kept: object) -> str:
    try:
        return kept if isinstance(kept, str) and len(bytes.fromhex(kept)) == _BYTES else ""
    except ValueError:
        return ""


def _read(kept: object) -> dict[str, datetime]:
    rows = kept.items() if isinstance(kept, Mapping) else ()
    return {str(number): at for number, end in rows if (at := instant(end)) is not None}
