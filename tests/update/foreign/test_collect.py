"""Foreign policies of a checkout on disk: who is asked, and who wins."""

from collections.abc import Callable
from pathlib import Path

import pytest

from gitops_ci.manifest.use import ImageUse
from gitops_ci.update.foreign import collect

Use = Callable[..., ImageUse]

APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: api
  annotations: {argocd-image-updater.argoproj.io/image-list: "ghcr.io/acme/api:1.x"}
spec: {source: {path: apps}}
"""
POLICY = """\
apiVersion: image.toolkit.fluxcd.io/v1
kind: ImagePolicy
metadata: {name: api, namespace: flux-system}
spec: {policy: {semver: {range: ~1.2}}}
"""


def written(root: Path, files: dict[str, str]) -> list[str]:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return list(files)


def test_a_marker_on_the_line_wins_over_the_application(tmp_path: Path, use: Use) -> None:
    files = written(tmp_path, {"argo/api.yaml": APPLICATION, "flux/policy.yml": POLICY, "apps/api.yaml": "image: x\n"})
    plain = use("apps/web.yaml", "ghcr.io/acme/api:1.0.0")
    marked = use("apps/api.yaml", "ghcr.io/acme/api:1.0.0", markers=('{"$imagepolicy": "flux-system:api"}',))
    foreign = collect(str(tmp_path), files, [plain, marked])
    assert [one.policy.origin.source for one in foreign.explain(marked)] == ["flux", "argocd-image-updater"]
    decided = foreign.policy_for(marked)
    assert decided is not None and decided.constraint == "~1.2"
    assert [one.policy.origin.source for one in foreign.explain(plain)] == ["argocd-image-updater"]
    assert foreign.findings == ()


def test_applications_are_read_when_a_resource_elsewhere_selects_them(tmp_path: Path, use: Use) -> None:
    plain = APPLICATION.replace(
        '  annotations: {argocd-image-updater.argoproj.io/image-list: "ghcr.io/acme/api:1.x"}\n', ""
    )
    updater = (
        "apiVersion: argocd-image-updater.argoproj.io/v1alpha1\nkind: ImageUpdater\nmetadata: {name: u}\n"
        "spec: {applicationRefs: [{namePattern: api, images: [{alias: a, imageName: 'ghcr.io/acme/api:2.x'}]}]}\n"
    )
    files = written(tmp_path, {"argo/api.yaml": plain, "updater.yaml": updater})
    image = use("apps/api.yaml", "ghcr.io/acme/api:2.0.0")
    decided = collect(str(tmp_path), files, [image]).policy_for(image)
    assert decided is not None and decided.constraint == "2.x"


def test_a_repository_without_policies_parses_nothing(
    tmp_path: Path, use: Use, monkeypatch: pytest.MonkeyPatch
) -> None:
    def parse(*_: object, **__: object) -> None:
        raise AssertionError("parsed")

    files = written(tmp_path, {"a.yaml": "kind: Application\napiVersion: argoproj.io/v1alpha1\n", "b.json": "{}"})
    monkeypatch.setattr("gitops_ci.manifest.parse.parse", parse)
    foreign = collect(str(tmp_path), files, [use("a.yaml", "nginx:1")])
    assert foreign.findings == ()


def test_broken_and_missing_files_end_nothing(tmp_path: Path, use: Use) -> None:
    files = written(tmp_path, {"a.yaml": "x: [image.toolkit.fluxcd.io/\n", "argo.yaml": APPLICATION})
    image = use("apps/api.yaml", "ghcr.io/acme/api:1.0.0")
    foreign = collect(str(tmp_path), [*files, "gone.yaml"], [image])
    assert foreign.policy_for(image) is not None


def test_a_policy_in_a_helm_template_is_read_where_it_is_literal(tmp_path: Path, use: Use) -> None:
    text = "{{- if .Values.on }}\n" + APPLICATION.replace("name: api", "name: {{ .Release.Name }}-api") + "{{- end }}\n"
    files = written(tmp_path, {"chart/templates/app.yaml": text})
    image = use("apps/api.yaml", "ghcr.io/acme/api:1.0.0")
    decided = collect(str(tmp_path), files, [image]).policy_for(image)
    assert decided is not None and decided.constraint == "1.x"
