"""Names of requests: read by one reader, and written as they are kept."""

from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.domain.requests.ref import RequestRef, RequestSource

SEERR = RequestRef(RequestSource.SEERR, "01JSEERR", 42)


@given(
    st.sampled_from(RequestSource),
    st.text(st.characters(exclude_characters="\n"), min_size=1),
    st.integers(0, 10**15),
)
def test_a_name_is_read_as_it_was_written(source: RequestSource, service: str, number: int) -> None:
    """Whatever a subentry is called."""
    ref = RequestRef(source, service, number)
    assert RequestRef.parse(ref.text) == ref


def test_what_is_kept_stays_as_it_always_was() -> None:
    assert SEERR.text == "seerr:01JSEERR:42"
    assert RequestRef(RequestSource.ARR, "r1", 7).text == "arr:r1:7"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "seerr",
        "seerr:42",
        "seerr::42",
        "seerr:x:",
        "seerr:x:-1",
        "seerr:x:042",
        "seerr:x:4 2",
        "seerr:x:\u0664\u0662",
        "seerr:x:\u00b2",
        "seerr:x:42\n",
        "plex:x:42",
        "seerr:x:" + "9" * 40,
    ],
)
def test_what_is_no_such_name_names_nobodys_request(text: str) -> None:
    """Then nothing is asked of any Seerr in its name."""
    assert RequestRef.parse(text) is None
