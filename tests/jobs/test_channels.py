"""A phone with Home Assistant's app is given buttons however it was linked; others never are."""

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_mock_service

from custom_components.showrunner.jobs.channels import NotifyChannel, has_buttons
from custom_components.showrunner.jobs.messages import Event, Spoken, SpokenButton

ACTION = "mobile_app_pixel_7_of_ada"
BUTTON = SpokenButton("Keep", "showrunner.a.b")
MESSAGE = Spoken(Event.LEAVING, "Title", "Text", buttons=(BUTTON,))


def phone(hass: HomeAssistant, platform: str = "mobile_app") -> str:
    """Give a notify entity of a phone."""
    entry = MockConfigEntry(domain=platform, data={"device_name": "Pixel 7 of Ada"})
    entry.add_to_hass(hass)
    entity = er.async_get(hass).async_get_or_create(
        "notify", platform, "ada", suggested_object_id="pixel", config_entry=entry
    )
    hass.states.async_set(entity.entity_id, "unknown")
    return entity.entity_id


@pytest.mark.parametrize("linked_by", ["entity", "action"])
async def test_the_app_is_told_by_its_action(hass: HomeAssistant, linked_by: str) -> None:
    """Its entity takes a title and a text, and nothing else."""
    target = phone(hass) if linked_by == "entity" else f"notify.{ACTION}"
    calls = async_mock_service(hass, "notify", ACTION)
    channel = NotifyChannel(hass, target)
    assert has_buttons(channel)
    await channel.send(MESSAGE)
    assert calls[0].data["data"] == {"actions": [{"action": "showrunner.a.b", "title": "Keep"}]}


async def test_of_two_phones_of_one_name_none_is_given_anothers_buttons(
    hass: HomeAssistant,
) -> None:
    """Nobody knows to which of them their one action leads: what was chosen is told, plainly."""
    target = phone(hass)
    MockConfigEntry(domain="mobile_app", data={"device_name": "pixel 7 of ada"}).add_to_hass(hass)
    wrong = async_mock_service(hass, "notify", ACTION)
    calls = async_mock_service(hass, "notify", "send_message")
    channel = NotifyChannel(hass, target)
    assert not has_buttons(channel)
    await channel.send(MESSAGE)
    assert wrong == []
    assert dict(calls[0].data) == {"message": "Text", "title": "Title", "entity_id": target}


async def test_without_buttons_the_entity_is_told_as_ever(hass: HomeAssistant) -> None:
    """As it was chosen."""
    target = phone(hass)
    calls = async_mock_service(hass, "notify", "send_message")
    async_mock_service(hass, "notify", ACTION)
    await NotifyChannel(hass, target).send(Spoken(Event.LEAVING, "Title", "Text"))
    assert dict(calls[0].data) == {"message": "Text", "title": "Title", "entity_id": target}


@pytest.mark.parametrize("what", ["mail", "another entity", "phone that is away", "gone"])
async def test_nothing_else_has_buttons(hass: HomeAssistant, what: str) -> None:
    """They would be refused there, or be shown to nobody."""
    match what:
        case "mail":
            async_mock_service(hass, "notify", "mail")
            target = "notify.mail"
        case "another entity":
            async_mock_service(hass, "notify", ACTION)
            target = phone(hass, "ntfy")
        case "phone that is away":
            target = phone(hass)
        case _:
            target = f"notify.{ACTION}"
    assert not has_buttons(NotifyChannel(hass, target))
