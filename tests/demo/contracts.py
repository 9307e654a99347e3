"""The services' own descriptions of their answers."""

import json
from pathlib import Path
from typing import Any

from openapi_schema_validator import OAS30Validator
import yaml

CONTRACTS = Path(__file__).parents[3] / "shared" / "contracts"


FILES = {
    "jellyfin": "jellyfin-10.11.11.min.openapi.json",
    "radarr": "radarr-v3.openapi.json",
    "sonarr": "sonarr-v3.openapi.json",
    "prowlarr": "prowlarr-v1.openapi.json",
    "ntfy": "ntfy.contract.yml",
}


def description(service: str) -> dict[str, Any]:
    """Read a service's description."""
    text = (CONTRACTS / "openapi" / FILES[service]).read_text()
    doc: dict[str, Any] = (
        yaml.safe_load(text) if FILES[service].endswith("yml") else json.loads(text)
    )
    return doc


_BODY = ("movieIds", "seriesId")


def problems(schema: dict[str, Any], value: object) -> list[str]:
    """List where a value breaks a schema.

    The arrs write a command's own fields (`movieIds`, `seriesId`) into `body`; their description
    names only the fields that all commands have. Jellyfin writes flags as a list of their names,
    and describes them as one of the names.
    """
    return [
        f"{e.json_path}: {e.message[:200]}"
        for e in OAS30Validator(schema).iter_errors(value)
        if not (e.json_path.endswith("body") and any(name in e.message for name in _BODY))
        and not (e.json_path.endswith("TranscodeReasons") and isinstance(e.instance, list))
    ]
