#!/usr/bin/env bash
# Every notebook, unattended, into output/; goes on after one that fails, and fails at the end.
set -euo pipefail
cd "$(dirname "$0")/.."

failed=()
while IFS= read -r notebook; do
  echo "== $notebook"
  .venv/bin/jina-notebook report run "$notebook" --output output || failed+=("$notebook")
done < <(find notebooks -name '*.ipynb' -not -path '*/.ipynb_checkpoints/*' | sort)
if ((${#failed[@]})); then
  echo "Failed: ${failed[*]}" >&2
  exit 1
fi
