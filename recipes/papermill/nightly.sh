#!/usr/bin/env bash
# One report with papermill alone:  nightly.sh NOTEBOOK.ipynb [-p NAME VALUE ...]
#
# What `jina-notebook report run` does by itself is written out here: a lock, a file per run, a page, and how many stay.
# REPORTS  the folder (default: ~/reports)      KEEP  how many runs stay (default: 30)
# PYTHON   of the environment that has papermill and jina_notebook (default: python3)
set -uo pipefail

notebook=$1
shift
python=${PYTHON:-python3}
folder=${REPORTS:-$HOME/reports}
name=$(basename "$notebook" .ipynb)
run=$folder/$name-$(date -u +%Y%m%dT%H%M%SZ).ipynb
mkdir -p "$folder"

exec 9>"$folder/.$name.papermill.lock"
if ! flock --nonblock 9; then
  echo "$name is running already." >&2
  exit 75
fi

# `history` is the parameter of the reports that tells them where earlier runs are; papermill only warns where a notebook
# has none. papermill's exit status is 0 or 1: whether a threshold was crossed stands in the file.
"$python" -m papermill --no-progress-bar "$notebook" "$run" -p history "$folder" "$@" 9>&-
status=$?

if [[ -f $run ]]; then
  "$python" -c 'import sys; from jina_notebook import report; report.export_html(sys.argv[1])' "$run"
fi
find "$folder" -maxdepth 1 -name "$name-*Z.ipynb" | sort -r | tail -n "+$((${KEEP:-30} + 1))" | while IFS= read -r old; do
  rm -f -- "$old" "${old%.ipynb}.html"
done
exit "$status"
