"""Whatever lies on a disk and however clients name it: no file goes that a torrent still uses."""

from dataclasses import replace

from hypothesis import given, settings, strategies as st

from custom_components.showrunner.domain.seeding import PurgePolicy
from tests.effort import examples

from .disk import Disk, Held, alone, spoilt
from .samples import arr, chosen, client, facts, film, imported_film

GB = 10**9
RELEASES = {
    "Pack.S01": {"E01.mkv": 3, "E02.mkv": 4, "Subs/E01.srt": 1},
    "Pack.S02": {"E01.mkv": 3, "E02.mkv": 4, "Subs/E01.srt": 1},
    "Film.2020": {"film.mkv": 9, "film.nfo": 1},
    "Other": {"other.mkv": 5},
}
FOLDERS = ["/srv/dl", "/srv/dl/tv", "/srv/seeds"]
# How the clients of one machine name it, and where they see `/srv`.
HOSTS = ["box", "rt.box.example", "qb.box.example"]
MOUNTS = ["/srv", "/data", "/mnt/box/srv"]


def shown(path: str, mount: str) -> str:
    """Write a path as a client names it."""
    return mount + path.removeprefix("/srv")


@st.composite
def held(draw: st.DrawFn, number: int, service: str, machine: str, mount: str) -> Held:
    """Draw a torrent: a folder, one file, a file of a folder, or files loose in a folder."""
    name = draw(st.sampled_from(list(RELEASES)))
    files, folder = RELEASES[name], draw(st.sampled_from(FOLDERS))
    match draw(st.sampled_from(["folder", "folder", "part", "single", "inner", "loose"])):
        case "folder":
            mine, root, where = {f"{name}/{one}": size for one, size in files.items()}, name, folder
        case "part":  # another torrent of the same folder with other files, or some of them
            some = draw(st.sets(st.sampled_from([*files, "new.mkv"]), min_size=1))
            mine, root, where = {f"{name}/{one}": files.get(one, 2) for one in some}, name, folder
        case "single":
            one = draw(st.sampled_from(list(files))).rpartition("/")[2]
            mine, root, where, name = {one: 3}, one, folder, one
        case "inner":
            one = draw(st.sampled_from([one for one in files if "/" not in one]))
            mine, root, where = {one: files[one]}, one, f"{folder}/{name}"
            name = one
        case _:
            mine, root, where = dict(files), "", folder
    place = f"{where}/{root}" if root else where
    return Held(
        service,
        f"{number:040X}",
        name,
        machine,
        frozenset(f"{where}/{one}" for one in mine),
        sum(mine.values()),
        (shown(place, mount), shown(where, mount)),
        kept=draw(st.booleans()),
    )


@st.composite
def disks(draw: st.DrawFn) -> tuple[Disk, list[Held], dict[str, str]]:
    """Draw two clients, on one machine or two, with torrents over one tree of files."""
    found: list[Held] = []
    hosts: dict[str, str] = {}
    number = 0
    disk = Disk()
    for service in ("c1", "c2"):
        machine = draw(st.sampled_from(["m1", "m1", "m2"]))
        hosts[service] = draw(st.sampled_from(HOSTS)) if machine == "m1" else "elsewhere"
        mount = draw(st.sampled_from(MOUNTS))
        for _ in range(draw(st.integers(0, 3))):
            number += 1
            found.append(draw(held(number, service, machine, mount)))
        whole = [one for one in found if one.service == service and one.name in RELEASES]
        if whole and draw(st.booleans()):
            # A cross-seed in a folder of its own: names of the same files, or links to them.
            number += 1
            found.append(draw(crossed(disk, whole[0], number)))
    return disk, found, hosts


@st.composite
def crossed(draw: st.DrawFn, disk: Disk, of: Held, number: int) -> Held:
    """Seed the same files once more, from a folder of links."""
    paths = {path: f"/srv/cross{path}" for path in of.files}
    if draw(st.booleans()):
        disk.links |= {(of.machine, link): path for path, link in paths.items()}
    mount = of.shown[0][: len(of.shown[0]) - len(_below(of))]
    place, folder = (f"{mount}/cross/srv{one.removeprefix(mount)}" for one in of.shown)
    return replace(
        of,
        hash=f"{number:040X}",
        files=frozenset(paths.values()),
        shown=(place, folder),
        kept=draw(st.booleans()),
    )


def _below(one: Held) -> str:
    return next(
        one.shown[0].removeprefix(mount)
        for mount in sorted(MOUNTS, key=len, reverse=True)
        if one.shown[0].startswith(f"{mount}/")
    )


def purged(found: list[Held], hosts: dict[str, str]) -> list[tuple[str, str, str]]:
    """Say what the purge makes of what its clients tell."""
    by_key = {
        one.key: film(
            int(one.hash, 16),
            name=one.name,
            size_bytes=one.size * GB,
            done_bytes=one.size * GB,
            content_path=one.shown[0],
            save_path=one.shown[1],
            label="keep" if one.kept else "",
        )
        for one in found
    }
    rows = [
        row for number, one in enumerate(by_key.values(), 1) for row in imported_film(one, number)
    ]
    clients = [
        client(
            *(one for (service, _), one in by_key.items() if service == name),
            service=name,
            host=host,
        )
        for name, host in hosts.items()
    ]
    return chosen(facts(*clients, arrs=[arr(rows)]), PurgePolicy())


@settings(max_examples=examples(1500), deadline=None)
@given(disks())
def test_no_file_goes_that_another_torrent_uses(
    drawn: tuple[Disk, list[Held], dict[str, str]],
) -> None:
    disk, found, hosts = drawn
    going = purged(found, hosts)
    assert spoilt(disk, found, going) == [], going
    assert not {one.key for one in found if one.kept} & {(name, one) for name, one, _ in going}


@settings(max_examples=examples(600), deadline=None)
@given(disks())
def test_what_lies_alone_goes_with_its_data(
    drawn: tuple[Disk, list[Held], dict[str, str]],
) -> None:
    """Where all is known: no two torrents bear the same name, nothing lies loose."""
    disk, found, hosts = drawn
    first: dict[str, Held] = {}
    for one in found:
        clear = one.shown[0] != one.shown[1] and all(
            alone(disk, one, [two]) for two in found if two.key != one.key
        )
        if clear and not any(_near(one, two) for two in first.values()):
            first.setdefault(one.name, one)
    few = list(first.values())
    going = {one[:2]: one[2] for one in purged(few, hosts)}
    assert going == {one.key: "deleted" for one in few if not one.kept}


def _near(one: Held, two: Held) -> bool:
    mine, theirs = one.shown[0].split("/"), two.shown[0].split("/")
    return not {*mine[2:], one.name}.isdisjoint({theirs[-1], two.name}) or mine[-1] in theirs
