"""What the token means for the pull requests of this run, said at the start."""

from gitops_ci.finding import Finding
from gitops_ci.forge.github.client import Client


def findings(client: Client) -> tuple[Finding, ...]:
    """Warnings about the token. Asks GitHub who it belongs to."""
    found = []
    if client.workflow_token:
        found.append(
            Finding(
                "token-without-checks",
                "PULL REQUESTS OF THIS RUN GET NO CHECKS BY THEMSELVES: they are opened with the workflow's own "
                "GITHUB_TOKEN. Their workflow runs wait until a person approves them, later pushes start none, "
                "and a merge starts no further workflow",
                severity="high",
                remedy="use the token of a GitHub App, or a fine-grained personal access token",
            )
        )
    permissions = client.repository.raw_data.get("permissions")
    if isinstance(permissions, dict) and permissions.get("push") is False:
        found.append(
            Finding(
                "token-read-only",
                f"the token of {client.login} may only read {client.name}",
                status="fail",
                severity="high",
                remedy="give it contents, pull-requests and issues: write (runs for forks never have that)",
            )
        )
    return tuple(found)
