"""JSON that is large, is read by its row and asked nothing by SQL: packed, a seventh of its size.

What is short and like all others packs well by a sample that is known to both sides. What is no
bytes was written before this, or could not be packed: it is read as it stands.
"""

from typing import Final
import zlib

from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator

from ..domain.text import say
from .errors import StoreDamaged

# Which sample it was packed by: written once, never changed. Another one would be another number.
_FIRST: Final = 1
_SAMPLE: Final = (
    b'{"state":"available","progress":100.0,"episodes":{"requested":1,"downloading":1,"failed":1,'
    b'"available":20},"attempts":1,"available_at":1780000000000,"closed":null,"closed_at":null,'
    b'"pending":false}["t","",1780000000000,100.0,null,"stalled","","qbittorrent",1780000000000],'
    b'["t","",1780000000000,0.0,60.0,"no_seeds","","sonarr",1780000000000,1780000000000],'
    b'["e","declined",["e","withdrawn",["e","refused",["e","deleted",["e","failed",["e","matched",'
    b'["e","pending",["e","started",1780000000000,null,"["e","complete",1780000000000,null,"'
    b'{"id":"","ref":"seerr:","media":"movie","ids":{"tmdb":1,"tvdb":null,"imdb":"tt00"},"name":"'
    b'The ","year":2020,"requested_at":1780000000000,"seasons":null,"is_4k":true,"anime":true,'
    b'"requested_by":"","poster":"/.jpg","other_titles":[],"arr":["radarr",1],"floor":null}'
    b'"media":"series","ids":{"tmdb":1,"tvdb":1,"imdb":"tt0000001"},"name":"","year":2019,'
    b'"requested_at":1780000000000,"seasons":[1],"is_4k":false,"anime":false,"requested_by":"",'
    b'"poster":"https://image.tmdb.org/t/p/w600_and_h900_bestv2/.jpg","other_titles":[],'
    b'"arr":["sonarr",1],"floor":1780000000000}'
    b'[["e","approved",1780000000000,null,"",""],["i","movie",1780000000000,1,1,1780000000000,'
    b'null,"/data/media/movies/ (2020)/ (2020) Bluray-1080p.mkv",null],'
    b'["s","movie",1780000000000,1,null,1780000000000,1780000000000],'
    b'["e","grabbed",1780000000000,"s1e1","","S01 1080p WEB-DL"],'
    b'["i","s1e1",1780000000000,0,1,1780000000000,null,"",1780000000000],'
    b'["e","grabbed",1780000000000,"s1e2","0123456789ABCDEF",""],'
    b'["e","imported",1780000000000,"s1e2","0123456789ABCDEF",""],'
    b'["i","s1e2",1780000000000,1,1,1780000000000,null,"/data/media/tv/ (2020)/Season 01/ - S01E02'
    b' -  WEBDL-1080p.mkv",null],["s","s1e2",1780000000000,1,null,1780000000000,1780000000000],'
)
_SAMPLES: Final = {_FIRST: _SAMPLE}


def pack(text: str) -> bytes:
    """Pack a text."""
    packing = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS, 9, zdict=_SAMPLE)
    return bytes((_FIRST,)) + packing.compress(text.encode()) + packing.flush()


def unpack(stored: bytes) -> str:
    """Give what was packed. Raises StoreDamaged: we packed it whole."""
    sample = _SAMPLES.get(stored[0]) if stored else None
    if sample is None:
        raise StoreDamaged(say("store_row_unreadable", why="packed"))
    try:
        unpacking = zlib.decompressobj(-zlib.MAX_WBITS, zdict=sample)
        text = unpacking.decompress(stored[1:])
        if not unpacking.eof or unpacking.unused_data:
            raise StoreDamaged(say("store_row_unreadable", why="packed"))
        return text.decode()
    except (zlib.error, UnicodeDecodeError) as err:
        raise StoreDamaged(say("store_row_unreadable", why=type(err).__name__)) from None


class Packed(TypeDecorator[str]):
    """A column of packed texts."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        """Pack what is written."""
        return None if value is None else pack(value)

    def process_result_value(self, value: bytes | str | None, dialect: Dialect) -> str | None:
        """Unpack what is read."""
        return unpack(value) if isinstance(value, bytes) else value
