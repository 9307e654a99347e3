# What the scripts share. Sourced, from anywhere: `. "$(dirname "$0")/lib.sh"`.
# Finds or fetches Python and makes the environments, inside the clone, and says what it does.
# shellcheck shell=bash
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT"

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

# Print the path of a Python >= 3.14.2: the machine's, uv's, or Debian's unpacked into .python.
find_python() { "$ROOT/script/python314" --prefix "$ROOT/.python"; }

# environment NAME REQUIREMENTS: make NAME from the file; nothing to do when it is up to date.
environment() {
  local name=$1 requirements=$2 stamp python
  stamp=$(cat "$requirements" script/lib.sh | sha256sum | cut -d' ' -f1)
  if [ "$(cat "$name/.stamp" 2>/dev/null)" = "$stamp" ] && "$name/bin/python" -c '' 2>/dev/null; then
    return
  fi
  python=$(find_python)
  say "making $name from $requirements with $python"
  rm -rf "$name"
  if command -v uv >/dev/null 2>&1; then
    uv venv --quiet --no-project --python "$python" "$name"
    uv pip install --quiet --python "$name/bin/python" -r "$requirements"
  else
    # Debian's Python comes without ensurepip's wheel: pip is fetched into the new environment.
    if ! "$python" -m venv "$name" >/dev/null 2>&1; then
      rm -rf "$name"
      "$python" -m venv --without-pip "$name"
      fetch_pip "$name/bin/python"
    fi
    # uv is much faster; but it reads none of pip's settings, and some machines need them.
    "$name/bin/python" -m pip install --quiet --disable-pip-version-check uv==0.13.5
    if ! VIRTUAL_ENV="$ROOT/$name" UV_SYSTEM_CERTS=1 "$name/bin/uv" pip install --quiet \
      -r "$requirements" 2>/dev/null; then
      say "uv does not get through, going on with pip; this takes a few minutes"
      "$name/bin/python" -m pip install --quiet --disable-pip-version-check -r "$requirements"
    fi
  fi
  echo "$stamp" >"$name/.stamp"
}

# fetch_pip PYTHON: install pip from the package index that this machine's pip is set up for.
fetch_pip() {
  local target=$1 wheel
  mkdir -p "$ROOT/.tools"
  wheel=$(find "$ROOT/.tools/" -name 'pip-*.whl' 2>/dev/null | head -n1)
  if [ -z "$wheel" ]; then
    say "fetching pip"
    "$target" "$ROOT/script/fetch_pip.py" "$ROOT/.tools"
    wheel=$(find "$ROOT/.tools/" -name 'pip-*.whl' | head -n1)
  fi
  "$target" "$wheel/pip" install --quiet --disable-pip-version-check --no-index "$wheel"
}

test_environment() { environment .venv requirements_test.txt; }
demo_environment() { environment .venv-demo requirements_demo.txt; }
