"""Jellyfin's pictures of a title, small enough for a card."""

from enum import StrEnum
from http import HTTPStatus
from typing import Final

from .http import HttpClient

# What a picture of that size may have (bytes); one that is longer is none.
LARGEST: Final = 4 * 1024 * 1024
_QUALITY: Final = 90


class PictureKind(StrEnum):
    """Which picture, as Jellyfin calls it."""

    POSTER = "Primary"
    BACKDROP = "Backdrop"


_HEIGHTS: Final = {PictureKind.POSTER: 360, PictureKind.BACKDROP: 480}


class JellyfinPictures:
    """The pictures of one server. Every method raises a ServiceError."""

    def __init__(self, http: HttpClient) -> None:
        """Take the connection."""
        self._http = http

    async def get(self, item_id: str, kind: PictureKind) -> bytes | None:
        """Give a picture, made smaller by the server; None: the item has none, or is gone.

        A pixel is lighter as WebP, which every server and browser that we know of reads.
        """
        answer = await self._http.exchange(
            "GET",
            f"/Items/{item_id}/Images/{kind}",
            params={"maxHeight": _HEIGHTS[kind], "quality": _QUALITY, "format": "Webp"},
            headers={"Accept": "image/webp"},
            max_bytes=LARGEST,
        )
        if answer.status == HTTPStatus.NOT_FOUND:
            return None
        self._http.check(answer)
        return answer.content if media_type(answer.content) else None


def media_type(content: bytes) -> str | None:
    """Say what kind of picture it is, by how it begins; None: none that a browser may be given.

    What can hold a script (SVG) is none, whatever the server calls it.
    """
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return None
