"""What one rule found: the one shape of a reason, whether it is to fetch, to keep or to delete."""

from collections.abc import Mapping
from dataclasses import dataclass
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


def _plain(value: object) -> object:
    return plain(value) if isinstance(value, Text) else value


def _scalar(kept: object) -> Scalar | Words:
    if isinstance(kept, Mapping):
        return read(kept)
    if kept is None or isinstance(kept, str | int | float):
        return kept
    raise ValueError("value")
