"""What can go wrong with the store."""

from ..domain.text import Words


class StoreError(Exception):
    """The database can't be read or written; the file is left as it is. `said` is for people."""

    def __init__(self, said: Words) -> None:
        """Take what is wrong; logs have it in English."""
        super().__init__(str(said))
        self.said = said

    @property
    def text(self) -> Words:
        """Say what is wrong; as errors of services do, which also say whose it is."""
        return self.said


class StoreTooNew(StoreError):
    """A newer Showrunner has written the database."""


class StoreDamaged(StoreError):
    """The database is not whole; only a person can say what is to become of it."""
