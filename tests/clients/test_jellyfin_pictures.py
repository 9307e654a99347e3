"""Pictures of titles: as small as asked for, and nothing that a browser should not be given."""

import aiohttp
from aioresponses import aioresponses
import pytest

from custom_components.showrunner.clients import jellyfin_pictures
from custom_components.showrunner.clients.errors import ServiceError, Unreadable
from custom_components.showrunner.clients.jellyfin import JellyfinClient
from custom_components.showrunner.clients.jellyfin_pictures import (
    JellyfinPictures,
    PictureKind,
    media_type,
)
from world.catalogue import EPISODES, by_name
from world.lies import Lie, LieKind
from world.servers import Servers

ITEM = "a" * 32
WEBP = b"RIFF\x10\0\0\0WEBPVP8 "


@pytest.fixture
def ours(session: aiohttp.ClientSession, servers: Servers) -> JellyfinPictures:
    """Ask the demo's Jellyfin."""
    key = servers.world.keys.jellyfin
    return JellyfinClient(session, servers.jellyfin.url, key, device_id="t").pictures


@pytest.mark.parametrize("kind", PictureKind)
async def test_films_and_series_have_pictures(ours: JellyfinPictures, kind: PictureKind) -> None:
    """Small ones."""
    for item_id in (by_name("Kilometre Zero").item_id, EPISODES[0].series_id):
        content = await ours.get(item_id, kind)
        assert content is not None
        assert media_type(content) == "image/webp"
        assert len(content) < 100_000


async def test_what_has_none_has_none(ours: JellyfinPictures) -> None:
    """No error: it may be gone, or nobody has drawn it."""
    assert await ours.get("0" * 32, PictureKind.POSTER) is None


async def test_a_server_that_fails_says_nothing_of_its_pictures(
    ours: JellyfinPictures, servers: Servers
) -> None:
    """Otherwise a title would be without a picture for an hour."""
    servers.jellyfin.liar.tell(Lie(LieKind.ERROR, "/Items", status=503))
    with pytest.raises(ServiceError):
        await ours.get(by_name("Kilometre Zero").item_id, PictureKind.POSTER)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<!DOCTYPE html><html></html>",
        b"RIFF\x10\0\0\0WAVE",
        b"GIF89a",
    ],
)
async def test_what_is_none_is_none_whatever_it_is_called(
    session: aiohttp.ClientSession, content: bytes
) -> None:
    """A picture is known by how it begins."""
    with aioresponses() as server:
        url = "http://j/Items/" + ITEM + "/Images/Primary?format=Webp&maxHeight=360&quality=90"
        server.get(url, body=content, content_type="image/webp")
        client = JellyfinClient(session, "http://j", "key", device_id="t").pictures
        assert await client.get(ITEM, PictureKind.POSTER) is None


async def test_a_picture_that_is_too_large_is_not_read(
    session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor kept in memory."""
    monkeypatch.setattr(jellyfin_pictures, "LARGEST", 100)
    with aioresponses() as server:
        url = "http://j/Items/" + ITEM + "/Images/Primary?format=Webp&maxHeight=360&quality=90"
        server.get(url, body=WEBP + b"x" * 100, content_type="image/webp")
        client = JellyfinClient(session, "http://j", "key", device_id="t").pictures
        with pytest.raises(Unreadable):
            await client.get(ITEM, PictureKind.POSTER)


@pytest.mark.parametrize(
    ("begins", "kind"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (WEBP, "image/webp"),
    ],
)
def test_pictures_are_told_by_their_first_bytes(begins: bytes, kind: str) -> None:
    """What the server calls them is not asked."""
    assert media_type(begins) == kind
