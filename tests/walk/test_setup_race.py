"""What is changed while an entry is being set up counts too."""

import asyncio

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from world.lies import Lie, LieKind
from world.servers import Servers

from .household import entry_for


@pytest.mark.parametrize("dry", [False, True])
async def test_options_changed_during_the_set_up_are_taken_over(
    hass: HomeAssistant, servers: Servers, hass_client_no_auth: ClientSessionGenerator, dry: bool
) -> None:
    """The dry run that a person switches in that moment is the one that counts."""
    await async_setup_component(hass, "webhook", {})
    await hass_client_no_auth()
    entry = entry_for(servers, {"safety": {"dry_run": not dry}})
    entry.add_to_hass(hass)
    servers.jellyfin.liar.tell(Lie(LieKind.SLOW, "/Sessions", times=1, seconds=0.5))
    setup = asyncio.ensure_future(hass.config_entries.async_setup(entry.entry_id))
    async with asyncio.timeout(60):
        while not servers.jellyfin.liar._lies[0][1][0]:
            await asyncio.sleep(0.01)
    hass.config_entries.async_update_entry(
        entry, options={**entry.options, "safety": {"dry_run": dry}}
    )
    assert await setup
    await hass.async_block_till_done()
    assert entry.runtime_data.options.safety.dry_run is dry
    await hass.config_entries.async_unload(entry.entry_id)
