"""What the code uses must be declared: components, texts of exceptions and of entities."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
import re

from .common import calls, component, imports, read_json

# Base components that every Home Assistant has.
_ALWAYS = {
    "binary_sensor",
    "button",
    "calendar",
    "diagnostics",
    "event",
    "repairs",
    "sensor",
    "switch",
    "system_health",
    "todo",
}
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def check(root: Path) -> Iterator[str]:
    """Compare the code with manifest and texts."""
    folder = component(root)
    manifest = read_json(folder / "manifest.json")
    texts = read_json(folder / "translations" / "en.json")
    declared = {*manifest.get("dependencies", []), *manifest.get("after_dependencies", [])}
    source = "".join(path.read_text() for path in sorted(folder.glob("*.py")))
    if "async def async_setup(" in source and "CONFIG_SCHEMA" not in source:
        yield "code: async_setup without CONFIG_SCHEMA"
    for path in sorted(folder.rglob("*.py")):
        where = path.relative_to(folder).as_posix()
        try:
            one = _module(path.read_text())
        except SyntaxError as err:
            yield f"{where}: {err.msg}"
            continue
        for used in one.components - _ALWAYS - declared:
            yield f"{where}: {used} is not among the manifest's dependencies"
        yield from (f"{where}: {problem}" for problem in _keys(one, texts, where))
        yield from (f"{where}: {problem}" for problem in one.patterns)


@dataclass(frozen=True, slots=True)
class _Module:
    """What a module says of components, texts and patterns.

    `keys` are those of exceptions, issues and entities; `named` the errors with a text of their
    own: its key, and which placeholders are given.
    """

    components: frozenset[str]
    patterns: tuple[str, ...]
    keys: tuple[str, ...]
    named: tuple[tuple[str, frozenset[str | None]], ...]


@lru_cache(maxsize=1024)
def _module(source: str) -> _Module:
    """Look at one module; kept, as its nodes are. Raises SyntaxError."""
    found = calls(source)
    return _Module(
        frozenset(_components(imports(source))),
        tuple(_patterns(found)),
        tuple(
            keyword.value.value
            for call in found
            for keyword in call.keywords
            if keyword.arg == "translation_key"
            and isinstance(keyword.value, ast.Constant)
            and isinstance(keyword.value.value, str)
        ),
        tuple(named for call in found if (named := _named(call)) is not None),
    )


def _patterns(found: Iterable[ast.Call]) -> Iterator[str]:
    """A pattern that ends in `$` lets a line end pass behind what it checks."""
    for call in found:
        match call:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="re")),
                args=[ast.Constant(value=str(pattern)), *_],
            ) if pattern.endswith("$"):
                yield f"the pattern {pattern} ends in $: use fullmatch"


def _components(imported: Iterable[ast.ImportFrom]) -> set[str]:
    """Find the components of Home Assistant that are imported."""
    found = set()
    for one in imported:
        parts = (one.module or "").split(".")
        if parts[:2] == ["homeassistant", "components"]:
            found |= {parts[2]} if len(parts) > 2 else {alias.name for alias in one.names}
    return found


def _keys(one: _Module, texts: dict[str, dict[str, object]], where: str) -> Iterator[str]:
    """Every translation_key of an exception, an issue or an entity has its text."""
    known = {*texts.get("exceptions", {}), *texts.get("issues", {}), *texts.get("selector", {})}
    # A platform's tables may have a package of their own: sensors/ belongs to sensor, and what
    # services/ and jobs/ describe are the sensors of each service and job.
    package, _, rest = where.partition("/")
    name = package.removesuffix("s") if rest else where.removesuffix(".py")
    names = ("sensor", "binary_sensor") if package in ("services", "jobs") else (name,)
    platforms = (texts.get("entity", {}).get(name, {}) for name in names)
    entities = {key for texts_of in platforms if isinstance(texts_of, dict) for key in texts_of}
    for key in one.keys:
        if key not in known | entities:
            yield f"the translation_key {key} has no text"
    for key, given in one.named:
        text = texts.get("exceptions", {}).get(key)
        if not isinstance(text, dict):
            yield f"the exception {key} has no text"
            continue
        wanted = set(_PLACEHOLDER.findall(str(text.get("message"))))
        if wanted != given:
            yield f"the exception {key}: placeholders {wanted ^ given}"


def _named(call: ast.Call) -> tuple[str, frozenset[str | None]] | None:
    """Errors with a text of their own give every placeholder of it.

    Those by `failed(key, …)` and `invalid(key, …)`, and classes that give it to what they are of.
    """
    given = {keyword.arg for keyword in call.keywords}
    match call:
        case ast.Call(func=ast.Name(id="failed" | "invalid"), args=[ast.Constant(value=key), *_]):
            return str(key), frozenset(given)
        case ast.Call(
            func=ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr="__init__"),
            args=[],
            keywords=[ast.keyword(arg="translation_key", value=ast.Constant(value=key)), *_],
        ):
            return str(key), frozenset(given - {"translation_key"})
    return None
