#!/usr/bin/env bash
# Throws hostile bytes at the parsers: `bash fuzz/run.sh SECONDS [TARGET ...]`, all targets where none is named, one after the other.
#
# Builds with the stable toolchain and a C++ compiler (libFuzzer comes in the crate libfuzzer-sys). New inputs go to
# fuzz/corpus/TARGET (not kept in git), what fails to fuzz/artifacts/TARGET. Prints for each target how often it ran.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here"
seconds=${1:?seconds for each target}
shift
targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
    for file in fuzz_targets/*.rs; do targets+=("$(basename "$file" .rs)"); done
fi

# Coverage for libFuzzer, which needs no unstable flag without a sanitizer; overflow and debug assertions are on.
export RUSTFLAGS="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
-Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing"
triple=$(rustc -vV | sed -n 's/^host: //p')
# With a target named, build scripts and macros are built without coverage.
cargo build --release --target "$triple" --quiet
programs=${CARGO_TARGET_DIR:-target}/$triple/release

status=0
for target in "${targets[@]}"; do
    mkdir -p "corpus/$target" "artifacts/$target"
    seeds=()
    test -d "seeds/$target" && seeds+=("seeds/$target")
    case $target in
        register | plan | stream | lot) seeds+=(../tests/fixtures/exports ../data/samples) ;;
        settlement | erasure_report) seeds+=(../tests/fixtures/settlements ../tests/fixtures/exports) ;;
        profile) seeds+=(../data/profiles) ;;
        catalog) seeds+=(../data/catalog) ;;
    esac
    log=$(mktemp)
    "$programs/$target" "corpus/$target" "${seeds[@]}" -max_total_time="$seconds" -timeout=30 -rss_limit_mb=3000 \
        -max_len=16384 -dict=words.dict -artifact_prefix="artifacts/$target/" -print_final_stats=1 -verbosity=1 > "$log" 2>&1 \
        || { status=1; echo "$target FAILED:"; grep -a -A3 'panicked\|ERROR' "$log" | head -20; }
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    covered=$(grep -a -o 'cov: [0-9]*' "$log" | tail -1)
    echo "$target: ${runs:-0} runs in $seconds s, ${covered:-cov: ?}, $(find "corpus/$target" -type f | wc -l) inputs in corpus"
    rm -f "$log"
done
exit $status
