"""What of a release is fetched, and why the rest is not.

A release is fetched when it is complete, by its torrent client's word, or, where no client knows
it, when it has been the same for long. What was fetched before in the same version is home,
also when it was imported and deleted since. Unknown is never "complete", nor "not imported".
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
import re
from typing import Final

from ..knowledge import Answer
from ..text import Words, say
from .names import against_path, colliding
from .tree import Release, Version, shown

# What a client, a downloader or a copy gives what it still works on.
_UNFINISHED: Final = (b".!qb", b".!ut", b".part", b".partial", b".aria2", b".lftp-pget-status")
_VIDEO: Final = re.compile(
    r".*\.(avi|divx|iso|m2ts|m4v|mkv|mov|mp4|mpe?g|ts|vob|webm|wmv)", re.DOTALL
)
# A pattern such as *sample*, which may as well be a word of a title.
_WORD: Final = re.compile(r"\*[a-z]+\*")


@dataclass(frozen=True, slots=True)
class ReleaseFacts:
    """What is known of a release besides its listing.

    `complete`: what a linked torrent client says of it; None: none knows it. `same_before`: it was
    listed the very same for so long that it may count as whole. `fetched` is what we have fetched
    of it, by path. `imported`: whether an arr has imported it, also without us. `there`: whether
    something lies under its name in the local folder. `asked_anew`: somebody has asked for it since
    it was fetched, so that what was fetched is wanted once more.
    """

    complete: Answer | None
    same_before: bool
    imported: Answer
    there: Answer
    fetched: Mapping[bytes, Version]
    asked_anew: bool = False

    @property
    def home(self) -> Mapping[bytes, Version]:
        """What of it need not be fetched."""
        return {} if self.asked_anew else self.fetched


@dataclass(frozen=True, slots=True)
class Fetch:
    """A release, or what is new in it, is to be fetched, for these reasons."""

    release: Release
    files: Mapping[bytes, Version]
    reasons: tuple[Words, ...]

    @property
    def size(self) -> int:
        """How many bytes that are."""
        return sum(version.size for version in self.files.values())


@dataclass(frozen=True, slots=True)
class Leave:
    """A release is not fetched. `home`: nothing is missing. `unknown`: another time it may be."""

    release: Release
    reason: Words
    unknown: bool = False
    home: bool = False


def chosen(release: Release, facts: ReleaseFacts, exclude: Sequence[str]) -> Fetch | Leave:
    """Say whether a release is fetched now, and what of it."""
    against = _against_names(release)
    if against is not None:
        return Leave(release, against)
    if release.unread:
        return Leave(release, say("transfer_not_readable", name=shown(release.unread[0])), True)  # noqa: FBT003
    wanted = included(release, exclude, facts.fetched)
    if not wanted:
        return Leave(release, say("transfer_nothing_to_fetch"), home=True)
    missing = {path: version for path, version in wanted.items() if facts.home.get(path) != version}
    if not missing:
        return Leave(release, say("transfer_fetched_before"), home=True)
    return _against_facts(release, facts) or Fetch(
        release, missing, _reasons(facts, new=len(missing) < len(wanted))
    )


def _against_names(release: Release) -> Words | None:
    """Say which name forbids it to become a local one."""
    if (why := against_path(release.name)) is not None:
        return why
    for path in release.files:
        if (why := against_path(path)) is not None:
            return say("transfer_file_refused", name=shown(path), why=why)
    twice = colliding(release.files)
    if twice:
        return say("transfer_names_collide", name=shown(min(twice)))
    return None


def _against_facts(release: Release, facts: ReleaseFacts) -> Leave | None:
    """Say what forbids to fetch it now: it may not be whole yet, may be home, or has no place."""
    for against in (_not_whole(release, facts), _not_known(facts)):
        if against is not None:
            return Leave(release, against, unknown=True)
    if facts.imported is Answer.YES and not facts.home:
        return Leave(release, say("transfer_imported_before"), home=True)
    if facts.there is Answer.YES:
        return Leave(release, say("transfer_name_taken"))
    return None


def _not_whole(release: Release, facts: ReleaseFacts) -> Words | None:
    if any(path.lower().endswith(_UNFINISHED) for path in release.files):
        return say("transfer_unfinished_names")
    match facts.complete:
        case Answer.NO:
            return say("transfer_not_complete")
        case Answer.UNKNOWN:
            return say("transfer_client_silent")
        case None if not facts.same_before:
            return say("transfer_seen_once")
    return None


def _not_known(facts: ReleaseFacts) -> Words | None:
    if facts.imported is Answer.UNKNOWN:
        return say("transfer_history_unknown")
    return say("transfer_folder_unknown") if facts.there is Answer.UNKNOWN else None


def _reasons(facts: ReleaseFacts, *, new: bool) -> tuple[Words, ...]:
    whole = say("transfer_complete") if facts.complete is Answer.YES else say("transfer_unchanged")
    return (whole, say("transfer_new_in_release")) if new else (whole,)


# -- exclusions ------------------------------------------------------------------------------------


def included(
    release: Release, exclude: Sequence[str], fetched: Mapping[bytes, Version]
) -> Mapping[bytes, Version]:
    """Give the files of a release that no pattern excludes.

    A pattern names a file, or a folder in the release with all that is in it, or with a "/" a path
    in the release; letters' case does not count. One that is a word between two stars never takes
    the largest video of a release: it is the title that has this word. What was fetched counts
    there too: when it is gone, nothing else becomes the largest.
    """
    patterns = [pattern.casefold().strip("/") for pattern in exclude if pattern.strip("/ ")]
    main = _main_video({**fetched, **release.files})
    return {
        path: version
        for path, version in release.files.items()
        if not _excluded(_within(release, path), patterns, spare_words=path == main)
    }


def _within(release: Release, path: bytes) -> str:
    """Give a file's path within its release; a release that is a file has its own name."""
    inner = path.removeprefix(release.name + b"/") if release.is_folder else path
    return inner.decode("utf-8", "surrogateescape").casefold()


def _excluded(inner: str, patterns: Iterable[str], *, spare_words: bool) -> bool:
    parts = inner.split("/")
    for pattern in patterns:
        if spare_words and _WORD.fullmatch(pattern):
            continue
        if "/" in pattern:
            if fnmatchcase(inner, pattern):
                return True
        elif any(fnmatchcase(part, pattern) for part in parts):
            return True
    return False


def _main_video(files: Mapping[bytes, Version]) -> bytes | None:
    videos = [path for path in files if _VIDEO.fullmatch(path.decode("latin-1").lower())]
    return max(videos, key=lambda path: (files[path].size, path), default=None)
