"""Puts the words of `translations/` into what the domain says, in Home Assistant's language."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache, partial
import string
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_cached_translations, async_get_translations
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .domain.text import IN_LOGS, KEPT, Text, Value, Words

# Where Home Assistant lets an integration keep texts of its own.
_SECTION: Final = "common"
_PREFIX: Final = f"component.{DOMAIN}.{_SECTION}."
# A text about nothing, one thing or two may have words of its own; `count` chooses.
_COUNT: Final = "count"
_NUMBERED: Final = {0: "_zero", 1: "_one", 2: "_two"}
_WRITTEN: Final = string.Formatter()


async def async_setup_logs(hass: HomeAssistant) -> None:
    """Have texts said in logs in English, as all of Home Assistant's log is."""
    english = await async_get_translations(hass, "en", _SECTION, [DOMAIN])
    IN_LOGS.put = partial(put, english)


async def async_load(hass: HomeAssistant) -> None:
    """Load the words: a first form is shown before Home Assistant has set us up."""
    await async_get_translations(hass, hass.config.language, _SECTION, [DOMAIN])


def said(hass: HomeAssistant, words: Words) -> str:
    """Say a text in Home Assistant's language; English where that has no words for it."""
    if isinstance(words, str):
        return words
    return put(_known(hass), words)


def _known(hass: HomeAssistant) -> Mapping[str, str]:
    known = async_get_cached_translations(hass, hass.config.language, _SECTION, DOMAIN)
    # What is said before the languages are loaded is said in English, or by its key.
    return known or async_get_cached_translations(hass, "en", _SECTION, DOMAIN)


def written(hass: HomeAssistant, value: Value) -> str:
    """Write a value alone: an instant, a day or a number, as Home Assistant's language does."""
    return _put(_known(hass), value)


def shown(hass: HomeAssistant, answer: object) -> object:
    """Give an answer with all texts in it said, those that were kept as JSON too."""
    return _shown(_known(hass), answer)


async def async_shown(hass: HomeAssistant, answer: object) -> object:
    """Likewise, not in the event loop: a thousand decisions have tens of thousands of values."""
    return await hass.async_add_executor_job(_shown, _known(hass), answer)


def _shown(known: Mapping[str, str], answer: object) -> object:
    match answer:
        # First what there is most of: a list of decisions has tens of thousands of values.
        case str() | int() | float() | None:
            return answer
        case Text():
            return put(known, answer)
        case dict() if answer.keys() == KEPT:
            return put(known, Text.from_dict(answer))
        case dict() | Mapping():
            return {key: _shown(known, value) for key, value in answer.items()}
        case list() | tuple():
            return [_shown(known, value) for value in answer]
        case _:
            return answer


def put(known: Mapping[str, str], words: Words) -> str:
    """Say a text in the words given. Without words for it its key stands in their place."""
    if isinstance(words, str):
        return words
    values = dict(words.values)
    pattern = _pattern(known, words.key, values.get(_COUNT))
    if pattern is None:
        sentence = ", ".join(_put(known, value) for value in values.values())
        return f"{words.key} ({sentence})" if sentence else words.key
    sentence = ""
    for before, name in _parts(pattern):
        # A sentence that is put into another brings its own full stop.
        sentence += before[1:] if before.startswith(".") and sentence.endswith(".") else before
        sentence += "" if name is None else _put(known, values.get(name, f"{{{name}}}"))
    return sentence


@lru_cache(maxsize=1024)
def _parts(pattern: str) -> tuple[tuple[str, str | None], ...]:
    """Take words apart at their placeholders: a list of decisions has the same ones again."""
    return tuple((before, name) for before, name, _, _ in _WRITTEN.parse(pattern))


def _pattern(known: Mapping[str, str], key: str, count: Value | None) -> str | None:
    ending = _NUMBERED.get(count, "") if isinstance(count, int) else ""
    found = known.get(f"{_PREFIX}{key}{ending}")
    return known.get(f"{_PREFIX}{key}") if found is None else found


def _put(known: Mapping[str, str], value: Value) -> str:
    match value:
        case Text():
            return put(known, value)
        case float():
            return f"{value:.1f}".replace(".", known.get(f"{_PREFIX}decimal_mark", "."))
        case datetime():
            return _moment(known, dt_util.as_local(value))
        case date():
            return _day(known, value)
        case tuple():
            return ", ".join(_put(known, one) for one in value)
        case _:
            return str(value)


def _day(known: Mapping[str, str], day: date) -> str:
    pattern = known.get(f"{_PREFIX}day", "{year}-{month}-{day}")
    return pattern.format(year=f"{day.year:04}", month=f"{day.month:02}", day=f"{day.day:02}")


def _moment(known: Mapping[str, str], at: datetime) -> str:
    pattern = known.get(f"{_PREFIX}moment", "{day} {time}")
    return pattern.format(day=_day(known, at), time=f"{at:%H:%M}")
