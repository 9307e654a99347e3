"""What a step does with a file here, exactly: into the trash, out of it, and for good."""

from dataclasses import dataclass

from ..action import Action
from ..proof import ProofKind, Protection
from .base import BasePayload


@dataclass(frozen=True, slots=True)
class TrashFile(BasePayload):
    """Move one file to the trash of the chosen folder that it lies in.

    `path` is within `folder`, with letters that are no text escaped. `trash` is the name of the
    folder in the trash that it gets for itself. `links`: how many names the file has.
    """

    ACTION = Action.TRASH_FILE
    NEEDS = frozenset({ProofKind.RULE, ProofKind.UNTRACKED})
    KEEPS = frozenset({Protection.PLAYING})

    folder: str
    path: str
    trash: str
    inode: int
    size_bytes: int
    modified_ns: int
    links: int = 1


@dataclass(frozen=True, slots=True)
class RestoreFile(BasePayload):
    """Move one file out of the trash, back to where it was. The fields as in `TrashFile`."""

    ACTION = Action.RESTORE_FILE

    folder: str
    path: str
    trash: str
    size_bytes: int
    modified_ns: int


@dataclass(frozen=True, slots=True)
class DeleteTrashed(BasePayload):
    """Delete one file that was in the trash for long enough. The fields as in `TrashFile`.

    Not counted by the budget: it was when the file went to the trash.
    """

    ACTION = Action.DELETE_TRASHED

    folder: str
    path: str
    trash: str
    size_bytes: int
    modified_ns: int
    links: int = 1
