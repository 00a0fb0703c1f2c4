#!/usr/bin/env bash
# scripts/fuzz.sh SECONDS [TARGET…]: runs fuzz targets, all where none is named, for so long each, as
# many at once as there are processors. Says of each how long it ran, how many inputs it tried and how
# many edges of the program they reached, and names those that find something. What they found stays
# in fuzz/artifacts.
set -uo pipefail
cd "$(dirname "$0")/.."
seconds=$1; shift
# What sanitizers and coverage need, a stable compiler has too and only refuses without being told.
if RUSTUP_AUTO_INSTALL=0 cargo +nightly --version >/dev/null 2>&1; then toolchain=+nightly
else
  toolchain=
  export RUSTC_BOOTSTRAP=1
  echo "  There is no nightly toolchain: the stable one builds the targets, with RUSTC_BOOTSTRAP=1."
fi
targets=("$@")
[ ${#targets[@]} -gt 0 ] || mapfile -t targets < <(cargo $toolchain fuzz list)
found=$(mktemp -d)
trap 'rm -rf "$found"' EXIT
vectors=tests/vectors corpus=fuzz/corpus

# seed TARGETS FILE…: begins their corpora with published vectors, under names of their own.
seed() {
  local target file
  for target in $1; do
    mkdir -p "$corpus/$target"
    for file in "${@:2}"; do
      [ ! -f "$file" ] || cp "$file" "$corpus/$target/$(echo "$file" | cksum | tr ' ' -)"
    done
  done
}
# seed_hex TARGET FILE…: the same with what is written in hexadecimal digits.
seed_hex() {
  local file
  mkdir -p "$corpus/$1"
  for file in "${@:2}"; do
    perl -0ne 's/\s//g; print pack "H*", $_' "$file" > "$corpus/$1/$(basename "$file").bin"
  done
}
shopt -s globstar nullglob
seed "sd_jwt jws" $vectors/sd-jwt-python/**/sd_jwt_{issuance,presentation}.txt
seed "jws key_proof" $vectors/sd-jwt-python/**/kb_jwt_serialized.txt
seed "jws vc_jose status_jwt" $vectors/bitstring-status-list/status-list.jws
seed "json json_ld vcdm ldp_vc data_integrity" \
  $vectors/vc-di-*/**/{unsigned,*igned*,*evealDocument}.json $vectors/bitstring-status-list/*.jsonld
seed "nquads" $vectors/rdf-canon/*-in.nq
seed "type_metadata json" schemas/*/metadata.json
seed "json_ld" schemas/*/context.json
seed "svg" schemas/*.svg
seed_hex mdoc_device_response $vectors/mdoc/annex-d-device-response.hex
seed_hex status_cwt $vectors/token-status-list/cwt-example.hex

# An input that takes 10 seconds or 2 GB counts as found too. Edges are those that inputs reached, of
# those that the program has.
fuzz() {
  local target=$1 log=$found/$1.log folders=("$corpus/$1") artifacts=fuzz/artifacts/$1/
  mkdir -p "$corpus/$target" "$artifacts" "$found/$target"
  [ ! -d "fuzz/seeds/$target" ] || folders+=("fuzz/seeds/$target")
  if TMPDIR=$found/$target ASAN_OPTIONS=detect_odr_violation=0 "$built/$target" "${folders[@]}" \
    -artifact_prefix="$artifacts" -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=10 \
    -print_final_stats=1 > "$log" 2>&1; then
    printf '  %-24s %5s s %10s inputs %7s of %s edges\n' "$target" \
      "$(sed -n 's/^Done .* in \([0-9]*\) second.*/\1/p' "$log")" \
      "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")" \
      "$(grep -ao ' cov: [0-9]*' "$log" | tail -1 | tr -dc 0-9)" \
      "$(sed -n 's/^INFO: Loaded .*(\([0-9]*\) inline 8-bit counters).*/\1/p' "$log")"
  else
    touch "$found/$target.failed"
    printf '  %-24s FOUND SOMETHING\n' "$target"
    grep -aE '^(ERROR|SUMMARY|thread )|panicked at|ALARM|out-of-memory|Test unit written to|^error' "$log" | head -8
  fi
}

cargo $toolchain fuzz build || exit
built=${CARGO_TARGET_DIR:-fuzz/target}/$(rustc -vV | sed -n 's/^host: //p')/release
for target in "${targets[@]}"; do
  while [ "$(jobs -rp | wc -l)" -ge "$(nproc)" ]; do wait -n; done
  fuzz "$target" &
done
wait
failed=("$found"/*.failed)
[ ${#failed[@]} = 0 ] || { echo "${#failed[@]} of ${#targets[@]} targets found something."; exit 1; }
echo "  None of ${#targets[@]} found anything in $seconds s each."
