"""Logs what nobody expected, whole, and without what is secret in it.

An exception of a library quotes what it was given: an address with its login, a header, a body.
"""

from collections.abc import Callable
from logging import Logger
import traceback
from typing import Final

# The beginning and the end of a trace say what happened; a whole body may be in it.
_MOST: Final = 20_000

_masks: list[Callable[[str], str]] = []


def mask_with(mask: Callable[[str], str]) -> None:
    """Have what is secret masked: whoever knows what that is says so when it is loaded."""
    _masks.append(mask)


def log_unexpected(logger: Logger, message: str, *args: object) -> None:
    """Log the exception that is being handled, as an error."""
    report = f"{message % args}\n{traceback.format_exc()}".rstrip()
    for mask in _masks:
        report = mask(report)
    if len(report) > _MOST:
        report = f"{report[: _MOST // 2]}…{report[-_MOST // 2 :]}"
    logger.error("%s", report)
