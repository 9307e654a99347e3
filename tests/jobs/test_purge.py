"""Purging a plain rTorrent: its files go over a file transfer, whatever happens in between."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
import random
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pytest

from custom_components.showrunner.clients import moment
from custom_components.showrunner.clients.arr_models import HealthFinding
from custom_components.showrunner.clients.errors import Unreachable
from custom_components.showrunner.coordinators.base import ServiceCoordinator
from custom_components.showrunner.coordinators.torrents import TorrentCoordinator
from custom_components.showrunner.domain.history import HistoryKind
from custom_components.showrunner.domain.media import MediaType
from custom_components.showrunner.domain.plan import (
    Action,
    Plan,
    Proceed,
    RemoveTorrent,
    Skip,
    StepState,
    Wait,
)
from custom_components.showrunner.domain.seeding.policy import PurgePolicy
from custom_components.showrunner.domain.text import say
from custom_components.showrunner.domain.torrent_details import Removal
from custom_components.showrunner.domain.torrent_trust import Vanished
from custom_components.showrunner.domain.torrents import Torrent
from custom_components.showrunner.jobs.kit import waiting
from custom_components.showrunner.jobs.purge.job import ClientUnknown, PurgeJob
from custom_components.showrunner.jobs.purge.spec import SPEC, _connect
from custom_components.showrunner.jobs.wordings import message_of
from custom_components.showrunner.options import PurgeOptions
from custom_components.showrunner.signals import Attributes, Signals, Topic
from custom_components.showrunner.store import Store
from tests.effort import examples
from tests.english import english
from tests.operations.disk import tree

from .purging import ARR, CLIENT, TRANSFER, Box, Client, Switchboard, Transfer, purge_of


@pytest.fixture
async def store(tmp_path: Path) -> AsyncGenerator[Store]:
    """Open an empty store."""
    opened = await Store.open(tmp_path / "purge.db")
    yield opened
    await opened.close()


@pytest.fixture
def box(tmp_path: Path) -> Box:
    """Give a seedbox with nothing in it."""
    (tmp_path / "data").mkdir()
    return Box(tmp_path / "data")


def states(plan: Plan) -> list[tuple[str, StepState]]:
    """Say how the steps ended, by what they do."""
    return [(step.action.value, step.state) for step in plan.steps]


async def test_the_entry_goes_first_and_then_exactly_its_files(box: Box, store: Store) -> None:
    """What is freed is what was seen to be gone; everything else is untouched."""
    gone = box.put(1, [b"film.mkv", b"sub/film.srt", "Amélie \n.nfo".encode()])
    box.imported(gone)
    box.put(2, [b"other.mkv"])
    (box.folder / "mine.txt").write_text("mine")
    before = tree(box.folder)
    plan = await purge_of(box, store).purge(None, dry_run=False)
    done = StepState.DONE
    assert states(plan) == [("remove_torrent", done), ("remove_remote_files", done)]
    assert box.erased == [gone.hash]
    assert tree(box.folder) == {
        path: one for path, one in before.items() if b"Release 1" not in path
    }
    assert plan.totals["bytes_freed"] == len("film.mkv" + "sub/film.srt") + len("Amélie \n.nfo") + 1


@pytest.fixture
def asked(box: Box, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count what a client is asked of all its torrents; a second never ends."""
    monkeypatch.setattr(moment, "STANDS", 60.0)
    asked: Counter[str] = Counter()
    for name, ask in (("list", box.list), ("hashes", partial(_named, box))):
        monkeypatch.setattr(box, name, partial(_counted, asked, name, ask))
    return asked


async def test_a_client_is_not_asked_for_all_that_it_has_before_each_thing_that_is_done(
    box: Box, store: Store, asked: Counter[str]
) -> None:
    """Among thousands each list takes its time: the hashes alone tell that nothing has come."""
    for number in range(1, 11):
        box.imported(box.put(number, [b"film.mkv"]))
    job = purge_of(box, store)
    shown = await job.purge(None, dry_run=True)
    assert asked == {"list": 1}
    plan = await job.runs.apply(shown, None, dry_run=False)
    assert {state for _, state in states(plan)} == {StepState.DONE}
    # Once for the run, whatever the plan was made from; and that each one is gone.
    assert asked == {"list": 2, "hashes": len(plan.steps) - 1 + 10}


async def test_a_client_that_tells_only_changes_is_asked_each_time(
    box: Box, store: Store, asked: Counter[str]
) -> None:
    """It costs it nothing to say once more that nothing has changed."""
    box.tells_changes = True
    for number in range(1, 4):
        box.imported(box.put(number, [b"film.mkv"]))
    plan = await purge_of(box, store).purge(None, dry_run=False)
    assert {state for _, state in states(plan)} == {StepState.DONE}
    assert asked == {"list": 1 + len(plan.steps), "hashes": 3}


@pytest.mark.parametrize("how", ["comes", "lost", "doubted", "doubted meanwhile", "does not tell"])
async def test_a_list_counts_no_longer_than_it_is_true(
    box: Box, store: Store, asked: Counter[str], monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """What has come may use the same data; who does not answer now is asked for all."""
    for number in (1, 2):
        box.imported(box.put(number, [b"film.mkv"]))
    job = purge_of(box, store)
    shown = await job.purge(None, dry_run=True)
    [client] = job._facts.torrents.values()
    last = [*box.torrents.values()][-1]
    removed, fails = box.remove, False

    async def remove(info_hash: str, *, data: bool) -> None:
        nonlocal fails
        await removed(info_hash, data=data)
        match how:
            case "comes":
                box.torrents["B" * 40] = replace(last, hash="B" * 40)
            case "lost":
                client.connected = False  # a poll got no answer
            case "doubted":
                client.doubted = True
            case _:
                fails = True

    async def hashes() -> frozenset[str]:
        nonlocal fails
        # That it is gone is told; what is asked before the next step is not.
        if fails and len(box.erased) == 1 and asked["hashes"] > 0:
            if how == "does not tell":
                raise Unreachable("rTorrent", "down")
            client.doubted = True  # a poll has read it while it was asked
        return await _counted(asked, "hashes", partial(_named, box))

    monkeypatch.setattr(client, "remove", remove)
    monkeypatch.setattr(box, "hashes", hashes)
    before = asked["list"]
    plan = await job.runs.apply(shown, None, dry_run=False)
    assert asked["list"] - before > 1
    if how == "comes":  # the second one's data are used by now
        assert len(box.erased) == 1
        assert (box.folder / "Release 2" / "film.mkv").exists()
    elif how.startswith("doubted"):
        assert len(box.erased) == 1
        assert (box.folder / "Release 1" / "film.mkv").exists()
        assert plan.waiting
    else:
        assert {state for _, state in states(plan)} == {StepState.DONE}


@pytest.mark.parametrize("lately", [False, True])
async def test_a_client_that_falls_while_another_is_asked_does_not_tell(
    box: Box, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lately: bool
) -> None:
    """A poll of its own has found that: what was told before is no longer what it has."""
    facts = purge_of(box, store)._facts
    [client] = facts.torrents.values()
    slow = Client(Box(tmp_path))
    tell = slow.async_refresh

    async def refresh() -> None:
        await tell()
        monkeypatch.setattr(client, "doubted", True)

    monkeypatch.setattr(slow, "async_refresh", refresh)
    monkeypatch.setattr(facts, "torrents", {CLIENT: client, "slow": slow})
    found, silent = await facts.of_clients(lately=lately)
    assert [*silent] == [CLIENT]
    assert [one.service for one in found.clients] == ["slow"]
    assert [one.service for one in found.silent] == [CLIENT]


async def _named(box: Box) -> frozenset[str]:
    return frozenset(box.torrents)


async def _counted(counts: Counter[str], name: str, ask: Callable[[], Awaitable[object]]) -> object:
    counts[name] += 1
    return await ask()


async def test_an_arr_that_has_just_begun_has_no_queue_yet(box: Box, store: Store) -> None:
    """What it waits for is told once it has asked its download clients: an empty one is none."""
    box.imported(one := box.put(1, [b"film.mkv"]))
    begun = datetime.now(UTC)
    clock = begun + timedelta(minutes=4)
    job = purge_of(box, store, now=lambda: clock)
    shown = await job.purge(None, dry_run=True)
    assert len(shown.steps) == 2

    box.started = begun
    seen = await job.purge(None, dry_run=False)
    assert (seen.steps, [left.unknown for left in seen.left_out]) == ((), [True])
    assert "has not asked its download clients" in english(seen.left_out[0].reason)
    plan = await job.runs.apply(shown, None, dry_run=False)
    assert [step.waits for step in plan.steps] == [True, True]
    assert box.erased == []

    box.queued = {"F" * 40}  # it names something: it has asked
    assert len((await job.purge(None, dry_run=True)).steps) == 2
    box.queued = set()
    clock = begun + timedelta(minutes=6)
    plan = await job.runs.apply(plan, None, dry_run=False)
    assert {state for _, state in states(plan)} == {StepState.DONE}
    assert box.erased == [one.hash]


async def test_an_arr_that_cant_ask_its_client_does_not_know_what_it_waits_for(
    box: Box, store: Store
) -> None:
    """What waits for its import there is left out of its queue, which may be empty then."""
    box.imported(one := box.put(1, [b"film.mkv"]))
    clock = datetime.now(UTC)
    job = purge_of(box, store, now=lambda: clock)
    shown = await job.purge(None, dry_run=True)
    assert len(shown.steps) == 2

    box.ails = {HealthFinding("DownloadClientStatusCheck", "qBit is away", "")}
    seen = await job.purge(None, dry_run=False)
    assert (seen.steps, [left.unknown for left in seen.left_out]) == ((), [True])
    assert "can't ask a download client" in english(seen.left_out[0].reason)
    plan = await job.runs.apply(shown, None, dry_run=False)
    assert [step.waits for step in plan.steps] == [True, True]

    box.ails = {HealthFinding("IndexerStatusCheck", "an indexer is away", "")}
    plan = await job.runs.apply(plan, None, dry_run=False)
    assert [step.waits for step in plan.steps] == [True, True]
    assert box.erased == []
    clock += timedelta(minutes=3)  # by now it has looked again
    plan = await job.runs.apply(plan, None, dry_run=False)
    assert {state for _, state in states(plan)} == {StepState.DONE}
    assert box.erased == [one.hash]


async def test_without_a_transfer_it_stays_and_the_plan_says_so(box: Box, store: Store) -> None:
    """Without its entry nobody would know of its data any more."""
    box.imported(box.put(1, [b"film.mkv"]))
    before = tree(box.folder)
    job = purge_of(box, store, transfer=False)
    shown = await job.purge(None, dry_run=True)
    assert shown.steps == ()
    assert "its data stay" in " ".join(english(one.reason) for one in shown.left_out)
    plan = await job.purge(None, dry_run=False)
    assert (plan.steps, tree(box.folder)) == ((), before)


async def test_a_name_that_lost_letters_is_left_and_said(box: Box, store: Store) -> None:
    """It may be any file."""
    box.imported(box.put(1, [b"film.mkv", b"Caf?.nfo"]))
    box.spoilt = {b"Caf?.nfo"}
    plan = await purge_of(box, store).purge(None, dry_run=False)
    assert [path.name for path in (box.folder / "Release 1").iterdir()] == ["Caf?.nfo"]
    assert "1 file stays" in " ".join(english(one) for one in plan.steps[1].reasons)
    assert "1 left there" in english(plan.steps[1].detail)


async def test_nothing_is_erased_while_its_files_could_not_be_removed(
    box: Box, store: Store
) -> None:
    """The transfer is asked first; and its files must be those that were planned."""
    box.imported(one := box.put(1, [b"film.mkv"]))
    job = purge_of(box, store)
    plan = await job.purge(None, dry_run=True)
    box.down = {TRANSFER}
    plan = await job.runs.apply(plan, None, dry_run=False)
    assert states(plan)[0] == ("remove_torrent", StepState.PLANNED)
    box.down = set()
    box.names[one.hash] += (b"new.mkv",)
    plan = await job.runs.apply(plan, None, dry_run=False)
    assert states(plan)[0] == ("remove_torrent", StepState.SKIPPED)
    assert box.erased == []


async def test_nothing_is_erased_whose_files_lie_elsewhere(box: Box, store: Store) -> None:
    """Its place is empty for the transfer: a disk that is not mounted there, or another machine."""
    box.imported(box.put(1, [b"film.mkv"]))
    job = purge_of(box, store)
    plan = await job.purge(None, dry_run=True)
    (box.folder / "Release 1").rename(box.folder.parent / "elsewhere")
    plan = await job.runs.apply(plan, None, dry_run=False)
    assert states(plan)[0] == ("remove_torrent", StepState.SKIPPED)
    assert "not where SFTP looks" in english(plan.steps[0].detail)
    assert box.erased == []


async def test_a_transfer_of_another_host_reaches_other_files(box: Box, store: Store) -> None:
    """The same path there may be a copy."""
    box.imported(box.put(1, [b"film.mkv"]))
    job = purge_of(box, store)
    (transfer,) = job._facts.transfers.values()
    transfer.login = SimpleNamespace(host="elsewhere")
    plan = await job.purge(None, dry_run=False)
    assert (plan.steps, box.erased) == ((), [])


async def test_over_ftp_nothing_is_removed(box: Box, store: Store) -> None:
    """It tells nobody what is a link: the data can't be reached."""
    box.imported(box.put(1, [b"film.mkv"]))
    job = purge_of(box, store)
    (transfer,) = job._facts.transfers.values()
    transfer.removes = False
    plan = await job.purge(None, dry_run=False)
    assert (plan.steps, box.erased) == ((), [])


async def test_files_stay_when_somebody_uses_them_meanwhile(box: Box, store: Store) -> None:
    """Another torrent over the same data, added between the two steps; or the same one again."""
    for digit in ("B", ""):
        box.imported(one := box.put(1, [b"film.mkv"]))
        job = purge_of(box, store)
        shown = await job.purge(None, dry_run=True)

        other = replace(one, hash=digit * 40 or one.hash)

        def add(number: int, other: Torrent = other) -> None:
            if box.erased:
                box.torrents[other.hash] = other

        box.line = Switchboard(before_each=add)
        plan = await job.runs.apply(shown, None, dry_run=False)
        assert states(plan)[1] == ("remove_remote_files", StepState.SKIPPED)
        assert (box.folder / "Release 1" / "film.mkv").exists()
        box.line = Switchboard()
        box.torrents.clear()
        box.erased.clear()


async def test_only_some_of_what_belongs_together_is_done_by_nobody(box: Box, store: Store) -> None:
    """The entry without its files would leave them to nobody."""
    box.imported(box.put(1, [b"film.mkv"]))
    job = purge_of(box, store)
    shown = await job.purge(None, dry_run=True)
    for step in shown.steps:
        plan = await job.runs.apply(shown, [step.id], dry_run=False)
        assert {state for _, state in states(plan)} == {StepState.PLANNED}
    assert box.erased == []


async def test_a_client_that_only_notes_down_is_helped_over_the_transfer(
    box: Box, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it did not delete by then is removed."""
    box.removal = Removal.QUEUED_WITH_DATA
    box.imported(box.put(1, [b"film.mkv"]))

    async def remove(info_hash: str, *, data: bool) -> None:
        assert data
        box.torrents.pop(info_hash)

    monkeypatch.setattr(box, "remove", remove)
    plan = await purge_of(box, store).purge(None, dry_run=False)
    assert [state for _, state in states(plan)] == [StepState.DONE] * 2
    assert list(box.folder.iterdir()) == []


async def test_what_only_a_client_says_is_told_as_such(
    box: Box, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """qBittorrent deletes by itself, and nobody looks at the disk."""
    box.removal = Removal.WITH_DATA
    box.imported(box.put(1, [b"film.mkv"], done_bytes=3 * 10**9))

    async def remove(info_hash: str, *, data: bool) -> None:
        assert data
        box.torrents.pop(info_hash)

    monkeypatch.setattr(box, "remove", remove)
    plan = await purge_of(box, store, transfer=False).purge(None, dry_run=False)
    totals = plan.totals
    assert (totals["bytes_freed"], totals["bytes_claimed"]) == (3 * 10**9, 3 * 10**9)
    assert "as its client says" in english(plan.steps[0].detail)
    message = message_of(Topic.JOB, "done", {"job": "purge", **totals})
    assert message is not None
    assert "3.0 GB of them as a torrent client says" in english(message.text)
    seen = message_of(Topic.JOB, "done", {"job": "purge", **totals, "bytes_claimed": 0})
    assert seen is not None
    assert english(seen.text) == "3.0 GB are free again."
    # Nor do the Activity and the sum of all that was freed take it for seen.
    _, noted = SPEC.activity("done", totals)
    assert "3.0 GB of them as a torrent client says" in english(noted)
    _, noted = SPEC.activity("done", {**totals, "bytes_claimed": 0})
    assert english(noted) == "let 1 torrent go, which freed 3.0 GB"
    assert await store.ledger.freed() == 0


async def test_law_9_data_wait_while_one_that_vanished_may_use_them(box: Box, store: Store) -> None:
    """In the plan, before the torrent goes, and before its files do."""
    box.imported(one := box.put(1, [b"film.mkv"]))
    twin = replace(one, hash="B" * 40)
    job = purge_of(box, store)
    shown = await job.purge(None, dry_run=True)
    client: Client = job._facts.torrents[CLIENT]  # type: ignore[assignment]
    for missing in (twin, None):
        client.vanished = Vanished({twin.hash: missing})
        plan = await job.purge(None, dry_run=True)
        assert (plan.steps, [left.unknown for left in plan.left_out]) == ((), [True])
        plan = await job.runs.apply(shown, None, dry_run=False)
        assert [state for _, state in states(plan)] == [StepState.PLANNED] * 2
    erase = box.remove

    async def remove(info_hash: str, *, data: bool) -> None:
        await erase(info_hash, data=data)
        client.vanished = Vanished({twin.hash: twin})

    client.remove = remove  # type: ignore[method-assign]
    client.vanished = Vanished()
    plan = await job.runs.apply(shown, None, dry_run=False)
    assert [state for _, state in states(plan)] == [StepState.DONE, StepState.PLANNED]
    assert (box.folder / "Release 1" / "film.mkv").exists()
    client.vanished = Vanished()
    plan = await job.runs.apply(plan, None, dry_run=False)
    assert [state for _, state in states(plan)] == [StepState.DONE] * 2


EPISODES = [b"S01E%02d.mkv" % number for number in range(1, 11)]


@pytest.mark.parametrize("removal", [Removal.ENTRY_ONLY, Removal.QUEUED_WITH_DATA])
async def test_a_pack_of_which_the_history_forgot_episodes_is_not_whole(
    box: Box, store: Store, removal: Removal
) -> None:
    """Ten videos and eight rows; its place is taken by others. One with ten rows goes."""
    box.removal = removal
    whole, pruned = box.put(1, [*EPISODES, b"i.nfo"]), box.put(2, EPISODES)
    box.imported_episodes(whole, EPISODES)
    box.imported_episodes(pruned, EPISODES[:8])
    job = purge_of(box, store, media=MediaType.SERIES)
    shown = await job.purge(None, dry_run=True)
    assert {step.subject.key for step in shown.steps} == {whole.hash}
    assert "10 episodes; 8 imported" in " ".join(english(one.reason) for one in shown.left_out)


async def test_law_3_what_is_another_torrent_by_now_stays(box: Box, store: Store) -> None:
    """Larger, or elsewhere: what lies there is not what was judged."""
    grown, moved, same = (box.put(number, [b"film.mkv"]) for number in (1, 2, 3))
    for one in (grown, moved, same):
        box.imported(one)
    job = purge_of(box, store)
    shown = await job.purge(None, dry_run=True)
    assert len(shown.steps) == 6
    box.torrents[grown.hash] = replace(grown, size_bytes=grown.size_bytes + 1)
    box.torrents[moved.hash] = replace(moved, content_path=f"{moved.content_path}/elsewhere")
    plan = await job.runs.apply(shown, None, dry_run=False)
    ended = {
        step.subject.key: step.state for step in plan.steps if step.action is Action.REMOVE_TORRENT
    }
    assert ended[grown.hash] is ended[moved.hash] is StepState.SKIPPED
    assert (ended[same.hash], box.erased) == (StepState.DONE, [same.hash])


async def test_law_3_what_its_client_would_delete_elsewhere_by_now_stays(
    tmp_path: Path, store: Store
) -> None:
    """No list of files is planned then: that it lies where it was judged is all that is known."""
    (tmp_path / "data").mkdir()
    box = Box(tmp_path / "data", removal=Removal.WITH_DATA)
    moved = box.put(1, [b"film.mkv"])
    box.imported(moved)
    job = purge_of(box, store)
    shown = await job.purge(None, dry_run=True)
    assert [one.action for one in shown.steps] == [Action.REMOVE_TORRENT]
    box.torrents[moved.hash] = replace(moved, content_path=f"{moved.content_path}/elsewhere")
    plan = await job.runs.apply(shown, None, dry_run=False)
    assert (states(plan), box.erased) == ([("remove_torrent", StepState.SKIPPED)], [])


async def test_law_3_data_that_another_uses_by_now_stay(tmp_path: Path, store: Store) -> None:
    """It came after the plan, and is not to go."""
    (tmp_path / "data").mkdir()
    box = Box(tmp_path / "data", removal=Removal.WITH_DATA)
    one = box.put(1, [b"film.mkv"])
    box.imported(one)
    job = purge_of(box, store)
    shown = await job.purge(None, dry_run=True)
    assert [isinstance(it.payload, RemoveTorrent) and it.payload.data for it in shown.steps] == [
        True
    ]
    box.torrents["C" * 40] = replace(one, hash="C" * 40)
    plan = await job.runs.apply(shown, None, dry_run=False)
    assert (states(plan), box.erased) == ([("remove_torrent", StepState.SKIPPED)], [])


async def test_law_1_a_torrent_whose_client_is_no_longer_linked_waits(
    box: Box, store: Store
) -> None:
    """And so do its files: nobody knows whether it is there, or what else uses them."""
    box.imported(box.put(1, [b"film.mkv"]))
    job = purge_of(box, store)
    shown = await job.purge(None, dry_run=True)
    client = job._facts.torrents.pop(CLIENT)  # type: ignore[attr-defined]
    for step in shown.steps:
        assert await job.recheck(shown, step, ()) == Wait(say("client_not_linked"))
    job._facts.torrents[CLIENT] = client  # type: ignore[index]
    assert isinstance(await job.recheck(shown, shown.steps[0], ()), Proceed)


async def test_law_3_what_is_gone_or_there_again_by_now_is_not_touched(
    box: Box, store: Store
) -> None:
    """Who is gone needs no removal, so that its files may go; of one that is back they stay."""
    one, other = box.put(1, [b"film.mkv"]), box.put(2, [b"other.mkv"])
    box.imported(one)
    job = purge_of(box, store)
    shown = await job.purge(None, dry_run=True)
    entry, files = shown.steps
    assert await job.recheck(shown, files, ()) == Skip(say("purge_there_again"))
    del box.torrents[one.hash]
    assert await job.recheck(shown, entry, ()) == Skip(say("purge_gone"), needless=True)
    assert isinstance(await job.recheck(shown, files, ()), Proceed)
    del box.torrents[other.hash]
    assert isinstance(await job.recheck(shown, files, ()), Proceed)
    box.down.add(CLIENT)
    for step in shown.steps:
        waits = await job.recheck(shown, step, ())
        assert isinstance(waits, Wait)
        assert waits.reason != say("client_not_linked")


@pytest.mark.parametrize(
    ("removal", "check"),
    [
        (Removal.ENTRY_ONLY, Skip(say("purge_files_not_planned"))),
        (Removal.QUEUED_WITH_DATA, Proceed()),
    ],
)
async def test_an_entry_does_not_go_without_the_removal_of_its_files(
    box: Box, store: Store, removal: Removal, check: object
) -> None:
    """Its client would leave them to nobody; one that notes them down sees to them itself."""
    box.removal = removal
    box.imported(box.put(1, [b"film.mkv"]))
    job = purge_of(box, store)
    shown = await job.purge(None, dry_run=True)
    entry, files = shown.steps
    assert isinstance(await job.recheck(shown, entry, ()), Proceed)
    assert await job.recheck(replace(shown, steps=(entry,)), entry, ()) == check
    odd = replace(shown, steps=(entry, replace(entry, id=files.id)))
    assert await job.recheck(odd, entry, ()) == check


async def test_law_3_an_entry_stays_whose_files_are_others_by_now(box: Box, store: Store) -> None:
    """Or can no longer be planned; while nobody tells them, or their transfer is away, it waits."""
    one = box.put(1, [b"film.mkv", b"film.srt"])
    box.imported(one)
    job = purge_of(box, store)
    shown = await job.purge(None, dry_run=True)
    entry = shown.steps[0]
    box.names[one.hash] = (b"film.mkv",)
    assert await job.recheck(shown, entry, ()) == Skip(say("purge_changed"))
    box.names[one.hash] = (b"film.mkv", b"film.srt")
    box.spoilt = {b"film.mkv", b"film.srt"}
    assert await job.recheck(shown, entry, ()) == Skip(say("purge_changed"))
    box.spoilt = set()
    assert isinstance(await job.recheck(shown, entry, ()), Proceed)
    transfer = job._facts.transfers.pop(TRANSFER)  # type: ignore[attr-defined]
    assert await job.recheck(shown, entry, ()) == Wait(say("purge_files_not_told"))
    job._facts.transfers[TRANSFER] = transfer  # type: ignore[index]

    async def no_files(info_hash: str) -> None:
        return None

    job._facts.torrents[CLIENT].client.files = no_files  # type: ignore[method-assign]
    assert await job.recheck(shown, entry, ()) == Wait(say("purge_files_not_told"))


async def test_an_entry_that_would_leave_data_to_nobody_stays(box: Box, store: Store) -> None:
    """It was planned without them, for another used them; that one is gone meanwhile."""
    box.removal = Removal.WITH_DATA
    mine, other = box.put(1, [b"film.mkv"]), box.put(2, [b"film.mkv"], ratio=0.1)
    box.torrents[other.hash] = replace(
        other, content_path=mine.content_path, seeding_seconds=60, name=mine.name
    )
    box.imported(mine)
    job = purge_of(box, store)
    shown = await job.purge(None, dry_run=True)
    [entry] = shown.steps
    assert isinstance(entry.payload, RemoveTorrent)
    assert (entry.subject.key, entry.payload.data) == (mine.hash, False)
    assert isinstance(await job.recheck(shown, entry, ()), Proceed)
    del box.torrents[other.hash]
    assert await job.recheck(shown, entry, ()) == Skip(say("purge_shared_no_more"))
    # What was planned so because a person keeps all data is left so.
    kept = replace(entry, findings=tuple(one for one in entry.findings if one.rule != "shared"))
    assert isinstance(await job.recheck(shown, kept, ()), Proceed)
    later = purge_of(box, store, policy=PurgeOptions(PurgePolicy(delete_data=False)))
    assert isinstance(await later.recheck(shown, entry, ()), Proceed)


@pytest.mark.parametrize("dry_run", [True, False])
async def test_who_names_a_client_that_is_not_linked_is_told_so(
    box: Box, store: Store, dry_run: bool
) -> None:
    """And not that there is nothing to remove."""
    box.imported(box.put(1, [b"film.mkv"]))
    with pytest.raises(ClientUnknown):
        await purge_of(box, store).purge("another", dry_run=dry_run)
    assert box.erased == []


def test_the_clients_are_told_how_much_they_may_hold(box: Box, store: Store) -> None:
    """Who is nearly as full is warned of; no other service has such a limit."""
    client, other = Mock(spec=TorrentCoordinator), Mock(spec=ServiceCoordinator)

    def each(tell: Callable[[object], None]) -> None:
        for one in (client, other):
            tell(one)

    job = purge_of(box, store)
    parts: Any = SimpleNamespace(services=SimpleNamespace(each=each))
    _connect(job, parts)
    assert client.target_bytes == job.target
    assert not hasattr(other, "target_bytes")


async def test_data_that_a_person_keeps_by_now_stay(box: Box, store: Store) -> None:
    """The option counts when a step is carried out, not when it was planned."""
    box.removal = Removal.QUEUED_WITH_DATA
    box.imported(box.put(1, [b"film.mkv"]))
    before = tree(box.folder)
    shown = await purge_of(box, store).purge(None, dry_run=True)
    later = purge_of(box, store, policy=PurgeOptions(PurgePolicy(delete_data=False)))
    plan = await later.runs.apply(shown, None, dry_run=False)
    assert states(plan)[0] == ("remove_torrent", StepState.SKIPPED)
    assert (box.erased, tree(box.folder)) == ([], before)


async def test_a_pack_that_is_no_longer_whole_stays(box: Box, store: Store) -> None:
    """Rows that are forgotten between plan and step; and files that can't be told wait."""
    one = box.put(1, EPISODES)
    box.imported_episodes(one, EPISODES)
    job = purge_of(box, store, media=MediaType.SERIES)
    shown = await job.purge(None, dry_run=True)
    assert shown.steps
    files, client = box.files, job._facts.torrents[CLIENT].client

    async def no_files(info_hash: str) -> None:
        return None

    client.files = no_files  # type: ignore[method-assign]
    plan = await job.runs.apply(shown, None, dry_run=False)
    assert states(plan)[0] == ("remove_torrent", StepState.PLANNED)
    unknown = await job.purge(None, dry_run=True)
    assert unknown.steps == ()
    assert [left.unknown for left in unknown.left_out] == [True]
    client.files = files  # type: ignore[method-assign]
    box.events = [row for row in box.events if (row.episode_id or 0) <= 8]
    job._facts.histories.forget()
    plan = await job.runs.apply(plan, None, dry_run=False)
    assert states(plan)[0] == ("remove_torrent", StepState.SKIPPED)
    assert "10 episodes" in english(plan.steps[0].detail)
    assert box.erased == []


async def test_files_whose_plan_expires_are_removed_when_their_transfer_is_back(
    box: Box, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their torrent has left: no other plan would know of them. Also over a restart."""
    quickly(monkeypatch)
    gone, later = await without_transfer(box, store)
    box.imported(box.put(2, [b"other.mkv"]))
    # A newer one does not take its place.
    plan = await purge_of(box, store, transfer=False, now=later).purge(None, dry_run=False)
    assert plan.steps == ()
    box.down = set()
    await went_on(purge_of(box, store, now=later), store)
    [plan] = await store.plans.recent(job="purge")
    assert {state for _, state in states(plan)} == {StepState.DONE}
    assert [path.name for path in box.folder.iterdir()] == ["Release 2"]
    assert box.erased == [gone.hash]


async def test_files_follow_their_torrent_although_the_purge_is_switched_off_meanwhile(
    box: Box, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No torrent tells of them any more; the next torrent waits."""
    quickly(monkeypatch)
    for number in (1, 2):
        box.imported(box.put(number, [b"film.mkv"]))
    on = PurgeOptions(enabled=True)
    job = purge_of(box, store, policy=on)
    options = job._options()

    def switch(number: int) -> None:
        if box.erased:
            job._options = lambda: replace(options, purge=replace(on, enabled=False))

    box.line = Switchboard(before_each=switch)
    plan = await job.purge(None, dry_run=False, scheduled=True)
    done, waits = StepState.DONE, StepState.PLANNED
    assert [state for _, state in states(plan)] == [done, done, waits, waits]
    assert len(box.erased) == 1
    assert "switched off" in english(plan.steps[2].detail)


async def test_files_that_stay_for_good_are_told(
    box: Box, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A transfer that never comes back: the plan ends, and says what lies where."""
    quickly(monkeypatch)
    gone, _ = await without_transfer(box, store)
    signals, heard = Signals(), list[tuple[str, Attributes]]()
    signals.subscribe(Topic.JOB, lambda kind, answer: heard.append((kind, answer)))

    def next_month() -> datetime:
        return datetime.now(UTC) + timedelta(days=31)

    await went_on(purge_of(box, store, now=next_month, signals=signals), store)
    [plan] = await store.plans.recent(job="purge")
    assert states(plan)[1] == ("remove_remote_files", StepState.SKIPPED)
    assert f"2 files stay in {gone.content_path}" in english(plan.steps[1].detail)
    [(kind, answer)] = heard
    assert (kind, answer["files_left"]) == ("failed", 1)
    assert "still on the disk" in english(SPEC.activity(kind, answer)[1])
    assert "1 torrent" in english(message_of(Topic.JOB, kind, answer).text)
    assert (box.folder / "Release 1" / "film.mkv").exists()


async def test_a_plan_of_which_nobody_knows_whether_it_erased_is_not_replaced(
    box: Box, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its torrent may be gone, and its files would be nobody's."""
    quickly(monkeypatch)
    gone = box.put(1, [b"film.mkv"])
    box.imported(gone)
    job = purge_of(box, store)
    erase = box.remove

    async def remove(info_hash: str, *, data: bool) -> None:
        await erase(info_hash, data=data)
        box.down = {CLIENT}

    job._facts.torrents[CLIENT].client.remove = remove  # type: ignore[method-assign]
    plan = await job.purge(None, dry_run=False)
    assert states(plan)[0] == ("remove_torrent", StepState.PLANNED)
    box.imported(box.put(2, [b"other.mkv"]))
    newer = replace(plan, plan_id="newer", steps=())
    await job.runs.apply(newer, None, dry_run=False)
    box.down = set()
    await went_on(job, store)
    kept = await store.plans.get(plan.plan_id)
    assert kept is not None
    assert {state for _, state in states(kept)} == {StepState.DONE}


async def test_what_was_removed_is_told_although_the_rest_never_is(
    box: Box, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection breaks off in the middle, for good: neither undone nor done is said."""
    quickly(monkeypatch)
    gone = box.put(1, [b"film.mkv", b"sub/film.srt"])
    box.imported(gone)
    job = purge_of(box, store)
    disk: Transfer = job._facts.transfers[TRANSFER]  # type: ignore[assignment]

    def lost(path: bytes) -> None:
        if disk.removed:
            raise Unreachable("SFTP", "broke off")

    disk.fails = lost
    plan = await job.purge(None, dry_run=False)
    step = plan.steps[1]
    assert (step.state, step.bytes_freed) == (StepState.PLANNED, len(b"film.mkv"))
    rows = await store.ledger.for_plan(plan.plan_id)
    assert [row.bytes_freed for row in rows] == [0, len(b"film.mkv")]
    assert "1 file removed" in english(rows[1].detail)

    def next_month() -> datetime:
        return datetime.now(UTC) + timedelta(days=31)

    box.down = {TRANSFER}
    await went_on(purge_of(box, store, now=next_month), store)
    [plan] = await store.plans.recent(job="purge")
    assert states(plan)[1] == ("remove_remote_files", StepState.SKIPPED)
    assert "some of its files stay in" in english(plan.steps[1].detail)
    assert plan.totals["bytes_freed"] == len(b"film.mkv")


async def test_a_look_in_passing_leaves_an_empty_folder_to_its_own_plan(
    box: Box, store: Store
) -> None:
    """It goes on with it; once nobody does any more, what is gone is done all the same."""
    box.imported(box.put(1, [b"film.mkv"]))
    job = purge_of(box, store)
    disk: Transfer = job._facts.transfers[TRANSFER]  # type: ignore[assignment]

    def killed(path: bytes) -> None:
        if disk.removed:
            raise asyncio.CancelledError

    disk.fails = killed
    with pytest.raises(asyncio.CancelledError):
        await job.purge(None, dry_run=False)
    disk.fails = lambda path: None
    [plan] = await store.plans.recent(job="purge")
    plan = await job._runner.settle(plan)
    assert states(plan)[1] == ("remove_remote_files", StepState.PLANNED)
    assert (await store.ledger.unfinished())[0].step_id == plan.steps[1].id
    late = replace(plan, expires_at=datetime.now(UTC))
    await store.plans.put(late)
    plan = await job._runner.settle(late)
    assert states(plan)[1] == ("remove_remote_files", StepState.DONE)
    assert "an empty folder of theirs is still there" in english(plan.steps[1].detail)
    assert (box.folder / "Release 1").exists()


async def without_transfer(box: Box, store: Store) -> tuple[Torrent, Callable[[], datetime]]:
    """Erase a torrent whose files then can't be reached; give it, and a clock past its plan."""
    gone = box.put(1, [b"film.mkv", b"sub/film.srt"])
    box.imported(gone)
    box.line = Switchboard(before_each=lambda number: box.erased and box.down.add(TRANSFER))
    plan = await purge_of(box, store).purge(None, dry_run=False)
    box.line = Switchboard()
    assert [state for _, state in states(plan)] == [StepState.DONE, StepState.PLANNED]
    late = plan.expires_at + timedelta(hours=1) - datetime.now(UTC)
    return gone, lambda: datetime.now(UTC) + late


def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try again at once what waits."""
    monkeypatch.setattr(waiting, "LEAST", waiting.timedelta(seconds=0.01))
    monkeypatch.setattr(waiting, "PAUSES", (waiting.timedelta(seconds=0.01),))


# -- kills and a world that changes ----------------------------------------------------------------


def filled(folder: Path) -> Box:
    """Make a box in which six of nine torrents may go, two of them over the same data."""
    box = Box(folder)
    for number in range(1, 10):
        one = box.put(number, [b"film.mkv", b"sub/%d.srt" % number])
        if number <= 6:
            box.imported(one)
    twin = replace(box.torrents[f"{1:040X}"], hash="C" * 40)
    box.torrents[twin.hash], box.names[twin.hash] = twin, box.names[f"{1:040X}"]
    box.imported(twin)
    return box


async def went_on(job: PurgeJob, store: Store) -> None:
    """Have a job go on after a start until nothing waits any more."""
    task = asyncio.create_task(job.runs.work())
    try:
        async with asyncio.timeout(20):
            while any(plan.waiting for plan in await store.plans.recent(job="purge")):
                assert not task.done()
                await asyncio.sleep(0.005)
    except TimeoutError:
        plans = await store.plans.recent(job="purge")
        steps = [step for plan in plans for step in plan.waiting]
        raise AssertionError([(one.id, english(one.detail)) for one in steps]) from None
    finally:
        task.cancel()


@pytest.mark.parametrize("seed", range(examples(50)))
async def test_a_kill_at_any_moment_ends_as_if_nothing_had_happened(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was to go is gone, nothing else, and no torrent is erased twice."""
    quickly(monkeypatch)
    chance = random.Random(seed)
    (tmp_path / "data").mkdir()
    box = filled(tmp_path / "data")
    store = await Store.open(tmp_path / "purge.db")
    job = purge_of(box, store)
    shown = await job.purge(None, dry_run=True)
    box.line = Switchboard(kill_at=chance.randrange(1, 130), after=chance.random() < 0.5)
    try:
        await job.runs.apply(shown, None, dry_run=False)
    except asyncio.CancelledError:
        await store.close()
        store = await Store.open(tmp_path / "purge.db")
        box.line = Switchboard()
        await went_on(purge_of(box, store), store)
    [plan] = await store.plans.recent(job="purge")
    freed = await store.ledger.freed()
    await store.close()
    assert {step.state for step in plan.steps} == {StepState.DONE}, states(plan)
    # Each file once, whichever of several tries has removed it.
    sizes = [len(name) for number in range(1, 7) for name in (b"film.mkv", b"sub/%d.srt" % number)]
    assert plan.totals["bytes_freed"] == freed == sum(sizes)
    assert sorted(path.name for path in box.folder.iterdir()) == [
        f"Release {number}" for number in (7, 8, 9)
    ]
    assert len(box.erased) == len(set(box.erased)) == 7


@pytest.mark.parametrize("seed", range(examples(60)))
async def test_a_plan_against_a_changing_world_takes_nothing_that_is_kept(
    tmp_path: Path, seed: int
) -> None:
    """At any call something changes: a tag, a grab, a queue, a service that is gone, a check."""
    chance = random.Random(seed)
    (tmp_path / "data").mkdir()
    box = filled(tmp_path / "data")
    store = await Store.open(tmp_path / "purge.db")
    job = purge_of(box, store)
    shown = await job.purge(None, dry_run=True)
    kept: set[str] = set()

    def change(number: int) -> None:
        if chance.random() > 0.12 or not box.torrents:
            return
        one = chance.choice(sorted(box.torrents.values(), key=lambda t: t.hash))
        match chance.randrange(6):
            case 0:
                box.torrents[one.hash] = replace(one, tags=frozenset({"keep"}))
            case 1:
                box.happened(HistoryKind.GRABBED, one)
            case 2:
                box.queued.add(one.hash)
            case 3:
                box.torrents[one.hash] = replace(one, complete=False)
            case 4:
                box.down = {chance.choice((ARR, CLIENT, TRANSFER))}
                return
            case 5:
                box.down = set()
                return
        kept.add(one.hash)

    # What changes in the very moment of an erasure comes too late for anybody.
    box.line = Switchboard(before_each=change)
    erase = box.remove

    async def remove(info_hash: str, *, data: bool) -> None:
        assert info_hash not in told_kept, "it was known to be kept before it was checked"
        box.line.before_each = lambda number: None
        await erase(info_hash, data=data)
        box.line.before_each = change

    told_kept: set[str] = set()
    check = job.recheck

    async def recheck(plan: Plan, step: object, prepares: object) -> object:
        told_kept.clear()
        told_kept.update(kept)
        return await check(plan, step, prepares)  # type: ignore[arg-type]

    job.recheck = recheck  # type: ignore[method-assign, assignment]
    box.remove = remove  # type: ignore[method-assign]
    job._facts.torrents[CLIENT].client.remove = remove  # type: ignore[method-assign]
    plan = await job.runs.apply(shown, None, dry_run=False)
    await store.close()
    for number in range(7, 10):
        assert (box.folder / f"Release {number}" / "film.mkv").exists()
    for info_hash, torrent in box.torrents.items():
        twins = {f"{1:040X}", "C" * 40}
        if info_hash not in twins or not twins & set(box.erased):
            assert Path(torrent.content_path or "", "film.mkv").exists(), (info_hash, states(plan))
