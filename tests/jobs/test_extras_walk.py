"""The walk through a folder: real files, in parts, without following anything."""

import asyncio
from datetime import UTC, datetime, timedelta
import os
from pathlib import Path

import pytest

from custom_components.showrunner.domain.extras import (
    PATTERNS,
    ExtrasPolicy,
    Library,
    Markers,
    Verdict,
)
from custom_components.showrunner.jobs.extras.options import (
    ExtrasOptions,
    folders_of,
    wrong_folder,
)
from custom_components.showrunner.jobs.extras.walk import Kinds, Looked, Walk

MB = 1_000_000
POLICY = ExtrasPolicy(Markers.of(PATTERNS), 500 * MB)
LATER = datetime.now(UTC) + timedelta(hours=2)


def sparse(path: Path, megabytes: float) -> Path:
    """Make a video of a size without what would be in it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.truncate(int(megabytes * MB))
    return path


def walk(folder: Path, kinds: Kinds | None = None) -> Walk:
    """Make a walk."""
    return Walk(str(folder), POLICY, kinds or Kinds(), LATER)


def seen(parts: list[Looked]) -> dict[str, Verdict]:
    """Give the verdicts by the paths that they are about."""
    return {"/".join(one.path): one for part in parts for one in part.verdicts}


def taken(parts: list[Looked]) -> set[str]:
    """Name what goes."""
    return {path for path, one in seen(parts).items() if one.against is None}


@pytest.fixture
def media(tmp_path: Path) -> Path:
    """Give films and series, with extras, and with what only sounds so."""
    films, shows = tmp_path / "movies", tmp_path / "tv"
    sparse(films / "Heat (1995)" / "Heat (1995).mkv", 8000)
    sparse(films / "Heat (1995)" / "Heat (1995)-trailer.mkv", 60)
    sparse(films / "Heat (1995)" / "Extras" / "Disc 2" / "any.mkv", 60)
    sparse(films / "Heat (1995)" / "odd.mkv", 60)
    sparse(films / "Sample" / "Sample.mkv", 60)
    sparse(films / "Sample" / "Sample" / "Sample.mkv", 6)
    sparse(films / "loose.mkv", 9000)
    sparse(shows / "Fargo" / "Season 1" / "Fargo S01E01.mkv", 900)
    sparse(shows / "Fargo" / "Featurettes" / "cast.mkv", 90)
    sparse(shows / "Fargo" / "odd.mkv", 5)
    sparse(shows / "Extras" / "Season 1" / "Extras S01E01.mkv", 90)
    sparse(shows / "Mini (2019)" / "Mini (2019).mkv", 9000)
    sparse(shows / "Mini (2019)" / "odd.mkv", 9)
    return tmp_path


KINDS = Kinds({"tv": Library.SERIES, "movies": Library.MOVIES})


def test_homes_are_told_from_libraries(media: Path) -> None:
    """Extras in the folder of a title go; a series or a film that is called so stays."""
    parts = list(walk(media, KINDS).all())
    assert taken(parts) == {
        "movies/Heat (1995)/Heat (1995)-trailer.mkv",
        "movies/Heat (1995)/Extras/Disc 2/any.mkv",
        "movies/Heat (1995)/odd.mkv",
        "movies/Sample/Sample/Sample.mkv",
        "tv/Fargo/Featurettes/cast.mkv",
    }
    assert sum(part.videos for part in parts) == 13


def test_what_is_looked_at_again_is_judged_the_same(media: Path) -> None:
    """One by one, with what lies around it, as in the whole walk."""
    one = walk(media, KINDS)
    verdicts = seen(list(one.all()))
    for path in (p.relative_to(media) for p in media.rglob("*.mkv")):
        again = one.again(path.parts)
        assert again == verdicts.get(str(path)), path
    (media / "movies" / "Heat (1995)" / "Heat (1995).mkv").unlink()
    gone = one.again(("movies", "Heat (1995)", "Heat (1995)-trailer.mkv"))
    assert gone is None or gone.against is not None
    assert one.again(("movies", "Heat (1995)", "Heat (1995).mkv")) is None


def test_nothing_is_followed_or_looked_into_that_is_not_ours(media: Path) -> None:
    """Links, hidden folders, staging and trash of ours and of others, discs."""
    heat = media / "movies" / "Heat (1995)"
    closed = (
        *(".showrunner-trash", ".showrunner-staging", ".lftp-x", "@eaDir", "#recycle", "!qB"),
        *("_UNPACK_x", "BDMV", "VIDEO_TS", "incomplete", ".Trash-1000"),
    )
    for name in closed:
        sparse(heat / name / "Sample" / "sample.mkv", 1)
    (media / "movies" / "Linked (1995)").symlink_to(heat)
    (heat / "Trailers").symlink_to(heat / "Extras")
    (heat / "sample.mkv").symlink_to(heat / "odd.mkv")
    os.mkfifo(heat / "trailer.mkv")
    for name in ("proof.mkv", "proof.mkv.!qB", ".sample.mkv"):
        sparse(heat / name, 1)
    found = seen(list(walk(media, KINDS).all()))
    new = {path: one for path, one in found.items() if "Heat" in path}
    stays = {path: getattr(one.against, "key", "") for path, one in new.items() if one.against}
    assert stays == {
        "movies/Heat (1995)/sample.mkv": "extra_is_link",
        "movies/Heat (1995)/proof.mkv": "extra_being_written",
    }
    assert not any(name in path for name in closed for path in new)
    assert not any("Linked" in path or "Trailers" in path for path in found)


def test_what_may_not_be_read_is_said(media: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the rest is looked at all the same; a folder that is not there is an error."""
    real = os.open

    def no(path: str, *given: int, **named: int) -> int:
        if path == "Fargo":
            raise PermissionError(13, "no", path)
        return real(path, *given, **named)

    monkeypatch.setattr(os, "open", no)
    parts = list(walk(media, KINDS).all())
    assert [one for part in parts for one in part.unread] == [("tv", "Fargo")]
    assert "movies/Heat (1995)/odd.mkv" in taken(parts)
    with pytest.raises(OSError, match="No such file"):
        list(walk(media / "nowhere").all())


async def test_many_files_do_not_hold_the_loop(tmp_path: Path) -> None:
    """A folder of 10,000 files in 1,000 homes comes in parts; only these are held."""
    for number in range(1000):
        home = tmp_path / f"Film {number} (2001)"
        home.mkdir()
        for name in ("-trailer", *map(str, range(9))):
            (home / f"Film {number} (2001){name}.mkv").touch()

    def count() -> int:
        return sum(part.videos for part in walk(tmp_path).all())

    working, turns = asyncio.create_task(asyncio.to_thread(count)), 0
    while not working.done():
        await asyncio.sleep(0)
        turns += 1
    assert working.result() == 10_000
    assert turns > 100


def test_which_folders_can_be_chosen(tmp_path: Path) -> None:
    """As the page says, and again at every run."""
    config = tmp_path / "config"
    media = tmp_path / "media"
    for one in (config / "media", media / "films"):
        one.mkdir(parents=True)
    (tmp_path / "link").symlink_to(media)
    (tmp_path / "file.mkv").touch()
    some = [str(media)]

    def why(folder: Path | str, others: list[str] = some) -> str | None:
        return wrong_folder(str(folder), others, config)

    assert why(media) is None
    assert why(config / "media") is None
    assert why(config) == why(tmp_path) == why("/") == why("/proc/1") == "folder_not_allowed"
    assert why("media") == why(f"{media}/../media") == why("") == "folder_not_absolute"
    assert why(media / "films") == "folder_within_another"
    assert why(tmp_path / "link") == why(tmp_path / "link" / "films", []) == "folder_is_link"
    assert why(tmp_path / "file.mkv") == why(tmp_path / "nowhere") == "folder_not_there"
    assert why("/media/a\0b", []) == "folder_not_there"
    assert folders_of([" /a/ ", "/a", "/", 7, None, "", "/b"]) == ("/a", "/", "/b")


@pytest.mark.parametrize("page", [{}, {"enabled": "yes", "folders": "x", "patterns": 1, "at": 3,
                                       "weekdays": [9, "x"], "min_video_mb": -1,
                                       "trash_days": 0}])  # fmt: skip
def test_an_unreadable_page_widens_nothing(page: dict[str, object]) -> None:
    """It is off, of no folder, and waits as long as by default."""
    found = ExtrasOptions.from_mapping(page)
    assert (found.enabled, found.folders, found.schedule) == (False, (), None)
    assert (found.trash_days, found.min_video_mb) == (30, 500)
    assert not page or not found.policy.markers.chosen
