#!/usr/bin/env bash
# What every action starts: run.sh VERB, the inputs being in GITOPS_CI_INPUT_* variables. It looks for a Python
# that is new enough; scripts/launch.py does the rest. -I and -S: neither the checkout, nor the environment, nor
# what the machine has installed decides which code runs.
set -euo pipefail
scripts="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)"
found=""
for python in python3 python3.14 python3.13 python3.12 python3.11 python; do
  if command -v "$python" >/dev/null 2>&1; then
    if "$python" -I -S -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      exec "$python" -I -S "$scripts/launch.py" "$@"
    fi
    found="${found:-$("$python" -I -S -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null || true)}"
  fi
done
have="no Python was found"
if [[ -n "$found" ]]; then have="this runner's is $found"; fi
echo "::error::gitops-ci needs Python 3.11 or newer, $have; put actions/setup-python before this step" >&2
exit 2
