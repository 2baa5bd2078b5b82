"""The dependency dashboard: one issue with a list of what goes on, and boxes to tick.

A ticked box is a wish for the next run. Only people who may edit the bot's issue can tick one, and those may
write to the repository.
"""

import re
from typing import TYPE_CHECKING

from gitops_ci.forge.change import Dashboard, Wishes
from gitops_ci.forge.github.client import Client
from gitops_ci.forge.github.marker import BODY_LIMIT
from gitops_ci.forge.github.pulls import login
from gitops_ci.forge.github.texts import cut, subject

if TYPE_CHECKING:
    from github.Issue import Issue

MARK = "<!-- gitops-ci:dashboard -->"
BOX = re.compile(
    r"^ {0,4}[-*] \[[xX]\] <!-- (approve|rebase|retry|unlimit|unschedule)-branch=([^\s<>]{1,255}) -->", re.MULTILINE
)
ALL = re.compile(r"^ {0,4}[-*] \[[xX]\] <!-- (approve|rebase|retry|unlimit)-all -->", re.MULTILINE)


def wishes(body: str) -> Wishes:
    """The boxes that are ticked. ``*`` stands for every branch of that kind."""
    found: dict[str, set[str]] = {}
    for kind, branch in BOX.findall(body):
        found.setdefault(kind, set()).add(branch)
    for kind in ALL.findall(body):
        found.setdefault(kind, set()).add("*")
    return Wishes(**{kind: frozenset(branches) for kind, branches in found.items()})


def find(client: Client) -> "Issue | None":
    """The open dashboard, by its marker and its author; where two runs made two, the older one."""
    with client.told("looking for the dashboard issue"):
        if not client.repository.has_issues:
            return None
        for issue in client.repository.get_issues(
            state="open",
            creator=client.login,  # type: ignore[arg-type]  # the library takes names too, its types say otherwise
            sort="created",
            direction="asc",
        ):
            if issue.pull_request is None and login(issue) == client.login and (issue.body or "").startswith(MARK):
                return issue
    return None


def write(client: Client, there: "Issue | None", wanted: Dashboard) -> str | None:
    """Open the issue or change it in place; its address. None where the repository has no issues."""
    if not client.repository.has_issues:
        return None
    body = f"{MARK}\n{cut(wanted.body, BODY_LIMIT - len(MARK) - 100)}"
    title = subject(wanted.title)
    doing = "writing the dashboard issue"
    if there is None:
        labels = [label[:50] for label in wanted.labels]
        there = client.write(
            doing,
            lambda: client.repository.create_issue(title=title, body=body, labels=labels),
            lambda: find(client),
        )
        return there.html_url
    if (there.body or "").replace("\r\n", "\n").strip() != body.strip() or there.title != title:
        known = there
        client.write(doing, lambda: known.edit(title=title, body=body))
    return there.html_url


def close(client: Client, there: "Issue") -> None:
    """The dashboard is switched off, or has nothing to show and closes by itself."""
    client.write("closing the dashboard issue", lambda: there.edit(state="closed"))
