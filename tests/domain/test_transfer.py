"""What is fetched from the seedbox, under which names, and in which order."""

from dataclasses import replace

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.showrunner.domain.knowledge import Answer
from custom_components.showrunner.domain.transfer.names import (
    STAGING,
    against_path,
    colliding,
    local_key,
)
from custom_components.showrunner.domain.transfer.progress import TransferProgress
from custom_components.showrunner.domain.transfer.remote import RemoteFile, RemoteKind, Space
from custom_components.showrunner.domain.transfer.selection import (
    Fetch,
    Leave,
    ReleaseFacts,
    chosen,
    included,
)
from custom_components.showrunner.domain.transfer.sizes import (
    FileClass,
    by_class,
    has_room,
    in_order,
)
from custom_components.showrunner.domain.transfer.tree import (
    Release,
    Version,
    as_text,
    from_text,
    releases,
    shown,
)
from tests.effort import examples

FILM = Release(
    b"Film.2020",
    True,
    {
        b"Film.2020/Film.2020.mkv": Version(8_000_000_000, 100),
        b"Film.2020/film.nfo": Version(2_000, 100),
        b"Film.2020/Sample/film-sample.mkv": Version(40_000_000, 100),
    },
)
GOOD = ReleaseFacts(
    complete=Answer.YES,
    same_before=False,
    imported=Answer.NO,
    there=Answer.NO,
    fetched={},
)


def _key(leave: Fetch | Leave) -> str:
    assert isinstance(leave, Leave), leave
    return getattr(leave.reason, "key", str(leave.reason))


# -- names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        b"",
        b"/etc/passwd",
        b"..",
        b"a/../b",
        b"a/./b",
        b"a//b",
        b"a/",
        b"a\0b",
        b".showrunner-staging",
        b".Showrunner-Staging/x",
        b"x" * 256,
        b"a/" + b"x" * 256,
        b"/".join([b"d"] * 65),
        b"/".join([b"d" * 200] * 20),
    ],
)
def test_a_name_that_leads_out_or_can_not_be_is_refused(path: bytes) -> None:
    assert against_path(path) is not None


@pytest.mark.parametrize(
    "path",
    [
        b"-rf",
        b"$(touch x)",
        b"a\nb",
        b"Caf\xe9",
        "Amélie 😀".encode(),
        b"x" * 255,
        b"..a",
        b"a/...",
        b"a/.showrunner-staging",
    ],
)
def test_an_odd_name_is_a_name(path: bytes) -> None:
    assert against_path(path) is None


@given(st.lists(st.sampled_from([b"..", b".", b"", b"a", b"\xff", b"b\0"]), min_size=1, max_size=5))
def test_no_accepted_path_leaves_the_folder(parts: list[bytes]) -> None:
    path = b"/".join(parts)
    if against_path(path) is not None:
        return
    depth = 0
    for part in path.split(b"/"):
        depth += -1 if part == b".." else 1
        assert depth > 0
        assert part not in (b"", b".", b"..")
        assert b"\0" not in part


def test_two_names_for_one_local_file_collide() -> None:
    composed, parted = b"\xc3\xa9", b"e\xcc\x81"
    assert colliding([b"A/x", b"a/X"]) == {b"A/x", b"a/X"}
    assert colliding([composed, parted]) == {composed, parted}
    assert colliding([b"x", b"X/y"]) == {b"x", b"X/y"}
    assert not colliding([b"A/x", b"a/y", b"z"])


@given(st.lists(st.binary(min_size=1, max_size=3), max_size=6, unique=True))
def test_what_does_not_collide_has_keys_of_its_own(paths: list[bytes]) -> None:
    bad = colliding(paths)
    keys = [local_key(path) for path in paths if path not in bad]
    assert len(set(keys)) == len(keys)


@given(st.binary(max_size=40))
def test_a_path_is_kept_as_text_exactly(path: bytes) -> None:
    assert from_text(as_text(path)) == path
    as_text(path).encode("ascii")
    assert "\n" not in shown(path)


# -- the listing ---------------------------------------------------------------------------------


def _entry(path: bytes, kind: RemoteKind = RemoteKind.FILE, size: int | None = 5) -> RemoteFile:
    return RemoteFile(path, kind, size, 7)


def test_a_listing_is_sorted_by_releases() -> None:
    found = releases(
        [
            _entry(b"b", RemoteKind.FOLDER),
            _entry(b"b/sub", RemoteKind.FOLDER),
            _entry(b"b/sub/x"),
            _entry(b"b/link", RemoteKind.LINK),
            _entry(b"a.mkv"),
            _entry(b"empty", RemoteKind.FOLDER),
            _entry(b"closed", RemoteKind.FOLDER),
            _entry(b"closed", RemoteKind.CLOSED),
            _entry(b"odd", size=None),
        ]
    )
    assert [(one.name, one.is_folder, set(one.files)) for one in found] == [
        (b"a.mkv", False, {b"a.mkv"}),
        (b"b", True, {b"b/sub/x"}),
        (b"closed", True, set()),
        (b"empty", True, set()),
        (b"odd", False, set()),
    ]
    assert found[1].others == (b"b/link",)
    assert found[2].unread == (b"closed",)
    assert found[4].unread == (b"odd",)


# -- what is fetched -----------------------------------------------------------------------------


def test_a_complete_release_is_fetched_whole() -> None:
    files = chosen(FILM, GOOD, [])
    assert isinstance(files, Fetch)
    assert files.files == FILM.files
    assert files.size == 8_040_002_000


@pytest.mark.parametrize(
    ("facts", "key", "unknown", "home"),
    [
        ({"complete": Answer.NO}, "transfer_not_complete", True, False),
        ({"complete": Answer.UNKNOWN}, "transfer_client_silent", True, False),
        ({"complete": None}, "transfer_seen_once", True, False),
        ({"complete": Answer.NO, "same_before": True}, "transfer_not_complete", True, False),
        ({"imported": Answer.YES}, "transfer_imported_before", False, True),
        ({"imported": Answer.UNKNOWN}, "transfer_history_unknown", True, False),
        ({"there": Answer.YES}, "transfer_name_taken", False, False),
        ({"there": Answer.UNKNOWN}, "transfer_folder_unknown", True, False),
        ({"fetched": dict(FILM.files)}, "transfer_fetched_before", False, True),
    ],
)
def test_a_release_is_left_for_a_reason(
    facts: dict[str, object], key: str, unknown: bool, home: bool
) -> None:
    files = chosen(FILM, replace(GOOD, **facts), [])  # type: ignore[arg-type]
    assert _key(files) == key
    assert isinstance(files, Leave)
    assert (files.unknown, files.home) == (unknown, home)


def test_without_a_client_two_equal_looks_count() -> None:
    files = chosen(FILM, replace(GOOD, complete=None, same_before=True), [])
    assert isinstance(files, Fetch)


def test_what_was_imported_and_deleted_since_is_not_fetched_again() -> None:
    facts = replace(GOOD, imported=Answer.YES, fetched=dict(FILM.files))
    assert _key(chosen(FILM, facts, [])) == "transfer_fetched_before"


def test_only_what_changed_since_is_fetched_again() -> None:
    grown = replace(
        FILM,
        files={
            **FILM.files,
            b"Film.2020/film.nfo": Version(3_000, 200),
            b"Film.2020/new": Version(1, 1),
        },
    )
    facts = replace(GOOD, imported=Answer.YES, fetched=dict(FILM.files))
    files = chosen(grown, facts, [])
    assert isinstance(files, Fetch)
    assert set(files.files) == {b"Film.2020/film.nfo", b"Film.2020/new"}


def test_an_unfinished_name_makes_the_release_wait() -> None:
    busy = replace(FILM, files={**FILM.files, b"Film.2020/x.mkv.!qB": Version(1, 1)})
    assert _key(chosen(busy, GOOD, [])) == "transfer_unfinished_names"


def test_one_bad_name_refuses_its_release() -> None:
    bad = replace(FILM, files={**FILM.files, b"Film.2020/../../x": Version(1, 1)})
    assert _key(chosen(bad, GOOD, [])) == "transfer_file_refused"
    twice = replace(FILM, files={**FILM.files, b"Film.2020/FILM.NFO": Version(1, 1)})
    assert _key(chosen(twice, GOOD, [])) == "transfer_names_collide"
    unread = replace(FILM, unread=(b"Film.2020/closed",))
    assert _key(chosen(unread, GOOD, [])) == "transfer_not_readable"


@given(
    st.sampled_from([None, *Answer]),
    st.booleans(),
    st.sampled_from(list(Answer)),
    st.sampled_from(list(Answer)),
)
def test_unknown_never_fetches(
    complete: Answer | None, same: bool, imported: Answer, there: Answer
) -> None:
    files = chosen(FILM, ReleaseFacts(complete, same, imported, there, {}), [])
    whole = complete is Answer.YES or (complete is None and same)
    assert isinstance(files, Fetch) == (whole and imported is Answer.NO and there is Answer.NO)


# -- exclusions ----------------------------------------------------------------------------------


def test_patterns_exclude_files_and_folders() -> None:
    assert set(included(FILM, ["*.NFO", "sample"], {})) == {b"Film.2020/Film.2020.mkv"}
    assert set(included(FILM, ["sample/*"], {})) == {
        b"Film.2020/Film.2020.mkv",
        b"Film.2020/film.nfo",
    }
    assert set(included(FILM, ["", " ", "/"], {})) == set(FILM.files)


def test_a_title_with_a_pattern_s_word_is_kept() -> None:
    film = Release(
        b"The.Sample.2020",
        True,
        {
            b"The.Sample.2020/The.Sample.2020.mkv": Version(8_000_000_000, 1),
            b"The.Sample.2020/the.sample.2020-sample.mkv": Version(40_000_000, 1),
        },
    )
    assert set(included(film, ["*sample*"], {})) == {b"The.Sample.2020/The.Sample.2020.mkv"}
    alone = Release(b"The.Sample.mkv", False, {b"The.Sample.mkv": Version(1, 1)})
    assert set(included(alone, ["*sample*"], {})) == {b"The.Sample.mkv"}
    assert not included(alone, ["*.mkv"], {})


def test_what_is_left_of_a_fetched_release_does_not_become_its_title() -> None:
    """The film was removed at its source: the sample there stays excluded."""
    sample = b"Film.2020/Sample/film-sample.mkv"
    left = replace(FILM, files={sample: FILM.files[sample]})
    film = b"Film.2020/Film.2020.mkv"
    fetched = {film: FILM.files[film]}
    assert not included(left, ["*sample*"], fetched)
    files = chosen(left, replace(GOOD, fetched=fetched), ["*sample*"])
    assert _key(files) == "transfer_nothing_to_fetch"
    assert set(included(left, ["*sample*"], {})) == {sample}


def test_what_is_asked_for_anew_is_fetched_whole_and_brings_no_sample_in_its_place() -> None:
    """What was here before is wanted once more, and still says which video is the title."""
    facts = replace(GOOD, fetched=dict(FILM.files), asked_anew=True)
    files = chosen(FILM, facts, ["*sample*"])
    assert isinstance(files, Fetch)
    assert set(files.files) == {b"Film.2020/Film.2020.mkv", b"Film.2020/film.nfo"}
    sample = b"Film.2020/Sample/film-sample.mkv"
    left = replace(FILM, files={sample: FILM.files[sample]})
    assert _key(chosen(left, facts, ["*sample*"])) == "transfer_nothing_to_fetch"
    # An arr that has imported it by its name, without us, has it.
    files = chosen(FILM, replace(facts, imported=Answer.YES), [])
    assert _key(files) == "transfer_imported_before"


def test_what_is_excluded_whole_is_not_fetched() -> None:
    assert _key(chosen(FILM, GOOD, ["*"])) == "transfer_nothing_to_fetch"


# -- sizes ---------------------------------------------------------------------------------------


@given(st.dictionaries(st.binary(min_size=1, max_size=4), st.integers(0, 200_000_000)))
def test_every_file_has_one_way(sizes: dict[bytes, int]) -> None:
    files = {path: Version(size, 0) for path, size in sizes.items()}
    sorted_out = by_class(files)
    assert sorted(path for paths in sorted_out.values() for path in paths) == sorted(files)
    for kind, paths in sorted_out.items():
        found = [sizes[path] for path in paths]
        assert found == sorted(found, reverse=True)
        assert all(FileClass.of(size) is kind for size in found)


def test_the_classes_limits() -> None:
    assert FileClass.of(256 * 1024 - 1) is FileClass.SMALL
    assert FileClass.of(256 * 1024) is FileClass.MIDDLE
    assert FileClass.of(64 * 1024**2 - 1) is FileClass.MIDDLE
    assert FileClass.of(64 * 1024**2) is FileClass.BIG


def test_small_releases_come_first() -> None:
    small = Release(b"z", False, {b"z": Version(1, 1)})
    order = in_order([Fetch(FILM, FILM.files, ()), Fetch(small, small.files, ())])
    assert [one.release.name for one in order] == [b"z", b"Film.2020"]


@given(st.integers(0, 10**14), st.integers(0, 10**14), st.integers(0, 10**14))
@settings(max_examples=examples(200))
def test_a_disk_is_never_filled(need: int, free: int, total: int) -> None:
    if has_room(need, Space(free, total)):
        assert free - need >= 100_000_000


@pytest.mark.parametrize(
    ("free", "total", "known"),
    [
        (0, 10**12, True),
        (5, 5, True),
        (0, 0, False),
        (6, 5, False),
        (-1, 5, False),
        (1, 2**63, False),
    ],
)
def test_a_file_system_that_says_nothing_of_its_room_is_not_full(
    free: int, total: int, known: bool
) -> None:
    assert (Space.of(free, total) is not None) is known
    assert has_room(1, Space.of(free, total)) is not known


def test_a_release_whose_own_name_can_t_be_a_local_one_stays() -> None:
    """Another Showrunner's half of a transfer would become our own."""
    name = STAGING.encode()
    odd = Release(name, True, {name + b"/a.mkv": Version(7, 100)})
    left = chosen(odd, GOOD, [])
    assert isinstance(left, Leave)
    assert left.reason == against_path(name)


@pytest.mark.parametrize(
    ("done", "total", "percent"), [(0, 0, None), (0, 10, 0.0), (5, 10, 50.0), (12, 10, 100.0)]
)
def test_how_much_is_done_is_never_more_than_all(
    done: int, total: int, percent: float | None
) -> None:
    """And nothing while there is nothing to do."""
    assert TransferProgress(done_bytes=done, total_bytes=total).percent == percent
