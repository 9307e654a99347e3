"""The name of a request: from which source, of which linked service, under which number there."""

from dataclasses import dataclass
from enum import StrEnum
import re
from typing import Final, Self


class RequestSource(StrEnum):
    """Where somebody has asked."""

    SEERR = "seerr"
    ARR = "arr"  # by adding it to a Radarr or Sonarr by hand


# A number is written in one way only, so that what is read is written the same again.
_REF: Final = re.compile(
    rf"(?P<source>{'|'.join(RequestSource)}):(?P<service>.+):(?P<number>0|[1-9][0-9]{{0,15}})"
)


def beginning(source: RequestSource, service: str) -> str:
    """Give what the names of all requests of a service begin with."""
    return f"{source}:{service}:"


@dataclass(frozen=True, slots=True)
class RequestRef:
    """Whose request it is. `service`: the subentry; `number`: that service's own of it.

    An arr has no requests: there it is the number of the title.
    """

    source: RequestSource
    service: str
    number: int

    @property
    def text(self) -> str:
        """The same as one text, which is what is kept: seerr:<service>:<number>."""
        return f"{beginning(self.source, self.service)}{self.number}"

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read what `text` gave; None for any other."""
        found = _REF.fullmatch(text)
        if found is None:
            return None
        return cls(RequestSource(found["source"]), found["service"], int(found["number"]))
