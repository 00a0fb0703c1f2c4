#!/usr/bin/env bash
# scripts/comet.sh: says where a CometBFT v0.38 is, and installs one below target/ where none is on
# the PATH. Where it cannot be, says why, and the exit status is 1.
set -uo pipefail
cd "$(dirname "$0")/.."
tag=v0.38.26
home=${CARGO_TARGET_DIR:-target}/comet

missing() { printf '%s\n' "$1" >&2; exit 1; }
right() { [[ $("$1" version 2>/dev/null) =~ ^v?0\.38\. ]]; }

if found=$(command -v cometbft) && right "$found"; then realpath "$found"; exit; fi
mkdir -p "$home"
home=$(realpath "$home")
if [ -f "$home/$tag" ] && right "$home/cometbft"; then printf '%s\n' "$home/cometbft"; exit; fi

command -v go >/dev/null || missing 'there is neither cometbft nor go here'
[[ $(go env GOVERSION) =~ ^go1\.([0-9]+) ]] && [ "${BASH_REMATCH[1]}" -ge 22 ] ||
  missing 'cometbft is not here, and go is older than 1.22'
GOBIN=$home GOFLAGS= timeout 900 nice -n 15 go install "github.com/cometbft/cometbft/cmd/cometbft@$tag" >"$home/log" 2>&1 ||
  missing 'cometbft could not be fetched or built'
right "$home/cometbft" || missing 'what was built is not cometbft v0.38'
touch "$home/$tag"
printf '%s\n' "$home/cometbft"
