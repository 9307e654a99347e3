"""What the log says: English, whatever language people read, so that help can be found."""

import json
from pathlib import Path
from typing import Final

from ..const import DOMAIN
from ..domain.text import Words
from ..texts import put

_FILE: Final = Path(__file__).parents[1] / "translations" / "en.json"
_ENGLISH: Final = {
    f"component.{DOMAIN}.common.{key}": words
    for key, words in json.loads(_FILE.read_text(encoding="utf-8"))["common"].items()
}


def logged(words: Words) -> str:
    """Say it for the log."""
    return put(_ENGLISH, words)
