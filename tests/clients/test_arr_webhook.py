"""What Radarr and Sonarr post, read from every sample and from what a real Radarr sent."""

from collections.abc import Iterator
import copy
from datetime import UTC, datetime
import json
from typing import Any

from hypothesis import given, strategies as st
from jsonschema import Draft202012Validator
import pytest

from custom_components.showrunner.clients.arr_webhook import ArrEvent, ArrMessage, read
from custom_components.showrunner.clients.errors import NotOurs
from custom_components.showrunner.coordinators.arr_reports import Speaker, of_message
from custom_components.showrunner.domain.media import MOVIE, MediaType, Place, ProviderIds
from custom_components.showrunner.domain.requests.facts import Event, EventKind, Facts

from .conftest import FIXTURES

AT = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)
ADDED = datetime(2026, 11, 20, 12, 40, tzinfo=UTC)
PACK = "0B1C2D3E4F5061728394A5B6C7D8E9F00112233A"
FILM = "4A8F0C1D2E3B4C5D6E7F8091A2B3C4D5E6F70819"
ONE, TWO = Place(2, 1), Place(2, 2)
MEDIA = {"radarr": MediaType.MOVIE, "sonarr": MediaType.SERIES}


def body(name: str) -> Any:
    """Read a sample, or what was captured."""
    found = json.loads((FIXTURES / f"{name}.json").read_text())
    return found.get("body", found)


def samples() -> Iterator[str]:
    """Name all of them."""
    for product in MEDIA:
        for path in sorted((FIXTURES / product).glob("*webhook-*.json")):
            if "notification" not in path.name:
                yield f"{product}/{path.stem}"


def message(name: str) -> ArrMessage:
    """Read a sample's message."""
    return read(body(name), AT, MEDIA[name.partition("/")[0]])


def facts(name: str) -> set[Any]:
    """Give the facts that a sample tells."""
    media = MEDIA[name.partition("/")[0]]
    return set(of_message(Speaker("one", media, alone=True), message(name)).facts)


EXPECTED = {
    "radarr/webhook-grab": {Event(EventKind.GRABBED, AT, MOVIE, FILM)},
    "radarr/webhook-download-import": {
        Event(EventKind.IMPORTED, datetime(2026, 11, 20, 12, 34, 56, tzinfo=UTC), MOVIE, FILM)
    },
    "radarr/webhook-download-upgrade": {
        Event(EventKind.IMPORTED, datetime(2026, 11, 20, 12, 34, 56, tzinfo=UTC), MOVIE, FILM)
    },
    "radarr/webhook-download-manual-import-no-client": {
        Event(EventKind.IMPORTED, datetime(2026, 11, 20, 12, 34, 56, tzinfo=UTC), MOVIE, "file:55")
    },
    "radarr/webhook-manualinteractionrequired": {
        Event(EventKind.GRABBED, AT, MOVIE, FILM),
        Event(EventKind.STARTED, AT, download=FILM),
        Event(EventKind.COMPLETE, AT, download=FILM),
    },
    "sonarr/webhook-grab-season-pack": {
        Event(EventKind.GRABBED, AT, ONE, PACK),
        Event(EventKind.GRABBED, AT, TWO, PACK),
    },
    "sonarr/webhook-download-import-single-file": {Event(EventKind.IMPORTED, ADDED, ONE, PACK)},
    "sonarr/webhook-download-upgrade": {Event(EventKind.IMPORTED, ADDED, ONE, PACK)},
    "sonarr/webhook-download-import-complete": {
        Event(EventKind.IMPORTING, AT, download=PACK),
        Event(EventKind.IMPORTED, ADDED, ONE, PACK),
        Event(EventKind.IMPORTED, ADDED, TWO, PACK),
    },
    "sonarr/webhook-manualinteractionrequired": {
        Event(EventKind.GRABBED, AT, ONE, PACK),
        Event(EventKind.GRABBED, AT, TWO, PACK),
        Event(EventKind.STARTED, AT, download=PACK),
        Event(EventKind.COMPLETE, AT, download=PACK),
    },
}


@pytest.mark.parametrize("name", samples())
def test_every_sample_tells_what_it_should(name: str) -> None:
    """Titles are known by ids; tests, health and updates tell nothing."""
    assert facts(name) == EXPECTED.get(name, set())
    answer = message(name)
    about = of_message(Speaker("one", answer.media, alone=True), answer).about
    quiet = ("test", "health", "applicationupdate")
    if any(word in name for word in quiet):
        assert answer.event in (ArrEvent.TEST, ArrEvent.OTHER)
    elif "captured" in name:
        assert about.ids == ProviderIds(tmdb=10331, imdb="tt0063350")
    elif answer.media is MediaType.MOVIE:
        assert (about.arr_id, about.ids.tmdb, answer.anime) == (12, 900001, False)
    else:
        assert (about.arr_id, about.ids.tvdb, answer.anime) == (7, 300001, True)


def test_both_shapes_of_a_packs_import_are_one_story() -> None:
    """Whichever comes first, and however often."""
    names = ("import-single-file", "import-complete", "import-single-file")
    rows = [facts(f"sonarr/webhook-download-{name}") for name in names]
    once = Facts().with_(rows[1])
    assert Facts().with_(rows[0]).with_(rows[1]).with_(rows[2]) == once


def test_a_pack_of_which_not_all_was_imported_names_no_episode_as_imported() -> None:
    """It lists everything that was grabbed, also what Sonarr has rejected."""
    answer = body("sonarr/webhook-download-import-complete")
    del answer["episodeFiles"][1]
    found = of_message(
        Speaker("one", MediaType.SERIES, alone=True), read(answer, AT, MEDIA["sonarr"])
    )
    assert found.facts == (Event(EventKind.IMPORTING, AT, download=PACK),)


def test_one_file_with_two_episodes_is_both() -> None:
    """S02E01-E02 in one file."""
    episodes = body("sonarr/webhook-download-import-single-file")
    episodes["episodes"] = body("sonarr/webhook-grab-season-pack")["episodes"]
    found = of_message(
        Speaker("one", MediaType.SERIES, alone=True), read(episodes, AT, MEDIA["sonarr"])
    )
    assert {(fact.place, fact.kind) for fact in found.facts if isinstance(fact, Event)} == {
        (ONE, EventKind.IMPORTED),
        (TWO, EventKind.IMPORTED),
    }


@pytest.mark.parametrize("name", [one for one in samples() if "delete" in one])
def test_what_is_gone_is_not_told_by_a_webhook(name: str) -> None:
    """It only says where to look."""
    assert message(name).event in (ArrEvent.FILE_DELETED, ArrEvent.TITLE_DELETED)
    assert facts(name) == set()


def test_numbers_may_be_texts_and_what_is_missing_is_not_there() -> None:
    """Proxies and scripts in between change kinds."""
    rows = body("sonarr/webhook-grab-season-pack")
    rows["series"] = {"id": "7", "tvdbId": "300001", "type": "Anime"}
    rows["episodes"] = [
        {"seasonNumber": "2", "episodeNumber": "1"},
        {"id": 702, "seasonNumber": 2, "episodeNumber": 2.0},
        {"id": 703, "seasonNumber": None, "episodeNumber": 3},
        "rubbish",
    ]
    rows["downloadId"] = PACK.lower()
    found = read(rows, AT, MediaType.SERIES)
    assert (found.arr_id, found.ids.tvdb, found.anime) == (7, 300001, True)
    assert found.units == (ONE, TWO)
    assert found.download == PACK
    bare = read({"eventType": "ManualInteractionRequired", "downloadId": "x"}, AT, MediaType.MOVIE)
    assert (bare.ids, bare.units, bare.download) == (ProviderIds(), (), "X")


@pytest.mark.parametrize(
    ("folder", "tags", "anime"),
    [
        ("/data/movies/Film (2001)", ["anime"], True),
        ("/data/Anime Movies/Film (2001)", [], True),
        ("/data/movies/Anime The Film (2001)", [], False),
        ("/data/animes/Film", ["animefan"], False),
        ("D:\\anime\\Film", [], True),
    ],
)
def test_what_makes_a_film_an_anime(folder: str, tags: list[str], anime: bool) -> None:
    """Its tag, or the folder above its own."""
    answer = body("radarr/webhook-movieadded")
    answer["movie"] |= {"folderPath": folder, "tags": tags}
    assert read(answer, AT, MediaType.MOVIE).anime is anime


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        "Test",
        {},
        {"eventType": 3},
        {"eventType": ""},
        {"event": "MEDIA_APPROVED", "subject": "x"},
        {"eventType": "Grab"},
        {"eventType": "Grab", "series": {"id": 1}},
        {"eventType": "Download", "movie": [1]},
        {"eventType": "Test", "series": {"id": 1}},
        {"eventType": "ManualInteractionRequired", "series": {"id": 1}},
    ],
)
def test_a_body_of_somebody_else_is_refused(value: Any) -> None:
    """Also Sonarr's at Radarr's door."""
    with pytest.raises(NotOurs):
        read(value, AT, MediaType.MOVIE)


def test_a_kind_that_comes_with_a_later_version_is_accepted() -> None:
    """And says nothing."""
    assert read({"eventType": "Surprise"}, AT, MediaType.MOVIE).event is ArrEvent.OTHER


@given(st.data())
def test_nothing_that_is_broken_breaks_us(data: st.DataObject) -> None:
    """Any part of any sample may be of another kind, or gone."""
    name = data.draw(st.sampled_from(sorted(EXPECTED)))
    answer = copy.deepcopy(body(name))
    part: Any = answer
    while True:
        key = data.draw(st.sampled_from(sorted(part) if isinstance(part, dict) else [0]))
        inner = part[key]
        if isinstance(inner, dict | list) and inner and data.draw(st.booleans()):
            part = inner
            continue
        part[key] = data.draw(st.sampled_from([None, 7, "x", "", True, [], {}, [None], -1, 1e300]))
        break
    media = MEDIA[name.partition("/")[0]]
    try:
        found = read(answer, AT, media)
    except NotOurs:
        return
    of_message(Speaker("one", media, alone=True), found)


# Every path into a body that we read, by product, as the schema names it.
USED = {
    "radarr": [
        ("movie", "id"),
        ("movie", "tmdbId"),
        ("movie", "imdbId"),
        ("movie", "tags"),
        ("movie", "folderPath"),
        ("movieFile", "id"),
        ("movieFile", "path"),
        ("movieFile", "dateAdded"),
        ("downloadId",),
        ("downloadStatusMessages",),
    ],
    "sonarr": [
        ("series", "id"),
        ("series", "tvdbId"),
        ("series", "tmdbId"),
        ("series", "imdbId"),
        ("series", "type"),
        ("series", "path"),
        ("episodes", "id"),
        ("episodes", "seasonNumber"),
        ("episodes", "episodeNumber"),
        ("episodeFile", "id"),
        ("episodeFile", "path"),
        ("episodeFile", "dateAdded"),
        ("episodeFiles", "id"),
        ("downloadId",),
        ("downloadStatusMessages",),
    ],
}


def schema(product: str) -> dict[str, Any]:
    """Read a product's schema."""
    found: dict[str, Any] = json.loads(
        (FIXTURES / "schemas" / f"{product}-webhook.schema.json").read_text()
    )
    return found


def named(doc: dict[str, Any], part: Any) -> Iterator[tuple[str, Any]]:
    """Go through every property that a part of the schema names, wherever it stands."""
    if isinstance(part, list):
        for one in part:
            yield from named(doc, one)
    if not isinstance(part, dict):
        return
    if reference := part.get("$ref"):
        yield from named(doc, doc["$defs"][reference.rsplit("/", 1)[-1]])
    yield from part.get("properties", {}).items()
    for key in ("allOf", "oneOf", "anyOf", "then", "else", "items"):
        yield from named(doc, part.get(key))


@pytest.mark.parametrize(
    ("product", "path"), [(product, path) for product, paths in USED.items() for path in paths]
)
def test_every_field_that_we_use_is_in_the_schema(product: str, path: tuple[str, ...]) -> None:
    """Nothing is read that the arr does not send."""
    doc = schema(product)
    parts: list[Any] = [doc]
    for name in path:
        parts = [found for part in parts for key, found in named(doc, part) if key == name]
        assert parts, f"{name} of {path}"


@pytest.mark.parametrize("name", samples())
def test_the_samples_fit_the_schema(name: str) -> None:
    """They are what is claimed."""
    checked = Draft202012Validator(schema(name.partition("/")[0]))
    assert [error.message for error in checked.iter_errors(body(name))] == []


@pytest.mark.parametrize("episodes", [[], [{"id": 1, "seasonNumber": 1}], ["x"], None])
def test_a_grab_of_episodes_that_are_not_named_keeps_its_download(episodes: object) -> None:
    """What it is for is not known, and so not nothing."""
    answer = body("sonarr/webhook-grab-season-pack")
    whole = read(answer, AT, MediaType.SERIES)
    assert None not in whole.grabbed
    answer["episodes"] = episodes
    found = read(answer, AT, MediaType.SERIES)
    assert found.grabbed == (None,)
    facts = of_message(Speaker("one", MediaType.SERIES, alone=True), found).facts
    assert [(f.kind, f.place) for f in facts if isinstance(f, Event)] == [(EventKind.GRABBED, None)]
