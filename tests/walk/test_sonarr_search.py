"""What is missing of a series is searched for again: of what was asked for, and nothing else."""

from collections.abc import AsyncGenerator
from datetime import timedelta

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.showrunner.domain.media import MediaType, ProviderIds, Title
from custom_components.showrunner.domain.requests.request import Request
from custom_components.showrunner.domain.requests.seasons import named
from world.clock import utcnow
from world.servers import Servers
from world.shows import show_by_name
from world.sonarr_library import Series

from .arrs import arr, house_with_arrs
from .household import Household

SHOW = "Cable and Fog"


@pytest.fixture
async def house(
    hass: HomeAssistant, servers: Servers, hass_client_no_auth: ClientSessionGenerator
) -> AsyncGenerator[Household]:
    """Live in a household with a Radarr and a Sonarr."""
    async with house_with_arrs(hass, servers, hass_client_no_auth, add_webhook=False) as house:
        yield house


def asked() -> Request:
    """Ask for the first season."""
    show = show_by_name(SHOW)
    title = Title(MediaType.SERIES, ProviderIds(tvdb=show.tvdb), show.name, show.year)
    since = utcnow() - timedelta(days=1)
    return Request("seerr:none:1", "seerr:none:1", title, since, seasons=named([1]))


def held(house: Household) -> Series:
    """Have Sonarr hold it: all episodes aired, and none has a file."""
    library = house.servers.sonarr_state.library
    show = show_by_name(SHOW)
    series = library.by_tvdb(show.tvdb) or library.add(show, at=utcnow())
    for part in series.parts:
        part.aired, part.monitored, part.file_id = utcnow() - timedelta(days=9), True, 0
    return series


def searched(house: Household) -> list[list[int]]:
    """Give the episodes that Sonarr was to search for."""
    commands = house.servers.sonarr_state.library.commands.values()
    return [one["body"]["episodeIds"] for one in commands if one["name"] == "EpisodeSearch"]


async def test_only_what_is_missing_is_searched_for(house: Household) -> None:
    """Not what has a file, is not out, is not looked for, or is in the queue."""
    series = held(house)
    first = series.of_season(1)
    assert len(first) > 4
    first[0].file_id = 1
    first[1].monitored = False
    first[2].aired = utcnow() + timedelta(days=1)
    queue = house.servers.sonarr_state.library.queue
    queue[1] = {"id": 1, "seriesId": series.id, "episodeId": first[3].id, "downloadId": "A" * 40}
    assert await arr(house, "sonarr").search_again(asked())
    assert searched(house) == [sorted(one.id for one in first[4:])]


@pytest.mark.parametrize("why", ["all there", "not held", "a pack in the queue"])
async def test_where_nothing_is_missing_nothing_is_searched_for(house: Household, why: str) -> None:
    """Of which episodes a download is, has to be known."""
    library = house.servers.sonarr_state.library
    series = held(house)
    if why == "all there":
        for part in series.of_season(1):
            part.file_id = 1
    elif why == "not held":
        del library.series[series.id]
    else:
        library.queue[1] = {"id": 1, "seriesId": series.id, "downloadId": "A" * 40}
    assert not await arr(house, "sonarr").search_again(asked())
    assert searched(house) == []
