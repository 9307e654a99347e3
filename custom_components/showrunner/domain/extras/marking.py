"""Whether a marker in a file's name is one, or a part of a title.

"Heat-trailer" beside "Heat", "Heat (1995)-trailer" and `trailer` in Heat's own folder are marked;
"The Trailer (2019)", "Sample This", "The Big Short" and what a group calls itself are not.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
import re
from typing import Final, Self

from .markers import Found, Markers, Place
from .names import is_episode, stem, words
from .values import Video

MAIN_FACTOR: Final = 4
_YEAR_IN_BRACKETS: Final = re.compile(r"\S\s*[(\[](?:18|19|20)\d\d(?:[)\]]|$)")


def begins(text: Sequence[str], start: Sequence[str]) -> bool:
    """Tell whether words begin with these; nothing begins with no words."""
    return bool(start) and tuple(text[: len(start)]) == tuple(start)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What lies around a video: the words of its folder's title, and the videos beside it.

    `title` is empty, and `one_title` false, where the folder holds more than one title. `series`:
    it may be a series' folder, or a season's.
    """

    title: tuple[str, ...]
    one_title: bool
    series: bool
    # The two largest videos, and the size of the largest by the words of its name.
    largest: tuple[Video, ...]
    sizes: Mapping[tuple[str, ...], int]

    @classmethod
    def of(
        cls, title: tuple[str, ...], videos: Iterable[Video], *, one_title: bool, series: bool
    ) -> Self:
        """Look at all videos once; what lies elsewhere and is only linked to counts for nothing."""
        here = sorted((one for one in videos if not one.is_link), key=lambda one: -one.size_bytes)
        sizes: dict[tuple[str, ...], int] = {}
        for one in here:
            sizes.setdefault(words(stem(one.name)), one.size_bytes)
        return cls(title, one_title, series, tuple(here[:2]), sizes)

    def marker(self, video: Video, markers: Markers) -> Found | None:
        """Give what marks a video by its name, whether it was chosen or not; None: nothing."""
        return next((one for one in markers.found(video.name) if self._marks(video, one)), None)

    def quarter(self, video: Video) -> bool:
        """Tell whether a video lies beside one that is at least four times as large."""
        others = (one for one in self.largest if one.name != video.name)
        return any(one.size_bytes >= MAIN_FACTOR * video.size_bytes for one in others)

    def _marks(self, video: Video, found: Found) -> bool:
        if self._in_title(found):
            return False
        match found.place:
            case Place.WHOLE:
                return self.one_title and (found.strong or self._in_movie(video))
            case Place.PREFIX:
                return found.strong and self._before_title(video, found)
            case Place.HYPHEN:
                return found.ends and self._after_hyphen(video, found)
            case Place.DOT:
                return self._after_dot(video, found)
            case _:  # a blank
                return found.spaced and found.ends and self._after_blank(video, found)

    def _in_title(self, found: Found) -> bool:
        """Tell whether a marker stands within the title of its folder."""
        before = tuple(one.word for one in found.before)
        return begins(self.title, (*before, *found.words))

    def _in_movie(self, video: Video) -> bool:
        return self.one_title and not self.series and self.quarter(video)

    def _follows(self, video: Video, found: Found) -> bool:
        """Tell whether what stands before a marker is the name of a larger video beside it."""
        before = tuple(one.word for one in found.before)
        return self.sizes.get(before, 0) > video.size_bytes

    def _ended(self, video: Video, found: Found) -> bool:
        """Tell whether the title has surely ended before a marker; an episode's may not have."""
        return found.quality_before if is_episode(video.name) else found.title_ended

    def _before_title(self, video: Video, found: Found) -> bool:
        after = tuple(one.word for one in found.after)
        if not self.one_title or is_episode(video.name) or not self.quarter(video):
            return False
        return found.after[0].gap in ("-", "_") or begins(after, self.title)

    def _after_hyphen(self, video: Video, found: Found) -> bool:
        if self._follows(video, found):
            # Among films, "Death-Proof" may lie beside "Death".
            return self.one_title or (found.spaced and self.quarter(video))
        if is_episode(video.name) and not found.strong:
            return False
        if found.quality_before:
            # After how it was made stands who made it, and groups are called anything.
            group = found.before[-1].gap == "-"
            return (found.spaced or (found.strong and group)) and self.quarter(video)
        if found.title_ended:
            return True
        return self._in_movie(video) and not is_episode(video.name)

    def _after_dot(self, video: Video, found: Found) -> bool:
        if found.strong:
            follows = self.one_title and found.ends and self._follows_title(video, found)
            return self._ended(video, found) or follows
        return found.distinct and found.ends and self._ended(video, found)

    def _follows_title(self, video: Video, found: Found) -> bool:
        before = tuple(one.word for one in found.before)
        return before == self.title or self._follows(video, found)

    def _after_blank(self, video: Video, found: Found) -> bool:
        if is_episode(video.name):
            return self._follows(video, found)
        if _YEAR_IN_BRACKETS.search(found.text_before) is not None:
            return True
        return self.one_title and self._follows(video, found)
