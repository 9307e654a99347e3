"""Secrets are masked however a service writes them back."""

import base64
import html
import json
from urllib.parse import quote, quote_plus

from hypothesis import example, given, strategies as st
import pytest

from custom_components.showrunner.clients import redaction
from custom_components.showrunner.clients.errors import Refused, ServiceError, Unreadable
from custom_components.showrunner.clients.redaction import (
    conceal,
    conceal_login,
    excerpt,
    redacted,
)
from custom_components.showrunner.domain.text import say
from tests.english import english

KEY = 'Quill+Rook/"9f3c é&<'
USER, PASSWORD = "ada", "tin-Whistle%4"


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Know only what the test makes known."""
    monkeypatch.setattr(redaction, "_SECRETS", redaction._Secrets())
    conceal(KEY)
    conceal_login(USER, PASSWORD)


FORMS = {
    "as it is": KEY,
    "upper case": KEY.upper(),
    "lower case": KEY.lower(),
    "in a URL": quote(KEY),
    "in a URL, all of it": quote(KEY, safe=""),
    "in a URL, lower-case escapes": quote(KEY, safe="").lower(),
    "in a form": quote_plus(KEY),
    "in JSON": json.dumps(KEY),
    "in JSON in JSON": json.dumps(json.dumps(KEY)),
    "in JSON as it is": json.dumps(KEY, ensure_ascii=False),
    "in a page": html.escape(KEY),
    "in Python": repr(KEY),
    "in base64": base64.b64encode(KEY.encode()).decode(),
    "in base64 for URLs": base64.urlsafe_b64encode(KEY.encode()).decode(),
    "in hex": KEY.encode().hex(),
    "in hex, upper case": KEY.encode().hex().upper(),
    "the password": PASSWORD,
    "as Basic": base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode(),
    "in an address": f"http://{USER}:{quote(PASSWORD)}@host/RPC2",
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("around", ["{}", "x {} y", 'header="{}"', "a{}b"])
def test_every_form_is_masked(form: str, around: str) -> None:
    """Whatever stands around it."""
    for said in (redacted(around.format(form)), excerpt(around.format(form))):
        assert form not in said
        assert "***" in said
        assert "Quill" not in said
        assert "Whistle" not in said


@pytest.mark.parametrize(
    "said",
    [
        "http://prowlarr/1/download?apikey=0123456789abcdef&link=x",
        "announce?passkey=0123456789abcdef is not registered",
        "Cookie: SID=0123456789abcdef",
        "https://someone:0123456789abcdef@tracker/announce",
        "http://homeassistant:8123/api/webhook/0123456789abcdef",
    ],
)
def test_what_looks_like_a_secret_is_masked_though_nobody_told_us(said: str) -> None:
    """Keys of trackers and of services that are not linked."""
    assert "0123456789abcdef" not in excerpt(said)


def test_a_short_password_is_a_word_in_our_own_texts() -> None:
    """In a service's text it is masked where it stands alone; ours would only give it away."""
    conceal("key")
    assert str(ServiceError("X", "the key was refused")) == "X: the key was refused"
    assert excerpt("wrong password 'key', monkey") == "wrong password '***', monkey"
    conceal("abcd")
    assert excerpt("YWJjZA==") == "***=="


def test_a_secret_within_a_text_of_ours_is_masked() -> None:
    """However deep a service's words lie in it; for people as for the log."""
    conceal(KEY)
    why = say("error_server_failed_saying", status=500, what=f"no {KEY} here")
    err = ServiceError("X", say("error_not_ntfy_why", why=why))
    for text in (err.message, str(err), english(err.said), english(err.text)):
        assert KEY not in text
        assert "no *** here" in text


def test_a_secret_in_a_list_within_a_text_of_ours_is_masked() -> None:
    """Words of a service, and texts that hold some."""
    conceal(KEY)
    listed = (f"no {KEY} here", say("error_not_ntfy_why", why=f"nor {KEY} there"))
    err = ServiceError("X", say("facts", all=listed))
    for text in (english(err.said), english(err.text)):
        assert KEY not in text
        assert "no *** here" in text
        assert "nor *** there" in text


def test_a_cut_leaves_no_half_a_secret() -> None:
    """At whatever place the text is cut."""
    for begin in range(3900, 4020):
        said = excerpt("x" * begin + KEY + "tail", 10_000)
        assert "Quill"[:4] not in said
    for begin in range(150, 210):
        assert "Quil" not in excerpt("x" * begin + KEY)
    # Also where so much is masked that what lay at the edge moves to the front.
    assert "Qui" not in excerpt(KEY * 1000)
    assert "Qui" not in excerpt("x" + KEY * 1000)


@given(st.text(min_size=8).filter(lambda one: one.strip() and "*" not in one), st.text(), st.text())
@example(" 0000000", "x ", "")
@example("blank  and\ttab", "", "")
def test_no_known_secret_is_in_what_is_shown(secret: str, before: str, after: str) -> None:
    """Nor in the error that carries it, its arguments or its attributes."""
    conceal(secret)
    error = Unreadable("X", f"{before}{secret}{after}")
    for text in (redacted(f"{before}{secret}{after}"), str(error)):
        assert secret not in text


def test_an_error_is_masked_whoever_makes_it() -> None:
    """In its text, its arguments and its message; and it does not become endless."""
    error = Refused("X", 400, f"wrong {KEY} " + "y" * 5000)
    for text in (str(error), repr(error), str(error.args), error.message, repr(vars(error))):
        assert "Quill" not in text
        assert len(text) < 2200
