"""Pictures are fetched once, kept for a while, and never more of them than there is room for."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from custom_components.showrunner.clients.errors import Unreachable
from custom_components.showrunner.coordinators import pictures
from custom_components.showrunner.coordinators.pictures import PictureKind, Pictures
from custom_components.showrunner.domain.library import ItemKind, LibraryItem
from custom_components.showrunner.domain.media import ProviderIds
from custom_components.showrunner.store import Store

SERVER = "5" * 32
MOVIE, SERIES, EPISODE = "a" * 32, "b" * 32, "c" * 32
POSTER = PictureKind.POSTER
NAMES = ("movie:tmdb:603",)


class Jellyfin:
    """Draws what it is told to have; an error in place of its pictures is raised."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, PictureKind]] = []
        self.has: dict[str, bytes | None] = {}
        self.fails: Exception | None = None
        self.gate = asyncio.Event()
        self.gate.set()

    async def get(self, item_id: str, kind: PictureKind) -> bytes | None:
        """Answer as Jellyfin's client does."""
        self.asked.append((item_id, kind))
        await self.gate.wait()
        if self.fails:
            raise self.fails
        return self.has.get(item_id)


class Clock:
    """Goes on when it is told to."""

    def __init__(self) -> None:
        self.time = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.time


class House:
    """The pictures of a small library."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store, self.folder = store, folder
        self.jellyfin, self.clock = Jellyfin(), Clock()
        self.begin()

    def begin(self) -> None:
        """Begin, as after a restart."""
        client: Any = self.jellyfin
        self.pictures = Pictures(client, self.store, SERVER, self.folder, self.clock)

    def picture(self, item_id: str, size: int = 100) -> bytes:
        """Have Jellyfin have a picture of an item."""
        content = b"\xff\xd8\xff" + item_id.encode() + b"x" * size
        self.jellyfin.has[item_id] = content
        return content


@pytest.fixture
async def house(tmp_path: Path) -> AsyncGenerator[House]:
    """Have a movie, a series and its episode in the library."""
    store = await Store.open(tmp_path / "showrunner.db")
    ids = ProviderIds(tvdb=7)
    items = [
        LibraryItem(SERVER, MOVIE, ItemKind.MOVIE, "Heat", ProviderIds(tmdb=603)),
        LibraryItem(SERVER, SERIES, ItemKind.SERIES, "Dark", ids),
        LibraryItem(
            *(SERVER, EPISODE, ItemKind.EPISODE, "One"),
            series_item_id=SERIES,
            series_ids=ids,
            season=1,
            episode=1,
        ),
    ]
    await store.library.take(items, 1)
    yield House(store, tmp_path / "pictures")
    await store.close()


async def test_a_title_is_shown_by_any_of_its_names(house: House) -> None:
    """A movie by its own, a series by its own; not by an episode's still."""
    heat, dark = house.picture(MOVIE), house.picture(SERIES)
    house.picture(EPISODE)
    assert await house.pictures.of_title(("movie:imdb:tt9", *NAMES), POSTER) == heat
    assert await house.pictures.of_title(("series:tvdb:7",), POSTER) == dark
    assert await house.pictures.of_title(("movie:tmdb:7", "rubbish", ""), POSTER) is None


async def test_an_episode_is_shown_by_its_series(house: House) -> None:
    """And what the library does not know yet by itself."""
    dark, new = house.picture(SERIES), house.picture("d" * 32)
    assert await house.pictures.of_item(EPISODE, POSTER) == dark
    assert await house.pictures.of_item("d" * 32, POSTER) == new
    assert await house.pictures.of_item("e" * 32, POSTER) is None


async def test_what_is_kept_is_not_asked_for_again_until_it_is_old(house: House) -> None:
    """Neither after a restart; kinds are kept apart."""
    heat = house.picture(MOVIE)
    for _ in range(2):
        assert await house.pictures.of_item(MOVIE, POSTER) == heat
        house.begin()
    assert house.jellyfin.asked == [(MOVIE, POSTER)]
    await house.pictures.of_item(MOVIE, PictureKind.BACKDROP)
    assert len(house.jellyfin.asked) == 2
    new = house.picture(MOVIE, 200)
    house.clock.time += timedelta(days=13)
    assert await house.pictures.of_item(MOVIE, POSTER) == heat
    house.clock.time += timedelta(days=2)
    assert await house.pictures.of_item(MOVIE, POSTER) == new


async def test_a_silent_server_leaves_the_old_one(house: House) -> None:
    """Of what was never seen its silence says nothing: it is asked again."""
    heat = house.picture(MOVIE)
    await house.pictures.of_item(MOVIE, POSTER)
    house.jellyfin.fails = Unreachable("Jellyfin", "no connection")
    house.clock.time += timedelta(days=100)
    assert await house.pictures.of_item(MOVIE, POSTER) == heat
    for _ in range(2):
        with pytest.raises(Unreachable):
            await house.pictures.of_item(SERIES, POSTER)
    house.jellyfin.fails = None
    dark = house.picture(SERIES)
    assert await house.pictures.of_item(SERIES, POSTER) == dark


async def test_what_has_no_picture_is_asked_again_after_an_hour(house: House) -> None:
    """A page of such titles asks nothing at each look."""
    for _ in range(3):
        assert await house.pictures.of_item(MOVIE, POSTER) is None
    assert len(house.jellyfin.asked) == 1
    heat = house.picture(MOVIE)
    house.clock.time += timedelta(minutes=61)
    assert await house.pictures.of_item(MOVIE, POSTER) == heat


async def test_who_asks_at_the_same_time_shares_one_answer(house: House) -> None:
    """Also when the first of them has gone."""
    heat = house.picture(MOVIE)
    house.jellyfin.gate.clear()
    first, *others = [asyncio.create_task(house.pictures.of_item(MOVIE, POSTER)) for _ in range(9)]
    while not house.jellyfin.asked:
        await asyncio.sleep(0)
    first.cancel()
    house.jellyfin.gate.set()
    assert await asyncio.gather(*others) == [heat] * 8
    assert len(house.jellyfin.asked) == 1


async def test_few_are_fetched_at_once(house: House) -> None:
    """A page full of posters does not hold up what else Jellyfin is asked."""
    house.jellyfin.gate.clear()
    work = [
        asyncio.create_task(house.pictures.of_item(f"{number:032x}", POSTER))
        for number in range(20)
    ]
    while len(house.jellyfin.asked) < 4:
        await asyncio.sleep(0)
    for _ in range(20):
        await asyncio.sleep(0)
    assert len(house.jellyfin.asked) == 4
    house.jellyfin.gate.set()
    await asyncio.gather(*work)


async def test_what_was_asked_for_longest_ago_makes_room(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What lies there already counts, too."""
    monkeypatch.setattr(pictures, "_MOST", 10_000)
    monkeypatch.setattr(pictures, "_LEFT", 6_000)
    items = [f"{number:032x}" for number in range(12)]
    for item in items:
        house.picture(item, 1000)
        house.clock.time += timedelta(minutes=1)
        await house.pictures.of_item(item, POSTER)
        # The first one is looked at again and again.
        await house.pictures.of_item(items[0], POSTER)
        house.begin()
    left = [path for path in house.folder.glob("*/*") if path.is_file()]
    assert sum(path.stat().st_size for path in left) <= 10_000
    contents = {path.read_bytes() for path in left}
    assert house.jellyfin.has[items[0]] in contents
    assert house.jellyfin.has[items[-1]] in contents
    assert house.jellyfin.has[items[1]] not in contents


@pytest.mark.parametrize("damage", [b"", b"<svg/>", b"\xff\xd8"])
async def test_a_kept_file_that_is_damaged_is_fetched_anew(house: House, damage: bytes) -> None:
    """Nothing but a picture leaves here."""
    heat = house.picture(MOVIE)
    await house.pictures.of_item(MOVIE, POSTER)
    (path,) = house.folder.glob("*/*")
    path.write_bytes(damage)
    assert await house.pictures.of_item(MOVIE, POSTER) == heat


async def test_a_disk_that_refuses_is_no_error_of_a_picture(house: House) -> None:
    """It is shown all the same, and asked for again."""
    house.folder.write_text("a file where the folder should be")
    heat = house.picture(MOVIE)
    for _ in range(2):
        assert await house.pictures.of_item(MOVIE, POSTER) == heat
    assert house.folder.is_file()


async def test_what_is_forgotten_is_gone(house: House) -> None:
    """With the entry."""
    house.picture(MOVIE)
    await house.pictures.of_item(MOVIE, POSTER)
    await Pictures.forget(house.folder)
    assert not house.folder.exists()
    await Pictures.forget(house.folder)
