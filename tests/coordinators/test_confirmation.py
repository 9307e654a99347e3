"""How often Jellyfin is asked for plays that only webhooks told of: one flood is few questions."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from custom_components.showrunner.clients.errors import Unreachable
from custom_components.showrunner.clients.jellyfin_models import JellyfinItem
from custom_components.showrunner.coordinators.confirmation import Confirmation
from custom_components.showrunner.domain.media import ProviderIds
from custom_components.showrunner.domain.watching import ReportSource, Viewing
from tests.domain.samples import NOW, UNIT


def told(number: int, viewer: str = "sofa") -> Viewing:
    """Make a completed play that only a webhook told of."""
    return Viewing(
        viewer_id=viewer,
        unit=replace(UNIT, item_id=f"{number:032x}", ids=ProviderIds(tmdb=number)),
        day=NOW.date(),
        started_at=NOW,
        ended_at=NOW + timedelta(hours=2),
        watched=7200.0,
        position=7200.0,
        runtime=7200.0,
        sources=frozenset({ReportSource.WEBHOOK}),
        completed=True,
        finished=True,
    )


def kept(viewing: Viewing, at: datetime | None = NOW) -> JellyfinItem:
    """Make what Jellyfin says of an item that was played then."""
    return JellyfinItem(
        unit=viewing.unit,
        original_title=None,
        path=None,
        genres=(),
        community_rating=None,
        source_paths=(),
        runtime=7200.0,
        is_favorite=False,
        played=at is not None,
        play_count=0 if at is None else 1,
        last_played=at,
    )


class Jellyfin:
    """Has some items, and counts what it is asked."""

    def __init__(self, *items: JellyfinItem) -> None:
        self._items = {one.unit.item_id: one for one in items}
        self.asked: list[tuple[str, int]] = []
        self.fails = False

    async def items(self, ids: Sequence[str], user_id: str) -> tuple[JellyfinItem, ...]:
        """Find several."""
        self.asked.append((user_id, len(ids)))
        if self.fails:
            raise Unreachable("Jellyfin", "it is asleep")
        return tuple(self._items[one] for one in ids if one in self._items)

    async def item(self, item_id: str, user_id: str) -> JellyfinItem | None:
        """Find one."""
        self.asked.append((user_id, 1))
        return self._items.get(item_id)


class Room:
    """A confirmation with a Jellyfin, and what it has let count."""

    def __init__(self, jellyfin: Jellyfin) -> None:
        self.jellyfin, self.counted = jellyfin, list[str]()
        playback: Any = SimpleNamespace(
            on_viewing=lambda listener: None, completion=lambda user: 85.0, confirm=self._confirm
        )
        self.confirmation = Confirmation(jellyfin, playback, None, lambda: NOW)  # type: ignore[arg-type]

    async def _confirm(self, viewing: Viewing, *, tracked: bool) -> None:
        self.counted.append(viewing.unit.item_id)

    async def told(self, *viewings: Viewing) -> None:
        """Take in what is in doubt, and ask once."""
        for one in viewings:
            await self.confirmation.viewed(one, tracked=True)
        await self.confirmation._round()


async def test_a_flood_of_forged_plays_is_a_few_questions() -> None:
    """Of 120 that nobody played, and one that somebody did; each is asked about again later."""
    true = told(500)
    room = Room(Jellyfin(kept(true), kept(told(7), None)))
    await room.told(*(told(number) for number in range(1, 121)), true)
    assert room.counted == [true.unit.item_id]
    assert room.jellyfin.asked == [("sofa", 50), ("sofa", 50), ("sofa", 21), ("sofa", 1)]
    assert len(room.confirmation._doubts) == 120
    assert {one.refused for one in room.confirmation._doubts.values()} == {1}


async def test_one_alone_is_one_question_and_viewers_are_asked_apart() -> None:
    """What Jellyfin keeps is a viewer's own."""
    mine, theirs = told(1), told(1, "attic")
    room = Room(Jellyfin(kept(mine)))
    await room.told(mine)
    assert room.jellyfin.asked == [("sofa", 1)]
    await room.told(told(2), told(3), theirs)
    assert room.jellyfin.asked[1:] == [("sofa", 2), ("attic", 1)]
    assert room.counted == [mine.unit.item_id] * 2


async def test_what_got_no_answer_together_is_asked_about_one_by_one() -> None:
    """A server that does not take many ids at once refutes nothing."""
    first, second = told(1), told(2)
    room = Room(Jellyfin(kept(first), kept(second)))
    room.jellyfin.fails = True
    await room.told(first, second)
    assert room.counted == [first.unit.item_id, second.unit.item_id]
