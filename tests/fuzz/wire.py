"""What stands where a network would: sessions and sockets that answer what they are told to."""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self
from urllib.parse import urlsplit

import aiohttp
from aiohttp import WSMessage, WSMsgType
from multidict import CIMultiDict

# More requests than one question takes: a server must not keep us asking for ever.
MOST_REQUESTS: Final = 1500


class Endless(Exception):
    """One question led to more requests than any question should."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer."""

    body: bytes
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()


class _Content:
    def __init__(self, body: bytes) -> None:
        self._body = body

    async def iter_chunked(self, size: int) -> AsyncIterator[bytes]:
        for begin in range(0, len(self._body), size):
            yield self._body[begin : begin + size]


class _Response:
    def __init__(self, answer: Answer) -> None:
        self.status = answer.status
        self.headers = CIMultiDict(answer.headers)
        self.content = _Content(answer.body)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        return None


_QUESTIONS: Final = {
    b"multicall2": "/list",
    b"client_version": "/version",
    b"d.erase": "/erase",
    b"f.multicall": "/files",
    b"d.directory": "/directory",
    b"t.multicall": "/trackers",
    b"d.stop": "/each",
    b"d.start": "/each",
    b"max_rate.set_kb": "/erase",
    b"max_rate": "/limit",
}


# In a list of nothing but hashes there is the method, and one field.
_HASHES: Final = 2


def _question(data: object) -> str:
    if not isinstance(data, bytes):
        return ""
    if b"multicall2" in data and data.count(b"d.") == _HASHES:
        said = "/hashes"
        return f"/json{said}" if data[:1] == b"{" else said
    said = next((name for word, name in _QUESTIONS.items() if word in data), "")
    return f"/json{said}" if said and data[:1] == b"{" else said


type Lookup = Callable[[str], Answer]


@dataclass
class FakeSession:
    """An aiohttp session that asks nobody. `asked`: method and path, in order."""

    answer: Lookup
    asked: list[str] = field(default_factory=list)

    def request(self, method: str, url: str, **asked: Any) -> _Response:
        """Answer. What tells rTorrent's questions apart is in their bodies."""
        question = f"{method} {urlsplit(url).path}{_question(asked.get('data'))}"
        self.asked.append(question)
        if len(self.asked) > MOST_REQUESTS:
            raise Endless
        return _Response(self.answer(question))


class FakeSocket:
    """A WebSocket that says what it was given, and closes."""

    def __init__(self, frames: list[bytes | str]) -> None:
        self._frames = list(frames)

    async def send_str(self, _: str) -> None:
        """Take a message."""

    async def receive(self, timeout: float | None = None) -> WSMessage:
        """Give the next frame."""
        if not self._frames:
            return WSMessage(WSMsgType.CLOSED, None, None)
        frame = self._frames.pop(0)
        kind = WSMsgType.TEXT if isinstance(frame, str) else WSMsgType.BINARY
        return WSMessage(kind, frame, None)


def answering(good: Mapping[str, Answer], at: str, other: Answer, *, once: bool) -> Lookup:
    """Answer the question `at` with `other` (the first time, or always), else with what is good.

    Good is the answer whose key ends the question the longest; from the second time on the one
    with " again" behind it, if there is one.
    """
    times: dict[str, int] = {}

    def look(question: str) -> Answer:
        times[question] = times.get(question, 0) + 1
        if question == at and (times[question] == 1 or not once):
            return other
        ends = [key for key in good if question.endswith(key)]
        if not ends:
            return Answer(b"{}", 404)
        best = max(ends, key=len)
        again = good.get(f"{best} again")
        return good[best] if again is None or times[question] == 1 else again

    return look


def as_session(fake: FakeSession) -> aiohttp.ClientSession:
    """Take it for a session."""
    return fake  # type: ignore[return-value]
