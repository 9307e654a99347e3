"""Which videos are extras, samples and leftovers, and which only look so.

Pure. A marker counts only where it is no part of a title, and a size only beside one main video at
least four times as large, in the folder of a movie. The largest video of a folder is never taken.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from ..finding import Finding
from ..knowledge import Answer
from ..text import Words, say
from .escaping import shown
from .markers import Markers
from .marking import Surroundings, begins
from .names import (
    has_quality,
    has_year,
    is_beside,
    is_episode,
    is_part,
    is_season,
    is_specials,
    stem,
    title_words,
    words,
)
from .values import ExtrasPolicy, Folder, Home, Library, Parts, Video

# What was changed more lately may still be written, or is being unpacked.
SETTLED: Final = timedelta(hours=1)
# More small videos than these are no leftovers: each may be one of a series.
_MOST_LEFTOVERS: Final = 3


class ExtrasRule(StrEnum):
    """What is found of a video."""

    MARKER = "marker"
    EXTRAS_FOLDER = "extras_folder"
    SMALL = "small_beside_main"
    MAIN = "main_video"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a video is taken, by which findings; or what is against it, though it is marked."""

    parts: Parts
    video: Video
    findings: tuple[Finding, ...]
    against: Words | None = None

    @property
    def path(self) -> Parts:
        """Where it lies within the chosen folder."""
        return (*self.parts, self.video.name)


@dataclass(frozen=True, slots=True)
class _Judge:
    """What is known of a home before its videos are judged.

    `unmarked` are the videos in it that no known marker marks, the largest first. `movie`: it is
    one movie's, or one release's, and holds one main video.
    """

    home: Home
    policy: ExtrasPolicy
    now: datetime
    around: Surroundings
    unmarked: tuple[Video, ...]
    movie: bool

    @classmethod
    def of(cls, home: Home, policy: ExtrasPolicy, now: datetime) -> _Judge:
        """Look at what nothing marks."""
        folder = home.folder
        around = surroundings(folder, home.library, policy.markers)
        plain = [
            one
            for one in folder.videos
            if not one.is_link and around.marker(one, policy.markers) is None
        ]
        plain.sort(key=lambda one: (-one.size_bytes, one.name))
        large = sum(one.size_bytes >= policy.min_video_bytes for one in plain)
        movie = around.one_title and not around.series
        movie = movie and large == 1 and len(plain) - large <= _MOST_LEFTOVERS
        return cls(home, policy, now, around, tuple(plain), movie)

    def verdicts(self) -> Iterator[Verdict]:
        """Judge all videos; those that nothing speaks against staying are not named."""
        chosen = self.policy.markers.chosen
        for video in self.home.folder.videos:
            if (finding := self._marked(video) or self._small(video)) is not None:
                yield self._verdict(self.home.folder, video, finding)
        for markers, folder in self.home.marked:
            if not chosen.issuperset(markers) or not self.around.one_title:
                continue
            named = "/".join(markers)
            finding = Finding(ExtrasRule.EXTRAS_FOLDER, Answer.YES, shown(folder.name), named)
            for video in folder.videos:
                if not self.policy.markers.wanted(video.name):
                    yield self._verdict(folder, video, finding)

    def _marked(self, video: Video) -> Finding | None:
        found = self.around.marker(video, self.policy.markers)
        if found is None or found.marker not in self.policy.markers.chosen:
            return None
        return Finding(ExtrasRule.MARKER, Answer.YES, shown(video.name), found.marker)

    # -- by size -----------------------------------------------------------------------------------

    def _small(self, video: Video) -> Finding | None:
        """Say that a video is small, where that means anything: beside the one video of a movie."""
        most = self.policy.min_video_bytes
        if video.size_bytes >= most or not self.movie or video not in self.unmarked[1:]:
            return None
        if not self.around.quarter(video) or self._is_its_own(video):
            return None
        return Finding(ExtrasRule.SMALL, Answer.YES, video.size_bytes, most)

    def _is_its_own(self, video: Video) -> bool:
        """Tell whether a small video is another version, a part, or another film."""
        name = stem(video.name)
        main = title_words(stem(self.unmarked[0].name))
        own = words(name)
        if begins(own, self.around.title) or begins(own, main):
            return True
        return is_part(name) or has_year(name) or has_quality(name)

    # -- against -----------------------------------------------------------------------------------

    def _verdict(self, folder: Folder, video: Video, finding: Finding) -> Verdict:
        largest = self.unmarked[0].size_bytes if self.unmarked else 0
        main = max(largest, self.home.below_bytes)
        beside = Finding(ExtrasRule.MAIN, Answer.of(main > video.size_bytes), main)
        return Verdict(
            folder.parts, video, (finding, beside), self._against(folder, video, main=main)
        )

    def _against(self, folder: Folder, video: Video, *, main: int) -> Words | None:
        if video.is_link:
            return say("extra_is_link")
        if video.name in folder.unfinished or self.now - video.changed_at < SETTLED:
            return say("extra_being_written")
        if not main:
            return say("extra_without_main")
        if main <= video.size_bytes:
            return say("extra_is_main")
        if folder is not self.home.folder and is_episode(video.name):
            return say("extra_is_episode")
        return None


def judge(home: Home, policy: ExtrasPolicy, now: datetime) -> tuple[Verdict, ...]:
    """Judge the videos of one home; those that are plainly no extras are not named."""
    return tuple(_Judge.of(home, policy, now).verdicts())


def surroundings(folder: Folder, library: Library, markers: Markers) -> Surroundings:
    """Say what lies around the videos of a folder."""
    one_title = holds_one_title(folder, library, markers)
    title = title_words(folder.name) if one_title and not is_season(folder.name) else ()
    return Surroundings.of(
        title, folder.videos, one_title=one_title, series=is_series(folder, library)
    )


def is_series(folder: Folder, library: Library) -> bool:
    """Tell whether a folder is a series' or a season's, as far as can be seen."""
    return (
        library is Library.SERIES
        or is_specials(folder.name)
        or is_season(folder.name)
        or is_episode(folder.name)
        or any(is_season(one) for one in folder.subfolders)
        or any(is_episode(one.name) for one in folder.videos)
    )


def holds_one_title(folder: Folder, library: Library, markers: Markers) -> bool:
    """Tell whether a folder holds one title, so that a folder `Sample` in it is no title itself.

    One that holds many, such as a library's, may hold a series "Extras" or a film "Sample", too.
    The chosen folder itself is always taken for such a one.
    """
    if not folder.parts:
        return False
    if is_season(folder.name) or any(is_season(one) for one in folder.subfolders):
        return True
    if any(not is_beside(one) and markers.folder(one) is None for one in folder.subfolders):
        return False
    if library is Library.SERIES and any(is_episode(one.name) for one in folder.videos):
        return True
    if has_quality(folder.name) and has_year(folder.name) and folder.videos:
        return True
    own = title_words(folder.name)
    return any(begins(words(stem(one.name)), own) for one in folder.videos)
