"""A set of names, written as people read them: separated by spaces."""


def words(text: str) -> frozenset[str]:
    """The names in a text."""
    return frozenset(text.split())
