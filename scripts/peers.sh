#!/usr/bin/env bash
# scripts/peers.sh NAME…: installs the independent peers of tests/interop that can be installed
# here, each pinned by its lock file. Where one cannot be, `missing` beside it says why, and the
# exit status is 1.
set -uo pipefail
cd "$(dirname "$0")/.."
home=${CARGO_TARGET_DIR:-target}/interop

# get NAME COMMAND…: runs it within ten minutes; its words go to the peer's log.
get() {
  local log=$home/$1/log; shift
  timeout 600 "$@" >"$log" 2>&1
}

# same NAME FILE: what is installed was installed from this very lock file.
same() { cmp -s "$home/$1/ready" "tests/interop/$1/$2"; }

# with_npm NAME: node looks for packages beside the file that asks for them, so the peer is copied.
with_npm() {
  local from=tests/interop/$1 to=$home/$1
  command -v npm >/dev/null && command -v node >/dev/null || { printf 'there is no node with npm here'; return 1; }
  [ "$(node -p 'process.versions.node.split(".")[0] >= 20')" = true ] || { printf 'it needs node 20 or later'; return 1; }
  cp "$from"/*.js "$from"/package.json "$from"/package-lock.json "$to"
  same "$1" package-lock.json && return
  get "$1" npm ci --prefix "$to" --ignore-scripts --no-audit --no-fund --fetch-retries 1 ||
    { printf 'its packages could not be fetched from the registry of npm'; return 1; }
  cp "$from/package-lock.json" "$to/ready"
}

with_pip() {
  local from=tests/interop/$1 to=$home/$1
  command -v python3 >/dev/null || { printf 'there is no python3 here'; return 1; }
  same "$1" requirements.txt && return
  rm -rf "$to/venv"
  get "$1" python3 -m venv "$to/venv" || { printf 'python3 cannot make a virtual environment here'; return 1; }
  get "$1" "$to/venv/bin/pip" install --quiet --require-hashes --retries 1 --requirement "$from/requirements.txt" ||
    { printf 'its packages could not be fetched from PyPI'; return 1; }
  cp "$from/requirements.txt" "$to/ready"
}

with_cargo() {
  local from=tests/interop/$1 to=$home/$1
  get "$1" nice -n 15 cargo build --locked --manifest-path "$from/Cargo.toml" --target-dir "$to" ||
    { printf 'it could not be fetched or built'; return 1; }
  cp "$from/Cargo.lock" "$to/ready"
}

# Go modules at the exact versions of go.sum; no other toolchain is fetched than the one that is here.
with_go() {
  local from=tests/interop/$1 to=$home/$1 version
  command -v go >/dev/null || { printf 'there is no Go here'; return 1; }
  version=$(go env GOVERSION)
  printf '%s\n' go1.24 "$version" | sort -VC || { printf 'it needs Go 1.24 or later, here is %s' "$version"; return 1; }
  cat "$from"/go.sum "$from"/*.go | cmp -s - "$to/ready" && return
  get "$1" env GOTOOLCHAIN=local GOFLAGS=-mod=readonly GOWORK=off nice -n 15 \
    go -C "$from" build -o "$(cd "$to" && pwd)/" . filippo.io/torchwood/cmd/litewitness ||
    { printf 'its modules could not be fetched or built'; return 1; }
  mv "$to/torchwood" "$to/peer"
  cat "$from"/go.sum "$from"/*.go >"$to/ready"
}

status=0
for name in "$@"; do
  mkdir -p "$home/$name"
  rm -f "$home/$name/missing"
  case $name in
    digitalbazaar | mdoc) reason=$(with_npm "$name") ;;
    sd-jwt-python) reason=$(with_pip "$name") ;;
    didkit-peer) reason=$(with_cargo "$name") ;;
    torchwood) reason=$(with_go "$name") ;;
    *) reason="no peer is called so" ;;
  esac || { # what was there before may be half replaced
    rm -f "$home/$name/ready"
    printf '%s\n' "$reason" | tee "$home/$name/missing" >&2
    status=1
  }
done
exit $status
