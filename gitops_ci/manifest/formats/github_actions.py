"""GitHub (and Gitea, Forgejo) workflows and actions: job containers, services, ``docker://``."""

from collections.abc import Iterator

from gitops_ci.manifest.document import Document
from gitops_ci.manifest.formats.build import Pending, whole
from gitops_ci.manifest.formats.files import is_workflow
from gitops_ci.manifest.formats.trail import Trail
from gitops_ci.manifest.nodes import Mapping, Node, Scalar, Sequence
from gitops_ci.manifest.use import ImageUse

NAME = "github-actions"
_DOCKER = "docker://"


def claims(document: Document) -> bool:
    """By name, and by having jobs or runs."""
    root = document.root
    return (
        is_workflow(document.file)
        and type(root) is Mapping
        and (root.get("jobs") is not None or root.get("runs") is not None)
    )


def find(document: Document) -> Iterator[ImageUse | Pending]:
    """Containers and services of jobs, ``uses: docker://…`` of steps, ``runs.image: docker://…`` of actions."""
    root = document.root
    if type(root) is not Mapping:
        return
    jobs, runs = root.get("jobs"), root.get("runs")
    if type(jobs) is Mapping:
        for key, job in jobs.items:
            if type(key) is Scalar and type(job) is Mapping:
                yield from _job(document, job, ((None, "jobs"), key.value))
    if type(runs) is Mapping:
        at: Trail = (None, "runs")
        yield from _one(document, runs.get("image"), (at, "image"), "docker", prefix=_DOCKER)
        yield from _steps(document, runs.get("steps"), (at, "steps"))


def _job(document: Document, job: Mapping, trail: Trail) -> Iterator[ImageUse]:
    yield from _container(document, job.get("container"), (trail, "container"), "container")
    services = job.get("services")
    if type(services) is Mapping:
        for key, service in services.items:
            if type(key) is Scalar:
                yield from _container(document, service, ((trail, "services"), key.value), "service")
    yield from _steps(document, job.get("steps"), (trail, "steps"))


def _container(document: Document, node: Node | None, trail: Trail, dep_type: str) -> Iterator[ImageUse]:
    """A container is its image, or a map with one."""
    if type(node) is Mapping:
        yield from _one(document, node.get("image"), (trail, "image"), dep_type)
    else:
        yield from _one(document, node, trail, dep_type)


def _steps(document: Document, steps: Node | None, trail: Trail) -> Iterator[ImageUse]:
    if type(steps) is Sequence:
        for index, step in enumerate(steps.items):
            if type(step) is Mapping:
                yield from _one(document, step.get("uses"), ((trail, index), "uses"), "docker", prefix=_DOCKER)


def _one(document: Document, node: Node | None, trail: Trail, dep_type: str, *, prefix: str = "") -> Iterator[ImageUse]:
    if type(node) is not Scalar:
        return
    if not prefix and node.value.startswith(_DOCKER):
        prefix = _DOCKER
    use = whole(document, node, trail, NAME, prefix=prefix, dep_type=dep_type)
    if use is not None:
        yield use
