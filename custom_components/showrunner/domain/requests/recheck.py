"""Whether a step of a request's deletion may be carried out now. Pure."""

from collections.abc import Sequence
from typing import Final

from ..deletion import recheck
from ..deletion.draft import Deletion
from ..plan import Skip, Step, Wait
from ..text import say

OVER: Final = Skip(say("request_over"))


def against_doing(
    step: Step, fresh: Deletion | None, prepares: Sequence[Step] = ()
) -> Skip | Wait | None:
    """Say what stands against a step; None: it may be done. `fresh` None: the request is over."""
    return OVER if fresh is None else recheck.against_doing(step, fresh, prepares)
