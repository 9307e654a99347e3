"""The text fields of all flows. What was pasted with a blank or a line end around it has none.

A key that was copied with the blank behind it is refused by its service, and nobody sees why.
"""

from typing import Any, Final, override

from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)

# Beside what Python calls blank: what browsers copy along from pages without showing it.
_INVISIBLE: Final = "\u200b\u200c\u200d\u2060\ufeff"
_LINE_ENDS: Final = "\r\n"


def trimmed(text: str) -> str:
    """Take off blanks, line ends and invisible characters around a text."""
    before = None
    while text != before:
        before, text = text, text.strip().strip(_INVISIBLE)
    return text


class TrimmedText(TextSelector):
    """A line of text, without what surrounds it."""

    @override
    def __call__(self, data: Any) -> str | list[str]:
        text = super().__call__(data)
        return trimmed(text) if isinstance(text, str) else [trimmed(one) for one in text]


class PasswordText(TextSelector):
    """A password: blanks may belong to it, line ends can't."""

    @override
    def __call__(self, data: Any) -> str | list[str]:
        text = super().__call__(data)
        return text.strip(_LINE_ENDS) if isinstance(text, str) else text


class TrimmedChoice(SelectSelector):
    """A choice that takes other words too, without what surrounds them; empty ones are none."""

    @override
    def __call__(self, data: Any) -> Any:
        chosen = super().__call__(data)
        if isinstance(chosen, list):
            return [text for one in chosen if (text := trimmed(one))]
        return trimmed(chosen) if isinstance(chosen, str) else chosen


TEXT: Final = TrimmedText()
# It can't hide what is typed.
LINES: Final = TrimmedText(TextSelectorConfig(multiline=True))
URL: Final = TrimmedText(TextSelectorConfig(type=TextSelectorType.URL, autocomplete="url"))
USERNAME: Final = TrimmedText(TextSelectorConfig(autocomplete="username"))
KEY: Final = TrimmedText(TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="off"))
PASSWORD: Final = PasswordText(
    TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="off")
)


def choice(
    options: list[SelectOptionDict], *, multiple: bool = False, custom: bool = False
) -> SelectSelector:
    """Return a field to choose from values that carry their own labels."""
    field = TrimmedChoice if custom else SelectSelector
    return field(
        SelectSelectorConfig(
            options=options,
            multiple=multiple,
            custom_value=custom,
            mode=SelectSelectorMode.DROPDOWN,
        )
    )


def named(value: str, label: str | None = None) -> SelectOptionDict:
    """Return one option of `choice`."""
    return SelectOptionDict(value=value, label=label or value)


def trimming(field: object) -> object:
    """Give the same field, in which what is typed keeps no blanks around it."""
    if isinstance(field, SelectSelector) and field.config["custom_value"]:
        return TrimmedChoice(field.config)
    return TrimmedText(field.config) if isinstance(field, TextSelector) else field


def words() -> SelectSelector:
    """Return a field for any number of free words."""
    return choice([], multiple=True, custom=True)
