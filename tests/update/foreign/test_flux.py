"""Flux: policies, the markers that name them, and what is told where they do not meet."""

import json
from collections.abc import Callable

import pytest

from gitops_ci.manifest.use import ImageUse
from gitops_ci.update.foreign import Foreign, flux
from gitops_ci.update.foreign.statement import NOTHING

Use = Callable[..., ImageUse]
Spoken = Callable[..., Foreign]

REPOSITORY = """\
apiVersion: image.toolkit.fluxcd.io/v1
kind: ImageRepository
metadata: {name: api, namespace: flux-system}
spec: {image: ghcr.io/acme/api}
"""


def policy(spec: str, *, name: str = "api", namespace: str | None = "flux-system", version: str = "v1") -> str:
    where = f", namespace: {namespace}" if namespace else ""
    return (
        f"apiVersion: image.toolkit.fluxcd.io/{version}\nkind: ImagePolicy\nmetadata: {{name: {name}{where}}}\n"
        "spec:\n  imageRepositoryRef: {name: api}\n" + "".join(f"  {line}\n" for line in spec.splitlines())
    )


def marked(
    use: Use, reference: str = "flux-system:api", *, file: str = "apps/api.yaml", image: str = "ghcr.io/acme/api:1.0.0"
) -> ImageUse:
    return use(file, image, line=7, markers=(json.dumps({"$imagepolicy": reference}),))


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("policy: {semver: {range: 5.1.x}}", {"strategy": "semver", "constraint": "5.1.x", "digest": "as-is"}),
        ("policy: {alphabetical: {}}", {"strategy": "alphabetical", "descending": False}),
        ("policy: {alphabetical: {order: desc}}", {"strategy": "alphabetical", "descending": True}),
        ("policy: {numerical: {order: asc}}", {"strategy": "numerical", "descending": False}),
        (
            "filterTags: {pattern: '^main-[a-f0-9]+-(?P<ts>[0-9]+)', extract: $ts}\npolicy: {numerical: {order: asc}}",
            {"strategy": "numerical", "allow": "^main-[a-f0-9]+-(?P<ts>[0-9]+)", "extract": "$ts"},
        ),
        ("digestReflectionPolicy: Always\npolicy: {semver: {range: '*'}}", {"digest": "always"}),
        ("digestReflectionPolicy: IfNotPresent\npolicy: {semver: {range: '*'}}", {"digest": "always"}),
        ("digestReflectionPolicy: Never\npolicy: {semver: {range: '*'}}", {"digest": "as-is"}),
        ("suspend: true\npolicy: {semver: {range: '*'}}", {"allow": NOTHING}),
        ("policy: {semver: {range: '*'}}", {"ignore": ("*.sig",), "force": True}),
        ("policy: {semver: {range: 1.0}}", {"constraint": "1.0"}),
    ],
)
@pytest.mark.parametrize("version", ["v1beta2", "v1"])
def test_a_field_decides(spoken: Spoken, use: Use, spec: str, expected: dict[str, object], version: str) -> None:
    image = marked(use)
    foreign = spoken(flux, {"policy.yaml": policy(spec, version=version) + "---\n" + REPOSITORY}, [image])
    found = foreign.policy_for(image)
    assert {name: getattr(found, name) for name in expected} == expected
    assert foreign.findings == ()


@pytest.mark.parametrize(
    ("reference", "digest"),
    [("flux-system:api", "always"), ("flux-system:api:tag", "as-is"), ("flux-system:api:digest", "always")],
)
def test_a_tag_alone_gets_no_digest(spoken: Spoken, use: Use, reference: str, digest: str) -> None:
    image = marked(use, reference)
    text = policy("digestReflectionPolicy: Always\npolicy: {semver: {range: '*'}}")
    found = spoken(flux, {"policy.yaml": text}, [image]).policy_for(image)
    assert found is not None and found.digest == digest


def test_a_marker_of_the_name_alone_does_not_rule_the_tag(spoken: Spoken, use: Use) -> None:
    image = marked(use, "flux-system:api:name")
    foreign = spoken(flux, {"policy.yaml": policy("policy: {semver: {range: '*'}}")}, [image])
    assert foreign.policy_for(image) is None


def test_name_and_tag_of_one_policy_belong_together(spoken: Spoken, use: Use) -> None:
    markers = ('{"$imagepolicy": "flux-system:api:name"}', '{"$imagepolicy": "flux-system:api:tag"}')
    image = use("apps/values.yaml", "ghcr.io/acme/api:1.0.0", markers=markers)
    foreign = spoken(flux, {"policy.yaml": policy("policy: {semver: {range: 1.x}}")}, [image])
    assert foreign.policy_for(image).constraint == "1.x"  # type: ignore[union-attr] # asserted by the access


def test_a_policy_without_a_namespace_is_found_by_its_name(spoken: Spoken, use: Use) -> None:
    image = marked(use)
    text = policy("policy: {semver: {range: 1.x}}", namespace=None)
    assert spoken(flux, {"policy.yaml": text}, [image]).policy_for(image) is not None


@pytest.mark.parametrize(
    ("reference", "rule"),
    [
        ("flux-system:apii", "unknown-image-policy"),
        ("other:api", "unknown-image-policy"),
        ("api", "unreadable-marker"),
        ("flux-system:api:version", "unreadable-marker"),
        ("flux-system::tag", "unreadable-marker"),
    ],
)
def test_a_marker_that_leads_nowhere_is_unknown_and_told(spoken: Spoken, use: Use, reference: str, rule: str) -> None:
    image = marked(use, reference)
    foreign = spoken(flux, {"policy.yaml": policy("policy: {semver: {range: 1.x}}")}, [image])
    assert foreign.policy_for(image) is None
    (finding,) = foreign.findings
    assert (finding.rule, finding.file, finding.line, finding.status) == (rule, "apps/api.yaml", 7, "unknown")


@pytest.mark.parametrize("marker", ["{", "[]", '{"$imagepolicy": 3}', '{"other": "a:b"}', "[" * 100_000, ""])
def test_a_marker_that_is_no_json_is_told(spoken: Spoken, use: Use, marker: str) -> None:
    image = use("apps/api.yaml", "ghcr.io/acme/api:1", markers=(marker,))
    (finding,) = spoken(flux, {}, [image]).findings
    assert finding.rule == "unreadable-marker" and len(finding.message) < 200


def test_markers_of_two_policies_at_one_image_are_not_guessed_between(spoken: Spoken, use: Use) -> None:
    image = use("a.yaml", "x:1", markers=('{"$imagepolicy": "f:a:tag"}', '{"$imagepolicy": "f:b:digest"}'))
    foreign = spoken(flux, {}, [image])
    assert foreign.policy_for(image) is None
    assert [finding.rule for finding in foreign.findings] == ["conflicting-markers"]


@pytest.mark.parametrize(
    ("spec", "line", "told"),
    [
        ("policy: {}", 6, "no policy of semver"),
        ("policy: {newest: {}}", 6, "no policy of semver"),
        ("policy: {semver: {}}", 6, "no policy.semver.range"),
        ("policy: {numerical: {order: up}}", 6, "the order 'up'"),
        ("filterTags: {pattern: '('}\npolicy: {numerical: {order: asc}}", 6, "RE2 cannot read"),
    ],
)
def test_a_broken_policy_updates_nothing_and_is_told(spoken: Spoken, use: Use, spec: str, line: int, told: str) -> None:
    image = marked(use)
    foreign = spoken(flux, {"policy.yaml": policy(spec)}, [image])
    found = foreign.policy_for(image)
    assert found is not None and found.allow in (NOTHING, "(")
    (finding,) = foreign.findings
    assert (finding.file, finding.line, finding.status) == ("policy.yaml", line, "unknown")
    assert told in finding.message


def test_of_several_clusters_the_nearest_policy_holds(spoken: Spoken, use: Use) -> None:
    files = {
        f"clusters/{env}/policy.yaml": policy(f"policy: {{semver: {{range: {wanted}}}}}")
        for env, wanted in (("dev", "'*'"), ("prod", "1.x"))
    }
    dev, prod = (marked(use, file=f"clusters/{env}/api.yaml") for env in ("dev", "prod"))
    elsewhere = marked(use, file="apps/api.yaml")
    foreign = spoken(flux, files, [dev, prod, elsewhere])
    assert [found.constraint for image in (dev, prod) if (found := foreign.policy_for(image))] == ["*", "1.x"]
    assert foreign.policy_for(elsewhere).allow == NOTHING  # type: ignore[union-attr] # ditto
    assert [finding.rule for finding in foreign.findings] == ["ambiguous-image-policy"]


AUTOMATION = """\
apiVersion: image.toolkit.fluxcd.io/v1
kind: ImageUpdateAutomation
metadata: {name: all, namespace: flux-system}
spec: {suspend: SUSPEND, update: {path: PATH, strategy: Setters}}
"""


@pytest.mark.parametrize(
    ("path", "suspend", "stopped"),
    [("./apps", "true", True), ("./other", "true", False), ("./", "true", True), ("./apps", "false", False)],
)
def test_a_suspended_automation_stops_the_images_below_its_path(
    spoken: Spoken, use: Use, path: str, suspend: str, stopped: bool
) -> None:
    image = marked(use)
    text = (
        policy("policy: {semver: {range: 1.x}}")
        + "---\n"
        + AUTOMATION.replace("PATH", path).replace("SUSPEND", suspend)
    )
    foreign = spoken(flux, {"policy.yaml": text}, [image])
    (statement,) = foreign.explain(image)
    assert (statement.policy.allow == NOTHING) is stopped
    assert any("suspended" in note for note in statement.notes) is stopped


def test_a_policy_of_another_image_is_told_where_the_marker_covers_the_name(spoken: Spoken, use: Use) -> None:
    files = {"policy.yaml": policy("policy: {semver: {range: 1.x}}") + "---\n" + REPOSITORY}
    whole = marked(use, image="ghcr.io/acme/web:1.0.0")
    tag = marked(use, "flux-system:api:tag", file="mirror.yaml", image="mirror.acme.io/api:1.0.0")
    foreign = spoken(flux, files, [whole, tag])
    assert [(finding.rule, finding.file) for finding in foreign.findings] == [
        ("policy-of-another-image", "apps/api.yaml")
    ]


def test_an_exclusion_that_a_glob_can_say_is_honoured_and_any_other_told(spoken: Spoken, use: Use) -> None:
    image = marked(use)
    repository = REPOSITORY.replace("api}\n", "api, exclusionList: ['^.*\\.att$', '^dev']}\n").replace(
        "{name: api,", "{name: api,", 1
    )
    foreign = spoken(flux, {"p.yaml": policy("policy: {semver: {range: 1.x}}") + "---\n" + repository}, [image])
    assert foreign.policy_for(image).ignore == ("*.att",)  # type: ignore[union-attr] # asserted by the access
    assert [finding.rule for finding in foreign.findings] == ["unsupported-exclusion"]


@pytest.mark.parametrize(
    "spec",
    ["", "[]", "{policy: 3}", "{policy: [semver], imageRepositoryRef: x}", "{filterTags: 1, policy: {semver: 1}}"],
)
def test_a_shape_that_nobody_expects_never_ends_the_run(spoken: Spoken, use: Use, spec: str) -> None:
    text = policy("").partition("spec:")[0] + f"spec: {spec}\n"
    image = marked(use)
    found = spoken(flux, {"policy.yaml": text}, [image]).policy_for(image)
    assert found is None or found.allow == NOTHING
