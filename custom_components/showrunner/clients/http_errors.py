"""The one place that says what a failure, a status and a page mean.

URLs and headers hold keys, so no error carries aiohttp's own text, and callers raise what they get
here outside of their handlers, so that nothing stays chained to it.

401 and 403 speak of the key only where the service itself says them. A web page in their place
comes from something in front of it: a proxy while it starts, a login page, a check of the host.
Nothing is known of the key then. What needs no key can't refuse one either, which its callers know.
"""

from collections.abc import Mapping
from http import HTTPStatus
import logging
import ssl
from typing import Final

import aiohttp

from ..domain.text import Text, say
from .decoding import decoded
from .errors import (
    Blocked,
    Forbidden,
    RateLimited,
    Refused,
    ServiceError,
    TimedOut,
    TlsFailed,
    Unauthorized,
    Unreachable,
    Unreadable,
)
from .inflate import NotPacked, TooLarge
from .redaction import excerpt

_LOGGER = logging.getLogger(__name__)

REDIRECTS: Final = range(300, 400)

# ValueError: what can't be written into a request, such as a key with a line end in it.
FAILURES: Final = (
    aiohttp.ClientError,
    TimeoutError,
    OSError,
    ssl.CertificateError,
    ValueError,
    TooLarge,
    NotPacked,
)


class Redirected(aiohttp.ClientError):
    """A WebSocket's address leads elsewhere."""


def failure(service: str, err: Exception) -> ServiceError:  # noqa: PLR0911
    """Say what an exception means, without what it says itself."""
    match err:
        case TimeoutError():
            return TimedOut(service, say("error_no_answer_time"))
        case TooLarge():
            return Unreadable(service, say("error_answer_too_large"))
        case NotPacked():
            return Unreadable(service, say("error_answer_packed_way_was_not_asked"))
        case Redirected():
            return Unreadable(service, say("error_wrong_address", why=say("error_redirects")))
        case aiohttp.WSServerHandshakeError():
            return _no_socket(service, err)
        case aiohttp.InvalidURL():
            return Unreadable(service, say("error_not_address"))
        case aiohttp.ClientError() | OSError():
            return _broken(service, err)
    return Unreadable(service, say("error_key_login_characters_cant_sent"))


def _broken(service: str, err: Exception) -> ServiceError:
    match err:
        case aiohttp.ClientSSLError():
            return TlsFailed(service, _tls_reason(err))
        case ssl.SSLError() | ssl.CertificateError():
            return TlsFailed(service, say("error_connection_could_not_secured"))
        case aiohttp.ClientConnectorError():
            return Unreachable(service, say("error_no_connection"))
        case aiohttp.ClientPayloadError():
            return Unreachable(service, say("error_answer_broke_off"))
        case aiohttp.ClientResponseError():
            # Bytes that are no HTTP at all: often TLS spoken to a plain port, or the reverse.
            _LOGGER.debug("%s: %s", service, type(err).__name__)
            return TlsFailed(service, say("error_no_http_answers_here_https"))
    return Unreachable(service, say("error_connection_broke_off"))


def _no_socket(service: str, err: aiohttp.WSServerHandshakeError) -> ServiceError:
    if err.status >= HTTPStatus.BAD_REQUEST:
        return refusal(service, err.status, b"")
    return Unreadable(service, say("error_no_websocket_answers_proxy_another_product"))


def refusal(service: str, status: int, content: bytes) -> ServiceError:
    """Say what a status of failure means."""
    said = excerpt(_message(content))
    match status:
        case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN:
            return _not_let_in(service, status, is_page=is_page(content))
        case HTTPStatus.TOO_MANY_REQUESTS:
            return RateLimited(service, status, said or say("error_too_many_requests"))
        case HTTPStatus.REQUEST_TIMEOUT:
            return Unreachable(service, say("error_no_answer_time"))
        case HTTPStatus.GATEWAY_TIMEOUT:
            return TimedOut(service, _failed(status, said))
        case _ if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return Unreachable(service, _failed(status, said))
    return Refused(service, status, said or say("error_request_was_refused"))


def _failed(status: int, said: str) -> Text:
    if said:
        return say("error_server_failed_saying", status=status, what=said)
    return say("error_server_failed", status=status)


def _not_let_in(service: str, status: int, *, is_page: bool) -> ServiceError:
    if is_page:
        return Blocked(service, say("error_something_front_refuses_us_web_page", status=status))
    if status == HTTPStatus.UNAUTHORIZED:
        return Unauthorized(service, say("error_key_login_was_refused"))
    return Forbidden(service, say("error_key_login_no_right"))


def no_json(service: str, content: bytes) -> Unreadable:
    """Say what came instead of JSON."""
    if is_page(content):
        return Unreadable(service, say("error_answers_web_page_proxy_another_product"))
    return Unreadable(service, say("error_answer_not_json_only_part"))


def is_page(content: bytes) -> bool:
    """Tell whether this is a web page (or XML) and no JSON."""
    return content[:64].lstrip(b" \t\r\n\xef\xbb\xbf")[:1] == b"<"


def _tls_reason(err: aiohttp.ClientSSLError) -> Text:
    if isinstance(err, aiohttp.ClientConnectorCertificateError):
        return say("error_certificate_not_trusted")
    return say("error_not_secured_is_it_http")


def _message(content: bytes) -> str:
    """Find what a service says of a failure: its own words, without a web page."""
    try:
        answer = decoded(content)
    except ValueError, RecursionError:
        return ""
    if isinstance(answer, list) and answer:
        answer = answer[0]
    if not isinstance(answer, Mapping):
        return ""
    for name in ("errorMessage", "message", "error", "title"):
        said = answer.get(name)
        if isinstance(said, str) and said.strip():
            return said
    return ""
