#!/usr/bin/env bash
# scripts/window.sh COMMAND…: runs it with a screen, a session bus, a keyring and a home of its own.
set -eu
private=$(mktemp -d)
trap 'rm -rf "$private"' EXIT
mkdir -m 700 "$private/home" "$private/runtime"
# Cargo's and rustup's folders stay where they are.
export CARGO_HOME="${CARGO_HOME:-$HOME/.cargo}" RUSTUP_HOME="${RUSTUP_HOME:-$HOME/.rustup}"
export HOME="$private/home" XDG_RUNTIME_DIR="$private/runtime" NO_AT_BRIDGE=1
export XDG_DATA_HOME="$HOME/.local/share" XDG_CONFIG_HOME="$HOME/.config" XDG_CACHE_HOME="$HOME/.cache"
unset WAYLAND_DISPLAY
# The keyring's own password means nothing: it lives as long as this command.
inside='eval "$(printf %s a-password | gnome-keyring-daemon --unlock --components=secrets)"; exec "$@"'
xvfb-run -a -s "-screen 0 1280x2100x24" dbus-run-session -- bash -c "$inside" window "$@" \
  2> >(grep -vE '^dbus-daemon\[|^SpiRegistry|^\*\* Message|libEGL|MESA|^$' >&2)
