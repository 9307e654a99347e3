"""A login that is refused is not repeated until its server bans us."""

from typing import get_type_hints

from homeassistant.const import CONF_PASSWORD
import pytest

from custom_components.showrunner.coordinators.base import ServiceCoordinator
from custom_components.showrunner.services import SERVICES

WITH_PASSWORD = [
    spec for spec in SERVICES.values() if spec.reauth and CONF_PASSWORD in spec.reauth.schema.schema
]


@pytest.mark.parametrize("spec", WITH_PASSWORD, ids=lambda spec: spec.key)
def test_whoever_takes_a_password_is_not_asked_again_and_again(spec: object) -> None:
    """Its coordinator says that a login is tried; what follows is the same for all."""
    kind = get_type_hints(spec.coordinator)["return"]  # type: ignore[attr-defined]
    assert issubclass(kind, ServiceCoordinator)
    assert kind.signs_in


def test_there_are_several() -> None:
    """The question above is asked of all that have one."""
    assert {spec.key for spec in WITH_PASSWORD} >= {"rtorrent", "qbittorrent", "ntfy", "transfer"}
