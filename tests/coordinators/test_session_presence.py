"""Who plays, from one look to the next: nobody is gone because one answer does not name them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st

from custom_components.showrunner.coordinators.session_presence import SETTLING, SessionPresence
from custom_components.showrunner.domain.media import ProviderIds, Unit, UnitKind
from custom_components.showrunner.domain.watching import PlaybackReport, ReportKind, ReportSource

NOW = datetime(2026, 11, 24, 20, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def playing(
    user: str = "sofa", session: str = "one", item: int = 1, device: str = "Television"
) -> PlaybackReport:
    """Make a report of a film that plays."""
    unit = Unit(UnitKind.MOVIE, "Heat", "server", f"{item:032x}", ids=ProviderIds(tmdb=item))
    return PlaybackReport(
        ReportSource.POLL,
        ReportKind.PROGRESS,
        NOW,
        user,
        user,
        unit,
        10.0,
        100.0,
        session_id=session,
        device=device,
        client="Web",
    )


def stops(reports: tuple[PlaybackReport, ...]) -> list[str]:
    """Name the sessions that are told to have stopped."""
    return [one.session_id for one in reports if one.kind is ReportKind.STOPPED]


def test_one_answer_without_a_session_is_not_enough() -> None:
    """The second is, and is the last word."""
    roll = SessionPresence()
    roll.take([playing()], NOW)
    assert stops(roll.take([], NOW + SECOND)) == []
    assert roll.doubtful
    (stopped,) = roll.take([], NOW + 2 * SECOND)
    assert (stopped.kind, stopped.at, stopped.position) == (
        ReportKind.STOPPED,
        NOW + 2 * SECOND,
        10.0,
    )
    assert not roll.doubtful
    assert roll.take([], NOW + 3 * SECOND) == ()


def test_what_is_played_is_known_by_its_user_and_item() -> None:
    """Also while it is missing; a webhook names no session, or calls it otherwise."""
    roll = SessionPresence()
    roll.take([playing()], NOW)
    roll.take([playing(item=2, session="two")], NOW + SECOND)
    assert roll.is_playing(playing(session="", device="elsewhere"))
    assert roll.is_playing(playing(item=2))
    assert not roll.is_playing(playing(user="attic"))
    assert not roll.is_playing(playing(item=3))


def test_who_dropped_out_for_a_moment_has_not_stopped() -> None:
    """Back in the next answer."""
    roll = SessionPresence()
    for one in ([playing()], [], [playing()], [], [playing()]):
        assert stops(roll.take(one, NOW)) == []
    assert not roll.doubtful


def test_one_of_two_stops() -> None:
    """The other plays on."""
    roll = SessionPresence()
    roll.take([playing(), playing("kitchen", "two")], NOW)
    roll.take([playing("kitchen", "two")], NOW)
    assert stops(roll.take([playing("kitchen", "two")], NOW)) == ["one"]


def test_a_server_that_was_ill_is_not_believed_at_once() -> None:
    """Its clients need a moment; who is still missing then has stopped."""
    roll = SessionPresence()
    roll.take([playing(), playing("kitchen", "two")], NOW)
    roll.server_was_ill(NOW)
    for second in range(1, 5):
        assert stops(roll.take([], NOW + second * SECOND)) == []
    assert stops(roll.take([playing()], NOW + 5 * SECOND)) == []
    assert stops(roll.take([playing()], NOW + SETTLING)) == ["two"]


def test_a_new_session_of_the_same_play_keeps_the_old_name() -> None:
    """After a restart of the server; also after a second one, and for a webhook's report."""
    roll = SessionPresence()
    roll.take([playing(session="one")], NOW)
    for session in ("two", "two", "three"):
        presences = roll.take([playing(session=session)], NOW)
        assert [(one.kind, one.session_id) for one in presences] == [(ReportKind.PROGRESS, "one")]
    stop = replace(playing(session="three"), kind=ReportKind.STOPPED)
    assert roll.named(stop).session_id == "one"
    assert roll.session_id("three") == "one"
    roll.take([], NOW)
    assert stops(roll.take([], NOW)) == ["one"]
    assert roll.named(stop).session_id == "three"


def test_another_device_is_another_play() -> None:
    """Or another title, or another viewer, or the first one while it still plays."""
    for other in (
        playing(session="two", device="Tablet"),
        playing(session="two", item=2),
        playing("kitchen", session="two"),
    ):
        roll = SessionPresence()
        roll.take([playing()], NOW)
        assert [one.session_id for one in roll.take([other], NOW)] == ["two"]
    roll = SessionPresence()
    roll.take([playing()], NOW)
    presences = roll.take([playing(), playing(session="two")], NOW)
    assert [one.session_id for one in presences] == ["one", "two"]


@given(st.lists(st.sets(st.integers(0, 3)), max_size=20))
def test_every_play_that_ends_is_told_once(looks: list[set[int]]) -> None:
    """Whatever the answers are: a stop follows two answers without, and only then."""
    roll = SessionPresence()
    absent = dict.fromkeys(range(4), 2)  # answers without it since it played last
    for look in looks:
        presences = roll.take([playing(session=str(one), item=one + 1) for one in look], NOW)
        for one in range(4):
            absent[one] = 0 if one in look else absent[one] + 1
        expected = [str(one) for one in range(4) if absent[one] == 2]
        assert (
            sorted(stops(presences))
            == [one for one in expected if one in stops(presences)]
            == expected
        )
        ended = [kind for kind in (one.kind for one in presences) if kind is ReportKind.STOPPED]
        assert [one.kind for one in presences][: len(ended)] == ended
