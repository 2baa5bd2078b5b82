"""``actions/update`` and the reusable workflow around it, as a repository's scheduled update."""

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gitops_ci.image import layout
from tests.actions.act import CHECKOUT, Consumer
from tests.doubles.github import GitHub
from tests.support import repositories

NOW = datetime(2026, 11, 23, 5, tzinfo=UTC)
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: api}
spec:
  template:
    spec:
      containers:
        - name: api
          image: r.example/acme/api:1.0.0   # keep me
"""
FILE = "apps/api/overlays/dev/deployment.yaml"
BRANCH = "renovate/api-dev"
SETTINGS = """
      registry-map: |
        r.example=layouts
      offline: true
      now: "2026-11-23T05:00:00+00:00"
"""


def consumer(tmp_path: Path) -> Consumer:
    """A repository with one image, whose registry (layouts beside it) has a newer version."""
    made = Consumer(tmp_path, {FILE: DEPLOYMENT})
    publish(made)
    return made


def publish(made: Consumer) -> None:
    for tag in ("1.0.0", "1.1.0"):
        layout.write(str(made.clone / "layouts" / "acme" / "api"), tag, created=NOW - timedelta(days=30))


def proposed(made: Consumer) -> str:
    """The file on the branch that the remote has got."""
    return repositories.git(made.remote, "show", f"{BRANCH}:{FILE}") + "\n"


def test_a_schedule_proposes_on_github_and_merges(runner: None, github: GitHub, tmp_path: Path) -> None:
    rules = {
        "labels": ["images"],
        "packageRules": [{"matchUpdateTypes": ["minor"], "automerge": True, "ignoreTests": True}],
    }
    repository = github.repository("acme/gitops", {FILE: DEPLOYMENT, "renovate.json": json.dumps(rules)})
    made = Consumer.of(tmp_path, repository.remote)
    publish(made)
    variables = github.environment(github.token("app"))
    token = variables.pop("GITHUB_TOKEN")
    run = made.run(
        f"""\
on:
  schedule: [{{cron: "0 5 * * 1-5"}}]
permissions: {{}}
jobs:
  update:
    permissions: {{contents: write, pull-requests: write, issues: write, checks: read}}
    uses: OWNER/gitops-ci/.github/workflows/update.yml@v1
    with:{SETTINGS}
    secrets: {{token: "${{{{ secrets.GITOPS_TOKEN }}}}"}}
  after:
    needs: update
    runs-on: ubuntu-24.04
    steps:
      - env: {{BRANCHES: "${{{{ needs.update.outputs.branches }}}}"}}
        run: echo "proposed <$BRANCHES>"
""",
        event="schedule",
        secrets={"GITOPS_TOKEN": token},
        variables=variables,
    )
    assert run.exit_code == 0, (run.log, run.annotations)
    (pull,) = repository.pulls.values()
    assert (pull.head, pull.labels) == (BRANCH, ["images"])
    assert pull.merged or pull.auto_merge is not None
    assert run.outputs("update")["pull-request-urls"].endswith(f"/acme/gitops/pull/{pull.number}")
    assert f"proposed <{BRANCH}>" in run.log
    assert f"`{BRANCH}`" in run.summary("update")


def test_a_pull_request_from_what_a_step_changed(runner: None, github: GitHub, tmp_path: Path) -> None:
    repository = github.repository("acme/gitops", {FILE: DEPLOYMENT})
    made = Consumer.of(tmp_path, repository.remote)
    variables = github.environment(github.token("app"))
    token = variables.pop("GITHUB_TOKEN")
    run = made.run(
        f"""\
on: push
jobs:
  deploy:
    runs-on: ubuntu-24.04
    steps:
      - uses: {CHECKOUT}
      - uses: OWNER/gitops-ci/actions/bump@v1
        with: {{image: r.example/acme/api, tag: 1.1.0}}
      - id: pr
        uses: OWNER/gitops-ci/actions/pr@v1
        with:
          title: "Deploy `id` $(id)"
          label: |
            deploy
            @acme
          token: "${{{{ secrets.GITOPS_TOKEN }}}}"
""",
        secrets={"GITOPS_TOKEN": token},
        variables=variables,
    )
    assert run.exit_code == 0, (run.log, run.annotations)
    (pull,) = repository.pulls.values()
    assert (pull.title, pull.labels) == ("Deploy `id` $(id)", ["deploy", "@acme"])
    outputs = run.outputs("pr")
    assert (outputs["pull-request-number"], outputs["files"]) == (str(pull.number), json.dumps([FILE]))


def test_the_action_in_a_job_of_ones_own(runner: None, tmp_path: Path) -> None:
    made = consumer(tmp_path)
    settings = SETTINGS.replace("\n      ", "\n          ")
    step = f"uses: OWNER/gitops-ci/actions/update@v1\n        with:{settings}"
    run = made.run(
        f"""\
on: schedule
jobs:
  update:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
        with: {{fetch-depth: 0, persist-credentials: false}}
      - id: plan
        {step}          dry-run: true
      - run: git ls-remote origin | wc -l
      - id: update
        {step}          forge: local
          token: "${{{{ secrets.GITOPS_TOKEN }}}}"
      - id: again
        {step}
      - run: echo the token is ghs_1234567890abcdef, its header {base64.b64encode(b"x-access-token:ghs_1234567890abcdef").decode()}
      - id: wrong
        {step}          forge: nowhere
""",
        event="schedule",
        secrets={"GITOPS_TOKEN": "ghs_1234567890abcdef"},
    )
    assert run.result("plan") == "success", run.log
    assert run.outputs("plan") == {"changed": "false", "branches": "", "pull-request-urls": "", "merged": "0"}
    assert "+          image: r.example/acme/api:1.1.0   # keep me" in run.log
    assert run.outputs("update") == {"changed": "true", "branches": BRANCH, "pull-request-urls": "", "merged": "0"}
    assert proposed(made) == DEPLOYMENT.replace("1.0.0", "1.1.0")
    assert run.outputs("again") == {"changed": "false", "branches": "", "pull-request-urls": "", "merged": "0"}
    # The secret and what was made of it are both masked, in every later step.
    assert len(run.masks) == 2
    assert "the token is ***, its header ***" in run.log
    assert run.result("wrong") == "failure"
    assert [one.message for one in run.annotations if one.level == "error"] == [
        "unknown forge 'nowhere'; one of: local, github"
    ]


def test_the_images_of_a_repository_become_a_matrix(runner: None, tmp_path: Path) -> None:
    made = Consumer(tmp_path, {FILE: DEPLOYMENT, "b.yaml": DEPLOYMENT.replace("acme/api", "acme/web")})
    run = made.run("""\
on: push
jobs:
  find:
    runs-on: ubuntu-24.04
    outputs:
      images: ${{ steps.find.outputs.images }}
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
      - id: find
        uses: OWNER/gitops-ci/actions/find@v1
  scan:
    needs: find
    runs-on: ubuntu-24.04
    strategy:
      matrix:
        image: ${{ fromJSON(needs.find.outputs.images) }}
    steps:
      - env:
          IMAGE: ${{ matrix.image }}
        run: echo "scanning $IMAGE"
""")
    assert run.exit_code == 0, run.log
    outputs = run.outputs("find")
    assert (outputs["count"], outputs["files"]) == ("2", f'["{FILE}","b.yaml"]')
    assert "scanning r.example/acme/api\n" in run.log and "scanning r.example/acme/web\n" in run.log
    assert "2 images, 2 uses in 2 files" in run.summary("find")
