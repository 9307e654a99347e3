"""A viewer who is forgotten is in no table any more; all others are as they were."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
import sqlite3

from custom_components.showrunner.domain.acquisition import Acquisition, AcquisitionState
from custom_components.showrunner.domain.candidate import Viewer
from custom_components.showrunner.domain.decision import decide
from custom_components.showrunner.domain.library import MarkSource, UserRow, WatchedMark
from custom_components.showrunner.domain.media import ProviderIds
from custom_components.showrunner.domain.text import plain, say
from custom_components.showrunner.domain.watching import Past, Tracker
from custom_components.showrunner.store import LedgerState, Store
from tests.domain.plans import step
from tests.domain.samples import FILM, NOW, POLICY, UNIT, candidate

from .viewings import WHOLE

_GONE, _STAYS = "c0ffee" * 5 + "c0", "b" * 32
_NAME = "Zaphod"


def _dump(path: Path) -> str:
    """Give everything that SQL can see."""
    with sqlite3.connect(path) as raw:
        text = "\n".join(raw.iterdump())
    raw.close()
    return text


async def _live(store: Store, viewer_id: str, name: str) -> None:
    """Leave every kind of trace."""
    viewing = replace(WHOLE, viewer_id=viewer_id)
    await store.viewings.save(viewing)
    mark = WatchedMark(UNIT.keys, UNIT.item_id, NOW, MarkSource.VIEWING)
    await store.watched.mark(viewer_id, (mark,))
    row = UserRow("i" * 32, played=True, favorite=True, play_count=1, position=0.0, last_played=NOW)
    await store.userdata.take(viewer_id, (row,))
    await store.kv.put(f"sweep:{viewer_id}", {"page": 1})
    viewer = Viewer(viewer_id, name, tracked=True, may_download=False)
    decision = decide(candidate(viewer=viewer), POLICY, NOW)
    await store.decisions.add(decision, plan_id="p")
    await store.acquisitions.put(
        Acquisition(
            id=f"of {name[::-1]}",
            title=FILM,
            state=AcquisitionState.IMPORTED,
            created_at=NOW,
            next_at=None,
            viewer_id=viewer_id,
            viewer_name=name,
        )
    )


async def test_nothing_is_left_of_a_forgotten_viewer(store: Store, path: Path) -> None:
    """Neither id nor name; what was decided and done stays, without whom it was for."""
    await _live(store, _GONE, _NAME)
    await _live(store, _STAYS, "Trillian")
    tracker = Tracker(recent=(Past(replace(WHOLE, viewer_id=_GONE), 1.0), Past(WHOLE, 2.0)))
    await store.kv.put("tracker", tracker.as_dict())
    number = await store.ledger.begin("download", "p", step(1), {})
    await store.ledger.finish(number, LedgerState.DONE, "done", {})
    before = _dump(path)
    assert _GONE in before
    assert _NAME in before
    changed: list[str] = []
    store.add_listener(changed.append, _GONE)
    assert await store.forget_viewer(_GONE, _NAME) == 1
    left = _dump(path)
    assert _GONE not in left
    assert _NAME not in left
    assert "viewings" in changed
    assert await store.viewings.watch_hours(_GONE) == {}
    # The other one's, and what belongs to nobody.
    assert [one.viewer_id for one in await store.viewings.history(title=UNIT.title.key)] == [_STAYS]
    assert await store.watched.is_watched(_STAYS, UNIT) is not None
    assert await store.watched.is_watched(_GONE, UNIT) is None
    assert await store.userdata.favorites(_STAYS) == {"i" * 32}
    assert await store.kv.get(f"sweep:{_STAYS}") == {"page": 1}
    kept = await store.kv.get("tracker")
    assert isinstance(kept, dict)
    assert Tracker.from_dict(kept).recent == (Past(WHOLE, 2.0),)
    decisions = await store.decisions.for_title(FILM.key)
    assert [one["viewer"] for one in decisions] == [None, "Trillian"]
    assert [one["plan_id"] for one in decisions] == ["p", "p"]
    assert [one.viewer_name for one in await store.acquisitions.for_title(FILM.key)] == [
        "",
        "Trillian",
    ]
    assert len(await store.ledger.for_title(FILM.key)) == 1
    # Tracked again, they begin anew.
    assert (await store.viewings.save(replace(WHOLE, viewer_id=_GONE))).newly_completed


async def test_a_name_in_a_list_of_texts_goes(store: Store, path: Path) -> None:
    """However deep in a reason; a word of the list that is the name's stays."""
    viewer = Viewer(_GONE, _NAME, tracked=True, may_download=True)
    named = say("finding_may_not", viewer=_NAME)
    reason = say("facts", all=(say("facts", all=(named,)), "Zaphod (2011)"))
    decision = replace(decide(candidate(viewer=viewer), POLICY, NOW), reason=reason)
    await store.decisions.add(decision)
    await store.forget_viewer(_GONE, _NAME)
    (kept,) = await store.decisions.for_title(FILM.key)
    somebody = say("finding_may_not", viewer=say("a_viewer"))
    assert kept["reason"] == plain(
        say("facts", all=(say("facts", all=(somebody,)), "Zaphod (2011)"))
    )


async def test_many_viewings_go_in_batches(store: Store) -> None:
    """All of them."""
    for number in range(12):
        unit = replace(UNIT, ids=ProviderIds(tmdb=number + 1), item_id=f"{number:032x}")
        ended = WHOLE.ended_at + timedelta(minutes=number)
        await store.viewings.save(replace(WHOLE, unit=unit, ended_at=ended))
    from custom_components.showrunner.store import forgetting

    forgetting._BATCH, kept = 5, forgetting._BATCH
    try:
        assert await store.forget_viewer(WHOLE.viewer_id, "") == 12
    finally:
        forgetting._BATCH = kept
    assert await store.viewings.history() == ()


async def test_a_name_that_is_a_word_harms_no_title(store: Store) -> None:
    """Somebody is called as the film is; only those decisions change that are about them."""
    film = replace(FILM, name="Zaphod")
    viewer = Viewer(_STAYS, "Trillian", tracked=True, may_download=True)
    await store.decisions.add(decide(candidate(viewer=viewer, title=film), POLICY, NOW))
    await store.forget_viewer(_GONE, _NAME)
    (kept,) = await store.decisions.for_title(film.key)
    assert (kept["title"], kept["viewer"]) == ("Zaphod (2011)", "Trillian")
