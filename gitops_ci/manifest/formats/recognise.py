"""Which format a file's name, and a document's head, stand for. Nothing else is imported to find out."""

from gitops_ci.manifest.document import Document
from gitops_ci.manifest.nodes import Mapping, Node, Sequence

KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
CHARTS = ("Chart.yaml", "Chart.yml", "requirements.yaml", "requirements.yml")
_WORKFLOWS = (".github/workflows", ".gitea/workflows", ".forgejo/workflows", "workflow-templates")
_OTHER_FILES = (
    ".dockerignore",
    ".md",
    ".yaml",
    ".yml",
    ".json",
    ".j2",
    ".tmpl",
    ".tpl",
    ".sh",
    ".go",
    ".py",
    ".js",
    ".ts",
)


def is_yaml(path: str) -> bool:
    """Any YAML file: what is in it decides."""
    return path.endswith((".yaml", ".yml"))


def is_data(path: str) -> bool:
    """Any YAML or JSON file: apiVersion and kind decide."""
    return path.endswith((".yaml", ".yml", ".json"))


def is_kustomization(path: str) -> bool:
    """The three file names that kustomize reads."""
    return path.rpartition("/")[2] in KUSTOMIZATIONS


def is_chart(path: str) -> bool:
    """Chart.yaml, and requirements.yaml of charts in the older format."""
    return path.rpartition("/")[2] in CHARTS


def is_template(path: str) -> bool:
    """Whether a file lies in a chart's ``templates``: ``{{ }}`` is Helm's there, also where it happens to be YAML."""
    return "/templates/" in f"/{path}"


def is_values(path: str) -> bool:
    """``values.yaml``, ``values-prod.yaml``, ``prod-values.yml``, ``values/prod.yaml``, ``environments/prod.yaml``."""
    folder, _, name = path.lower().rpartition("/")
    folder = folder.rpartition("/")[2]
    return "values" in name or folder in ("environments", "envs") or "values" in folder


def is_workflow(path: str) -> bool:
    """Workflows in ``.github/workflows`` (Gitea's and Forgejo's too), and ``action.yml`` anywhere."""
    folder, _, name = path.rpartition("/")
    return is_yaml(path) and (name in ("action.yml", "action.yaml") or folder.endswith(_WORKFLOWS))


def is_compose(path: str) -> bool:
    """``compose*.yaml``, ``docker-compose*.yml``, also with something before it (``local.compose.yaml``)."""
    name = path.rpartition("/")[2].lower()
    return is_yaml(name) and (
        name.startswith(("compose", "docker-compose")) or ".compose." in name or ".docker-compose." in name
    )


def is_dockerfile(path: str) -> bool:
    """``Dockerfile``, ``Containerfile``, ``Dockerfile.dev``, ``dev.Dockerfile``; not ``Dockerfile.dockerignore``."""
    name = path.rpartition("/")[2].lower()
    if not ("dockerfile" in name or "containerfile" in name) or name.endswith(_OTHER_FILES):
        return False
    return name.startswith(("dockerfile", "containerfile")) or name.endswith(("dockerfile", "containerfile"))


def is_object(node: Node | None) -> bool:
    """Whether a mapping says that it is a Kubernetes object."""
    return type(node) is Mapping and node.get("apiVersion") is not None and node.get("kind") is not None


def claims_kustomize(document: Document) -> bool:
    """By apiVersion; by name where a file leaves that out, as kustomize allows."""
    if document.api_version:
        return document.api_version.startswith("kustomize.config.k8s.io/")
    return is_kustomization(document.file) and type(document.root) is Mapping


def claims_argocd(document: Document) -> bool:
    """Application and ApplicationSet (Rollouts and Workflows are plain Kubernetes objects here)."""
    return document.api_version.startswith("argoproj.io/") and document.kind in ("Application", "ApplicationSet")


def claims_flux(document: Document) -> bool:
    """Any of Flux's API groups."""
    return document.api_version.partition("/")[0].endswith(".toolkit.fluxcd.io")


def claims_workflow(document: Document) -> bool:
    """A mapping with jobs or runs."""
    root = document.root
    return type(root) is Mapping and (root.get("jobs") is not None or root.get("runs") is not None)


def claims_plain(document: Document) -> bool:
    """A mapping that is no Kubernetes object."""
    return type(document.root) is Mapping and not is_object(document.root)


def claims_chart(document: Document) -> bool:
    """A mapping: the file's name says the rest."""
    return type(document.root) is Mapping


def claims_kubernetes(document: Document) -> bool:
    """An object, or a list (of JSON patch operations, of objects)."""
    return is_object(document.root) or type(document.root) is Sequence
