"""What the domain says, in the words of `translations/en.json`."""

import json
from pathlib import Path

from custom_components.showrunner.domain.text import Words
from custom_components.showrunner.texts import put

_FILE = Path(__file__).parents[1] / "custom_components/showrunner/translations/en.json"
WORDS = {
    f"component.showrunner.common.{key}": words
    for key, words in json.loads(_FILE.read_text())["common"].items()
}


def english(words: Words) -> str:
    """Say it as Home Assistant would where English is spoken."""
    return put(WORDS, words)
