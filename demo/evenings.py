"""Scripted evenings of several viewers, in the demo's time, and the truth about each.

`await evening(servers, Evening.BINGE)` plays one and gives what really happened: who watched what,
and whether to its end. Showrunner's history must say exactly that, each once. What is missing in
the truth must not be stored: zapping, and everything of Attic, whom nobody tracks. `days` plays
evenings for ever, with other titles in every round.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
import itertools
from typing import Final, NamedTuple

from world.catalogue import EPISODES, FILMS, Entry, Film, Home
from world.play import Play
from world.servers import Servers

_TABLET: Final = "Tablet", "Jellyfin for iOS"
_BROWSER: Final = "Browser", "Jellyfin Web"
_BEDROOM: Final = "Bedroom television", "Jellyfin for Kodi"
_TELEVISION: Final = "Kitchen television", "Jellyfin Android TV"
_SHORT: Final = 1.2  # a zap, below the demo's 3 seconds
_NEARLY: Final = 0.985  # where auto-play goes on


class Seen(NamedTuple):
    """One viewing as it really was. `title` as people call it."""

    viewer: str
    title: str
    completed: bool


class Evening(StrEnum):
    """What happens."""

    BINGE = "binge"  # episodes by auto-play on one device; the last one is stopped in the middle
    PAUSE = "pause"  # a film with a pause in its middle
    DEVICES = "devices"  # taken up on a second device while the first one still plays
    ZAPPING = "zapping"  # three films for a second each
    CREDITS = "credits"  # the beginning, and a jump to the credits
    CONVERTED = "converted"  # the server converts lossless audio
    RESTART = "restart"  # Jellyfin is restarted in the middle of a film
    GUEST = "guest"  # somebody whom nobody tracks


async def evening(
    servers: Servers, which: Evening, turn: int = 0, *, speed: float = 1.0
) -> list[Seen]:
    """Play an evening; give the truth about it. Another `turn`, other titles.

    Beyond a `speed` of 1, positions move faster than the clock, which is no watching.
    """
    return await _SCENES[which](_Night(servers, turn, speed))


async def together(
    servers: Servers, *which: Evening, turn: int = 0, speed: float = 1.0
) -> list[Seen]:
    """Play several at once, each of its own kind; give the truth about all."""
    nights = (evening(servers, one, turn, speed=speed) for one in which)
    return [seen for one in await asyncio.gather(*nights) for seen in one]


async def days(servers: Servers, pause: float = 4.0) -> None:
    """Play evenings until cancelled, several at a time."""
    for turn in itertools.count():
        for which in _PROGRAMME:
            await together(servers, *which, turn=turn)
            await asyncio.sleep(pause)


# -- what is on ----------------------------------------------------------------------------------

_FOG: Final = [episode for episode in EPISODES if episode.series == "Cable and Fog"]
# What the printed text and the walk's other stations play is left to them.
_SPOKEN_FOR: Final = 14
_LONG: Final = 11  # seconds: enough for an interruption
_ABSENT: Final = (Home.WANTED, Home.UNKNOWN, Home.NOWHERE)
_OPEN: Final = [f for f in FILMS[_SPOKEN_FOR:] if f.home not in _ABSENT]
_LONG_ONES: Final = [film for film in _OPEN if film.seconds > _LONG]
_SHORT_ONES: Final = [film for film in _OPEN if film.seconds <= _LONG]


def _seen(viewer: str, entry: Entry, *, completed: bool = True) -> Seen:
    return Seen(viewer, entry.label, completed)


async def _done(play: Play) -> None:
    if play.done is not None:
        await play.done


@dataclass(frozen=True, slots=True)
class _Night:
    """Where an evening is played. Every place of a turn has its own title."""

    servers: Servers
    turn: int
    speed: float

    def long(self, place: int) -> Film:
        """Choose a film that is long enough for what happens in it."""
        return _LONG_ONES[(place + self.turn * 3) % len(_LONG_ONES)]

    def short(self, place: int) -> Film:
        """Choose one that is not."""
        return _SHORT_ONES[(place + self.turn * 5) % len(_SHORT_ONES)]

    async def wait(self, seconds: float) -> None:
        """Let time pass."""
        await asyncio.sleep(seconds / self.speed)

    def play(
        self,
        viewer: str,
        entry: Entry,
        begin: float = 0.0,
        end: float | None = None,
        *,
        on: tuple[str, str] = ("Living room television", "Jellyfin Android TV"),
        **details: str | tuple[str, ...] | bool,
    ) -> Play:
        """Play on a device."""
        device, client = on
        return self.servers.play(
            viewer, entry.item_id, begin, end, self.speed, device=device, client=client, **details
        )


# -- what people do ------------------------------------------------------------------------------


async def _binge(night: _Night) -> list[Seen]:
    first = (night.turn * 3) % (len(_FOG) - 2)
    begun, further, last = _FOG[first : first + 3]
    play = night.play("Kitchen", begun, on=_TELEVISION)
    for episode in (further, last):
        await play.reached(_NEARLY)
        play = night.play("Kitchen", episode, on=_TELEVISION, autoplay=True)
    await play.reached(0.4)
    play.stop()
    await _done(play)
    whole = [_seen("Kitchen", episode) for episode in (begun, further)]
    return [*whole, _seen("Kitchen", last, completed=False)]


async def _pause(night: _Night) -> list[Seen]:
    film = night.long(0)
    play = night.play("Sofa", film)
    await play.reached(0.45)
    play.pause()
    await night.wait(5)
    play.resume()
    await _done(play)
    return [_seen("Sofa", film)]


async def _devices(night: _Night) -> list[Seen]:
    film = night.long(1)
    first = night.play("Sofa", film, on=_BROWSER)
    await first.reached(0.5)
    second = night.play("Sofa", film, 0.45, on=_TABLET)
    await first.reached(0.6)
    first.stop()
    await _done(first)
    await _done(second)
    return [_seen("Sofa", film)]


async def _zapping(night: _Night) -> list[Seen]:
    for place in range(3):
        film = night.short(place)
        await _done(night.play("Sofa", film, 0.0, _SHORT / film.seconds, on=_BROWSER))
    return []


async def _credits(night: _Night) -> list[Seen]:
    film = night.long(2)
    play = night.play("Kitchen", film, 0.0, 0.99, on=_TABLET)
    await play.reached(0.35)
    play.seek(0.93 * film.seconds)
    await _done(play)
    return [_seen("Kitchen", film, completed=False)]


async def _converted(night: _Night) -> list[Seen]:
    film = night.short(3)
    play = night.play(
        "Kitchen",
        film,
        on=_BROWSER,
        method="Transcode",
        reasons=("AudioCodecNotSupported",),
        audio="truehd",
    )
    await _done(play)
    return [_seen("Kitchen", film)]


async def _restart(night: _Night) -> list[Seen]:
    film = night.long(3)
    play = night.play("Sofa", film, on=_BEDROOM)
    # Late enough that a short film which began at the same time is over: a stop in the moment of
    # the restart is lost, and the truth would be a matter of luck.
    await play.reached(0.55)
    await night.servers.restart_jellyfin(1.5 / night.speed, 0.5 / night.speed)
    await _done(play)
    return [_seen("Sofa", film)]


async def _guest(night: _Night) -> list[Seen]:
    await _done(night.play("Attic", night.short(4), on=("Attic radio", "Jellyfin Web")))
    return []


_SCENES: Final[dict[Evening, Callable[[_Night], Awaitable[list[Seen]]]]] = {
    Evening.BINGE: _binge,
    Evening.PAUSE: _pause,
    Evening.DEVICES: _devices,
    Evening.ZAPPING: _zapping,
    Evening.CREDITS: _credits,
    Evening.CONVERTED: _converted,
    Evening.RESTART: _restart,
    Evening.GUEST: _guest,
}
_PROGRAMME: Final = (
    (Evening.BINGE, Evening.PAUSE, Evening.CONVERTED, Evening.GUEST),
    (Evening.DEVICES, Evening.CREDITS, Evening.GUEST),
    (Evening.ZAPPING, Evening.CONVERTED),
    (Evening.RESTART, Evening.CREDITS),
)
