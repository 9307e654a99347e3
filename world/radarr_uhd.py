"""A second Radarr, which holds some of the films in 4K beside the first one.

As people run it whose televisions differ: two instances, each with its own root folder and
profile (TRaSH's guides and Seerr's "4K server" mean this set-up).
"""

from datetime import datetime, timedelta
from typing import Final, override

from .catalogue import Film
from .radarr_library import Library, Movie, Row
from .world import RADARR_ROOT, UHD, World

_PROFILE: Final = 5
_QUALITY: Final[Row] = {
    "quality": {
        "id": 19,
        "name": "Bluray-2160p",
        "source": "bluray",
        "resolution": 2160,
        "modifier": "none",
    },
    "revision": {"version": 1, "real": 0, "isRepack": False},
}


class UhdLibrary(Library):
    """Its database: what `World.uhd` names when it is made, and what `hold` adds."""

    def __init__(self, world: World) -> None:
        """Fill it."""
        super().__init__(world)
        self.roots = {1: f"{RADARR_ROOT}/{UHD}"}

    @override
    def _known(self, film: Film, now: datetime) -> None:
        if film.item_id in self._world.uhd:
            self.hold(film, now - timedelta(days=90))

    def hold(self, film: Film, at: datetime) -> Movie:
        """Have a film in 4K since then."""
        self._world.uhd.add(film.item_id)
        movie = self.add(film, f"{RADARR_ROOT}/{UHD}", profile=_PROFILE, monitored=True, at=at)
        self.attach(movie)
        return movie

    @override
    def attach(self, movie: Movie) -> None:
        movie.file_id = self.next_id()
        movie.file_name = self._world.uhd_file(movie.film, RADARR_ROOT).rsplit("/", 1)[-1]
        movie.quality = _QUALITY

    @override
    def went(self, movie: Movie) -> None:
        self._world.uhd_went(movie.film)
