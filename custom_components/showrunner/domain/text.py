"""What is said to a person, without its words: a key of the translations, and what it names.

The words are in `translations/`, and are put in at the faces (`texts`), in Home Assistant's
language. Numbers, instants, and what a service or a person said stay values. A plain string stands
for itself: a service's own words, or what was kept before there were keys.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
import json
from typing import Final, Self

type Value = str | int | float | datetime | date | Text | tuple[Value, ...]
type Words = Text | str

_KEY: Final = "text"
_VALUES: Final = "values"
# The fields of a text where it is kept.
KEPT: Final = frozenset({_KEY, _VALUES})


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence: its key, and the values of its placeholders by their names."""

    key: str
    values: tuple[tuple[str, Value], ...] = ()

    def __str__(self) -> str:
        """Say it in a log, which is English in every language."""
        return IN_LOGS.put(self)

    def as_dict(self) -> dict[str, object]:
        """Give JSON-safe values."""
        return {_KEY: self.key, _VALUES: {name: plain(value) for name, value in self.values}}

    @classmethod
    def from_dict(cls, kept: Mapping[str, object]) -> Self:
        """Read what `as_dict` gave. Raises ValueError for anything else."""
        values = kept.get(_VALUES)
        if kept.keys() != KEPT or not isinstance(values, Mapping):
            raise ValueError("not a text")
        return cls(str(kept[_KEY]), tuple((str(name), _value(one)) for name, one in values.items()))


def _bare(text: Text) -> str:
    values = ", ".join(str(value) for _, value in text.values)
    return f"{text.key} ({values})" if values else text.key


@dataclass(slots=True)
class Log:
    """Says texts in logs: `put` is given by who has the words."""

    put: Callable[[Text], str] = _bare


IN_LOGS: Final = Log()


def say(key: str, /, **values: Value) -> Text:
    """Make a text. The key is written out where it is used, so that a check finds it."""
    return Text(key, tuple(values.items()))


def joined(said: Iterable[Words]) -> Words:
    """Say several things one after the other; nothing of nothing."""
    parts = [one for one in said if one]
    if not parts:
        return ""
    *before, last = parts
    for one in reversed(before):
        last = say("one_and_more", first=one, rest=last)
    return last


def mentions(said: Value, what: Words) -> bool:
    """Tell whether a text is another one, or has it in it."""
    if said == what:
        return True
    match said:
        case Text():
            return any(mentions(value, what) for _, value in said.values)
        case tuple():
            return any(mentions(one, what) for one in said)
        case _:
            return False


def is_text(value: object) -> bool:
    """Tell whether a value out of JSON is a text."""
    return isinstance(value, Mapping) and value.keys() == KEPT


def plain(value: Value) -> object:
    """Give a text or a value of one as JSON can hold it."""
    match value:
        case Text():
            return value.as_dict()
        case datetime():
            return {"at": value.isoformat()}
        case date():
            return {"on": value.isoformat()}
        case tuple():
            return [plain(one) for one in value]
        case _:
            return value


def read(kept: object) -> Words:
    """Read what `plain` gave of a text; what older versions kept is said as it is."""
    if isinstance(kept, Mapping):
        return Text.from_dict(kept)
    return "" if kept is None else str(kept)


def words_of(value: object) -> Words:
    """Read what somebody handed on: a text, one as `plain` gave it, or words of theirs."""
    return value if isinstance(value, Text) else read(value)


def packed(words: Words) -> str:
    """Give words as one string, for a column that has held strings."""
    return json.dumps(words.as_dict()) if isinstance(words, Text) else words


def unpacked(kept: str) -> Words:
    """Read what `packed` gave, or what was kept in that column before."""
    if kept.startswith(f'{{"{_KEY}": '):
        try:
            return Text.from_dict(json.loads(kept))
        except ValueError:
            return kept
    return kept


def _value(kept: object) -> Value:
    match kept:
        case {"at": str(at)}:
            return datetime.fromisoformat(at)
        case {"on": str(day)}:
            return date.fromisoformat(day)
        case Mapping():
            return Text.from_dict(kept)
        case list():
            return tuple(_value(one) for one in kept)
        case str() | int() | float():
            return kept
        case _:
            raise ValueError("not a value of a text")
