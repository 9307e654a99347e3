"""Fetch pip's newest wheel from the package index into a folder: `fetch_pip.py FOLDER`.

For a Python that has neither pip nor ensurepip. The index is the one that pip's own settings name
(PIP_INDEX_URL, pip.conf), else PyPI; the file is checked against the hash that the index gives.
"""

import configparser
import hashlib
import html.parser
import os
from pathlib import Path
import re
import sys
from urllib.parse import urldefrag, urljoin
from urllib.request import urlopen

_PYPI = "https://pypi.org/simple"
_WHEEL = re.compile(r"pip-(\d+(?:\.\d+)*)-py3-none-any\.whl\Z")


class _Links(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.links += [value for name, value in attrs if name == "href" and value]


def index() -> str:
    """Find the index's address."""
    if url := os.environ.get("PIP_INDEX_URL"):
        return url
    named = os.environ.get("PIP_CONFIG_FILE", "")
    for path in (named, "~/.config/pip/pip.conf", "~/.pip/pip.conf", "/etc/pip.conf"):
        parser = configparser.ConfigParser(interpolation=None)
        if path and parser.read(Path(path).expanduser()):
            for section in ("global", "install"):
                if url := parser.get(section, "index-url", fallback=""):
                    return url
    return _PYPI


def main() -> int:
    """Fetch it."""
    base = index().rstrip("/") + "/pip/"
    links = _Links()
    with urlopen(base, timeout=60) as answer:
        links.feed(answer.read().decode())
    found = []
    for link in links.links:
        url, fragment = urldefrag(urljoin(base, link))
        if match := _WHEEL.search(url):
            found.append((tuple(map(int, match[1].split("."))), url, fragment))
    if not found:
        print(f"fetch_pip: no pip at {base}", file=sys.stderr)
        return 1
    _, url, fragment = max(found)
    with urlopen(url, timeout=120) as answer:
        wheel = answer.read()
    algorithm, _, wanted = fragment.partition("=")
    if algorithm == "sha256" and hashlib.sha256(wheel).hexdigest() != wanted:
        print("fetch_pip: the file is not what the index says", file=sys.stderr)
        return 1
    Path(sys.argv[1], url.rsplit("/", 1)[-1]).write_bytes(wheel)
    return 0


if __name__ == "__main__":
    sys.exit(main())
