"""Where an arr's files lie, as Jellyfin names it."""

import pytest

from custom_components.showrunner.domain.inventory import lies_in
from custom_components.showrunner.domain.knowledge import Answer
from custom_components.showrunner.domain.paths import PathMap, PathPair

MAP = PathMap((PathPair("/media", "/data"),))
FOLDER = "/data/movies/The Matrix (1999)"


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/media/movies/The Matrix (1999)/matrix.mkv", Answer.YES),
        ("/media/movies/The Matrix (1999) 2/matrix.mkv", Answer.NO),
        # No pair maps it: both see the same disk.
        ("/data/movies/The Matrix (1999)/matrix.mkv", Answer.YES),
        ("/elsewhere/The Matrix (1999)/matrix.mkv", Answer.NO),
        (None, Answer.UNKNOWN),
    ],
)
def test_a_path_confirms_an_entry_only_from_within_its_folder(
    path: str | None, answer: Answer
) -> None:
    """A name that begins alike is another folder's; no path is no answer."""
    assert lies_in(FOLDER, path, MAP) is answer
