"""Why a plan is not carried out, stopped or let go on now."""

from ..refused import Refused


class AlreadyRunning(Refused):
    """A run of this job is under way (law 11)."""

    callers_mistake = False

    def __init__(self, job: str, plan_id: str) -> None:
        """Name the first run."""
        super().__init__(translation_key="already_running", job=job, plan_id=plan_id)


class PlanUnknown(Refused):
    """There is no such plan."""

    def __init__(self, plan_id: str) -> None:
        """Take the id that was asked for."""
        super().__init__(translation_key="plan_unknown", plan_id=plan_id)


class PlanExpired(Refused):
    """The plan is too old to be carried out."""

    def __init__(self, plan_id: str) -> None:
        """Take the plan's id."""
        super().__init__(translation_key="plan_expired", plan_id=plan_id)


class NotUnderWay(Refused):
    """Nothing of the plan is being carried out, and nothing waits."""

    def __init__(self, plan_id: str) -> None:
        """Take the plan's id."""
        super().__init__(translation_key="plan_not_under_way", plan_id=plan_id)
