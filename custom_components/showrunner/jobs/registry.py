"""The jobs that a person may switch and start: switches, buttons and their texts come from here.

A job's key is a part of public names: `auto_<key>`, `run_<key>`, and `job` in events.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from ..const import OPT_DOWNLOADS, OPT_REFRESH
from ..options import Options


class Job(Protocol):
    """What every job in the registry can do."""

    def run_now(self) -> None:
        """Do at once what there is to do; pacing, dry run and budgets hold as always."""
        ...


@dataclass(frozen=True, slots=True)
class JobEntry:
    """A job. `section` and `option` name its switch in the options; `enabled` reads it."""

    key: str
    section: str
    option: str
    enabled: Callable[[Options], bool]

    @property
    def switch_key(self) -> str:
        """The key of its switch."""
        return f"auto_{self.key}"

    @property
    def button_key(self) -> str:
        """The key of its button."""
        return f"run_{self.key}"


JOBS: Final = (
    JobEntry("download", OPT_DOWNLOADS, "enabled", lambda options: options.downloads.enabled),
    JobEntry("refresh", OPT_REFRESH, "enabled", lambda options: options.refresh.enabled),
)
