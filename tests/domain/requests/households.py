"""Households with a request that may be deleted, as hypothesis makes them up."""

from dataclasses import replace

from hypothesis import strategies as st

from custom_components.showrunner.domain.media import MOVIE, Place
from custom_components.showrunner.domain.requests.seasons import ALL, TheseSeasons

from .replay import Download, File, Household
from .samples import FILM, HASH, OTHER, SERIES

PLACES = tuple(Place(season, number) for season in (1, 2) for number in (1, 2))


def bits(chance: int = 5) -> st.SearchStrategy[bool]:
    """Say yes seldom: a household in which everything is odd has nothing to delete."""
    return st.integers(0, chance).map(lambda number: number == 0)


@st.composite
def downloads(draw: st.DrawFn, places: tuple[Place, ...], *, held: bool) -> dict[str, Download]:
    """Make up to two torrents. Of each somebody tells: our facts, or the queue of its arr."""
    found = {}
    for name in (HASH, OTHER)[: draw(st.integers(0, 2))]:
        of = frozenset(draw(st.sets(st.sampled_from(places), min_size=1)))
        answer: frozenset[Place | None] = of
        if draw(bits()):
            answer = draw(st.sampled_from([frozenset(), of | {None}] if held else [of | {None}]))
        found[name] = Download(
            name,
            of,
            answer,
            complete=draw(bits()),
            in_client=not draw(bits()),
            queued=0 if answer and draw(bits()) else draw(st.integers(1, 3)),
            kept=draw(bits(9)),
            awaited=draw(bits(9)),
            busy=draw(st.integers(1, 3)) if draw(bits()) else 0,
        )
    return found


@st.composite
def files(draw: st.DrawFn, places: tuple[Place, ...]) -> dict[int, File]:
    """Make a file for some units, or for two of them together."""
    found: dict[int, File] = {}
    left = list(places)
    while left:
        many = 2 if len(left) > 1 and draw(bits()) else 1
        mine, left = left[:many], left[many:]
        if draw(st.integers(0, 3)):
            number = 500 + len(found)
            found[number] = File(
                number,
                frozenset(mine),
                shown=draw(st.integers(0, 4)),
                proven=not draw(bits(9)),
                loved=draw(bits(9)),
                playing=draw(bits(9)),
            )
    return found


@st.composite
def households(draw: st.DrawFn) -> Household:
    """Make a household with a requested film, or with some seasons of a series."""
    movie = draw(st.booleans())
    places = (MOVIE,) if movie else PLACES
    request = FILM if movie else replace(SERIES, seasons=draw(st.sampled_from(_SEASONS)))
    request = replace(request, arr=("arr", 4))
    other = replace(request, id="o", ref="o")
    if not movie:
        other = replace(other, seasons=TheseSeasons((2,)))
    held = not draw(bits(9))
    return Household(
        request,
        draw(files(places)),
        {place: not draw(bits(3)) for place in places},
        draw(downloads(places, held=held)),
        held=held,
        kept=draw(bits(9)),
        words=frozenset({draw(st.sampled_from([None] if movie else [None, 1, 2]))})
        if draw(bits(9))
        else frozenset(),
        others=(other,) if draw(bits(6)) else (),
        media=not draw(bits()),
        lone=not draw(bits()),
    )


_SEASONS = [TheseSeasons((1,)), TheseSeasons((1, 2)), ALL]
