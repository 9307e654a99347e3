"""The demo's /Items: what it leaves out, how it sorts, and what it counts."""

from typing import Any

from world.catalogue import EPISODES, Episode, by_name

from .conftest import House


async def items(house: House, **params: str) -> Any:
    """Ask for items."""
    return await house.get("jellyfin", "/Items", recursive="true", **params)


async def test_announced_episodes_are_listed_unless_they_are_not_wanted(house: House) -> None:
    """As the real server does for an API key."""
    announced = Episode("The Ministry of Rain", 2015, 880_102, 2, 1, "Not Yet")
    house.servers.world.announced.append(announced)
    for params, there in (
        ({}, True),
        ({"isMissing": "false"}, False),
        ({"excludeLocationTypes": "Virtual"}, False),
    ):
        answer = await items(house, fields="Path", **params)
        found = [dto for dto in answer["Items"] if dto["Id"] == announced.item_id]
        assert bool(found) is there
        assert all("Path" not in dto and dto["LocationType"] == "Virtual" for dto in found)


async def test_order_and_count(house: House) -> None:
    """By date, both ways; without a count the total is the page's."""
    answer = await items(house, sortBy="DateCreated,SortName", fields="DateCreated")
    dates = [dto["DateCreated"] for dto in answer["Items"]]
    assert dates == sorted(dates)
    down = await items(house, sortBy="DateCreated", sortOrder="Descending", fields="DateCreated")
    assert [dto["DateCreated"] for dto in down["Items"]] == sorted(dates, reverse=True)
    page = await items(house, enableTotalRecordCount="false", limit="3", startIndex="2")
    assert (page["TotalRecordCount"], len(page["Items"])) == (3, 3)


async def test_what_a_user_has(house: House) -> None:
    """Played or not, favourites, what can be resumed; without a user no such filter holds."""
    world = house.servers.world
    user = world.user("Sofa").id
    world.userdata(user, EPISODES[0].series_id).favorite = True
    played = await items(house, userId=user, isPlayed="true", includeItemTypes="Movie,Episode")
    unplayed = await items(house, userId=user, isPlayed="false", includeItemTypes="Movie,Episode")
    every = await items(house, userId=user, includeItemTypes="Movie,Episode")
    counts = [one["TotalRecordCount"] for one in (played, unplayed, every)]
    assert counts[0] + counts[1] == counts[2]
    assert all(dto["UserData"]["Played"] for dto in played["Items"])
    loved = await items(house, userId=user, filters="IsFavorite")
    assert {dto["Id"] for dto in loved["Items"]} == {
        by_name("Granite").item_id,
        EPISODES[0].series_id,
    }
    nobody = await items(house, isPlayed="true", includeItemTypes="Movie,Episode")
    assert nobody["TotalRecordCount"] == counts[2]
    assert not any("UserData" in dto for dto in nobody["Items"])
