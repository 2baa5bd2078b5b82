"""Which application and environment a file belongs to, without any configuration.

Two sources: the objects that deploy directories (Argo CD Applications, Flux Kustomizations), and the usual
layouts: ``overlays/<env>``, ``environments/<env>[.yaml]``, ``envs/``, ``clusters/<cluster>``, directories and values
files with the usual names of environments; ``apps/<app>``, ``applications/<app>``, ``<app>/base``. The deeper
directory wins, an object over a name at the same depth. A base belongs to no environment.
"""

from collections.abc import Iterable, Sequence

from gitops_ci.manifest.objects import Owner

ENVIRONMENTS = frozenset(
    [
        "dev",
        "develop",
        "development",
        "test",
        "qa",
        "sit",
        "uat",
        "stage",
        "staging",
        "stg",
        "preprod",
        "pre-prod",
        "preproduction",
        "pre-production",
        "prod",
        "production",
        "prd",
        "prod-canary",
        "canary",
        "sandbox",
    ]
)
"""Names that say by themselves that they are an environment."""

_ENVIRONMENT_FOLDERS = frozenset({"overlays", "environments", "envs"})
_CLUSTER_FOLDERS = frozenset({"clusters"})
_APPLICATION_FOLDERS = frozenset(
    {"apps", "applications", "services", "workloads", "microservices", "charts", "releases"}
)
_BASES = frozenset({"base", "bases", "common", "shared", "components", "default", "defaults", "_base"})
_GENERIC = frozenset(
    [
        "k8s",
        "kubernetes",
        "manifests",
        "manifest",
        "deploy",
        "deployment",
        "deployments",
        "kustomize",
        "config",
        "configs",
        "gitops",
        "infrastructure",
        "infra",
        "argocd",
        "flux",
        "flux-system",
        "helm",
        "chart",
        "templates",
        "values",
        "base",
        "bases",
        "overlays",
        "environments",
        "envs",
        "clusters",
        "resources",
        "system",
        "src",
        "examples",
        "example",
        "app",
        "patches",
        "tenants",
        "platform",
        "core",
        "cd",
        "ci",
        "crds",
        "namespaces",
        "build",
        "hack",
    ]
)
_GENERIC_FILES = frozenset(
    [
        "kustomization",
        "values",
        "deployment",
        "statefulset",
        "daemonset",
        "service",
        "ingress",
        "namespace",
        "configmap",
        "secret",
        "rbac",
        "patch",
        "patches",
        "helmrelease",
        "release",
        "application",
        "applicationset",
        "cronjob",
        "job",
        "rollout",
        "chart",
        "ks",
        "hr",
        "hpa",
        "pvc",
    ]
)


class Ownership:
    """Answers for one repository; built once from its objects."""

    def __init__(self, owners: Iterable[Owner] = (), environments: Sequence[str] = ()) -> None:
        self._environments = ENVIRONMENTS | {name.lower() for name in environments}
        self._documents: dict[tuple[str, int], Owner] = {}
        self._directories: dict[str, list[Owner]] = {}
        self._files: dict[str, list[Owner]] = {}
        self._children: set[str] = set()
        self._cache: dict[str, tuple[str | None, str | None]] = {}
        for owner in sorted(set(owners)):
            if owner.children:
                self._children.add(owner.directory)
                continue
            self._documents.setdefault((owner.file, owner.document), owner)
            if owner.directory:
                self._directories.setdefault(owner.directory, []).append(owner)
            for file in owner.files:
                self._files.setdefault(file, []).append(owner)

    def of(self, file: str, document: int = 0) -> tuple[str | None, str | None]:
        """``(application, environment)`` of what stands in this document of this file."""
        own = self._documents.get((file, document))
        if own is not None:
            return self._of_object(own)
        found = self._cache.get(file)
        if found is None:
            found = self._cache[file] = self._of_file(file)
        return found

    def _of_object(self, owner: Owner) -> tuple[str | None, str | None]:
        application, environment = self._of_file(owner.file)
        environment = environment or self._hinted(owner)
        if not owner.name:
            return application, environment
        named = self._stripped(owner.name, environment)
        return (application or named if owner.kind == "HelmRelease" else named), environment

    def _of_file(self, file: str) -> tuple[str | None, str | None]:
        parts = file.split("/")
        application, depth = self._named_application(parts)
        environment = self._named_environment(parts)
        owners = self._files.get(file, [])
        if not owners:
            for size in range(len(parts) - 1, 0, -1):
                owners = self._directories.get("/".join(parts[:size]), [])
                if size < depth:
                    owners = []
                if owners or size < depth:
                    break
                if (
                    size >= 2
                    and "/".join(parts[: size - 1]) in self._children
                    and size >= depth
                    and parts[size - 1] not in _BASES
                ):
                    application, depth = parts[size - 1], size
        environments = {self._hinted(owner) or self._named_environment(owner.file.split("/")) for owner in owners}
        if environment is None and len(environments) == 1 and not _BASES.intersection(parts):
            environment = environments.pop()
        names = {self._stripped(owner.name, environment) for owner in owners}
        if len(names) == 1:
            application = names.pop()
        return application, environment

    def _is_environment(self, name: str) -> bool:
        return name.lower() in self._environments

    def _named_environment(self, parts: list[str]) -> str | None:
        folders, name = parts[:-1], parts[-1]
        stem = _stem(name)
        found: str | None = None
        for index, folder in enumerate(folders):
            lower = folder.lower()
            following = folders[index + 1] if index + 1 < len(folders) else None
            if lower in _ENVIRONMENT_FOLDERS or lower in _CLUSTER_FOLDERS:
                candidate = following if following is not None else stem if lower != "overlays" else None
                if (
                    candidate is None
                    or candidate.lower() in _BASES
                    or (following is None and candidate.lower() in _GENERIC_FILES)
                ):
                    continue
                if lower in _CLUSTER_FOLDERS:
                    return self._token(candidate) or candidate
                return candidate
            if self._is_environment(folder):
                found = folder
        if name.endswith((".yaml", ".yml", ".json")):
            for candidate in (
                stem,
                *_around(stem, "values"),
                *_around(stem, "kustomization"),
                *_around(stem, "compose"),
                *_around(stem, "docker-compose"),
            ):
                if self._is_environment(candidate):
                    return candidate
        return found

    def _named_application(self, parts: list[str]) -> tuple[str | None, int]:
        """The name, and how many components of the path lead to it."""
        folders = parts[:-1]
        best: tuple[str | None, int] = (None, 0)
        for index, folder in enumerate(folders):
            lower = folder.lower()
            if lower in _APPLICATION_FOLDERS:
                at = index + 1
                while at < len(folders) and self._is_scaffold(folders[at], folders[at - 1]):
                    at += 1
                if at < len(folders):
                    best = folders[at], at + 1
                elif lower in ("apps", "applications"):
                    name = _stem(parts[-1])
                    for ending in ("-values", "-patch", "-app", "-application", "-release", "-helmrelease"):
                        name = name.removesuffix(ending)
                    if (
                        name.lower() not in _GENERIC_FILES
                        and not self._is_environment(name)
                        and parts[-1].endswith((".yaml", ".yml"))
                    ):
                        best = name, len(parts)
                if best[0] is not None:
                    return best
        for index, folder in enumerate(folders):
            lower = folder.lower()
            if (
                lower in _ENVIRONMENT_FOLDERS
                or lower in _BASES
                or lower in _CLUSTER_FOLDERS
                or self._is_environment(folder)
            ):
                before = folders[index - 1] if index else ""
                if before and not self._is_generic(before):
                    return before, index
                at = index + 1
                while at < len(folders) and self._is_scaffold(folders[at], folders[at - 1]):
                    at += 1
                if at < len(folders) and not self._is_generic(folders[at]):
                    return folders[at], at + 1
        return best

    def _is_scaffold(self, folder: str, before: str) -> bool:
        """A component that stands between ``apps`` and the application's name: an environment, a base."""
        lower = folder.lower()
        return (
            self._is_environment(folder)
            or lower in _BASES
            or lower in _ENVIRONMENT_FOLDERS
            or lower in _APPLICATION_FOLDERS
            or lower in _CLUSTER_FOLDERS
            or before.lower() in _ENVIRONMENT_FOLDERS
            or before.lower() in _CLUSTER_FOLDERS
        )

    def _is_generic(self, folder: str) -> bool:
        lower = folder.lower()
        return (
            lower in _GENERIC
            or lower in _BASES
            or lower in _ENVIRONMENT_FOLDERS
            or lower in _CLUSTER_FOLDERS
            or self._is_environment(folder)
        )

    def _token(self, text: str) -> str | None:
        """The environment that a cluster's name, a host or an application's name holds: ``prod-eu`` → ``prod``."""
        if self._is_environment(text):
            return text
        for token in text.replace("/", "-").replace(".", "-").replace("_", "-").replace(":", "-").split("-"):
            if self._is_environment(token):
                return token
        return None

    def _hinted(self, owner: Owner) -> str | None:
        folder = self._named_environment([*owner.directory.split("/"), ""]) if owner.directory else None
        if folder is not None:
            return folder
        for hint in owner.hints:
            found = self._token(hint)
            if found is not None:
                return found
        return None

    def _stripped(self, name: str, environment: str | None) -> str:
        """``payment-api-prod`` is the application ``payment-api`` (in prod)."""
        if environment is not None:
            for other in (f"-{environment}", f".{environment}", f"_{environment}"):
                if name.endswith(other) and len(name) > len(other):
                    return name[: -len(other)]
            if name.startswith(f"{environment}-") and len(name) > len(environment) + 1:
                return name[len(environment) + 1 :]
        return name


def _stem(name: str) -> str:
    for ending in (".yaml", ".yml", ".json"):
        name = name.removesuffix(ending)
    return name


def _around(stem: str, word: str) -> tuple[str, ...]:
    """What stands beside a word in a file's name: ``values-prod``, ``prod.values``, ``values_prod``."""
    lower = stem.lower()
    found = []
    for joint in "-._":
        if lower.startswith(word + joint):
            found.append(stem[len(word) + 1 :])
        if lower.endswith(joint + word):
            found.append(stem[: -len(word) - 1])
    return tuple(found)
