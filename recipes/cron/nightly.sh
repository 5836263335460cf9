#!/usr/bin/env bash
# One report for cron:  nightly.sh NAME [-p NAME VALUE ...]
#
# REPORTS        the folder of executed notebooks, pages, histories and logs (default: ~/reports)
# SETTINGS       a file of NAME=value lines that only its owner can read, such as ELASTICSEARCH_API_KEY (optional)
# LONGEST        how long a run may take (default: 2h); then it is ended, with what it has written
# JINA_NOTEBOOK  the command, where it is not on PATH
set -uo pipefail

name=$(basename "$1" .ipynb)
folder=${REPORTS:-$HOME/reports}
log=$folder/$name.log
mkdir -p "$folder"
if [[ -n ${SETTINGS:-} ]]; then
  set -a
  # shellcheck source=/dev/null
  source "$SETTINGS" || exit 1
  set +a
fi

# --preserve-status: 143, as the command itself says it, instead of timeout's own 124
said=$(timeout --preserve-status --kill-after=60 "${LONGEST:-2h}" \
  "${JINA_NOTEBOOK:-jina-notebook}" report run "$@" --output "$folder" 2>>"$log")
status=$?
summary=${said##*$'\n'}
printf '%s exit %d: %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$status" "${summary:-$name was not run}" >>"$log"

case $status in
  0) ;;   # nothing to say: no mail
  75) ;;  # the run before this one still goes on: its own end will be told
  *)
    grep -E '^(Error|Hint): ' "$log" | tail -n 2
    printf '%s\n' "${summary:-$name was not run, see $log}"
    ;;
esac
exit "$status"
