"""Nothing that a service sends takes longer to read than it is long.

Every compiled pattern of the package is found, and every reader of the clients, and each is given
texts of growing length on which patterns backtrack.
"""

import ast
import asyncio
from collections.abc import Callable, Iterator
from functools import cache
import importlib
from pathlib import Path
import pkgutil
import re
from typing import Any

import pytest

import custom_components.showrunner as package
from custom_components.showrunner.clients import json_rows, seerr_webhook
from custom_components.showrunner.domain.rarity import KEYWORDS, keyword_in
from script.checks.common import nodes
from tests.effort import some

from . import sftp_server
from .attacks import attacks
from .engine import Runner
from .growth import grows
from .mutate import get, places, put, write
from .targets import Case, Target, decode, hurried, targets

SOURCES = sorted(Path(package.__path__[0]).rglob("*.py"))
# What makes a pattern while it runs, by module and function: they have tests of their own.
MAKERS = {("domain/rarity.py", "_pattern"), ("clients/redaction.py", "_pattern")}


def patterns() -> dict[str, re.Pattern[Any]]:
    """Find every compiled pattern of the package, in whatever a module holds."""
    found: dict[str, re.Pattern[Any]] = {}
    for one in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        module = importlib.import_module(one.name)
        for name, value in vars(module).items():
            for at, pattern in _patterns(value):
                short = one.name.removeprefix(f"{package.__name__}.")
                found[f"{short}.{name}{at}"] = pattern
    return found


def _patterns(value: object) -> Iterator[tuple[str, re.Pattern[Any]]]:
    if isinstance(value, re.Pattern):
        yield "", value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from ((f"[{key}]{at}", found) for at, found in _patterns(one))
    elif isinstance(value, list | tuple | set | frozenset):
        for index, one in enumerate(value):
            yield from ((f"[{index}]{at}", found) for at, found in _patterns(one))
    elif isinstance(value, type) and value.__module__.startswith(package.__name__):
        for name, one in vars(value).items():
            if isinstance(one, re.Pattern):
                yield f".{name}", one


PATTERNS = patterns()


def test_every_pattern_stands_where_it_is_found() -> None:
    """Compiled once, under a name at a module's top: one that is in a call would go unseen."""
    for path in SOURCES:
        tree = ast.parse(path.read_text())
        name = str(path.relative_to(package.__path__[0]))
        module = name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        seen: set[int] = set()
        for node in ast.walk(tree):
            assert not (isinstance(node, ast.ImportFrom) and node.module == "re"), name
            if isinstance(node, ast.FunctionDef) and (name, node.name) in MAKERS:
                seen |= {id(call) for call in ast.walk(node) if compiles(call, name)}
        for statement in tree.body:
            calls = {id(call) for call in ast.walk(statement) if compiles(call, name)}
            if calls and isinstance(statement, ast.AnnAssign | ast.Assign):
                targets = getattr(statement, "targets", None) or [statement.target]  # type: ignore[union-attr]
                [target] = targets
                assert f"{module}.{ast.unparse(target)}" in PATTERNS
                seen |= calls
        for node in ast.walk(tree):
            assert not compiles(node, name) or id(node) in seen, f"{name}:{node.lineno}"  # type: ignore[attr-defined]
    assert "clients.seerr_webhook._YEAR" in PATTERNS


def compiles(node: ast.AST, name: str) -> bool:
    """Tell whether something compiles a pattern; nothing else of `re` may be called."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return False
    if not (isinstance(node.func.value, ast.Name) and node.func.value.id == "re"):
        return False
    assert node.func.attr in ("compile", "escape"), f"{name}:{node.lineno}"
    return node.func.attr == "compile"


@cache
def calls() -> dict[str, set[str]]:
    """Find every call of something's method, by the last name of what it is called on."""
    found: dict[str, set[str]] = {}
    for path in SOURCES:
        for call in nodes(path.read_text()):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
                of = ast.unparse(call.func.value).rpartition(".")[2]
                found.setdefault(of, set()).add(call.func.attr)
    return found


def used(name: str) -> tuple[str, ...]:
    """Say in which ways a pattern is used: one that is only matched may be slow to search for."""
    found = calls().get(name.rpartition(".")[2], set())
    return tuple(sorted(way for way in found if hasattr(re.Pattern, way)))


def slow(pattern: re.Pattern[Any], ways: tuple[str, ...], *, whole: bool = False) -> str | None:
    """Say on what a pattern works too long; `whole`: whatever the effort."""
    is_bytes = isinstance(pattern.pattern, bytes)
    for begin, again, end in attacks(pattern) if whole else some(attacks(pattern)):

        def text(length: int, begin: str = begin, again: str = again, end: str = end) -> Any:
            made = begin + again * (length // len(again)) + end
            return made.encode("latin-1", "replace") if is_bytes else made

        for way in ways:
            function = getattr(pattern, way)
            first = (text(0)[:0],) if way in ("sub", "subn") else ()

            def work(length: int, function: Any = function, first: Any = first) -> None:
                function(*first, text(length))

            if said := grows(work):
                return f"{way} on {begin!r} + {again!r} × n + {end!r}: {said}"
    return None


@pytest.mark.parametrize("name", sorted(PATTERNS))
def test_every_pattern_is_linear(name: str) -> None:
    """On the characters that it is made of, repeated, with and without an end that fits."""
    ways = used(name)
    assert ways, "nobody uses it"
    assert slow(PATTERNS[name], ways) is None


@pytest.mark.parametrize(
    ("pattern", "way"),
    [
        # What subjects, versions and the plugin's tags were read by.
        (re.compile(r"^(?P<name>.*?)\s*\((?P<year>\d{4})\)$", re.DOTALL), "match"),
        (re.compile(r"v?(\d+)(?:\.\d+)*[\w.+-]*"), "fullmatch"),
        (re.compile(r"v?(\d+)\.(\d+)[\w.+-]*"), "fullmatch"),
        (re.compile(r"<[^>]*>"), "sub"),
        (re.compile(r"(\w+\s?)+:"), "match"),  # doubles with every character
    ],
)
def test_what_is_not_linear_is_seen(pattern: re.Pattern[str], way: str) -> None:
    """The patterns that could freeze everything."""
    assert slow(pattern, (way,), whole=True) is not None


def test_keywords_are_found_in_proportion() -> None:
    """The pattern that is made of the person's own keywords."""
    for again in (" ", "'", "_", "director'", "special ", "aé", "uncut"):

        def work(length: int, again: str = again) -> None:
            keyword_in([again * (length // len(again))], (*KEYWORDS, "a a a a a a", "aaaa"))

        assert grows(work) is None, again


# -- readers ---------------------------------------------------------------------------------------

WORDS = (" ", "0", "a", "<", "/", "1.", " - s1e1 - ", '},{"')
# What has to be sorted, or grows when its case is folded.
MARKS = ("\u0301\u0327", "\u0390", "\ud800")
ALL = targets()


@pytest.mark.parametrize("target", ALL, ids=[one.name for one in ALL])
def test_every_reader_takes_time_in_proportion(target: Target) -> None:
    """All its texts very long, its lists, its objects and its numbers."""
    with hurried(), Runner() as runner:
        for case, name, make in some(bodies(target)):

            def work(length: int, case: Case = case, make: Callable[[int], bytes] = make) -> None:
                runner.run(target, Case(make(length), case.path))

            assert (said := grows(work)) is None, f"{case.path} {name}: {said}"


def bodies(target: Target) -> Iterator[tuple[Case, str, Callable[[int], bytes]]]:
    """Give bodies of any length, and what they are full of."""
    # The largest and the smallest that it reads.
    cases = target.seeds()
    for case in {cases[0]: 0, cases[-1]: 0}:
        if not target.is_json:
            for word in (*WORDS, *_BYTES):
                yield case, word, _behind(case.body, word)
            continue
        document = decode(case.body)
        for word in (*WORDS, *MARKS):
            yield case, repr(word), _filled(document, word)
        yield case, "rows", _repeated(document)
        yield case, "members", _members(document)
        yield case, "digits", lambda length: b'{"id":%s}' % (b"9" * length)
        yield case, "depth", lambda length: b"[" * length + b"]" * length


_BYTES = (
    *(
        "<value>",
        "</value>",
        "<value><array><data>",
        "</data></array></value>",
        "<string>a</string>",
    ),
    *("Status:\n", "Content-Length: \n", "\r\n", '{"a":', "<i8>5</i8>", "\x1e", "{}\x1e", "&#5;"),
)


def _behind(body: bytes, word: str) -> Callable[[int], bytes]:
    half = len(body) // 2

    def made(length: int) -> bytes:
        return body[:half] + word.encode() * (length // len(word)) + body[half:]

    return made


def _filled(document: Any, word: str) -> Callable[[int], bytes]:
    """Put one long text in the place of every text."""
    texts = [at for at in places(document) if isinstance(get(document, at), str)][:25]

    def made(length: int) -> bytes:
        filled = document
        for at in texts:
            filled = put(filled, at, word * (length // len(word) + 1))
        return write(filled)

    return made


def _repeated(document: Any) -> Callable[[int], bytes]:
    """Repeat the rows of the longest list."""
    lists = [at for at in places(document) if isinstance(get(document, at), list)]
    at = max(lists, key=lambda one: len(str(get(document, one))), default=None)

    def made(length: int) -> bytes:
        if at is None or not get(document, at):
            return write(document)
        rows = get(document, at)
        weight = len(write(rows))
        # Rows are longer than characters are: so that there are some.
        return write(put(document, at, rows * (8 * length // weight + 1)))

    return made


def _members(document: Any) -> Callable[[int], bytes]:
    """Add members to every object."""

    def made(length: int) -> bytes:
        more = {f"member{number}": "x" for number in range(length // 16)}
        if not isinstance(document, dict):
            return write([more])
        return write({**document, **more})

    return made


def test_rows_with_many_false_seams_are_read_once() -> None:
    """A row that is full of what looks like the end of a row was read over and over."""

    def work(length: int) -> None:
        inner = b",".join([b'{"Id":"a"}'] * (length * 8))
        body = b'{"Items":[{"Id":{"Id":[%s]}}]}' % inner
        _, found = json_rows.read_rows(body, "Items")
        assert len(list(found)) == 1

    assert grows(work) is None


def test_a_subject_of_blanks_is_read_at_once() -> None:
    """It held everything up for a quarter of a minute."""

    def work(length: int) -> None:
        body = {"notification_type": "MEDIA_PENDING", "subject": "a" + " " * length * 10 + "b"}
        seerr_webhook.parse_webhook(body)

    assert grows(work) is None


@pytest.mark.parametrize("piece", [7, 4096])
def test_the_names_of_a_folder_are_read_once(piece: int) -> None:
    """All in one packet, in however small pieces it comes; and in very many packets."""

    def large(length: int) -> None:
        whole = sftp_server.listed(length // 4)
        with asyncio.Runner() as runner:
            found = runner.run(sftp_server.names(sftp_server.plain(1, whole), piece))
        assert len(found) == 2 * (length // 4)

    def many(length: int) -> None:
        with asyncio.Runner() as runner:
            found = runner.run(sftp_server.names(sftp_server.plain(length // 10), piece))
        assert len(found) == 2 * (length // 10)

    assert grows(large) is None
    assert grows(many) is None


def test_very_many_small_files_are_read_once() -> None:
    """All are asked for at once."""

    def work(length: int) -> None:
        with asyncio.Runner() as runner:
            found = runner.run(sftp_server.reads(sftp_server.plain(), length // 50))
        assert len(found) == length // 50

    assert grows(work) is None
