"""Any text becomes a branch name that git takes."""

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitops_ci.git.names import branch_name, slug


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("renovate/api-prod", "renovate/api-prod"),
        ("renovate/Acme API", "renovate/Acme-API"),
        ("a..b", "a.b"),
        ("/a//b/", "a/b"),
        (".a/.b.lock", "a/b"),
        ("x.lock.lock", "x"),
        ("a@{1}~^:?*[\\b", "a-1/b"),
        ("-x", "x"),
        ("", "update-update"),
        ("HEAD", "HEAD-update"),
        ("a/\x00\n\x7f/b", "a/b"),
        ("$(rm -rf);`x`", "rm-rf-x"),
        ("größe", "gr-e"),
    ],
)
def test_names_git_refuses_are_made_acceptable(text, name):
    assert branch_name(text) == name


def test_long_names_stay_apart():
    one, other = branch_name("a" * 300 + "x"), branch_name("a" * 300 + "y")
    assert one != other
    assert len(one) <= 200


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=60))
def test_git_takes_every_name(text):
    name = branch_name(text)
    assert subprocess.run(["git", "check-ref-format", "--branch", name], capture_output=True).returncode == 0, name
    assert branch_name(name) == name


def test_slug_keeps_what_people_recognise():
    assert slug("Acme API: ältere Images!") == "acme-api-altere-images"
    assert slug("ghcr.io/acme/api") == "ghcr.io-acme-api"
