"""Extras, samples and leftovers: which videos are such, and may go."""

from .escaping import escaped, shown, unescaped
from .expiry import is_confirmed, is_past_due
from .markers import PATTERNS, Markers
from .names import is_closed, is_video, plain, unfinished
from .rule import SETTLED, ExtrasRule, Verdict, holds_one_title, judge
from .values import ExtrasPolicy, Fingerprint, Folder, Home, Library, Parts, Video

__all__ = [
    "PATTERNS",
    "SETTLED",
    "ExtrasPolicy",
    "ExtrasRule",
    "Fingerprint",
    "Folder",
    "Home",
    "Library",
    "Markers",
    "Parts",
    "Verdict",
    "Video",
    "escaped",
    "holds_one_title",
    "is_closed",
    "is_confirmed",
    "is_past_due",
    "is_video",
    "judge",
    "plain",
    "shown",
    "unescaped",
    "unfinished",
]
