"""A database as version 11 wrote it: viewings as JSON, each with names of its own."""

from collections.abc import Iterable, Sequence
from pathlib import Path
import sqlite3

from custom_components.showrunner.domain.library import LibraryItem, UserRow, WatchedMark
from custom_components.showrunner.domain.watching import Viewing
from custom_components.showrunner.store.codec import dump, milliseconds
from custom_components.showrunner.store.library_rows import prepare
from custom_components.showrunner.store.names import names_of
from custom_components.showrunner.store.tables_of_11 import CREATE
from custom_components.showrunner.store.viewing_columns import end_of, reached

type Marks = Iterable[tuple[str, WatchedMark]]


class Older:
    """Writes such a database."""

    def __init__(self, path: Path, version: int = 11) -> None:
        self._raw = sqlite3.connect(path)
        for statements in CREATE.values():
            for statement in statements:
                self._raw.execute(statement)
        self._raw.execute("INSERT INTO schema_version VALUES (?)", (version,))

    def name(self, name: str) -> int:
        """Give a name's number."""
        self._raw.execute("INSERT OR IGNORE INTO names (name) VALUES (?)", (name,))
        found: tuple[int] = self._raw.execute(
            "SELECT id FROM names WHERE name = ?", (name,)
        ).fetchone()
        return found[0]

    def viewings(self, viewings: Iterable[Viewing], more: Sequence[str] = ()) -> None:
        """Write viewings, each found by `more` names, too; and their watch time."""
        for one in viewings:
            row = self._raw.execute(
                "INSERT INTO viewings VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *(one.viewer_id, one.day.isoformat(), milliseconds(one.started_at)),
                    *(end_of(one), reached(one), one.counts, dump(one.as_dict())),
                ),
            ).lastrowid
            viewer, day = self.name(f"viewer:{one.viewer_id}"), one.day.toordinal()
            self._raw.executemany(
                "INSERT INTO viewing_names VALUES (?, ?, ?, ?, ?)",
                [
                    (self.name(name), viewer, end_of(one), row, day)
                    for name in dict.fromkeys((*names_of(one.unit), *more))
                ],
            )
            self._raw.execute(
                """INSERT INTO watch_time VALUES (?, ?, ?)
                ON CONFLICT DO UPDATE SET seconds = seconds + excluded.seconds""",
                (one.viewer_id, milliseconds(one.ended_at) // 900_000, one.watched),
            )

    def marks(self, marks: Marks) -> None:
        """Write that viewers have watched units."""
        for viewer_id, mark in marks:
            row = self._raw.execute(
                "INSERT INTO watched VALUES (NULL, ?, ?, ?, ?)",
                (
                    *(viewer_id, mark.item_id),
                    *(None if mark.since is None else milliseconds(mark.since), mark.source),
                ),
            ).lastrowid
            viewer = self.name(f"viewer:{viewer_id}")
            self._raw.executemany(
                "INSERT INTO watched_names VALUES (?, ?, ?)",
                [(viewer, self.name(key), row) for key in mark.keys],
            )

    def userdata(self, viewer_id: str, rows: Iterable[UserRow], missed: int = 0) -> None:
        """Write what the server keeps of a viewer; `missed`: by which sweep."""
        self._raw.executemany(
            "INSERT INTO userdata VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    *(viewer_id, row.item_id, row.played, row.favorite, row.play_count),
                    row.position,
                    None if row.last_played is None else milliseconds(row.last_played),
                    *(missed, 2 * missed),
                )
                for row in rows
            ],
        )

    def item(self, item: LibraryItem, missed: int = 0, seen_at: int | None = None) -> None:
        """Write what the library holds; `missed`: by which sweep, `seen_at`: when it was new."""
        values = prepare(item) | {"came": 1, "missed": missed, "seen_at": seen_at}
        names = ", ".join(values)
        self._raw.execute(
            f"INSERT INTO library_items ({names}) VALUES ({', '.join('?' * len(values))})",
            tuple(values.values()),
        )

    def watch_time(self) -> dict[str, float]:
        """Give each viewer's time (seconds)."""
        query = "SELECT viewer_id, sum(seconds) FROM watch_time GROUP BY viewer_id"
        return dict(self._raw.execute(query).fetchall())

    def execute(self, statement: str, values: Sequence[object] = ()) -> None:
        """Write something else."""
        self._raw.execute(statement, values)

    def close(self) -> None:
        """Have it on the disk."""
        self._raw.commit()
        self._raw.close()
