"""What proves that a step takes what it is meant to take, and what may protect that (laws 4, 6)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from ..knowledge import Answer
from ..text import Words, plain, read


class ProofKind(StrEnum):
    """By what two services are found to mean the same thing.

    Of a file that no service has: the rule by which it goes, and that none has it.
    """

    ID = "id"
    PATH = "path"
    HASH = "hash"
    RULE = "rule"
    UNTRACKED = "untracked"


class Protection(StrEnum):
    """What keeps a title, or a part of it, from every deletion; the rule's name in findings."""

    KEEP = "keep"  # the arr's tag
    KEPT = "kept"  # a person's word
    FAVORITE = "favorite"
    PLAYING = "playing"


@dataclass(frozen=True, slots=True)
class Proof:
    """What the service that is asked to act says (`ours`), what another says, and if they agree.

    `of`: the number of the file that it is about; None: of the whole step.
    """

    kind: ProofKind
    ours: Words
    theirs: Words
    answer: Answer
    of: int | None = None

    def as_dict(self) -> dict[str, object]:
        """Give what is shown of it; its texts have to be said still."""
        return {
            "kind": self.kind.value,
            "ours": self.ours,
            "theirs": self.theirs,
            "answer": self.answer.value,
        }

    def to_store(self) -> dict[str, object]:
        """Give JSON-safe values."""
        said = {"ours": plain(self.ours), "theirs": plain(self.theirs), "of": self.of}
        return {**self.as_dict(), **said}

    @classmethod
    def from_store(cls, kept: Mapping[str, object]) -> Self:
        """Read what `to_store` gave. Raises KeyError or ValueError when it is none."""
        of = kept.get("of")
        return cls(
            ProofKind(str(kept["kind"])),
            read(kept["ours"]),
            read(kept["theirs"]),
            Answer(str(kept["answer"])),
            of if isinstance(of, int) else None,
        )
