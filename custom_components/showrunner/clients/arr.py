"""What all *arr servers share: the key, the status, and who they are."""

from dataclasses import dataclass
from typing import Final

import aiohttp

from .errors import Refused, Unauthorized, Unreadable, WrongProduct
from .http import HttpClient
from .parse import table, text

_NAMES: Final = "appName"


@dataclass(frozen=True, slots=True)
class ArrStatus:
    """Who answers."""

    app_name: str
    version: str
    instance_name: str


def http_client(
    session: aiohttp.ClientSession, url: str, api_key: str, product: str, version: str
) -> HttpClient:
    """Make the HTTP side; `version` of the API is a part of its address."""
    return HttpClient(
        session,
        f"{url.rstrip('/')}/api/{version}",
        service=product,
        headers={"X-Api-Key": api_key, "Accept": "application/json"},
        secrets=(api_key,),
    )


async def status(http: HttpClient, product: str) -> ArrStatus:
    """Ask who answers. Raises WrongProduct when it is somebody else."""
    try:
        told = table(await http.get("/system/status"))
    except Refused as err:
        raise WrongProduct(product, f"this is not {product} ({err.status})") from None
    except Unauthorized:
        raise
    except Unreadable as err:
        raise WrongProduct(product, err.message) from None
    name = text(told.get(_NAMES))
    if name != product:
        raise WrongProduct(product, f"this is {name or 'something else'}, not {product}")
    return ArrStatus(name, text(told.get("version")) or "", text(told.get("instanceName")) or name)
