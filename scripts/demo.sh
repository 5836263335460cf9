#!/usr/bin/env bash
# The main job, on real documents and a real Elasticsearch: the quickstart notebook, run as a scheduler would run it.
set -euo pipefail
cd "$(dirname "$0")/.."

if [[ -z ${ELASTICSEARCH_URL:-} ]]; then
  echo "1 of 2  Elasticsearch on this machine (fetched once; a running one is used)"
  .venv/bin/jina-notebook elasticsearch start
else
  echo "1 of 2  Elasticsearch: the one that ELASTICSEARCH_URL names"
fi
echo
echo "2 of 2  The notebook notebooks/00-start/quickstart.ipynb, unattended"
.venv/bin/jina-notebook report run quickstart --output output

cat <<'NEXT'

Next:
  make lab                                        the same notebook, live, in JupyterLab
  open output/quickstart.html                     the report, with its figure, in a browser
  .venv/bin/jina-notebook elasticsearch stop      stops the server; its data stays
NEXT
