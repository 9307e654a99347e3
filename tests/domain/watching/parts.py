"""Parts of viewings, made up."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import strategies as st

from custom_components.showrunner.domain.media import ProviderIds
from custom_components.showrunner.domain.watching import (
    ReportSource,
    Seen,
    Viewing,
)

from ..samples import NOW, UNIT

BARE = replace(UNIT, ids=ProviderIds())


parts = st.builds(
    Viewing,
    viewer_id=st.just("a" * 32),
    unit=st.sampled_from([UNIT, BARE, replace(UNIT, item_id="k" * 32)]),
    day=st.just(NOW.date()),
    started_at=st.integers(0, 50).map(lambda m: NOW + timedelta(minutes=m)),
    ended_at=st.integers(60, 120).map(lambda m: NOW + timedelta(minutes=m)),
    watched=st.integers(0, 7200).map(float),
    position=st.integers(0, 7200).map(float),
    runtime=st.none() | st.just(7200.0),
    credits_jump=st.booleans(),
    completed=st.booleans(),
    finished=st.booleans(),
    device=st.sampled_from(["tv", "phone"]),
    client=st.just("x"),
    play_method=st.sampled_from(["directplay", "transcode"]),
    sources=st.frozensets(st.sampled_from(ReportSource), min_size=1),
    confirmed=st.booleans(),
    doubted=st.booleans(),
    seen=st.none()
    | st.builds(
        Seen,
        st.integers(0, 7200).map(float),
        st.integers(0, 7200).map(float),
        st.integers(60, 120).map(lambda m: NOW + timedelta(minutes=m)),
    ),
)
