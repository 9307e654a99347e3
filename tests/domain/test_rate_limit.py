"""How often one caller may ask."""

from hypothesis import given, strategies as st

from custom_components.showrunner.domain.rate_limit import RateLimit

# Eighths of seconds: sums of them are exact.
pauses = st.integers(0, 240).map(lambda eighths: eighths / 8)
calls = st.lists(st.tuples(st.sampled_from(("a", "b")), pauses), max_size=80)


def test_a_refused_call_says_how_long_to_wait() -> None:
    """After that long it is admitted; to ask meanwhile makes it no longer."""
    limit = RateLimit(limit=2, window=60)
    assert [limit.admit("a", at) for at in (0, 10)] == [0, 0]
    assert limit.admit("a", 20) == 40
    assert limit.admit("a", 59) == 1
    assert limit.admit("b", 59) == 0
    assert limit.admit("a", 60) == 0
    assert limit.admit("a", 61) == 9


@given(calls)
def test_no_window_holds_more_than_the_limit(steps: list[tuple[str, float]]) -> None:
    """Whoever asks, and whenever; nobody pays for another."""
    limit, now = RateLimit(limit=3, window=60), 0.0
    admitted: list[tuple[str, float]] = []
    for caller, pause in steps:
        now += pause
        recent = [at for who, at in admitted if who == caller and at > now - 60]
        wait = limit.admit(caller, now)
        assert (wait == 0) is (len(recent) < 3)
        if not wait:
            admitted.append((caller, now))
    held = {who for who, at in admitted if at > now - 60}
    assert set(limit._calls) <= held | {steps[-1][0]} if steps else not limit._calls


def test_who_has_not_asked_for_long_is_forgotten() -> None:
    """Whoever asks then: as many are held as really ask."""
    limit = RateLimit(limit=2, window=60)
    assert [limit.admit(who, at) for who, at in (("a", 0), ("b", 30))] == [0, 0]
    assert limit.admit("c", 60) == 0
    assert set(limit._calls) == {"b", "c"}
    assert limit.admit("c", 90) == 0
    assert set(limit._calls) == {"c"}
