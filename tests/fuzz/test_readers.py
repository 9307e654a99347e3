"""Nothing but the clients' own errors leaves a reader, and what it gives can be kept and shown."""

from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.showrunner.clients.errors import ServiceError, Unreadable
from tests.effort import examples

from . import seeds
from .engine import Finding, Fuzzer, Runner, from_json
from .mutate import ODD, get, mutated, places, put, write
from .targets import (
    NOT_CLIENTS,
    NOT_METHODS,
    NOT_READERS,
    Case,
    Target,
    Unregistered,
    decode,
    found_and_unknown,
    hurried,
    targets,
    unused,
)

ALL = targets()
BY_NAME = {one.name: one for one in ALL}
JSON = [one for one in ALL if one.is_json]
# Where a row that can't be read makes the whole list unknown: what is not in it would count as a
# fact (a file that is gone, a request that was deleted, a title that nobody holds).
WHOLE = {
    "jellyfin_collections.JellyfinCollections.all",
    "arr_history.of_title",
    "arr_history.whole",
    "radarr.RadarrClient.whole_history",
    "sonarr.SonarrClient.whole_history",
    "radarr.RadarrClient.title_history",
    "sonarr.SonarrClient.title_history",
    "sonarr.SonarrClient.episodes",
    "sonarr.SonarrClient.files",
    "seerr.SeerrClient.requests",
}


@pytest.fixture
def runner() -> Iterator[Runner]:
    """Feed in a loop of its own."""
    with hurried(), Runner() as made:
        yield made


def ids(some: Sequence[Target]) -> list[str]:
    """Name the tests after the readers."""
    return [one.name for one in some]


def test_every_reader_is_found_and_fed() -> None:
    """A new one is driven without a new line here, or fails until it is registered."""
    names = {one.name.partition("#")[0] for one in ALL}
    assert len(names) > 150
    assert not unused(names)
    assert not found_and_unknown()[1]
    for must in (
        "radarr_models.movie",
        "seerr_webhook.parse_webhook",
        "radarr.RadarrClient.movies",
        "jellystat.JellystatClient.user_history",
        "playback_reporting.PlaybackReportingClient.history",
        "qbittorrent.QBittorrentClient.torrents",
        "door.seerr",
    ):
        assert must in names
    found = {one.rpartition(".")[2] for one in names}
    assert not NOT_CLIENTS & found
    assert not {one.rpartition(".")[2] for one in NOT_METHODS} & found
    # Driven by hand, with bytes.
    assert NOT_READERS & names == {"inflate.inflated"}
    assert all(one.seeds() for one in ALL)


@pytest.mark.parametrize("target", ALL, ids=ids(ALL))
def test_what_services_really_send_is_read(target: Target, runner: Runner) -> None:
    """Every recorded answer; a client's good answers raise nothing at all."""
    for case in target.seeds():
        _, wrong = runner.run(target, case)
        assert wrong is None, case


@pytest.mark.parametrize("target", JSON, ids=ids(JSON))
def test_no_odd_value_in_any_place_breaks_a_reader(target: Target, runner: Runner) -> None:
    """Extreme dates and numbers, other types, surrogates, missing, huge: some of all pairs."""
    rng = Random(target.name)
    for _ in range(examples(250)):
        case = rng.choice(target.seeds())
        document = decode(case.body)
        at = rng.choice(places(document))
        _, wrong = runner.run(target, fed(case, put(document, at, rng.choice(ODD))))
        assert wrong is None, f"{wrong} with {case.path} {at}"


@pytest.mark.parametrize("target", JSON, ids=ids(JSON))
@settings(max_examples=examples(15))
@given(st.randoms(use_true_random=False))
def test_no_change_breaks_a_reader(target: Target, rng: Random) -> None:
    """Several changes at once: doubled, renamed, swapped, taken out."""
    case = rng.choice(target.seeds())
    changed = mutated(decode(case.body), rng, seeds.documents(target.module))
    with hurried(), Runner() as runner:
        _, wrong = runner.run(target, fed(case, changed))
    assert wrong is None


def fed(case: Case, document: object) -> Case:
    """Give the case with another document."""
    return Case(write(document), case.path)


# -- one bad row costs that row -------------------------------------------------------------------


def answered(target: Target) -> tuple[Case, ...]:
    """Give the good answers; none for a reader that is not registered, which has a test."""
    try:
        return target.seeds() if target.asks else ()
    except Unregistered, ServiceError:
        return ()


def lists(target: Target) -> list[tuple[Case, tuple[str | int, ...]]]:
    """Find the lists of objects in a client's good answers, and what they are the answer to."""
    found = []
    for case in answered(target):
        document = decode(case.body)
        keys = list(document) if isinstance(document, dict) else []
        for at in ((), *((key,) for key in keys)):
            rows = get(document, at)
            if isinstance(rows, list) and len(rows) > 1 and all(isinstance(o, dict) for o in rows):
                found.append((case, at))
    return found


def counted(document: Any, more: int) -> Any:
    """Tell of as many rows as there are."""
    for at in (("totalRecords",), ("TotalRecordCount",), ("pageInfo", "results")):
        if isinstance(document, dict) and at[0] in document:
            document = put(document, at, get(document, at) + more)
    return document


def items(value: Any) -> list[Any] | None:
    """Give what was read of a list."""
    for name in ("rows", "requests", "reports"):
        value = getattr(value, name, value)
    if isinstance(value, dict):
        return list(value.items())
    if isinstance(value, list) and all(isinstance(page, tuple) for page in value):
        return [one for page in value for one in page]
    return list(value) if isinstance(value, list | tuple) else None


LISTS = [
    one for one in ALL if one.name.partition("#")[0] not in WHOLE and one.is_json and lists(one)
]


@pytest.mark.parametrize("target", LISTS, ids=ids(LISTS))
def test_good_rows_are_read_beside_a_bad_one(target: Target, runner: Runner) -> None:
    """Wherever in the list it stands, and whatever is wrong with it."""
    for case, at in lists(target):
        good, wrong = runner.run(target, case)
        assert wrong is None
        expected = items(good)
        document = decode(case.body)
        rows = get(document, at)
        if expected is None:
            continue
        for bad in (None, 7, {}, {"id": "--5"}, dict.fromkeys(rows[0], ODD[5]), ["x"]):
            for place in (0, 1, len(rows)):
                changed = put(document, at, [*rows[:place], bad, *rows[place:]])
                result, wrong = runner.run(target, fed(case, counted(changed, 1)))
                assert wrong is None
                found = items(result)
                assert found is not None, f"{bad} in {case.path} costs the whole list"
                assert [one for one in expected if one in found] == expected


def test_lists_that_must_be_whole_are_named_rightly(runner: Runner) -> None:
    """Each of them does refuse a list with a row that can't be read."""
    for name in WHOLE:
        refused = set()
        for target in (one for one in ALL if one.name.partition("#")[0] == name):
            for case, at in lists(target):
                document = decode(case.body)
                for bad in (None, {}):
                    changed = counted(put(document, at, [*get(document, at), bad]), 1)
                    refused.add(runner.run(target, fed(case, changed))[0] is None)
        assert True in refused, name


# -- the fuzzer itself ----------------------------------------------------------------------------


def test_the_fuzzer_finds_what_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that lets another error out; it can be fed again from what was written."""
    from custom_components.showrunner.clients import arr_models

    def fragile(value: object) -> int | None:
        return int(value) if isinstance(value, str) else None

    monkeypatch.setattr(arr_models, "positive", fragile)
    fuzzer = Fuzzer(7, ("arr_models.queue_item",))
    fuzzer.run(lambda executions: bool(fuzzer.findings) or executions > 20_000)
    [finding] = fuzzer.findings.values()
    assert finding.what.startswith("ValueError at arr_models.py")
    name, case = from_json(finding.as_json())
    with Runner() as runner:
        assert runner.run(BY_NAME[name], case)[1] == finding.what


def test_the_fuzzer_finds_what_cannot_be_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """A number beyond 64 bits, a year that is none, half a pair of surrogates."""
    from custom_components.showrunner.clients import arr_models

    monkeypatch.setattr(arr_models, "positive", lambda value: value)
    monkeypatch.setattr(arr_models, "text", lambda value: value)
    fuzzer = Fuzzer(7, ("arr_models.queue_item",))
    kinds = ("can't be kept", "surrogates")

    def missing() -> list[str]:
        found = " ".join(finding.what for finding in fuzzer.findings.values())
        return [kind for kind in kinds if kind not in found]

    fuzzer.run(lambda executions: not missing() or executions > 20_000)
    assert missing() == []


def test_what_reaches_something_new_is_kept() -> None:
    """Watching tells of each branch once."""
    fuzzer = Fuzzer(7, ("radarr_models.movie", "seerr_webhook.parse_webhook"))
    fuzzer.run(lambda executions: executions > 2000)
    assert fuzzer.branches > 50
    assert not fuzzer.findings
    assert set(fuzzer.by_target) == {"radarr_models.movie", "seerr_webhook.parse_webhook"}


def test_a_finding_says_how_to_see_it_again() -> None:
    """Bytes, path, status and headers."""
    case = Case(b"\xff\0", "GET /x", once=False, status=401, headers=(("WWW-Authenticate", "x"),))
    assert from_json(Finding("a.b", "what", case).as_json()) == ("a.b", case)
    assert Unreadable in BY_NAME["radarr.RadarrClient.movies"].allowed[0].__subclasses__()
