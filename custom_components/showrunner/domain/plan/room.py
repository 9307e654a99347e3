"""What a deletion really frees: a file of which another name stays frees nothing.

A hard link is such a name, as a seedbox or an import over one disk makes them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Self

_ONE_NAME = 1


@dataclass(frozen=True, slots=True)
class Room:
    """How many bytes of a step are freed, stay under another name, or nobody knows of which."""

    frees: int = 0
    stays: int = 0
    unknown: int = 0

    @classmethod
    def of(cls, files: Iterable[tuple[int, int | None]]) -> Self:
        """Add up files: the size of each, and how many names it has (None: not known)."""
        frees = stays = unknown = 0
        for size, names in files:
            if names is None or names < _ONE_NAME:
                unknown += size
            elif names == _ONE_NAME:
                frees += size
            else:
                stays += size
        return cls(frees, stays, unknown)

    def freed(self, gone: int) -> int:
        """Say how much of so many bytes that have gone may have been freed."""
        return max(0, min(gone, self.frees + self.unknown))

    def as_dict(self) -> dict[str, int]:
        """Give JSON-safe values, from which `from_store` makes an equal one."""
        return asdict(self)

    @classmethod
    def from_store(cls, kept: object) -> Self | None:
        """Read what was kept; a plan of an older version says nothing of it."""
        if not isinstance(kept, Mapping):
            return None
        told = [kept.get(name) for name in ("frees", "stays", "unknown")]
        sizes = [one for one in told if isinstance(one, int) and not isinstance(one, bool)]
        return cls(*sizes) if len(sizes) == len(told) else None
