"""What the sentences of Activity are made of: a sentence says who or what it is about, and what."""

from collections.abc import Mapping

from ..domain.text import Words, say


def with_reason(words: Words, why: Words) -> Words:
    """Add why, where it is known."""
    return say("told_because", told=words, why=why) if why else words


def number_of(data: Mapping[str, object], key: str) -> int:
    """Read a number of an event; 0 for anything else."""
    value = data.get(key)
    return value if isinstance(value, int) else 0


def text_of(data: Mapping[str, object], key: str) -> str:
    """Read a text of an event; empty when there is none."""
    value = data.get(key)
    return "" if value is None else str(value)
