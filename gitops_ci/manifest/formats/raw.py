"""Files that are no YAML: text whose offsets are the file's bytes."""

from gitops_ci.manifest.use import Place


class Text:
    """One file for the formats that read lines or patterns (Dockerfiles, custom managers).

    ``text`` is the file decoded byte by byte, so that every offset in it is a byte offset; image names,
    tags and digests are ASCII anyway.
    """

    __slots__ = ("data", "file", "text")

    def __init__(self, file: str, data: bytes) -> None:
        self.file = file
        self.data = data
        self.text = data.decode("latin-1")

    def place(self, start: int, end: int, holds: str, prefix: str = "") -> Place:
        """The place from byte ``start`` to ``end``."""
        line_start = max(self.data.rfind(b"\n", 0, start), self.data.rfind(b"\r", 0, start)) + 1
        raw = self.data[start:end]
        return Place(
            holds=holds,
            start=start,
            end=end,
            raw=raw,
            value=raw.decode("utf-8", "replace"),
            style="raw",
            line=_line(self.data, line_start),
            column=len(self.data[line_start:start].decode("utf-8", "replace"))
            + 1
            - (1 if line_start == 0 and self.data.startswith(b"\xef\xbb\xbf") else 0),
            prefix=prefix,
        )


def _line(data: bytes, start: int) -> int:
    from gitops_ci.manifest.split import breaks

    return breaks(data, 0, start) + 1
