"""What the code says by key has its words, with the placeholders given; no words are left over."""

import ast
from collections.abc import Iterator
from pathlib import Path
import re
import string

from .common import calls, component, read_json

# Said by `texts` itself, for what stands in other texts.
_ALWAYS = {"day": {"year", "month", "day"}, "moment": {"day", "time"}, "decimal_mark": set()}
# A text about nothing, one or two may have words of its own: then it may leave the number out.
_NUMBERED = ("_zero", "_one", "_two")
# What takes something that a person reads.
_SPEAKERS = {
    "Applied",
    "Blocked",
    "BodyRefused",
    "Forbidden",
    "HalfRead",
    "LeftOut",
    "NoPlan",
    "NotAdmin",
    "NotOurs",
    "NotReady",
    "Objection",
    "RateLimited",
    "Refused",
    "ServiceError",
    "Skip",
    "StoreDamaged",
    "StoreError",
    "StoreTooNew",
    "Stuck",
    "TimedOut",
    "TlsFailed",
    "TooNew",
    "TooOld",
    "Unauthorized",
    "Unknown",
    "Unreachable",
    "Unreadable",
    "Wait",
    "WrongProduct",
    "say",
}
_SENTENCE = re.compile(r"\w \w")


def check(root: Path) -> Iterator[str]:
    """Compare every `say(key, …)` with the words."""
    folder = component(root)
    words = read_json(folder / "translations" / "en.json").get("common", {})
    used: dict[str, set[str]] = dict(_ALWAYS)
    for path in sorted(folder.rglob("*.py")):
        where = path.relative_to(folder).as_posix()
        said = list(_calls(path))
        yield from (f"{where}: {problem}" for call in said for problem in _sentences(call))
        for call in said:
            match call:
                case ast.Call(func=ast.Name(id=name)) if name != "say":
                    continue
                case ast.Call(args=[ast.Constant(value=str(key))], keywords=keywords) if all(
                    keyword.arg for keyword in keywords
                ):
                    given = {str(keyword.arg) for keyword in keywords}
                    if used.setdefault(key, given) != given:
                        yield f"{where}: {key} is said with other values elsewhere"
                case _:
                    yield f"{where}: line {call.lineno}: say() without a key and names written out"
    yield from _compare(words, used)


def _compare(words: dict[str, str], used: dict[str, set[str]]) -> Iterator[str]:
    for key, given in sorted(used.items()):
        if key not in words:
            yield f"en.json: common.{key} is said, and has no words"
        elif (wanted := _placeholders(words[key])) != given:
            yield f"en.json: common.{key}: placeholders {sorted(wanted ^ given)}"
    for key in sorted(words.keys() - used.keys()):
        base = next((key.removesuffix(one) for one in _NUMBERED if key.endswith(one)), key)
        if "count" not in used.get(base, set()):
            yield f"en.json: common.{key} is said nowhere"
        elif not used[base] - {"count"} <= _placeholders(words[key]) <= used[base]:
            yield f"en.json: common.{key}: other placeholders than common.{base}"


def _calls(path: Path) -> Iterator[ast.Call]:
    """Find where something is said, or handed on to a person."""
    try:
        found = calls(path.read_text())
    except SyntaxError:
        return  # another check says so
    for call in found:
        if isinstance(call.func, ast.Name) and call.func.id in _SPEAKERS:
            yield call


def _sentences(call: ast.Call) -> Iterator[str]:
    """Find sentences in the code: they have words in one language only."""
    for given in (*call.args, *(keyword.value for keyword in call.keywords)):
        parts = given.values if isinstance(given, ast.JoinedStr) else [given]
        for part in parts:
            if isinstance(part, ast.Constant) and _SENTENCE.search(str(part.value)):
                yield f"line {call.lineno}: {part.value!r} is no key of the translations"


def _placeholders(words: str) -> set[str]:
    try:
        return {name for _, name, _, _ in string.Formatter().parse(words) if name is not None}
    except ValueError:
        return {words}  # not even a pattern
