"""What was changed is put back: through the action, as a plan, in a household with real clients."""

from typing import Any

from homeassistant.exceptions import ServiceValidationError
import pytest

from custom_components.showrunner.domain.keeps import Keep
from custom_components.showrunner.domain.media import MediaType, ProviderIds, Title, TitleKey
from custom_components.showrunner.domain.plan import AddMovie, Scope, Step, Subject, Target
from custom_components.showrunner.domain.requests.request import RequestState
from custom_components.showrunner.store import LedgerState
from tests.english import english
from world.clock import utcnow

from .deleting import FILM, KEY, SERIES, Room, arrived, details, states
from .household import until
from .pipeline import Pipeline
from .undoing import row_of


async def changes(room: Room) -> list[dict[str, Any]]:
    """Give the changes that `get_title` tells of."""
    answer = await room.call("get_title", title=f"movie:tmdb:{FILM.tmdb}")
    return [event["change"] for event in answer["events"] if "change" in event]


async def test_a_deleted_film_comes_back_as_it_was(pipe: Pipeline) -> None:
    """In its folder, with profile and tags, monitored as before the whole plan, searched for."""
    room = await arrived(pipe)
    before = room.movie
    assert before is not None
    was = (before.path, before.profile, tuple(before.tags), before.monitored)
    assert before.monitored
    await room.ended(await room.delete(files=True))
    assert room.movie is None
    (rows,) = [one for one in await changes(room) if one["action"] == "delete_movie"]
    assert (rows["state"], rows["undone_at"]) == ("done", None)
    shown = await room.call("undo", ledger_id=rows["ledger_id"], dry_run=True)
    assert states(shown) == {"restore_movie": "planned", "search_movie": "planned"}
    assert room.movie is None
    done = await room.call("undo", ledger_id=rows["ledger_id"])
    assert states(done) == {"restore_movie": "done", "search_movie": "done"}, done
    again = room.movie
    assert again is not None
    assert (again.path, again.profile, tuple(again.tags), again.monitored) == was
    searches = [one for one in room.writes("radarr") if one.endswith("/command")]
    assert len(searches) == 1
    (rows,) = [one for one in await changes(room) if one["action"] == "delete_movie"]
    assert rows["undone_at"] is not None


async def test_a_second_undo_says_so(pipe: Pipeline) -> None:
    """And changes nothing."""
    room = await arrived(pipe)
    await room.ended(await room.delete(files=True))
    row = await row_of(room, "delete_movie")
    await room.call("undo", ledger_id=row.id)
    wrote = len(room.writes())
    with pytest.raises(ServiceValidationError) as caught:
        await room.call("undo", ledger_id=row.id)
    assert caught.value.translation_key == "not_undoable"
    assert "undone already" in str((caught.value.translation_placeholders or {})["why"])
    assert len(room.writes()) == wrote


async def test_law_10_what_was_taken_back_does_not_cool_down(pipe: Pipeline) -> None:
    """A person has asked for it: it may be fetched again at once."""
    room = await arrived(pipe)
    ledger = pipe.house.runtime.store.ledger
    await room.ended(await room.delete(files=True))
    assert await ledger.deleted_at(KEY) is not None
    row = await row_of(room, "delete_movie")
    await room.call("undo", ledger_id=row.id)
    assert await ledger.deleted_at(KEY) is None
    for action in ("unmonitor_movie", "delete_file"):
        assert (await row_of(room, action)).undone_at is not None


async def test_a_plan_to_undo_is_applied_once(pipe: Pipeline) -> None:
    """Shown twice and applied twice, the second finds nothing left to do."""
    room = await arrived(pipe)
    await room.ended(await room.delete(files=False))
    row = await row_of(room, "unmonitor_movie")
    assert room.movie is not None
    assert not room.movie.monitored
    first = await room.call("undo", ledger_id=row.id, dry_run=True)
    second = await room.call("undo", ledger_id=row.id, dry_run=True)
    assert states(await room.apply(first)) == {"restore_movie": "done"}
    assert room.movie.monitored
    over = await room.apply(second)
    assert states(over) == {"restore_movie": "skipped"}
    assert "undone already" in english(over["steps"][0]["detail"])


async def test_what_nothing_takes_back_says_so(pipe: Pipeline) -> None:
    """A request that Seerr has deleted, an outcome that is no step, a row that is not there."""
    room = await arrived(pipe)
    await room.ended(await room.delete(files=True))
    for action in ("delete_request", "forget_media"):
        row = await row_of(room, action)
        with pytest.raises(ServiceValidationError) as caught:
            await room.call("undo", ledger_id=row.id)
        assert caught.value.translation_key == "not_undoable"
    with pytest.raises(ServiceValidationError) as caught:
        await room.call("undo", ledger_id=987_654)
    assert caught.value.translation_key == "ledger_row_unknown"


async def test_deleted_episodes_are_looked_for_again_and_fetched(pipe: Pipeline) -> None:
    """Those that were monitored before the plan; they come back, and the series never went."""
    number = await pipe.ask(SERIES, (1,))
    await pipe.reaches(number, RequestState.AVAILABLE)
    await pipe.house.hass.async_block_till_done()
    await pipe.house.runtime.library.sweep_now()
    await pipe.house.runtime.set_option("safety", "max_library_percent", 100)
    room, library = Room(pipe, number), pipe.house.servers.sonarr_state.library
    series = next(one for one in library.series.values() if one.show is SERIES)
    season = [part for part in series.parts if part.episode.season == 1]
    plan = await room.ended(await room.delete(files=True))
    assert states(plan)["season:1"] == "done"
    assert not any(part.file_id or part.monitored for part in season)
    rows = await pipe.house.runtime.store.ledger.for_plan(plan["plan_id"])
    (deleted,) = [row for row in rows if row.action == "delete_episode_files"]
    done = await room.call("undo", ledger_id=deleted.id)
    assert states(done) == {"monitor_episodes": "done", "search_episodes": "done"}, done
    assert all(part.monitored for part in season)

    async def back() -> bool:
        return all(part.file_id for part in season)

    await until(back, what="the episodes are fetched again")


async def test_a_film_that_was_added_goes_again_unless_a_file_has_come(pipe: Pipeline) -> None:
    """Its entry only, proven by its id, and not where somebody keeps it, by tag or word."""
    room = await arrived(pipe)
    runtime, movie = pipe.house.runtime, room.movie
    assert movie is not None
    (service,) = runtime.radarrs
    ids = ProviderIds(tmdb=FILM.tmdb, imdb=FILM.imdb)
    title = Title(MediaType.MOVIE, ids, FILM.name, FILM.year)
    step = Step(
        id="add_movie",
        scope=Scope.MOVIE,
        subject=Subject.of_title(title),
        target=Target(service, "radarr", None, None, ids),
        payload=AddMovie(1, "/data/movies"),
        reasons=("a viewer has watched it",),
    )
    row = await runtime.store.ledger.begin("download", "p", step, {})
    after = {"movie_id": movie.id}
    await runtime.store.ledger.finish(row, LedgerState.DONE, "added", after)
    with pytest.raises(ServiceValidationError) as caught:
        await room.call("undo", ledger_id=row)
    assert "it has a file" in str((caught.value.translation_placeholders or {})["why"])
    movie.file_id = 0
    with pytest.raises(ServiceValidationError) as caught:
        await room.call("undo", ledger_id=row)
    assert "requested it" in str((caught.value.translation_placeholders or {})["why"])
    await room.ended(await room.delete(files=False))
    # Jellyfin still shows its file, whatever Radarr says.
    with pytest.raises(ServiceValidationError) as caught:
        await room.call("undo", ledger_id=row)
    assert "it has a file" in str((caught.value.translation_placeholders or {})["why"])
    pipe.house.servers.world.films.pop(FILM.item_id)
    plan = await room.call("undo", ledger_id=row, dry_run=True)
    assert states(plan) == {"delete_movie": "planned"}
    movie.tags.add(2)
    assert states(await room.apply(plan)) == {"delete_movie": "skipped"}
    assert room.movie is not None
    movie.tags.clear()
    plan = await room.call("undo", ledger_id=row, dry_run=True)
    await room.call("keep", title=f"movie:tmdb:{FILM.tmdb}", days=9)
    kept = await room.apply(plan)
    assert "a person keeps it until" in details(kept, "delete_movie")
    with pytest.raises(ServiceValidationError) as caught:
        await room.call("undo", ledger_id=row)
    assert "a person keeps it until" in str((caught.value.translation_placeholders or {})["why"])
    assert room.movie is not None
    await room.call("stop_keeping", title=f"movie:tmdb:{FILM.tmdb}")
    await _kept_perhaps(room)
    with pytest.raises(ServiceValidationError) as caught:
        await room.call("undo", ledger_id=row)
    assert "services give it different ids" in str(
        (caught.value.translation_placeholders or {})["why"]
    )
    assert await runtime.store.keeps.end(PERHAPS, None, utcnow(), "somebody")
    done = await room.call("undo", ledger_id=row)
    assert states(done) == {"delete_movie": "done"}
    assert room.movie is None


PERHAPS = TitleKey(MediaType.MOVIE, ProviderIds(imdb="tt0000009"))


async def _kept_perhaps(room: Room) -> None:
    """Have somebody keep what our own memory links with the film, by way of a third id."""
    store = room.pipe.house.runtime.store
    for ids in (ProviderIds(FILM.tmdb, 4711), ProviderIds(None, 4711, "tt0000009")):
        title = Title(MediaType.MOVIE, ids, FILM.name)
        await store.ledger.note("download", None, title, "found", "")
    await store.keeps.set(Keep(PERHAPS, None, None, utcnow(), "somebody"))
