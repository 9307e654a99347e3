"""What leaves is a collection in Jellyfin: ours alone, and only as long as it is wanted."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.showrunner.clients.errors import ServiceError, Unreadable
from custom_components.showrunner.jobs.cleanup.collection import LeavingCollection, NameTaken
from world.catalogue import EPISODES
from world.clock import utcnow
from world.collections import BoxSet, Collections, season_id
from world.lies import Lie, LieKind
from world.people import User
from world.servers import Servers
from world.world import in_jellyfin

from .arrs import house_with_arrs
from .household import Household, until

SERIES = "The Ministry of Rain"


class Shelf:
    """The household, Jellyfin's collections, and ours among them."""

    def __init__(self, house: Household) -> None:
        """Count the writes from now on."""
        self.house = house
        movies = house.servers.radarr_state.library.movies.values()
        world = house.servers.world
        self.films = [o.film for o in movies if o.file_id and in_jellyfin(world, o.film)]
        self._from = len(house.servers.jellyfin.calls)

    @property
    def sets(self) -> Collections:
        """The server's collections."""
        found: Collections = self.house.servers.jellyfin_state.collections
        return found

    @property
    def ours(self) -> LeavingCollection:
        """Who looks after it."""
        return self.house.runtime.leaving_collection

    async def option(self, key: str, value: object, page: str = "cleanup") -> None:
        """Change an option."""
        await self.house.runtime.set_option(page, key, value)
        await self.house.hass.async_block_till_done()

    async def watched(self, *items: str, days: float = 30) -> None:
        """Have things watched so many days ago, and have it noticed."""
        world = self.house.servers.world
        for item in items:
            data = world.userdata(self.house.user("Sofa").id, item)
            data.played, data.play_count, data.position = True, 1, 0.0
            data.last_played = utcnow() - timedelta(days=days)
        await self.house.runtime.library.sweep_now()
        await self.found()

    async def seen(self, item: str) -> None:
        """Have a film watched long ago, and noticed only by whoever looks."""
        data = self.house.servers.world.userdata(self.house.user("Sofa").id, item)
        data.played, data.play_count, data.position = True, 1, 0.0
        data.last_played = utcnow() - timedelta(days=30)
        await self.house.runtime.library.sweep_now()

    async def found(self) -> None:
        """Have it found out anew what leaves, and shown."""
        await self.house.runtime.jobs.named("cleanup").look()
        await self.ours.look()

    def leaves(self, leaving: tuple[()] | None) -> None:
        """Have nothing leave, or nobody know what does."""
        self.house.runtime.jobs.named("cleanup")._due.leaving = leaving

    def box(self) -> BoxSet:
        """Give the only collection."""
        (found,) = self.sets.sets.values()
        return found

    def writes(self) -> list[str]:
        """List what Jellyfin was asked to change, but for our webhook at the beginning."""
        harmless = ("/Library/Media/Updated", "/Library/Refresh", "/Configuration")
        return [
            f"{call.method} {call.path}"
            for call in self.house.servers.jellyfin.calls[self._from :]
            if call.method != "GET" and not call.path.endswith(harmless)
        ]


@pytest.fixture
async def shelf(
    hass: HomeAssistant, servers: Servers, hass_client_no_auth: ClientSessionGenerator
) -> AsyncGenerator[Shelf]:
    """Live in a household whose cleanup runs by itself, with a collection."""
    async with house_with_arrs(hass, servers, hass_client_no_auth, add_webhook=False) as house:
        for one in servers.world.data.values():
            one.played, one.favorite, one.position = False, False, 0.0
        cleanup = {"enabled": True, "who": "any", "leaving_collection": True}
        hass.config_entries.async_update_entry(
            house.entry, options={**house.entry.options, "cleanup": cleanup}
        )
        await hass.async_block_till_done()
        yield Shelf(house)


async def test_it_holds_what_leaves_within_its_days(shelf: Shelf) -> None:
    """Films, and seasons as such; what is kept goes out of it; nothing is removed with it."""
    soon, later = shelf.films[0], shelf.films[1]
    await shelf.option("grace_days", 40)
    season = [one for one in EPISODES if one.series == SERIES]
    await shelf.watched(soon.item_id, *(one.item_id for one in season), days=30)
    await shelf.watched(later.item_id, days=2)
    shown = {soon.item_id, season_id(season[0].series_id, season[0].season)}
    assert (shelf.box().name, set(shelf.box().members)) == ("Leaving soon", shown)
    await shelf.option("collection_days", 60)
    await shelf.found()
    assert set(shelf.box().members) == shown | {later.item_id}
    await shelf.house.hass.services.async_call(
        "showrunner", "keep", {"title": f"movie:tmdb:{soon.tmdb}"}, blocking=True
    )
    await shelf.found()
    assert soon.item_id not in shelf.box().members
    before = shelf.writes()
    await shelf.found()
    assert shelf.writes() == before  # nothing has changed
    assert shelf.sets.removed == []


async def test_a_dry_run_makes_not_one_writing_call(shelf: Shelf) -> None:
    """Neither to make it nor to take anything away; and nothing in it changes."""
    await shelf.option("dry_run", True, "safety")
    await shelf.watched(shelf.films[0].item_id)
    assert (shelf.writes(), shelf.sets.sets) == ([], {})
    await shelf.option("dry_run", False, "safety")
    await shelf.found()
    before = shelf.writes()
    assert before
    await shelf.option("dry_run", True, "safety")
    await shelf.option("leaving_collection", False)
    await shelf.watched(shelf.films[1].item_id)
    assert shelf.writes() == before
    assert shelf.box().members == [shelf.films[0].item_id]


async def test_without_the_option_there_is_none(shelf: Shelf) -> None:
    """It is off until somebody wants it; nor is one made for nothing."""
    await shelf.option("leaving_collection", False)
    await shelf.watched(shelf.films[0].item_id)
    assert shelf.writes() == []
    await shelf.house.hass.services.async_call(
        "showrunner", "keep", {"title": f"movie:tmdb:{shelf.films[0].tmdb}"}, blocking=True
    )
    await shelf.found()
    assert shelf.house.runtime.jobs.named("cleanup").leaving == ()
    await shelf.option("leaving_collection", True)
    await shelf.ours.look()
    assert shelf.writes() == []


async def test_switched_off_it_is_emptied_and_removed(shelf: Shelf) -> None:
    """And made anew when it is wanted again."""
    await shelf.watched(shelf.films[0].item_id)
    (made,) = shelf.sets.sets
    await shelf.option("leaving_collection", False)
    await shelf.ours.look()
    assert shelf.sets.sets == {}
    assert shelf.sets.removed == [made]
    await shelf.option("leaving_collection", True)
    await shelf.found()
    assert shelf.box().members == [shelf.films[0].item_id]


async def test_what_a_person_has_put_in_stays(shelf: Shelf) -> None:
    """Also a thing that leaves later, and the collection with it; renamed it is still ours."""
    mine, theirs = shelf.films[0].item_id, shelf.films[1].item_id
    await shelf.watched(mine)
    shelf.box().members.append(theirs)
    shelf.box().name = "Last chance"
    await shelf.watched(theirs)
    assert shelf.box().members == [mine, theirs]
    await shelf.option("leaving_collection", False)
    await shelf.ours.look()
    assert (shelf.box().name, shelf.box().members) == ("Last chance", [theirs])
    assert shelf.sets.removed == []


async def test_a_collection_that_is_not_ours_is_never_touched(shelf: Shelf) -> None:
    """Jellyfin would give it to whoever makes one of its name."""
    theirs = shelf.sets.make("leaving Soon", shelf.films[2].item_id)
    await shelf.watched(shelf.films[0].item_id)
    names = {one.name: one.members for one in shelf.sets.sets.values()}
    assert names == {
        "leaving Soon": [shelf.films[2].item_id],
        "Leaving soon (Showrunner)": [shelf.films[0].item_id],
    }
    await shelf.option("leaving_collection", False)
    await shelf.ours.look()
    assert list(shelf.sets.sets) == [theirs]
    shelf.sets.make("Leaving soon (Showrunner)")
    await shelf.option("leaving_collection", True)
    before = shelf.writes()
    with pytest.raises(NameTaken):
        await shelf.found()
    assert shelf.writes() == before


async def test_one_that_was_renamed_keeps_its_folder(shelf: Shelf) -> None:
    """To make one of the name that it had would be to take it, with what is in it."""
    theirs = shelf.sets.make("Leaving soon", shelf.films[2].item_id)
    shelf.sets.sets[theirs].name = "Ours for Sunday"
    await shelf.watched(shelf.films[0].item_id)
    names = {one.name: one.members for one in shelf.sets.sets.values()}
    assert names == {
        "Ours for Sunday": [shelf.films[2].item_id],
        "Leaving soon (Showrunner)": [shelf.films[0].item_id],
    }


async def test_one_that_is_given_instead_of_a_new_one_is_not_ours(shelf: Shelf) -> None:
    """Whatever Jellyfin may have taken the name for: it was there before."""
    theirs = shelf.sets.make("Leaving soon")
    found = shelf.sets.sets[theirs]
    found.name, found.folder = "Ours for Sunday", "ours [boxset]"
    await shelf.seen(shelf.films[0].item_id)
    with pytest.raises(NameTaken):
        await shelf.found()
    assert found.members == []
    await shelf.option("leaving_collection", False)
    await shelf.ours.look()
    assert shelf.sets.sets == {theirs: found}


async def test_one_that_was_not_listed_is_not_ours(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new one is empty."""
    theirs = shelf.sets.make("Leaving soon", shelf.films[2].item_id)
    monkeypatch.setattr(shelf.sets, "dtos", list)
    await shelf.seen(shelf.films[0].item_id)
    with pytest.raises(NameTaken):
        await shelf.found()
    assert shelf.sets.sets[theirs].members == [shelf.films[2].item_id]


async def test_our_own_that_was_not_listed_stays_ours(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what we have put in."""
    await shelf.watched(shelf.films[0].item_id)
    with monkeypatch.context() as patch:
        patch.setattr(shelf.sets, "dtos", list)
        await shelf.ours.look()
    shelf.leaves(())
    await shelf.ours.look()
    assert shelf.box().members == []


async def test_where_nobody_sees_everything_none_is_made(shelf: Shelf) -> None:
    """Nobody could tell what is in it."""
    world, sofa = shelf.house.servers.world, shelf.house.user("Sofa")
    await shelf.seen(shelf.films[0].item_id)
    world.users[sofa.id] = replace(sofa, all_folders=False)
    with pytest.raises(Unreadable):
        await shelf.found()
    assert shelf.writes() == []


async def test_where_a_folder_is_not_told_none_is_made(shelf: Shelf) -> None:
    """It might be the one of that name."""
    theirs = shelf.sets.make("Leaving soon", shelf.films[2].item_id)
    found = shelf.sets.sets[theirs]
    found.name, found.folder = "Ours for Sunday", " [boxset]"
    await shelf.seen(shelf.films[0].item_id)
    with pytest.raises(Unreadable):
        await shelf.found()
    assert shelf.writes() == []


async def _lose(shelf: Shelf) -> str:
    """Have the only collection made, and the answer that says so lost."""
    liar = shelf.house.servers.jellyfin.liar
    liar.tell(Lie(LieKind.DROP, path="/Collections", method="POST"))
    await shelf.seen(shelf.films[0].item_id)
    with pytest.raises(ServiceError):
        await shelf.found()
    with pytest.raises(ServiceError):
        await shelf.ours.look()  # after the one that is begun by what was found
    liar.be_honest()
    assert shelf.sets.sets == {}
    return shelf.sets.make("Leaving soon")


async def test_one_whose_answer_was_lost_is_ours(shelf: Shelf) -> None:
    """There is no second one, and it goes when it is switched off."""
    made = await _lose(shelf)
    await shelf.ours.look()
    assert list(shelf.sets.sets) == [made]
    assert shelf.box().members == [shelf.films[0].item_id]
    await shelf.option("leaving_collection", False)
    await shelf.ours.look()
    assert (shelf.sets.sets, shelf.sets.removed) == ({}, [made])


async def test_one_whose_answer_was_lost_goes_when_it_is_switched_off(shelf: Shelf) -> None:
    """Though nothing has ever been put into it."""
    made = await _lose(shelf)
    await shelf.option("leaving_collection", False)
    await shelf.ours.look()
    assert (shelf.sets.sets, shelf.sets.removed) == ({}, [made])
    theirs = shelf.sets.make("Leaving soon")
    await shelf.ours.look()
    assert list(shelf.sets.sets) == [theirs]  # what was begun is forgotten


async def test_one_with_something_in_it_is_not_the_one_that_was_begun(shelf: Shelf) -> None:
    """Somebody may have made it meanwhile."""
    made = await _lose(shelf)
    shelf.box().members.append(shelf.films[2].item_id)
    await shelf.ours.look()
    assert shelf.sets.sets[made].members == [shelf.films[2].item_id]
    await shelf.option("leaving_collection", False)
    await shelf.ours.look()
    assert list(shelf.sets.sets) == [made]


async def test_an_administrator_who_sees_less_is_not_asked(shelf: Shelf) -> None:
    """To them it seems to be empty: what a person has put in would go with it."""
    world, sofa = shelf.house.servers.world, shelf.house.user("Sofa")
    mine, theirs = shelf.films[0].item_id, shelf.films[1].item_id
    await shelf.watched(mine)
    shelf.box().members.append(theirs)
    child = User("Nursery", "", administrator=True, all_folders=False)
    world.users = {child.id: child, **world.users}
    await shelf.found()
    assert shelf.box().members == [mine, theirs]
    before = shelf.writes()
    world.users = {
        key: replace(one, administrator=one is child) for key, one in world.users.items()
    }
    shelf.leaves(())
    with pytest.raises(Unreadable):
        await shelf.ours.look()
    await shelf.option("leaving_collection", False)
    with pytest.raises(Unreadable):
        await shelf.ours.look()
    assert (shelf.writes(), shelf.box().members) == (before, [mine, theirs])
    world.users[sofa.id] = sofa
    await shelf.ours.look()
    assert shelf.box().members == [theirs]


async def test_what_was_not_seen_in_it_is_taken_out_all_the_same(shelf: Shelf) -> None:
    """It was not told, which does not say that it is out."""
    await shelf.watched(shelf.films[0].item_id)
    theirs = shelf.films[1].item_id
    shelf.box().members.append(theirs)
    shelf.leaves(())
    shelf.sets.hidden.add(shelf.films[0].item_id)
    await shelf.ours.look()
    assert shelf.box().members == [theirs]


async def test_switched_off_it_loses_what_was_not_seen_in_it(shelf: Shelf) -> None:
    """What a person has put in stays, and the collection with it."""
    await shelf.watched(shelf.films[0].item_id)
    theirs = shelf.films[1].item_id
    shelf.box().members.append(theirs)
    shelf.sets.hidden.add(shelf.films[0].item_id)
    await shelf.option("leaving_collection", False)
    await shelf.ours.look()
    assert shelf.box().members == [theirs]


async def test_one_that_a_person_removed_is_made_anew(shelf: Shelf) -> None:
    """It is wanted; and one that has its place since is not ours."""
    await shelf.watched(shelf.films[0].item_id)
    shelf.sets.sets.clear()
    await shelf.found()
    assert shelf.box().members == [shelf.films[0].item_id]


@pytest.mark.parametrize("path", ["/Items", "/Users"])
async def test_while_jellyfin_is_silent_nothing_is_changed(shelf: Shelf, path: str) -> None:
    """Neither put in nor taken out; it goes on when it answers."""
    await shelf.watched(shelf.films[0].item_id)
    before = shelf.writes()
    shelf.leaves(())
    shelf.house.servers.jellyfin.liar.tell(Lie(LieKind.ERROR, path=path))
    with pytest.raises(ServiceError):
        await shelf.ours.look()
    assert shelf.writes() == before
    shelf.house.servers.jellyfin.liar.be_honest()
    await shelf.ours.look()
    assert shelf.box().members == []


async def test_while_nobody_knows_what_leaves_it_stays(shelf: Shelf) -> None:
    """Not known is not nothing."""
    await shelf.watched(shelf.films[0].item_id)
    before = shelf.writes()
    shelf.leaves(None)
    await shelf.ours.look()
    assert shelf.writes() == before


async def test_it_goes_with_the_entry(shelf: Shelf) -> None:
    """Nobody would know it for ours any more."""
    await shelf.watched(shelf.films[0].item_id)
    theirs = shelf.sets.make("Mine", shelf.films[0].item_id)
    hass, entry = shelf.house.hass, shelf.house.entry
    await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()
    assert list(shelf.sets.sets) == [theirs]


async def test_it_is_filled_by_itself(shelf: Shelf) -> None:
    """When it was found what leaves."""
    world = shelf.house.servers.world
    data = world.userdata(shelf.house.user("Sofa").id, shelf.films[0].item_id)
    data.played, data.play_count = True, 1
    data.last_played = utcnow() - timedelta(days=30)
    await shelf.house.runtime.library.sweep_now()
    await shelf.house.runtime.jobs.named("cleanup").look()
    await until(lambda: any(one.members for one in shelf.sets.sets.values()))
