"""The same torrent in two linked clients, and names that lead astray: no data of another's go."""

from typing import Any

import pytest

from custom_components.showrunner.domain.knowledge import Answer
from custom_components.showrunner.domain.seeding import PurgePolicy, PurgeRule, choose, judge, uses
from custom_components.showrunner.domain.seeding.facts import gone_torrent
from custom_components.showrunner.domain.torrents import TorrentState

from .samples import NOW, arr, chosen, client, facts, film, imported_film, one_film, verdict

MINE = film(1, content_path="/data/A")
TOLD = [arr(imported_film(MINE))]


@pytest.mark.parametrize(
    "theirs",
    [
        {"label": "keep"},
        {"ratio": 0.1, "seeding_seconds": 60},
        {"state": TorrentState.CHECKING},
        {"state": TorrentState.DOWNLOADING, "complete": False},
        {"message": "Storage error: [No space left]"},
    ],
)
def test_the_same_torrent_that_stays_in_another_client_keeps_its_data(
    theirs: dict[str, Any],
) -> None:
    """Its entry goes here, and there nothing does."""
    other = client(film(1, content_path="/data/A", **theirs), service="c2")
    for known in (facts(client(MINE), other, arrs=TOLD), facts(other, client(MINE), arrs=TOLD)):
        assert chosen(known) == [("c1", MINE.hash, "shared")]


def test_of_the_same_torrent_in_two_clients_the_last_takes_the_data() -> None:
    """And waits for the other; the purge of one client alone takes none."""
    known = facts(client(MINE), client(MINE, service="c2"), arrs=TOLD)
    assert chosen(known) == [("c2", MINE.hash, "shared"), ("c1", MINE.hash, "deleted")]
    policy = PurgePolicy()
    verdicts, places = judge(known, policy)
    last = choose(verdicts, places, policy, lambda _: True, NOW)[-1]
    assert last.after == (("c2", MINE.hash),)
    for service in ("c1", "c2"):
        mine = [one for one in verdicts if one.key[0] == service]
        [alone] = choose(mine, places, policy, lambda _: True, NOW)
        assert (alone.fate.value, alone.frees) == ("shared", 0)


@pytest.mark.parametrize(
    ("place", "host"),
    [("/mnt/dl/A", "box"), ("/data/A", "elsewhere"), ("/srv/A", "elsewhere"), (None, "box")],
)
def test_the_same_torrent_under_another_name_of_its_place_is_in_doubt(
    place: str | None, host: str
) -> None:
    """In containers, on another machine, or where its client can't name it: nothing goes."""
    theirs = film(1, content_path=place, label="keep")
    known = facts(client(MINE), client(theirs, service="c2", host=host), arrs=TOLD)
    assert verdict(known).answer(PurgeRule.SHARED) is Answer.UNKNOWN
    assert chosen(known) == []


@pytest.mark.parametrize(
    ("place", "used"),
    [
        ("/data/A", Answer.YES),
        ("/data/A/film.mkv", Answer.UNKNOWN),
        ("/data", Answer.UNKNOWN),
        ("/mnt/dl/A", Answer.UNKNOWN),
    ],
)
def test_files_of_a_torrent_that_is_gone_here_stay_while_another_client_has_it(
    place: str, used: Answer
) -> None:
    """They go over a transfer later than the entry: that is asked once more."""
    theirs = client(film(1, content_path=place), service="c2")
    gone = gone_torrent(MINE.hash, MINE.name, MINE.content_path, MINE.size_bytes)
    assert uses(facts(client(), theirs), client(), gone, ["film.mkv"]) is used
    assert uses(facts(client(), client(service="c2")), client(), gone, ["film.mkv"]) is Answer.NO


@pytest.mark.parametrize(
    "place",
    [None, "", "A", "../A", "/data/../etc", "/data/A/../../etc", "/data/a\0b"],
)
def test_a_place_that_leads_elsewhere_is_none(place: str | None) -> None:
    """Whatever a client says: nothing of it goes."""
    known = one_film(content_path=place)
    assert verdict(known).answer(PurgeRule.PLACE) is Answer.UNKNOWN
    assert chosen(known) == []


@pytest.mark.parametrize(
    "name",
    ["-rf", "$(touch x)", "two\nlines", "N" * 255, "Amélie 🎬", "..hidden", "...", "[x] *", "~"],
)
def test_an_odd_name_is_a_name_like_others(name: str) -> None:
    """It lies at its place, and beside what is called nearly so."""
    mine, other = film(1, content_path=f"/data/{name}"), film(2, content_path=f"/data/{name}x")
    known = facts(client(mine, other), arrs=[arr(imported_film(mine))])
    assert chosen(known) == [("c1", mine.hash, "deleted")]
    inside = film(2, content_path=f"/data/{name}/e.mkv")
    known = facts(client(mine, inside), arrs=[arr(imported_film(mine))])
    assert chosen(known) == [("c1", mine.hash, "shared")]


@pytest.mark.parametrize("lost", ["Caf?", "Caf??", "Caf\ufffd", "Caf\ufffd\ufffd", "Caf%C3%A9"])
def test_a_name_whose_letters_were_lost_may_be_any_that_looks_so(lost: str) -> None:
    """Its own place is not told, and what may be meant by it stays where it is."""
    mine = film(1, content_path="/data/Café")
    spoilt = film(2, content_path=None, name=lost, size_bytes=1)
    rows = [arr([*imported_film(mine, 1), *imported_film(spoilt, 2)])]
    assert chosen(facts(client(mine, spoilt), arrs=rows)) == []
