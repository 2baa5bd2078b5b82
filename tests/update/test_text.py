"""Titles, commit messages and bodies: what is really written, whole sentences, nothing hostile."""

from datetime import UTC, datetime

import pytest

from gitops_ci.forge.change import MergePolicy
from gitops_ci.update.group import group
from gitops_ci.update.text import body, commit_message, proposal_title, title
from tests.update.updates import RULE, update

DIGEST = "sha256:" + "ab12" * 16


def one(*updates):
    [found] = group(updates)
    return found


@pytest.mark.parametrize(
    ("updates", "text"),
    [
        ([update(new="v1.4.3")], "Update ghcr.io/acme/api to v1.4.3 in prod"),
        ([update(), update(file="b.yaml")], "Update ghcr.io/acme/api to 1.4.3 in prod"),
        ([update(), update("ghcr.io/acme/side")], "Update api in prod (2 images)"),
        ([update(environment=None)], "Update ghcr.io/acme/api to 1.4.3"),
        (
            [
                update(kind="pinDigest", new="1.4.2", new_digest=DIGEST, commitMessageAction="Pin"),
                update(file="b.yaml"),
            ],
            "Update ghcr.io/acme/api in prod",
        ),
        ([update("redis", environment=None)], "Update redis to 1.4.3 in api"),
        ([update("redis")], "Update redis to 1.4.3 in prod/api"),
        (
            [update(kind="major"), update("ghcr.io/acme/side", kind="major")],
            "Update api in prod (2 images, major)",
        ),
        ([update(groupName="acme"), update("x", "1", "2", groupName="acme")], "Update acme"),
        ([update(groupName="acme")], "Update acme to 1.4.3"),
        ([update(groupName="acme", kind="major", new="2.0.0")], "Update acme to 2.0.0 (major)"),
        ([update(new="1.4.2", new_digest=DIGEST, kind="digest")], "Update ghcr.io/acme/api to ab12ab1 in prod"),
        ([update(commitMessagePrefix="deps:")], "deps: update ghcr.io/acme/api to 1.4.3 in prod"),
        (
            [update(commitMessageAction="Bump", commitMessageSuffix="[{{updateType}}]")],
            "Bump ghcr.io/acme/api to 1.4.3 [patch]",
        ),
        ([update(commitMessageTopic="{{depNameSanitized}}")], "Update ghcr.io-acme-api to 1.4.3 in prod"),
        ([update(semanticCommits="enabled")], "chore(deps): update ghcr.io/acme/api to 1.4.3 in prod"),
        (
            [update(semanticCommits="enabled", semanticCommitScope="", semanticCommitType="fix")],
            "fix: update ghcr.io/acme/api to 1.4.3 in prod",
        ),
        (
            [update("old/name", "1", "2", kind="replacement", new_name="new/name")],
            "Replace old/name by new/name 2 in prod/api",
        ),
    ],
)
def test_titles(updates, text):
    if updates[0].kind == "replacement":
        updates = [update("old/name", "1", "2", kind="replacement", new_name="new/name", commitMessageAction="Replace")]
    assert title(one(*updates)) == text


def test_semantic_titles_follow_the_history_when_nobody_says():
    assert title(one(update()), semantic=True).startswith("chore(deps): update")
    assert title(one(update(semanticCommits="disabled")), semantic=True).startswith("Update")


def test_a_title_is_one_line_whatever_a_template_gives():
    found = title(one(update(commitMessageSuffix="a\nb\x1b[31m {{depName}}")))
    assert "\n" not in found
    assert "\x1b" not in found


def test_the_proposals_title_may_differ():
    found = one(update(prTitle="{{commitMessage}} / {{newVersion}}"))
    assert proposal_title(found, title(found)) == "Update ghcr.io/acme/api to 1.4.3 in prod / 1.4.3"


def test_the_commit_says_what_moved_where():
    found = one(
        update(
            commitBody="See {{{sourceUrl}}}",
            commitTrailers=["Signed-off-by: Bot <bot@example.com>"],
            source="https://s",
        )
    )
    assert commit_message(found, title(found)) == (
        "Update ghcr.io/acme/api to 1.4.3 in prod\n\n"
        "- ghcr.io/acme/api: 1.4.2 → 1.4.3 (patch) in prod/api\n\n"
        "See https://s\n\n"
        "Signed-off-by: Bot <bot@example.com>\n"
    )


def test_the_body_says_what_from_where_to_where_and_who_decided():
    found = one(
        update(decided_by=[RULE], source="https://github.com/acme/api", released=datetime(2026, 11, 2, tzinfo=UTC))
    )
    text = body(found, {"apps/api.yaml": (3,)}, MergePolicy())
    assert "| `ghcr.io/acme/api` | prod/api | `1.4.2` | `1.4.3` | patch | 2026-11-02 |" in text
    assert "renovate.json packageRules" in text
    assert "https://github.com/acme/api/releases/tag/1.4.3" in text
    assert "- `apps/api.yaml` line 3" in text
    assert "by a person" in text


def test_when_it_may_merge_is_said():
    text = body(one(update()), {}, MergePolicy(automerge=True, schedule=("before 5am on monday",)))
    assert "by itself, once the checks are green, before 5am on monday" in text


def test_notes_and_own_templates_enter_the_body():
    assert "Mind **acme**" in body(
        one(update(prBodyNotes=["Mind **{{application}}**".replace("{{application}}", "acme")])), {}, MergePolicy()
    )
    assert body(one(update(prBodyTemplate="only {{{header}}}")), {}, MergePolicy()) == (
        "only This changes 1 image of **api** in **prod**.\n"
    )


EVIL = [
    "@everyone",
    "<script>alert(1)</script>",
    "a|b\n\n# fixes #1",
    "`x` [a](https://evil)",
    "\x1b]0;x\x07",
    "![x](//e)",
]


@pytest.mark.parametrize("evil", EVIL)
def test_nothing_hostile_becomes_markdown(evil):
    from markdown_it import MarkdownIt

    found = one(update(application=evil, environment=evil, file=f"{evil}.yaml"))
    text = body(found, {f"{evil}.yaml": (1,)}, MergePolicy())
    parsed = MarkdownIt("commonmark").enable("table").parse(text)
    tokens = [token for block in parsed for token in (block, *(block.children or ()))]
    assert not {token.type for token in tokens} & {"link_open", "image", "html_block"}
    assert {token.content for token in tokens if token.type == "html_inline"} <= {"<code>", "</code>"}
    assert sum(token.type == "heading_open" for token in parsed) == 1
    outside_of_code = "".join(part for number, part in enumerate(text.split("`")) if number % 2 == 0)
    assert "@everyone" not in outside_of_code
    assert "fixes #1" not in outside_of_code
    assert "\x1b" not in text


def test_a_link_is_only_made_of_an_address():
    text = body(one(update(source="javascript:alert(1)")), {}, MergePolicy())
    assert "javascript" not in text.replace("Release notes", "")


def test_a_very_long_body_is_cut_where_a_forge_would_refuse_it():
    updates = [update(f"ghcr.io/acme/image-{number}") for number in range(1500)]
    assert len(body(one(*updates), {f"f{number}": (1,) for number in range(1500)}, MergePolicy()).encode()) <= 60_000
