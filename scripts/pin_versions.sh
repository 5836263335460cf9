#!/usr/bin/env bash
# Writes constraints.txt from what is installed in .venv: versions only, of everything, transitive packages too.
# To move on to newer versions: .venv/bin/uv pip install --python .venv --upgrade --editable '.[dev]', then this, then make check test.
set -euo pipefail
cd "$(dirname "$0")/.."

pins=$(.venv/bin/uv pip freeze --python .venv/bin/python --exclude-editable | grep -v '^pip==')
if grep -v -E '^[A-Za-z0-9._-]+==[A-Za-z0-9.!]+$' <<<"$pins"; then
  echo "The lines above are no plain version pins (a local build, a path, a +cpu torch): install those packages from the registry first." >&2
  exit 1
fi
{
  echo "# The versions that the tests ran with. Written by 'make pins'."
  echo "$pins"
} >constraints.txt
