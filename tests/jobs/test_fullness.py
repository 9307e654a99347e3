"""A torrent client that is nearly full is told once, and again only after it was well below."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import Mock, patch

from custom_components.showrunner.domain.fullness import Fullness
from custom_components.showrunner.domain.seeding import PurgePolicy
from custom_components.showrunner.domain.torrents import TorrentList
from custom_components.showrunner.jobs.messages import Event, Message
from custom_components.showrunner.jobs.torrents.fullness import FullnessWatch
from custom_components.showrunner.jobs.torrents.spec import _target
from custom_components.showrunner.jobs.wordings import message_of
from custom_components.showrunner.options import Options, PurgeOptions
from custom_components.showrunner.signals import Signals, Topic
from custom_components.showrunner.store import StoreError
from tests.domain.torrents import torrent
from tests.english import english
from tests.kept import Kept

GB = 10**9
QUOTA = 100 * GB
TOLD = frozenset({Fullness.QUOTA})


@dataclass
class Client:
    """A coordinator that a test moves."""

    subentry_id: str = "box"
    title: str = "Seedbox"
    connected: bool = True
    doubted: bool = False
    data: Any = None
    ends: list[Callable[[], None]] = field(default_factory=list)
    listeners: list[Callable[[], None]] = field(default_factory=list)

    def until_shutdown(self, end: Callable[[], None]) -> None:
        """Note it."""
        self.ends.append(end)

    def async_add_listener(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Note it."""
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)

    def uses(self, gigabytes: float, **changes: Any) -> None:
        """Answer anew."""
        held = torrent(size_bytes=int(gigabytes * GB), done_bytes=int(gigabytes * GB))
        self.data = TorrentList.of([held]).with_quota(QUOTA)
        for name, value in changes.items():
            setattr(self, name, value)
        for listener in self.listeners:
            listener()


class House:
    """A watch over one client, and what was told."""

    def __init__(self, kept: Kept, target: int | None = None) -> None:
        self.told: list[tuple[str, Any]] = []
        self.client = Client()
        signals = Signals()
        signals.subscribe(Topic.SERVICE, lambda kind, data: self.told.append((kind, data)))
        self.watch = FullnessWatch(Mock(kv=kept), signals, lambda: target)
        self.watch.follow(self.client)  # type: ignore[arg-type]

    async def look(self) -> None:
        """Have it work off what there is to see."""
        work = asyncio.create_task(self.watch.work())
        while self.watch._wake.is_set() or self.watch._waiting:
            await asyncio.sleep(0)
        await asyncio.sleep(0)
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)


async def test_it_is_told_once_and_again_after_it_was_below() -> None:
    """Not at every poll, not after a restart; with what is used, and of what."""
    kept = Kept()
    house = House(kept)
    await house.look()
    for level in (90, 96, 99, 94, 96):
        house.client.uses(level)
        await house.look()
    assert [kind for kind, _ in house.told] == ["full"]
    assert house.told[0][1] == {
        "service": "Seedbox",
        "limit": "quota",
        "used": 96 * GB,
        "of": QUOTA,
    }
    again = House(kept)
    again.client.uses(97)
    await again.look()
    assert again.told == []
    again.client.uses(80)
    await again.look()
    again.client.uses(97)
    await again.look()
    assert len(again.told) == 1


async def test_a_target_is_told_by_itself() -> None:
    """With the target, and beside the quota."""
    house = House(Kept(), target=60 * GB)
    house.client.uses(70)
    await house.look()
    house.client.uses(97)
    await house.look()
    assert [(data["limit"], data["of"]) for _, data in house.told] == [
        ("target", 60 * GB),
        ("quota", QUOTA),
    ]


async def test_what_is_not_sure_is_not_told() -> None:
    """A client that does not answer, or that has lost most of what it had."""
    house = House(Kept())
    for changes in ({"connected": False}, {"connected": True, "doubted": True}):
        house.client.uses(99, **changes)
        await house.look()
        assert house.told == []
    house.client.uses(99, doubted=False)
    await house.look()
    assert len(house.told) == 1


async def test_what_can_not_be_kept_is_tried_again() -> None:
    """And the work goes on."""
    kept = Kept()
    house = House(kept)
    with patch.object(kept, "put", side_effect=StoreError("disk is full")):
        house.client.uses(99)
        await house.look()
    assert house.told == []
    house.client.uses(99)
    await house.look()
    assert len(house.told) == 1


async def test_a_client_that_is_unlinked_is_left_alone() -> None:
    """Nobody listens to it any more."""
    house = House(Kept())
    assert len(house.client.listeners) == 1
    for end in house.client.ends:
        end()
    assert house.client.listeners == []


def test_the_message_says_how_full() -> None:
    """A word for the phone, with the numbers; it can be kept over the night."""
    body = {"service": "Seedbox", "limit": "quota", "used": 96 * GB, "of": QUOTA}
    said = message_of(Topic.SERVICE, "full", body)
    assert said is not None
    spoken = said.put(english)
    assert spoken.event is Event.SEEDBOX_FULL
    assert (spoken.title, spoken.text) == (
        "Seedbox is nearly full",
        "96 GB of 100 GB are used.",
    )
    assert Message.from_dict(said.as_dict()) == said
    said = message_of(Topic.SERVICE, "full", body | {"limit": "target"})
    assert said is not None
    spoken = said.put(english)
    assert (spoken.title, spoken.text) == (
        "Seedbox holds more than it may",
        "Its torrents take 96 GB; the purge is to keep it at 100 GB.",
    )


def test_a_target_counts_only_while_a_purge_keeps_to_it() -> None:
    """Nobody who has no purge is told of a number that nobody has chosen."""
    policy = PurgePolicy(max_bytes=5)
    for enabled, wanted in ((True, 5), (False, None)):
        assert _target(Options(purge=PurgeOptions(policy, enabled=enabled))) == wanted
