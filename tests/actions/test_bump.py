"""``actions/bump`` in a consumer's workflow, after its build."""

import json
from pathlib import Path

from tests.actions.act import Consumer
from tests.support import repositories

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: payment-api}
spec:
  template:
    spec:
      containers:
        - name: payment-api
          image: ghcr.io/acme/payment-api:1.4.0   # released by CI
"""
FILES = {
    "apps/payment-api/overlays/dev/deployment.yaml": DEPLOYMENT,
    "apps/payment-api/overlays/prod/deployment.yaml": DEPLOYMENT,
}
WORKFLOW = """\
on: push
jobs:
  deploy:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
      - id: build
        run: echo "tag=1.5.0" >> "$GITHUB_OUTPUT"
      - id: bump
        uses: OWNER/gitops-ci/actions/bump@v1
        with:
          image: ghcr.io/acme/payment-api
          tag: ${{ steps.build.outputs.tag }}
          environment: |
            dev
            staging
      - run: cp -R . "$KEPT"
      - id: after
        env:
          FILES: ${{ join(fromJSON(steps.bump.outputs.files), ' ') }}
        run: |
          echo "$FILES is what changed"
          env | grep GITOPS_CI || echo nothing is left in the environment
      - id: again
        uses: OWNER/gitops-ci/actions/bump@v1
        with: {image: ghcr.io/acme/payment-api, tag: 1.5.0, environment: dev, check: true}
      - id: typo
        uses: OWNER/gitops-ci/actions/bump@v1
        with: {image: ghcr.io/acme/paymentapi, tag: 1.5.0}
"""
DEV = "apps/payment-api/overlays/dev/deployment.yaml"


def test_a_build_hands_its_tag_over(runner: None, tmp_path: Path) -> None:
    run = Consumer(tmp_path, FILES).run(WORKFLOW)
    assert run.result("bump") == "success", run.log
    assert (run.workspace / DEV).read_text() == DEPLOYMENT.replace("1.4.0", "1.5.0")
    assert (run.workspace / DEV.replace("dev", "prod")).read_text() == DEPLOYMENT
    outputs = run.outputs("bump")
    assert outputs == {
        "changed": "true", "files": json.dumps([DEV]), "image": "ghcr.io/acme/payment-api", "tag": "1.5.0", "digest": "",
        "commit": "", "pushed": "false", "branch": "",
    }  # fmt: skip
    assert f"{DEV} is what changed" in run.log
    assert "nothing is left in the environment" in run.log
    assert f"| `{DEV}:9` | `ghcr.io/acme/payment-api` | `1.4.0` | `1.5.0` |" in run.summary("bump")

    # The second time there is nothing to do; an image that is not there fails the step, with an annotation.
    assert (run.result("again"), run.outputs("again")["changed"]) == ("success", "false")
    assert run.result("typo") == "failure" and run.exit_code != 0
    assert [(one.level, one.message) for one in run.annotations] == [
        ("error", "ghcr.io/acme/paymentapi is not used here; closest: ghcr.io/acme/payment-api")
    ]
    assert run.commands == {"set-output", "summary", "error"}


def test_a_registry_is_asked_for_the_digest_with_what_only_a_larger_tier_has(runner: None, tmp_path: Path) -> None:
    from gitops_ci.image import layout

    old = "sha256:" + "0" * 64
    consumer = Consumer(tmp_path, {"a.yaml": DEPLOYMENT.replace("1.4.0", f"1.4.0@{old}")})
    digest = layout.write(str(consumer.clone / "layouts" / "acme" / "payment-api"), "1.5.0")
    run = consumer.run("""\
on: push
jobs:
  deploy:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
      - id: bump
        uses: OWNER/gitops-ci/actions/bump@v1
        with:
          image: ghcr.io/acme/payment-api
          tag: 1.5.0
          path: |
            a.yaml
          registry-map: ghcr.io=layouts
      - run: cp -R . "$KEPT"
""")
    assert run.outputs("bump")["digest"] == digest, run.log
    assert f"payment-api:1.5.0@{digest}   # released by CI" in (run.workspace / "a.yaml").read_text()


def test_the_action_for_any_verb_takes_one_argument_a_line(runner: None, tmp_path: Path) -> None:
    run = Consumer(tmp_path, FILES).run("""\
on: push
jobs:
  deploy:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
      - id: any
        uses: OWNER/gitops-ci@v1
        with:
          command: bump
          arguments: |
            --image ghcr.io/acme/payment-api
            --tag=1.5.0
            apps/payment-api/overlays/dev
      - id: wrong
        uses: OWNER/gitops-ci@v1
        with: {command: bmup}
""")
    assert run.outputs("any")["files"] == json.dumps([DEV]), run.log
    assert run.result("wrong") == "failure"
    assert [one.message.partition(";")[0] for one in run.annotations] == ["unknown verb 'bmup', did you mean bump?"]


def test_a_build_commits_to_the_gitops_repository(runner: None, tmp_path: Path) -> None:
    hub = tmp_path / "hub" / "acme"
    hub.mkdir(parents=True)
    _, remote = repositories.make(hub, FILES)
    remote.rename(hub / "gitops.git")
    run = Consumer(tmp_path, {"Dockerfile": "FROM scratch\n"}).run(
        """\
on: push
permissions: {}
jobs:
  build:
    runs-on: ubuntu-24.04
    outputs: {tag: "${{ steps.build.outputs.tag }}"}
    steps:
      - id: build
        run: echo "tag=1.5.0" >> "$GITHUB_OUTPUT"
  deploy:
    needs: build
    permissions: {contents: write}
    uses: OWNER/gitops-ci/.github/workflows/bump.yml@v1
    with:
      repository: acme/gitops
      image: ghcr.io/acme/payment-api
      tag: ${{ needs.build.outputs.tag }}
      environment: dev
      author: acme CI <ci@acme.example>
    secrets: {token: "${{ secrets.GITOPS_TOKEN }}"}
  after:
    needs: deploy
    runs-on: ubuntu-24.04
    steps:
      - env: {COMMIT: "${{ needs.deploy.outputs.commit }}", PUSHED: "${{ needs.deploy.outputs.pushed }}"}
        run: echo "pushed=$PUSHED commit=$COMMIT"
""",
        secrets={"GITOPS_TOKEN": "ghs_1234567890abcdef"},
    )
    assert run.exit_code == 0, (run.log, run.annotations)
    remote = hub / "gitops.git"
    assert repositories.git(remote, "show", f"main:{DEV}") + "\n" == DEPLOYMENT.replace("1.4.0", "1.5.0")
    assert repositories.git(remote, "log", "-1", "--format=%an <%ae>", "main") == "acme CI <ci@acme.example>"
    assert f"pushed=true commit={repositories.git(remote, 'rev-parse', 'main')}" in run.log
