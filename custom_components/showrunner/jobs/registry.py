"""Which jobs there are: the one list of them. What faces show of jobs comes from here."""

from typing import Any

from .delete_request import spec as delete_request
from .download import spec as download
from .import_history import spec as import_history
from .refresh import spec as refresh
from .retention import spec as retention
from .spec import JobSpec
from .sync_library import spec as sync_library
from .undo import spec as undo

# By their keys. Read anew by everyone who works on all jobs.
JOBS: dict[str, JobSpec[Any]] = {
    spec.key: spec
    for spec in (
        download.SPEC,
        refresh.SPEC,
        delete_request.SPEC,
        undo.SPEC,
        import_history.SPEC,
        sync_library.SPEC,
        retention.SPEC,
    )
}
