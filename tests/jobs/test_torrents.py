"""Torrents are stopped and started at a person's word: exactly those, and what did not is said."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from unittest.mock import AsyncMock, Mock

import pytest

from custom_components.showrunner.clients.errors import Unreachable
from custom_components.showrunner.coordinators.torrents import TorrentCoordinator
from custom_components.showrunner.domain.torrent_details import RateLimits
from custom_components.showrunner.domain.torrents import Torrent, TorrentList, TorrentState
from custom_components.showrunner.jobs.refused import Refused
from custom_components.showrunner.jobs.torrents import job as torrents_job
from custom_components.showrunner.jobs.torrents.job import TorrentControl
from custom_components.showrunner.options import Options, SafetyOptions
from tests.domain.torrents import torrent
from tests.english import english

A, B, C = "A" * 40, "B" * 40, "C" * 40
CONFIRMED = {"confirm": True}


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look again at once."""
    monkeypatch.setattr(torrents_job, "_LOOKS", (0.0,) * 4)


@dataclass
class Client:
    """A client. `slow`: after so many looks it has done it; `deaf`: it never does it to these."""

    held: dict[str, Torrent]
    slow: int = 0
    deaf: Collection[str] = ()
    asked: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    rates: RateLimits = field(default_factory=lambda: RateLimits(0, 0))
    takes_limits: bool = True
    _coming: dict[str, TorrentState] = field(default_factory=dict)

    async def torrents(self) -> TorrentList:
        """List them as they are now."""
        if self._coming and not self.slow:
            for key, state in self._coming.items():
                active = state is not TorrentState.STOPPED
                self.held[key] = replace(self.held[key], state=state, is_active=active)
            self._coming = {}
        self.slow = max(self.slow - 1, 0)
        return TorrentList.of(self.held.values())

    def _set(self, what: str, hashes: Collection[str], state: TorrentState) -> None:
        self.asked.append((what, tuple(hashes)))
        self._coming = dict.fromkeys((one for one in hashes if one not in self.deaf), state)

    async def pause(self, hashes: Collection[str]) -> None:
        """Stop them, soon."""
        self._set("pause", hashes, TorrentState.STOPPED)

    async def resume(self, hashes: Collection[str]) -> None:
        """Start them, soon."""
        self._set("resume", hashes, TorrentState.SEEDING)

    async def limits(self) -> RateLimits:
        """Give the limits."""
        return self.rates

    async def set_limits(self, down: int, up: int) -> None:
        """Limit it, or only say so."""
        self.asked.append(("limits", (str(down), str(up))))
        if self.takes_limits:
            self.rates = RateLimits(-(-down // 1024) * 1024, -(-up // 1024) * 1024)


def stopped(key: str, **changes: Any) -> Torrent:
    """Make a stopped torrent."""
    changes = {"state": TorrentState.STOPPED, "is_active": False} | changes
    return replace(torrent(), hash=key, **changes)


def client() -> Client:
    """Give one with two that seed, one of them labelled, and one that is stopped."""
    return Client(
        {
            A: replace(torrent(), hash=A, state=TorrentState.SEEDING, label="radarr"),
            B: replace(torrent(), hash=B, state=TorrentState.SEEDING, label=""),
            C: stopped(C, label="radarr"),
        }
    )


def control(*clients: Client, dry_run: bool = False) -> TorrentControl:
    """Make the job, over clients that are linked as Box 0, Box 1 and so on."""
    linked: dict[str, TorrentCoordinator] = {
        f"id{number}": Mock(client=one, title=f"Box {number}", async_refresh=AsyncMock())
        for number, one in enumerate(clients)
    }
    return TorrentControl(linked, lambda: Options(safety=SafetyOptions(dry_run=dry_run)))


@pytest.mark.parametrize(
    ("named", "wanted"),
    [
        ({"hashes": [A.lower(), A]}, (A,)),
        ({"label": "radarr"}, (A,)),
        ({"label": ""}, (B,)),
        ({"label": "Radarr"}, ()),
        ({"all": True}, (A, B)),
    ],
)
async def test_exactly_those_that_are_named_and_run_are_stopped(
    named: Mapping[str, object], wanted: tuple[str, ...]
) -> None:
    """What is stopped already is not touched; nor is anything when nothing is left."""
    box = client()
    answer = await control(box).pause(named)
    assert box.asked == ([("pause", wanted)] if wanted else [])
    assert answer == {"hashes": list(wanted), "not_done": [], "dry_run": False}


async def test_what_is_stopped_is_started_again() -> None:
    """Only what is stopped, also one in error that does not go on by itself."""
    box = client()
    box.held[B] = stopped(B, state=TorrentState.ERROR)
    answer = await control(box).resume({"all": True})
    assert box.asked == [("resume", (B, C))]
    assert answer["hashes"] == [B, C]


@pytest.mark.parametrize(
    "named",
    [{}, {"all": False}, {"hashes": []}, {"label": "x", "all": True}, {"hashes": [A], "label": ""}],
)
async def test_torrents_are_named_in_one_way_and_never_by_default(
    named: Mapping[str, object],
) -> None:
    """Nothing at all is not all."""
    box = client()
    with pytest.raises(Refused) as caught:
        await control(box).pause(named)
    assert caught.value.key == "torrents_not_named"
    assert box.asked == []


async def test_what_did_not_stop_is_said() -> None:
    """Read back until it is so; one that never does, one that is in nobody's list, one gone."""
    box = client()
    box.slow, box.deaf = 2, (B,)
    box.held[B] = replace(box.held[B], message="disk is full")
    answer = await control(box).pause({"hashes": [A, B, "D" * 40]})
    assert answer["hashes"] == [A]
    [running, missing] = answer["not_done"]  # type: ignore[misc]
    assert (running["hash"], running["name"]) == (B, box.held[B].name)
    assert running["reason"] == "disk is full"
    assert (missing["hash"], missing["name"]) == ("D" * 40, None)
    assert "no such torrent" in english(missing["reason"])
    box.held[B] = replace(box.held[B], message="")
    answer = await control(box).pause({"hashes": [B]})
    assert "still has it running" in english(answer["not_done"][0]["reason"])  # type: ignore[index]
    box.deaf = (C,)
    answer = await control(box).resume({"hashes": [C]})
    assert "has not started it" in english(answer["not_done"][0]["reason"])  # type: ignore[index]


async def test_the_dry_run_stops_nothing_and_shows_it() -> None:
    """As the options say, or by itself; `false` against the options takes a confirmation."""
    box = client()
    for given in ({}, {"dry_run": True}, {"dry_run": True, "confirm": True}):
        answer = await control(box, dry_run=True).pause({"all": True, **given})
        assert answer == {"hashes": [A, B], "not_done": [], "dry_run": True}
    answer = await control(box).pause({"all": True, "dry_run": True})
    assert answer["dry_run"] is True
    with pytest.raises(Refused) as caught:
        await control(box, dry_run=True).pause({"all": True, "dry_run": False})
    assert caught.value.key == "dry_run_on"
    assert box.asked == []
    answer = await control(box, dry_run=True).pause({"all": True, "dry_run": False, **CONFIRMED})
    assert answer["dry_run"] is False
    assert len(box.asked) == 1


async def test_one_client_is_meant() -> None:
    """By its id or its name; left out only when there is no other."""
    first, second = client(), client()
    job = control(first, second)
    await job.pause({"client": "id1", "all": True})
    await job.resume({"client": "BOX 1", "all": True})
    assert (len(first.asked), len(second.asked)) == (0, 2)
    for one, given, key in (
        (job, {}, "torrent_clients_many"),
        (job, {"client": "Box"}, "torrent_client_unknown"),
        (control(), {}, "torrent_client_missing"),
    ):
        with pytest.raises(Refused) as caught:
            await one.pause({"all": True, **given})
        assert caught.value.key == key


async def test_limits_are_set_one_by_one_and_read_back() -> None:
    """A limit that is left out stays, 0 is none, and one that is not taken is an error."""
    box = client()
    job = control(box)
    answer = await job.limit({"down_mbit": 100, "up_mbit": 0.5})
    assert box.asked == [("limits", ("12500000", "62500"))]
    # In whole KiB, as the client says it.
    assert answer == {"down_mbit": 100.01, "up_mbit": 0.51, "dry_run": False}
    answer = await job.limit({"up_mbit": 0})
    assert answer["down_mbit"] == 100.01
    assert answer["up_mbit"] == 0
    before = list(box.asked)
    answer = await job.limit({"down_mbit": 5, "dry_run": True})
    assert (answer["down_mbit"], answer["dry_run"]) == (5.0, True)
    with pytest.raises(Refused):
        await control(box, dry_run=True).limit({"down_mbit": 5, "dry_run": False})
    assert box.asked == before
    box.takes_limits = False
    with pytest.raises(Refused) as caught:
        await job.limit({"down_mbit": 5})
    assert caught.value.key == "limits_not_taken"
    # Its 0 is no limit at all, however little was wanted.
    box.rates = RateLimits(0, 0)
    with pytest.raises(Refused):
        await job.limit({"down_mbit": 0.001})


async def test_a_client_that_does_not_answer_is_an_error() -> None:
    """And nothing is said of what it does."""
    box = Mock(torrents=AsyncMock(side_effect=Unreachable("rTorrent", "gone")))
    with pytest.raises(Unreachable):
        await control(box).pause({"all": True})
