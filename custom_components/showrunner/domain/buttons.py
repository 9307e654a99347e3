"""The buttons under a notice: what one does, and the token by which a press of it is believed.

Pure. Anybody can fire an event in Home Assistant or post to a webhook: only who holds the entry's
secret can have made a token. No button takes back what keeps something: a press only ever protects.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
import hmac
import json
from typing import Final, Self

from .media import TitleKey, TitleRef

# What stands before a token, so that foreign events are told at a glance.
_PREFIX: Final = "showrunner."
# Ours have about two hundred characters.
_LONGEST: Final = 512
_PURPOSE: Final = b"showrunner button 1"
# As whose word something is kept where nobody knows who has pressed the button.
BY_BUTTON: Final = "notification"
# So long after its end a button is still answered, with the word that it is too late.
EXCUSED: Final = timedelta(days=7)


class Verb(StrEnum):
    """What a button does."""

    KEEP = "keep"
    POSTPONE = "postpone"
    WHY = "why"


@dataclass(frozen=True, slots=True)
class Button:
    """A button about a title, or a season of it. After `until` it does nothing.

    `title` is one id of it with its kind, as movie:tmdb:603.
    """

    verb: Verb
    title: str
    season: int | None
    until: datetime

    def as_dict(self) -> dict[str, object]:
        """Give JSON-safe values."""
        return {
            "verb": self.verb.value,
            "title": self.title,
            "season": self.season,
            "until": self.until.isoformat(),
        }

    @classmethod
    def from_dict(cls, kept: Mapping[str, object]) -> Self:
        """Read what `as_dict` gave. Raises KeyError, ValueError."""
        season, until = kept["season"], datetime.fromisoformat(str(kept["until"]))
        if not isinstance(season, int | None) or until.tzinfo is None:
            raise ValueError("button")
        return cls(Verb(str(kept["verb"])), str(kept["title"]), season, until)

    @property
    def key(self) -> TitleKey:
        """The title's key, by this one id. Raises ValueError."""
        ref = TitleRef.parse(self.title)
        if ref is None or ref.media is None:
            raise ValueError("title")
        return TitleKey(ref.media, ref.ids)


@dataclass(frozen=True, slots=True)
class Press:
    """A button as one channel was given it. Its `number` is no other's."""

    button: Button
    channel: str
    number: str


def offered(title: str, season: int | None, until: datetime, *verbs: Verb) -> tuple[Button, ...]:
    """Give the buttons under a notice, all of them if none is named."""
    return tuple(Button(verb, title, season, until) for verb in verbs or Verb)


def sign(secret: bytes, entry_id: str, press: Press) -> str:
    """Make the token of a button."""
    one = press.button
    until = int(one.until.timestamp())
    fields = [one.verb.value, one.title, one.season, until, press.channel, press.number]
    body = urlsafe_b64encode(json.dumps(fields, separators=(",", ":")).encode()).decode()
    return f"{_PREFIX}{body}.{_proof(secret, entry_id, body)}"


def read(secret: bytes, entry_id: str, token: object) -> Press | None:
    """Read a token; None for what this entry has not signed."""
    if not isinstance(token, str) or not token.startswith(_PREFIX):
        return None
    if len(token) > _LONGEST or not token.isascii():
        return None
    body, _, proof = token.removeprefix(_PREFIX).partition(".")
    if not hmac.compare_digest(proof, _proof(secret, entry_id, body)):
        return None
    # From here on it is what we have written ourselves.
    verb, title, season, until, channel, number = json.loads(urlsafe_b64decode(body))
    button = Button(Verb(verb), title, season, datetime.fromtimestamp(until, UTC))
    return Press(button, channel, number)


def _proof(secret: bytes, entry_id: str, body: str) -> str:
    signed = b"\0".join((_PURPOSE, entry_id.encode(), body.encode()))
    return urlsafe_b64encode(hmac.digest(secret, signed, sha256)).decode().rstrip("=")
