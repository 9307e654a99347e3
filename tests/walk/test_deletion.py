"""Deleting a request in a real `hass`, through Seerr, arrs, a torrent client and Jellyfin.

What must not happen is asserted on the servers' own logs of calls.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized
import pytest
from pytest_homeassistant_custom_component.common import MockUser
import voluptuous as vol

from custom_components.showrunner.clients import arr
from custom_components.showrunner.clients.errors import ServiceError
from custom_components.showrunner.clients.seerr import RequestPage
from custom_components.showrunner.domain.plan import Proceed, Skip, StepState
from custom_components.showrunner.domain.requests.request import RequestState
from custom_components.showrunner.domain.text import say
from custom_components.showrunner.signals import Topic
from custom_components.showrunner.store import LedgerState
from tests.english import english
from world.clock import utcnow
from world.lies import Lie, LieKind

from .deleting import FILM, KEY, SERIES, Room, arrived, details, states
from .household import until
from .pipeline import Pipeline


def _keeping(kept: list[object]) -> Callable[[object], Awaitable[None]]:
    """Give a `put` that only notes what it is given."""

    async def put(plan: object) -> None:
        kept.append(plan)

    return put


async def test_a_request_goes_with_its_file_and_nothing_else(pipe: Pipeline) -> None:
    """Unmonitored first, then exactly its file, the entry without files, and Seerr's part."""
    room = await arrived(pipe)
    movie = room.movie
    assert movie is not None
    number, file = movie.id, movie.file_id
    plan = await room.ended(await room.delete(files=True))
    assert set(states(plan).values()) == {"done"}, plan
    assert room.writes("radarr") == [
        "PUT /api/v3/movie/editor",
        f"DELETE /api/v3/moviefile/{file}",
        f"DELETE /api/v3/movie/{number}?deleteFiles=false&addImportExclusion=false",
    ]
    # With its title Seerr drops the request: that is not asked for once more.
    assert [call.split("/")[3] for call in room.writes("seerr")] == ["media"]
    assert room.movie is None
    assert room.number not in room.servers.seerr_state.book.asks
    assert plan["totals"]["bytes_freed"] == FILM.size == plan["totals"]["bytes"]
    assert await room.pipe.house.runtime.store.ledger.freed() == FILM.size
    await until(lambda: pipe.view(room.number) is None, what="the request is over")


async def test_files_stay_while_a_seerr_can_not_say_who_else_wants_them(pipe: Pipeline) -> None:
    """A request made a moment ago may be waiting there, unread."""
    room = await arrived(pipe)
    (seerr,) = pipe.house.runtime.seerrs.values()
    await room.servers.seerr.go_down()
    await seerr.async_refresh()
    plan = await room.delete(files=True)
    assert not [one for one in states(plan) if one.startswith(("file", "delete_movie"))]
    assert any("can't say who else wants it" in one["reason"] for one in plan["left_out"])
    movie = room.movie
    assert movie is not None
    assert movie.file_id
    assert not [call for call in room.writes("radarr") if call.startswith("DELETE")]


async def test_seerr_forgets_nothing_that_somebody_has_asked_for_again(
    pipe: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the title Seerr drops every request for it, also one that we have not read yet."""
    room = await arrived(pipe)
    (seerr,) = pipe.house.runtime.seerrs.values()
    page = await seerr.client.newest()
    mine = next(one for one in page.requests if one.id == room.number)
    more = replace(page, requests=(*page.requests, replace(mine, id=mine.id + 1000)))

    async def newest() -> RequestPage:
        return more

    runtime = pipe.house.runtime
    shown = await room.delete(files=True, dry_run=True)
    before = [one for one in states(shown) if one not in ("forget_media", "delete_request")]
    await room.call("apply_plan", plan_id=shown["plan_id"], steps=before)
    pipe.house.servers.world.miss()
    plan = await runtime.store.plans.get(shown["plan_id"])
    assert plan is not None
    step = plan.step("forget_media")
    assert step is not None
    assert isinstance(await runtime.jobs.named("delete_request").recheck(plan, step, ()), Proceed)
    monkeypatch.setattr(seerr.client, "newest", newest)
    again = await runtime.jobs.named("delete_request").recheck(plan, step, ())
    # Who polls Seerr may have read the other request by now: then it is known to be wanted.
    why = ("asked_again", "seerr_keeps_wanted")
    assert again in [Skip(say(one), needless=True) for one in why]


async def test_law_10_what_we_deleted_is_remembered_with_its_whole_record(pipe: Pipeline) -> None:
    """So that the downloads leave it alone, and it can be added again as it was."""
    room = await arrived(pipe)
    store = pipe.house.runtime.store
    assert await store.ledger.deleted_at(KEY) is None
    plan = await room.ended(await room.delete(files=True))
    assert await store.ledger.deleted_at(KEY) is not None
    rows = {row.step_id: row for row in await store.ledger.for_plan(plan["plan_id"])}
    assert all(row.state is LedgerState.DONE for row in rows.values())
    record = rows["unmonitor"].before["record"]
    assert isinstance(record, dict)
    assert (record["monitored"], record["tmdbId"]) == (True, FILM.tmdb)
    assert {"path", "rootFolderPath", "qualityProfileId", "tags", "movieFile"} <= record.keys()


async def test_law_10_a_request_without_its_files_is_no_deletion(pipe: Pipeline) -> None:
    """The title is there, and may be fetched again."""
    room = await arrived(pipe)
    plan = await room.delete(files=False)
    assert states(plan) == {"unmonitor": "done", "delete_request": "done"}
    assert room.writes("radarr") == ["PUT /api/v3/movie/editor"]
    assert [call.split("/")[3] for call in room.writes("seerr")] == ["request"]
    assert await pipe.house.runtime.store.ledger.deleted_at(KEY) is None
    movie = room.movie
    assert movie is not None
    assert (movie.monitored, bool(movie.file_id)) == (False, True)


async def test_law_2_a_dry_run_writes_nothing_and_is_what_is_carried_out(pipe: Pipeline) -> None:
    """Not one change at any service; the plan that was shown is then applied, and no other."""
    room = await arrived(pipe)
    shown = await room.delete(files=True, dry_run=True)
    assert room.writes() == []
    assert set(states(shown).values()) == {"planned"}
    assert await pipe.house.runtime.store.ledger.for_plan(shown["plan_id"]) == ()
    again = await room.call("apply_plan", plan_id=shown["plan_id"], dry_run=True)
    assert room.writes() == []
    assert [step["id"] for step in again["steps"]] == [step["id"] for step in shown["steps"]]
    done = await room.ended(await room.call("apply_plan", plan_id=shown["plan_id"]))
    assert set(states(done).values()) == {"done"}
    assert room.movie is None


async def test_law_3_another_file_by_now_is_not_deleted(pipe: Pipeline) -> None:
    """An upgrade came between the plan and the person's word."""
    room = await arrived(pipe)
    plan = await room.delete(files=True, dry_run=True)
    movie = room.movie
    assert movie is not None
    movie.file_id = room.servers.radarr_state.library.next_id()
    done = await room.call("apply_plan", plan_id=plan["plan_id"])
    assert set(states(done).values()) == {"skipped"}
    # Nor is it unmonitored: that was only for a deletion which is not done.
    assert "changed" in details(done, "unmonitor")
    assert room.writes() == []
    assert movie.monitored
    assert movie.file_id


async def test_law_3_an_entry_that_has_a_file_by_now_is_not_forgotten(pipe: Pipeline) -> None:
    """It had none when the plan was made: forgotten, the file would lie there as nobody's."""
    room = await arrived(pipe)
    movie = room.movie
    assert movie is not None
    file, movie.file_id = movie.file_id, 0
    plan = await room.delete(files=True, dry_run=True)
    assert "delete_movie" in states(plan)
    assert "delete_file" not in states(plan)
    movie.file_id = file
    done = await room.call("apply_plan", plan_id=plan["plan_id"])
    assert states(done)["delete_movie"] == "skipped"
    assert "now first: deleting the file" in details(done, "unmonitor")
    assert room.writes() == []


async def test_law_3_what_is_kept_or_loved_or_playing_by_now_stays(pipe: Pipeline) -> None:
    """Each found in the moment before the file would go."""
    room = await arrived(pipe)
    movie = room.movie
    assert movie is not None
    item, world = FILM.item_id, pipe.house.servers.world

    async def tried() -> str:
        plan = await room.delete(files=True, dry_run=True)
        if "delete_file" in states(plan):
            return "planned"
        assert room.writes() == []
        return " ".join(left["reason"] for left in plan["left_out"])

    assert await tried() == "planned"
    movie.tags.add(2)
    assert "tag keep" in await tried()
    movie.tags.clear()
    sofa = pipe.house.user("Sofa")
    world.userdata(sofa.id, item).favorite = True
    assert "favourite of Sofa" in await tried()
    world.userdata(sofa.id, item).favorite = False
    other = pipe.house.user("Kitchen")
    world.userdata(other.id, item).favorite = True  # nobody tracks them
    assert await tried() == "planned"
    await room.begin_to_play()
    assert "playing now" in await tried()


async def test_law_3_a_plan_is_checked_again_for_what_plays(pipe: Pipeline) -> None:
    """It began after the plan was made."""
    room = await arrived(pipe)
    plan = await room.delete(files=True, dry_run=True)
    await room.begin_to_play()
    done = await room.call("apply_plan", plan_id=plan["plan_id"])
    assert set(states(done).values()) == {"skipped"}
    assert details(done, "unmonitor") == "it is playing now"
    assert details(done, "delete_file") == "the step before it was not done: it is playing now"
    assert room.writes() == []


async def test_law_1_a_silent_jellyfin_stops_everything_and_it_goes_on_by_itself(
    pipe: Pipeline,
) -> None:
    """What can't be proved now waits, with what prepares it; nothing is skipped for ever."""
    room = await arrived(pipe)
    plan = await room.delete(files=True, dry_run=True)
    room.servers.jellyfin.liar.tell(Lie(LieKind.ERROR, path="/Items"))
    half = await room.call("apply_plan", plan_id=plan["plan_id"])
    assert set(states(half).values()) == {"planned"}
    assert "Jellyfin" in details(half, "unmonitor")
    assert room.writes() == []
    room.servers.jellyfin.liar.be_honest()
    done = await room.ended(half)
    assert set(states(done).values()) == {"done"}, done


@pytest.mark.parametrize(
    ("server", "path"), [("radarr", "/tag"), ("jellyfin", "/Sessions"), ("jellyfin", "/Users")]
)
async def test_law_1_a_source_that_is_silent_at_planning_leaves_the_file_out(
    pipe: Pipeline, server: str, path: str
) -> None:
    """Tags that can't be read, sessions, users: each might protect it."""
    room = await arrived(pipe)
    assert room.movie is not None
    room.movie.tags.add(1)
    room.servers.all[server].liar.tell(Lie(LieKind.ERROR, path=path))
    plan = await room.delete(files=True, dry_run=True)
    assert {"delete_file", "delete_movie", "delete_request"}.isdisjoint(states(plan))


async def test_law_1_an_arr_that_has_just_begun_says_nothing_of_what_it_waits_for(
    pipe: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its queue is empty until it has asked its download clients."""
    monkeypatch.setattr(arr, "_STANDS", -1.0)  # here it starts anew in no time
    room = await arrived(pipe)
    radarr = room.servers.radarr_state
    plan = await room.delete(files=True, dry_run=True)
    begun, radarr.started = radarr.started, utcnow()
    half = await room.call("apply_plan", plan_id=plan["plan_id"])
    waits = [step["id"] for step in half["steps"] if step["state"] == "planned"]
    assert "has not asked its download clients" in details(half, waits[0])
    assert room.movie is not None
    assert room.movie.id in radarr.library.movies
    radarr.started = begun
    assert set(states(await room.ended(half)).values()) == {"done"}


async def test_law_1_an_arr_that_cant_ask_its_client_says_nothing_of_what_it_waits_for(
    pipe: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its queue lacks what the client has, and is not to be told from one that is empty."""
    monkeypatch.setattr(arr, "_STANDS", -1.0)  # here it loses its client in no time
    room = await arrived(pipe)
    radarr = room.servers.radarr_state
    plan = await room.delete(files=True, dry_run=True)
    radarr.clients.lose()
    half = await room.call("apply_plan", plan_id=plan["plan_id"])
    waits = [step["id"] for step in half["steps"] if step["state"] == "planned"]
    assert "Unable to communicate with qBittorrent" in details(half, waits[0])
    assert room.movie is not None
    assert room.movie.id in radarr.library.movies


async def test_law_1_a_jellyfin_that_names_no_users_protects_all_favourites(pipe: Pipeline) -> None:
    """Who loves it may be among those whom it does not name."""
    room = await arrived(pipe)
    room.servers.jellyfin.liar.tell(Lie(LieKind.EMPTY, path="/Users"))
    plan = await room.delete(files=True, dry_run=True)
    assert {"delete_file", "delete_movie", "delete_request"}.isdisjoint(states(plan))


async def test_law_1_a_404_of_a_proxy_is_not_gone(pipe: Pipeline) -> None:
    """It answers so for a server that is down: neither is anything planned on it, nor read back."""
    room = await arrived(pipe)
    operations = pipe.house.runtime.operations
    shown = await room.delete(files=True, dry_run=True)
    plan = await pipe.house.runtime.store.plans.get(shown["plan_id"])
    assert plan is not None
    room.servers.seerr.liar.tell(Lie(LieKind.ERROR, status=404))
    assert states(await room.delete(files=False, dry_run=True)) == {}
    room.servers.radarr.liar.tell(Lie(LieKind.ERROR, status=404))
    assert states(await room.delete(files=False, dry_run=True)) == {}
    for name in ("delete_movie", "forget_media", "delete_request"):
        step = plan.step(name)
        assert step is not None
        with pytest.raises(ServiceError):
            await operations[step.action].read_back(step, utcnow())
    assert pipe.view(room.number) is not None


@pytest.mark.parametrize(
    "lie",
    [
        Lie(LieKind.ERROR, path="/movie/editor", status=500),
        Lie(LieKind.ERROR, path="/movie/editor", status=400),
        Lie(LieKind.REFUSED, path="/movie/editor"),
        Lie(LieKind.DROP, path="/movie/editor"),
        Lie(LieKind.NOTHING, path="/movie/editor"),  # it says yes, and does nothing
    ],
    ids=lambda lie: f"{lie.kind.value} {lie.status}",
)
async def test_law_7_unmonitoring_that_failed_deletes_nothing(pipe: Pipeline, lie: Lie) -> None:
    """However it failed, also behind a good answer."""
    room = await arrived(pipe)
    room.servers.radarr.liar.tell(lie)
    plan = await room.delete(files=True)
    assert states(plan)["unmonitor"] in ("failed", "planned")
    assert "done" not in states(plan).values()
    assert not [call for call in room.writes() if call.startswith("DELETE")]
    assert room.movie is not None


async def test_law_7_what_was_monitored_again_is_not_deleted(pipe: Pipeline) -> None:
    """Somebody changed their mind between two steps."""
    room = await arrived(pipe)
    plan = await room.delete(files=True, dry_run=True)
    kept = await pipe.house.runtime.store.plans.get(plan["plan_id"])
    assert kept is not None
    first = kept.step("unmonitor")
    assert first is not None
    assert room.movie is not None
    done_by_then = kept.with_steps([replace(first, state=StepState.DONE)])
    await pipe.house.runtime.store.plans.put(done_by_then)
    assert room.movie.monitored
    done = await room.call("apply_plan", plan_id=plan["plan_id"])
    assert states(done)["delete_file"] == "skipped"
    assert "monitored" in details(done, "delete_file")
    assert not [call for call in room.writes() if call.startswith("DELETE")]


async def test_a_lost_answer_is_read_back_and_not_repeated(pipe: Pipeline) -> None:
    """The file is gone; the answer never came."""
    room = await arrived(pipe)
    room.servers.radarr.liar.tell(Lie(LieKind.HALF, path="/moviefile/", times=1))
    plan = await room.ended(await room.delete(files=True))
    assert set(states(plan).values()) == {"done"}, plan
    assert len([c for c in room.writes("radarr") if "moviefile" in c]) == 1


async def test_what_was_begun_for_a_plan_that_is_gone_is_not_asked_for_ever(
    pipe: Pipeline,
) -> None:
    """Nobody can say whether it happened: it ends so, in words."""
    room = await arrived(pipe)
    runtime = pipe.house.runtime
    shown = await room.delete(files=True, dry_run=True)
    plan = await runtime.store.plans.get(shown["plan_id"])
    assert plan is not None
    await runtime.store.ledger.begin(plan.job, "long gone", plan.steps[0], {})
    await runtime.settling.settle()
    (row,) = await runtime.store.ledger.for_plan("long gone")
    assert (row.state, "nobody can say" in english(row.detail)) == (LedgerState.FAILED, True)


async def test_after_a_crash_in_the_middle_it_is_read_back(pipe: Pipeline) -> None:
    """The ledger says begun; Radarr says that the file is gone; nothing is sent again."""
    room = await arrived(pipe)
    runtime = pipe.house.runtime
    shown = await room.delete(files=True, dry_run=True)
    plan = await runtime.store.plans.get(shown["plan_id"])
    assert plan is not None
    step = plan.step("delete_file")
    assert step is not None
    await runtime.store.ledger.begin(plan.job, plan.plan_id, step, {})
    assert room.movie is not None
    room.movie.file_id = 0
    await runtime.settling.settle()
    settled = await runtime.store.plans.get(plan.plan_id)
    assert settled is not None
    ended = settled.step("delete_file")
    assert ended is not None
    assert ended.state is StepState.DONE
    assert await runtime.store.ledger.deleted_at(KEY) is not None
    assert room.writes() == []


async def test_a_download_under_way_is_taken_from_its_client(pipe: Pipeline) -> None:
    """With its data, and only it; the queue has nothing to wait for any more."""
    world = pipe.house.servers.world
    world.pace = replace(world.pace, download=3600.0)
    other = await pipe.ask(SERIES, (1,))
    await pipe.reaches(other, RequestState.DOWNLOADING)
    kept = set(world.swarm.torrents)
    number = await pipe.ask(FILM)
    await pipe.reaches(number, RequestState.DOWNLOADING)
    (mine,) = set(world.swarm.torrents) - kept
    room = Room(pipe, number)

    async def is_known() -> bool:
        """Tell whether everybody has told of the download: until then nothing is planned."""
        return bool((await room.delete(files=False, dry_run=True))["steps"])

    await until(is_known)
    plan = await room.ended(await room.delete(files=False))
    assert states(plan) == {
        "unmonitor": "done",
        f"torrent:{mine.upper()}": "done",
        "delete_request": "done",
    }
    assert set(world.swarm.torrents) == kept
    assert room.writes("qbittorrent") == ["POST /api/v2/torrents/delete"]


async def test_of_a_series_the_requested_season_goes_in_one_call(pipe: Pipeline) -> None:
    """The other season and the series stay, and Seerr keeps the title."""
    number = await pipe.ask(SERIES, (1, 2))
    await pipe.reaches(number, RequestState.AVAILABLE)
    await pipe.house.hass.async_block_till_done()
    room = Room(pipe, number)
    # Two seasons are more than one run may take of a library whose size is not known yet.
    cut = states(await room.delete(files=True, dry_run=True))
    assert "cut" in (cut["season:1"], cut["season:2"])
    assert room.writes() == []
    await pipe.house.runtime.library.sweep_now()
    await pipe.house.runtime.set_option("safety", "max_library_percent", 100)
    shown = await room.delete(files=True, dry_run=True)
    assert [step["id"] for step in shown["steps"]] == [
        "unmonitor:1",
        "season:1",
        "unmonitor:2",
        "season:2",
        "forget_media",
        "delete_request",
    ]
    assert shown["steps"][1]["scope"] == "season"
    chosen = ["unmonitor:2", "season:2", "forget_media", "delete_request"]
    part = await room.call("apply_plan", plan_id=shown["plan_id"], steps=chosen)
    # Season 1 was not chosen: what Seerr has waits for it, although season 2 is done.
    assert states(part)["season:2"] == "done"
    assert states(part)["forget_media"] == states(part)["delete_request"] == "planned"
    assert "they were not chosen" in details(part, "forget_media")
    assert room.writes("sonarr") == [
        "PUT /api/v3/episode/monitor",
        "DELETE /api/v3/episodefile/bulk",
    ]
    library = room.servers.sonarr_state.library
    series = next(one for one in library.series.values() if one.show is SERIES)
    there = {one.episode.season for one in series.parts if one.file_id}
    assert there == {1}
    assert {one.episode.season for one in series.parts if one.monitored} == {1}
    assert room.writes("seerr") == []
    done = await room.ended(await room.call("apply_plan", plan_id=shown["plan_id"]))
    assert set(states(done).values()) == {"done"}, done
    assert series.id in library.series
    assert not any(one.file_id for one in series.parts)


async def test_who_may_and_what_must_be_said(
    pipe: Pipeline, hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A look is for everybody, a deletion for administrators; `files` has no default.

    What somebody looks at who could not apply it is neither kept nor told.
    """
    room = await arrived(pipe)
    user = MockUser(groups=[]).add_to_hass(hass)
    context = Context(user_id=user.id)
    request_id = room.request_id
    runtime, answer = room.pipe.house.runtime, []
    unsubscribe = runtime.signals.subscribe(
        # Jellyfin may be told of the import meanwhile.
        Topic.JOB,
        lambda kind, said: answer.append(kind) if said["job"] != "refresh" else None,
    )
    kept: list[object] = []
    monkeypatch.setattr(runtime.store.plans, "put", _keeping(kept))
    shown = await room.call(
        "delete_request", context, request_id=request_id, files=False, dry_run=True
    )
    assert shown["plan_id"] is None
    assert shown["steps"]
    assert (kept, answer) == ([], [])
    shown = await room.call("delete_request", request_id=request_id, files=False, dry_run=True)
    assert shown["plan_id"]
    assert (len(kept), answer) == (1, ["planned"])
    unsubscribe()
    with pytest.raises(Unauthorized):
        await room.call(
            "delete_request", context, request_id=request_id, files=False, dry_run=False
        )
    with pytest.raises(vol.Invalid):
        await room.call("delete_request", request_id=request_id)
    with pytest.raises(ServiceValidationError) as caught:
        await room.call("delete_request", request_id="seerr:x:99", files=False)
    assert caught.value.translation_key == "request_unknown"
    assert room.writes() == []


async def test_law_2_the_dry_run_of_the_options_holds_until_somebody_confirms(
    pipe: Pipeline,
) -> None:
    """As for every plan."""
    room = await arrived(pipe)
    runtime = pipe.house.runtime
    await runtime.set_option("safety", "dry_run", True)
    plan = await room.delete(files=True)
    assert plan["dry_run"] is True
    with pytest.raises(ServiceValidationError):
        await room.delete(files=True, dry_run=False)
    assert room.writes() == []
    done = await room.delete(files=False, dry_run=False, confirm=True)
    assert set(states(done).values()) == {"done"}


async def test_what_was_added_by_hand_is_followed_once(pipe: Pipeline) -> None:
    """Monitored without a file; not what Seerr was asked for, and not twice."""
    number = await pipe.ask(FILM)
    await pipe.reaches(number, RequestState.AVAILABLE)
    await pipe.house.hass.async_block_till_done()
    room, library = Room(pipe, number), pipe.house.servers.radarr_state.library
    asked = {ask.media.entry.label for ask in pipe.house.servers.seerr_state.book.asks.values()}
    movies = library.movies.values()
    wanted = {one.film.label for one in movies if one.monitored and not one.file_id} - asked
    first = await room.call("sync_library")
    assert {one["title"] for one in first["followed"]} == wanted
    assert wanted
    assert FILM.label not in wanted
    view = pipe.house.runtime.requests.find(first["followed"][0]["request_id"])
    assert view is not None
    assert view.request.ref.startswith("arr:")
    assert view.status.state is RequestState.APPROVED
    movie = next(m for m in library.movies.values() if m.film.label == view.request.title.label)
    assert abs((view.request.requested_at - movie.added).total_seconds()) < 1
    assert await room.call("sync_library") == {"followed": []}
    assert room.writes() == []


async def test_a_series_of_which_no_season_is_wanted_is_not_followed(pipe: Pipeline) -> None:
    """A request without seasons would be for all of them, and so would its deletion."""
    room, library = Room(pipe, 0), pipe.house.servers.sonarr_state.library
    series = next(one for one in library.series.values() if one.monitored)
    for part in series.parts:
        part.monitored, part.file_id = False, 0
    followed = await room.call("sync_library")
    assert series.show.label not in {one["title"] for one in followed["followed"]}


async def test_a_better_file_on_its_way_is_nobodys_wish(pipe: Pipeline) -> None:
    """Who deleted that request with its files would lose what was there long before."""
    room, radarr = Room(pipe, 0), pipe.house.servers.radarr_state.library
    movie = next(one for one in radarr.movies.values() if one.file_id)
    radarr.queue[99] = {"id": 99, "movieId": movie.id, "status": "downloading", "size": 1.0}
    sonarr = pipe.house.servers.sonarr_state.library
    series = next(one for one in sonarr.series.values() if one.monitored and len(one.parts) > 1)
    for part in series.parts:
        part.monitored, part.file_id = True, part.file_id or sonarr.next_id()
    sonarr.queue[98] = {"id": 98, "seriesId": series.id, "status": "downloading", "size": 1.0}
    titles = {one["title"] for one in (await room.call("sync_library"))["followed"]}
    assert not titles & {movie.film.label, series.show.label}


async def test_nobody_follows_while_seerr_is_silent(pipe: Pipeline) -> None:
    """Whose wishes these are would not be known."""
    room = Room(pipe, 0)
    [seerr] = pipe.house.runtime.seerrs.values()
    room.servers.seerr.liar.tell(Lie(LieKind.ERROR))
    await until(lambda: not seerr.connected, what="Seerr is down")
    with pytest.raises(HomeAssistantError):
        await room.call("sync_library")
    views = pipe.house.runtime.requests.views.values()
    assert not [view for view in views if view.request.ref.startswith("arr:")]
