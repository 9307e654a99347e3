"""What a person keeps is not deleted: said by the actions, seen by the servers (law 6)."""

from typing import Any

import pytest

from custom_components.showrunner.domain.keeps import Keep
from custom_components.showrunner.domain.media import MediaType, ProviderIds, TitleKey
from custom_components.showrunner.domain.plan import Step
from custom_components.showrunner.domain.requests.request import RequestState
from custom_components.showrunner.domain.text import say
from custom_components.showrunner.operations.radarr_deletions import UnmonitorMovieOperation
from custom_components.showrunner.store import StoreError
from tests.english import english
from world import jellyfin_dto, radarr_library, seerr
from world.clock import utcnow

from .deleting import FILM, SERIES, Answer, Room, arrived, details, states
from .pipeline import Pipeline

TITLE = f"movie:tmdb:{FILM.tmdb}"


def left_out(plan: Answer) -> str:
    """Say why things are left out."""
    return " | ".join(english(one["reason"]) for one in plan["left_out"])


async def test_law_6_a_kept_film_stays_until_nobody_keeps_it(pipe: Pipeline) -> None:
    """Not one change at Radarr; and when it is let go, it goes."""
    room = await arrived(pipe)
    await room.call("keep", title=FILM.name, days=90, why="for the children")
    plan = await room.ended(await room.delete(files=True))
    assert states(plan) == {}
    assert "a person keeps it until" in left_out(plan)
    assert room.writes() == []
    await room.call("stop_keeping", title=FILM.name)
    assert set(states(await room.ended(await room.delete(files=True))).values()) == {"done"}
    assert room.movie is None


async def test_law_6_a_film_stays_that_is_kept_by_an_id_which_only_jellyfin_knows(
    pipe: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither Radarr nor Seerr tells it: the item that proves the film does."""
    describe, page = radarr_library.describe, seerr._page
    monkeypatch.setattr(radarr_library, "describe", lambda one: describe(one) | {"imdbId": None})
    monkeypatch.setattr(seerr, "_page", lambda one: _without_imdb(page(one)))
    tells = jellyfin_dto.provider_ids
    monkeypatch.setattr(jellyfin_dto, "provider_ids", lambda one: tells(one) | {"Imdb": ""})
    room = await arrived(pipe)
    monkeypatch.setattr(jellyfin_dto, "provider_ids", tells)
    title = TitleKey(MediaType.MOVIE, ProviderIds(imdb=FILM.imdb))
    word = Keep(title, None, None, utcnow(), "somebody")
    await pipe.house.runtime.store.keeps.set(word)
    plan = await room.delete(files=True)
    assert states(plan) == {}
    assert "a person keeps it" in left_out(plan)
    assert room.writes() == []


def _without_imdb(page: dict[str, Any]) -> dict[str, Any]:
    return page | {"imdbId": None, "externalIds": {}}


async def test_law_3_what_is_kept_after_the_plan_was_made_is_left_as_it_is(pipe: Pipeline) -> None:
    """Each step asks again; what only belongs to the deletion is not done either."""
    room = await arrived(pipe)
    plan = await room.delete(files=True, dry_run=True)
    await room.call("postpone", title=FILM.name)
    done = await room.apply(plan)
    assert set(states(done).values()) == {"skipped"}
    assert "a person keeps it until" in details(done, "delete_file")
    assert room.writes() == []


async def test_law_3_what_is_kept_in_the_middle_of_a_deletion_is_not_deleted(
    pipe: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A person's word comes while it is being unmonitored: the file and all after it stay."""
    room = await arrived(pipe)
    apply = UnmonitorMovieOperation.apply

    async def apply_and_keep(self: UnmonitorMovieOperation, step: Step) -> Any:
        done = await apply(self, step)
        await room.call("keep", title=TITLE)
        return done

    monkeypatch.setattr(UnmonitorMovieOperation, "apply", apply_and_keep)
    plan = await room.ended(await room.delete(files=True))
    assert states(plan)["unmonitor"] == "done"
    assert details(plan, "delete_file") == "a person keeps it"
    assert room.writes() == ["PUT /api/v3/movie/editor"]
    movie = room.movie
    assert movie is not None
    assert movie.file_id


async def test_law_1_while_the_database_does_not_say_what_is_kept_nothing_goes(
    pipe: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unknown is not free."""
    room = await arrived(pipe)

    async def fail(*_: object) -> None:
        raise StoreError(say("store_closed"))

    monkeypatch.setattr(pipe.house.runtime.store.keeps, "standing", fail)
    plan = await room.delete(files=True)
    assert states(plan) == {}
    assert "whether a person keeps it is not known" in left_out(plan)
    assert room.writes() == []


async def test_law_6_a_kept_season_stays_and_the_others_go(pipe: Pipeline) -> None:
    """Its monitoring too; the series is not gone as a whole, and its request stays."""
    number = await pipe.ask(SERIES, (1, 2))
    await pipe.reaches(number, RequestState.AVAILABLE)
    await pipe.house.hass.async_block_till_done()
    await pipe.house.runtime.library.sweep_now()
    await pipe.house.runtime.set_option("safety", "max_library_percent", 100)
    room, library = Room(pipe, number), pipe.house.servers.sonarr_state.library
    title = f"series:tvdb:{SERIES.tvdb}"
    said = await room.call("keep", title=title, season=2)
    assert [(one["season"], one["until"]) for one in said["keeps"]] == [(2, None)]
    plan = await room.ended(await room.delete(files=True))
    assert states(plan) == {"unmonitor:1": "done", "season:1": "done"}
    assert "a person keeps season 2" in left_out(plan)
    series = next(one for one in library.series.values() if one.show is SERIES)
    kept = [part for part in series.parts if part.episode.season == 2 and part.file_id]
    assert kept
    assert all(part.monitored for part in kept)
    assert not any(part.file_id for part in series.parts if part.episode.season == 1)
    assert pipe.view(number) is not None
