"""A step of the schema: what a plan's step does is typed, and no text with commas.

Only steps that were planned by a released version are here, so what it had to know before it
planned them is known: a file had both proofs, and nothing protected it. Whatever is carried out is
checked anew all the same.
"""

from collections.abc import Callable, Iterable, Mapping
import json
import logging
from typing import Any, Final

from sqlalchemy import Connection

_LOGGER = logging.getLogger(__name__)

type _Json = dict[str, Any]

_SOME: Final = 500


def type_steps(connection: Connection) -> None:
    """Rewrite the steps, and have each plan say what was asked for."""
    after = ("", "")
    while rows := connection.exec_driver_sql(
        """SELECT plan_id, step_id, data FROM plan_steps
        WHERE (plan_id, step_id) > (?, ?) ORDER BY plan_id, step_id LIMIT ?""",
        (*after, _SOME),
    ).all():
        for plan_id, step_id, data in rows:
            after = (plan_id, step_id)
            try:
                old = json.loads(data)
                if "payload" in old:
                    continue
                new = json.dumps(_typed(old), separators=(",", ":"))
            except (AttributeError, LookupError, TypeError, ValueError) as err:
                # It stays for whoever can read it; its plan can't be read without it.
                _LOGGER.warning("A step of plan %s stays as it is: %s", plan_id, type(err).__name__)
                continue
            connection.exec_driver_sql(
                "UPDATE plan_steps SET data = ? WHERE plan_id = ? AND step_id = ?",
                (new, plan_id, step_id),
            )
            _say_intent(connection, plan_id, dict(old.get("arguments") or ()))


def _say_intent(connection: Connection, plan_id: str, arguments: Mapping[str, Any]) -> None:
    if "request" in arguments:
        connection.exec_driver_sql(
            """UPDATE plans SET data = json_set(
                data, '$.intent', json_object('request_id', ?, 'files', json(?)))
            WHERE plan_id = ? AND json_valid(data)""",
            (str(arguments["request"]), json.dumps(arguments.get("with_files") is True), plan_id),
        )


def _typed(old: _Json) -> _Json:
    action, arguments = old["action"], dict(old.get("arguments") or ())
    evidence: dict[str, Any] = dict(old.get("evidence") or ())
    payload, proofs, protections = _KINDS[action](arguments, evidence, old)
    after = old.get("after")
    torrent = action == "remove_torrent"
    return {
        "id": old["id"],
        "action": action,
        "scope": "torrent" if torrent else old["scope"],
        "subject": _subject(action, payload, old),
        "target": old["target"],
        "payload": payload,
        "reasons": old["reasons"],
        "findings": [
            *({"rule": one, "answer": "no"} for one in protections),
            *_findings(evidence, action),
        ],
        "proofs": proofs,
        "cost": [
            old.get("items", 1),
            old.get("bytes", 0),
            "torrents" if torrent else "library",
        ],
        "undo": old["undo"],
        "state": old["state"],
        "detail": old.get("detail", ""),
        "after": list(after) if isinstance(after, list) else [] if after is None else [after],
        "bytes_freed": old.get("bytes_freed", 0),
        "waits": old.get("waits", False),
        "needless": old.get("needless", False),
    }


def _subject(action: str, payload: _Json, old: _Json) -> list[Any]:
    media, ids, name, year = old["title"]
    label = f"{name} ({year})" if year else name
    if action == "remove_torrent":
        return ["torrent", payload["hash"], label, old["title"]]
    if action == "delete_file" and old["target"][3]:
        return ["file", old["target"][3], old["target"][3], old["title"]]
    key = next((f"{media}:{one}:{ids[one]}" for one in ("tmdb", "tvdb", "imdb") if ids[one]), label)
    return ["title", key, label, old["title"]]


def _findings(evidence: Mapping[str, Any], action: str) -> Iterable[_Json]:
    """What decided a download, and what was accepted although it differs."""
    for name, said in evidence.items():
        fetches = action in ("add_movie", "update_movie", "search_movie")
        if name in ("year", "identity") or (fetches and name != "file"):
            yield {"rule": name, "answer": "yes", **_seen(said)}


def _seen(said: object) -> _Json:
    """Take what was seen, and where, out of the sentence that said it."""
    if isinstance(said, Mapping) and said.get("text") == "evidence_seen":
        return {"value": said["values"]["value"], "source": said["values"]["source"]}
    return {"detail": said}


# -- what each action did need ---------------------------------------------------------------------

type _Made = tuple[_Json, list[_Json], tuple[str, ...]]
type _Make = Callable[[Mapping[str, Any], Mapping[str, Any], _Json], _Made]

_PROTECTIONS: Final = ("keep", "favorite", "playing")


def _add(arguments: Mapping[str, Any], evidence: Mapping[str, Any], old: _Json) -> _Made:
    return (
        {
            "quality_profile_id": arguments["quality_profile_id"],
            "root_folder": arguments["root_folder"],
            "tag": arguments.get("tag", ""),
        },
        [],
        (),
    )


def _update(arguments: Mapping[str, Any], evidence: Mapping[str, Any], old: _Json) -> _Made:
    wish = {
        "quality_profile_id": arguments.get("quality_profile_id"),
        "root_folder": arguments.get("root_folder"),
        "tag": arguments.get("tag", ""),
        "present_file": evidence.get("file", ""),
    }
    return wish, [], ()


def _search(arguments: Mapping[str, Any], evidence: Mapping[str, Any], old: _Json) -> _Made:
    return {"present_file": evidence.get("file", "")}, [], ()


def _nothing(arguments: Mapping[str, Any], evidence: Mapping[str, Any], old: _Json) -> _Made:
    return {}, [], ()


def _entry(arguments: Mapping[str, Any], evidence: Mapping[str, Any], old: _Json) -> _Made:
    return {}, [_proof("id", old, "")], ("keep",)


def _episodes(arguments: Mapping[str, Any], evidence: Mapping[str, Any], old: _Json) -> _Made:
    return {"episodes": _numbers(arguments.get("episodes"))}, [], ()


def _file(arguments: Mapping[str, Any], evidence: Mapping[str, Any], old: _Json) -> _Made:
    sizes = [old.get("bytes", 0)]
    files, proofs = _files(arguments, evidence, sizes, old)
    return {"files": files}, proofs, _PROTECTIONS if proofs else ()


def _season(arguments: Mapping[str, Any], evidence: Mapping[str, Any], old: _Json) -> _Made:
    sizes = _numbers(arguments.get("sizes"))
    files, proofs = _files(arguments, evidence, sizes, old)
    season = {"season": arguments.get("season", 0), "files": files}
    return season, proofs, _PROTECTIONS if proofs else ()


def _torrent(arguments: Mapping[str, Any], evidence: Mapping[str, Any], old: _Json) -> _Made:
    # Planned only while the arr's own queue named the very same hash.
    named = {"hash": arguments["hash"], "size_bytes": arguments.get("size", 0)}
    return named, [_proof("hash", old, arguments["hash"])], ()


def _media(arguments: Mapping[str, Any], evidence: Mapping[str, Any], old: _Json) -> _Made:
    return {"request_number": arguments["number"]}, [], ()


def _request(arguments: Mapping[str, Any], evidence: Mapping[str, Any], old: _Json) -> _Made:
    return {"request_id": arguments["request"]}, [], ()


def _files(
    arguments: Mapping[str, Any], evidence: Mapping[str, Any], sizes: list[int], old: _Json
) -> tuple[list[_Json], list[_Json]]:
    """Give the files that can be named whole, with both proofs of each."""
    files: list[_Json] = []
    proofs: list[_Json] = []
    for number, size in zip(_numbers(arguments.get("files")), sizes, strict=False):
        said = evidence.get(f"path {number}")
        if not isinstance(said, Mapping) or "id" not in evidence:
            continue  # from before there were texts: such a plan has expired long ago
        path = said["values"]["file"]
        files.append({"id": number, "path": path, "size_bytes": size})
        here = ", ".join(str(one) for one in said["values"]["here"])
        proofs += [
            _proof("id", old, _ids(evidence["id"]), number),
            _proof("path", old, here, number),
        ]
    return files, proofs


def _ids(said: object) -> object:
    return said["values"]["ids"] if isinstance(said, Mapping) else said


def _proof(kind: str, old: _Json, theirs: object, of: int | None = None) -> _Json:
    ours = old["target"][3] or ""
    return {"kind": kind, "ours": ours, "theirs": theirs, "answer": "yes", "of": of}


def _numbers(said: object) -> list[int]:
    return [int(one) for one in str(said or "").split(",") if one.isdecimal()]


_KINDS: Final[Mapping[str, _Make]] = {
    "add_movie": _add,
    "update_movie": _update,
    "search_movie": _search,
    "delete_movie": _entry,
    "unmonitor_movie": _nothing,
    "unmonitor_episodes": _episodes,
    "remove_torrent": _torrent,
    "delete_file": _file,
    "delete_episode_files": _season,
    "forget_media": _media,
    "delete_request": _request,
}
