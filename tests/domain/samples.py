"""Titles, candidates, reports and plans for the domain's tests."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from custom_components.showrunner.domain.candidate import NOT_ASKED, Candidate, Override, Viewer
from custom_components.showrunner.domain.knowledge import Absent, Knowledge, Known, Unknown
from custom_components.showrunner.domain.media import (
    MediaType,
    ProviderIds,
    Title,
    Unit,
    UnitKind,
)
from custom_components.showrunner.domain.policy import Policy
from custom_components.showrunner.domain.text import say
from custom_components.showrunner.domain.watching import (
    PlaybackReport,
    ReportKind,
    ReportSource,
)

NOW = datetime(2026, 6, 10, 20, 0, tzinfo=UTC)
FILM = Title(MediaType.MOVIE, ProviderIds(tmdb=990001, imdb="tt9900001"), "The Lantern", 2011)
SERIES = Title(MediaType.SERIES, ProviderIds(tvdb=880101), "The Ministry", 2015)
VIEWER = Viewer("a" * 32, "Sofa", tracked=True, may_download=True)
POLICY = Policy()
UNIT = Unit(
    UnitKind.MOVIE, "The Lantern", "s" * 32, "i" * 32, ids=ProviderIds(tmdb=990001), year=2011
)


def candidate(**facts: object) -> Candidate:
    """Make a candidate of which everything is known and nothing speaks for or against."""
    plain = Candidate(
        title=FILM,
        viewer=VIEWER,
        local=Known(value=False, source="radarr"),
        queued=Known(value=False, source="radarr"),
        released=Known(value=True, source="radarr"),
        genres=Known(("Drama",), "radarr"),
        imdb_rating=Known(6.5, "radarr:imdb"),
        imdb_votes=Known(120_000, "radarr:imdb"),
        texts=("The Lantern", "The.Lantern.2011.1080p.mkv"),
        original_language=Known("English", "radarr"),
        seeders=Known(200, "prowlarr"),
        favorite=Known(value=False, source="jellyfin"),
        tags=Known(frozenset(), "radarr"),
        viewings=Known(1, "history"),
    )
    return replace(plain, **facts)  # type: ignore[arg-type]


def known_or_not[T](values: st.SearchStrategy[T]) -> st.SearchStrategy[Knowledge[T]]:
    """Give all three answers."""
    return st.one_of(
        st.builds(Known, values, st.sampled_from(["radarr", "jellyfin"])),
        st.just(Absent("x")),
        st.builds(Unknown, st.sampled_from([say("no_answer"), NOT_ASKED]), st.just("x")),
    )


times = st.integers(0, 200 * 24).map(lambda hours: NOW - timedelta(hours=hours))
genres = st.lists(
    st.sampled_from(["Drama", "Animation", "Silent", "Horror", "Family"]), max_size=3
).map(tuple)
ratings = st.integers(0, 100).map(lambda tenths: tenths / 10)
viewers = st.one_of(
    st.none(),
    st.builds(
        Viewer,
        st.just("a" * 32),
        st.just("Sofa"),
        tracked=st.booleans(),
        may_download=st.booleans(),
        rewatch_count=st.none() | st.integers(1, 4),
        rewatch_days=st.none() | st.integers(1, 400),
    ),
)
candidates = st.builds(
    Candidate,
    title=st.sampled_from([FILM, SERIES, replace(FILM, year=1962), replace(FILM, year=None)]),
    viewer=viewers,
    override=st.sampled_from(Override),
    local=known_or_not(st.booleans()),
    queued=known_or_not(st.booleans()),
    searched_at=known_or_not(times),
    deleted_at=known_or_not(times),
    released=known_or_not(st.booleans()),
    genres=known_or_not(genres),
    imdb_rating=known_or_not(ratings),
    imdb_votes=known_or_not(st.integers(0, 2_000_000)),
    community_rating=known_or_not(ratings),
    texts=st.lists(
        st.sampled_from(["A Film", "A.Film.Directors.Cut", "Uncut", "Uncutter", "Restored_1080p"]),
        max_size=3,
    ).map(tuple),
    original_language=known_or_not(st.sampled_from(["English", "German", "Japanese"])),
    seeders=known_or_not(st.integers(0, 500)),
    favorite=known_or_not(st.booleans()),
    tags=known_or_not(st.frozensets(st.sampled_from(["favorite", "Favorite", "4k"]))),
    viewings=known_or_not(st.integers(0, 6)),
)
policies = st.builds(
    Policy,
    completion=st.integers(50, 100),
    rewatch_count=st.integers(1, 5),
    rewatch_days=st.integers(1, 400),
    instant_rating=ratings,
    rewatch_rating=ratings,
    rare_rating=ratings,
    rare_votes=st.integers(0, 500_000),
    rare_before_year=st.integers(1900, 2030),
    rare_seeders=st.integers(0, 50),
    genres_instant=genres,
    genres_rare=genres,
    genres_excluded=genres,
    favorite_tag=st.sampled_from(["favorite", ""]),
    guests_instant=st.booleans(),
    cooldown_days=st.integers(0, 365),
)


def day_of(at: datetime) -> date:
    """Take UTC's day."""
    return at.date()


def report(
    kind: ReportKind,
    minute: float,
    position: float | None,
    *,
    source: ReportSource = ReportSource.POLL,
    unit: Unit = UNIT,
    runtime: float | None = 120,
    user: str = "a" * 32,
    session: str = "tv",
    **more: object,
) -> PlaybackReport:
    """Make a report at a minute of the evening; position and runtime in minutes."""
    return PlaybackReport(
        source=source,
        kind=kind,
        at=NOW + timedelta(minutes=minute),
        user_id=user,
        user_name="Sofa",
        unit=unit,
        position=None if position is None else position * 60,
        runtime=None if runtime is None else runtime * 60,
        session_id=session,
        device=session,
        **more,  # type: ignore[arg-type]
    )
