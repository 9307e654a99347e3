"""Which root folders hold streams and nothing that stays, as far as facts tell.

What people fetch through a debrid service is a mount, or a folder of small .strm files that name
an address. A film there is not on anybody's disk.
"""

from collections import Counter
from collections.abc import Iterable
import re
from typing import Final

from .paths import contains

# Programs and services that make such folders, anywhere in a name; and the words that people give
# them, as words of their own ("mainstream" is none).
_NAMED: Final = re.compile(
    r"strm|debrid|rclone|zurg|torbox|premiumize|nzbdav|altmount|decypharr"
    r"|(?<![^\W\d_])stream(?:s|ed|ing)?(?![^\W\d_])",
    re.IGNORECASE,
)
_STREAM_FILE: Final = ".strm"


def streamed(folders: Iterable[str], files: Iterable[tuple[str, str]]) -> frozenset[str]:
    """Tell which folders their names, or most of the titles known in them, call streams.

    `files` are pairs: where a title is, and a file that somebody sees there. A title is a stream
    when anybody sees it as one: who took the .strm file for a film that is whole names it as such.
    """
    roots = tuple(folders)
    titles: dict[str, bool] = {}
    for where, file in files:
        titles[where] = titles.get(where, False) or file.casefold().endswith(_STREAM_FILE)
    streams: Counter[str] = Counter()
    for where, stream in titles.items():
        root = max((one for one in roots if contains(one, where)), key=len, default=None)
        if root is not None:
            streams[root] += 1 if stream else -1
    return frozenset(root for root in roots if _NAMED.search(root) or streams[root] > 0)
