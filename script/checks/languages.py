"""Every language is whole: en.json's keys and placeholders, and nothing left in English."""

from collections.abc import Iterator
from pathlib import Path
import re
from typing import Any, Final

from .common import component, leaves, read_json
from .texts import sound

_PLACEHOLDER = re.compile(r"\{\w+\}")
_CODE = re.compile(r"`[^`]*`")
_WORD = re.compile(r"[^\W\d_]{2,}")
# Names are the same in every language.
_NAME = re.compile(
    "AniDB|API|Assistant|Home|IMDb|Jellyfin|Jellyseerr|Jellystat|ntfy|Overseerr|Playback|Prowlarr"
    "|qBittorrent|Radarr|Reporting|rTorrent|ruTorrent|Seerr|Shoko|Showrunner|Sonarr|TMDb|TVDB|URL"
    "|Webhook"
)
# Words that a language has taken over, or shares with English. A text of such words alone may be
# the English one.
_SHARED: Final = {
    "de": re.compile(
        "Downloads?|Host|In|normal|Plan|Port|Ratio|Seedbox|Seeding|Streams?|Torrents?"
    ),
}
# Words that are nothing but English, and so show a sentence that was translated in part.
_ENGLISH = re.compile(r"\b(?:the|which|with|isn't|doesn't|can't)\b", re.IGNORECASE)


def check(root: Path) -> Iterator[str]:
    """Compare every other language with English."""
    folder = component(root) / "translations"
    english = dict(leaves(read_json(folder / "en.json")))
    for path in sorted(folder.glob("*.json")):
        if path.name != "en.json":
            texts = read_json(path)
            problems = [*sound(texts), *_whole(path.stem, dict(leaves(texts)), english)]
            yield from (f"{path.name}: {problem}" for problem in problems)


def _whole(language: str, texts: dict[str, Any], english: dict[str, Any]) -> Iterator[str]:
    for path in english.keys() - texts.keys():
        yield f"{path} is missing"
    for path in texts.keys() - english.keys():
        yield f"{path} is not in en.json"
    for path in english.keys() & texts.keys():
        text, original = str(texts[path]), str(english[path])
        if sorted(_PLACEHOLDER.findall(text)) != sorted(_PLACEHOLDER.findall(original)):
            yield f"{path}: other placeholders than in English"
        left = text == original and _words(language, text)
        if left or _ENGLISH.search(_CODE.sub("", text)):
            yield f"{path} is left in English: {text}"


def _words(language: str, text: str) -> list[str]:
    """List the words that this language has others for."""
    shared = _SHARED.get(language)
    return [
        word
        for word in _WORD.findall(_PLACEHOLDER.sub("", _CODE.sub("", text)))
        if not _NAME.fullmatch(word) and not (shared and shared.fullmatch(word))
    ]
