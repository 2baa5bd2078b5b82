"""Proposals as branches of a plain remote: what people do to them is respected, a second run changes nothing."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gitops_ci.forge.change import Change, MergePolicy
from gitops_ci.forge.local import LocalForge
from gitops_ci.forge.record import branch_of, read, ref_of
from gitops_ci.git.objects import Signature
from gitops_ci.git.repository import Repository
from gitops_ci.manifest.edit import Edit
from tests.support import repositories

NOW = datetime(2026, 11, 23, 5, tzinfo=UTC)
FILES = {"api.yaml": "image: nginx:1.25\r\n# kept  \r\nother: 1", "web.yaml": "image: web:1\n"}


def change(new: bytes = b"1.26", **values) -> Change:
    tag = new.decode()
    made = Change(
        branch="renovate/api-prod",
        base="main",
        title=f"Update nginx to {tag}",
        body=f"Body {tag}\n",
        commit_message=f"Update nginx to {tag}\n",
        edits=(Edit("api.yaml", 13, b"1.25", new),),
        sets=(f"api.yaml#0:image=nginx:{tag}",),
    )
    return replace(made, **values)


class Place:
    def __init__(self, directory, remote: bool):
        self.clone, self.bare = repositories.make(directory, FILES)
        self.remote = "origin" if remote else None
        self.there = self.bare if remote else self.clone
        self.later = 0
        if not remote:
            repositories.git(self.clone, "remote", "remove", "origin")

    def forge(self) -> LocalForge:
        self.later += 1
        signature = Signature("Bot <bot@example.com>", NOW + timedelta(hours=self.later))
        made = LocalForge(Repository(str(self.clone)), self.remote, signature=signature)
        made.refresh()
        return made

    def propose(self, *args, **values):
        forge = self.forge()
        forge.settle()
        return forge.propose(change(*args, **values))

    def refs(self) -> str:
        return repositories.git(
            self.there, "for-each-ref", "--format=%(refname) %(objectname)", "refs/heads", "refs/gitops-ci"
        )

    def show(self, what: str) -> str:
        return repositories.git(self.there, "show", what)

    def person(self, *commands: list[str], files=None, branch="renovate/api-prod", message="By hand") -> None:
        """Somebody else, in another clone, commits to a branch (or runs commands) and pushes."""
        other = self.clone.parent / f"other-{self.later}-{branch.replace('/', '-')}"
        repositories.git(self.clone.parent, "clone", "-q", str(self.there), str(other))
        repositories.git(other, "checkout", "-q", branch)
        if files:
            repositories.commit(other, files, message)
        for command in commands:
            repositories.git(other, *command)
        if self.remote is None and branch == "main":
            repositories.git(self.clone, "pull", "-q", str(other), branch)
        else:
            repositories.git(other, "push", "-q", "origin", branch)


@pytest.fixture(params=["remote", "no remote"])
def place(tmp_path, request):
    return Place(tmp_path, request.param == "remote")


def test_a_change_becomes_a_branch_with_title_and_body_beside_it(place):
    made = place.propose()
    assert made.state == "created"
    assert place.show("renovate/api-prod:api.yaml") == "image: nginx:1.26\r\n# kept  \r\nother: 1"
    assert repositories.git(place.there, "diff", "--stat", "main", "renovate/api-prod").splitlines()[-1] == (
        " 1 file changed, 1 insertion(+), 1 deletion(-)"
    )
    assert place.show(f"{ref_of('renovate/api-prod')}:body.md") == "Body 1.26"
    assert '"title": "Update nginx to 1.26"' in place.show(f"{ref_of('renovate/api-prod')}:proposal.json")


def test_the_second_run_changes_nothing(place):
    place.propose()
    before = place.refs()
    assert place.propose().state == "unchanged"
    assert place.refs() == before


def test_a_newer_version_replaces_the_branch(place):
    place.propose()
    assert place.propose(b"1.27").state == "updated"
    assert "1.27" in place.show("renovate/api-prod:api.yaml")
    assert repositories.git(place.there, "rev-list", "--count", "main..renovate/api-prod") == "1"
    assert repositories.git(place.there, "rev-list", "--count", ref_of("renovate/api-prod")) == "2"


def test_another_text_changes_the_record_and_not_the_branch(place):
    first = place.propose()
    second = place.propose(body="Better words\n", labels=("deps",))
    assert (second.state, second.commit) == ("updated", first.commit)
    assert place.show(f"{ref_of('renovate/api-prod')}:body.md") == "Better words"
    assert place.propose(body="Better words\n", labels=("deps",)).state == "unchanged"


def test_what_somebody_pushed_to_the_branch_is_not_overwritten(place):
    place.propose()
    place.person(files={"api.yaml": "image: nginx:1.26-mine\n"})
    before = place.refs()
    assert place.propose(b"1.27").state == "edited-by-hand"
    assert place.forge().retire("renovate/api-prod").state == "edited-by-hand"
    assert place.forge().standing()[0].by_hand
    assert place.refs() == before


def test_a_branch_of_that_name_that_is_not_ours_is_left_alone(place):
    repositories.git(place.there, "branch", "renovate/api-prod", "main")
    assert place.propose().state == "edited-by-hand"


def test_a_deleted_branch_is_not_proposed_again_for_the_same_versions(place):
    place.propose()
    repositories.git(place.there, "branch", "-D", "renovate/api-prod")
    assert place.propose().state == "closed-earlier"
    assert place.propose().state == "closed-earlier"
    assert place.forge().standing()[0].state == "closed"
    assert place.propose(b"1.27").state == "created"
    repositories.git(place.there, "branch", "-D", "renovate/api-prod")
    assert place.propose().state == "closed-earlier"
    assert place.propose(recreate_when="always").state == "created"


def test_a_merged_proposal_is_removed_and_not_proposed_after_a_revert(place):
    place.propose()
    place.person(["merge", "-q", "--no-ff", "-m", "Merge", "origin/renovate/api-prod"], branch="main")
    forge = place.forge()
    assert forge.standing()[0].state == "merged"
    forge.settle()
    assert "refs/heads/renovate/api-prod" not in place.refs()
    place.person(["revert", "--no-edit", "-m", "1", "HEAD"], branch="main")
    assert place.propose().state == "closed-earlier"
    assert place.propose(b"1.27").state == "created"


def test_a_merged_and_reverted_proposal_whose_branch_still_stands_is_not_proposed_again(place):
    place.propose()
    place.person(["merge", "-q", "--no-ff", "-m", "Merge", "origin/renovate/api-prod"], branch="main")
    place.later += 1
    place.person(["revert", "--no-edit", "-m", "1", "HEAD"], branch="main")
    assert place.propose().state == "closed-earlier"


def test_a_squashed_proposal_counts_as_merged(place):
    place.propose()
    place.person(["merge", "-q", "--squash", "origin/renovate/api-prod"], ["commit", "-qm", "Squashed"], branch="main")
    assert place.forge().retire("renovate/api-prod").state in ("merged", "unchanged")
    forge = place.forge()
    forge.settle()
    assert "refs/heads/renovate/api-prod" not in place.refs()
    assert place.forge().standing()[0].state == "merged"


def test_a_proposal_nobody_asks_for_is_withdrawn_and_may_come_back(place):
    place.propose()
    assert place.forge().retire("renovate/api-prod").state == "superseded"
    assert "refs/heads/renovate/api-prod" not in place.refs()
    assert place.propose().state == "created"


@pytest.mark.parametrize(
    ("when", "automerge", "moved", "state"),
    [
        ("auto", False, "web.yaml", "unchanged"),
        ("auto", True, "web.yaml", "updated"),
        ("behind-base-branch", False, "web.yaml", "updated"),
        ("conflicted", False, "web.yaml", "unchanged"),
        ("conflicted", False, "api.yaml", "updated"),
        ("never", False, "api.yaml", "unchanged"),
    ],
)
def test_rebasing_follows_rebase_when(tmp_path, when, automerge, moved, state):
    place = Place(tmp_path, True)
    values = {"rebase_when": when, "merge": MergePolicy(automerge=automerge)}
    place.propose(**values)
    new = {"web.yaml": "image: web:2\n", "api.yaml": "image: nginx:1.25 # new\r\n"}[moved]
    place.person(files={moved: new}, branch="main")
    made = place.propose(**values)
    assert made.state == state
    behind = repositories.git(place.there, "rev-list", "--count", "renovate/api-prod..main")
    assert behind == ("0" if state == "updated" else "1")


def test_work_that_somebody_pushes_in_the_same_moment_is_not_lost(tmp_path):
    place = Place(tmp_path, True)
    place.propose()
    forge = place.forge()
    place.person(files={"api.yaml": "image: nginx:mine\n"})
    assert forge.propose(change(b"1.27")).state == "edited-by-hand"
    assert "mine" in place.show("renovate/api-prod:api.yaml")


def test_two_runs_at_once_end_in_one_proposal(tmp_path):
    place = Place(tmp_path, True)
    forges = [place.forge() for _ in range(3)]
    states = []
    threads = [
        threading.Thread(target=lambda forge=forge: states.append(forge.propose(change()).state)) for forge in forges
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(states) == ["created", "unchanged", "unchanged"]


def test_a_remote_that_is_gone_fails_one_proposal_and_says_so(tmp_path):
    place = Place(tmp_path, True)
    forge = place.forge()
    place.bare.rename(tmp_path / "gone")
    made = forge.propose(change())
    assert made.state == "failed"
    assert "does not appear to be a git repository" in (made.error or "")


def test_neither_working_tree_nor_index_nor_branches_change(tmp_path):
    place = Place(tmp_path, True)
    (place.clone / "api.yaml").write_text("half finished")
    before = (
        repositories.git(place.clone, "status", "--porcelain=v2", "--branch"),
        (place.clone / ".git/index").read_bytes(),
    )
    place.propose()
    after = (
        repositories.git(place.clone, "status", "--porcelain=v2", "--branch"),
        (place.clone / ".git/index").read_bytes(),
    )
    assert after == before
    assert repositories.git(place.clone, "branch", "--list") == "* main"


def test_a_shallow_clone_proposes_all_the_same(tmp_path):
    place = Place(tmp_path, True)
    place.person(files={"web.yaml": "image: web:2\n"}, branch="main")
    shallow = tmp_path / "shallow"
    repositories.git(tmp_path, "clone", "-q", "--depth=1", f"file://{place.bare}", str(shallow))
    place.clone = shallow
    assert place.propose().state == "created"
    assert place.propose().state == "unchanged"
    place.person(["merge", "-q", "--no-ff", "-m", "Merge", "origin/renovate/api-prod"], branch="main")
    forge = place.forge()
    forge.settle()
    assert forge.standing()[0].state == "merged"


def test_a_record_that_is_nonsense_does_not_let_the_branch_be_overwritten(place):
    place.propose()
    blob = repositories.git(place.there, "hash-object", "-w", "-t", "tree", "/dev/null")
    nonsense = repositories.git(place.there, "commit-tree", blob, "-m", "x")
    repositories.git(place.there, "update-ref", ref_of("renovate/api-prod"), nonsense)
    assert place.propose(b"1.27").state == "edited-by-hand"


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{}", b"\xff", b'{"version":1,"base":{}}', b"[" * 100_000, b'{"commit":"--upload-pack=x"}']
)
def test_anything_that_is_no_record_is_read_as_none(data):
    assert read("x", data, b"") is None


@pytest.mark.parametrize("branch", ["renovate/a", "renovate/a/b", "ü%2F +", "x.lock/y"])
def test_every_branch_has_a_ref_of_its_own(branch):
    assert branch_of(ref_of(branch)) == branch
    assert "/" not in ref_of(branch).removeprefix("refs/gitops-ci/proposals/")


def test_a_branch_below_another_one_is_one_failure_and_no_crash(place):
    assert place.propose().state == "created"
    made = place.propose(branch="renovate/api-prod/deeper")
    assert made.state == "failed"
