"""How people name a title, and that every way of naming it gives the same answer."""

from homeassistant.exceptions import HomeAssistantError
import pytest

from custom_components.showrunner.domain.candidate import Override
from custom_components.showrunner.domain.library import ItemKind, LibraryItem
from custom_components.showrunner.domain.media import MediaType, ProviderIds, Title, TitleKey
from custom_components.showrunner.domain.requests.request import Request
from custom_components.showrunner.domain.requests.seasons import ALL
from custom_components.showrunner.jobs.download.facts import Wanted
from custom_components.showrunner.jobs.download.gather import Gatherer
from tests.domain.samples import NOW, POLICY
from tests.walk.household import Household
from world.catalogue import Film, by_name, guid
from world.shows import SHOWS

from .faces import SECOND, act
from .titles import GLASS, UNKNOWN, Namesake, add, refusal

FILM = by_name(SECOND)


class Unidentified(Film):
    """A film that Jellyfin has not identified."""

    __slots__ = ()

    @property
    def item_id(self) -> str:
        return guid("unidentified", self.number)


async def test_by_id_item_and_name_the_answer_is_the_same(household: Household) -> None:
    """Everything that happened to it, and its ids, however it is named."""
    await household.watch("Sofa", SECOND)
    await household.acquisition(SECOND)
    answer = await act(household, "get_title", title=FILM.item_id)
    assert {next(key for key in event if key != "at") for event in answer["events"]} == {
        "viewing",
        "decision",
        "plan",
        "change",
    }
    for name in (
        f"tmdb:{FILM.tmdb}",
        f"movie:tmdb:{FILM.tmdb}",
        f"imdb:{FILM.imdb}",
        SECOND,
        SECOND.upper(),
        f"{SECOND} ({FILM.year})",
        f" {FILM.item_id.upper()} ",
    ):
        assert await act(household, "get_title", title=name) == answer, name
        history = await act(household, "get_history", title=name)
        assert len(history["viewings"]) == 1


async def test_a_name_decides_where_one_title_has_it(household: Household) -> None:
    """A film's or a series'."""
    answer = await act(household, "decide", title=GLASS.name, viewer="Sofa")
    assert answer == await act(household, "decide", tmdb_id=GLASS.tmdb, viewer="Sofa") | {
        "decided_at": answer["decided_at"]
    }
    show = next(one for one in SHOWS)
    series = await act(household, "decide", title=show.name)
    assert (series["verdict"], series["rule"]) == ("stream", "movie")


async def test_where_several_have_a_name_they_are_named(household: Household) -> None:
    """Nothing is kept of any of them; with the year it is one."""
    other = add(household, GLASS, Namesake, year=2021)
    for action, more in (("get_title", {}), ("decide", {}), ("set_override", {"policy": "never"})):
        refused = await refusal(household, action, title=GLASS.name, **more)
        assert refused.translation_key == "title_ambiguous"
        for one in (GLASS, other):
            assert f"{one.name} ({one.year}) (movie:tmdb:{one.tmdb})" in str(refused)
    kept = household.runtime.store.overrides
    for one in (GLASS, other):
        ids = ProviderIds(tmdb=one.tmdb)
        assert (await kept.get(TitleKey(MediaType.MOVIE, ids))).policy is Override.AUTO
    answer = await act(household, "get_title", title=f"{GLASS.name} (2021)")
    assert answer["ids"] == [f"tmdb:{other.tmdb}", f"imdb:{other.imdb}"]


async def test_half_a_name_is_no_name(household: Household) -> None:
    """What it may be is said."""
    refused = await refusal(household, "get_title", title="Harbour of Glass")
    assert refused.translation_key == "title_ambiguous"
    assert f"movie:tmdb:{GLASS.tmdb}" in str(refused)
    assert (await refusal(household, "get_title", title="Ob")).translation_key == "title_unknown"


async def test_a_number_that_nobody_knows_needs_its_kind(household: Household) -> None:
    """Then it is kept, for that kind alone."""
    number = f"tmdb:{UNKNOWN}"
    refused = await refusal(household, "set_override", title=number, policy="never")
    assert refused.translation_key == "title_kind_unknown"
    kept = await act(household, "set_override", title=f"series:{number}", policy="never")
    assert kept == {"title": f"series:{number}", "policy": "never"}
    answer = await act(household, "get_title", title=number)
    assert (answer["media"], answer["override"], answer["override_kind_told"]) == (
        "series",
        "never",
        True,
    )


async def test_a_number_of_two_titles_is_none(household: Household) -> None:
    """Both are named with the kind that tells them apart."""
    title = Title(MediaType.SERIES, ProviderIds(tmdb=GLASS.tmdb), "The Harbour", 2001)
    await household.runtime.requests.asked([(Request("r:r:1", "r:r:1", title, NOW, ALL), ())])
    item = LibraryItem(
        household.servers.world.server_id,
        GLASS.item_id,
        ItemKind.MOVIE,
        GLASS.name,
        ProviderIds(GLASS.tmdb, None, GLASS.imdb),
        GLASS.year,
    )
    await household.runtime.store.library.take([item], 1)
    await act(household, "set_override", title=GLASS.item_id, policy="never")
    refused = await refusal(household, "get_title", title=f"tmdb:{GLASS.tmdb}")
    assert refused.translation_key == "title_ambiguous"
    assert f"The Harbour (2001) (series:tmdb:{GLASS.tmdb})" in str(refused)
    assert f"{GLASS.name} ({GLASS.year}) (movie:tmdb:{GLASS.tmdb})" in str(refused)
    answer = await act(household, "get_title", title=f"series:tmdb:{GLASS.tmdb}")
    assert (answer["media"], answer["override"]) == ("series", "auto")


async def test_of_what_has_no_id_nothing_can_be_kept(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It can be asked for all the same."""
    bare = add(household, GLASS, Unidentified, name="Nameless Reel")
    monkeypatch.setattr(Unidentified, "tmdb", property(lambda _: ""))
    monkeypatch.setattr(Unidentified, "imdb", property(lambda _: ""))
    refused = await refusal(household, "set_override", title=bare.name, policy="never")
    assert refused.translation_key == "title_without_id"
    result = await act(household, "get_title", title=bare.item_id)
    assert (result["title"], result["ids"], result["events"]) == ("Nameless Reel (1994)", [], [])
    answer = await act(household, "decide", title=bare.name)
    assert answer["title"] == "Nameless Reel (1994)"


async def test_while_jellyfin_is_silent_no_name_is_guessed(household: Household) -> None:
    """An id that is known needs nobody."""
    await household.watch("Sofa", SECOND)
    await household.acquisition(SECOND)
    answer = await act(household, "get_title", title=FILM.item_id)
    await household.servers.jellyfin.go_down()
    with pytest.raises(HomeAssistantError) as caught:
        await act(household, "get_title", title=SECOND)
    assert caught.value.translation_key == "service_failed"
    for name in (f"movie:tmdb:{FILM.tmdb}", FILM.item_id):
        assert (await act(household, "get_title", title=name))["events"] == answer["events"]


async def test_an_item_that_is_gone_is_known_by_its_history(household: Household) -> None:
    """Its old id still names the title."""
    await household.watch("Sofa", SECOND)
    await household.acquisition(SECOND)
    answer = await act(household, "get_title", title=FILM.item_id)
    del household.servers.world.films[FILM.item_id]
    assert (await act(household, "get_title", title=FILM.item_id))["events"] == answer["events"]


async def test_a_series_is_never_decided_as_the_movie_of_its_number() -> None:
    """Nobody is asked for it, so that no Radarr can answer with that movie."""
    gatherer = Gatherer(None, None, {}, {}, {})  # type: ignore[arg-type]
    wanted = Wanted("0" * 32, ProviderIds(tmdb=603), "The Ministry", media=MediaType.SERIES)
    gathered = await gatherer.gather(wanted, None, POLICY, NOW)
    assert gathered.candidate.title.media is MediaType.SERIES
    assert (gathered.owner, gathered.adder) == (None, None)
