"""Who watches what, and what is going on in all."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.util import dt as dt_util

from ..domain.streams import Stream
from ..runtime import Runtime, ShowrunnerConfigEntry
from .common import ATTR_ENTRY, Message, answered, entry_command, follow_entry

# A position that moves as the clock does is no news; the card counts on by itself.
_DRIFT: Final = 3.0


@entry_command("overview")
@answered
async def overview(runtime: Runtime, msg: Message) -> object:
    """Count what is going on; None where nobody knows."""
    jellyfin, today = runtime.jellyfin, dt_util.start_of_local_day()
    streams = jellyfin.data.streams if jellyfin.connected and jellyfin.data else None
    return {
        "streams": None if streams is None else len(streams),
        "transcodes": None if streams is None else sum(one.is_transcoding for one in streams),
        "viewings_today": await runtime.store.viewings.count(today),
        "decisions_today": sum((await runtime.store.decisions.counts(today)).values()),
    }


@entry_command("sessions/subscribe")
def subscribe_sessions(
    hass: HomeAssistant, connection: ActiveConnection, msg: Message, entry: ShowrunnerConfigEntry
) -> None:
    """Tell who watches what, now and at every change.

    Where the options keep what viewers watch to administrators, others are told how many play.
    """
    last, user = _Known(), connection.user

    @callback
    def tell(runtime: Runtime | None) -> None:
        answer = _sessions(runtime, admin=user.is_admin)
        if not answer.is_news_after(last):
            return
        last.take(answer)
        connection.send_event(msg["id"], answer.as_dict(entry.entry_id))

    def follow(runtime: Runtime) -> CALLBACK_TYPE:
        return runtime.jellyfin.async_add_listener(lambda: tell(runtime))

    follow_entry(hass, connection, msg, entry, follow, tell)


@dataclass(slots=True)
class _Known:
    """What a subscriber knows of the sessions, and since when."""

    available: bool | None = None
    streams: tuple[dict[str, object], ...] = ()
    positions: tuple[float | None, ...] = ()
    others: int = 0
    at: datetime = field(default_factory=dt_util.utcnow)

    def take(self, other: _Known) -> None:
        """Know what was told just now."""
        for name in self.__slots__:
            setattr(self, name, getattr(other, name))

    def is_news_after(self, last: _Known) -> bool:
        """Tell whether a subscriber who knows `last` would show something else."""
        if (self.available, self.streams, self.others) != (
            last.available,
            last.streams,
            last.others,
        ):
            return True
        passed = (self.at - last.at) / timedelta(seconds=1)
        return any(
            _jumped(before, now, 0.0 if stream["paused"] else passed)
            for stream, before, now in zip(
                self.streams, last.positions, self.positions, strict=True
            )
        )

    def as_dict(self, entry_id: str) -> dict[str, object]:
        """Give the event."""
        streams = zip(self.streams, self.positions, strict=True)
        return {
            ATTR_ENTRY: entry_id,
            "available": self.available,
            "at": self.at.isoformat(),
            "streams": [stream | {"position": position} for stream, position in streams],
            "others": self.others,
        }


def _jumped(before: float | None, now: float | None, passed: float) -> bool:
    if before is None or now is None:
        return before is not now
    return abs(now - before - passed) > _DRIFT


def _sessions(runtime: Runtime | None, *, admin: bool) -> _Known:
    if runtime is None or not runtime.jellyfin.connected:
        return _Known(available=False)
    hidden = runtime.options.history_admins_only and not admin
    shown = () if hidden else runtime.jellyfin.visible_streams()
    return _Known(
        available=True,
        streams=tuple(_stream(runtime, stream) for stream in shown),
        positions=tuple(stream.position for stream in shown),
        others=len(runtime.jellyfin.data.streams) - len(shown),
    )


def _stream(runtime: Runtime, stream: Stream) -> dict[str, object]:
    """Describe a stream; whoever is not tracked has no name here."""
    viewers = runtime.viewers
    names = [viewers[user].name for user in stream.watching if user in viewers]
    return {
        "id": stream.session_id,
        "viewer": viewers[stream.user_id].name if stream.user_id in viewers else None,
        "watching": names,
        "item_id": stream.item_id,
        "title": stream.title,
        "media": stream.media.value,
        "device": stream.device,
        "client": stream.client,
        "method": stream.method.value,
        "reasons": {
            part: list(getattr(stream.reasons, part))
            for part in ("video", "audio", "subtitle", "container", "other")
            if getattr(stream.reasons, part)
        },
        "bitrate": stream.bitrate,
        "paused": stream.paused,
        "runtime": stream.runtime,
    }
