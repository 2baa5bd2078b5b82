"""What the demo's run has to show: each decision with its reason, and whether the run's report bears it out."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

Report = Mapping[str, Any]
"""What ``gitops-ci update --report`` writes."""


class Point(NamedTuple):
    """One decision."""

    title: str
    text: str
    holds: Callable[[Report], bool]


def _updates(report: Report) -> Iterator[Mapping[str, Any]]:
    for change in report["changes"]:
        for update in change["updates"]:
            yield {**update, "state": change["state"], "branch": change["branch"]}


def _goes(report: Report, image: str, tag: str, *environments: str) -> bool:
    """True if every one of these environments is offered exactly this tag (besides major versions)."""
    offered = {
        (update["environment"], update["new-tag"])
        for update in _updates(report)
        if update["image"].endswith(image) and update["kind"] != "major" and update["state"] != "waiting"
    }
    return all((environment, tag) in offered for environment in environments) and {new for _, new in offered} == {tag}


def _major_apart(report: Report) -> bool:
    majors = {update["branch"] for update in _updates(report) if update["new-tag"] == "2.0.0"}
    return bool(majors) and not majors & {update["branch"] for update in _updates(report) if update["kind"] != "major"}


def _held(report: Report, image: str, environment: str, word: str) -> bool:
    return any(
        update["image"].endswith(image) and update["environment"] == environment and word in (update["reason"] or "")
        for update in report["held"]
    )


def _waits(report: Report, image: str, tag: str) -> bool:
    offered = [update for update in _updates(report) if update["image"] == image and update["new-tag"] == tag]
    held = [update for update in report["held"] if update["image"] == image and update["new-tag"] == tag]
    return all(update["state"] == "waiting" for update in offered) and bool(offered or held)


def _moved(report: Report, image: str) -> bool:
    return any(
        update["image"] == image and update["kind"] == "digest" and update["new-digest"] != update["current-digest"]
        for update in (*_updates(report), *report["held"])
    )


def _together(report: Report) -> bool:
    moved = [
        update
        for update in _updates(report)
        if update["image"].endswith("acme/user-service") and update["environment"] == "prod"
    ]
    return bool(moved) and all(update["new-digest"] not in (None, update["current-digest"]) for update in moved)


def _refused(report: Report, file: str) -> bool:
    places = [*report["findings"], *report["skipped"]]
    changed = [entry["file"] for change in report["changes"] for entry in change["files"]]
    return file not in changed and any(place["file"] == file for place in places)


POINTS = (
    Point(
        "payment-api goes to 1.5.0 in dev and staging",
        "1.5.1 is 19 hours old and renovate.json asks for three days; 1.6.0-rc.1 is a pre-release, 1.5.0-debug another "
        "variant, 20260301 a date and 4f2a9c1 a commit.",
        lambda report: _goes(report, "acme/payment-api", "1.5.0", "dev", "staging"),
    ),
    Point(
        "payment-api 2.0.0 is a proposal by itself",
        "It is a major version; nothing small has to wait for it.",
        _major_apart,
    ),
    Point(
        "payment-api stays at 1.4.1 in prod",
        "The hold of .gitops-ci.yaml says INC-142, until 2026-04-15. What dev, staging and prod share is held as well.",
        lambda report: _held(report, "acme/payment-api", "prod", "INC-142"),
    ),
    Point(
        "user-service goes to 2.3.2, not to 2.4.0",
        "2.4.0 was built for amd64 only, and what runs today also runs on arm64.",
        lambda report: _goes(report, "acme/user-service", "2.3.2", "dev", "staging", "prod"),
    ),
    Point(
        "user-service in prod: tag and digest move together",
        "They stand in two keys of values-prod.yaml. An old digest beside a new tag would run the old image.",
        _together,
    ),
    Point(
        "web-shop goes to 3.1.10, not to 3.2.0",
        "The annotation of its Argo CD Application says ~3.1. And 10 is more than 9.",
        lambda report: _goes(report, "acme/web-shop", "3.1.10", "staging", "prod"),
    ),
    Point(
        "podinfo goes to 6.7.2, not to 6.8.0",
        "The marker on its line names a Flux ImagePolicy whose range is 6.7.x.",
        lambda report: _goes(report, "stefanprodan/podinfo", "6.7.2", "staging", "prod"),
    ),
    Point(
        "nginx 1.27.4-alpine waits for Monday",
        "The platform changes before 6 in the morning on Mondays, and this is a Tuesday. 1.27.5 is there, but without "
        "-alpine; 1.27.4-alpine3.21 is another variant.",
        lambda report: _waits(report, "nginx", "1.27.4-alpine"),
    ),
    Point(
        "postgres is not offered 17.3",
        "renovate.json keeps major versions of the database to people.",
        lambda report: not any(update["new-tag"] == "17.3" for update in _updates(report)),
    ),
    Point(
        "redis 7.4.1 gets another digest",
        "Somebody pushed that tag again; the pinned digest follows it.",
        lambda report: _moved(report, "redis"),
    ),
    Point(
        "mirror.enc.yaml is left alone",
        "SOPS signs the whole file: a changed tag would break it.",
        lambda report: _refused(report, "platform/secrets/mirror.enc.yaml"),
    ),
)
