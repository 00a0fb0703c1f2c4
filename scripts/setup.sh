# Installs what is missing, and only that. Sourced by ./run and ./test, from the top of the repository.

# What the desktop needs to build, and what it needs besides to be tested without a display.
BUILD_PACKAGES="libwebkit2gtk-4.1-dev build-essential libssl-dev libxdo-dev libayatana-appindicator3-dev librsvg2-dev pkg-config file libdbus-1-dev"
TEST_PACKAGES="poppler-utils xvfb xauth dbus dbus-daemon webkit2gtk-driver gnome-keyring libsecret-tools imagemagick fonts-dejavu-core"
# A browser for the counter's own page, with the program that drives it.
BROWSER_PACKAGES="chromium chromium-driver"
# Where rustup has no wasm32 to give: Debian's compiler, which builds that library from source.
WASM_PACKAGES="rustc-web rust-web-src lld-22"

fail() { printf '%s\n' "$*" >&2; exit 1; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else fail "This needs root once, and there is no sudo. As root: $*"
  fi
}

install_packages() {
  command -v dpkg-query >/dev/null ||
    { printf 'No dpkg here: make sure that you have the like of: %s\n' "$*" >&2; return; }
  local missing=() package
  for package in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
  done
  [ ${#missing[@]} = 0 ] && return
  printf 'Installing: %s\n' "${missing[*]}"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q ||
    fail "The package lists could not be fetched."
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "${missing[@]}" ||
    fail "Not all packages could be installed: ${missing[*]}"
}

# install_tool NAME VERSION: a program from the registry, built once into cargo's own folder.
install_tool() {
  cargo install --list | grep -qF "$1 v$2:" && return
  printf 'Building %s %s\n' "$1" "$2"
  cargo install --locked --quiet "$1" --version "$2"
}

need_rust() {
  command -v cargo >/dev/null || [ ! -f "$HOME/.cargo/env" ] || . "$HOME/.cargo/env"
  command -v cargo >/dev/null || fail "Rust is missing: install rustup's stable toolchain (https://rustup.rs) and start again."
}

# A compiler for the page: rustup's where it can be had, else Debian's.
need_wasm() {
  cargo xtask wasm >/dev/null && return
  printf 'rustup has no wasm32 to give; taking the compiler of Debian.\n'
  # shellcheck disable=SC2086
  install_packages $WASM_PACKAGES
  cargo xtask wasm >/dev/null || fail "There is no compiler for the page."
}

# A browser to test the counter's page with. Installed by root only: who is not root may have another
# Chromium already, and none of it is needed to build. Says why if there is none in the end.
need_browser() {
  # shellcheck disable=SC2086
  if [ "$(id -u)" = 0 ] && command -v dpkg-query >/dev/null && ! command -v chromedriver >/dev/null; then
    (install_packages $BROWSER_PACKAGES) >&2 || true
  fi
  command -v chromedriver >/dev/null && chromedriver --version >/dev/null 2>&1 && return
  printf 'there is no Chromium with its driver here: as root, apt-get install %s' "$BROWSER_PACKAGES"
  return 1
}
