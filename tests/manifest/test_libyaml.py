"""The C parser alone: nobody else may notice that PyYAML was not imported as a whole."""

import subprocess
import sys
import textwrap
from pathlib import Path

PROJECT = str(Path(__file__).parents[2])


def run(program: str) -> str:
    """In a process of its own, so that nothing has imported yaml before."""
    start = f"import sys\nsys.path.insert(0, {PROJECT!r})\n"
    done = subprocess.run(
        [sys.executable, "-I", "-c", start + textwrap.dedent(program)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_pure_half_of_pyyaml_is_not_imported() -> None:
    run("""
        from gitops_ci.manifest.parse import parse
        assert parse("f", b"a: 1").documents
        assert "yaml" not in sys.modules and "yaml.scanner" not in sys.modules
    """)


def test_a_later_import_of_yaml_works() -> None:
    run("""
        from gitops_ci.manifest import libyaml
        import yaml
        assert yaml.safe_load("a: [1, x]") == {"a": [1, "x"]}
        assert yaml.load("a: 1", yaml.CSafeLoader) == {"a": 1}
        assert yaml.dump({"a": 1}, Dumper=yaml.CSafeDumper) == "a: 1\\n"
        assert libyaml.YAMLError is yaml.YAMLError
        cases = [("a: [", yaml.parser.ParserError), ("a: '", yaml.scanner.ScannerError)]
        for text, error in [*cases, ("a: \\1", yaml.reader.ReaderError)]:
            try:
                yaml.load(text, yaml.CSafeLoader)
            except yaml.YAMLError as caught:
                assert type(caught) is error, caught
                str(caught)
            else:
                raise AssertionError(text)
        from gitops_ci.manifest.parse import parse
        assert parse("f", b"a: [").findings[0].line == 1
    """)


def test_yaml_imported_before_is_used() -> None:
    run("""
        import yaml
        from gitops_ci.manifest import libyaml
        assert libyaml.CParser is yaml._yaml.CParser and sys.modules["yaml"] is yaml
    """)


def test_without_the_extension_the_pure_parser_reads() -> None:
    run("""
        sys.modules["yaml._yaml"] = None
        from gitops_ci.manifest import libyaml, parse
        assert libyaml.CParser is None
        parsed = parse.parse("f", "ä: &x nginx:1\\nb: *x\\nc: {d: 'e'}\\n".encode())
        document = parsed.documents[0]
        assert document.place(document.root.get("b"), "tag").raw == b"nginx:1"
        assert document.root.get("c").flow and document.root.get("c").get("d").style == "single"
        assert parse.parse("f", b"a: [\\n").findings[0].rule == "invalid-yaml"
    """)
