"""Fetching with lftp: over SFTP, FTP and FTPS, into the same staging folder as in process."""

from .engine import LftpEngine
from .process import Keys, lacking
from .script import Address, Protocol, against_address

__all__ = [
    "Address",
    "Keys",
    "LftpEngine",
    "Protocol",
    "against_address",
    "lacking",
]
