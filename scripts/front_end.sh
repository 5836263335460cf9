#!/usr/bin/env bash
# What building and testing the widgets needs: Debian's Chromium, and widgets/node_modules at the locked versions.
# Where both are there, a second call only compares a fingerprint.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! command -v chromium >/dev/null; then
  if [[ $(id -u) -ne 0 ]] || ! command -v apt-get >/dev/null; then
    echo "No 'chromium' on this machine: install it, for example with 'sudo apt-get install chromium'." >&2
    exit 1
  fi
  echo "Installing chromium (about 400 MB) ..."
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core fonts-liberation >/dev/null
fi

command -v npm >/dev/null || {
  echo "No 'npm' on this machine: install Node.js 20.19 or newer with npm." >&2
  exit 1
}
stamp=widgets/node_modules/.made-from
fingerprint=$(cat widgets/package-lock.json widgets/.npmrc | cksum)
if [[ ! -f $stamp || $(<"$stamp") != "$fingerprint" ]]; then
  echo "Installing the locked packages of widgets/ (about half a minute) ..."
  npm --prefix widgets ci --no-fund --no-audit --loglevel=error
  printf '%s' "$fingerprint" >"$stamp"
fi
