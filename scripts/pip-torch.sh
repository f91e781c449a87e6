#!/bin/sh
# Prints the folder of the LibTorch in PyPI's torch package, which it installs if it is not there.
#
#   CLADTORCH_VENV   the virtual environment (build/torch)
#   CLADTORCH_TORCH  what pip installs into it, such as torch==2.9.0 (torch, any that is there)
set -eu
cd "$(dirname "$0")/.."
venv=${CLADTORCH_VENV:-build/torch}

folder() {
  "$venv/bin/python" -c 'import importlib.util as u; s = u.find_spec("torch"); print(s.submodule_search_locations[0] if s else "")'
}

[ -x "$venv/bin/python" ] || python3 -m venv "$venv" >&2 ||
  { echo "FAIL $venv could not be made: install python3-venv, or set CLADTORCH_VENV to an environment that has torch" >&2; exit 1; }
if [ -n "${CLADTORCH_TORCH:-}" ] || [ -z "$(folder)" ]; then
  package=${CLADTORCH_TORCH:-torch}
  echo "Installing $package with all that it needs, some gigabytes, into $venv" >&2
  "$venv/bin/pip" install -q "$package" >&2 || { echo "FAIL pip could not install $package into $venv" >&2; exit 1; }
fi
folder
