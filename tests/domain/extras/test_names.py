"""Names of files: letters that are no text, and what another program still writes."""

from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.domain.extras.escaping import escaped, shown, unescaped
from custom_components.showrunner.domain.extras.names import unfinished
from custom_components.showrunner.domain.extras.values import Fingerprint

# A part of a path as a file system may have it: any bytes, read as Python reads them.
_PARTS = (
    st.binary(min_size=1, max_size=12)
    .filter(lambda one: b"/" not in one and b"\0" not in one and one not in (b".", b".."))
    .map(lambda one: one.decode(errors="surrogateescape"))
)


@given(st.lists(_PARTS, min_size=1, max_size=4))
def test_a_path_of_any_bytes_is_kept_as_text_and_read_back_exactly(parts: list[str]) -> None:
    kept = escaped(parts)
    kept.encode()
    assert unescaped(kept) == tuple(parts)


def test_what_is_text_is_kept_as_it_is() -> None:
    """Only what would be taken for an escape, and what is no text, is written otherwise."""
    assert escaped(("Caf\u00e9", "50% \udce9.mkv")) == "Caf\u00e9/50%25 %E9.mkv"
    assert unescaped("a%41b/%7F") == ("a%41b", "%7F")


@pytest.mark.parametrize("path", ["", "a//b", "/a", "a/", "a/../b", ".", "a/./b", "a\0"])
def test_what_is_no_path_within_a_folder_is_refused(path: str) -> None:
    """Nobody deletes by it."""
    with pytest.raises(ValueError, match="path"):
        unescaped(path)


def test_letters_that_can_not_be_seen_are_marked() -> None:
    assert shown("Caf\u00e9 \udce9\n\u200b.mkv") == "Caf\u00e9 \ufffd\ufffd\ufffd.mkv"


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("film.mkv.part", "film.mkv"),
        ("Film.MKV.!qB", "Film.MKV"),
        ("film.mkv.lftp-pget-status", "film.mkv"),
        ("film.mkv", None),
        ("film.party", None),
    ],
)
def test_what_another_program_still_writes_is_known_by_its_ending(
    name: str, written: str | None
) -> None:
    """However it is spelled."""
    assert unfinished(name) == written


def test_a_file_system_that_numbers_anew_has_the_same_files() -> None:
    """As long as they have their size and their time."""
    one = Fingerprint(1, 7, 9)
    assert one.same_content(Fingerprint(2, 7, 9))
    assert not one.same_content(Fingerprint(1, 8, 9))
    assert not one.same_content(Fingerprint(1, 7, 8))
