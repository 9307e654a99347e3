"""Texts on which a pattern backtracks, made from the pattern itself."""

from collections.abc import Iterator
import re
from re import _constants as codes, _parser as parser  # type: ignore[attr-defined]
from typing import Any, Final

_CHARACTERS: Final = ' \n0a_.<("'
_ENDS: Final = ("", "!\n")


def attacks(pattern: re.Pattern[Any]) -> Iterator[tuple[str, str, str]]:
    """Give beginnings, what is repeated behind them, and ends."""
    tokens = [token for token in _examples(pattern) if token]
    whole = "".join(tokens)
    beginnings = {"", *("".join(tokens[:count]) for count in range(len(tokens)))}
    repeated = {*_CHARACTERS, *tokens, whole, whole[1:], *(f"{token} " for token in tokens)}
    repeated |= {"".join(tokens[count:]) for count in range(len(tokens))}
    for beginning in sorted(beginnings):
        for again in sorted(one for one in repeated if one):
            for end in _ENDS:
                yield beginning, again, end


def _examples(pattern: re.Pattern[Any]) -> list[str]:
    """Give a text for each part of a pattern."""
    written = pattern.pattern
    if isinstance(written, bytes):
        written = written.decode("latin-1")
    flags = pattern.flags & ~re.UNICODE
    return [_example(op, argument) for op, argument in parser.parse(written, flags)]


def _example(op: Any, argument: Any) -> str:
    match op:
        case codes.LITERAL:
            return chr(argument)
        case codes.NOT_LITERAL | codes.ANY:
            return "a"
        case codes.IN:
            return _of_class(argument)
        case codes.MAX_REPEAT | codes.MIN_REPEAT | codes.POSSESSIVE_REPEAT:
            least, _, inner = argument
            return _joined(inner) * max(1, least)
        case codes.SUBPATTERN:
            return _joined(argument[3])
        case codes.ATOMIC_GROUP:
            return _joined(argument)
        case codes.BRANCH:
            return _joined(argument[1][0])
    return ""


def _joined(inner: Any) -> str:
    return "".join(_example(op, argument) for op, argument in inner)


def _of_class(items: Any) -> str:
    if items[0][0] is codes.NEGATE:
        return "a"
    op, argument = items[0]
    if op is codes.RANGE:
        return chr(argument[0])
    return chr(argument) if op is codes.LITERAL else "0"
