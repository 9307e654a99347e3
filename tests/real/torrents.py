"""Small real torrents with their data, some with the names that break clients."""

from collections.abc import Sequence
from dataclasses import dataclass
import hashlib
import os
from pathlib import Path
import random
from typing import Final

PIECE: Final = 16384

# What people's torrents are called, in bytes. Three are no UTF-8 or no XML.
ODD: Final = {
    "emoji": "Émile 🎬 日本語 (2024)".encode(),
    "nfd": "Ame\u0301lie.mkv".encode(),
    "xml": b"A & B <tag> \"q\" 'a' ]]> &amp; end",
    "latin1": "Café-Amélie.mkv".encode("latin-1"),
    "control": b"ctl\x01\x08\x1b[31m.mkv",
    "newline": b"two\nlines\ttab.mkv",
    "surrogate": b"cesu\xed\xa0\xbd\xed\xb2\xa9.mkv",
    "nonchar": "nonchar\ufffe\uffff.mkv".encode(),
    "dash": b"-rf --no-preserve-root.mkv",
    "dollar": b"$(touch pwned) `id` ;ls | x.mkv",
    "brackets": b"[Grp] Show - 01 {1080p} %20 #1?.mkv",
    "long": b"L" * 240 + b".mkv",
    "dots": b"...trailing. ",
}


@dataclass(frozen=True)
class Made:
    """A torrent file and what is in it; `paths`: of its files, below its name."""

    hash: str
    name: bytes
    content: bytes
    size: int
    paths: tuple[tuple[bytes, ...], ...]


def bencode(value: object) -> bytes:
    """Write a value as torrent files do."""
    match value:
        case int():
            return b"i%de" % value
        case str():
            return bencode(value.encode())
        case bytes():
            return b"%d:%s" % (len(value), value)
        case list():
            return b"l" + b"".join(map(bencode, value)) + b"e"
        case dict():
            items = sorted((k.encode() if isinstance(k, str) else k, v) for k, v in value.items())
            return b"d" + b"".join(bencode(k) + bencode(v) for k, v in items) + b"e"
    raise TypeError(type(value))


def make(
    data: Path,
    name: bytes,
    files: Sequence[tuple[tuple[bytes, ...], bytes]],
    announce: str,
    *,
    private: bool = False,
) -> Made:
    """Make one torrent; write its data below `data`. One file with an empty path is a single."""
    blob = b"".join(content for _, content in files)
    pieces = [
        hashlib.sha1(blob[i : i + PIECE], usedforsecurity=False).digest()
        for i in range(0, len(blob), PIECE)
    ]
    info: dict[str, object] = {
        "name": name,
        "piece length": PIECE,
        "pieces": b"".join(pieces),
        **({"private": 1} if private else {}),
    }
    if len(files) == 1 and not files[0][0]:
        info["length"] = len(blob)
    else:
        info["files"] = [{"length": len(c), "path": list(path)} for path, c in files]
    for path, content in files:
        full = data.joinpath(*(os.fsdecode(part) for part in (name, *path)))
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_bytes(content)
    found = hashlib.sha1(bencode(info), usedforsecurity=False).hexdigest().upper()
    content = bencode({"info": info, "creation date": 1_700_000_000, "announce": announce})
    return Made(found, name, content, len(blob), tuple(path for path, _ in files))


def make_many(data: Path, count: int, announce: str) -> list[Made]:
    """Make many tiny ones, every third a folder with three files."""
    dice, made = random.Random(1), []
    for i in range(count):
        name = f"Some.Show.S{i // 20:03d}E{i % 20:02d}.1080p.WEB-DL.x264-GROUP-{i:05d}"
        files: list[tuple[tuple[bytes, ...], bytes]] = [((), dice.randbytes(2048))]
        if i % 3 == 2:
            files = [
                ((f"{name}.mkv".encode(),), dice.randbytes(2048)),
                ((b"Subs", b"en.srt"), dice.randbytes(512)),
                ((b"info.nfo",), dice.randbytes(64)),
            ]
        else:
            name += ".mkv"
        made.append(make(data, name.encode(), files, announce))
    return made


def make_odd(data: Path, announce: str) -> dict[str, Made]:
    """Make one of each odd name, and a folder with odd files."""
    dice = random.Random(2)
    made = {
        key: make(data, name, [((), dice.randbytes(1500))], announce) for key, name in ODD.items()
    }
    files = [
        (("Café".encode("latin-1") + b".mkv",), dice.randbytes(900)),
        ((b"sub\x02dir", b"f.txt"), dice.randbytes(10)),
    ]
    made["multi"] = make(data, b"odd-multi", files, announce)
    return made
