"""Posters and backdrops for the simulated Jellyfin: a colour of the title's own, and its name.

As the real one it makes them as small as asked for, in the format asked for, answers whoever asks,
and 404 for an item that it does not have.
"""

from colorsys import hls_to_rgb
from functools import cache
import hashlib
from io import BytesIO
import textwrap
from typing import Final

from aiohttp import web
from PIL import Image, ImageDraw, ImageFont

from .catalogue import EPISODES, Film
from .jellyfin_items import entries, plain
from .web import number
from .world import World

# Width by height, for each kind that there is.
_SHAPES: Final = {"Primary": (2, 3), "Backdrop": (16, 9)}
_TALLEST: Final = 1080


def answer(world: World, request: web.Request) -> web.Response:
    """Answer with a picture of an item. Raises HTTPNotFound."""
    name = _names(world).get(plain(request.match_info["id"]))
    kind = request.match_info["kind"]
    if name is None or kind not in _SHAPES:
        raise web.HTTPNotFound
    height = min(number(request, "maxHeight", _TALLEST), _TALLEST)
    as_webp = request.query.get("format", "").lower() == "webp"
    content = drawn(name, kind, height, "WEBP" if as_webp else "JPEG")
    return web.Response(body=content, content_type="image/webp" if as_webp else "image/jpeg")


def _names(world: World) -> dict[str, str]:
    names: dict[str, str] = {}
    for entry in (*EPISODES, *world.episodes.values(), *entries(world)):
        names[entry.item_id] = entry.name
        if not isinstance(entry, Film):
            names[entry.series_id] = entry.series
    return names


@cache
def drawn(name: str, kind: str, height: int, image_format: str) -> bytes:
    """Draw a picture: the same for the same name."""
    across, down = _SHAPES[kind]
    width = height * across // down
    hue = hashlib.sha256(name.encode()).digest()[0] / 255
    image = Image.new("RGB", (width, height))
    draw = ImageDraw.Draw(image)
    for y in range(height):
        red, green, blue = hls_to_rgb(hue, 0.42 - 0.27 * y / height, 0.45)
        draw.line(((0, y), (width, y)), fill=(int(red * 255), int(green * 255), int(blue * 255)))
    if kind == "Primary":
        _write(draw, name, width, height)
    written = BytesIO()
    image.save(written, image_format, quality=80)
    return written.getvalue()


def _write(draw: ImageDraw.ImageDraw, name: str, width: int, height: int) -> None:
    lines = textwrap.fill(name, 11)
    font = ImageFont.load_default(max(width // 8, 8))
    draw.multiline_text((width // 2, height * 3 // 5), lines, "white", font, "mm", align="center")
