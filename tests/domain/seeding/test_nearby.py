"""What is left out of the places because few torrents are judged changes nothing for them."""

from hypothesis import given, settings, strategies as st

from custom_components.showrunner.domain.seeding import Places
from custom_components.showrunner.domain.seeding.nearby import nearby
from custom_components.showrunner.domain.seeding.placed import Placed
from tests.effort import examples

from .samples import film

HASHES = [letter * 40 for letter in "ABCDEF"]
HOSTS = {"c1": "box", "c2": "box", "c3": "a.lan", "c4": "b.lan"}
NAMES = ["data", "a", "b", "Caf\xe9", "c.mkv"]


@st.composite
def placed(draw: st.DrawFn) -> Placed:
    """Draw a torrent somewhere: few names, so that many have to do with each other."""
    path = "/" + "/".join(draw(st.lists(st.sampled_from(NAMES), max_size=4)))
    service = draw(st.sampled_from(sorted(HOSTS)))
    return Placed(
        service,
        HOSTS[service],
        film(
            0,
            hash=draw(st.sampled_from(HASHES)),
            name=draw(st.sampled_from([*NAMES, "Caf?", "other"])),
            size_bytes=draw(st.integers(1, 4)),
            other_hashes=draw(st.sampled_from([(), (), (HASHES[0],)])),
            content_path=draw(st.sampled_from([path, path, path, path, None])),
            save_path=draw(st.sampled_from([None, path, path + "/", "/data"])),
        ),
    )


@settings(max_examples=examples(1500), deadline=None)
@given(
    st.lists(placed(), min_size=1, max_size=9, unique_by=lambda one: one.key),
    st.integers(0, 3),
    st.integers(1, 2),
)
def test_few_are_seen_as_among_all(all_of_them: list[Placed], missing: int, few: int) -> None:
    """Whoever shares, may share, is above, below, called alike, or loose somewhere."""
    gone, there = all_of_them[:missing], all_of_them[missing:]
    whole = Places(there, gone)
    for begin in range(0, len(there), few):
        some = there[begin : begin + few]
        near = nearby(all_of_them, some)
        assert {one.key for one in some} <= {one.key for one in near}
        part = Places([one for one in near if one in there], [one for one in near if one in gone])
        for one in some:
            assert part.known(one) == whole.known(one)
            assert part.shares(one) == whole.shares(one)
            assert part.others(one.key) == whole.others(one.key)
            assert part.is_near_vanished(one.key) == whole.is_near_vanished(one.key)
            assert part.is_near_loose(one.key) == whole.is_near_loose(one.key)
            assert part.may_have_alias(one.key) == whole.may_have_alias(one.key)
            assert part.may_name(one.host, ["x/Caf", "b"]) == whole.may_name(
                one.host, ["x/Caf", "b"]
            )


def test_of_thousands_only_those_that_may_matter_are_left() -> None:
    """Else each step would cost as much as the plan."""
    many = [
        Placed("c1", "box", film(number, hash=f"{number:040X}", content_path=f"/d/F {number}"))
        for number in range(1000)
    ]
    assert len(nearby(many, many[7:8])) <= 2
