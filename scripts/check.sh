#!/bin/sh
# Every check, all of them even if one fails, with one line each at the end. "scripts/check.sh lint" leaves
# the tests out; other arguments go to pytest. Caches stay outside of the tree.
set -u
cd "$(dirname "$0")/.."
PATH="$(.venv/bin/python scripts/setup.py --path):$PATH"
caches="${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/gitops-ci"
mkdir -p "$caches" 2>/dev/null || caches="${TMPDIR:-/tmp}/gitops-ci-$(id -u)"
export PATH
export MYPY_CACHE_DIR="$caches/mypy" RUFF_CACHE_DIR="$caches/ruff" PYTHONPYCACHEPREFIX="$caches/bytecode"
export HYPOTHESIS_STORAGE_DIRECTORY="$caches/hypothesis"
# What a workflow or a person's shell sets must not decide whether a test passes.
unset PYTHONDONTWRITEBYTECODE NO_COLOR FORCE_COLOR GITOPS_CI_DEBUG RUNNER_DEBUG

outcome=0
summary=""
check() {
    name=$1
    shift
    if "$@"; then
        summary="$summary
  passed  $name"
    else
        summary="$summary
  FAILED  $name"
        outcome=1
    fi
}

check "ruff check" ruff check --quiet .
check "ruff format" ruff format --quiet --check --diff .
check "mypy --strict" mypy
check "import layers" lint-imports --no-cache
if [ "${1:-}" = lint ]; then
    shift
else
    check "pytest" python -m pytest -n "${PYTEST_WORKERS:-2}" --dist worksteal "$@"
fi
printf '%s\n' "" "checks:$summary"
exit $outcome
