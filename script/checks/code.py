"""What the code uses must be declared: components, texts of exceptions and of entities."""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path
import re

from .common import calls, component, imports, read_json

# Base components that every Home Assistant has.
_ALWAYS = {
    "binary_sensor",
    "button",
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
            text = path.read_text()
            found, imported = calls(text), imports(text)
        except SyntaxError as err:
            yield f"{where}: {err.msg}"
            continue
        for used in _components(imported) - _ALWAYS - declared:
            yield f"{where}: {used} is not among the manifest's dependencies"
        yield from (f"{where}: {problem}" for problem in _keys(found, texts, where))
        yield from (f"{where}: {problem}" for problem in _patterns(found))


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


def _keys(
    found: Iterable[ast.Call], texts: dict[str, dict[str, object]], where: str
) -> Iterator[str]:
    """Every translation_key of an exception, an issue or an entity has its text."""
    known = {*texts.get("exceptions", {}), *texts.get("issues", {}), *texts.get("selector", {})}
    # A platform's tables may have a package of their own: sensors/ belongs to sensor, and what
    # services/ and jobs/ describe are the sensors of each service and job.
    package, _, rest = where.partition("/")
    tables = "sensors" if package in ("services", "jobs") else package
    name = tables.removesuffix("s") if rest else where.removesuffix(".py")
    platform = texts.get("entity", {}).get(name, {})
    entities = set(platform) if isinstance(platform, dict) else set()
    for call in found:
        for keyword in call.keywords:
            value = getattr(keyword.value, "value", None)
            named = keyword.arg == "translation_key" and isinstance(value, str)
            if named and value not in known | entities:
                yield f"the translation_key {value} has no text"
        yield from _named(call, texts)


def _named(call: ast.Call, texts: dict[str, dict[str, object]]) -> Iterator[str]:
    """Errors with a text of their own give every placeholder of it.

    Those by `failed(key, …)` and `invalid(key, …)`, and classes that give it to what they are of.
    """
    given = {keyword.arg for keyword in call.keywords}
    match call:
        case ast.Call(func=ast.Name(id="failed" | "invalid"), args=[ast.Constant(value=key), *_]):
            pass
        case ast.Call(
            func=ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr="__init__"),
            args=[],
            keywords=[ast.keyword(arg="translation_key", value=ast.Constant(value=key)), *_],
        ):
            given.discard("translation_key")
        case _:
            return
    text = texts.get("exceptions", {}).get(str(key))
    if not isinstance(text, dict):
        yield f"the exception {key} has no text"
        return
    wanted = set(_PLACEHOLDER.findall(str(text.get("message"))))
    if wanted != given:
        yield f"the exception {key}: placeholders {wanted ^ given}"
