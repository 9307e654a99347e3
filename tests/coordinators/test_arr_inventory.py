"""What an arr holds of a title, with all that is asked before any of it may leave."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from custom_components.showrunner.clients import radarr_models, sonarr_models
from custom_components.showrunner.coordinators.arr_inventory import of_movie, of_series
from custom_components.showrunner.domain.inventory import SeriesStatus
from custom_components.showrunner.domain.media import Place
from custom_components.showrunner.domain.paths import PathMap


def arr(**answers: Any) -> Any:
    """Stand in for an arr that is linked."""

    async def tell(name: str) -> Any:
        return answers[name]

    client = SimpleNamespace(
        episodes=lambda *_: tell("episodes"), files=lambda *_: tell("files"), tags=None
    )
    return SimpleNamespace(
        title="Arr",
        subentry_id="arr",
        path_map=PathMap(),
        client=client,
        is_permanent=lambda path: path.startswith("/permanent"),
    )


async def test_a_movie_says_since_when_its_file_is_there() -> None:
    file = {
        "id": 9,
        "path": "/movies/One (2020)/one.mkv",
        "dateAdded": "2026-01-02T03:04:05Z",
    }
    row = {"id": 1, "title": "One", "path": "/movies/One (2020)", "hasFile": True}
    [found] = (await of_movie(arr(), radarr_models.movie(row | {"movieFile": file}))).files
    assert found.added == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    never = {**file, "dateAdded": "0001-01-01T00:00:00Z"}
    [found] = (await of_movie(arr(), radarr_models.movie(row | {"movieFile": never}))).files
    assert found.added is None


async def test_a_series_says_what_airs_when_whether_it_goes_on_and_which_seasons_there_are() -> (
    None
):
    row = {
        "id": 5,
        "title": "Show",
        "path": "/tv/Show",
        "status": "Ended",
        "seasons": [
            {"seasonNumber": 0, "monitored": False},
            {"seasonNumber": 1, "monitored": True},
            {"seasonNumber": 2, "monitored": True},
        ],
    }
    episodes = [
        {"id": 11, "seasonNumber": 1, "episodeNumber": 1, "episodeFileId": 9, "hasFile": True}
        | {"airDateUtc": "2025-01-02T20:00:00Z"},
        {"id": 12, "seasonNumber": 1, "episodeNumber": 2, "airDateUtc": "0001-01-01T00:00:00Z"},
    ]
    file = {"id": 9, "path": "/tv/Show/1.mkv", "dateAdded": "2026-01-02T03:04:05Z"}
    held = await of_series(
        arr(
            episodes=[sonarr_models.episode(one) for one in episodes],
            files=[sonarr_models.file(file)],
        ),
        sonarr_models.series(row),
    )
    assert held.status is SeriesStatus.ENDED
    assert held.seasons == frozenset({0, 1, 2})
    assert {one.place: one.aired for one in held.units} == {
        Place(1, 1): datetime(2025, 1, 2, 20, tzinfo=UTC),
        Place(1, 2): None,
    }
    [found] = held.files
    assert found.added == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
