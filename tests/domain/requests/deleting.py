"""A request that is to be deleted, and what is known of it."""

from dataclasses import replace

from custom_components.showrunner.domain.deletion.draft import Deletion
from custom_components.showrunner.domain.deletion.facts import Evidence, Favorites, SeerrSide
from custom_components.showrunner.domain.inventory import ArrFile, ArrTitle, ArrUnit
from custom_components.showrunner.domain.knowledge import Known
from custom_components.showrunner.domain.media import MOVIE
from custom_components.showrunner.domain.paths import PathMap, PathPair
from custom_components.showrunner.domain.plan import (
    Proof,
)
from custom_components.showrunner.domain.requests.deletion import plan_deletion
from custom_components.showrunner.domain.requests.holdings import (
    ClientTorrent,
    Gathered,
    Queued,
)
from custom_components.showrunner.domain.requests.request import Request
from custom_components.showrunner.domain.text import Text, Words
from tests.english import beside, bracketed, english

from .samples import FILM, HASH, TORRENT, status

MAP = PathMap((PathPair("/media", "/data"),))


FILE = ArrFile(901, "/data/movies/The Lantern (2011)/lantern.mkv", 8_000, frozenset({MOVIE}))


RECORD = ArrTitle(
    "r1",
    "radarr",
    "Radarr",
    12,
    FILM.ids,
    "/data/movies/The Lantern (2011)",
    frozenset(),
    (ArrUnit(12, MOVIE, True, 901),),
    (FILE,),
    MAP,
)


EVIDENCE = Evidence(
    "j1", FILM.ids, frozenset({MOVIE}), ("/media/movies/The Lantern (2011)/lantern.mkv",)
)


IN_CLIENT = ClientTorrent("q1", "qBittorrent", TORRENT, removes_data=True)


MINE = Queued("r1", 12, None, HASH)


WHOLE = Gathered(
    record=Known(RECORD),
    rivals=Known(()),
    evidence=Known((EVIDENCE,)),
    favorites=Known((Favorites("Sofa", frozenset()),)),
    playing=Known(()),
    keeps=Known(()),
    queue=Known(()),
    torrents=Known(()),
    seerr=Known(SeerrSide("x", 1, FILM.ids, 77, lone=True)),
)


COMING = replace(
    WHOLE,
    record=Known(replace(RECORD, units=(ArrUnit(12, MOVIE, True, None),), files=())),
    evidence=Known(()),
    downloads=((HASH, frozenset({MOVIE})),),
    queue=Known((MINE,)),
    torrents=Known((IN_CLIENT,)),
)


def made(gathered: Gathered, *, files: bool = True, request: Request = FILM) -> Deletion:
    """Plan; what is said of it has no words beside the translations."""
    deletion = plan_deletion(request, status(request, ()), gathered, files=files)
    rows = [one.reason for one in deletion.withheld]
    rows += [one.what for one in deletion.withheld if one.what != request.title.label]
    rows += [reason for step in deletion.steps for reason in step.reasons]
    rows += [one.detail for step in deletion.steps for one in step.findings]
    rows += [said for step in deletion.steps for one in step.proofs for said in said_by(one)]
    assert [one for one in rows if beside(bracketed(one))] == []
    return deletion


def said_by(proof: Proof) -> list[Words]:
    """Give the sentences of a proof; a bare path, id or hash is none."""
    return [said for said in (proof.ours, proof.theirs) if isinstance(said, Text)]


def ids(deletion: Deletion) -> list[str]:
    """Name the steps in their order."""
    return [step.id for step in deletion.steps]


def reasons(deletion: Deletion) -> str:
    """Give all reasons of what is left out."""
    return " | ".join(english(one.reason) for one in deletion.withheld)
