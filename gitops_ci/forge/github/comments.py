"""Sticky comments: one per topic, found by a hidden marker and its author, and changed in place."""

import re
from typing import TYPE_CHECKING

from gitops_ci.forge.github.client import Client
from gitops_ci.forge.github.marker import BODY_LIMIT
from gitops_ci.forge.github.pulls import login
from gitops_ci.forge.github.texts import cut

if TYPE_CHECKING:
    from github.IssueComment import IssueComment


def stick(client: Client, number: int, topic: str, text: str) -> str:
    """Write the comment on a topic, or change the one that is there; its address.

    Somebody else's comment with the same marker is never touched.
    """
    if re.fullmatch(r"[a-z][a-z0-9-]*", topic) is None:
        raise ValueError(f"{topic!r} cannot be a topic")
    mark = f"<!-- gitops-ci:comment {topic} -->"
    body = f"{mark}\n{cut(text, BODY_LIMIT - len(mark) - 100)}"
    doing = f"commenting on {number}"
    with client.told(doing):
        issue = client.repository.get_issue(number)

    def look() -> "IssueComment | None":
        for comment in issue.get_comments():
            if login(comment) == client.login and comment.body.startswith(mark):
                return comment
        return None

    with client.told(doing):
        there = look()
    if there is None:
        there = client.write(doing, lambda: issue.create_comment(body), look)
    if there.body.strip() != body.strip():
        known = there
        client.write(doing, lambda: known.edit(body))
    return there.html_url
