"""What a purge's steps say and name."""

from dataclasses import replace
from typing import Any

import pytest

from custom_components.showrunner.domain.knowledge import Absent, Answer
from custom_components.showrunner.domain.plan import (
    RemovedFile,
    RemoveRemoteFiles,
    RemoveTorrent,
    Step,
    UnmonitorMovie,
)
from custom_components.showrunner.domain.seeding import (
    GB,
    PurgePolicy,
    PurgeRule,
    choose,
    gone_torrent,
    judge,
    room,
    uses,
)
from custom_components.showrunner.domain.seeding.drafting import (
    Transfer,
    files_step,
    left_out,
    not_cleared,
    reaches,
    steps,
)
from custom_components.showrunner.domain.text import say
from custom_components.showrunner.domain.torrent_details import Removal, TorrentFile, TorrentFiles
from custom_components.showrunner.domain.torrents import TorrentState

from .samples import arr, client, facts, film, imported_film, one_film, verdict

TRANSFER = Transfer("sftp", "SFTP", b"/data")


def drafted(policy: PurgePolicy, removal: Removal = Removal.WITH_DATA, **more: Any) -> Step:
    """Plan the removal of one film."""
    mine = film(1)
    known = facts(client(mine, **more), arrs=[arr(imported_film(mine))])
    verdicts, places = judge(known, policy)
    chosen = choose(verdicts, places, policy, lambda _: True, known.now)
    [step] = steps(chosen, room(known.clients, chosen, policy), {"c1": removal})
    return step


def listed(*files: TorrentFile, root: bytes = b"/data/Film 1", exact: bool = True) -> TorrentFiles:
    """List a torrent's files."""
    return replace(TorrentFiles(root, files), root_exact=exact)


@pytest.mark.parametrize(
    ("delete", "removal", "said"),
    [
        (True, Removal.WITH_DATA, "purge_data_go"),
        (True, Removal.QUEUED_WITH_DATA, "purge_data_queued"),
        (True, Removal.ENTRY_ONLY, "purge_data_by_transfer"),
        (False, Removal.WITH_DATA, "purge_data_kept"),
    ],
)
def test_a_step_says_what_becomes_of_the_data(delete: bool, removal: Removal, said: str) -> None:
    """By what the person wants, and by what the client can do."""
    step = drafted(PurgePolicy(delete_data=delete), removal)
    assert said in [getattr(one, "key", "") for one in step.reasons]


@pytest.mark.parametrize(("beyond", "said"), [(1, "purge_over"), (900, "purge_over_still")])
def test_a_step_of_a_full_client_says_whether_what_goes_is_enough(beyond: int, said: str) -> None:
    """Who reads it knows that the client stays too full."""
    policy = PurgePolicy(max_bytes=700 * GB)
    step = drafted(policy, used_bytes=700 * GB + (1 if beyond == 1 else beyond * GB))
    assert step.reasons[-1].key == said  # type: ignore[union-attr]


def test_files_are_planned_only_where_they_can_be_named() -> None:
    """And only for a torrent whose place and whose data are told alike, letter for letter."""
    removal = drafted(PurgePolicy(), Removal.ENTRY_ONLY)
    good = TorrentFile(b"film.mkv", 7, True, exact=True)
    lost = TorrentFile(b"caf?.mkv", 9, True, exact=False)
    planned = files_step(removal, TRANSFER, listed(good, lost))
    assert planned is not None
    assert isinstance(planned.payload, RemoveRemoteFiles)
    assert planned.payload.files == (RemovedFile.of(b"film.mkv", 7),)
    assert (planned.payload.left, planned.after) == (1, (removal.id,))
    assert planned.reasons[-1] == say("purge_files_left", count=1)
    whole = files_step(removal, TRANSFER, listed(good))
    assert whole is not None
    assert whole.reasons == (say("purge_files_go", count=1, transfer="SFTP"),)
    placeless = replace(removal, target=replace(removal.target, path=None))
    for step, files in (
        (replace(removal, payload=UnmonitorMovie()), listed(good)),
        (placeless, listed(good)),
        (removal, listed(good, exact=False)),
        (removal, listed(good, root=b"/data/Other")),
        (removal, listed(lost)),
        (removal, listed()),
    ):
        assert files_step(step, TRANSFER, files) is None


def test_a_single_file_is_named_by_its_folder_and_its_name() -> None:
    """Then the folder is not the torrent's own, and stays."""
    removal = drafted(PurgePolicy(), Removal.ENTRY_ONLY)
    alone = TorrentFile(b"Film 1", 7, True, exact=True)
    planned = files_step(removal, TRANSFER, listed(alone, root=b"/data"))
    assert planned is not None
    assert isinstance(planned.payload, RemoveRemoteFiles)
    assert planned.payload.own is False


def test_whether_data_of_a_torrent_that_is_gone_are_used_is_unknown_where_somebody_is_silent() -> (
    None
):
    """A client of the same host may hold another torrent over them."""
    gone = gone_torrent("F" * 40, "Film 9", "/data/Film 9", 7)
    here = client(film(1))
    assert uses(facts(here), here, gone, ["film.mkv"]) is Answer.NO
    assert uses(facts(here, blind=True), here, gone, ["film.mkv"]) is Answer.UNKNOWN
    silent = client(film(2), service="c2")
    assert uses(facts(here, silent=(silent,)), here, gone, ["film.mkv"]) is Answer.UNKNOWN
    spoilt = client(film(1), film(3, name="Caf?.mkv", content_path=None, size_bytes=9))
    assert uses(facts(spoilt), spoilt, gone, ["sub/film.mkv"]) is Answer.NO
    assert uses(facts(spoilt), spoilt, gone, ["sub/Café.mkv"]) is Answer.UNKNOWN
    far = client(film(2), service="c2", host="elsewhere")
    assert uses(facts(here, silent=(far,)), here, gone, ["film.mkv"]) is Answer.NO


def test_without_an_arr_nothing_waits_in_a_queue() -> None:
    """Nobody could import it; what else keeps it is said by other rules."""
    found = verdict(replace(one_film(), queued=Absent("queue")))
    assert found.answer(PurgeRule.QUEUED) is Answer.NO


def test_a_torrent_that_shares_its_data_says_so() -> None:
    """Its entry goes, its data stay for who uses them."""
    mine, other = film(1, content_path="/data/A"), film(2, content_path="/data/A")
    known = facts(client(mine, other), arrs=[arr(imported_film(mine))])
    verdicts, places = judge(known, PurgePolicy())
    going = choose(verdicts, places, PurgePolicy(), lambda _: True, known.now)
    [step] = steps(going, room(known.clients, going, PurgePolicy()), {"c1": Removal.WITH_DATA})
    assert say("purge_data_shared") in step.reasons
    assert isinstance(step.payload, RemoveTorrent)
    assert (step.payload.data, step.cost.bytes) == (False, 0)


@pytest.mark.parametrize(
    ("path", "reached"),
    [
        ("/data/A", True),
        ("/data/A/b.mkv", True),
        ("/data", False),
        ("/data/", False),
        ("/database/A", False),
        ("/data/../etc", False),
        ("/data//A", False),
        ("/data/caf\udce9", True),
        ("A/b.mkv", False),
        ("", False),
        (None, False),
    ],
)
def test_a_transfer_reaches_what_lies_in_its_folder(path: str | None, reached: bool) -> None:
    """Neither that folder itself, nor what is only named like it, nor what leads out of it."""
    assert reaches(b"/data", path) is reached
    assert reaches(b"/data/", path) is reached


def test_what_may_go_and_stays_says_that_nobody_can_delete_its_data() -> None:
    """What stays for a rule's sake says which one; what is near to going comes first."""
    free, young, broken = film(1), film(2, ratio=0.1, seeding_seconds=60), film(3, complete=False)
    rows = [*imported_film(free, 1), *imported_film(young, 2), *imported_film(broken, 3)]
    verdicts, _ = judge(facts(client(broken, young, free), arrs=[arr(rows)]), PurgePolicy())
    [left] = not_cleared(verdicts, ())
    assert (left.title, left.reason) == (free.name, say("purge_data_left"))
    assert left.findings
    assert not_cleared(verdicts, {one.key for one in verdicts}) == ()
    staying = left_out(verdicts)
    assert [one.title for one in staying] == [young.name, broken.name]
    assert all(one.findings and not one.unknown for one in staying)


def test_of_very_many_that_stay_only_the_first_keep_all_that_was_found() -> None:
    """The plan stays small; a torrent without a name is called by its hash."""
    many = [film(n, complete=False, name="" if n == 1 else f"Film {n}") for n in range(1, 204)]
    verdicts, _ = judge(facts(client(*many)), PurgePolicy())
    staying = left_out(verdicts)
    assert staying[0].title == many[0].hash
    assert [bool(one.findings) for one in staying] == [True] * 200 + [False] * 3
    assert all(one.reason for one in staying)


def test_what_is_not_known_is_asked_again() -> None:
    """It stays, and not for good."""
    verdicts, _ = judge(one_film(state=TorrentState.CHECKING), PurgePolicy())
    [staying] = left_out(verdicts)
    assert staying.unknown
