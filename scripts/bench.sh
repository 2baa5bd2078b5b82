#!/bin/sh
# Runs every script in benchmarks/; each prints its figures as ratios from one run. The one that needs checkouts
# of real repositories takes them from CORPUS="DIRECTORY ...".
set -eu
cd "$(dirname "$0")/.."
PATH="$(.venv/bin/python scripts/setup.py --path):$PATH"
export PATH
unset PYTHONDONTWRITEBYTECODE # a start without byte code is not what anybody has
for script in benchmarks/*.py; do
    name=$(basename "$script" .py)
    case $name in
        __init__) continue ;;
        fidelity)
            if [ -z "${CORPUS:-}" ]; then
                echo "== fidelity: left out, CORPUS names no checkouts"
                continue
            fi
            # Several directories, split on purpose.
            # shellcheck disable=SC2086
            set -- $CORPUS
            ;;
        *) set -- ;;
    esac
    echo "== $name"
    python -m "benchmarks.$name" "$@"
done
