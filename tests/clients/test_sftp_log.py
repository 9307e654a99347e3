"""asyncssh logs hosts and users at INFO: that is not for our log."""

from collections.abc import Generator
import logging

import pytest

from custom_components.showrunner.clients import sftp_connection
from custom_components.showrunner.clients.errors import ServiceError
from custom_components.showrunner.clients.sftp_connection import SftpLogin

pytestmark = pytest.mark.usefixtures("socket_enabled")


@pytest.fixture
def logger() -> Generator[logging.Logger]:
    logger = logging.getLogger("asyncssh")
    before = logger.level
    yield logger
    logger.setLevel(before)


@pytest.mark.parametrize(
    ("chosen", "used"),
    [(logging.NOTSET, logging.WARNING), (logging.DEBUG, logging.DEBUG)],
)
async def test_hosts_and_users_are_not_logged_unless_somebody_chose_it(
    logger: logging.Logger, chosen: int, used: int
) -> None:
    logger.setLevel(chosen)
    with pytest.raises(ServiceError):
        await sftp_connection.opened(SftpLogin("127.0.0.1", 1, "anna"))
    assert logger.level == used
