#!/bin/sh
# Runs every benchmarks/bench_*.py; each prints its figures as ratios from one run.
set -eu
cd "$(dirname "$0")/.."
PATH="$(.venv/bin/python scripts/setup.py --path):$PATH"
export PATH
for script in benchmarks/bench_*.py; do
    echo "== $script"
    .venv/bin/python "$script"
done
