"""The few words in which the judges speak."""

from datetime import UTC, datetime

from custom_components.showrunner.domain.inventory import ArrFile, ArrTitle
from custom_components.showrunner.domain.knowledge import Known
from custom_components.showrunner.domain.media import Place

YES, NO, MAYBE = "yes", "no", "nobody knows"


def real(at: datetime | None, now: datetime) -> bool:
    """Tell whether a date can be counted with."""
    return at is not None and datetime(2000, 1, 1, tzinfo=UTC) <= at <= now


def told(knowledge: object) -> tuple:
    """Give what is told; nothing where there is nothing, or nobody tells."""
    return knowledge.value if isinstance(knowledge, Known) else ()


def the_file(record: ArrTitle, place: Place) -> ArrFile | str | None:
    """Find the file of a unit: none, or that nobody knows which."""
    for unit in record.units:
        if unit.place == place and unit.file_id is not None:
            return next((one for one in record.files if one.id == unit.file_id), MAYBE)
    return None


def is_higher(one: ArrFile | str, other: ArrFile | str) -> bool:
    """Tell whether a file is surely of a higher quality than another."""
    if not isinstance(one, ArrFile) or not isinstance(other, ArrFile):
        return False
    return bool(one.resolution and other.resolution and one.resolution > other.resolution)


def is_equal(one: ArrFile | str, other: ArrFile | str) -> bool:
    """Tell whether two files are surely of the same quality."""
    if not isinstance(one, ArrFile) or not isinstance(other, ArrFile):
        return False
    return bool(one.resolution) and one.resolution == other.resolution
