"""What the double answers: GitHub's own examples, with addresses of this server and the state of this test."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from tests.doubles.github import merging
from tests.doubles.github.state import CheckRun, Comment, Issue, Label, Milestone, Pull, Review, Status

if TYPE_CHECKING:
    from tests.doubles.github.double import GitHub
    from tests.doubles.github.repository import Repository


def stamp(time: datetime | None) -> str | None:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ") if time else None


class Render:
    """Payloads of one repository."""

    def __init__(self, github: "GitHub", repository: "Repository") -> None:
        self.github = github
        self.state = repository
        self.url = f"{github.url}/repos/{repository.full_name}"
        self.html = f"{github.html_url}/{repository.full_name}"

    def example(self, name: str) -> Any:
        """GitHub's example of that name, as if it were about this repository on this server."""
        full_name = self.state.full_name
        return self.github.description.example(
            name,
            (
                ("https://api.github.com", self.github.url),
                ("https://github.com", self.github.html_url),
                ("octocat/Hello-World", full_name),
                ("octocat/hello-world", full_name),
                ("octocat/example", full_name),
                ("github/hello-world", full_name),
            ),
        )

    def user(self, login: str | None) -> Any:
        return None if login is None else user(self.github, login)

    def repository(self) -> Any:
        state, settings = self.state, self.state.settings
        value: dict[str, Any] = self.example("full-repository-default-response")
        for name in ("organization", "parent", "source", "template_repository"):
            value.pop(name, None)
        return {
            **value,
            **self.identity(),
            "language": None,
            "default_branch": state.default_branch,
            "has_issues": settings.has_issues,
            "archived": settings.archived,
            "private": settings.private,
            "visibility": "private" if settings.private else "public",
            "allow_auto_merge": settings.allow_auto_merge,
            "allow_merge_commit": settings.allow_merge_commit,
            "allow_squash_merge": settings.allow_squash_merge,
            "allow_rebase_merge": settings.allow_rebase_merge,
            "allow_update_branch": settings.allow_update_branch,
            "delete_branch_on_merge": settings.delete_branch_on_merge,
            "open_issues": len([issue for issue in state.issues.values() if issue.state == "open"]),
            "open_issues_count": len([issue for issue in state.issues.values() if issue.state == "open"]),
            "clone_url": state.remote,
            "fork": False,
        }

    def identity(self) -> dict[str, Any]:
        """What every mention of the repository has."""
        state = self.state
        return {
            "id": state.id,
            "node_id": f"R_{state.id}",
            "name": state.name,
            "full_name": state.full_name,
            "owner": self.user(state.owner),
            "url": self.url,
            "html_url": self.html,
        }

    def label(self, label: Label) -> dict[str, Any]:
        return {
            "id": label.id,
            "node_id": f"LA_{self.state.id}_{label.id}",
            "url": f"{self.url}/labels/{label.name}",
            "name": label.name,
            "description": label.description,
            "color": label.color,
            "default": label.name == "bug",
        }

    def labels(self, names: list[str]) -> list[dict[str, Any]]:
        return [self.label(self.state.labels[name]) for name in names]

    def milestone(self, milestone: Milestone | None) -> Any:
        if milestone is None:
            return None
        of_it = [issue for issue in self.state.issues.values() if issue.milestone == milestone.number]
        value: dict[str, Any] = self.example("milestone")
        return {
            **value,
            "url": f"{self.url}/milestones/{milestone.number}",
            "html_url": f"{self.html}/milestone/{milestone.number}",
            "labels_url": f"{self.url}/milestones/{milestone.number}/labels",
            "id": milestone.id,
            "number": milestone.number,
            "title": milestone.title,
            "state": milestone.state,
            "description": milestone.description,
            "creator": self.user("octocat"),
            "open_issues": len([issue for issue in of_it if issue.state == "open"]),
            "closed_issues": len([issue for issue in of_it if issue.state != "open"]),
            "created_at": stamp(milestone.created),
            "updated_at": stamp(milestone.created),
            "closed_at": None,
            "due_on": None,
        }

    def issue(self, issue: Issue) -> dict[str, Any]:
        url = f"{self.url}/issues/{issue.number}"
        kind = "pull" if isinstance(issue, Pull) else "issues"
        value: dict[str, Any] = self.example("issue")
        value.pop("pull_request", None)
        value.update(self._shared(issue))
        value.update(
            url=url,
            repository_url=self.url,
            labels_url=url + "/labels{/name}",
            comments_url=url + "/comments",
            events_url=url + "/events",
            html_url=f"{self.html}/{kind}/{issue.number}",
            comments=len(self.state.comments_on(issue.number)),
            timeline_url=url + "/timeline",
            reactions=reactions(url),
            performed_via_github_app=None,
            state_reason=issue.state_reason,
            closed_by=self.user(issue.closed_by),
        )
        if isinstance(issue, Pull):
            pull_url = f"{self.url}/pulls/{issue.number}"
            page = f"{self.html}/pull/{issue.number}"
            value["pull_request"] = {
                "url": pull_url,
                "html_url": page,
                "diff_url": page + ".diff",
                "patch_url": page + ".patch",
                "merged_at": stamp(issue.merged_at),
            }
        return value

    def _shared(self, issue: Issue) -> dict[str, Any]:
        """What issues and pull requests have in common."""
        prefix = "PR" if isinstance(issue, Pull) else "I"
        assignees = [self.user(login) for login in issue.assignees]
        return {
            "id": issue.id,
            "node_id": f"{prefix}_{issue.id}",
            "number": issue.number,
            "state": issue.state,
            "locked": issue.locked,
            "active_lock_reason": None,
            "title": issue.title,
            "body": issue.body,
            "user": self.user(issue.user),
            "labels": self.labels(issue.labels),
            "assignee": assignees[0] if assignees else None,
            "assignees": assignees,
            "milestone": self.milestone(self.state.milestones.get(issue.milestone or 0)),
            "created_at": stamp(issue.created),
            "updated_at": stamp(issue.updated),
            "closed_at": stamp(issue.closed),
            "author_association": "COLLABORATOR",
        }

    def pull(self, pull: Pull, *, full: bool = True) -> dict[str, Any]:
        """A pull request; a list's items lack what GitHub computes (``mergeable_state`` and the counts)."""
        value: dict[str, Any] = self.example("pull-request")
        url, issue_url = f"{self.url}/pulls/{pull.number}", f"{self.url}/issues/{pull.number}"
        page = f"{self.html}/pull/{pull.number}"
        links = {
            "self": url,
            "html": page,
            "issue": issue_url,
            "comments": issue_url + "/comments",
            "review_comments": url + "/comments",
            "review_comment": f"{self.url}/pulls/comments{{/number}}",
            "commits": url + "/commits",
            "statuses": f"{self.url}/statuses/{pull.head_sha}",
        }
        value.update(self._shared(pull))
        value.update({f"{name}_url": address for name, address in links.items() if name not in ("self", "html")})
        value.update(
            url=url,
            html_url=page,
            diff_url=page + ".diff",
            patch_url=page + ".patch",
            _links={name: {"href": address} for name, address in links.items()},
            merged_at=stamp(pull.merged_at),
            merge_commit_sha=pull.merge_sha,
            requested_reviewers=[self.user(login) for login in pull.reviewers],
            requested_teams=[self.team(slug) for slug in pull.team_reviewers],
            auto_merge=self._auto_merge(pull),
            draft=pull.draft,
            head=self._side(value["head"], pull.head, pull.head_sha),
            base=self._side(value["base"], pull.base, pull.base_sha),
        )
        if full:
            value.update(self._computed(pull))
        else:
            for name in (
                "merged", "mergeable", "rebaseable", "mergeable_state", "merged_by", "comments", "review_comments",
                "maintainer_can_modify", "commits", "additions", "deletions", "changed_files",
            ):  # fmt: skip
                value.pop(name, None)
        return value

    def _computed(self, pull: Pull) -> dict[str, Any]:
        judged = merging.assess(self.state, pull, looked=True)
        rows = self.state.git.text("diff", "--numstat", f"{pull.base_sha}...{pull.head_sha}").splitlines()
        counts = [row.split("\t", 2)[:2] for row in rows]
        base = self.state.git.text("merge-base", pull.base_sha, pull.head_sha) if not pull.merged else pull.base_sha
        return {
            "merged": pull.merged,
            "merged_by": self.user(pull.merged_by),
            "mergeable": judged.mergeable,
            "rebaseable": judged.mergeable,
            "mergeable_state": judged.state,
            "comments": len(self.state.comments_on(pull.number)),
            "review_comments": 0,
            "maintainer_can_modify": pull.maintainer_can_modify,
            "commits": self.state.git.count(pull.head_sha, base),
            "additions": sum(int(added) for added, _ in counts if added != "-"),
            "deletions": sum(int(gone) for _, gone in counts if gone != "-"),
            "changed_files": len(rows),
        }

    def _side(self, example: dict[str, Any], branch: str, sha: str) -> dict[str, Any]:
        owner = self.user(self.state.owner)
        repository = {**example["repo"], **self.identity(), "default_branch": self.state.default_branch}
        return {"label": f"{self.state.owner}:{branch}", "ref": branch, "sha": sha, "user": owner, "repo": repository}

    def _auto_merge(self, pull: Pull) -> Any:
        armed = pull.auto_merge
        if armed is None:
            return None
        return {
            "enabled_by": self.user(armed.by),
            "merge_method": armed.method,
            "commit_title": armed.title or f"{pull.title} (#{pull.number})",
            "commit_message": armed.message or "",
        }

    def team(self, slug: str) -> dict[str, Any]:
        team: dict[str, Any] = self.example("pull-request")["requested_teams"][0]
        number = self.github.user_id(f"{self.state.owner}/{slug}")
        return {**team, "id": number, "slug": slug, "name": slug, "parent": None, "type": "organization"}

    def comment(self, comment: Comment) -> dict[str, Any]:
        kind = "pull" if isinstance(self.state.issues[comment.number], Pull) else "issues"
        value: dict[str, Any] = self.example("issue-comment")
        value.update(
            id=comment.id,
            node_id=f"IC_{comment.id}",
            url=f"{self.url}/issues/comments/{comment.id}",
            html_url=f"{self.html}/{kind}/{comment.number}#issuecomment-{comment.id}",
            issue_url=f"{self.url}/issues/{comment.number}",
            body=comment.body,
            user=self.user(comment.user),
            created_at=stamp(comment.created),
            updated_at=stamp(comment.updated),
            author_association="COLLABORATOR",
            reactions=reactions(f"{self.url}/issues/comments/{comment.id}"),
            performed_via_github_app=None,
        )
        return value

    def review(self, pull: Pull, review: Review) -> dict[str, Any]:
        page = f"{self.html}/pull/{pull.number}#pullrequestreview-{review.id}"
        value: dict[str, Any] = self.example("pull-request-review")
        value.update(
            id=review.id,
            node_id=f"PRR_{review.id}",
            user=self.user(review.user),
            body=review.body,
            state=review.state,
            html_url=page,
            pull_request_url=f"{self.url}/pulls/{pull.number}",
            _links={"html": {"href": page}, "pull_request": {"href": f"{self.url}/pulls/{pull.number}"}},
            submitted_at=stamp(review.submitted),
            commit_id=review.commit,
        )
        return value

    def status(self, status: Status) -> dict[str, Any]:
        value: dict[str, Any] = self.example("status")
        value.update(
            id=status.id,
            node_id=f"SC_{status.id}",
            url=f"{self.url}/statuses/{status.sha}",
            state=status.state,
            description=status.description,
            target_url=status.target_url,
            context=status.context,
            creator=self.user(status.user),
            created_at=stamp(status.created),
            updated_at=stamp(status.created),
        )
        return value

    def check_run(self, run: CheckRun) -> dict[str, Any]:
        url = f"{self.url}/check-runs/{run.id}"
        value: dict[str, Any] = self.example("check-run")
        value.update(
            id=run.id,
            node_id=f"CR_{run.id}",
            head_sha=run.sha,
            name=run.name,
            external_id=run.external_id,
            url=url,
            html_url=f"{self.html}/runs/{run.id}",
            details_url=run.details_url or f"{self.html}/runs/{run.id}",
            status=run.status,
            conclusion=run.conclusion,
            started_at=stamp(run.started),
            completed_at=stamp(run.completed),
            output={
                "title": run.title,
                "summary": run.summary,
                "text": run.text,
                "annotations_count": len(run.annotations),
                "annotations_url": url + "/annotations",
            },
            app={**self.app(), "slug": run.app, "name": run.app},
            check_suite={"id": self.state.id},
            pull_requests=[],
        )
        return value

    def app(self) -> dict[str, Any]:
        return app(self.github)


def app(github: "GitHub") -> dict[str, Any]:
    """The app itself."""
    value: dict[str, Any] = github.description.example("integration")
    value.update(id=github.app.id, slug=github.app.slug, name=github.app.slug, owner=user(github, "acme"))
    return value


def reactions(url: str) -> dict[str, Any]:
    """Nobody reacted."""
    kinds = ("+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes")
    return {"url": f"{url}/reactions", "total_count": 0, **dict.fromkeys(kinds, 0)}


def user(github: "GitHub", login: str) -> dict[str, Any]:
    """An account as other payloads mention it."""
    number = github.user_id(login)
    url = f"{github.url}/users/{login}"
    names = {
        "followers": "", "following": "{/other_user}", "gists": "{/gist_id}", "starred": "{/owner}{/repo}",
        "subscriptions": "", "repos": "", "events": "{/privacy}", "received_events": "",
    }  # fmt: skip
    paths = {"organizations": "orgs"}
    return {
        "login": login,
        "id": number,
        "node_id": f"U_{number}",
        "avatar_url": f"{github.html_url}/images/error/{number}.gif",
        "gravatar_id": "",
        "url": url,
        "html_url": f"{github.html_url}/{login.removesuffix('[bot]')}",
        **{f"{name}_url": f"{url}/{name}{rest}" for name, rest in names.items()},
        **{f"{name}_url": f"{url}/{path}" for name, path in paths.items()},
        "type": "Bot" if login.endswith("[bot]") else "User",
        "site_admin": False,
        "user_view_type": "public",
    }
