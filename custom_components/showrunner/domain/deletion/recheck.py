"""Whether a step may be carried out now, by what would be planned in this moment (law 3). Pure.

It may, while the very same step would be planned again and nothing has to be done before it.
"""

from collections.abc import Sequence
from typing import Final

from ..plan import Action, Skip, Step, Wait
from ..text import Text, say
from .draft import DELETE_REQUEST, FORGET_MEDIA, Deletion, same_intent, unmonitors

# What goes when all else is done.
_LAST: Final = frozenset({FORGET_MEDIA, DELETE_REQUEST})
# What may have come to be done first.
_DOING: Final = {
    Action.DELETE_FILE: say("doing_delete_file"),
    Action.DELETE_EPISODE_FILES: say("doing_delete_episodes"),
    Action.DELETE_MOVIE: say("doing_delete_movie"),
    Action.REMOVE_TORRENT: say("doing_remove_torrent"),
}


def against_doing(step: Step, fresh: Deletion, prepares: Sequence[Step] = ()) -> Skip | Wait | None:
    """Say what stands against a step; None: it may be done.

    `prepares`: the deletions that it is done for. Without every one of them it is not (law 15).
    """
    if (against := _against(step, fresh, ())) is not None:
        return against
    for deletion in prepares:
        against = _against(deletion, fresh, deletion.after)
        if isinstance(against, Wait) or (isinstance(against, Skip) and not against.needless):
            return against
    return None


def _against(step: Step, fresh: Deletion, ahead: Sequence[str]) -> Skip | Wait | None:
    found = fresh.step(step.id)
    return _missing(step, fresh) if found is None else _changed(step, found, fresh, ahead)


def _changed(step: Step, found: Step, fresh: Deletion, ahead: Sequence[str]) -> Skip | None:
    """Say what is another thing than when the plan was made. `ahead`: what may still be to do."""
    if not _same(found, step):
        return Skip(say("changed_since_plan"))
    # What came first in the plan is done: if something does again, it came since.
    first = [one for one in found.after if one not in (*_LAST, *ahead)]
    if any(unmonitors(one) for one in first):
        return Skip(say("monitored_again"))
    if first:
        return Skip(say("changed_order", steps=tuple(_named(fresh.step(one)) for one in first)))
    return None


def _named(step: Step | None) -> Text:
    return say("doing_else") if step is None else _DOING.get(step.action, say("doing_else"))


def _same(found: Step, step: Step) -> bool:
    # With its title Seerr has forgotten the request too: then only ours is left.
    ours = step.action is Action.DELETE_REQUEST and found.target.kind == "showrunner"
    return ours or same_intent(found, step)


def _missing(step: Step, fresh: Deletion) -> Skip | Wait:
    """Say why a step is not planned any more: it may not be, it can't yet, or it need not."""
    why = fresh.why_not(step.id)
    if why is not None:
        # What does not stand in the request's way does not in that of other steps either.
        return Wait(why.reason) if why.unknown else Skip(why.reason, needless=not why.blocks)
    return Skip(say("nothing_left_to_do"), needless=True)
