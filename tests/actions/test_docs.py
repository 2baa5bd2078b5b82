"""The workflows that the pages show are short, whole and right."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.actions.act import CHECKOUT, ROOT, Consumer
from tests.doubles.github import GitHub
from tests.support import repositories

PAGES = [ROOT / "README.md", ROOT / "docs" / "actions.md"]
SAMPLES = [
    (page, text)
    for page in PAGES
    for text in re.findall(r"^```yaml\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)
    if "OWNER/gitops-ci" in text
]
POD = "apiVersion: v1\nkind: Pod\nspec: {containers: [{image: 'ghcr.io/acme/payment-api:1'}]}\n"


def calls(value: Any) -> list[dict[str, Any]]:
    """Every mapping with ``uses``, at any depth."""
    if isinstance(value, list):
        return [found for one in value for found in calls(one)]
    if not isinstance(value, dict):
        return []
    return [*([value] if "uses" in value else []), *(found for one in value.values() for found in calls(one))]


@pytest.mark.parametrize(("page", "text"), SAMPLES, ids=lambda value: value.name if isinstance(value, Path) else "")
def test_a_sample_uses_what_is_there_as_it_is(page: Path, text: str) -> None:
    assert len(text.splitlines()) < 20
    for call in calls(yaml.load(text, yaml.BaseLoader)):
        path = re.fullmatch(r"OWNER/gitops-ci(?:/(.+))?@<sha>", call["uses"])
        if path is None:
            assert call["uses"] == CHECKOUT
            assert call["with"]["persist-credentials"] == "false"
            continue
        target = ROOT / (path[1] or ".")
        if target.suffix == ".yml":
            takes = yaml.load(target.read_text(), yaml.BaseLoader)["on"]["workflow_call"]
            assert set(call.get("secrets", ())) <= set(takes["secrets"])
            (job,) = yaml.load(target.read_text(), yaml.BaseLoader)["jobs"].values()
            assert call["permissions"] == job["permissions"]
        else:
            takes = yaml.load((target / "action.yml").read_text(), yaml.BaseLoader)
        assert set(call.get("with", ())) <= set(takes["inputs"])


def readme(number: int) -> str:
    text = [text for page, text in SAMPLES if page.name == "README.md"][number]
    return text.replace("@<sha>", "@v1")


def test_the_readme_s_schedule_runs(runner: None, github: GitHub, tmp_path: Path) -> None:
    repository = github.repository("acme/gitops", {"README.md": "No image yet.\n"})
    variables = github.environment(github.token("app"))
    secrets = {"GITOPS_TOKEN": variables.pop("GITHUB_TOKEN")}
    consumer = Consumer.of(tmp_path, repository.remote)
    run = consumer.run(readme(0), event="schedule", secrets=secrets, variables=variables)
    assert run.exit_code == 0, (run.log, run.annotations)
    assert run.outputs("update")["changed"] == "false"


def test_the_readme_s_bump_runs(runner: None, tmp_path: Path) -> None:
    hub = tmp_path / "hub" / "acme"
    hub.mkdir(parents=True)
    _, remote = repositories.make(hub, {"overlays/dev/pod.yaml": POD})
    remote.rename(hub / "gitops.git")
    steps = "".join(f"      {line}\n" for line in readme(1).splitlines())
    consumer = Consumer(tmp_path, {"Dockerfile": "FROM scratch\n"})
    run = consumer.run(
        f"on: push\njobs:\n  deploy:\n    runs-on: ubuntu-24.04\n    steps:\n{steps}",
        secrets={"GITOPS_TOKEN": "ghs_1234567890abcdef"},
    )
    assert run.exit_code == 0, (run.log, run.annotations)
    commit = repositories.git(consumer.clone, "rev-parse", "HEAD")
    pod = repositories.git(hub / "gitops.git", "show", "main:overlays/dev/pod.yaml")
    assert pod + "\n" == POD.replace("api:1'", f"api:{commit}'")
