"""From which downloads something was imported, by what the arrs' histories name."""

from datetime import timedelta

from custom_components.showrunner.domain.history import HistoryEvent, HistoryKind
from custom_components.showrunner.domain.seeding import ArrHistory, Imports
from tests.domain.samples import NOW

ONE, OTHER = "A" * 40, "B" * 40


def row(number: int, kind: HistoryKind, episode: int, name: str) -> HistoryEvent:
    """Make a row."""
    return HistoryEvent(number, kind, NOW + timedelta(minutes=number), 1, episode, name)


def test_only_what_was_imported_and_was_asked_for_is_named() -> None:
    """Of a pack, of two downloads of one episode, and not of a grab that came to nothing."""
    came, grabbed = HistoryKind.IMPORTED, HistoryKind.GRABBED
    events = (
        *(row(1, came, 11, ONE), row(2, came, 12, ONE), row(3, grabbed, 13, ONE)),
        *(row(4, came, 11, OTHER), row(5, came, 14, "C" * 40), row(6, grabbed, 15, "D" * 40)),
    )
    said = Imports.of([ArrHistory(one, one, False, events) for one in ("s1", "s2")])
    wanted = {("s1", (1, number)) for number in (11, 12, 13, 15, 99)}
    assert said.downloads_of(wanted) == {
        ("s1", (1, 11)): {ONE, OTHER},
        ("s1", (1, 12)): {ONE},
    }
    assert said.downloads_of(()) == {}
