"""``python -m gitops_ci`` is the same as ``gitops-ci``."""

import sys

from gitops_ci.cli import main

if __name__ == "__main__":
    sys.exit(main())
