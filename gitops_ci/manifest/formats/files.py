"""Which files are whose, by name alone: asked for every file of a checkout before any finder is imported."""

KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
CHARTS = ("Chart.yaml", "Chart.yml", "requirements.yaml", "requirements.yml")
_WORKFLOWS = (".github/workflows", ".gitea/workflows", ".forgejo/workflows", "workflow-templates")
_CODE = (".md", ".yaml", ".yml", ".json", ".j2", ".tmpl", ".tpl", ".sh", ".go", ".py", ".js", ".ts")
_NO_DOCKERFILE = (".dockerignore", *_CODE)


def is_object_file(path: str) -> bool:
    """YAML or JSON: apiVersion and kind decide what it is."""
    return path.endswith((".yaml", ".yml", ".json"))


def is_yaml(path: str) -> bool:
    """By its ending."""
    return path.endswith((".yaml", ".yml"))


def is_application_source(path: str) -> bool:
    """``.argocd-source[-<application>].yaml``: what Argo CD lays over the source of an Application."""
    name = path.rpartition("/")[2]
    return name.startswith(".argocd-source") and is_yaml(name)


def is_kustomization(path: str) -> bool:
    """The three file names that kustomize reads."""
    return path.rpartition("/")[2] in KUSTOMIZATIONS


def is_chart(path: str) -> bool:
    """Chart.yaml, and requirements.yaml of charts in the older format."""
    return path.rpartition("/")[2] in CHARTS


def is_workflow(path: str) -> bool:
    """Workflows in ``.github/workflows``, and ``action.yml`` anywhere."""
    if not is_yaml(path):
        return False
    folder, _, name = path.rpartition("/")
    return name in ("action.yml", "action.yaml") or folder.endswith(_WORKFLOWS)


def is_compose(path: str) -> bool:
    """``compose*.yaml``, ``docker-compose*.yml``, also with something before it (``local.compose.yaml``)."""
    name = path.rpartition("/")[2].lower()
    return name.endswith((".yaml", ".yml")) and (
        name.startswith(("compose", "docker-compose")) or ".compose." in name or ".docker-compose." in name
    )


def is_values(path: str) -> bool:
    """``values.yaml``, ``values-prod.yaml``, ``prod-values.yml``, ``values/prod.yaml``, ``environments/prod.yaml``."""
    folder, _, name = path.lower().rpartition("/")
    folder = folder.rpartition("/")[2]
    return "values" in name or folder in ("environments", "envs") or "values" in folder


def is_dockerfile(path: str) -> bool:
    """``Dockerfile``, ``Containerfile``, ``Dockerfile.dev``, ``dev.Dockerfile``; not ``Dockerfile.dockerignore``."""
    name = path.rpartition("/")[2].lower()
    if name.endswith(_NO_DOCKERFILE):
        return False
    return name.startswith(("dockerfile", "containerfile")) or name.endswith(("dockerfile", "containerfile"))


def is_template(path: str) -> bool:
    """Whether a file lies in a chart's ``templates``: ``{{ }}`` is Helm's there, also where it happens to be YAML."""
    return "/templates/" in f"/{path}"
