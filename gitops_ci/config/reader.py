"""Our own configuration, read as YAML 1.2 with the line and column of every key and value.

Dates, ``yes`` and ``12:30`` stay text, as YAML 1.2's core schema reads them and as editors that check
against the JSON Schema see them. ruamel.yaml parses; building the values is done here, because its
constructors neither bound aliases nor keep positions of plain values.
"""

from typing import NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.composer import MaxDepthExceededError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from gitops_ci.errors import ConfigurationError, ConfigurationErrors

MAX_BYTES = 1 << 18
"""256 KiB: far more than people write, and read in seconds at worst."""
MAX_NODES = 20_000
"""After aliases are followed."""
MAX_DEPTH = 64

Path = tuple[str | int, ...]
"""Keys and list indexes from the root."""
Position = tuple[int, int]
"""Line and column, 1-based, in characters."""
_TAG = "tag:yaml.org,2002:"


class Tree(NamedTuple):
    """A configuration file as plain values, and where each of them stands."""

    file: str
    value: dict[str, object]
    keys: dict[Path, Position]
    """Where the key (or the list's element) with this path stands."""
    values: dict[Path, Position]

    def position(self, path: Path, *, key: bool = False) -> Position:
        """Where the value (or the key) of a path stands; of its nearest parent if it is not there itself."""
        found = self.keys if key else self.values
        while path and path not in found:
            path = path[:-1]
        return found.get(path, (1, 1))

    def error(self, path: Path, what: str, *, key: bool = False, remedy: str | None = None) -> ConfigurationError:
        """An error that points at a path."""
        line, column = self.position(path, key=key)
        return ConfigurationError(what, file=self.file, line=line, column=column, remedy=remedy)


def read(file: str, data: bytes) -> Tree:
    """The one mapping that a file holds; an empty file is an empty mapping.

    Raises :class:`gitops_ci.errors.ConfigurationError` with file, line and column, or
    :class:`gitops_ci.errors.ConfigurationErrors` where there are several mistakes.
    """
    if len(data) > MAX_BYTES:
        raise ConfigurationError(
            f"the file is larger than {MAX_BYTES} bytes", file=file, remedy="is it the right file?"
        )
    root = _compose(file, _decode(file, data))
    tree = Tree(file, {}, {}, {(): (1, 1)})
    if root is None:
        return tree
    builder = _Builder(tree)
    value = builder.build(root, (), 0)
    if builder.errors:
        raise ConfigurationErrors(builder.errors)
    if value is None:
        return tree
    if not isinstance(value, dict):
        raise tree.error((), f"the file holds {describe(value)}, expected a mapping of keys such as 'updates:'")
    return tree._replace(value=value)


def describe(value: object) -> str:
    """A value in the words of an error message."""
    if isinstance(value, bool):
        return f"the boolean {str(value).lower()}"
    if isinstance(value, int | float):
        return f"the number {value}"
    if isinstance(value, str):
        return f"the text {value if len(value) <= 40 else value[:37] + '...'!r}"
    if value is None:
        return "nothing"
    return "a list" if isinstance(value, list) else "a mapping"


def _decode(file: str, data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ConfigurationError("the file is UTF-16", file=file, line=1, column=1, remedy="save it as UTF-8")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8-sig", "replace")) + 1
        what = f"byte 0x{data[error.start]:02x} is not UTF-8"
        raise ConfigurationError(what, file=file, line=line, column=column, remedy="save the file as UTF-8") from None


def _compose(file: str, text: str) -> Node | None:
    yaml = YAML(pure=True)
    yaml.max_depth = MAX_DEPTH
    yaml.composer.warn_double_anchors = False  # the later one holds, as YAML says; no text on stderr from here
    try:
        documents = yaml.compose_all(text)
        root: Node | None = next(documents, None)
        if root is not None and (second := next(documents, None)) is not None:
            line, column = second.start_mark.line + 1, second.start_mark.column + 1
            raise ConfigurationError("a second YAML document starts here", file=file, line=line, column=column)
        return root
    except ReaderError as error:
        before = text[: error.position] if isinstance(error.position, int) else ""
        raise ConfigurationError(
            f"the character U+{_code(error.character):04X} is not allowed in YAML",
            file=file,
            line=before.count("\n") + 1,
            column=len(before) - before.rfind("\n"),
        ) from None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark is not None else (None, None)
        tab = line is not None and "\t" in _indentation(text, line)
        what = f"not YAML: {' '.join(str(error.problem).split())}"
        if isinstance(error, MaxDepthExceededError):
            what = f"nested deeper than {MAX_DEPTH} levels"
        elif tab:
            what = "a tab stands in the indentation"
        raise ConfigurationError(
            what, file=file, line=line, column=column, remedy="indent with spaces" if tab else None
        ) from None
    except (YAMLError, ValueError, AttributeError, TypeError, KeyError, IndexError, AssertionError) as error:
        # ruamel.yaml lets some of its own slips out on hostile text: still one line for the reader.
        what = " ".join(str(error).split()) or type(error).__name__
        raise ConfigurationError(f"not YAML: {what}", file=file) from None


def _code(character: str | int) -> int:
    return character if isinstance(character, int) else ord(character[0])


def _indentation(text: str, line: int) -> str:
    lines = text.splitlines()
    found = lines[line - 1] if line <= len(lines) else ""
    return found[: len(found) - len(found.lstrip())]


class _Builder:
    """Nodes to plain values; every mistake is noted and the rest still read."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.errors: list[ConfigurationError] = []
        self.nodes = 0

    def build(self, node: Node, path: Path, depth: int) -> object:
        position = (node.start_mark.line + 1, node.start_mark.column + 1)
        self.tree.values[path] = position
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise self._error(position, f"the file holds more than {MAX_NODES} values, aliases followed")
        if depth > MAX_DEPTH:
            raise self._error(position, f"nested deeper than {MAX_DEPTH} levels (or an alias that holds itself)")
        if isinstance(node, ScalarNode):
            return self.scalar(node, position)
        if str(node.tag) not in (f"{_TAG}map", f"{_TAG}seq"):
            self.unknown(str(node.tag), position)
        if isinstance(node, MappingNode):
            return self.mapping(node, path, depth)
        assert isinstance(node, SequenceNode)
        return self.sequence(node, path, depth)

    def sequence(self, node: SequenceNode, path: Path, depth: int) -> list[object]:
        values = []
        for index, element in enumerate(node.value):
            here = (*path, index)
            self.tree.keys[here] = (element.start_mark.line + 1, element.start_mark.column + 1)
            values.append(self.build(element, here, depth + 1))
        return values

    def mapping(self, node: MappingNode, path: Path, depth: int) -> dict[str, object]:
        own: dict[str, Position] = {}
        result: dict[str, object] = {}
        merged: list[Node] = []
        for key, value in node.value:
            position = (key.start_mark.line + 1, key.start_mark.column + 1)
            if not isinstance(key, ScalarNode):
                self.errors.append(self._error(position, "a key must be text"))
                continue
            if key.value == "<<" and not key.style:
                merged.extend(value.value if isinstance(value, SequenceNode) else [value])
                continue
            if key.value in own:
                what = f"the key {key.value!r} stands here a second time"
                self.errors.append(self._error(position, what, f"the first is in line {own[key.value][0]}"))
                continue
            own[key.value] = position
            self.tree.keys[*path, key.value] = position
            result[key.value] = self.build(value, (*path, key.value), depth + 1)
        for source in merged:
            self.merge(source, result, path, depth)
        return result

    def merge(self, source: Node, result: dict[str, object], path: Path, depth: int) -> None:
        """``<<: *defaults``: YAML 1.1's, met often enough to honour. Keys that are there already win."""
        position = (source.start_mark.line + 1, source.start_mark.column + 1)
        if not isinstance(source, MappingNode):
            self.errors.append(self._error(position, "'<<' takes a mapping or a list of mappings"))
            return
        scratch = _Builder(Tree(self.tree.file, {}, {}, {}))
        scratch.nodes = self.nodes
        try:
            found = scratch.build(source, path, depth + 1)
        finally:
            self.nodes = scratch.nodes
        self.errors.extend(scratch.errors)
        for key, value in found.items() if isinstance(found, dict) else ():
            if key in result:
                continue
            result[key] = value
            size = len(path) + 1
            for mine, theirs in ((self.tree.keys, scratch.tree.keys), (self.tree.values, scratch.tree.values)):
                mine.update({place: where for place, where in theirs.items() if place[:size] == (*path, key)})

    def scalar(self, node: ScalarNode, position: Position) -> object:
        text: str = node.value
        tag = str(node.tag)
        kind = tag.removeprefix(_TAG)
        try:
            if kind == "null":
                return None
            if kind == "bool":
                return text.lower() in ("true", "yes", "on", "y")
            if kind == "int":
                return int(text.replace("_", ""), 0 if text.lstrip("+-")[:2].lower() in ("0x", "0o", "0b") else 10)
            if kind == "float" and (number := float(text.replace("_", ""))) - number == 0:
                return number
        except ValueError:
            return text
        if kind not in ("str", "timestamp", "float", "value", "merge"):
            self.unknown(tag, position)
        return text

    def unknown(self, tag: str, position: Position) -> None:
        kind = tag.removeprefix(_TAG)
        shown = tag if kind == tag else f"!!{kind}"
        self.errors.append(self._error(position, f"the YAML tag {shown[:60]} is not known here"))

    def _error(self, position: Position, what: str, remedy: str | None = None) -> ConfigurationError:
        return ConfigurationError(what, file=self.tree.file, line=position[0], column=position[1], remedy=remedy)
