"""Whether what a property test has made up can be written at all."""

from custom_components.showrunner.domain.requests.facts import Facts
from custom_components.showrunner.domain.requests.record import dump_facts, dump_request
from custom_components.showrunner.domain.requests.request import Request
from custom_components.showrunner.store.codec import dump


def can_be_written(*values: Facts | Request) -> bool:
    """Tell whether something can: JSON has no half of a letter."""
    try:
        for one in values:
            dump(dump_facts(one) if isinstance(one, Facts) else dump_request(one))
    except TypeError:
        return False
    return True
