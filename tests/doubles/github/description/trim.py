"""Makes openapi.json and schema.graphql from GitHub's own descriptions, as Octokit publishes them on npm.

    python trim.py          # needs npm; takes the versions pinned below

Both packages are MIT licensed (LICENSE beside this file). openapi.json holds the operations of operations.txt,
everything they refer to, and the examples that the double's answers are made from; descriptions in prose are left out. schema.graphql
holds the types listed below with every field whose own type is kept as well.
"""

import json
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
OPENAPI = "@octokit/openapi@23.0.2"
GRAPHQL = "@octokit/graphql-schema@15.26.1"

_PROSE = (
    "description",
    "summary",
    "externalDocs",
    "tags",
    "example",
    "x-github",
    "x-octokit",
    "title",
    "discriminator",
)

EXAMPLES = [
    "branch-get",
    "check-run",
    "combined-commit-status",
    "full-repository-default-response",
    "git-commit",
    "git-ref",
    "installation",
    "integration",
    "issue",
    "issue-comment",
    "milestone",
    "public-user-default-response",
    "pull-request",
    "pull-request-review",
    "rate-limit-overview",
    "status",
    "workflow-run-paginated",
]
MUTATIONS = (
    "enablePullRequestAutoMerge",
    "disablePullRequestAutoMerge",
    "createCommitOnBranch",
    "enqueuePullRequest",
    "dequeuePullRequest",
    "mergePullRequest",
    "convertPullRequestToDraft",
    "markPullRequestReadyForReview",
    "updatePullRequestBranch",
    "updateRefs",
)
QUERIES = ("repository", "viewer", "node", "nodes", "rateLimit")
TYPES = [
    "Actor",
    "AutoMergeRequest",
    "Blob",
    "Bot",
    "BranchProtectionRule",
    "BranchProtectionRuleConnection",
    "CheckRun",
    "Commit",
    "CommitConnection",
    "Comment",
    "GitActor",
    "GitObject",
    "GitSignature",
    "Label",
    "LabelConnection",
    "Mannequin",
    "MergeQueue",
    "MergeQueueConfiguration",
    "MergeQueueEntry",
    "MergeQueueEntryConnection",
    "Node",
    "Organization",
    "PageInfo",
    "PullRequest",
    "PullRequestCommit",
    "PullRequestCommitConnection",
    "PullRequestConnection",
    "RateLimit",
    "Ref",
    "RefConnection",
    "Repository",
    "RepositoryOwner",
    "RequiredStatusCheckDescription",
    "Status",
    "StatusCheckRollup",
    "StatusContext",
    "Tree",
    "TreeEntry",
    "User",
    "EnterpriseUserAccount",
    "UniformResourceLocatable",
    "Closable",
    "Lockable",
    "Labelable",
    "Assignable",
    "Updatable",
]


def main() -> None:
    with tempfile.TemporaryDirectory() as directory:
        openapi = unpack(OPENAPI, Path(directory, "openapi"))
        graphql = unpack(GRAPHQL, Path(directory, "graphql"))
        described = json.loads((openapi / "generated" / "api.github.com.json").read_text(encoding="utf-8"))
        wanted = [line for line in (HERE / "operations.txt").read_text().splitlines() if line and line[0] != "#"]
        (HERE / "openapi.json").write_text(laid_out(trimmed(described, wanted)), encoding="utf-8")
        sdl = (graphql / "schema.graphql").read_text(encoding="utf-8")
        (HERE / "schema.graphql").write_text(trimmed_schema(sdl), encoding="utf-8")
        licences = [(openapi / "LICENSE").read_text(), (graphql / "LICENSE.md").read_text()]
        heads = [f"openapi.json is made from {OPENAPI}:", f"schema.graphql is made from {GRAPHQL}:"]
        texts = [f"{head}\n\n{text.strip()}\n" for head, text in zip(heads, licences, strict=True)]
        (HERE / "LICENSE").write_text("\n".join(texts), encoding="utf-8")


def unpack(package: str, to: Path) -> Path:
    """The package's files, fetched by npm, nothing of it run."""
    to.mkdir()
    subprocess.run(["npm", "pack", "--silent", "--ignore-scripts", package], cwd=to, check=True, capture_output=True)
    (archive,) = to.glob("*.tgz")
    with tarfile.open(archive) as tar:
        tar.extractall(to, filter="data")
    return to / "package"


def trimmed(described: dict[str, Any], wanted: list[str]) -> dict[str, Any]:
    """The operations and, transitively, all that they refer to."""
    paths: dict[str, Any] = {}
    components: dict[str, Any] = {}
    found = set()
    todo: list[str] = []
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            if operation.get("operationId") not in wanted:
                continue
            found.add(operation["operationId"])
            kept = bare(operation)
            paths.setdefault(path, {})[method] = kept
            todo += references(kept)
    if missing := set(wanted) - found:
        raise SystemExit(f"GitHub describes no such operation: {', '.join(sorted(missing))}")
    seen = set()
    while todo:
        reference = todo.pop()
        if reference not in seen:
            seen.add(reference)
            _, _, kind, name = reference.split("/")
            kept = bare(described["components"][kind][name])
            components.setdefault(kind, {})[name] = kept
            todo += references(kept)
    components["examples"] = {name: described["components"]["examples"][name]["value"] for name in EXAMPLES}
    return {"openapi": described["openapi"], "source": OPENAPI, "paths": paths, "components": components}


def bare(node: Any, *, names: bool = False) -> Any:
    """The same without prose and examples. ``names``: the keys are names of properties, not words of a schema."""
    if isinstance(node, list):
        return [bare(item) for item in node]
    if not isinstance(node, dict):
        return node
    gone = () if names else (*_PROSE, "examples")
    return {key: bare(value, names=key == "properties" and not names) for key, value in node.items() if key not in gone}


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref" and isinstance(value, str):
                yield value
            else:
                yield from references(value)
    elif isinstance(node, list):
        for item in node:
            yield from references(item)


def laid_out(value: dict[str, Any]) -> str:
    """JSON with one operation or component a line: small, and a new version still shows what changed."""
    lines = ["{", f'"openapi": {json.dumps(value["openapi"])}, "source": {json.dumps(value["source"])},', '"paths": {']
    lines += _lines(value["paths"], end="},")
    lines.append('"components": {')
    for number, (kind, members) in enumerate(sorted(value["components"].items()), 1):
        lines.append(f"{json.dumps(kind)}: {{")
        lines += _lines(dict(sorted(members.items())), end="}," if number < len(value["components"]) else "}")
    return "\n".join([*lines, "}", "}"]) + "\n"


def _lines(members: dict[str, Any], end: str) -> list[str]:
    rows = [
        f"{json.dumps(name)}: {json.dumps(member, separators=(',', ':'), ensure_ascii=False)}"
        for name, member in members.items()
    ]
    return [*(row + "," for row in rows[:-1]), *rows[-1:], end]


def trimmed_schema(sdl: str) -> str:
    """GitHub's schema with only our root fields, the listed types, and what these need to be complete."""
    import graphql as g

    schema = g.build_schema(sdl, assume_valid=True)
    kept = {"Query", "Mutation", *TYPES, *(name[0].upper() + name[1:] + "Payload" for name in MUTATIONS)}
    roots = {"Mutation": MUTATIONS, "Query": QUERIES}

    def stays(kind: Any) -> bool:
        named = g.get_named_type(kind)
        return g.is_leaf_type(named) or named.name in kept

    needed: set[str] = set()
    for name in sorted(kept):
        kind: Any = schema.get_type(name)
        if kind is None:
            raise SystemExit(f"GitHub has no such type: {name}")
        chosen = roots.get(name)
        kind.fields = {
            key: field for key, field in kind.fields.items() if (key in chosen if chosen else stays(field.type))
        }
        kind.interfaces = tuple(one for one in kind.interfaces if one.name in kept)
        for field in kind.fields.values():
            if name != "Mutation":  # a mutation's input is kept whole
                field.args = {key: argument for key, argument in field.args.items() if stays(argument.type)}
            needed |= {g.get_named_type(one.type).name for one in (field, *field.args.values())}
    todo = sorted(needed - kept)
    while todo:
        kind = schema.get_type(todo.pop())
        kept.add(kind.name)
        if g.is_input_object_type(kind):
            todo += {g.get_named_type(field.type).name for field in kind.fields.values()} - kept
    printed = []
    for name in sorted(kept - set(g.specified_scalar_types)):
        kind = schema.get_type(name)
        for part in (kind, *getattr(kind, "fields", {}).values(), *getattr(kind, "values", {}).values()):
            for one in (part, *getattr(part, "args", {}).values()):
                one.description = one.deprecation_reason = one.specified_by_url = None
        printed.append(g.print_type(kind))
    return f"# Made by trim.py from {GRAPHQL}\n\n" + "\n\n".join(printed) + "\n"


if __name__ == "__main__":
    main()
