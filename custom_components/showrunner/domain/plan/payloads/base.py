"""What all payloads share, and how their values are read."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import ClassVar, Self, cast

from ..action import Action
from ..proof import ProofKind, Protection


@dataclass(frozen=True, slots=True)
class FileFingerprint:
    """A file as its arr tracks it: another one under the same number is another file."""

    id: int
    path: str
    size_bytes: int

    @classmethod
    def from_store(cls, kept: Mapping[str, object]) -> Self:
        """Read one. Raises KeyError or TypeError."""
        return cls(read_number(kept["id"]), str(kept["path"]), read_number(kept["size_bytes"]))


@dataclass(frozen=True, slots=True)
class BasePayload:
    """What all payloads share.

    `NEEDS` and `KEEPS` are the proofs without which such a step is not carried out, and what must
    be known not to protect what it takes (laws 4 and 6).
    """

    ACTION: ClassVar[Action]
    NEEDS: ClassVar[frozenset[ProofKind]] = frozenset()
    KEEPS: ClassVar[frozenset[Protection]] = frozenset()

    def to_store(self) -> dict[str, object]:
        """Give JSON-safe values."""
        return asdict(self)

    @classmethod
    def from_store(cls, kept: Mapping[str, object]) -> Self:
        """Read what `to_store` gave; what is not known is ignored. Raises when it is none."""
        return cls(**{one.name: kept[one.name] for one in fields(cls) if one.name in kept})


def read_files(kept: object) -> tuple[FileFingerprint, ...]:
    """Read fingerprints. Raises KeyError or TypeError."""
    return tuple(
        FileFingerprint.from_store(cast("Mapping[str, object]", one)) for one in read_list(kept)
    )


def read_places(kept: object) -> tuple[tuple[int, int], ...]:
    """Read pairs of a season and a number in it; None: none. Raises TypeError or ValueError."""
    pairs = [read_list(one) for one in read_list([] if kept is None else kept)]
    return tuple((read_number(season), read_number(episode)) for season, episode in pairs)


def read_list(kept: object) -> list[object]:
    """Read a list. Raises TypeError."""
    if not isinstance(kept, list):
        raise TypeError("list")
    return kept


def read_number(kept: object) -> int:
    """Read a whole number. Raises TypeError."""
    if isinstance(kept, bool) or not isinstance(kept, int):
        raise TypeError("number")
    return kept
