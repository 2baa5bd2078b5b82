from tests.support.github import github

__all__ = ["github"]
