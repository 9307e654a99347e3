"""What can go wrong with a service. Messages are for people and hold no secret."""

from typing import Final

from ..domain.text import Text, Value, Words, say
from .redaction import excerpt

_LONGEST: Final = 1000

# Of who refuses what its product tells everybody.
NEEDS_NO_KEY: Final = say("error_refuses_what_needs_no_key")


class ServiceError(Exception):
    """A service did not do what was asked. Subclasses say why."""

    def __init__(self, service: str, message: Words) -> None:
        """Take the product's name and what is wrong; secrets in it are masked.

        `message` is for logs, `said` for people.
        """
        self.message = excerpt(str(message), _LONGEST, ours=True)
        super().__init__(f"{service}: {self.message}")
        self.service = service
        self.said: Words = _masked(message) if isinstance(message, Text) else self.message

    @property
    def text(self) -> Words:
        """Say who it was, and what is wrong."""
        return say("service_says", service=self.service, what=self.said)


def _masked(said: Text) -> Text:
    """Mask what a service says within a text of ours."""
    return Text(said.key, tuple((name, _masked_value(value)) for name, value in said.values))


def _masked_value(value: Value) -> Value:
    match value:
        case Text():
            return _masked(value)
        case str():
            return excerpt(value, _LONGEST, ours=True)
        case tuple():
            return tuple(_masked_value(one) for one in value)
        case _:
            return value


class Unreachable(ServiceError):
    """No route, no answer in time, or the server is ill (5xx). Nothing is known."""


class TimedOut(Unreachable):
    """No answer in time: it may still be worked on, so asking again would double the work."""


class TlsFailed(Unreachable):
    """The connection could not be secured: a certificate, or HTTP where HTTPS is due."""


class Blocked(Unreachable):
    """Something in front of the service, or a check of its own, refuses us; not for the key."""


class NotReady(Unreachable):
    """It answers, and can't be used yet: it starts, its database is down, or it is not set up."""


class Unauthorized(ServiceError):
    """The key, token or password was refused."""


class Forbidden(Unauthorized):
    """Signed in, but without the right to do this (403)."""


class NotAdmin(Unauthorized):
    """The key is good, but not an administrator's."""


class HostKeyUnknown(ServiceError):
    """The server shows a host key that nobody has confirmed yet: nothing was told to it.

    `key` is what would be pinned, `fingerprint` what a person compares.
    """

    def __init__(self, service: str, key: str, fingerprint: str, message: Words = "") -> None:
        """Take what it shows."""
        super().__init__(service, message or say("error_host_key_not_confirmed", shown=fingerprint))
        self.key = key
        self.fingerprint = fingerprint


class HostKeyChanged(HostKeyUnknown):
    """The server shows another host key than the pinned one: it may be somebody else's.

    `pinned` is the fingerprint of the one that was confirmed.
    """

    def __init__(self, service: str, key: str, fingerprint: str, pinned: str) -> None:
        """Take what it shows, and what it showed before."""
        said = say("error_host_key_changed", shown=fingerprint, pinned=pinned)
        super().__init__(service, key, fingerprint, said)
        self.pinned = pinned


class Refused(ServiceError):
    """The service understood and said no (4xx)."""

    def __init__(self, service: str, status: int, message: Words) -> None:
        """Take the status too."""
        if status and isinstance(message, Text):
            message = say("with_status", what=message, status=status)
        elif status:
            message = f"{message} ({status})"
        super().__init__(service, message)
        self.status = status


class NotThere(Refused):
    """What was asked for does not exist."""


class RateLimited(Refused):
    """Too many requests; the same may succeed later."""


class Unreadable(ServiceError):
    """The answer is not what the service says: HTML, half a JSON, too large, another shape."""


class WrongProduct(Unreadable):
    """Something else answers at this address."""


class TooOld(ServiceError):
    """The server's version is older than what we know to speak."""


class TooNew(ServiceError):
    """The server's version is newer than what we know to speak, and speaks otherwise."""


class NotOurs(ServiceError):
    """A webhook's body that the service does not send."""
