"""Edit: everything this toolkit does to a file is this."""

from __future__ import annotations

from gitops_ci.record import NamedTuple


class Edit(NamedTuple):
    """Replace ``old`` by ``new`` at byte ``start`` of ``file``; refused where ``old`` does not stand there."""

    file: str
    """Relative to the root, with ``/``."""
    start: int
    old: bytes
    """Empty for an insertion."""
    new: bytes

    @property
    def end(self) -> int:
        """Byte offset behind the old bytes."""
        return self.start + len(self.old)
