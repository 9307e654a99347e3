"""Reads a JSON list of objects row by row while it comes: of any length, in little memory.

A list of all movies is hundreds of megabytes at some homes. Decoded at once it holds the event loop
up for seconds, whatever the thread, and takes gigabytes. So each row is decoded by itself as soon
as all of it has come, made into something small, and forgotten.
"""

import codecs
from collections.abc import Callable
import json
import re
from typing import Final

from .offload import cooperative_yield

_BLANK: Final = re.compile(r"[ \t\r\n]*")
# As in `offload`: what some write as they like is read all the same.
_DECODER: Final = json.JSONDecoder(strict=False)
# No row of any service is nearly as long (characters).
_LONGEST: Final = 1024 * 1024
_NESTED: Final = "a row that no service writes"


class NoRows(ValueError):
    """What came can't be read."""


class NotAList(NoRows):
    """Something else than a list came."""


class RowStream:
    """Takes a body in pieces and gives its rows, each to `take` in turn.

    `most`: how many taken rows are enough; `take` says of each whether it counts. All methods raise
    NoRows for what is no JSON, NotAList for JSON that is no list.
    """

    def __init__(self, take: Callable[[object], bool], most: int | None = None) -> None:
        """Begin at the beginning."""
        self._take = take
        self._left = most
        self._decode = codecs.getincrementaldecoder("utf-8-sig")().decode
        self._text = ""
        self._begun = self._ended = self._after_row = False

    @property
    def enough(self) -> bool:
        """Tell whether as many rows were taken as were asked for."""
        return self._left is not None and self._left <= 0

    def feed(self, piece: bytes) -> None:
        """Take in the next piece."""
        self._text += self._decoded(piece)
        self._read()
        if len(self._text) > _LONGEST:
            raise NoRows(_NESTED)

    def end(self) -> None:
        """Take in that there is no more."""
        self._text += self._decoded(b"", final=True)
        if not self._begun and not self._text.strip():
            raise NotAList("nothing at all")
        self._read()
        if not self._ended or self._text.strip():
            raise NoRows("the list does not end")

    def _decoded(self, piece: bytes, *, final: bool = False) -> str:
        try:
            return self._decode(piece, final)
        except UnicodeDecodeError:
            raise NoRows("not UTF-8") from None

    def _read(self) -> None:
        text, at = self._text, 0
        while not self.enough:
            at = _blank(text, at)
            if at >= len(text):
                break
            if self._ended:
                raise NoRows("something after the end")
            after = self._punctuation(text, at)
            if after is not None:
                at = after
                continue
            try:
                row, stop = _DECODER.raw_decode(text, at)
            except json.JSONDecodeError:
                break  # not all of it is here, or it is none: the end will tell
            except RecursionError:
                raise NoRows(_NESTED) from None
            if stop >= len(text) and text[at] not in '{["':
                break  # a number may go on
            if self._take(row) and self._left is not None:
                self._left -= 1
            self._after_row, at = True, stop
            cooperative_yield()
        self._text = text[at:]

    def _punctuation(self, text: str, at: int) -> int | None:
        """Go over a bracket or a comma where it belongs; None where a row begins."""
        found = text[at]
        if not self._begun:
            if found != "[":
                raise NotAList("not a list")
            self._begun = True
            return at + 1
        if found == "]":
            self._ended = True
            return at + 1
        if self._after_row:
            if found != ",":
                raise NoRows("neither another row nor the end")
            self._after_row = False
            return at + 1
        return None


def _blank(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return at if found is None else found.end()
