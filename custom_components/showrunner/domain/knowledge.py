"""Three answers to every lookup: known, absent or unknown (law 1).

Unknown freezes what depends on it. It never counts as no, zero, unwatched or gone.
Every answer says where it comes from, so that a decision can show its sources.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from .text import Words


class Answer(StrEnum):
    """What a rule says of a candidate."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"

    @classmethod
    def of(cls, value: bool) -> Answer:  # noqa: FBT001
        """Turn a truth into an answer."""
        return cls.YES if value else cls.NO


@dataclass(frozen=True, slots=True)
class Known[T]:
    """The source answered, and this is what it said."""

    value: T
    source: str = ""


@dataclass(frozen=True, slots=True)
class Absent:
    """The source answered, and it has nothing."""

    source: Words = ""


@dataclass(frozen=True, slots=True)
class Unknown:
    """The source did not answer, or not so that it can be believed."""

    reason: Words = ""
    source: str = ""


type Knowledge[T] = Known[T] | Absent | Unknown


def fmap[T, U](knowledge: Knowledge[T], function: Callable[[T], U]) -> Knowledge[U]:
    """Apply a function to what is known; absent and unknown stay what they are."""
    if isinstance(knowledge, Known):
        return Known(function(knowledge.value), knowledge.source)
    return knowledge


def holds[T](knowledge: Knowledge[T], test: Callable[[T], bool], *, absent: Answer) -> Answer:
    """Ask a question of a lookup. What absence means must be said, unknown stays unknown."""
    match knowledge:
        case Known(value):
            return Answer.of(test(value))
        case Absent():
            return absent
        case _:
            return Answer.UNKNOWN


def first[T](*answers: Knowledge[T]) -> Knowledge[T]:
    """Take the first known answer; else unknown if any is unknown; else absent."""
    unknown: Unknown | None = None
    absent: Absent = Absent()
    for answer in answers:
        match answer:
            case Known():
                return answer
            case Unknown():
                unknown = unknown or answer
            case _:
                absent = answer
    return unknown if unknown is not None else absent


def most(answers: Iterable[Knowledge[int]]) -> Knowledge[int]:
    """Take the largest count of several sources.

    One known source is enough (the others can only raise it); if none is known and one is
    unknown, the count is unknown; if all are absent, absent.
    """
    best: Known[int] | None = None
    rest: list[Knowledge[int]] = []
    for answer in answers:
        if isinstance(answer, Known):
            if best is None or answer.value > best.value:
                best = answer
        else:
            rest.append(answer)
    return best if best is not None else first(*rest)


def all_of(answers: Iterable[Answer]) -> Answer:
    """Yes if all are yes, no if any is no, else unknown (Kleene)."""
    seen = set(answers)
    if Answer.NO in seen:
        return Answer.NO
    return Answer.UNKNOWN if Answer.UNKNOWN in seen else Answer.YES


def any_of(answers: Iterable[Answer]) -> Answer:
    """Yes if any is yes, unknown if any is unknown, else no (Kleene)."""
    seen = set(answers)
    if Answer.YES in seen:
        return Answer.YES
    return Answer.UNKNOWN if Answer.UNKNOWN in seen else Answer.NO
