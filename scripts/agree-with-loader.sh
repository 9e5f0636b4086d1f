#!/bin/sh
# Compares `scant deps` with the machine's own glibc loader for every ELF file below the given
# directories (all of the machine without any), and prints the counts.
set -eu
cd "$(dirname "$0")/.."
directories=${*:-/usr /opt /srv /root /home}
SCANT_REAL_LOADER_DIRS=$(printf '%s' "$directories" | tr ' ' ':')
export SCANT_REAL_LOADER_DIRS
exec cargo test --quiet -p scant --test real_loader -- --nocapture
