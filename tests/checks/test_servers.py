"""The script that fetches real servers, with an apt that minds what is installed."""

import os
from pathlib import Path
import shutil
import subprocess

import pytest

SCRIPTS = Path(__file__).parents[2] / "script"
# As apt does (2.6, Debian 12): what is installed in a version that this source does not offer, as a
# security update is, is asked for in that version.
APT = """#!/bin/sh
echo "$*" >>"$ASKED"
installed=1
for word; do
  case $word in
    Dir::State::status=/dev/null) installed= ;;
    update | install | download) what=$word ;;
  esac
  last=$word
done
case $what in
  install) echo "Inst $last (1 Debian:12/stable [amd64])" ;;
  download)
    if [ -n "$installed" ]; then
      echo "E: Can't find a source to download version '1+deb12u2' of '$last'" >&2
      exit 100
    fi
    touch "${last}_1_amd64.deb"
    ;;
esac
"""
DPKG_DEB = """#!/bin/sh
mkdir -p "$3/usr/bin"
printf '#!/bin/sh\n' >"$3/usr/bin/ntfy"
chmod +x "$3/usr/bin/ntfy"
"""


def _program(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


def _debian() -> bool:
    lists = [Path("/etc/apt/sources.list"), *Path("/etc/apt/sources.list.d").glob("*")]
    return any("/debian" in one.read_text() for one in lists if one.is_file())


@pytest.mark.skipif(not _debian(), reason="no Debian archive in this machine's sources")
def test_what_this_machine_has_of_a_newer_version_is_not_asked_for(tmp_path: Path) -> None:
    """Each question is asked as if nothing were installed."""
    (tmp_path / "script").mkdir()
    for name in ("servers", "lib.sh"):
        shutil.copy(SCRIPTS / name, tmp_path / "script" / name)
    programs, asked = tmp_path / "bin", tmp_path / "asked"
    programs.mkdir()
    _program(programs / "apt-get", APT)
    _program(programs / "dpkg-deb", DPKG_DEB)
    done = subprocess.run(
        [tmp_path / "script/servers"],
        env={**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "ASKED": str(asked)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    calls = asked.read_text().splitlines()
    assert {"update", "install", "download"} <= {word for call in calls for word in call.split()}
    assert all("Dir::State::status=/dev/null" in call for call in calls)
    fetched = {one.parent.name for one in (tmp_path / ".servers").glob("*/.ready")}
    assert fetched == {"bookworm", "forky", "ftp", "ssh"}
