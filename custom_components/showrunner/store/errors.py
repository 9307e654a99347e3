"""What can go wrong with the store."""


class StoreError(Exception):
    """The database can't be read or written; the file is left as it is."""


class StoreTooNew(StoreError):
    """A newer Showrunner has written the database."""


class StoreDamaged(StoreError):
    """The database is not whole; only a person can say what is to become of it."""
