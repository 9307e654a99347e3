"""What outlives an object that a reload throws away."""

from collections.abc import Callable
import json


class Kept:
    """Values by a key, as the store keeps them: as JSON."""

    def __init__(self) -> None:
        """Begin with none."""
        self.values: dict[str, object] = {}

    async def get(self, key: str) -> object:
        """Give a value."""
        return self.values.get(key)

    async def put(self, key: str, value: object) -> None:
        """Keep a value."""
        self.to_put(key, value)()

    def to_put(self, key: str, value: object) -> Callable[[], None]:
        """Give what keeps a value, for `together`."""
        plain = json.loads(json.dumps(value))
        return lambda: self.values.update({key: plain})

    async def together(self, *writes: Callable[[], object]) -> tuple[object, ...]:
        """Keep several; give what each came to."""
        return tuple(write() for write in writes)
