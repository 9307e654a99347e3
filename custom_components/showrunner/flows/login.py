"""One way to sign in or none: a secret of its own (a token, an API key), or a name and password."""

from collections.abc import Mapping
from typing import Any

from homeassistant.const import CONF_PASSWORD, CONF_USERNAME

from .common import InvalidLogin


def one_login(
    stored: Mapping[str, Any], typed: Mapping[str, Any], secret: str, both: str
) -> dict[str, Any]:
    """Return the stored data with what was typed, and one way to sign in or none.

    An empty password keeps the stored one of the same name; a secret and a name left empty keep a
    stored secret. `secret` names its field, `both` the error of typing it beside a name. Raise
    InvalidLogin.
    """
    login = (secret, CONF_USERNAME, CONF_PASSWORD)
    data = {key: value for key, value in {**stored, **typed}.items() if key not in login}
    own, username, password = (typed.get(name) or "" for name in login)
    if own and (username or password):
        raise InvalidLogin(both, secret)
    if password and not username:
        raise InvalidLogin("username_missing", CONF_USERNAME)
    if username:
        if not password and stored.get(CONF_USERNAME) == username:
            password = stored.get(CONF_PASSWORD, "")
        if not password:
            raise InvalidLogin("password_missing", CONF_PASSWORD)
        return {**data, CONF_USERNAME: username, CONF_PASSWORD: password}
    own = own or stored.get(secret, "")
    return {**data, secret: own} if own else data
