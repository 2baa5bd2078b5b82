"""The repository, the registry and the run that ``gitops-ci demo`` shows."""
