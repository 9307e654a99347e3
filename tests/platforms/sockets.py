"""Asking over the WebSocket, and hearing what comes of it."""

from typing import Any


async def ask(socket: Any, kind: str, **data: object) -> dict[str, Any]:
    """Send a command; give what is answered."""
    await socket.send_json_auto_id({"type": f"showrunner/{kind}", **data})
    answer: dict[str, Any] = await socket.receive_json()
    assert answer["type"] == "result"
    return answer


async def next_event(socket: Any) -> dict[str, Any]:
    """Wait for the next event."""
    message = await socket.receive_json()
    assert message["type"] == "event"
    event: dict[str, Any] = message["event"]
    return event
