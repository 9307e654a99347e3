"""What the readers are fed to begin with: every recorded and constructed answer, and its parts."""

from collections.abc import Iterator, Mapping
from functools import cache
import json
from pathlib import Path
from typing import Any, Final

FIXTURES: Final = Path(__file__).parents[1] / "fixtures"
# Which folders a module's readers are fed from; the others get everything.
_FOLDERS: Final = {
    "arr": ("radarr", "sonarr"),
    "jellyfin": ("jellyfin", "jellyfin-webhook"),
    "playback": ("playback-reporting",),
    "xmlrpc": ("rtorrent",),
    "scgi": ("rtorrent",),
}
_NAMES: Final = ("jellystat", "prowlarr", "qbittorrent", "radarr", "rtorrent", "seerr", "shoko")
_MOST: Final = 150


def load(name: str) -> Any:
    """Read one recording: what was answered, if it is an exchange."""
    return _answer(json.loads((FIXTURES / f"{name}.json").read_text()))


def _answer(value: Any) -> Any:
    if isinstance(value, dict) and "request" in value and "response" in value:
        value = value["response"]
        if isinstance(value, dict) and "body" in value and "status" in value:
            value = value["body"]
    return value


def parts(value: Any) -> Iterator[Any]:
    """Give a document and everything in it that may be a document of its own."""
    yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for one in inner:
        if isinstance(one, dict | list):
            yield from parts(one)


@cache
def documents(module: str) -> tuple[Any, ...]:
    """Give the documents that the readers of a module are fed, each once, the larger ones first."""
    first = module.partition("_")[0]
    folders = _FOLDERS.get(first, (first,) if first in (*_NAMES, "sonarr") else ())
    paths = sorted(
        path
        for path in FIXTURES.rglob("*.json")
        if "schemas" not in path.parts
        and (not folders or path.relative_to(FIXTURES).parts[0] in folders)
    )
    found: dict[str, Any] = {}
    for path in paths:
        for part in parts(_answer(json.loads(path.read_text()))):
            found.setdefault(json.dumps(part, sort_keys=True), part)
    # Spread over all sizes: whole answers, rows, and what lies in them.
    ordered = sorted(found.values(), key=lambda one: -len(json.dumps(one)))
    step = max(1, len(ordered) // _MOST)
    return tuple(ordered[::step])


@cache
def texts(module: str) -> tuple[str, ...]:
    """Give all the texts that stand in a module's documents."""
    found: dict[str, None] = {}
    for document in documents(module):
        for text in _texts(document):
            found.setdefault(text)
    return tuple(found)[:400]


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield str(key)
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
