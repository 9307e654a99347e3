"""Facts and requests as hypothesis makes them up: anything that a service may have told."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from custom_components.showrunner.domain.media import MOVIE, MediaType, Place, ProviderIds, Title
from custom_components.showrunner.domain.requests.facts import (
    Event,
    EventKind,
    Fact,
    Facts,
    Inventory,
    JellyfinPresence,
    Transfer,
    Trouble,
)
from custom_components.showrunner.domain.requests.request import Request
from custom_components.showrunner.domain.requests.seasons import ALL, TheseSeasons

from .samples import HASH, OTHER, START

PLACES = (MOVIE, Place(1, 1), Place(1, 2), Place(0, 5))

instants = st.builds(
    lambda days, microseconds: START + timedelta(days, microseconds=microseconds),
    st.integers(-5, 5),
    st.integers(0, 86_400_000_000),
) | st.datetimes(
    datetime(1900, 1, 1),  # noqa: DTZ001  the zone is given beside
    datetime(9999, 12, 31),  # noqa: DTZ001
    timezones=st.just(UTC),
)
places = st.sampled_from(PLACES)
names = st.sampled_from([HASH, OTHER, "file:901", ""])
words = st.text(st.characters(), max_size=5) | st.sampled_from(["no space left", "\0", "\ud800"])
percent = st.none() | st.floats(0, 100) | st.integers(0, 100)

events = st.builds(Event, st.sampled_from(EventKind), instants, st.none() | places, names, words)
transfers = st.builds(
    Transfer,
    names,
    instants,
    percent,
    percent,
    st.sampled_from(Trouble),
    words,
    st.sampled_from(["client", "queue"]),
    st.none() | instants,
    st.none() | instants,
)
inventories = st.builds(
    Inventory,
    places,
    instants,
    st.booleans(),
    st.booleans(),
    st.none() | instants,
    st.none() | instants,
    words,
    st.none() | instants,
)
presences = st.builds(
    JellyfinPresence,
    places,
    instants,
    st.booleans(),
    st.none() | instants,
    st.none() | instants,
    st.none() | instants,
)


def facts(most: int = 12) -> st.SearchStrategy[Facts]:
    """Make up what is known of a request."""
    every: st.SearchStrategy[Fact] = st.one_of(events, transfers, inventories, presences)
    return st.lists(every, max_size=most).map(Facts().with_)


@st.composite
def requests(draw: st.DrawFn) -> Request:
    """Make up a request of a movie or of a series."""
    movie = draw(st.booleans())
    numbers = st.none() | st.integers(1, 2**40)
    ids = ProviderIds(draw(numbers), draw(numbers), draw(st.sampled_from([None, "tt0133093"])))
    seasons = st.just(ALL) | st.sets(st.integers(0, 3), min_size=1).map(
        lambda found: TheseSeasons(tuple(found))
    )
    media = MediaType.MOVIE if movie else MediaType.SERIES
    return Request(
        draw(words) or "1",
        draw(words) or "1",
        Title(media, ids, draw(words), draw(st.none() | st.integers(1900, 2100))),
        draw(instants),
        None if movie else draw(seasons),
        is_4k=draw(st.booleans()),
        anime=draw(st.booleans()),
        requested_by=draw(words),
        poster=draw(words),
        other_titles=tuple(draw(st.lists(words, max_size=3))),
        arr=draw(st.none() | st.tuples(words, st.integers(1, 2**40))),
        floor=draw(st.none() | instants),
    )
