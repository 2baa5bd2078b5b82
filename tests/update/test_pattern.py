"""Patterns: what they match, and that none can hang."""

import time

import pytest

from gitops_ci.update.pattern import PatternError, Patterns, compile_glob

# Value, patterns, whether they match: what Renovate 44 answers to the same.
MATCHES = [
    ("nginx", ["*"], True),
    ("a/b", ["*"], True),
    ("a/b", ["**"], True),
    ("a/b", ["a/*"], True),
    ("a/b/c", ["a/*"], False),
    ("a/b/c", ["a/**"], True),
    ("a", ["a/**"], False),
    ("A/B", ["a/*"], True),
    ("ghcr.io/acme/x", ["ghcr.io/acme{/,}**"], True),
    ("ghcr.io/acmefoo", ["ghcr.io/acme{/,}**"], True),
    ("ghcr.io/acmefoo/x", ["ghcr.io/acme{/,}**"], False),
    ("x", [], False),
    ("x", ["!x"], False),
    ("y", ["!x"], True),
    ("y", ["!x", "*"], True),
    ("x", ["!x", "*"], False),
    ("y", ["!x", "y"], True),
    ("z", ["!x", "y"], False),
    ("x", ["/X/"], False),
    ("x", ["/X/i"], True),
    ("x", ["!/x/"], False),
    ("y", ["!/x/"], True),
    ("x", ["!/X/i"], False),
    ("x", ["x", "!x"], False),
    ("kube-prometheus-stack", ["/prometheus/"], True),
    (".hidden/a", ["*/a"], True),
    (".hidden/a", ["**/a"], True),
    ("b.yaml", ["**/*.yaml"], True),
    ("a/.b.yaml", ["**/*.yaml"], True),
    ("a[1]", ["a[1]"], False),
    ("a1", ["a[1]"], True),
    ("cb", ["[!a]b"], True),
    ("ab", ["[!a]b"], False),
    ("a/b", ["a[!x]b"], False),
    ("ab", ["a?"], True),
    ("a/b", ["a?b"], False),
    ("abc", ["+(a|b)bc"], True),
    ("aaab", ["*(a)b"], True),
    ("b", ["?(a)b"], True),
    ("abc", ["{abc,def}"], True),
    ("a{b", ["a{b"], True),
    ("{a}", ["{a}"], True),
    ("x1", ["x{1..3}"], True),
    ("x", ["!!x"], True),
    ("y", ["!!x"], False),
    ("axb", ["a.b"], False),
    ("apps/test/a.yaml", ["**/test/**"], True),
    ("a/test", ["**/test/**"], False),
    ("a/x/b", ["a**/b"], False),
    ("foo", ["foo{,/**}"], True),
    ("a/foo.yaml", ["**/!(bar).yaml"], True),
    ("a/bar.yaml", ["**/!(bar).yaml"], False),
    ("https://github.com/nginx/nginx", ["https://github.com/nginx/**"], True),
    ("https://github.com/nginx/nginx", ["/^https:\\/\\/github\\.com\\//"], True),
    ("a*", ["a\\*"], True),
    ("ab", ["a\\*"], False),
    ("a/d", ["a/**/d"], True),
    ("a/b/c/d", ["a/**/d"], True),
    ("É", ["é"], True),
]


@pytest.mark.parametrize(("value", "patterns", "expected"), MATCHES)
def test_patterns_mean_what_they_mean_to_renovate(value: str, patterns: list[str], expected: bool) -> None:
    assert Patterns(patterns).matches(value) is expected


def test_a_negated_pattern_excludes_if_any_of_several_values_hits_it() -> None:
    assert Patterns(["!helm"]).matches_any(("kubernetes", "cd"))
    assert not Patterns(["!helm"]).matches_any(("helm", "kubernetes"))


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("/(/", "missing )"),
        ("/a(?!b)/", "no look-ahead"),
        ("/a{1000}{1000}/", "bad repetition"),
        ("[z-a]", "range"),
        ("{1..100000}", "braces stand for more than"),
        ("x" * 3000 + "*", "3001 characters"),
        ("*" + "!(a)*" * 20, "wildcards"),
    ],
)
def test_a_pattern_that_cannot_be_used_says_why(pattern: str, reason: str) -> None:
    with pytest.raises(PatternError) as error:
        Patterns([pattern])
    assert reason in error.value.args[0]
    assert error.value.args[1] == pattern


@pytest.mark.parametrize(
    "pattern",
    ["*a" * 60 + "b", "/(a+)+$/", "/(a|a)*b/", "/(.*)*x/", "**/" * 50 + "b", "@(" + "a|" * 200 + "a)*b", "*!(b)*!(c)*"],
)
def test_no_pattern_can_hang(pattern: str) -> None:
    start = time.perf_counter()
    Patterns([pattern]).matches("a" * 250 + "!")
    Patterns([pattern]).matches("a/" * 120 + "!")
    assert time.perf_counter() - start < 1


def test_paths_are_compared_with_their_case() -> None:
    assert compile_glob("docs/**", ignore_case=False)("docs/a.yaml")
    assert not compile_glob("docs/**", ignore_case=False)("DOCS/a.yaml")
