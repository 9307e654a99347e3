"""What the code says by key has its words, with the placeholders given; no words are left over."""

import ast
from collections.abc import Iterator
from pathlib import Path
import string

from .common import component, nodes, read_json

# Said by `texts` itself, for what stands in other texts.
_ALWAYS = {"day": {"year", "month", "day"}, "moment": {"day", "time"}, "decimal_mark": set()}
# A text about one thing, or two, may have words of its own: then it may leave the number out.
_NUMBERED = ("_one", "_two")


def check(root: Path) -> Iterator[str]:
    """Compare every `say(key, …)` with the words."""
    folder = component(root)
    words = read_json(folder / "translations" / "en.json").get("common", {})
    used: dict[str, set[str]] = dict(_ALWAYS)
    for path in sorted(folder.rglob("*.py")):
        where = path.relative_to(folder).as_posix()
        for call in _said(path):
            match call:
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


def _said(path: Path) -> Iterator[ast.Call]:
    try:
        found = nodes(path.read_text())
    except SyntaxError:
        return  # another check says so
    for node in found:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say":
            yield node


def _placeholders(words: str) -> set[str]:
    try:
        return {name for _, name, _, _ in string.Formatter().parse(words) if name is not None}
    except ValueError:
        return {words}  # not even a pattern
