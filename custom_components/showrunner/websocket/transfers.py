"""How far the transfers are, at once and at every step."""

from collections.abc import Callable

from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback

from ..coordinators.transfer import TransferCoordinator
from ..runtime import Runtime, ShowrunnerConfigEntry
from ..signals import Topic
from .common import ATTR_ENTRY, Message, entry_command, follow_entry


@entry_command("transfer/subscribe")
def subscribe_transfers(
    hass: HomeAssistant, connection: ActiveConnection, msg: Message, entry: ShowrunnerConfigEntry
) -> None:
    """Tell how far all transfers are, once a second at the most."""
    last: list[dict[str, object]] | None = None

    @callback
    def tell(runtime: Runtime | None) -> None:
        nonlocal last
        answer = [] if runtime is None else [_transfer(one) for one in runtime.transfers.values()]
        if runtime is not None and answer == last:
            return
        last = None if runtime is None else answer
        connection.send_event(
            msg["id"],
            {ATTR_ENTRY: entry.entry_id, "available": runtime is not None, "transfers": answer},
        )

    def follow(runtime: Runtime) -> CALLBACK_TYPE:
        ends: list[Callable[[], None]] = []

        @callback
        def listen_to(subentry_id: str) -> None:
            transfer = runtime.transfers.get(subentry_id)
            if transfer is not None:
                ends.append(transfer.on_progress(lambda _: tell(runtime)))
                ends.append(transfer.async_add_listener(lambda: tell(runtime)))

        ends.append(runtime.each_link(listen_to))
        ends.append(runtime.signals.subscribe(Topic.LINK, lambda *_: tell(runtime)))

        @callback
        def stop() -> None:
            while ends:
                ends.pop()()

        return stop

    follow_entry(hass, connection, msg, entry, follow, tell)


def _transfer(one: TransferCoordinator) -> dict[str, object]:
    progress, last = one.progress, None if one.data is None else one.data.last_sync
    return {
        "id": one.subentry_id,
        "title": one.title,
        "connected": one.connected,
        "state": progress.state.value,
        "done_bytes": progress.done_bytes,
        "total_bytes": progress.total_bytes,
        "percent": progress.percent,
        "rate": progress.rate,
        "remaining": progress.remaining,
        "files": [
            {"name": file.name, "done_bytes": file.done, "total_bytes": file.total}
            for file in progress.files
        ],
        "last_sync": None if last is None else last.isoformat(),
    }
