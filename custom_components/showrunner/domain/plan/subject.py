"""What a step is about: a title, torrent, file or release; what two runs must not hold at once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self, cast

from ..media import MediaType, ProviderIds, Title, TitleKey
from ..values import year


class SubjectKind(StrEnum):
    """What a subject is."""

    TITLE = "title"
    TORRENT = "torrent"
    FILE = "file"
    TRANSFER = "transfer"


@dataclass(frozen=True, slots=True)
class Subject:
    """What is changed. `key` tells it from others of its kind; `title` is whose it is, if known.

    A torrent's key is its hash, a file's its path at its service, a title's its strongest id, a
    transfer's whose it is and the exact name of its release.
    """

    kind: SubjectKind
    key: str
    name: str
    title: Title | None = None

    @classmethod
    def of_title(cls, title: Title) -> Self:
        """Make a title's."""
        return cls(SubjectKind.TITLE, next(iter(title.key.names), title.label), title.label, title)

    @classmethod
    def of_torrent(cls, info_hash: str, name: str, title: Title | None = None) -> Self:
        """Make a torrent's."""
        return cls(SubjectKind.TORRENT, info_hash, name, title)

    @classmethod
    def of_file(cls, path: str, title: Title | None = None) -> Self:
        """Make a file's."""
        return cls(SubjectKind.FILE, path, path, title)

    @classmethod
    def of_transfer(cls, service: str, path: str, name: str) -> Self:
        """Make a release's that is fetched; `path` stands for its exact bytes."""
        return cls(SubjectKind.TRANSFER, f"{service}:{path}", name)

    @property
    def label(self) -> str:
        """The name for people: the title's, where it is known."""
        return self.name if self.title is None else self.title.label

    def locks(self, others: Iterable[TitleKey] = ()) -> frozenset[str]:
        """Name what no two runs may hold at once. `others` are more ids of the same title."""
        titles = [] if self.title is None else [self.title.key]
        names = {name for key in (*titles, *others) for name in key.names}
        return frozenset({f"{self.kind}:{self.key}", *(f"title:{name}" for name in names)})

    def to_store(self) -> list[object]:
        """Give JSON-safe values."""
        title = None if self.title is None else title_to_store(self.title)
        return [self.kind.value, self.key, self.name, title]

    @classmethod
    def from_store(cls, kept: object) -> Self:
        """Read what `to_store` gave. Raises TypeError or ValueError when it is none."""
        kind, key, name, title = cast("Any", kept)
        return cls(
            SubjectKind(kind), str(key), str(name), None if title is None else read_title(title)
        )


def title_to_store(title: Title) -> list[object]:
    """Give JSON-safe values."""
    return [title.media.value, ids_to_store(title.ids), title.name, title.year]


def read_title(kept: object) -> Title:
    """Read what `title_to_store` gave. Raises TypeError or ValueError when it is none."""
    media, ids, name, made = cast("Any", kept)
    return Title(MediaType(media), ProviderIds.from_mapping(ids), name, year(made))


def ids_to_store(ids: ProviderIds) -> Mapping[str, object]:
    """Give JSON-safe values."""
    return {"tmdb": ids.tmdb, "tvdb": ids.tvdb, "imdb": ids.imdb}
