"""gitops-ci: the part of GitOps that happens before and around the cluster, done in CI."""

__version__ = "0.1.0"
