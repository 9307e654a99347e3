"""Which jobs there are: the one list of them. What faces show of jobs comes from here."""

from typing import Any

from .cleanup import spec as cleanup
from .delete_request import spec as delete_request
from .digest import spec as digest
from .download import spec as download
from .extras import spec as extras
from .import_history import spec as import_history
from .purge import spec as purge
from .refresh import spec as refresh
from .remove_source import spec as remove_source
from .retention import spec as retention
from .spec import JobSpec
from .sync import spec as sync
from .sync_library import spec as sync_library
from .torrents import spec as torrents
from .undo import spec as undo

# By their keys. Read anew by everyone who works on all jobs.
JOBS: dict[str, JobSpec[Any]] = {
    spec.key: spec
    for spec in (
        download.SPEC,
        refresh.SPEC,
        delete_request.SPEC,
        cleanup.SPEC,
        extras.SPEC,
        digest.SPEC,
        undo.SPEC,
        import_history.SPEC,
        sync_library.SPEC,
        torrents.SPEC,
        sync.SPEC,
        retention.SPEC,
        purge.SPEC,
        remove_source.SPEC,
    )
}
