"""`gitops-ci bump --commit --push`: what ends in the remote, and what happens to the user's own work."""

import json
import os
from pathlib import Path
from typing import NamedTuple

import pytest

from gitops_ci.cli import main
from tests.support import repositories

API, WEB = "ghcr.io/acme/api", "ghcr.io/acme/web"


def pod(image: str, more: str = "") -> str:
    return f"apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec:\n  containers:\n    - name: a\n      image: {image}\n{more}"


FILES = {"api.yaml": pod(f"{API}:1.0.0"), "web.yaml": pod(f"{WEB}:1.0.0"), "notes.txt": "notes\n"}


class Done(NamedTuple):
    code: int
    out: str
    err: str


class Place:
    """A remote, a clone, another person with a clone of their own."""

    def __init__(self, directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.directory = directory
        self.clone, self.remote = repositories.make(directory, FILES)
        self.capsys = capsys

    def bump(self, *arguments: str, root: Path | None = None, image: str = API, tag: str = "1.0.1") -> Done:
        self.capsys.readouterr()
        code = main(["bump", "--root", str(root or self.clone), "--image", image, "--tag", tag, *arguments])
        return Done(code, *self.capsys.readouterr())

    def there(self, path: str = "api.yaml", branch: str = "main") -> str:
        return repositories.git(self.remote, "show", f"{branch}:{path}") + "\n"

    def subjects(self, branch: str = "main") -> list[str]:
        return repositories.git(self.remote, "log", "--format=%s", branch).splitlines()

    def person(
        self, files: dict[str, str], message: str = "Somebody's", branch: str = "main", force: bool = False
    ) -> str:
        other = self.directory / "person"
        if not other.exists():
            repositories.git(self.directory, "clone", "-q", str(self.remote), str(other))
        repositories.git(other, "fetch", "-q")
        repositories.git(other, "checkout", "-q", "-B", branch, f"origin/{branch}")
        if force:
            repositories.git(other, "commit", "-q", "--amend", "-m", "Rewritten")
        made = repositories.commit(other, files, message)
        repositories.git(other, "push", "-q", *(["--force"] if force else []), "origin", branch)
        return made

    def status(self, root: Path | None = None) -> str:
        return repositories.git(root or self.clone, "status", "--porcelain")


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a person's git configuration nor a workflow's environment."""
    for name in list(os.environ):
        if name.startswith(("GIT_", "GITHUB_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)


@pytest.fixture
def place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Place:
    return Place(tmp_path, capsys)


# --commit


def test_a_commit_holds_the_bump_and_says_what_it_did(place: Place) -> None:
    done = place.bump("--commit", "--format", "json")
    assert done.code == 0, done.err
    told = json.loads(done.out)
    head = repositories.git(place.clone, "rev-parse", "HEAD")
    assert (told["commit"], told["pushed"], told["branch"], told["written"]) == (head, False, "main", True)
    assert repositories.git(place.clone, "show", "--format=%B", "--name-only", "HEAD").splitlines() == [
        f"Bump {API} to 1.0.1", "", f"Image: {API}", "From: 1.0.0", "To: 1.0.1", "", "", "api.yaml",
    ]  # fmt: skip
    assert repositories.git(place.clone, "log", "-1", "--format=%(trailers:key=To,valueonly)").strip() == "1.0.1"
    assert place.status() == ""
    assert (place.clone / "api.yaml").read_text() == pod(f"{API}:1.0.1")
    assert place.there() == FILES["api.yaml"]


def test_other_work_stays_out_of_the_commit_and_as_it_is(place: Place) -> None:
    (place.clone / "web.yaml").write_text("half finished")
    (place.clone / "notes.txt").write_text("staged\n")
    repositories.git(place.clone, "add", "notes.txt")
    (place.clone / "api.yaml").write_text(pod(f"{API}:1.0.0", "# mine\n"))
    (place.clone / "new.yaml").write_text("x: 1\n")
    assert place.bump("--commit").code == 0
    assert repositories.git(place.clone, "diff", "--name-only", "HEAD~", "HEAD") == "api.yaml"
    assert repositories.git(place.clone, "show", "HEAD:api.yaml") + "\n" == pod(f"{API}:1.0.1")
    assert (place.clone / "api.yaml").read_text() == pod(f"{API}:1.0.1", "# mine\n")
    assert place.status().splitlines() == [" M api.yaml", "M  notes.txt", " M web.yaml", "?? new.yaml"]


def test_staged_changes_of_the_same_file_are_not_mixed_up(place: Place) -> None:
    (place.clone / "api.yaml").write_text(pod(f"{API}:1.0.0", "# mine\n"))
    repositories.git(place.clone, "add", "api.yaml")
    before = repositories.state(place.clone / ".git" / "refs"), place.status()
    done = place.bump("--commit")
    assert done.code == 1
    assert "api.yaml: has staged changes" in done.err
    assert (repositories.state(place.clone / ".git" / "refs"), place.status()) == before


def test_a_bump_that_was_written_but_not_committed_is_committed(place: Place) -> None:
    assert place.bump().code == 0
    assert place.status() == " M api.yaml"
    assert place.bump("--commit").code == 0
    assert place.status() == ""


def test_nothing_to_commit_makes_no_commit(place: Place) -> None:
    head = repositories.git(place.clone, "rev-parse", "HEAD")
    done = place.bump("--commit", "--format", "json", tag="1.0.0")
    assert done.code == 0
    assert json.loads(done.out)["commit"] is None
    assert repositories.git(place.clone, "rev-parse", "HEAD") == head


def test_a_detached_head_gets_the_commit(place: Place) -> None:
    repositories.git(place.clone, "checkout", "-q", "--detach")
    assert place.bump("--commit").code == 0
    assert repositories.git(place.clone, "log", "-1", "--format=%s") == f"Bump {API} to 1.0.1"
    assert place.status() == ""


def test_no_commit_in_the_middle_of_a_merge(place: Place) -> None:
    (place.clone / ".git" / "MERGE_HEAD").write_text(repositories.git(place.clone, "rev-parse", "HEAD") + "\n")
    done = place.bump("--commit")
    assert done.code == 1
    assert "a merge is under way" in done.err


@pytest.mark.parametrize(
    "text", ["Line one\n\nbody $(touch /tmp/no) `id`", "$(reboot)\n--force", "-x", "ü\t%0A::error::x"]
)
def test_a_message_is_text(place: Place, text: str) -> None:
    assert place.bump("--commit", f"--message={text}", "--author", "Ada L. <ada@example.com>").code == 0
    assert (
        repositories.git(place.clone, "log", "-1", "--format=%an <%ae>%n%B").rstrip()
        == f"Ada L. <ada@example.com>\n{text}"
    )


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--message", "x"], "--message says nothing without --commit"),
        (["--commit", "--branch", "x"], "--branch says nothing without --push"),
        (["--commit", "--message", " "], "--message is empty"),
        (["--commit", "--author", "Ada"], "is not NAME <EMAIL>"),
        (["--commit", "--author", "Ada <a@b>\nSigned-off-by: x <y@z>"], "is not NAME <EMAIL>"),
        (["--push", "--remote", "https://x:ghs_secret@host/a/b"], "there is no remote 'https://host/a/b'"),
        (["--push", "--remote", "--upload-pack=x"], "expected one argument"),
        (["--push", "--branch", "a..b"], "no name of a branch"),
        (["--push", "--branch=--force"], "no name of a branch"),
        (["--push", "--branch", "@{-1}"], "no name of a branch"),
        (["--push", "--branch", "a b"], "no name of a branch"),
        (["--push", "--branch", "x\ny"], "no name of a branch"),
        (["--push", "--branch", ""], "no name of a branch"),
        (["--push", "--branch", "+main:main"], "no name of a branch"),
    ],
)  # fmt: skip
def test_wrong_use_is_one_line(place: Place, arguments: list[str], says: str) -> None:
    done = place.bump(*arguments)
    assert done.code == 2
    assert says in done.err
    assert "secret" not in done.err
    assert len(done.err.splitlines()) == 1


def test_outside_of_git_nothing_can_be_committed(place: Place, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    repositories.write(bare, FILES)
    done = place.bump("--commit", root=bare)
    assert done.code == 2
    assert "not a git repository" in done.err


def test_a_dry_run_commits_nothing(place: Place) -> None:
    before = repositories.state(place.clone)
    done = place.bump("--commit", "--push", "--dry-run")
    assert done.code == 0
    assert "+      image: ghcr.io/acme/api:1.0.1" in done.out
    assert repositories.state(place.clone) == before


# --push


def test_a_push_ends_in_the_remote_and_the_checkout_follows(place: Place) -> None:
    done = place.bump("--commit", "--push", "--format", "json")
    assert done.code == 0, done.err
    told = json.loads(done.out)
    tip = repositories.git(place.remote, "rev-parse", "main")
    assert (told["commit"], told["pushed"], told["branch"], told["written"]) == (tip, True, "main", True)
    assert place.there() == pod(f"{API}:1.0.1")
    assert repositories.git(place.clone, "rev-parse", "HEAD", "origin/main").split() == [tip, tip]
    assert place.status() == ""


def test_outputs_of_a_workflow(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
    assert place.bump("--push").code == 0
    text = (tmp_path / "output").read_text()
    tip = repositories.git(place.remote, "rev-parse", "main")
    for name, value in (("commit", tip), ("pushed", "true"), ("branch", "main")):
        assert f"\n{name}<<" in text
        assert f"\n{value}\n" in text


def test_what_others_pushed_meanwhile_stays(place: Place) -> None:
    place.person({"api.yaml": pod(f"{API}:1.0.0", "# theirs, in the same file\n"), "new.txt": "new\n"})
    done = place.bump("--push")
    assert done.code == 0, done.err
    assert place.there() == pod(f"{API}:1.0.1", "# theirs, in the same file\n")
    assert place.subjects() == [f"Bump {API} to 1.0.1", "Somebody's", "First"]
    assert place.status() == ""
    assert (place.clone / "new.txt").exists()


def test_a_push_that_loses_is_made_again_from_the_new_files(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody changes the very line between our look at the remote and our push, twice."""
    from gitops_ci.git import land

    real, versions = land.push, ["0.8.0", "0.9.0"]

    def late(*arguments: object) -> None:
        if versions:
            place.person({"api.yaml": pod(f"{API}:{versions.pop(0)}")})
        real(*arguments)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr(land, "push", late)
    assert place.bump("--push").code == 0
    assert place.there() == pod(f"{API}:1.0.1")
    assert place.subjects() == [f"Bump {API} to 1.0.1", "Somebody's", "Somebody's", "First"]
    assert "From: 0.9.0" in repositories.git(place.remote, "log", "-1", "--format=%B", "main")


def test_what_is_there_already_is_done(place: Place) -> None:
    theirs = place.person({"api.yaml": pod(f"{API}:1.0.1")})
    done = place.bump("--push", "--format", "json")
    assert done.code == 0
    told = json.loads(done.out)
    assert (told["commit"], told["pushed"], told["changed"]) == (None, False, False)
    assert repositories.git(place.remote, "rev-parse", "main") == theirs
    assert (place.clone / "api.yaml").read_text() == pod(f"{API}:1.0.1")
    assert "already there, in main of origin" in place.bump("--push").out


def test_half_finished_work_keeps_the_checkout_where_it_is(place: Place) -> None:
    (place.clone / "api.yaml").write_text(pod(f"{API}:1.0.0", "# mine\n"))
    (place.clone / "notes.txt").write_text("staged\n")
    repositories.git(place.clone, "add", "notes.txt")
    before, head = place.status(), repositories.git(place.clone, "rev-parse", "HEAD")
    done = place.bump("--push")
    assert done.code == 0
    assert "local changes are in the way" in done.err
    assert place.there() == pod(f"{API}:1.0.1")
    assert (place.status(), repositories.git(place.clone, "rev-parse", "HEAD")) == (before, head)


def test_work_on_other_files_stays_while_the_checkout_follows(place: Place) -> None:
    (place.clone / "web.yaml").write_text("half finished")
    (place.clone / "notes.txt").write_text("staged\n")
    repositories.git(place.clone, "add", "notes.txt")
    before = place.status()
    assert place.bump("--push").code == 0
    assert place.status() == before
    assert (place.clone / "api.yaml").read_text() == pod(f"{API}:1.0.1")


def test_a_bump_that_was_already_written_is_in_nobodys_way(place: Place) -> None:
    assert place.bump().code == 0
    done = place.bump("--push")
    assert (done.code, done.err) == (0, "")
    assert place.status() == ""
    assert repositories.git(place.clone, "rev-parse", "HEAD") == repositories.git(place.remote, "rev-parse", "main")


def test_commits_that_wait_are_pushed_along(place: Place) -> None:
    assert place.bump("--commit", image=WEB).code == 0
    assert place.bump("--push").code == 0
    assert place.subjects() == [f"Bump {API} to 1.0.1", f"Bump {WEB} to 1.0.1", "First"]
    assert place.bump("--commit", tag="1.0.2").code == 0
    done = place.bump("--push", tag="1.0.2")
    assert done.code == 0
    assert "pushed to main of origin" in done.out
    assert place.there() == pod(f"{API}:1.0.2")


def test_histories_that_went_apart_are_for_a_person(place: Place) -> None:
    repositories.commit(place.clone, {"mine.txt": "x\n"}, "Mine")
    theirs = place.person({"theirs.txt": "x\n"})
    done = place.bump("--push")
    assert done.code == 1
    assert "git pull --rebase" in done.err
    assert repositories.git(place.remote, "rev-parse", "main") == theirs


def test_another_branch_than_the_one_checked_out(place: Place) -> None:
    repositories.git(place.clone, "push", "-q", "origin", "main:refs/heads/env/dev")
    before = repositories.state(place.clone / ".git" / "refs" / "heads"), place.status()
    assert place.bump("--push", "--branch", "env/dev").code == 0
    assert place.there(branch="env/dev") == pod(f"{API}:1.0.1")
    assert place.there() == FILES["api.yaml"]
    assert (repositories.state(place.clone / ".git" / "refs" / "heads"), place.status()) == before
    assert place.bump("--push", "--branch", "refs/heads/env/dev", tag="1.0.2").code == 0


def test_a_folder_as_root_and_an_absolute_path(place: Place) -> None:
    place.person({"apps/dev/api.yaml": pod(f"{API}:1.0.0")})
    repositories.git(place.clone, "pull", "-q")
    path = str(place.clone / "apps" / "dev" / "api.yaml")
    done = place.bump("--push", path, root=place.clone / "apps", tag="1.1.0")
    assert done.code == 0, done.err
    assert place.there("apps/dev/api.yaml") == pod(f"{API}:1.1.0")
    assert place.there() == FILES["api.yaml"]


def test_nothing_that_matches_is_said_of_the_branch(place: Place) -> None:
    done = place.bump("--push", image="ghcr.io/acme/apy")
    assert done.code == 2
    assert "(in main of origin)" in done.err
    assert "closest: ghcr.io/acme/api" in done.err
    done = place.bump("--push", "nowhere")
    assert str(place.clone) in done.err
    assert "gitops-ci-" not in done.err


# what actions/checkout leaves


def shallow(place: Place, *, detached: bool) -> Path:
    made = place.directory / "shallow"
    made.mkdir()
    repositories.git(made, "init", "-q", "-b", "work")
    repositories.git(made, "remote", "add", "origin", f"file://{place.remote}")
    repositories.git(made, "fetch", "-q", "--depth=1", "origin", "+refs/heads/main:refs/remotes/origin/main")
    repositories.git(
        made, "checkout", "-q", *(["--detach"] if detached else ["-B", "main"]), "refs/remotes/origin/main"
    )
    return made


def test_a_shallow_clone(place: Place) -> None:
    for number in range(3):
        place.person({"notes.txt": f"{number}\n"})
    root = shallow(place, detached=False)
    place.person({"notes.txt": "later\n"})
    done = place.bump("--push", root=root)
    assert (done.code, done.err) == (0, "")
    assert place.subjects() == [f"Bump {API} to 1.0.1", *["Somebody's"] * 4, "First"]
    assert place.status(root) == ""
    assert (root / "notes.txt").read_text() == "later\n"
    assert len(repositories.git(root, "log", "--format=%s").splitlines()) == 3


def test_a_detached_head_pushes_to_the_branch_of_the_workflow(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    root = shallow(place, detached=True)
    done = place.bump("--push", root=root)
    assert done.code == 2
    assert "--branch" in done.err
    for name, value in {
        "GITHUB_REF": "refs/heads/main",
        "GITHUB_REF_NAME": "main",
        "GITHUB_REF_TYPE": "branch",
    }.items():
        monkeypatch.setenv(name, value)
    assert place.bump("--push", root=root).code == 0
    assert place.there() == pod(f"{API}:1.0.1")
    assert (root / "api.yaml").read_text() == pod(f"{API}:1.0.1")
    assert place.status(root) == ""
    assert place.bump("--push", "--branch", "main", root=root, tag="1.0.2").code == 0


@pytest.mark.parametrize(
    ("ref", "kind", "repository"),
    [
        ("refs/tags/v1", "tag", None),
        ("refs/pull/7/merge", "branch", None),
        ("refs/heads/main", "branch", "acme/application"),
    ],
)
def test_a_workflow_for_something_else_names_no_branch(
    place: Place, monkeypatch: pytest.MonkeyPatch, ref: str, kind: str, repository: str | None
) -> None:
    root = shallow(place, detached=True)
    monkeypatch.setenv("GITHUB_REF", ref)
    monkeypatch.setenv("GITHUB_REF_NAME", ref.split("/", 2)[2])
    monkeypatch.setenv("GITHUB_REF_TYPE", kind)
    if repository:
        monkeypatch.setenv("GITHUB_REPOSITORY", repository)
        repositories.git(root, "remote", "set-url", "origin", "https://git.example.invalid/acme/gitops")
    assert place.bump("--push", root=root).code == 2


def test_the_merge_commit_of_a_pull_request_is_not_pushed(place: Place) -> None:
    root = shallow(place, detached=True)
    repositories.commit(root, {"unreviewed.txt": "x\n"}, "Merge 1 into 2")
    assert place.bump("--push", "--branch", "main", root=root).code == 0
    assert place.subjects() == [f"Bump {API} to 1.0.1", "First"]
    assert (root / "api.yaml").read_text() == FILES["api.yaml"]


# a remote that says no


def test_a_protected_branch_is_told_with_the_remotes_reason(place: Place) -> None:
    hook = place.remote / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho 'GH006: Protected branch update failed: fetch first a review' >&2\nexit 1\n")
    hook.chmod(0o755)
    before = repositories.state(place.clone / ".git" / "refs"), place.status()
    done = place.bump("--push")
    assert done.code == 3
    assert "GH006: Protected branch update failed" in done.err
    assert place.there() == FILES["api.yaml"]
    assert (repositories.state(place.clone / ".git" / "refs"), place.status()) == before


def test_a_remote_that_is_gone(place: Place) -> None:
    place.remote.rename(place.directory / "elsewhere.git")
    done = place.bump("--push")
    assert done.code == 3
    assert "does not appear to be a git repository" in done.err
    assert place.status() == ""


def test_a_branch_that_was_deleted_is_not_made_again(place: Place) -> None:
    repositories.git(place.clone, "checkout", "-q", "-b", "gone")
    repositories.git(place.clone, "push", "-q", "-u", "origin", "gone")
    repositories.git(place.remote, "branch", "-D", "gone")
    done = place.bump("--push")
    assert done.code == 3
    assert "origin has no branch gone" in done.err
    assert repositories.git(place.remote, "branch", "--list", "gone") == ""


def test_a_branch_that_somebody_rewrote_is_taken_as_it_is_now(place: Place) -> None:
    place.person({"notes.txt": "rewritten\n"}, force=True)
    done = place.bump("--push")
    assert done.code == 0, done.err
    assert place.subjects() == [f"Bump {API} to 1.0.1", "Somebody's", "Rewritten"]
    assert "this checkout stays as it was" in done.err
    assert (place.clone / "api.yaml").read_text() == FILES["api.yaml"]


def test_a_branch_that_is_rewritten_during_the_push(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    from gitops_ci.git import land

    real, times = land.push, [1]

    def late(*arguments: object) -> None:
        if times:
            times.pop()
            place.person({"notes.txt": "rewritten\n"}, force=True)
        real(*arguments)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr(land, "push", late)
    assert place.bump("--push").code == 0
    assert place.subjects() == [f"Bump {API} to 1.0.1", "Somebody's", "Rewritten"]


def test_a_commit_that_is_pushed_over_at_once_is_made_again(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """The push went well, but before we ask, somebody resets the branch: that is not success."""
    from gitops_ci.git import land

    real, times = land.push, [1]
    first = repositories.git(place.remote, "rev-parse", "main")

    def reset(*arguments: object) -> None:
        real(*arguments)  # type: ignore[arg-type]  # passed on as they came
        if times:
            times.pop()
            repositories.git(place.remote, "update-ref", "refs/heads/main", first)

    monkeypatch.setattr(land, "push", reset)
    assert place.bump("--push").code == 0
    assert place.there() == pod(f"{API}:1.0.1")


def test_a_line_that_breaks_after_the_push_arrived_makes_no_second_commit(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gitops_ci.errors import GitError
    from gitops_ci.git import land
    from gitops_ci.git.process import ProcessFailed

    real, times = land.push, [1]

    def broken(*arguments: object) -> None:
        real(*arguments)  # type: ignore[arg-type]  # passed on as they came
        if times:
            times.pop()
            text = "fatal: the remote end hung up unexpectedly"
            raise GitError("git push failed") from ProcessFailed(text, status=128, stderr=text)

    monkeypatch.setattr(land, "push", broken)
    done = place.bump("--push", "--format", "json")
    assert done.code == 0
    assert json.loads(done.out)["pushed"] is True
    assert place.subjects() == [f"Bump {API} to 1.0.1", "First"]


@pytest.mark.parametrize(
    "address",
    [
        "http://x-access-token:ghs_secret@127.0.0.1:9/a/b",
        "http://ghs_secret@127.0.0.1:9/a/b",
        "https://u:p@ghs_secret@host.invalid/a",
    ],
)
def test_a_token_in_the_address_is_never_printed(place: Place, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setattr("gitops_ci.git.push.time.sleep", lambda seconds: None)
    monkeypatch.setenv("GITOPS_CI_DEBUG", "1")
    monkeypatch.setenv("GIT_TRACE", "1")
    monkeypatch.setenv("GIT_CURL_VERBOSE", "1")
    repositories.git(place.clone, "remote", "set-url", "origin", address)
    done = place.bump("--push")
    assert done.code == 3
    assert "ghs_secret" not in done.out + done.err
    assert "unable to access" in done.err
