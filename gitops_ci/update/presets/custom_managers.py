"""The ``customManagers:`` presets: versions in a file that a comment names, ``# renovate: datasource=… depName=…``."""

from collections.abc import Mapping

from gitops_ci.update.presets.preset import Preset

_COMMENT = (
    r"# renovate: datasource=(?<datasource>[a-zA-Z0-9._-]+) depName=(?<depName>[^\s]+)"
    r"(?: (?:lookupName|packageName)=(?<packageName>[^\s]+))?(?: versioning=(?<versioning>[^\s]+))?"
    r"(?: extractVersion=(?<extractVersion>[^\s]+))?(?: registryUrl=(?<registryUrl>[^\s]+))?"
)
_VALUE = r"""["']?(?<currentValue>[^"'\s]+)["']?\s"""


def _annotated(summary: str, patterns: list[str], assignment: str) -> Preset:
    manager = {
        "customType": "regex",
        "managerFilePatterns": patterns,
        "matchStrings": [_COMMENT + assignment + _VALUE],
    }
    return Preset(summary, {"customManagers": [manager]})


CUSTOM_MANAGERS: Mapping[str, Preset] = {
    "customManagers:dockerfileVersions": _annotated(
        "ENV and ARG lines ending in _VERSION in Dockerfiles.",
        ["**/[Dd]ockerfile*", "**/[Cc]ontainerfile*", "**/*.[Dd]ockerfile*", "**/*.[Cc]ontainerfile*"],
        r"\s+(?:ENV|ARG)\s+[A-Za-z0-9_]+_VERSION[ =]",
    ),
    "customManagers:githubActionsVersions": _annotated(
        "Variables ending in _VERSION in GitHub workflows and actions.",
        [
            r"/(?:^|\/)(?:workflow-templates|\.(?:github|gitea|forgejo)\/(?:workflows|actions))\/.+\.ya?ml$/",
            "**/action.{yml,yaml}",
        ],
        r"\s+[A-Za-z0-9_]+_VERSION\s*:\s*",
    ),
    "customManagers:gitlabPipelineVersions": _annotated(
        "Variables ending in _VERSION in GitLab pipelines.",
        ["**/*.gitlab-ci.{yml,yaml}"],
        r"\s+[A-Za-z0-9_]+_VERSION\s*:\s*",
    ),
    "customManagers:azurePipelinesVersions": _annotated(
        "Variables ending in _VERSION in Azure pipelines.",
        ["**/.azuredevops/**/*.{yml,yaml}", "azure*pipeline*.{yml,yaml}"],
        r"\s+[A-Za-z0-9_]+_VERSION\s*:\s*",
    ),
    "customManagers:bitbucketPipelinesVersions": _annotated(
        "Variables ending in _VERSION in Bitbucket pipelines.",
        ["**/*-pipelines.yml"],
        r"\s+.*\s+[A-Za-z0-9_]+_VERSION[ =:]\s?",
    ),
    "customManagers:makefileVersions": _annotated(
        "Variables ending in _VERSION in Makefiles.",
        ["**/[Mm]akefile", "**/GNUmakefile", "**/GNUMakefile", "**/*.mk"],
        r"\s+[A-Za-z0-9_]+_VERSION\s*:*\??=\s*",
    ),
    "customManagers:tfvarsVersions": _annotated(
        "Variables ending in _version in tfvars files.",
        ["**/*.tfvars"],
        r"\s+[A-Za-z0-9_]*_version\s*=\s*",
    ),
    "customManagers:helmChartYamlAppVersions": Preset(
        "appVersion in Chart.yaml, under a comment '# renovate: image=…'.",
        {
            "customManagers": [
                {
                    "customType": "regex",
                    "managerFilePatterns": ["**/Chart.yaml"],
                    "matchStrings": [
                        r"""#\s*renovate: image=(?<depName>\S+)\s+appVersion:\s*["']?(?<currentValue>[\w+.-]*)"""
                    ],
                    "datasourceTemplate": "docker",
                }
            ]
        },
    ),
}
