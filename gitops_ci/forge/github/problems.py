"""What GitHub refuses, as one line: what it said, and which setting or permission changes that."""

from gitops_ci.errors import ForgeError

_GENERAL = "repository Settings → General → Pull Requests"
_SAID: tuple[tuple[str, str], ...] = (
    (
        "not permitted to create or approve pull requests",
        "turn on Settings → Actions → General → Workflow permissions → "
        "Allow GitHub Actions to create and approve pull requests, or use an App's token",
    ),
    (
        "not accessible by",
        "the token lacks a permission: contents, pull-requests, issues and statuses: write, checks: read",
    ),
    ("auto merge is not allowed", f"turn on {_GENERAL} → Allow auto-merge"),
    ("squash merges are not allowed", f"turn on {_GENERAL} → Allow squash merging, or change automergeStrategy"),
    ("merge commits are not allowed", f"turn on {_GENERAL} → Allow merge commits, or change automergeStrategy"),
    ("rebase merges are not allowed", f"turn on {_GENERAL} → Allow rebase merging, or change automergeStrategy"),
    (
        "protected branch rules not configured",
        "auto-merge needs a protected base branch with a required check or review: add one in Settings → Rules",
    ),
    ("without `workflow` scope", "changes below .github/workflows need the token permission workflows: write"),
    ("without `workflows` permission", "changes below .github/workflows need the token permission workflows: write"),
    ("body is too long", "shorten prBodyTemplate or prBodyNotes"),
    ("approving review", "let a person approve, or let this app bypass the rule in Settings → Rules"),
    ("protected branch", "see the rules of the base branch in Settings → Rules"),
    ("repository rule violations", "see the rules of the base branch in Settings → Rules"),
    ("secondary rate limit", "run again later, or less often"),
    ("rate limit exceeded", "run again later, or less often"),
    ("issues has been disabled", "turn on Settings → General → Features → Issues, or set dependencyDashboard to false"),
    ("issues are disabled", "turn on Settings → General → Features → Issues, or set dependencyDashboard to false"),
)
_STATUS = {
    401: "the token is wrong, expired or revoked: give another one",
    404: "the token cannot see it: check the repository's name and the token's permissions",
}
_MAX = 300


class Refusal(ForgeError):
    """GitHub answered with an error. ``status`` is the HTTP status (400 for GraphQL), None without an answer."""

    def __init__(self, what: str, *, status: int | None, said: str, remedy: str | None = None) -> None:
        super().__init__(what, remedy=remedy)
        self.status = status
        self.said = said
        """GitHub's words, lower case."""

    def says(self, *words: str) -> bool:
        """Whether GitHub's answer has one of these words."""
        return any(word in self.said for word in words)


def refusal(doing: str, error: Exception, secrets: tuple[str, ...] = ()) -> Refusal:
    """Any error of PyGithub or of the network, as one line without secrets."""
    status = getattr(error, "status", None)
    words = one_line(message(error), secrets)
    said = words.lower()
    remedy = next((fix for sign, fix in _SAID if sign in said), None) or _STATUS.get(status or 0)
    answer = f"GitHub answered {status}" if status else "GitHub did not answer"
    return Refusal(f"{doing}: {answer}: {words}", status=status, said=said, remedy=remedy)


def message(error: Exception) -> str:
    """GitHub's own words, with the details of a validation error."""
    data = getattr(error, "data", None)
    if not isinstance(data, dict):
        return str(data or "") or str(error) or type(error).__name__
    parts = [str(data["message"])] if data.get("message") else []
    listed = data.get("errors")
    for one in listed if isinstance(listed, list) else [listed] if listed else []:
        if isinstance(one, dict):
            words = one.get("message") or " ".join(str(one[key]) for key in ("field", "code") if one.get(key))
            parts.append(str(words))
        else:
            parts.append(str(one))
    return ": ".join(part for part in parts if part) or type(error).__name__


def one_line(text: str, secrets: tuple[str, ...] = ()) -> str:
    """Visible characters on one line, cut to a length that a log takes, without secrets."""
    for secret in secrets:
        text = text.replace(secret, "***")
    line = " ".join("".join(mark if mark.isprintable() else " " for mark in text).split())
    return line if len(line) <= _MAX else line[: _MAX - 1] + "…"
