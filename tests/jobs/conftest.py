"""The bare server of the tests of jobs that read what a service lists."""

from tests.support.bare_server import serve, session

__all__ = ["serve", "session"]
