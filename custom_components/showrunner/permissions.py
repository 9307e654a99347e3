"""Who may do what: one place asks whether somebody is an administrator.

Home Assistant lets every user call actions, press buttons and read entities; what writes to a
service, or costs one much, is ours to guard.
"""

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import Unauthorized


async def is_administrator(hass: HomeAssistant, context: Context | None) -> bool:
    """Tell whether an administrator asks. Automations count: an administrator wrote them."""
    if context is None or context.user_id is None:
        return True
    user = await hass.auth.async_get_user(context.user_id)
    return user is not None and user.is_admin


async def require_administrator(hass: HomeAssistant, context: Context | None) -> None:
    """Let administrators and automations through. Raise Unauthorized for everybody else."""
    if not await is_administrator(hass, context):
        raise Unauthorized(context=context)
