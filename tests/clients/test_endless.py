"""Who answers with ever more pages is not asked for ever: their list is not known."""

from datetime import UTC
from types import SimpleNamespace
from typing import Any

import pytest

from custom_components.showrunner.clients import (
    arr_history,
    jellyfin_items,
    jellystat,
    playback_reporting,
)
from custom_components.showrunner.clients.errors import Unreadable
from custom_components.showrunner.clients.jellyfin_items import JellyfinItems
from custom_components.showrunner.clients.jellystat import JellystatClient
from custom_components.showrunner.clients.playback_reporting import PlaybackReportingClient
from custom_components.showrunner.domain.media import ProviderIds

NOTHING: Any = None


@pytest.fixture(autouse=True)
def few_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have four pages be more than any list has."""
    for module in (arr_history, jellyfin_items, jellystat, playback_reporting):
        monkeypatch.setattr(module, "_MOST_PAGES", 4)


class Pages:
    """Counts how often something was asked for; the fifth time is too often."""

    def __init__(self) -> None:
        """Begin."""
        self.count = 0

    def __call__(self) -> int:
        """Count once more."""
        self.count += 1
        assert self.count <= 4
        return self.count


async def test_an_arrs_history_that_grows_with_every_page_is_not_known() -> None:
    """Each page is full, and there is always one more."""
    pages = Pages()

    async def get_decoded(_: str, __: object, params: dict[str, int], **___: object) -> Any:
        number, size = pages(), params["pageSize"]
        return (number + 1) * size, list(range((number - 1) * size, number * size))

    http: Any = SimpleNamespace(get_decoded=get_decoded, service="Radarr")
    with pytest.raises(Unreadable):
        await arr_history.whole(http, {}, lambda: NOTHING)
    assert pages.count == 4


async def test_a_jellyfin_whose_items_never_end_does_not_say_that_there_is_none() -> None:
    """It was not among those that were told so far."""
    pages, items = Pages(), JellyfinItems(NOTHING)

    async def page(*_: object) -> Any:
        title = SimpleNamespace(ids=ProviderIds(tmdb=pages()), year=None)
        other = SimpleNamespace(unit=SimpleNamespace(title=title))
        return (other,), 10**9, ""

    items._page = page  # type: ignore[method-assign]
    with pytest.raises(Unreadable):
        await items.find_movie(ProviderIds(tmdb=999), "", None)
    assert pages.count == 4


async def test_a_jellystat_that_always_tells_one_page_more_is_not_believed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What was told until then was given, and then it is no end."""
    pages = Pages()

    async def page(*_: object) -> Any:
        number = pages()
        return number + 1, [number]

    client = JellystatClient(NOTHING, "http://jellystat", "key")
    monkeypatch.setattr(client, "_page", page)
    with pytest.raises(Unreadable):
        _ = [one async for one in client._pages("/", None, 100, 1.0)]
    assert pages.count == 4


async def test_a_plugin_that_always_has_one_row_more_is_not_believed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its rows' numbers go on and on."""
    pages = Pages()
    client = PlaybackReportingClient(NOTHING, UTC)

    async def query(_: str) -> Any:
        return [{"rowid": pages()}]

    monkeypatch.setattr(client, "_query", query)
    with pytest.raises(Unreadable):
        _ = [one async for one in client.history(["a" * 32])]
    assert pages.count == 4
