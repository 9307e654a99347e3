"""How a cleanup asks: of many titles at once while it plans, and of each anew before it acts."""

from typing import Any
from unittest.mock import AsyncMock
from urllib.parse import parse_qs, urlsplit

import pytest

from custom_components.showrunner.domain.candidate import Override
from custom_components.showrunner.domain.knowledge import Answer, Known
from custom_components.showrunner.domain.media import MediaType, Title

from .cleaning import Cleaned, key, steps, why


def asked(home: Cleaned) -> list[set[str]]:
    """Name the items of each question what is kept of a viewer."""
    calls = home.servers.jellyfin.calls[home.begun["jellyfin"] :]
    found = [parse_qs(urlsplit(call.path).query) for call in calls if "/Items" in call.path]
    return [set(one["ids"][0].split(",")) for one in found if "userId" in one and "ids" in one]


async def test_of_all_that_may_go_it_is_asked_at_once_what_was_watched(home: Cleaned) -> None:
    """Not title by title; and before its step each is asked for by itself (law 3)."""
    going = home.movies[:3]
    for movie in going:
        home.watched(movie.film)
    await home.ready()
    home.begin()
    shown = await home.call("cleanup_watched", dry_run=True)
    assert steps(shown)["delete_movie"] == "planned", why(shown)
    assert asked(home) == [{movie.film.item_id for movie in going}]
    home.begin()
    first = going[0]
    user = home.house.user("Sofa").id
    home.servers.world.userdata(user, first.film.item_id).played = False
    home.servers.world.userdata(user, first.film.item_id).play_count = 0
    home.servers.world.userdata(user, first.film.item_id).last_played = None
    done = await home.call("apply_plan", plan_id=shown["plan_id"])
    states = {(one["title"], one["action"]): one["state"] for one in done["steps"]}
    assert states[first.film.label, "delete_file"] == "planned"
    assert states[going[1].film.label, "delete_file"] == "done"
    assert {first.film.item_id} in asked(home)
    assert home.has(first)


async def test_who_looks_at_many_titles_asks_of_those_that_somebody_has_spoken_of(
    home: Cleaned, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is said of a title is found among them; of the others nobody is asked one by one."""
    store = home.house.runtime.store
    kept, wanted, deleted, quiet = (movie.film for movie in home.movies[:4])
    for film in (kept, wanted, deleted, quiet):
        home.watched(film)
    await home.ready()
    await home.call("keep", title=f"movie:tmdb:{kept.tmdb}", days=9)
    await store.overrides.set(key(wanted), Override.ALWAYS, "somebody")
    title = Title(MediaType.MOVIE, key(deleted).ids, deleted.name, deleted.year)
    await store.ledger.note("delete", None, title, "delete_file", "")
    asked = AsyncMock(wraps=store.ledger.for_title)
    monkeypatch.setattr(store.ledger, "for_title", asked)
    found, *_ = await home.house.runtime.jobs.named("cleanup")._looked()
    by_key = {one.title.ids.tmdb: one for one in found.held.values()}
    assert [len(one.value) for one in (by_key[kept.tmdb].keeps,) if isinstance(one, Known)] == [1]
    assert by_key[kept.tmdb].proofs.keeps == by_key[kept.tmdb].keeps
    assert by_key[wanted.tmdb].kept_by_override is Answer.YES
    assert [len(o.value) for o in (by_key[deleted.tmdb].deletions,) if isinstance(o, Known)] == [1]
    assert by_key[quiet.tmdb].keeps == Known(())
    assert by_key[quiet.tmdb].kept_by_override is Answer.NO
    names = {name for call in asked.await_args_list for name in call.args[0].names}
    assert f"movie:tmdb:{quiet.tmdb}" not in names
    assert f"movie:tmdb:{deleted.tmdb}" in names


@pytest.mark.parametrize("kind", ["radarr", "sonarr"])
async def test_what_is_linked_while_a_plan_is_made_lets_nothing_leave_that_it_may_hold(
    home: Cleaned, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """It was not asked; and whoever reads its list goes on."""
    runtime = home.house.runtime
    links = runtime.radarrs if kind == "radarr" else runtime.sonarrs
    (linked,) = links.values()
    for movie in home.movies[:2]:
        home.watched(movie.film)
    home.season()
    await home.ready()
    name = "movies" if kind == "radarr" else "all_series"
    asked = getattr(linked.client, name)

    async def linking(*given: Any, **more: Any) -> Any:
        answer = await asked(*given, **more)
        links["new"] = linked  # type: ignore[index, assignment]
        return answer

    monkeypatch.setattr(linked.client, name, linking)
    plan = await home.call("cleanup_watched", dry_run=True)
    actions = {one["action"] for one in plan["steps"]}
    monkeypatch.undo()
    links.pop("new")  # type: ignore[attr-defined]
    assert ("delete_file" in actions) is (kind != "radarr")
    assert ("delete_episode_files" in actions) is (kind != "sonarr")
    again = await home.call("cleanup_watched", dry_run=True)
    assert "delete_file" in {one["action"] for one in again["steps"]}, why(again)


async def test_law_3_what_is_linked_right_before_a_step_has_it_wait(
    home: Cleaned, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may hold the same title, and was not asked."""
    home.watched(home.movies[0].film)
    await home.ready()
    plan = await home.call("cleanup_watched", dry_run=True)
    assert "delete_file" in steps(plan), why(plan)
    links = home.house.runtime.radarrs
    (linked,) = links.values()
    facts = home.house.runtime.jobs.named("cleanup")._facts
    record = facts._titles.record

    async def linking(*given: Any) -> Any:
        links["new"] = linked  # type: ignore[index]
        return await record(*given)

    monkeypatch.setattr(facts._titles, "record", linking)
    done = await home.call("apply_plan", plan_id=plan["plan_id"])
    monkeypatch.undo()
    links.pop("new")  # type: ignore[attr-defined]
    assert "done" not in steps(done).values(), done["steps"]
    assert home.has(home.movies[0])
