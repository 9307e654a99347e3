"""What one rule found: the one shape of a reason, whether it is to fetch, to keep or to delete."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

from .knowledge import Answer
from .text import Text, Words, plain, read

type Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule says. `answer` yes: it applies, in the sense of the rule's name.

    `rule` is a value of the enumeration of whoever asks: rules of decisions, of deletions.
    """

    rule: str
    answer: Answer
    value: Scalar | Words = None
    threshold: Scalar | Words = None
    source: Words = ""
    detail: Words = ""

    def as_dict(self) -> dict[str, object]:
        """Give what is shown of it; its texts have to be said still."""
        return {
            "rule": str(self.rule),
            "answer": self.answer.value,
            "value": self.value,
            "threshold": self.threshold,
            "source": self.source,
            "detail": self.detail,
        }

    def to_store(self) -> dict[str, object]:
        """Give JSON-safe values."""
        return {name: _plain(value) for name, value in self.as_dict().items()}

    @classmethod
    def from_store(cls, kept: Mapping[str, object]) -> Self:
        """Read what `to_store` gave. Raises KeyError or ValueError when it is none."""
        return cls(
            rule=str(kept["rule"]),
            answer=Answer(str(kept["answer"])),
            value=_scalar(kept.get("value")),
            threshold=_scalar(kept.get("threshold")),
            source=read(kept.get("source")),
            detail=read(kept.get("detail")),
        )


def shared(finding: Finding) -> Finding:
    """Give an equal finding that others have, too, where it says only that a rule is well or not.

    Of a large library there are a hundred thousand that are equal: each is an object that the
    garbage collector looks at, again and again.
    """
    if finding.value is None and not finding.detail and isinstance(finding.threshold, str | None):
        return _one_of(finding)
    return finding


@lru_cache(1024)
def _one_of(finding: Finding) -> Finding:
    return finding


def _plain(value: object) -> object:
    return plain(value) if isinstance(value, Text) else value


def _scalar(kept: object) -> Scalar | Words:
    if isinstance(kept, Mapping):
        return read(kept)
    if kept is None or isinstance(kept, str | int | float):
        return kept
    raise ValueError("value")
