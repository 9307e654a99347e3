"""How we talk to an ntfy server: publish to one topic."""

from base64 import b64encode
from dataclasses import asdict, dataclass
import re
from typing import Final

import aiohttp

from ..domain.text import say
from .errors import NEEDS_NO_KEY, Forbidden, Refused, Unauthorized, Unreadable, WrongProduct
from .http import SMALL, HttpClient
from .parse import flag, table
from .redaction import conceal_login

PRODUCT: Final = "ntfy"
_MAX_MESSAGE: Final = 4096
_TOPIC: Final = re.compile(r"[-_A-Za-z0-9]{1,64}")
_NOT_FOUND: Final = 404


@dataclass(frozen=True, slots=True)
class NtfyAction:
    """A button on which the phone posts `body` to `url`. `clear`: the message goes with that."""

    label: str
    url: str
    body: str
    clear: bool = False


@dataclass(frozen=True, slots=True)
class NtfyMessage:
    """A message. `priority` 1 (least) to 5, `tags` are emoji names, `click` a link.

    A server takes three actions at most.
    """

    title: str
    text: str
    priority: int = 3
    tags: tuple[str, ...] = ()
    click: str | None = None
    actions: tuple[NtfyAction, ...] = ()


class NtfyClient:
    """One topic of one server, with a token, a login, or neither."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        url: str,
        topic: str,
        *,
        token: str | None = None,
        username: str | None = None,
        password: str | None = None,
    ) -> None:
        """Take the address (normalised), the topic and the way to sign in."""
        self.url = url.rstrip("/")
        self.topic = topic
        # What the last message was refused with, as long as nothing says that this is over.
        self._refused: Unauthorized | None = None
        headers: dict[str, str] = {}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        elif username:
            login = b64encode(f"{username}:{password or ''}".encode()).decode()
            headers["Authorization"] = f"Basic {login}"
        self._signs_in = bool(headers)
        conceal_login(username or "", password or "")
        self._open = HttpClient(session, self.url, service=PRODUCT)
        self._http = HttpClient(
            session,
            self.url,
            service=PRODUCT,
            headers=headers,
            secrets=(token or "",),
        )

    async def check(self) -> None:
        """Ask whether it is ntfy and knows us; raise what the last message was refused with too."""
        if not _TOPIC.fullmatch(self.topic):
            raise Refused(PRODUCT, 0, say("error_topic_1_64_letters_digits"))
        try:
            # Without the login: ntfy refuses a wrong one even where it needs none.
            answer = table(await self._open.get("/v1/health", max_bytes=SMALL))
        except Unauthorized:
            raise WrongProduct(PRODUCT, NEEDS_NO_KEY) from None
        except (Refused, Unreadable) as err:
            raise WrongProduct(PRODUCT, say("error_not_ntfy_why", why=err.said)) from None
        if flag(answer.get("healthy")) is None:
            raise WrongProduct(PRODUCT, say("error_not_ntfy"))
        try:
            await self._http.get(f"/{self.topic}/auth", max_bytes=SMALL)
        except Forbidden:
            # It asks for the right to read. Who may only write, as senders do, has all we need.
            if not self._signs_in:
                raise
        if isinstance(self._refused, Forbidden):
            raise Forbidden(PRODUCT, self._refused.said)
        # A login that was refused is taken by now; what one may do with it only publishing tells.
        self._refused = None

    async def publish(self, message: NtfyMessage) -> None:
        """Publish. A text beyond 4096 bytes is cut: the server would make a file of it."""
        body: dict[str, object] = {
            "topic": self.topic,
            "title": message.title,
            "message": _cut(message.text),
            "priority": min(5, max(1, message.priority)),
            "tags": list(message.tags),
        }
        if message.click:
            body["click"] = message.click
        if message.actions:
            body["actions"] = [
                {"action": "http", "method": "POST", **asdict(one)} for one in message.actions
            ]
        try:
            await self._http.request("POST", "/", body=body)
        except Unauthorized as err:
            self._refused = err
            raise
        self._refused = None


def _cut(text: str) -> str:
    """Cut a text to 4096 bytes, between characters."""
    raw = text.encode(errors="replace")
    if len(raw) <= _MAX_MESSAGE:
        return raw.decode()
    end = "…"
    return raw[: _MAX_MESSAGE - len(end.encode())].decode(errors="ignore") + end
