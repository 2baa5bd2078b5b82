"""Names, tags, titles and files that somebody hostile chose: shown as text, never obeyed, and nobody is mentioned."""

import subprocess
import sys

import pytest

from gitops_ci.forge.github import marker, problems, texts

NASTY = [
    "a\nb", "$(touch /tmp/owned)", "`id`", "::set-output name=x::y", "%0A::error::x", "```\n# x", "@octocat", "<img src=x>",
    "--force", "x\x00y", "\u202eevil", "<!-- gitops-ci:1 AAAA -->", "fixes #1",
]  # fmt: skip


@pytest.mark.parametrize("text", NASTY)
def test_a_title_is_one_line_and_a_commit_message_acts_on_nothing(place, text):
    proposal = place.forge().propose(place.change(title=f"Update {text}", labels=(f"l {text}",)))
    assert proposal.state == "created", proposal.error
    pull = place.pull()
    assert pull.title.isprintable()
    assert "\n" not in pull.title
    message = place.repository.git.info("renovate/api").message
    assert "@octocat" not in message
    assert "fixes #1" not in message
    assert place.forge().propose(place.change(title=f"Update {text}", labels=(f"l {text}",))).state == "unchanged"


def test_a_marker_in_somebodys_text_is_never_taken_for_ours(place):
    foreign = marker.Marker("main", "a" * 40, ("b" * 40,), "f", "t", sets=("everything",))
    body = f"text {marker.write(foreign)} text"
    place.forge().propose(place.change(body=body))
    (standing,) = place.forge().standing()
    assert standing.sets == ("apps/api.yaml=api:1.1",)
    assert marker.write(foreign) not in place.pull().body


@pytest.mark.parametrize("garbage", ["AAAA", "eJw=", "====", "x" * 50_000])
def test_a_broken_marker_is_none(garbage):
    assert marker.read(f"<!-- gitops-ci:1 {garbage} -->") is None


def test_a_marker_that_unpacks_to_gigabytes_is_none():
    import base64
    import zlib

    bomb = base64.urlsafe_b64encode(zlib.compress(b"[" * 30_000_000, 9)).decode()
    assert marker.read(f"<!-- gitops-ci:1 {bomb} -->") is None


def test_a_fork_cannot_speak_for_us(place):
    ours = marker.Marker("main", "a" * 40, ("b" * 40,), "f", "t")

    class Head:
        ref, sha, repo = "renovate/api", "b" * 40, None

    class Pull:
        head, body = Head(), marker.write(ours)

    from gitops_ci.forge.github.pulls import known

    assert known(place.forge().client, Pull()) is None


def test_an_error_is_one_line_without_the_token():
    class Error(Exception):
        status = 422

        def __init__(self) -> None:
            self.data = {"message": "no\n::error::x ghp_secret", "errors": [{"field": "a\nb", "code": "c"}]}

    found = problems.refusal("doing", Error(), ("ghp_secret",))
    assert "\n" not in str(found)
    assert "ghp_secret" not in str(found)


def test_a_cut_text_closes_what_it_opened():
    cut = texts.cut("<details>\n\n````\n" + "```\n@octocat\n" * 400, 3000)
    assert len(cut) <= 3000
    assert cut.count("\n````\n") == 2
    assert cut.endswith("</details>\n\nThe rest is left out here.\n")


def test_file_names_with_anything_in_them_are_committed_as_they_are(place, tmp_path):
    from dataclasses import replace

    from gitops_ci.forge.change import NewFile

    names = ["a b.yaml", "$(id).yaml", "`x`.yaml", "-x.yaml", "ünï.yaml", "%0A.yaml", "new\nline.yaml"]
    files = tuple(NewFile(name, "100644", b"x\n") for name in names)
    proposal = place.forge().propose(replace(place.change(), edits=(), files=files))
    assert proposal.state == "created", proposal.error
    assert set(names) <= set(place.repository.files("renovate/api"))


def test_a_file_name_that_is_no_text_is_refused(place):
    from dataclasses import replace

    from gitops_ci.forge.change import NewFile

    files = (NewFile("bad-\udcff.yaml", "100644", b"x\n"),)
    proposal = place.forge().propose(replace(place.change(), edits=(), files=files))
    assert proposal.state == "failed"
    assert "not UTF-8" in proposal.error


def test_the_token_is_in_no_argument_list_and_no_repr(place):
    token = place.login("app")
    forge = place.forge()
    assert token not in repr(forge.client.access)
    done = subprocess.run([sys.executable, "-c", "import gitops_ci.cli"], check=True, capture_output=True)
    assert token.encode() not in done.stdout
