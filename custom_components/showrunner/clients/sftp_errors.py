"""The one place that says what a failure of SSH and SFTP means.

What asyncssh says itself names hosts, users and files, so nothing of it is kept but a server's own
short reason. Nothing of the local disk comes here: who writes files takes care of that.
"""

from typing import Final

import asyncssh

from ..domain.text import Text, say
from .errors import (
    NotThere,
    Refused,
    ServiceError,
    TimedOut,
    Unauthorized,
    Unreachable,
    Unreadable,
    WrongProduct,
)
from .redaction import excerpt

PRODUCT: Final = "SFTP"

# ValueError: a packet that is none. AssertionError: asyncssh finds itself without a connection.
FAILURES: Final = (asyncssh.Error, TimeoutError, OSError, EOFError, ValueError, AssertionError)

_LOST: Final = (
    asyncssh.ConnectionLost,
    asyncssh.SFTPConnectionLost,
    asyncssh.SFTPNoConnection,
)
_NO_SSH: Final = (
    asyncssh.ProtocolError,
    asyncssh.ProtocolNotSupported,
    asyncssh.MACError,
    asyncssh.CompressionError,
)


def failure(err: Exception) -> ServiceError:
    """Say what an exception means, without what it says itself."""
    match err:
        case asyncssh.SFTPError():
            return _sftp(err)
        case asyncssh.Error():
            return _ssh(err)
        case TimeoutError():
            return TimedOut(PRODUCT, say("error_no_answer_time"))
        case OSError():
            return Unreachable(PRODUCT, say("error_no_connection"))
        case EOFError() | AssertionError():
            return _broke_off()
    return Unreadable(PRODUCT, say("error_answer_not_sftp"))


def _ssh(err: asyncssh.Error) -> ServiceError:
    """Say what went wrong before files were spoken of."""
    match err:
        case asyncssh.PermissionDenied() | asyncssh.IllegalUserName():
            return Unauthorized(PRODUCT, say("error_key_login_was_refused"))
        case asyncssh.KeyExchangeFailed():
            return WrongProduct(PRODUCT, say("error_no_common_encryption"))
        case asyncssh.ChannelOpenError():
            return _no_session(err)
        case _ if isinstance(err, _LOST):
            return _broke_off()
        case _ if isinstance(err, _NO_SSH):
            return WrongProduct(PRODUCT, say("error_no_ssh_answers_here"))
    return _broke_off()


def _no_session(err: asyncssh.ChannelOpenError) -> ServiceError:
    # Beyond what a server may say itself: the session is there and can't be used as asked for.
    if err.code == asyncssh.OPEN_REQUEST_SESSION_FAILED:
        return WrongProduct(PRODUCT, say("error_offers_no_sftp"))
    return Unreachable(PRODUCT, say("error_opens_no_session"))


def _sftp(err: asyncssh.SFTPError) -> ServiceError:
    """Say what is wrong with a file."""
    match err:
        case _ if isinstance(err, _LOST):
            return _broke_off()
        case asyncssh.SFTPNoSuchFile() | asyncssh.SFTPNoSuchPath():
            return NotThere(PRODUCT, 0, say("error_file_not_there"))
        case asyncssh.SFTPPermissionDenied() | asyncssh.SFTPWriteProtect():
            return Refused(PRODUCT, 0, say("error_no_permission"))
        case asyncssh.SFTPBadMessage() | asyncssh.SFTPEOFError():
            return Unreadable(PRODUCT, say("error_answer_not_sftp"))
    return Refused(PRODUCT, 0, excerpt(err.reason) or _refused())


def _refused() -> Text:
    return say("error_request_was_refused")


def _broke_off() -> ServiceError:
    return Unreachable(PRODUCT, say("error_connection_broke_off"))
