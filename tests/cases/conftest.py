"""The servers and the session of the clients' tests."""

from tests.support.bare_server import serve, session

__all__ = ["serve", "session"]
