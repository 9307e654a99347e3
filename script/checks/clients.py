"""No client knows another service: what several use has no service's name."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from .common import component, imports

_SERVICES: Final = (
    "arr",
    "jellyfin",
    "jellystat",
    "ntfy",
    "qbittorrent",
    "rtorrent",
    "seerr",
    "sftp",
    "shoko",
)
# Parts whose names don't say whose they are; Radarr, Sonarr and Prowlarr are of one make.
_OF: Final = {
    "login_rest": "qbittorrent",
    "playback_reporting": "jellyfin",
    "prowlarr": "arr",
    "radarr": "arr",
    "radarr_models": "arr",
    "scgi": "rtorrent",
    "sonarr": "arr",
    "sonarr_models": "arr",
    "xmlrpc": "rtorrent",
}
# Jellystat hands on what Jellyfin said.
_MAY: Final = {("jellystat", "jellyfin_models")}


def check(root: Path) -> Iterator[str]:
    """Look at what the clients import of each other."""
    for path in sorted((component(root) / "clients").glob("*.py")):
        mine = _service(path.stem)
        try:
            found = imports(path.read_text())
        except SyntaxError:
            continue  # another check says so
        for other in sorted({name for one in found for name in _siblings(one)}):
            foreign = mine and (theirs := _service(other)) and theirs != mine
            if foreign and (path.stem, other) not in _MAY:
                yield f"clients/{path.name}: {other} is another service's"


def _siblings(one: ast.ImportFrom) -> Iterator[str]:
    """Name the modules beside this one that are imported."""
    if one.level != 1:
        return
    if one.module:
        yield one.module.partition(".")[0]
    else:
        yield from (alias.name for alias in one.names)


def _service(module: str) -> str | None:
    prefix = module.partition("_")[0]
    return _OF.get(module) or (prefix if prefix in _SERVICES else None)
