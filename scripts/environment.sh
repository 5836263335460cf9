#!/usr/bin/env bash
# Makes .venv from pyproject.toml and constraints.txt. Where it is up to date, a second call only compares a fingerprint.
#   PYTHON         the interpreter to build on (default python3)
#   TORCH_BACKEND  passed on as uv's --torch-backend (cpu, cu130, auto, ...); empty: torch as the registry gives it
set -euo pipefail
cd "$(dirname "$0")/.."

python=${PYTHON:-python3}
backend=${TORCH_BACKEND:-}
stamp=.venv/.made-from
# The folder belongs to it: a moved .venv has scripts that point elsewhere.
fingerprint=$(printf '%s\n' "$PWD" | cat - pyproject.toml constraints.txt | cksum | tr ' ' -)

made_from='' made_backend=''
if [[ -f $stamp ]]; then
  { read -r made_from && read -r made_backend; } <"$stamp" || true
fi
if [[ $made_from == "$fingerprint" && (-z $backend || $backend == "$made_backend") && -x .venv/bin/python ]]; then
  exit 0
fi

command -v "$python" >/dev/null || {
  echo "No '$python' on this machine: install Python 3.11 or newer, or name one with 'make PYTHON=/path/to/python3 ...'." >&2
  exit 1
}
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  echo "'$python' is $("$python" --version 2>&1), 3.11 or newer is needed: name one with 'make PYTHON=/path/to/python3 ...'." >&2
  exit 1
}

rm -f "$stamp"
if ! .venv/bin/python -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
  echo "Making .venv with $("$python" --version 2>&1) ..."
  "$python" -m venv --clear .venv || {
    echo "'$python -m venv' failed: on Debian and Ubuntu, 'apt-get install python3-venv' brings it." >&2
    exit 1
  }
fi
uv=$(grep '^uv==' constraints.txt)
if [[ $(.venv/bin/uv --version 2>/dev/null | cut -d' ' -f2) != "${uv#uv==}" ]]; then
  echo "Installing $uv into it ..."
  .venv/bin/python -m pip install --quiet --disable-pip-version-check "$uv"
fi

echo "Installing the packages of pyproject.toml at the versions of constraints.txt (the first time: about 3 GB, minutes) ..."
options=()
[[ -z $backend ]] || options+=(--torch-backend "$backend")
[[ -z $backend || $backend == "$made_backend" ]] || options+=(--reinstall-package torch)
.venv/bin/python -m uv pip install --python .venv/bin/python --constraints constraints.txt --build-constraints constraints.txt \
  ${options[@]+"${options[@]}"} --editable '.[dev]'

printf '%s\n%s\n' "$fingerprint" "${backend:-$made_backend}" >"$stamp"
echo "Ready: .venv"
