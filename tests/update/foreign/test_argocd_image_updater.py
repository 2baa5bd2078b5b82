"""Argo CD Image Updater: each annotation and field, which uses they are about, and what is told."""

from collections.abc import Callable
from typing import Any

import pytest

from gitops_ci.manifest.use import ImageUse
from gitops_ci.update.foreign import Foreign, argocd_image_updater
from gitops_ci.update.foreign.managed_image import specification
from gitops_ci.update.foreign.statement import NOTHING
from gitops_ci.update.model import SelectionPolicy

PREFIX = "argocd-image-updater.argoproj.io/"
Use = Callable[..., ImageUse]
Spoken = Callable[..., Foreign]


def application(annotations: str, *, name: str = "api", source: str = "path: apps/api") -> str:
    lines = "".join(f"    {PREFIX}{line}\n" for line in annotations.strip().splitlines())
    return (
        f"apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: {name}\n"
        f"  labels: {{team: pay}}\n  annotations:\n{lines or '    x: y'}\n"
        f"spec:\n  source:\n    repoURL: https://git/acme\n    {source}\n"
    )


def resource(spec: str) -> str:
    body = "".join(f"  {line}\n" for line in spec.strip("\n").splitlines())
    return f"apiVersion: {PREFIX}v1alpha1\nkind: ImageUpdater\nmetadata: {{name: main}}\nspec:\n{body}"


@pytest.fixture
def policy(spoken: Spoken, use: Use) -> Callable[[str], tuple[SelectionPolicy | None, Foreign]]:
    """The policy that annotations give to one use of ghcr.io/acme/api in the application's directory."""

    def run(text: str) -> tuple[SelectionPolicy | None, Foreign]:
        image = use("apps/api/deployment.yaml", "ghcr.io/acme/api:1.0.0")
        foreign = spoken(argocd_image_updater, {"argo/api.yaml": text}, [image])
        return foreign.policy_for(image), foreign

    return run


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        ("nginx", (None, "nginx", None)),
        ("nginx:~1.26", (None, "nginx", "~1.26")),
        ("web=nginx:1.x-0", ("web", "nginx", "1.x-0")),
        ("nginx:>=1.0", (None, "nginx", ">=1.0")),
        ("web=nginx:>=1.0 <2", ("web", "nginx", ">=1.0 <2")),
        ("localhost:5000/a/b", (None, "localhost:5000/a/b", None)),
        ("a=localhost:5000/a/b:^2", ("a", "localhost:5000/a/b", "^2")),
        ("argoproj/argocd=ghcr.io/argoproj/argocd:2.x", ("argoproj/argocd", "ghcr.io/argoproj/argocd", "2.x")),
        (" a = b ", None),
        ("nginx@sha256:00", None),
        ("", None),
    ],
)
def test_an_image_specification_has_alias_name_and_constraint(written: str, parts: object) -> None:
    assert specification(written) == parts


@pytest.mark.parametrize(
    ("annotations", "expected"),
    [
        ("image-list: ghcr.io/acme/api", {"strategy": "semver", "constraint": None, "digest": "as-is"}),
        ("image-list: a=ghcr.io/acme/api:~1.2", {"strategy": "semver", "constraint": "~1.2"}),
        ("image-list: nginx, a=ghcr.io/acme/api:1.x ,redis", {"constraint": "1.x"}),
        ("image-list: a=ghcr.io/acme/api\na.update-strategy: newest-build", {"strategy": "newest-build"}),
        ("image-list: a=ghcr.io/acme/api\na.update-strategy: latest", {"strategy": "newest-build"}),
        ("image-list: a=ghcr.io/acme/api\na.update-strategy: name", {"strategy": "alphabetical"}),
        (
            "image-list: a=ghcr.io/acme/api:1.x\na.update-strategy: Alphabetical",
            {"strategy": "alphabetical", "constraint": None},
        ),
        (
            "image-list: a=ghcr.io/acme/api:main\na.update-strategy: digest",
            {"strategy": "digest", "constraint": "main", "digest": "always", "allow": None},
        ),
        ("image-list: a=ghcr.io/acme/api\na.update-strategy: digest", {"allow": NOTHING, "digest": "never"}),
        ("image-list: a=ghcr.io/acme/api\nupdate-strategy: newest-build", {"strategy": "newest-build"}),
        (
            "image-list: a=ghcr.io/acme/api\nupdate-strategy: newest-build\na.update-strategy: semver",
            {"strategy": "semver"},
        ),
        ("image-list: a=ghcr.io/acme/api\nb.update-strategy: digest", {"strategy": "semver"}),
        ("image-list: a=ghcr.io/acme/api\na.allow-tags: 'regexp:^v[0-9]+$'", {"allow": "^v[0-9]+$"}),
        ("image-list: a=ghcr.io/acme/api\na.allow-tags: any", {"allow": None}),
        ("image-list: a=ghcr.io/acme/api\na.allow-tags: 'regexp:('", {"allow": NOTHING}),
        ("image-list: a=ghcr.io/acme/api\na.allow-tags: 'regexp:(?!x)'", {"allow": NOTHING}),
        ("image-list: a=ghcr.io/acme/api\na.allow-tags: ^v1", {"allow": NOTHING}),
        ("image-list: a=ghcr.io/acme/api\nallow-tags: 'regexp:^2'\na.allow-tags: 'regexp:^1'", {"allow": "^1"}),
        ("image-list: a=ghcr.io/acme/api\na.ignore-tags: latest, dev-*", {"ignore": ("latest", "dev-*")}),
        ("image-list: a=ghcr.io/acme/api\nignore-tags: latest", {"ignore": ("latest",)}),
        (
            "image-list: a=ghcr.io/acme/api\na.platforms: linux/amd64,linux/arm64",
            {"platforms": ("linux/amd64", "linux/arm64")},
        ),
        ("image-list: a=ghcr.io/acme/api\na.force-update: 'true'", {"force": True}),
        ("image-list: x/y=ghcr.io/acme/api\nx_y.update-strategy: newest-build", {"strategy": "newest-build"}),
    ],
)
def test_an_annotation_decides(policy: Any, annotations: str, expected: dict[str, object]) -> None:
    found, _ = policy(application(annotations))
    assert {name: getattr(found, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("annotations", "rule", "line", "status"),
    [
        ("image-list: a=ghcr.io/acme/api\na.update-strategy: newest", "unknown-strategy", 8, "warn"),
        ("image-list: a=ghcr.io/acme/api\na.update-strategy: latest", "old-strategy-name", 8, "warn"),
        ("image-list: a=ghcr.io/acme/api\na.allow-tags: 'regexp:('", "invalid-pattern", 8, "unknown"),
        ("image-list: a=ghcr.io/acme/api\na.update-strategy: digest", "incomplete-policy", 7, "unknown"),
        ("image-list: 'a=ghcr.io/acme/{{name}}'", "unreadable-policy", 7, "unknown"),
        ("image-list: a=ghcr.io/acme/other", "policy-without-image", 7, "warn"),
    ],
)
def test_what_cannot_be_meant_is_told_with_its_line(
    policy: Any, annotations: str, rule: str, line: int, status: str
) -> None:
    _, foreign = policy(application(annotations))
    (finding,) = foreign.findings
    assert (finding.rule, finding.file, finding.line, finding.status) == (rule, "argo/api.yaml", line, status)


def test_the_policy_says_where_it_stands(policy: Any) -> None:
    found, _ = policy(application("image-list: a=ghcr.io/acme/api:1.x"))
    assert found.origin.source == "argocd-image-updater"
    assert found.origin.detail == "annotation image-list (a) in argo/api.yaml"
    assert found.origin.line == 7


def test_what_is_done_otherwise_here_is_noted(spoken: Spoken, use: Use) -> None:
    text = application(
        "image-list: a=ghcr.io/acme/api\na.pull-secret: env:X\nwrite-back-method: git\ngit-branch: main\n"
        "a.kustomize.image-name: quay.io/old/api"
    )
    image = use("apps/api/deployment.yaml", "ghcr.io/acme/api:1.0.0")
    (statement,) = spoken(argocd_image_updater, {"a.yaml": text}, [image]).explain(image)
    assert [note.split()[0] for note in statement.notes] == ["credentials", "changes", "changes", "kustomize"]


OVERLAY = "resources: [../../base, https://example.org/x]\ncomponents: [../common]\n"


@pytest.mark.parametrize(
    ("file", "source", "mine"),
    [
        ("apps/api/deployment.yaml", "path: apps/api", True),
        ("apps/api/deep/er/deployment.yaml", "path: ./apps/api/", True),
        ("apps/api-gateway/deployment.yaml", "path: apps/api", False),
        ("apps/other/deployment.yaml", "path: apps/api", False),
        ("anything.yaml", "path: .", True),
        ("../outside.yaml", "path: ../", False),
        ("apps/api/values-prod.yaml", "{path: apps/api, helm: {valueFiles: [values-prod.yaml]}}", True),
        ("apps/api/values-dev.yaml", "{path: apps/api, helm: {valueFiles: [values-prod.yaml]}}", False),
        ("apps/api/values.yaml", "{path: apps/api, helm: {valueFiles: [values-prod.yaml]}}", True),
        ("values/api/prod.yaml", "{path: apps/api, helm: {valueFiles: [../../values/api/prod.yaml]}}", True),
        ("values/api/prod.yaml", "{chart: api, helm: {valueFiles: [$values/values/api/prod.yaml]}}", True),
        ("apps/api/.argocd-source-api.yaml", "path: apps/api", True),
        ("apps/api/.argocd-source-argocd_api.yaml", "path: apps/api", True),
        ("apps/api/.argocd-source-other.yaml", "path: apps/api", False),
        ("apps/api/.argocd-source.yaml", "path: apps/api", True),
        ("apps/api/overlays/prod/kustomization.yaml", "path: apps/api/overlays/prod", True),
        ("apps/api/base/deployment.yaml", "path: apps/api/overlays/prod", True),
        ("apps/api/overlays/common/patch.yaml", "path: apps/api/overlays/prod", True),
        ("apps/api/overlays/dev/kustomization.yaml", "path: apps/api/overlays/prod", False),
    ],
)
def test_a_policy_is_about_its_applications_files(spoken: Spoken, use: Use, file: str, source: str, mine: bool) -> None:
    text = application("image-list: ghcr.io/acme/api").replace(
        "source:\n    repoURL: https://git/acme\n    path: apps/api",
        f"source:\n    {source}" if source.startswith("path") else f"source: {source}",
    )
    files = {"argo/api.yaml": text, "apps/api/overlays/prod/kustomization.yaml": OVERLAY}
    image = use(file, "ghcr.io/acme/api:1.0.0")
    assert (spoken(argocd_image_updater, files, [image]).policy_for(image) is not None) is mine


def test_inline_values_are_the_applications_own_and_only_its_own(spoken: Spoken, use: Use) -> None:
    text = application("image-list: ghcr.io/acme/api") + "---\n" + application("image-list: nginx", name="web")
    own, other = (use("argo/api.yaml", "ghcr.io/acme/api:1.0.0", document=index) for index in (0, 1))
    foreign = spoken(argocd_image_updater, {"argo/api.yaml": text}, [own, other])
    assert foreign.policy_for(own) is not None
    assert foreign.policy_for(other) is None


@pytest.mark.parametrize(
    ("target", "file"),
    [
        ("kustomization:../base", "apps/base/kustomization.yaml"),
        ("kustomization:/config/bar", "config/bar/kustomization.yaml"),
        ("helmvalues:values/special.yaml", "apps/api/values/special.yaml"),
        ("helmvalues:/env/prod.yaml", "env/prod.yaml"),
    ],
)
def test_a_write_back_target_is_the_applications_too(spoken: Spoken, use: Use, target: str, file: str) -> None:
    text = application(f"image-list: ghcr.io/acme/api\nwrite-back-target: {target}")
    image = use(file, "ghcr.io/acme/api:1.0.0")
    assert spoken(argocd_image_updater, {"a.yaml": text}, [image]).policy_for(image) is not None


def test_docker_hubs_short_names_are_the_same_image(spoken: Spoken, use: Use) -> None:
    text = application("image-list: docker.io/library/nginx:~1.26")
    image = use("apps/api/x.yaml", "nginx:1.26.1")
    found = spoken(argocd_image_updater, {"a.yaml": text}, [image]).policy_for(image)
    assert found is not None and found.constraint == "~1.26"


def test_the_deepest_application_is_nearest(spoken: Spoken, use: Use) -> None:
    outer = application("image-list: ghcr.io/acme/api:1.x", name="all", source="path: apps")
    inner = application("image-list: ghcr.io/acme/api:~1.2")
    image = use("apps/api/x.yaml", "ghcr.io/acme/api:1.2.0")
    foreign = spoken(argocd_image_updater, {"a.yaml": outer, "b.yaml": inner}, [image])
    assert [statement.policy.constraint for statement in foreign.explain(image)] == ["~1.2", "1.x"]
    assert foreign.findings == ()


def test_two_that_are_equally_near_and_disagree_leave_the_image_alone(spoken: Spoken, use: Use) -> None:
    files = {
        "dev.yaml": application("image-list: ghcr.io/acme/api", name="dev"),
        "prod.yaml": application("image-list: ghcr.io/acme/api:~1.2", name="prod"),
    }
    image = use("apps/api/x.yaml", "ghcr.io/acme/api:1.2.0", line=9)
    foreign = spoken(argocd_image_updater, files, [image])
    found = foreign.policy_for(image)
    assert found is not None and found.allow == NOTHING
    (finding,) = foreign.findings
    assert (finding.rule, finding.file, finding.line, finding.status) == (
        "conflicting-policies",
        "apps/api/x.yaml",
        9,
        "unknown",
    )
    assert "dev.yaml" in finding.message and "prod.yaml" in finding.message
    assert len(foreign.explain(image)) == 3


def test_two_that_agree_do_not_conflict(spoken: Spoken, use: Use) -> None:
    files = {f"{name}.yaml": application("image-list: ghcr.io/acme/api:1.x", name=name) for name in ("a", "b")}
    image = use("apps/api/x.yaml", "ghcr.io/acme/api:1.2.0")
    foreign = spoken(argocd_image_updater, files, [image])
    assert foreign.policy_for(image).constraint == "1.x"  # type: ignore[union-attr] # asserted by the access
    assert foreign.findings == ()


APPLICATION_SET = """\
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: apis}
spec:
  goTemplate: true
  generators: [GENERATOR]
  template:
    metadata:
      name: '{{.path.basename}}-api'
      annotations:
        argocd-image-updater.argoproj.io/image-list: a=ghcr.io/acme/api:1.x
    spec:
      source: {repoURL: https://git/acme, path: 'PATH'}
"""


@pytest.mark.parametrize(
    ("generator", "path", "file", "mine"),
    [
        ("{git: {directories: [{path: envs/*}]}}", "{{.path.path}}", "envs/prod/a.yaml", True),
        ("{git: {directories: [{path: envs/*}]}}", "{{path}}", "envs/prod/a.yaml", True),
        ("{git: {directories: [{path: envs/*}]}}", "{{.path.path}}", "other/prod/a.yaml", False),
        ("{git: {directories: [{path: envs/*}, {path: x/*, exclude: true}]}}", "{{path}}", "x/prod/a.yaml", False),
        ("{git: {files: [{path: 'envs/**/config.json'}]}}", "{{path}}", "envs/eu/prod/a.yaml", True),
        (
            "{matrix: {generators: [{git: {directories: [{path: envs/*}]}}, {clusters: {}}]}}",
            "{{path}}/k",
            "envs/p/k/a.yaml",
            True,
        ),
        ("{list: {elements: [{name: dev}]}}", "apps/api/{{name}}", "apps/api/dev/a.yaml", True),
        ("{list: {elements: [{name: dev}]}}", "apps/api/{{name}}", "apps/web/dev/a.yaml", False),
        ("{list: {elements: [{path: x}]}}", "{{.values.where}}", "apps/api/dev/a.yaml", False),
    ],
)
def test_an_application_set_is_about_the_directories_it_can_generate(
    spoken: Spoken, use: Use, generator: str, path: str, file: str, mine: bool
) -> None:
    text = APPLICATION_SET.replace("GENERATOR", generator).replace("PATH", path)
    image = use(file, "ghcr.io/acme/api:1.0.0")
    assert (spoken(argocd_image_updater, {"set.yaml": text}, [image]).policy_for(image) is not None) is mine


FULL = """\
namespace: argocd
commonUpdateSettings: {updateStrategy: newest-build, ignoreTags: [latest], platforms: [linux/arm64]}
writeBackConfig: {method: git, gitConfig: {writeBackTarget: "helmvalues:/env/prod.yaml"}}
applicationRefs:
  - namePattern: "api*"
    labelSelectors: {matchLabels: {team: pay}}
    commonUpdateSettings: {allowTags: "regexp:^v", forceUpdate: true}
    images:
      - alias: api
        imageName: ghcr.io/acme/api:1.x
        commonUpdateSettings: {updateStrategy: semver, pullSecret: "env:X"}
        manifestTargets: {helm: {name: image.name, tag: image.tag}}
      - alias: web
        imageName: ghcr.io/acme/web:2.x
"""


def test_the_resource_is_resolved_level_by_level(spoken: Spoken, use: Use) -> None:
    api, web = use("apps/api/x.yaml", "ghcr.io/acme/api:1.0.0"), use("env/prod.yaml", "ghcr.io/acme/web:2.0.0")
    files = {"updater.yaml": resource(FULL), "app.yaml": application("")}
    foreign = spoken(argocd_image_updater, files, [api, web])
    one, two = foreign.policy_for(api), foreign.policy_for(web)
    assert one is not None and two is not None
    assert (one.strategy, one.constraint, one.allow, one.ignore, one.force) == (
        "semver",
        "1.x",
        "^v",
        ("latest",),
        True,
    )
    assert (two.strategy, two.constraint, two.platforms) == ("newest-build", None, ("linux/arm64",))
    assert one.origin.detail == "ImageUpdater main (api) in updater.yaml"
    assert one.origin.line == 14
    assert foreign.explain(api)[0].notes


@pytest.mark.parametrize(
    ("reference", "selected"),
    [
        ("namePattern: api", True),
        ("namePattern: '*'", True),
        ("namePattern: ap?", True),
        ("namePattern: web", False),
        ("namePattern: '*', labelSelectors: {matchLabels: {team: web}}", False),
        ("namePattern: '*', labelSelectors: {matchExpressions: [{key: team, operator: In, values: [pay, x]}]}", True),
        ("namePattern: '*', labelSelectors: {matchExpressions: [{key: team, operator: NotIn, values: [pay]}]}", False),
        ("namePattern: '*', labelSelectors: {matchExpressions: [{key: tier, operator: Exists}]}", False),
        ("namePattern: '*', labelSelectors: {matchExpressions: [{key: tier, operator: DoesNotExist}]}", True),
        ("namePattern: '*', labelSelectors: {matchExpressions: [{key: tier, operator: Perhaps}]}", False),
    ],
)
def test_a_resource_selects_applications(spoken: Spoken, use: Use, reference: str, selected: bool) -> None:
    spec = f"applicationRefs:\n  - {{{reference}, images: [{{alias: a, imageName: ghcr.io/acme/api}}]}}"
    image = use("apps/api/x.yaml", "ghcr.io/acme/api:1.0.0")
    foreign = spoken(argocd_image_updater, {"u.yaml": resource(spec), "a.yaml": application("")}, [image])
    assert (foreign.policy_for(image) is not None) is selected


@pytest.mark.parametrize(("uses_annotations", "first"), [("false", "~3"), ("true", "~2")])
def test_a_resource_comes_before_annotations_unless_it_says_otherwise(
    spoken: Spoken, use: Use, uses_annotations: str, first: str
) -> None:
    spec = (
        f"applicationRefs:\n  - namePattern: api\n    useAnnotations: {uses_annotations}\n"
        "    images: [{alias: a, imageName: 'ghcr.io/acme/api:~3'}]"
    )
    image = use("apps/api/x.yaml", "ghcr.io/acme/api:1.0.0")
    files = {"u.yaml": resource(spec), "a.yaml": application("image-list: ghcr.io/acme/api:~2")}
    foreign = spoken(argocd_image_updater, files, [image])
    assert foreign.explain(image)[0].policy.constraint == first
    assert len(foreign.explain(image)) == 2


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("namePattern: api", "namePattern: 'a*', labelSelectors: {matchLabels: {team: pay}}"),
        ("namePattern: 'ap*'", "namePattern: 'a*'"),
        ("namePattern: '*', labelSelectors: {matchLabels: {team: pay}}", "namePattern: 'ap*'"),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_of_one_resource_only_the_most_specific_reference_speaks(
    spoken: Spoken, use: Use, first: str, second: str, turned: bool
) -> None:
    lines = [
        f"  - {{{reference}, images: [{{alias: a, imageName: 'ghcr.io/acme/api:{wanted}'}}]}}\n"
        for reference, wanted in ((first, "~1"), (second, "~2"))
    ]
    spec = "applicationRefs:\n" + "".join(reversed(lines) if turned else lines)
    image = use("apps/api/x.yaml", "ghcr.io/acme/api:1.0.0")
    foreign = spoken(argocd_image_updater, {"u.yaml": resource(spec), "a.yaml": application("")}, [image])
    assert [statement.policy.constraint for statement in foreign.explain(image)] == ["~1"]


def test_signatures_that_are_asked_for_and_not_verified_are_told(spoken: Spoken, use: Use) -> None:
    spec = FULL + "imagesVerification: {cosignKey: {secretName: k, key: cosign.pub}}\n"
    foreign = spoken(argocd_image_updater, {"u.yaml": resource(spec), "a.yaml": application("")}, [])
    assert ("unverified-signatures", "unknown") in [(one.rule, one.status) for one in foreign.findings]
    off = FULL + "imagesVerification: {enabled: false}\n"
    foreign = spoken(argocd_image_updater, {"u.yaml": resource(off), "a.yaml": application("")}, [])
    assert "unverified-signatures" not in [one.rule for one in foreign.findings]


def test_an_image_list_where_nobody_reads_it_is_told(spoken: Spoken, use: Use) -> None:
    text = application("image-list: ghcr.io/acme/api:1.x").replace("kind: Application", "kind: Deployment")
    image = use("apps/api/x.yaml", "ghcr.io/acme/api:1.0.0")
    foreign = spoken(argocd_image_updater, {"d.yaml": text}, [image])
    assert foreign.policy_for(image) is None
    assert [(one.rule, one.line) for one in foreign.findings] == [("misplaced-annotation", 7)]


@pytest.mark.parametrize(
    ("template", "pattern", "selected"),
    [
        ("'{{name}}-api'", "prod-api", True),
        ("'{{name}}-api'", "'*-api'", True),
        ("'{{name}}-api'", "prod-web", False),
        ("'{{name}}'", "prod-api", False),
        ("'{{name}}'", "'*'", True),
    ],
)
def test_a_resource_selects_what_an_application_set_generates(
    spoken: Spoken, use: Use, template: str, pattern: str, selected: bool
) -> None:
    generated = APPLICATION_SET.replace("GENERATOR", "{clusters: {}}").replace("PATH", "apps/api")
    generated = generated.replace("'{{.path.basename}}-api'", template).replace(f"{PREFIX}image-list", "other/list")
    spec = f"applicationRefs: [{{namePattern: {pattern}, images: [{{alias: a, imageName: ghcr.io/acme/api}}]}}]"
    image = use("apps/api/x.yaml", "ghcr.io/acme/api:1.0.0")
    foreign = spoken(argocd_image_updater, {"u.yaml": resource(spec), "set.yaml": generated}, [image])
    assert (foreign.policy_for(image) is not None) is selected


DATED = """\
apiVersion: argoproj.io/v1alpha1
kind: ImageUpdater
metadata:
  name: my-app
spec:
  images:
    - image: my-org/app
      policy: semver
"""


def test_the_dated_resource_is_honoured_and_the_current_form_given(spoken: Spoken, use: Use) -> None:
    image = use("deploy/app.yaml", "my-org/app:1.0.0")
    foreign = spoken(argocd_image_updater, {"updater.yaml": DATED}, [image])
    found = foreign.policy_for(image)
    assert found is not None and (found.strategy, found.origin.line) == ("semver", 7)
    (finding,) = foreign.findings
    assert (finding.rule, finding.file, finding.line, finding.column) == (
        "outdated-image-updater",
        "updater.yaml",
        7,
        5,
    )
    assert finding.remedy is not None
    assert "apiVersion: argocd-image-updater.argoproj.io/v1alpha1" in finding.remedy
    assert "applicationRefs: [{namePattern: my-app, images: [{alias: app, imageName: my-org/app}]}]" in finding.remedy


def test_the_dated_resource_is_about_the_application_of_its_name(spoken: Spoken, use: Use) -> None:
    inside, outside = use("apps/my/x.yaml", "my-org/app:1.0.0"), use("apps/other/x.yaml", "my-org/app:1.0.0")
    files = {"updater.yaml": DATED, "app.yaml": application("", name="my-app", source="path: apps/my")}
    foreign = spoken(argocd_image_updater, files, [inside, outside])
    assert foreign.policy_for(inside) is not None
    assert foreign.policy_for(outside) is None


def test_the_dated_resource_without_its_indentation_is_read_too(spoken: Spoken, use: Use) -> None:
    text = DATED.replace("  images:\n    - image", "images:\n- image").replace("      policy", "  policy")
    image = use("deploy/app.yaml", "my-org/app:1.0.0")
    assert spoken(argocd_image_updater, {"updater.yaml": text}, [image]).policy_for(image) is not None


@pytest.mark.parametrize(
    "text",
    [
        "kind: ImageUpdater\napiVersion: argoproj.io/v1alpha1\n",
        "kind: ImageUpdater\napiVersion: argoproj.io/v1alpha1\nspec: {images: {a: b}}\n",
        resource("applicationRefs: nonsense"),
        resource("applicationRefs: [1, {images: [2, {alias: x}, {imageName: [a]}]}]"),
        "kind: Application\napiVersion: argoproj.io/v1alpha1\nspec: []\nmetadata: {annotations: [a]}\n",
        "kind: ApplicationSet\napiVersion: argoproj.io/v1alpha1\nspec: {template: 3, generators: 4}\n",
        application("image-list: ',,,'"),
        application("image-list: [a, b]"),
    ],
)
def test_a_shape_that_nobody_expects_never_ends_the_run(spoken: Spoken, use: Use, text: str) -> None:
    image = use("apps/api/x.yaml", "ghcr.io/acme/api:1.0.0")
    assert spoken(argocd_image_updater, {"a.yaml": text}, [image]).policy_for(image) is None
