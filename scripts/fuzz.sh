#!/usr/bin/env bash
# scripts/fuzz.sh SECONDS [TARGET…]: runs fuzz targets, all where none is named, for so long each, as
# many at once as there are processors, and names those that find something. What they found stays in
# fuzz/artifacts.
set -uo pipefail
cd "$(dirname "$0")/.."
seconds=$1; shift
targets=("$@")
[ ${#targets[@]} -gt 0 ] || mapfile -t targets < <(cargo +nightly fuzz list)
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

# An input that takes 20 seconds or 2 GB counts as found too.
fuzz() {
  local target=$1 log=$found/$1.log folders=("$corpus/$1")
  mkdir -p "$corpus/$target"
  [ ! -d "fuzz/seeds/$target" ] || folders+=("fuzz/seeds/$target")
  if cargo +nightly fuzz run "$target" "${folders[@]}" -- -max_total_time="$seconds" \
    -rss_limit_mb=2048 -timeout=20 -print_final_stats=1 > "$log" 2>&1; then
    printf '  %-24s %12s inputs\n' "$target" "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")"
  else
    touch "$found/$target.failed"
    printf '  %-24s FOUND SOMETHING\n' "$target"
    grep -aE '^(ERROR|SUMMARY|thread )|panicked at|ALARM|out-of-memory|Test unit written to|^error' "$log" | head -8
  fi
}

cargo +nightly fuzz build || exit
for target in "${targets[@]}"; do
  while [ "$(jobs -rp | wc -l)" -ge "$(nproc)" ]; do wait -n; done
  fuzz "$target" &
done
wait
failed=("$found"/*.failed)
[ ${#failed[@]} = 0 ] || { echo "${#failed[@]} of ${#targets[@]} targets found something."; exit 1; }
