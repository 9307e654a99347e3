"""What people may have torrent clients do, as the rest of the house sees it."""

from dataclasses import dataclass
import re
from typing import Any, Final

from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from ...coordinators.base import ServiceCoordinator
from ...coordinators.torrents import TorrentCoordinator
from ...options import Options
from ...validation import flag, text
from ..spec import Data, JobAction, JobSpec, Parts
from .fullness import FullnessWatch
from .job import JOB, TorrentControl

_HASH: Final = re.compile(r"[0-9A-Fa-f]{40}")
_MOST_HASHES: Final = 10_000
# rTorrent 0.9.8 takes no more than 2^30 bytes per second.
_MOST_MBIT: Final = 8000


def _hashes(value: object) -> list[str]:
    """Take one hash or several. Raises vol.Invalid."""
    given = [text(one) for one in cv.ensure_list(value)]
    if len(given) > _MOST_HASHES or not all(_HASH.fullmatch(one) for one in given):
        raise vol.Invalid("expected hashes of 40 hexadecimal digits")
    return given


def _mbit(value: Any) -> float:
    """Take a rate. Raises vol.Invalid."""
    try:
        found = float(value)
    except TypeError, ValueError, OverflowError:
        raise vol.Invalid("expected a number") from None
    if not 0 <= found <= _MOST_MBIT:
        raise vol.Invalid(f"expected 0 to {_MOST_MBIT}")
    return found


_CLIENT: Final = {vol.Optional("client"): text}
_SAFETY: Final = {vol.Optional("dry_run"): flag, vol.Optional("confirm", default=False): flag}
_TORRENTS: Final = {
    **_CLIENT,
    vol.Optional("hashes"): _hashes,
    vol.Optional("label"): text,
    vol.Optional("all", default=False): flag,
    **_SAFETY,
}
_LIMITS: Final = {
    **_CLIENT,
    vol.Optional("down_mbit"): _mbit,
    vol.Optional("up_mbit"): _mbit,
    **_SAFETY,
}


@dataclass(frozen=True, slots=True)
class Torrents:
    """What is done with torrent clients: what a person says, and telling when one is full."""

    control: TorrentControl
    fullness: FullnessWatch


def _create(parts: Parts) -> Torrents:
    return Torrents(
        TorrentControl(parts.services.of(TorrentCoordinator), parts.settings.now),
        FullnessWatch(parts.store, parts.signals, lambda: _target(parts.settings.now())),
    )


def _target(options: Options) -> int | None:
    """Say how much a client may hold; None while no purge keeps to it."""
    return options.purge.policy.max_bytes if options.purge.enabled else None


def _connect(job: Torrents, parts: Parts) -> None:
    def follow(service: ServiceCoordinator[Any]) -> None:
        if isinstance(service, TorrentCoordinator):
            job.fullness.follow(service)

    parts.services.each(follow)


def _shows(data: Data) -> bool:
    return data.get("dry_run") is True


SPEC: Final = JobSpec[Torrents](
    key=JOB,
    create=_create,
    connect=_connect,
    workers=lambda job: (("full torrent clients", job.fullness.work),),
    actions=(
        JobAction(
            name="pause_torrents",
            fields=_TORRENTS,
            answer=lambda job, data: job.control.pause(data),
            only_shows=_shows,
        ),
        JobAction(
            name="resume_torrents",
            fields=_TORRENTS,
            answer=lambda job, data: job.control.resume(data),
            only_shows=_shows,
        ),
        JobAction(
            name="limit_torrents",
            fields=_LIMITS,
            answer=lambda job, data: job.control.limit(data),
            only_shows=_shows,
        ),
    ),
)
