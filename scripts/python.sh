#!/bin/sh
# Prints the first Python on PATH that this project runs on (3.11 or newer).
for python in "${PYTHON:-python3}" python3.14 python3.13 python3.12 python3.11 python; do
    if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        echo "$python"
        exit 0
    fi
done
echo "make: Python 3.11 or newer is needed; name it with PYTHON=" >&2
echo false
