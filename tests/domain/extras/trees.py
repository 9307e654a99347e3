"""Folders of videos for the rule, written shortly: names with sizes in megabytes."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from custom_components.showrunner.domain.extras import (
    PATTERNS,
    ExtrasPolicy,
    Fingerprint,
    Folder,
    Home,
    Library,
    Markers,
    Verdict,
    Video,
    judge,
)

NOW = datetime(2026, 6, 14, 2, tzinfo=UTC)
OLD = NOW - timedelta(days=30)
MB = 1_000_000
POLICY = ExtrasPolicy(Markers.of(PATTERNS), 500 * MB)

# Films and series whose titles have a marker in them. A folder or a file named so is that title.
TITLES = (
    *("The Trailer", "Trailer Park Boys", "Trailer", "Trailer Made", "Trailer for Sale"),
    *("Sample This", "Sample", "Free Sample", "Free Samples", "The Sample", "Samples of Love"),
    *("The Big Short", "Short Circuit", "Short Circuit 2", "Short Cuts", "Short Term 12"),
    *("Short", "Get Shorty", "Short Eyes", "Shorts", "Too Short to Be True", "Martin Short"),
    *("Interview with the Vampire", "The Interview", "Interview", "Interview with a Hitman"),
    *("Making of a Murderer", "Making a Murderer", "The Making of a Lady", "The Making of"),
    *("Extras", "Extra", "Extra Ordinary", "The Extra Man", "The Extra", "Extra-Ordinary"),
    *("Bonus Family", "Bonus", "Bonusfamiljen", "The Bonus", "Bonus Track"),
    *("Deleted", "Deleted Scenes", "The Deleted", "Deleted Scene"),
    *("Proof", "Death Proof", "Death-Proof", "Proof of Life", "Burden of Proof", "Proof-Positive"),
    *("Behind the Scenes", "Behind the Scenes of Love", "Featurette", "Sample-This"),
    *("Semi-Short", "Half-Proof", "Pre-Interview", "Post-Trailer", "Anti-Sample"),
)


def video(name: str, megabytes: float, *, at: datetime = OLD, link: bool = False) -> Video:
    """Make a video; its inode is made from its name."""
    size = int(megabytes * MB)
    return Video(name, Fingerprint(hash(name) & 0xFFFF, size, 1), at, is_link=link)


def folder(path: str, videos: Mapping[str, float], subfolders: Iterable[str] = ()) -> Folder:
    """Make a folder; its path is within the chosen one."""
    parts = tuple(path.split("/")) if path else ()
    found = tuple(video(name, size) for name, size in videos.items())
    return Folder(parts, found, frozenset(subfolders))


def home(
    path: str,
    videos: Mapping[str, float],
    marked: Mapping[str, Mapping[str, float]] | None = None,
    *,
    library: Library = Library.UNKNOWN,
    subfolders: Iterable[str] = (),
    below: float = 0,
) -> Home:
    """Make a home with its folders of extras."""
    inner = []
    for name, its in (marked or {}).items():
        markers = tuple(POLICY.markers.folder(one) or "" for one in name.split("/"))
        inner.append((markers, folder(f"{path}/{name}", its)))
    names = {name.split("/")[0] for name in marked or {}} | set(subfolders)
    return Home(folder(path, videos, names), library, tuple(inner), int(below * MB))


def taken(one: Home, policy: ExtrasPolicy = POLICY) -> set[str]:
    """Name what goes, by its path within the home."""
    return {name_of(one, verdict) for verdict in judge(one, policy, NOW) if not verdict.against}


def against(one: Home, policy: ExtrasPolicy = POLICY) -> dict[str, str]:
    """Say what is against what is marked and stays."""
    return {
        name_of(one, verdict): getattr(verdict.against, "key", "")
        for verdict in judge(one, policy, NOW)
        if verdict.against
    }


def name_of(one: Home, verdict: Verdict) -> str:
    """Name a video by its path within the home."""
    return "/".join(verdict.path[len(one.folder.parts) :])
