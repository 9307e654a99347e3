"""Keeps secrets out of what people read, whoever wrote the text and however it is escaped.

Services repeat what they were sent: a key inside a quoted header, a password in a fault, an address
with its login. What is secret is made known once (`conceal`), and masked in all texts of services
and in every ServiceError, also those of another service: Radarr quotes Prowlarr's key. Addresses
and parameters that look like secrets are masked too, for trackers have keys that nobody told us.
"""

import base64
import html
import json
import re
from typing import Final
from urllib.parse import quote, quote_plus

from ..unexpected import mask_with

_MASK: Final = "***"
# A shorter one is masked as a whole word only, and only in what others wrote: it may be a word.
_LONG: Final = 8
_LONGEST_SAID: Final = 200
# Of a text only so much is looked at; less than what readers keep of one.
_WINDOW: Final = 4000
# What JavaScript's encodeURIComponent leaves as it is.
_PLAIN_IN_URLS: Final = "!'()*~"

_PARAMETER: Final = re.compile(
    r"\b(api_?key|x-api-key|x-api-token|access_token|auth_?key|passkey|torrent_pass|rsskey"
    r"|token|password|passwd|pwd|secret|sid|qbt_sid_\d{1,5})=[^\s&\"'<>;,)\]}]+",
    re.IGNORECASE,
)
_LOGIN_IN_URL: Final = re.compile(r"(?<=://)[^\s/@?#]+@")
_WEBHOOK: Final = re.compile(r"(?<=/api/webhook/)[\w-]+")


class _Secrets:
    """What is to be masked: each form of each secret, the longest first."""

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._forms: dict[str, re.Pattern[str]] = {}
        self.longest = 0

    def add(self, secret: str) -> None:
        if not secret.strip() or secret in self._known:
            return
        self._known.add(secret)
        found = self._forms | {form.lower(): _pattern(form) for form in _forms(secret) if form}
        self._forms = dict(sorted(found.items(), key=lambda one: len(one[0]), reverse=True))
        self.longest = max(map(len, found))

    def mask(self, text: str, shortest: int) -> str:
        lowered = text.lower()
        for form, pattern in self._forms.items():
            if len(form) >= shortest and form in lowered:
                text = pattern.sub(_MASK, text)
                lowered = text.lower()
        return text


def _pattern(form: str) -> re.Pattern[str]:
    literal = re.escape(form)
    if len(form) < _LONG:
        literal = rf"(?<![^\W_]){literal}(?![^\W_])"
    return re.compile(literal, re.IGNORECASE)


def _forms(secret: str) -> set[str]:
    """Write a secret in all the ways in which servers write back what they got."""
    raw = secret.encode("utf-8", "replace")
    coded = [_coded(raw, shift) for shift in range(3)]
    escaped = json.dumps(secret)[1:-1]
    page = html.escape(secret)
    return {
        secret,
        # On one line, as it is shown.
        " ".join(secret.split()) or secret,
        quote(secret, safe="", errors="replace"),
        quote(secret, errors="replace"),
        quote(secret, safe=_PLAIN_IN_URLS, errors="replace"),
        quote_plus(secret, errors="replace"),
        escaped,
        json.dumps(secret, ensure_ascii=False)[1:-1],
        json.dumps(escaped)[1:-1],
        page,
        html.escape(secret, quote=False),
        page.replace("&#x27;", "&#39;"),
        page.replace("&#x27;", "&apos;"),
        repr(secret)[1:-1],
        *coded,
        base64.b64encode(raw).decode().rstrip("="),
        *(one.replace("+", "-").replace("/", "_") for one in coded),
        *(quote(one, safe="") for one in coded),
        raw.hex(),
    }


def _coded(raw: bytes, shift: int) -> str:
    """Write bytes in base64 as it looks in the middle of more: without what neighbours change."""
    whole = base64.b64encode(b"\0" * shift + raw).decode()
    found = whole[-(-shift * 8 // 6) : (shift + len(raw)) * 8 // 6]
    return found if shift == 0 or len(found) >= _LONG else ""


_SECRETS: Final = _Secrets()


def conceal(*secrets: str) -> None:
    """Have no text name these, from now on."""
    for secret in secrets:
        _SECRETS.add(secret)


def conceal_login(username: str, password: str) -> None:
    """Have no text name this password, nor the two together as Basic writes them."""
    if password:
        conceal(password, f"{username}:{password}")


def redacted(text: str, *, ours: bool = False) -> str:
    """Mask every secret in a text. `ours`: we wrote it, so a short secret in it is just a word."""
    text = _SECRETS.mask(text, _LONG if ours else 0)
    text = _PARAMETER.sub(rf"\1={_MASK}", text)
    return _WEBHOOK.sub(_MASK, _LOGIN_IN_URL.sub(f"{_MASK}@", text))


def excerpt(text: str, longest: int = _LONGEST_SAID, *, ours: bool = False) -> str:
    """Take a service's words as they may be shown: without secrets, on one line, not too long."""
    cut = len(text) > _WINDOW
    text = redacted(" ".join(text[:_WINDOW].split()), ours=ours)
    if cut:
        # Half a secret at the edge would not be found.
        text = text[: -_SECRETS.longest or None]
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


mask_with(redacted)
