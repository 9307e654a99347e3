"""A Seerr to be linked."""

from typing import Any

from .world import KEY

SEERR = "http://seerr:5055"


TYPED = {"url": f"{SEERR}/", "api_key": KEY, "verify_ssl": True}


def fresh(url: str = "") -> dict[str, Any]:
    """Give the webhook's settings; without an address it is free."""
    return {"enabled": bool(url), "types": 0, "options": {"webhookUrl": url, "jsonPayload": "{}"}}
