"""Series that Sonarr can fetch; nobody has them yet. All made up, as in the catalogue."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from .catalogue import EPISODES, Episode, Outcome


@dataclass(frozen=True, slots=True)
class Show:
    """A series. `seasons` are the names of its episodes, the first season first.

    `packs`: indexers have whole seasons of it. `to_air`: how many of the last ones are to come.
    `specials` are of season 0. `seconds`: how long an episode is.
    """

    name: str
    year: int
    tvdb: int
    seasons: tuple[tuple[str, ...], ...]
    anime: bool = False
    packs: bool = False
    outcome: Outcome = Outcome.IMPORTED
    to_air: int = 0
    original: str = ""
    specials: tuple[str, ...] = ()
    seconds: int = 6

    @property
    def tmdb(self) -> int:
        """TMDb's id of the series."""
        return self.tvdb + 100_000

    @property
    def imdb(self) -> str:
        """IMDb's id."""
        return f"tt98{self.tvdb % 100_000:05d}"

    @property
    def label(self) -> str:
        """Name and year, as folders are called."""
        return f"{self.name} ({self.year})"

    @property
    def episodes(self) -> tuple[Episode, ...]:
        """Every episode, specials first."""
        return tuple(
            Episode(self.name, self.year, self.tvdb, season, number, name, self.seconds)
            for season, names in self.numbered
            for number, name in enumerate(names, 1)
        )

    @property
    def numbered(self) -> tuple[tuple[int, tuple[str, ...]], ...]:
        """Give the seasons with their numbers."""
        specials = ((0, self.specials),) if self.specials else ()
        return (*specials, *enumerate(self.seasons, 1))

    def aired(self, episode: Episode, now: datetime) -> datetime:
        """Say when an episode was shown first, or will be."""
        order = self.episodes.index(episode)
        left = len(self.episodes) - order
        if left <= self.to_air:
            return now + timedelta(days=7 * (self.to_air - left + 1))
        return datetime(self.year, 2, 1, 19, 30, tzinfo=UTC) + timedelta(days=7 * order)


_NEW: Final = (
    # A whole season comes in one download, and what it is called in Japan is said too.
    Show(
        "Station of Clouds",
        2024,
        880_201,
        (("First Train", "Mist", "The Signal"), ("Return", "Last Train")),
        anime=True,
        packs=True,
        original="雲の駅",
    ),
    Show("The Salt Road", 2023, 880_202, (("Brine", "Caravan", "The Well"),)),
    # The last two episodes are still to come.
    Show("Tidal Office", 2025, 880_203, (("Low Water", "Springs", "Neaps", "Slack"),), to_air=2),
    Show(
        "Ferry Lights",
        2022,
        880_206,
        (("Casting Off", "Midstream", "Landing"), ("Second Crossing",)),
        packs=True,
    ),
    Show("Nobody Has It", 2021, 880_204, (("Lost",),), outcome=Outcome.NOTHING),
    Show("The Broken Reel", 2020, 880_205, (("Snap", "Splice"),), outcome=Outcome.FAILED),
)


def _known() -> tuple[Show, ...]:
    """Give the series of which everything is there, as Sonarr has them."""
    found: dict[int, list[Episode]] = {}
    for episode in EPISODES:
        found.setdefault(episode.tvdb, []).append(episode)
    return tuple(
        Show(own[0].series, own[0].year, tvdb, (tuple(one.name for one in own),))
        for tvdb, own in found.items()
    )


KNOWN_SHOWS: Final = _known()
SHOWS: Final = (*KNOWN_SHOWS, *_NEW)


def show_by_name(name: str) -> Show:
    """Find a series. Raises KeyError when there is none of that name."""
    found = next((show for show in SHOWS if show.name == name), None)
    if found is None:
        raise KeyError(name)
    return found
