"""What happens inside one entry, told to whoever listens: faces, jobs, notifications.

Not a fact store: a listener that was not there missed it. Facts are in the store.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
import logging

from .unexpected import log_unexpected

_LOGGER = logging.getLogger(__name__)

type Attributes = Mapping[str, object]
type Listener = Callable[[str, Attributes], None]


class Topic(StrEnum):
    """What a signal is about."""

    PLAYBACK = "playback"  # started, completed, stopped, transcoding, milestone
    DECISION = "decision"  # download, stream, ask
    REQUEST = "request"  # the nine states, stuck, closed
    JOB = "job"  # planned, done, failed
    SERVICE = "service"  # down, back, full
    LEAVING = "leaving"  # soon: what is deleted next
    DIGEST = "digest"  # weekly: what there was
    FALL = "fall"  # changed: a source has suddenly lost most of what it had, or no more
    OPTIONS = "options"  # changed
    LINK = "link"  # linked: a subentry, new or changed


class Signals:
    """The listeners of one entry. All calls are made in the event loop."""

    def __init__(self) -> None:
        """Begin with nobody listening."""
        self._listeners: dict[Topic, list[Listener]] = {}

    def subscribe(self, topic: Topic, listener: Listener) -> Callable[[], None]:
        """Call `listener(kind, attributes)` at every signal of the topic."""
        self._listeners.setdefault(topic, []).append(listener)

        def unsubscribe() -> None:
            self._listeners[topic].remove(listener)

        return unsubscribe

    def send(self, topic: Topic, kind: str, attributes: Attributes) -> None:
        """Tell everybody; one listener's failure is its own."""
        for listener in tuple(self._listeners.get(topic, ())):
            try:
                listener(kind, attributes)
            except Exception:  # noqa: BLE001  the pipeline must outlive a broken listener
                log_unexpected(_LOGGER, "A listener of %s failed", topic)
