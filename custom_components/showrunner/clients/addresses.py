"""Addresses of services, as people type them."""

from urllib.parse import SplitResult, urlsplit, urlunsplit


def normalize_url(text: str) -> str:
    """Write an address as typed by people in one way: scheme, host, port and base path.

    Without a scheme it is http. Raises ValueError for what can't be one, and for one that holds a
    user name, a query or a fragment.
    """
    typed = text.strip()
    if "://" not in typed:
        typed = f"http://{typed}"
    parts = urlsplit(typed)
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
        raise ValueError("not an http address")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("an address without user, query and fragment")
    if any(char.isspace() or not char.isprintable() for char in typed):
        raise ValueError("blanks in the address")
    _ = parts.port  # raises ValueError when it is none
    path = parts.path.rstrip("/")
    return urlunsplit(SplitResult(parts.scheme.lower(), parts.netloc.lower(), path, "", ""))
