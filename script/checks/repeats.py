"""Texts that stand in several places of `translations/` have one source: `repeated.json` here.

Home Assistant resolves references between texts in its own tree only, so what repeats is written
out by `script/texts`, in every language. A key is named whole, or by its end: `*.data.url`.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
import json
from pathlib import Path
import sys
from typing import Any, Final

from .common import component, leaves, read_json

_EVERYWHERE: Final = "*."


def source(root: Path) -> Path:
    """Say where the source lies."""
    return root / "script" / "checks" / "repeated.json"


def languages(root: Path) -> dict[str, Path]:
    """Give the files by language, English first."""
    paths = sorted((component(root) / "translations").glob("*.json"))
    return {path.stem: path for path in sorted(paths, key=lambda one: one.stem != "en")}


class Repeated:
    """What repeats, by its name."""

    def __init__(self, groups: dict[str, Any]) -> None:
        """Take the source as it was read."""
        self.groups = groups
        self._names = {key: name for name, group in groups.items() for key in group["keys"]}

    def name(self, key: str) -> str | None:
        """Find what a key says, first by what names it whole, then by its longest end."""
        if key in self._names:
            return self._names[key]
        parts = key.split(".")
        ends = (_EVERYWHERE + ".".join(parts[at:]) for at in range(1, len(parts)))
        return next((self._names[end] for end in ends if end in self._names), None)

    def unused(self, keys: frozenset[str]) -> Iterator[str]:
        """Give the keys of the source that name nothing."""
        for one in self._names:
            end = one.removeprefix("*")
            if one not in keys and not (
                one.startswith(_EVERYWHERE) and any(key.endswith(end) for key in keys)
            ):
                yield one


def unnamed(texts: Mapping[str, Mapping[str, object]], repeated: Repeated) -> list[list[str]]:
    """Find keys that say the same in every language, and not by a common name."""
    found: dict[tuple[object, ...], list[str]] = defaultdict(list)
    for key in texts["en"]:
        if repeated.name(key) is None:
            found[tuple(of.get(key) for of in texts.values())].append(key)
    return [keys for keys in found.values() if len(keys) > 1]


def check(root: Path) -> Iterator[str]:
    """Compare every language with the source, and look for what repeats without a name."""
    repeated = Repeated(read_json(source(root)))
    texts = {name: dict(leaves(read_json(path))) for name, path in languages(root).items()}
    for language, of in texts.items():
        for key, text in of.items():
            name = repeated.name(key)
            if name is not None and text != (wanted := repeated.groups[name].get(language)):
                yield f"{language}.json: {key} is not {name}, {wanted!r}: script/texts"
    for keys in unnamed(texts, repeated):
        yield f"en.json: {' and '.join(keys)} say the same: script/texts --adopt"
    for key in repeated.unused(frozenset(texts["en"])):
        yield f"repeated.json: there is no {key}"


def write(root: Path) -> None:
    """Write what repeats into every language."""
    repeated = Repeated(read_json(source(root)))
    for language, path in languages(root).items():
        texts = read_json(path)
        for key, _ in list(leaves(texts)):
            name = repeated.name(key)
            if name is not None and language in repeated.groups[name]:
                _put(texts, key, repeated.groups[name][language])
        path.write_text(json.dumps(texts, indent=2, ensure_ascii=False) + "\n")


def adopt(root: Path) -> None:
    """Name what repeats without a name, and forget what is said once."""
    groups = read_json(source(root))
    texts = {name: dict(leaves(read_json(path))) for name, path in languages(root).items()}
    for key in Repeated(groups).unused(frozenset(texts["en"])):
        for group in groups.values():
            group["keys"] = [one for one in group["keys"] if one != key]
    groups = {name: group for name, group in groups.items() if group["keys"]}
    for keys in unnamed(texts, Repeated(groups)):
        said = {language: of[keys[0]] for language, of in texts.items()}
        same = next(
            (one for one in groups.values() if {**one, "keys": 0} == {**said, "keys": 0}), {}
        )
        kept = same or groups.setdefault(_name(keys, groups), {"keys": [], **said})
        kept["keys"] = sorted({*kept["keys"], *_ends(keys, texts["en"])})
    ordered = dict(sorted(groups.items()))
    source(root).write_text(json.dumps(ordered, indent=2, ensure_ascii=False) + "\n")


def _ends(keys: list[str], english: Mapping[str, object]) -> set[str]:
    """Name keys by their end where nothing else ends like that."""
    found = set()
    for key in keys:
        end = "." + ".".join(key.split(".")[-2:])
        alike = [one for one in english if one.endswith(end)]
        found.add(f"*{end}" if len(alike) > 1 and set(alike) <= set(keys) else key)
    return found


def _name(keys: list[str], taken: Mapping[str, object]) -> str:
    """Name a text after the end of its keys."""
    parts = keys[0].split(".")
    for count in range(1, len(parts) + 1):
        name = "_".join(parts[-count:])
        if name not in taken:
            return name
    return ".".join(parts)


def _put(texts: dict[str, Any], key: str, text: str) -> None:
    *outer, last = key.split(".")
    for part in outer:
        texts = texts[part]
    texts[last] = text


if __name__ == "__main__":
    _root = Path(__file__).parents[2]
    if "--adopt" in sys.argv[1:]:
        adopt(_root)
    write(_root)
