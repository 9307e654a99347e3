"""What is refused or has failed, as Home Assistant's own errors, in translated words."""

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from .const import DOMAIN
from .runtime import Refused, ServiceError
from .store import StoreError
from .texts import said, written


def translated(hass: HomeAssistant, err: Refused | ServiceError | StoreError) -> HomeAssistantError:
    """Say in translated words why something is not done."""
    match err:
        case ServiceError():
            return failed("service_failed", service=err.service, error=said(hass, err.said))
        case StoreError():
            return failed("store_failed", error=said(hass, err.said))
    placeholders = {name: written(hass, value) for name, value in err.values.items()}
    if "error" in placeholders:
        # The sentence goes on after it with a stop of its own.
        placeholders["error"] = placeholders["error"].rstrip(".")
    kind = invalid if err.callers_mistake else failed
    return kind(err.key, **placeholders)


def failed(key: str, **placeholders: str) -> HomeAssistantError:
    """Say in translated words what a service or the store did not do."""
    return HomeAssistantError(
        translation_domain=DOMAIN, translation_key=key, translation_placeholders=placeholders
    )


def invalid(key: str, **placeholders: str) -> ServiceValidationError:
    """Say in translated words what is wrong with what was asked."""
    return ServiceValidationError(
        translation_domain=DOMAIN, translation_key=key, translation_placeholders=placeholders
    )
