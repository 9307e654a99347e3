"""What becomes of files and wishes."""

from dataclasses import replace

from custom_components.showrunner.domain.media import MOVIE

from .replay import Download, File, Household
from .samples import FILM, HASH


def coming(**more: object) -> Household:
    """Give a film with a file, of which a better one is under way."""
    one = Download(HASH, frozenset({MOVIE}), frozenset({MOVIE}))
    request = replace(FILM, arr=("arr", 4))
    film = Household(request, {500: File(500, frozenset({MOVIE}))}, {MOVIE: True}, {HASH: one})
    for name, value in more.items():
        setattr(film, name, value)
    return film


def a_larger_file(film: Household) -> None:
    """Have the same number be a file of another size."""
    (file,) = film.files.values()
    file.size += 1
