"""What a big house keeps, made up: units, marks, userdata, items, and requests with their facts."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
import random
from typing import Final

from bench.library_server import guid
from custom_components.showrunner.domain.library import (
    ItemKind,
    LibraryItem,
    MarkSource,
    UserRow,
    WatchedMark,
)
from custom_components.showrunner.domain.media import MediaType, Place, ProviderIds, Title, Unit
from custom_components.showrunner.domain.requests.facts import (
    Event,
    EventKind,
    Fact,
    Facts,
    Inventory,
    JellyfinPresence,
)
from custom_components.showrunner.domain.requests.request import Request
from custom_components.showrunner.domain.requests.seasons import TheseSeasons

NOW: Final = datetime(2026, 6, 10, 20, 0, tzinfo=UTC)
SERVER: Final = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
PER_SEASON: Final = 20
_PER_SERIES: Final = 2 * PER_SEASON
_WORDS: Final = (
    *("amber", "barrel", "candle", "dust", "ember", "ferry", "gravel", "harbour", "iron"),
    *("juniper", "kettle", "lantern", "marble", "needle", "orchard", "paper", "quarry"),
)


def _words(dice: random.Random) -> str:
    return " ".join(dice.choice(_WORDS).title() for _ in range(3))


def series(number: int) -> LibraryItem:
    """Make a series."""
    name = _words(random.Random(f"series {number}"))
    return LibraryItem(
        SERVER,
        guid("Series", number),
        ItemKind.SERIES,
        name,
        ProviderIds(400_000 + number, 800_000 + number, f"tt{7_000_000 + number}"),
        2011,
        f"/media/tv/{name} (2011)",
        created=NOW - timedelta(days=900, minutes=number),
        genres=("Drama", "Mystery"),
        rating=7.3,
    )


def episode(number: int) -> LibraryItem:
    """Make an episode of a series: three ids, and a path as Sonarr names it."""
    dice = random.Random(f"episode {number}")
    of, place = divmod(number, _PER_SERIES)
    show, season, name = series(of), 1 + place // PER_SEASON, _words(dice)
    mark = f"S{season:02}E{place % PER_SEASON + 1:02}"
    return LibraryItem(
        SERVER,
        guid("Episode", number),
        ItemKind.EPISODE,
        name,
        # Each its own, and in no order.
        ProviderIds(
            *(10**6 + number * 7919 % 5_000_011, 10**6 + number * 104_729 % 5_000_011),
            f"tt{10**6 + number * 15_485_863 % 20_000_003:07}",
        ),
        2011,
        f"{show.path}/Season {season:02}/{show.name} - {mark} - {name} WEBDL-1080p.mkv",
        runtime=dice.randint(18 * 600, 60 * 600) / 10,
        created=NOW - timedelta(days=dice.randint(1, 900), milliseconds=number),
        rating=dice.randint(50, 95) / 10,
        series_item_id=show.item_id,
        series_name=show.name,
        series_ids=show.ids,
        season=season,
        episode=place % PER_SEASON + 1,
        series_year=2011,
    )


def unit(number: int) -> Unit:
    """Make an episode as it is watched."""
    found = episode(number).unit
    assert found is not None
    return found


def marks(viewer: int, many: int, of: int) -> Iterator[WatchedMark]:
    """Make what a viewer has watched: `many` of the first `of` episodes."""
    dice = random.Random(f"marks {viewer}")
    for number in sorted(dice.sample(range(of), many)):
        one = unit(number)
        at = NOW - timedelta(seconds=dice.randint(0, 5 * 365 * 86_400))
        yield WatchedMark(one.keys, one.item_id, at, dice.choice([*MarkSource]))


def userdata(viewer: int, many: int, of: int) -> Iterator[UserRow]:
    """Make what the server keeps of a viewer; a tenth is begun, one of fifty a favourite."""
    dice = random.Random(f"userdata {viewer}")
    for number in sorted(dice.sample(range(of), many)):
        begun = dice.random() < 0.1
        yield UserRow(
            guid("Episode", number),
            played=not begun,
            favorite=dice.random() < 0.02,
            play_count=dice.randint(1, 3),
            position=dice.randint(1, 40_000) / 7 if begun else 0.0,
            last_played=NOW - timedelta(seconds=dice.randint(0, 5 * 365 * 86_400)),
        )


def request(number: int) -> tuple[Request, Facts]:
    """Make a season that is available: each episode with its grab, its import and its file."""
    dice = random.Random(f"request {number}")
    at = NOW - timedelta(minutes=dice.randint(1, 500_000))
    name = f"{_words(dice)} {number}"
    asked = Request(
        guid("Request", number),
        f"seerr:0f1e2d3c:{number}",
        Title(
            MediaType.SERIES, ProviderIds(number + 1, number + 2, f"tt{number + 1:07}"), name, 2020
        ),
        at,
        TheseSeasons((1,)),
        requested_by="Somebody",
        poster=f"/{guid(number)[:27]}.jpg",
        arr=("sonarr", number),
    )
    facts: list[Fact] = [Event(EventKind.APPROVED, at)]
    pack = dice.random() < 0.5
    for index in range(1, PER_SEASON + 1):
        place = Place(1, index)
        download = guid("Torrent", number, 0 if pack else index)[:40].upper()
        # A service tells whole seconds; what was read at once has one instant.
        came = (at + timedelta(seconds=3600 if pack else dice.randint(10**3, 10**5))).replace(
            microsecond=0
        )
        path = f"/data/tv/{name} (2020)/Season 01/{name} - S01E{index:02} - {_words(dice)}.mkv"
        seen = came + timedelta(minutes=3)
        facts += [
            Event(EventKind.GRABBED, at + timedelta(minutes=2), place, download),
            Event(EventKind.IMPORTED, came, place, download),
            Inventory(
                *(place, NOW), has_file=True, aired_at=at - timedelta(days=7 * index), path=path
            ),
            JellyfinPresence(place, NOW, seen=True, first_seen=seen, last_seen=NOW),
        ]
    return asked, Facts().with_(facts)
