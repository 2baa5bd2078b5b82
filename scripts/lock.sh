#!/bin/sh
# Makes lock/<group>.txt from pyproject.toml: every version with its hashes, for Python 3.11 to 3.14 on
# Linux and macOS. "scripts/lock.sh --upgrade" takes the newest versions that pyproject.toml allows.
set -eu
cd "$(dirname "$0")/.."
PATH="$PWD/.venv/bin:$PATH"

compile() {
    group=$1
    shift
    uv --no-config pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
        --custom-compile-command "scripts/lock.sh" --group "pyproject.toml:$group" --output-file "lock/$group.txt" "$@"
}

mkdir -p lock
# The group that holds all others comes first; the others take their versions from it, so that any two agree.
compile dev "$@"
for group in core update github docker kubernetes build; do
    rm -f "lock/$group.txt"
    compile "$group" --constraints lock/dev.txt
done
