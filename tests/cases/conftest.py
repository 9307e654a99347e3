"""The servers and the session of the clients' tests."""

from tests.clients.conftest import serve, session

__all__ = ["serve", "session"]
