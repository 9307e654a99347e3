"""What people and programs ask of an entry, for as long as it is answered."""

from types import TracebackType


class Calls:
    """Counts who is being answered: `with runtime.calls`."""

    __slots__ = ("_count",)

    def __init__(self) -> None:
        """Begin with nobody."""
        self._count = 0

    def __enter__(self) -> None:
        """Begin to answer somebody."""
        self._count += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """That one was answered."""
        self._count -= 1

    @property
    def under_way(self) -> bool:
        """Tell whether somebody is being answered."""
        return self._count > 0
