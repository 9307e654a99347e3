"""What outlives an object that a reload throws away."""

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
        self.values[key] = json.loads(json.dumps(value))
