"""What one entry has at run time; the only thing that faces hold.

`assembly` puts it together, `lifecycle` starts and stops it.
"""

from ..clients.errors import NotOurs, ServiceError
from ..domain.fall import FallBusy, FallMoved
from ..jobs.approve import NotHandedOn, NotWaiting
from ..jobs.kit.refusals import PlanUnknown
from ..jobs.refused import Refused
from ..jobs.title_lookup import KindUnknown, Meant, TitleAmbiguous, TitleUnknown
from ..services.linked import WebhookEndpoint
from .entry import Runtime, ShowrunnerConfigEntry, database_path, pictures_path

__all__ = [
    "FallBusy",
    "FallMoved",
    "KindUnknown",
    "Meant",
    "NotHandedOn",
    "NotOurs",
    "NotWaiting",
    "PlanUnknown",
    "Refused",
    "Runtime",
    "ServiceError",
    "ShowrunnerConfigEntry",
    "TitleAmbiguous",
    "TitleUnknown",
    "WebhookEndpoint",
    "database_path",
    "pictures_path",
]
