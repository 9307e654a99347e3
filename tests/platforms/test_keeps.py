"""The actions that keep a title: what they answer, what they refuse, and what is told of it."""

from datetime import datetime, timedelta
from typing import Any

from homeassistant.core import Context
from homeassistant.exceptions import Unauthorized
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockUser
import voluptuous as vol

from custom_components.showrunner.domain.keeps import Keep
from custom_components.showrunner.domain.media import MediaType, ProviderIds, TitleKey
from tests.walk.household import Household
from world.catalogue import by_name
from world.lies import Lie, LieKind
from world.shows import SHOWS

from .faces import SECOND, act, user_context
from .titles import GLASS, Namesake, add, refusal

FILM, SHOW = by_name(SECOND), SHOWS[0]
TITLE, SERIES = f"movie:tmdb:{FILM.tmdb}", f"series:tvdb:{SHOW.tvdb}"
DAY = timedelta(days=1)


def until(answer: dict[str, Any]) -> timedelta:
    """Say how long something is kept from now on, in whole days."""
    left = datetime.fromisoformat(answer["until"]) - dt_util.utcnow()
    return round(left / DAY) * DAY


async def test_a_title_is_kept_for_days_or_for_good(household: Household) -> None:
    """The last word counts, also when it is a shorter one."""
    answer = await act(household, "keep", title=SECOND, days=90, why="for the children")
    assert (answer["title"], answer["season"], until(answer)) == (TITLE, None, 90 * DAY)
    (kept,) = answer["keeps"]
    assert (kept["by"], kept["why"]) == ("automation", "for the children")
    assert (await act(household, "keep", title=FILM.item_id))["until"] is None
    assert until(await act(household, "keep", title=TITLE, days=7)) == 7 * DAY


@pytest.mark.parametrize("action", ["keep", "postpone"])
async def test_what_nobody_knows_is_not_kept_in_silence(household: Household, action: str) -> None:
    """A slip of the pen would protect nothing; a word on it alone is no knowledge of it."""
    slip = TitleKey(MediaType.MOVIE, ProviderIds(tmdb=987_654_321))
    refused = await refusal(household, action, title=slip.names[0])
    assert refused.translation_key == "keeps_nothing"
    keeps = household.runtime.store.keeps
    assert await keeps.standing(dt_util.utcnow()) == ()
    await keeps.set(Keep(slip, None, None, dt_util.utcnow(), "somebody"))
    refused = await refusal(household, action, title=slip.names[0])
    assert refused.translation_key == "keeps_nothing"
    await act(household, "stop_keeping", title=slip.names[0])


async def test_what_a_silent_service_may_know_is_kept_and_said_to_be_unconfirmed(
    household: Household,
) -> None:
    """Better one word too many; once the service answers, the title is known."""
    assert (await act(household, "keep", title=TITLE))["confirmed"] is True
    household.servers.jellyfin.liar.tell(Lie(LieKind.ERROR, "/Items", times=99))
    answer = await act(household, "keep", title="movie:tmdb:987654321", days=2)
    assert (answer["confirmed"], until(answer)) == (False, 2 * DAY)
    assert len(answer["keeps"]) == 1


async def test_a_postponement_adds_days_and_never_takes_any(household: Household) -> None:
    """Thirty if nothing else is said; what is kept for good stays so."""
    assert until(await act(household, "postpone", title=SERIES, season=1)) == 30 * DAY
    more = await act(household, "postpone", title=SERIES, season=1, days=5)
    assert until(more) == 35 * DAY
    await act(household, "keep", title=SERIES, season=1)
    assert (await act(household, "postpone", title=SERIES, season=1))["until"] is None
    assert len((await act(household, "postpone", title=SERIES))["keeps"]) == 2


async def test_what_is_no_longer_kept_is_exactly_what_was_named(household: Household) -> None:
    """A missing season is never all of them; and where nothing was said, that is said."""
    await act(household, "keep", title=SERIES)
    await act(household, "keep", title=SERIES, season=0)
    await act(household, "keep", title=SERIES, season=2)
    answer = await act(household, "stop_keeping", title=SERIES, season=0)
    assert [one["season"] for one in answer["keeps"]] == [2, None]
    refused = await refusal(household, "stop_keeping", title=SERIES, season=0)
    assert refused.translation_key == "season_not_kept"
    answer = await act(household, "stop_keeping", title=SERIES)
    assert [one["season"] for one in answer["keeps"]] == [2]
    assert (await refusal(household, "stop_keeping", title=SERIES)).translation_key == "not_kept"


async def test_a_title_is_named_as_everywhere(household: Household) -> None:
    """Where several may be meant nothing is kept; a movie has no seasons, season 0 is one."""
    add(household, GLASS, Namesake, year=2021)
    for action in ("keep", "postpone", "stop_keeping"):
        refused = await refusal(household, action, title=GLASS.name)
        assert refused.translation_key == "title_ambiguous"
        refused = await refusal(household, action, title=TITLE, season=0)
        assert refused.translation_key == "movie_has_no_seasons"
    assert await household.runtime.store.keeps.standing(dt_util.utcnow()) == ()
    for days in (0, -1, 3651):
        with pytest.raises(vol.Invalid):
            await act(household, "keep", title=TITLE, days=days)


async def test_keeping_is_for_administrators(household: Household) -> None:
    """Automations, which an administrator wrote, may too."""
    guest = await user_context(household)
    for action in ("keep", "postpone", "stop_keeping"):
        with pytest.raises(Unauthorized):
            await act(household, action, guest, title=TITLE)
    assert await household.runtime.store.keeps.standing(dt_util.utcnow()) == ()


async def test_the_story_of_a_title_tells_what_was_kept_and_who_said_so(
    household: Household,
) -> None:
    """In order with everything else, by the name of the user; and what holds now by itself."""
    user = MockUser(name="Ada", is_owner=True).add_to_hass(household.hass)
    context = Context(user_id=user.id)
    await act(household, "keep", context, title=TITLE, why="a gift")
    await act(household, "postpone", context, title=TITLE)
    answer = await act(household, "get_title", title=TITLE)
    (keep,) = answer["keeps"]
    assert (keep["season"], keep["until"], keep["by"], keep["why"]) == (None, None, "Ada", "a gift")
    await act(household, "stop_keeping", title=TITLE)
    answer = await act(household, "get_title", title=TITLE)
    assert answer["keeps"] == []
    events = [{k: v for k, v in event.items() if k != "at"} for event in answer["events"]]
    assert events == [{"keep": keep}, {"stop_keeping": {"season": None, "by": "automation"}}]
