"""WebSocket commands about titles and decisions: they answer as the actions do."""

from typing import Any

from custom_components.showrunner.domain.acquisition import AcquisitionState
from tests.walk.household import Household
from world.catalogue import by_name

from .faces import SECOND, act
from .sockets import ask


async def test_a_title_is_told_as_the_action_tells_it(household: Household, reader: Any) -> None:
    """By name, by TMDb and by Jellyfin's id the same; an unknown one is refused in words."""
    await household.watch("Sofa", SECOND)
    await household.acquisition(SECOND, AcquisitionState.IMPORTED)
    film = by_name(SECOND)
    result = await act(household, "get_title", title=SECOND)
    assert result["events"]
    for name in (SECOND, f"tmdb:{film.tmdb}", film.item_id):
        answer = await ask(reader, "title/get", title=name)
        assert answer["result"]["ids"] == result["ids"]
        assert len(answer["result"]["events"]) == len(result["events"]), name
    refused = await ask(reader, "title/get", title="No such film")
    assert not refused["success"]
    assert refused["error"]["translation_key"] == "title_unknown"


async def test_decisions_are_listed(household: Household, reader: Any) -> None:
    """The newest first."""
    await household.watch("Sofa", SECOND)
    await household.acquisition(SECOND, AcquisitionState.IMPORTED)
    (decision,) = (await ask(reader, "decisions/list", limit=5))["result"]["decisions"]
    assert (decision["verdict"], decision["viewer"]) == ("download", "Sofa")
    assert len(decision["findings"]) > 10


async def test_decisions_are_for_administrators_where_the_options_say_so(
    household: Household, reader: Any, admin: Any
) -> None:
    """They say who watched what."""
    options = {**household.entry.options}
    options["watching"] = {**options["watching"], "history_admins_only": True}
    household.hass.config_entries.async_update_entry(household.entry, options=options)
    await household.hass.async_block_till_done()
    for command, data in (("decisions/list", {}), ("title/get", {"title": SECOND})):
        assert (await ask(reader, command, **data))["error"]["code"] == "unauthorized"
        assert (await ask(admin, command, **data))["success"], command


async def test_writing_is_for_administrators(household: Household, reader: Any, admin: Any) -> None:
    """An override and a plan, by the words of the actions."""
    title = f"movie:tmdb:{by_name(SECOND).tmdb}"
    for command, data in (
        ("override/set", {"title": title, "policy": "never"}),
        ("plans/apply", {"plan_id": "nope"}),
    ):
        assert (await ask(reader, command, **data))["error"]["code"] == "unauthorized"
    assert (await act(household, "get_title", title=title))["override"] == "auto"
    done = await ask(admin, "override/set", title=title, policy="never")
    assert done["result"]["policy"] == "never"
    assert (await act(household, "get_title", title=title))["override"] == "never"
    refused = await ask(admin, "plans/apply", plan_id="nope", dry_run=True)
    assert refused["error"]["translation_key"] == "plan_unknown"
    decided = await act(household, "decide", title=title)
    assert decided["rule"] == "override"
