"""What a step does exactly is kept as JSON, and read as it was or not at all."""

from collections.abc import Iterable
import json
from typing import Any

import pytest

from custom_components.showrunner.domain.plan import (
    Action,
    AddMovie,
    DeleteEpisodeFiles,
    DeleteMovie,
    DeleteMovieFile,
    DeleteRequest,
    DeleteSeries,
    DeleteTrashed,
    FetchRelease,
    FileFingerprint,
    ForgetMedia,
    MonitorEpisodes,
    Payload,
    RemoteFingerprint,
    RemovedFile,
    RemoveRemoteFiles,
    RemoveTorrent,
    RestoreFile,
    RestoreMovie,
    RestoreSeries,
    SearchEpisodes,
    SearchMovie,
    Step,
    TrashFile,
    UnmonitorEpisodes,
    UnmonitorMovie,
    UpdateMovie,
)
from custom_components.showrunner.domain.plan.payloads import PAYLOADS, payload_from_store

from .plans import step

FILE = FileFingerprint(70, "/data/a.mkv", 700)
ALL: tuple[Payload, ...] = (
    AddMovie(6, "/data/movies", "showrunner"),
    UpdateMovie(6, "/data/movies", "showrunner"),
    SearchMovie(),
    UnmonitorMovie(),
    UnmonitorEpisodes((1, 2)),
    DeleteMovieFile((FILE,)),
    DeleteEpisodeFiles(1, (FILE,)),
    DeleteMovie(),
    DeleteSeries(),
    RemoveTorrent("A" * 40, 700, True),
    ForgetMedia(4),
    DeleteRequest("seerr:x:4"),
    RestoreMovie(True, True, 6, "/data/movies", "/data/movies/A", "inCinemas", (3,)),
    RestoreSeries(False, 4, "/data/shows", "/data/shows/A", "anime", False, "none", (3,)),
    MonitorEpisodes((1, 2), ((1, 1), (0, 2))),
    SearchEpisodes((1,), ((3, 4),)),
    FetchRelease("Film", (RemoteFingerprint("Film/a.mkv", 7, 8),)),
    TrashFile("/data", "a.mkv", "2026-06-10-ab", 1, 7, 8, 1),
    RestoreFile("/data", "a.mkv", "2026-06-10-ab", 7, 8),
    DeleteTrashed("/data", "a.mkv", "2026-06-10-ab", 7, 8, 1),
    RemoveRemoteFiles("A" * 40, "c", "/d", "/d/A", True, (RemovedFile.of(b"a.mkv", 7),), 1),
)


def kept(payload: Payload) -> Any:
    """Give what the store keeps of a payload."""
    return json.loads(json.dumps(payload.to_store()))


def test_there_is_one_of_each() -> None:
    """A new one belongs here."""
    assert sorted(one.ACTION for one in ALL) == sorted(PAYLOADS)


@pytest.mark.parametrize("payload", ALL, ids=lambda one: one.ACTION.value)
def test_what_is_kept_of_a_payload_is_read_as_it_was(payload: Payload) -> None:
    """Through JSON and back."""
    assert payload_from_store(payload.ACTION, kept(payload)) == payload


def _spoilt() -> Iterable[Any]:
    for action, rubbish in (
        (Action.ADD_MOVIE, None),
        (Action.ADD_MOVIE, ["root_folder"]),
        (Action.UNMONITOR_EPISODES, {}),
        (Action.UNMONITOR_EPISODES, {"episodes": 1}),
        (Action.MONITOR_EPISODES, {"episodes": "12"}),
        (Action.SEARCH_EPISODES, {"episodes": ["1"]}),
        (Action.SEARCH_EPISODES, {"episodes": [True]}),
        (Action.DELETE_EPISODE_FILES, {"season": 1, "files": {"id": 70}}),
        (Action.DELETE_FILE, {"files": ["a.mkv"]}),
    ):
        yield pytest.param(action, rubbish, id=f"{action.value} {rubbish}")


@pytest.mark.parametrize(("action", "rubbish"), _spoilt())
def test_what_is_none_of_its_action_is_an_error(action: Action, rubbish: object) -> None:
    """A number that is a word might be another number."""
    with pytest.raises((KeyError, TypeError, ValueError, AttributeError)):
        payload_from_store(action, rubbish)


@pytest.mark.parametrize("field", ["after", "reasons", "findings", "proofs"])
def test_a_list_of_a_step_that_is_none_is_an_error(field: str) -> None:
    """A step that forgot what comes first would be done too soon."""
    with pytest.raises((KeyError, TypeError, ValueError)):
        Step.from_store(json.loads(json.dumps(step(1).to_store())) | {field: "s0"})


@pytest.mark.parametrize("kind", [MonitorEpisodes, SearchEpisodes])
def test_episodes_of_an_older_version_have_no_places(
    kind: type[MonitorEpisodes | SearchEpisodes],
) -> None:
    """They are known by their numbers only."""
    assert payload_from_store(kind.ACTION, {"episodes": [1, 2]}) == kind((1, 2))


@pytest.mark.parametrize("kept", [{}, "", None, 0])
@pytest.mark.parametrize(
    "payload", [one for one in ALL if "files" in one.to_store()], ids=lambda one: one.ACTION.value
)
def test_files_that_are_no_list_are_not_none_at_all(payload: Payload, kept: object) -> None:
    """A step that names no file by mistake must not look like one that names none."""
    with pytest.raises(TypeError):
        payload_from_store(payload.ACTION, {**payload.to_store(), "files": kept})


def test_a_file_s_name_may_be_any_bytes() -> None:
    """It is kept as text, and read back to the very same bytes."""
    for name in (b"a b/caf\xe9.mkv", b"50%25.mkv", b"%C3", "caf\u00e9".encode()):
        assert RemovedFile.of(name, 7).name == name
