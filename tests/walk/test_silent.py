"""A television that is switched off: the server lists it and moves it on, and nobody watches."""

from dataclasses import replace

from homeassistant.core import HomeAssistant
import pytest

from custom_components.showrunner.domain.watching import WatchPolicy
from world.catalogue import by_name

from .household import Household, until

FILM = "The Lantern Keeper"
# Long enough for the server to move it on to its end before it would be called lost.
RUNTIME = 200


@pytest.mark.parametrize("restarts", [True, False])
async def test_what_the_server_counts_by_itself_is_no_viewing_and_no_decision(
    hass: HomeAssistant, household: Household, restarts: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Switched off at four fifths eight minutes ago, also while Home Assistant was away."""
    world = household.servers.world
    film = by_name(FILM)
    world.films = {
        key: replace(one, seconds=RUNTIME) if one.item_id == film.item_id else one
        for key, one in world.films.items()
    }
    play = household.servers.play("Sofa", FILM, 0.79)

    def seen() -> bool:
        return any(one.watched > 1 for one in household.runtime.playback._tracker.open)

    await until(seen, what="a second check-in")
    # For every run of the integration, from its first look at the sessions on.
    quick = WatchPolicy(min_seconds=1, lost_after=2)
    monkeypatch.setattr(type(household.runtime.settings), "policy", lambda _, __: quick)
    if restarts:
        assert await hass.config_entries.async_unload(household.entry.entry_id)
    play.switch_off(ago=480)
    assert play.listed_position() / RUNTIME > 0.99
    if restarts:
        assert await hass.config_entries.async_setup(household.entry.entry_id)

    async def over() -> bool:
        # Beside a quiet socket the next look would come in a minute.
        await household.runtime.jellyfin.async_refresh()
        found = await household.runtime.store.viewings.history()
        return bool(found) and found[0].finished

    await until(over, what="the end of it")
    (viewing,) = await household.runtime.store.viewings.history()
    assert not viewing.completed
    assert viewing.percent < 85
    await until(lambda: not household.runtime.jellyfin.visible_streams(), what="no stream")
    # The idle check ends it where it has moved it to, and says that it was played to completion.
    household.servers.player.idle_after = 1.0
    assert play.done is not None
    await play.done
    assert play.given_up
    await household.runtime.jellyfin.async_refresh()
    (viewing,) = await household.runtime.store.viewings.history()
    assert not viewing.completed
    assert await household.acquisitions(FILM) == ()
    assert household.searches == 0
