#!/bin/bash
# Runs every fuzz target for SECONDS (60 unless given), two at a time; stops at the first fault and
# says how to see it again. The compiler may be stable: coverage is all that is asked of it.
#
#     scripts/fuzz.sh [SECONDS [TARGET...]]
#
# FUZZ_SEED makes it try the same things each time, as far as it gets.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"

seconds=${1:-60}
shift $(($# > 0 ? 1 : 0))
if ! [[ $seconds =~ ^[1-9][0-9]*$ ]]; then
    echo "error: \`$seconds\` is no number of seconds" >&2
    exit 2
fi
if ! cargo fuzz --version >/dev/null 2>&1; then
    echo 'error: cargo-fuzz is not installed: cargo install cargo-fuzz --locked' >&2
    exit 2
fi

targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
    mapfile -t targets < <(cargo fuzz list)
fi
limits=(-max_total_time="$seconds" -max_len=65536 -rss_limit_mb=512 -timeout=10)
limits+=(-print_final_stats=1 -seed="${FUZZ_SEED:-0}")

# What was found before stays in the corpus of this machine; the seeds are made anew.
cargo run --quiet --locked --manifest-path fuzz/Cargo.toml --example seeds fuzz/corpus
cargo fuzz build --sanitizer none

logs=$(mktemp --directory)
trap 'rm -r "$logs"' EXIT

# Runs a target, and prints a line about it.
run() {
    local target=$1 log=$logs/$1
    mkdir -p "fuzz/corpus/$target"
    if ! cargo fuzz run --sanitizer none "$target" -- "${limits[@]}" >"$log" 2>&1; then
        return 1
    fi
    awk -v target="$target" '
        /^#[0-9]+.* cov: / { for (i = 1; i < NF; i++) if ($i == "cov:") coverage = $(i + 1) }
        /^stat::number_of_executed_units:/ { runs = $2 }
        /^stat::peak_rss_mb:/ { memory = $2 }
        END { printf "%-10s %10d runs, %5d edges, %4d MB\n", target, runs, coverage, memory }
    ' "$log"
}

# Says what a target found, and how to see it again.
fault() {
    local target=$1
    echo "error: the target \`$target\` found a fault" >&2
    grep --text --after-context=4 'panicked at\|^==.*ERROR' "$logs/$target" >&2 ||
        tail --lines=40 "$logs/$target" >&2
    local input
    input=$(sed -n 's/.*Test unit written to //p' "$logs/$target" | tail --lines=1)
    if [ -n "$input" ]; then
        echo "reproduce: cargo fuzz run --sanitizer none $target $input" >&2
        echo "minimise:  cargo fuzz tmin --sanitizer none $target $input" >&2
        echo "in base64: $(base64 --wrap=0 "$input" | head --bytes=20000)" >&2
    fi
}

echo "${#targets[@]} targets, $seconds seconds each, two at a time"
for ((i = 0; i < ${#targets[@]}; i += 2)); do
    pair=("${targets[@]:i:2}")
    jobs=()
    for target in "${pair[@]}"; do
        run "$target" &
        jobs+=($!)
    done
    failed=()
    for j in "${!pair[@]}"; do
        wait "${jobs[j]}" || failed+=("${pair[j]}")
    done
    if [ ${#failed[@]} -gt 0 ]; then
        for target in "${failed[@]}"; do
            fault "$target"
        done
        exit 1
    fi
done
