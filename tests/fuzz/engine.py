"""Feeds the readers, changes what they are fed, and keeps what reaches something new.

Coverage comes from the interpreter's own monitoring: each branch tells the first time that it is
taken and is silent from then on, so watching costs next to nothing.
"""

import asyncio
import base64
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
import json
from random import Random
import sys
import time
from types import CodeType, ModuleType
from typing import Any, Final, Self

from custom_components.showrunner.domain import media, values, watching

from . import seeds
from .invariants import broken
from .mutate import garbled, mutated, write
from .targets import Case, Target, decode, hurried, modules, targets
from .wire import Endless

# Longer than any reader takes for a body of this size (seconds of the processor).
SLOW: Final = 1.0
LARGEST: Final = 256 * 1024
_STATUSES: Final = (200,) * 12 + (201, 204, 302, 400, 401, 403, 404, 409, 429, 500, 502, 503)
_CHALLENGES: Final = (
    "",
    "Basic",
    "Digest",
    'Digest realm="x", nonce="y"',
    "Digest nonce",
    "\udcff",
    ",",
)
_ENCODINGS: Final = ("gzip", "deflate", "br", "identity", "gzip, gzip", "\udcff")
_TOOL: Final = 4
_KEPT: Final = 300


@dataclass(frozen=True, slots=True)
class Finding:
    """What a reader did that it must not do, and what it was fed."""

    target: str
    what: str
    case: Case

    def as_json(self) -> str:
        """Write it so that it can be fed again."""
        return json.dumps(
            {
                "target": self.target,
                "what": self.what,
                "path": self.case.path,
                "once": self.case.once,
                "status": self.case.status,
                "headers": self.case.headers,
                "body": base64.b64encode(self.case.body).decode(),
            },
            indent=1,
        )


def from_json(text: str) -> tuple[str, Case]:
    """Read what `Finding.as_json` wrote: the target's name and the case."""
    answer = json.loads(text)
    headers = tuple((str(name), str(value)) for name, value in answer["headers"])
    body = base64.b64decode(answer["body"])
    return answer["target"], Case(body, answer["path"], answer["once"], answer["status"], headers)


class Runner:
    """Feeds readers, one after another, in one event loop."""

    def __init__(self) -> None:
        """Open the loop."""
        self._loop = asyncio.Runner()
        self.took = 0.0

    def __enter__(self) -> Self:
        """Go."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the loop."""
        self._loop.close()

    def run(self, target: Target, case: Case) -> tuple[Any, str | None]:
        """Feed one; give what it read, and what is wrong with that."""
        began = time.process_time()
        result, wrong = self._run(target, case)
        self.took = time.process_time() - began
        return result, wrong

    def _run(self, target: Target, case: Case) -> tuple[Any, str | None]:
        try:
            result = self._loop.run(_wait(target, case))
        except target.allowed:
            return None, None
        except Endless:
            return None, "it asks for ever"
        except Exception as err:  # noqa: BLE001 - what leaves is what is looked for
            return None, _described(err)
        return result, None if target.is_raw else broken(result, "it")


async def _wait(target: Target, case: Case) -> Any:
    return await target.feed(case)


def _described(err: BaseException) -> str:
    """Name an exception by its kind and the line of ours that it came through last."""
    where, trace = "", err.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if "showrunner" in name and "tests" not in name:
            where = f"{name.rpartition('/')[2]}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"{type(err).__name__} at {where}: {str(err)[:120]}"


@dataclass
class Fuzzer:
    """One run. `seed` repeats it, as far as the machine's speed lets it."""

    seed: int
    names: tuple[str, ...] = ()
    executions: int = 0
    branches: int = 0
    findings: dict[tuple[str, str], Finding] = field(default_factory=dict)
    by_target: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        """Find the readers."""
        self._rng = Random(self.seed)
        self._targets = [one for one in targets() if not self.names or one.name in self.names]
        self._corpus = {one.name: list(one.seeds()) for one in self._targets}
        self._first = {name: len(cases) for name, cases in self._corpus.items()}
        self._new = 0

    def run(self, until: Callable[[int], bool]) -> None:
        """Feed seeds, then changed ones, until told to stop."""
        with hurried(), Runner() as runner, self._watched():
            for target in self._targets:
                for case in self._corpus[target.name][:20]:
                    self._feed(runner, target, case)
            while not until(self.executions):
                target = self._rng.choice(self._targets)
                # A few of the same in a row: choosing is dearer than feeding.
                for _ in range(20):
                    self._feed(runner, target, self._changed(target))

    def _feed(self, runner: Runner, target: Target, case: Case) -> None:
        before = self._new
        _, wrong = runner.run(target, case)
        self.executions += 1
        self.by_target[target.name] += 1
        if wrong is None and runner.took > SLOW:
            # Once more: the garbage collector may have been at work.
            runner.run(target, case)
            if runner.took > SLOW:
                wrong = f"it takes {runner.took:.1f} s for {len(case.body)} bytes"
        if wrong is not None:
            key = (target.name, wrong.partition(":")[0])
            self.findings.setdefault(key, Finding(target.name, wrong, case))
        if self._new > before:
            self.branches = self._new
            corpus = self._corpus[target.name]
            if len(corpus) < self._first[target.name] + _KEPT:
                corpus.append(case)

    def _changed(self, target: Target) -> Case:
        rng, corpus = self._rng, self._corpus[target.name]
        case = rng.choice(corpus)
        body = case.body
        if target.is_json and rng.random() < 0.8:
            body = self._rewritten(target, body)
        if not target.is_json or rng.random() < 0.15:
            body = garbled(body, rng)
        if not target.asks:
            return replace(case, body=body[:LARGEST])
        status = rng.choice(_STATUSES)
        headers = (("WWW-Authenticate", rng.choice(_CHALLENGES)),) if status == 401 else ()
        if rng.random() < 0.03:
            headers = (("Content-Encoding", rng.choice(_ENCODINGS)),)
        once = rng.random() < 0.7
        return replace(case, body=body[:LARGEST], status=status, headers=headers, once=once)

    def _rewritten(self, target: Target, body: bytes) -> bytes:
        try:
            document = decode(body)
            others = seeds.documents(target.module)
            return write(mutated(document, self._rng, others))
        except ValueError, RecursionError:
            return garbled(body, self._rng)

    def _watched(self) -> Watch:
        def new() -> None:
            self._new += 1

        return Watch(new)


class Watch:
    """Tells when the clients' code takes a branch for the first time."""

    def __init__(self, new: Callable[[], None]) -> None:
        """Take what is called then."""
        self._new = new

    def __enter__(self) -> Self:
        """Begin."""
        monitoring = sys.monitoring
        monitoring.use_tool_id(_TOOL, "showrunner-fuzz")
        events = monitoring.events

        def told(*_: object) -> object:
            self._new()
            return monitoring.DISABLE

        kinds = events.BRANCH_LEFT | events.BRANCH_RIGHT | events.PY_START
        for kind in (events.BRANCH_LEFT, events.BRANCH_RIGHT, events.PY_START):
            monitoring.register_callback(_TOOL, kind, told)
        for code in _codes():
            monitoring.set_local_events(_TOOL, code, kinds)
        return self

    def __exit__(self, *_: object) -> None:
        """End."""
        for code in _codes():
            sys.monitoring.set_local_events(_TOOL, code, 0)
        sys.monitoring.free_tool_id(_TOOL)


def _codes() -> Iterator[CodeType]:
    """Give the code of all functions of the clients and of what reads values below them."""
    seen: set[CodeType] = set()
    for module in (*modules(), media, values, watching):
        for code in _of_module(module):
            if code not in seen:
                seen.add(code)
                yield code


def _of_module(module: ModuleType) -> Iterator[CodeType]:
    for one in vars(module).values():
        if getattr(one, "__module__", None) != module.__name__:
            continue
        for member in (one, *(vars(one).values() if isinstance(one, type) else ())):
            inner = getattr(member, "__func__", member)
            inner = getattr(member, "fget", None) or inner
            code = getattr(inner, "__code__", None)
            if isinstance(code, CodeType):
                yield from _nested(code)


def _nested(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _nested(constant)
