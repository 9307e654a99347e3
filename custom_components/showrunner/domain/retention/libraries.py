"""Which libraries of Jellyfin's, and root folders of arrs, are left alone.

Where something chosen is no library or folder that anybody tells of, nobody knows what was meant:
then nothing leaves at all.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from ..finding import Finding
from ..knowledge import Answer, Known, Unknown
from ..paths import components, contains, normalize
from ..text import Words, say
from .facts import RetentionFacts, TitleFacts
from .pieces import Piece
from .policy import RetentionPolicy
from .verdict import RetentionRule as Rule

_JELLYFIN: Final = "jellyfin"


def library_name(label: str) -> str:
    """Write the name of a library, or the path of a folder, so that equal ones are equal."""
    name = label.strip()
    return normalize(name) if components(name) is not None else name.casefold()


def excluded(piece: Piece, policy: RetentionPolicy, facts: RetentionFacts) -> Finding:
    """Tell whether the title lies in what is left alone, in any arr."""
    wanted = policy.excluded
    if not wanted:
        return Finding(Rule.EXCLUDED, Answer.NO, source=_JELLYFIN)
    match facts.libraries:
        case Known(libraries):
            found = _found(piece, wanted, libraries)
        case Unknown(reason):
            found = Answer.UNKNOWN, None, say("retention_libraries_unknown", why=reason)
        case _:
            said = say("retention_libraries_unknown", why=say("nothing_said"))
            found = Answer.UNKNOWN, None, said
    answer, where, detail = found
    return Finding(Rule.EXCLUDED, answer, where, ", ".join(wanted), _JELLYFIN, detail)


def _found(
    piece: Piece, wanted: Iterable[str], libraries: Mapping[str, tuple[str, ...]]
) -> tuple[Answer, str | None, Words]:
    for name in wanted:
        if name not in libraries:
            return Answer.UNKNOWN, name, say("retention_library_missing", library=name)
        for title in piece.holdings:
            if any(_lies_in(libraries[name], path) for path in _paths(title)):
                return Answer.YES, name, say("retention_excluded", library=name)
    known = [folder for folders in libraries.values() for folder in folders]
    if all(_is_placed(title, known) for title in piece.holdings):
        return Answer.NO, None, ""
    return Answer.UNKNOWN, None, say("retention_library_unknown")


def _lies_in(folders: Iterable[str], path: str) -> bool:
    return any(contains(folder, path) for folder in folders)


def _paths(title: TitleFacts) -> Iterator[str]:
    """Give every path of a title, in everybody's names: another's may only keep more."""
    record = title.record
    for path in (record.path, *(one.path for one in record.files)):
        yield path
        if (here := record.path_map.to_here(path)) is not None:
            yield here
    yield from title.shown.value if isinstance(title.shown, Known) else ()


def _is_placed(title: TitleFacts, known: Iterable[str]) -> bool:
    """Tell whether it is known in which libraries and root folder all of a title lies."""
    folders = list(known)
    if isinstance(title.shown, Unknown):
        return False
    shown = title.shown.value if isinstance(title.shown, Known) else ()
    own = title.record.path, title.record.path_map.to_here(title.record.path)
    return all(_lies_in(folders, path) for path in shown) and any(
        path is not None and _lies_in(folders, path) for path in own
    )
