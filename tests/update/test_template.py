"""Renovate's templates: the helpers people use, strict about what is unknown, bounded in what they may cost."""

import pytest

from gitops_ci.errors import ConfigurationError
from gitops_ci.update.template import MAX_OUTPUT, render

VALUES = {
    "depName": "ghcr.io/acme/api", "newMajor": 2, "isMajor": True, "isPatch": False, "empty": "",
    "upgrades": [{"depName": "a", "newValue": "1"}, {"depName": "b", "newValue": "2"}], "env": {"k": "v"},
}  # fmt: skip


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("plain {text}", "plain {text}"),
        ("{{depName}} {{{depName}}}", "ghcr.io/acme/api ghcr.io/acme/api"),
        ("{{unknown}}|{{unknown.deeper}}", "|"),
        ("{{#if isMajor}}major{{else if isPatch}}patch{{else}}other{{/if}}", "major"),
        ("{{#unless isPatch}}no{{else}}yes{{/unless}}", "no"),
        ("v{{newMajor}}.x", "v2.x"),
        ("{{uppercase 'ab'}}{{lowercase 'AB'}}", "ABab"),
        ("{{{replace '[a-z]+/' '' depName}}}", "ghcr.api"),
        ("{{replace '(\\w+)/(\\w+)$' '$2-$1' depName}}", "ghcr.io/api-acme"),
        ("{{#if (containsString depName 'acme')}}ours{{/if}}", "ours"),
        ("{{#if (and isMajor (or isPatch (equals newMajor 2)))}}both{{/if}}", "both"),
        ("{{#if (not isPatch)}}x{{/if}}", "x"),
        ("{{lookup env 'k'}}{{lookup upgrades 5}}", "v"),
        ("{{#each upgrades}}{{depName}}={{newValue}};{{/each}}", "a=1;b=2;"),
        ("{{join (lookupArray upgrades 'depName') '+'}}", "a+b"),
        ("{{join (distinct (split 'a,b,a' ',')) ''}}", "ab"),
        ("{{encodeURIComponent 'a b/c'}}{{decodeURIComponent '%20'}}", "a%20b%2Fc "),
        ("{{encodeBase64 'hi'}}{{decodeBase64 'aGk='}}", "aGk=hi"),
        ("{{toJSON (toObject 'a' (toArray 1 2))}}", '{"a": [1, 2]}'),
        ("{{add newMajor 3}}", "5"),
        ("{{#if (includes (split 'a,b' ',') 'b')}}in{{/if}}", "in"),
        ("{{__class__}}{{depName.__class__.__mro__}}{{depName.upper}}", ""),
    ],
)
def test_templates_render_as_in_renovate(template, text):
    assert render(template, VALUES, option="prTitle") == text


@pytest.mark.parametrize(
    "template",
    [
        "{{nope depName}}",
        "{{#if depName}}",
        "{{",
        "{{/if}}",
        "{{> partial}}",
        "{{replace '(' 'x' depName}}",
        "{{add 'x' 1}}",
        "{{" + "(" * 4000 + "}}",
        "{{#if depName}}" * 500 + "{{/if}}" * 500,
        "x" * 30_000 + "{{depName}}",
        "{{decodeBase64 'no base64!'}}",
        "{{toObject 'odd'}}",
        "{{lowercase}}{{nope}}{{nope 1}}",
    ],
)
def test_a_template_that_cannot_be_rendered_names_its_option(template):
    with pytest.raises(ConfigurationError, match="prTitle"):
        render(template, VALUES, option="prTitle")


def test_loops_in_loops_end():
    many = {"list": list(range(200))}
    nested = "{{#each list}}{{#each ../list}}{{#each ../../list}}x{{/each}}{{/each}}{{/each}}"
    with pytest.raises(ConfigurationError, match="too many loop steps"):
        render(nested, many, option="prBodyTemplate")


def test_output_is_bounded():
    with pytest.raises(ConfigurationError, match=r"more than|too long"):
        render("{{a}}" * 4, {"a": "x" * (MAX_OUTPUT // 3)}, option="prBodyTemplate")


def test_a_regular_expression_cannot_run_for_ever():
    assert render("{{replace '(a+)+$' 'x' a}}", {"a": "a" * 5000 + "!"}, option="prTitle").endswith("!")
