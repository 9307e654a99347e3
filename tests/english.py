"""What the domain says, in the words of `translations/`."""

import json
from pathlib import Path

from custom_components.showrunner.domain.text import Words
from custom_components.showrunner.texts import put

_FOLDER = Path(__file__).parents[1] / "custom_components/showrunner/translations"


def _words(language: str) -> dict[str, str]:
    texts = json.loads((_FOLDER / f"{language}.json").read_text())
    return {f"component.showrunner.common.{key}": words for key, words in texts["common"].items()}


WORDS = _words("en")
_GERMAN = _words("de")


def english(words: Words) -> str:
    """Say it as Home Assistant would where English is spoken."""
    return put(WORDS, words)


def german(words: Words) -> str:
    """Say it as Home Assistant would where German is spoken."""
    return put(_GERMAN, words)


# A made-up language, in which every text is in brackets.
BRACKETS = {key: f"⟦{words}⟧" for key, words in WORDS.items()}


def bracketed(words: Words) -> str:
    """Say it as Home Assistant would where that is spoken."""
    return put(BRACKETS, words)


def beside(said: str) -> str:
    """Give what is said outside of all brackets, and so has no words in the translations."""
    depth, found = 0, ""
    for letter in said:
        depth -= letter == "⟧"
        found += letter if depth == 0 and letter not in "⟦⟧" else ""
        depth += letter == "⟦"
    return found
