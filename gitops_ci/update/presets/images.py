"""Presets about images: ``docker:``, and what ``workarounds:`` and ``replacements:`` hold for images."""

from collections.abc import Mapping

from gitops_ci.update.presets.preset import Preset


def _rule(summary: str, *rules: Mapping[str, object]) -> Preset:
    return Preset(summary, {"packageRules": [{"matchDatasources": ["docker"], **rule} for rule in rules]})


_JAVA = [
    "/(?:^|\\/)(?:eclipse-temurin|amazoncorretto|adoptopenjdk|openjdk|java|java-jdk|java-jre|sapmachine)$/",
    "/^(?:docker\\.io\\/)?azul\\/zulu-openjdk/",
    "/^(?:docker\\.io\\/)?bellsoft\\/liberica-openj(?:dk|re)-/",
    "/^(?:docker\\.io\\/)?cimg\\/openjdk/",
]
_JAVA_LTS = "/^(?:jdk|jre)?-?(?:8|11|17|21|25)(?:[._+-]|$)/"

IMAGES: Mapping[str, Preset] = {
    "docker:pinDigests": Preset(
        "Write a digest beside every tag.",
        {
            "packageRules": [
                {"matchDatasources": ["docker"], "pinDigests": True},
                {"matchManagers": ["argocd", "helmv3"], "pinDigests": False},
            ]
        },
    ),
    "docker:disable": Preset(
        "Leave Dockerfiles and compose files alone.",
        {"dockerfile": {"enabled": False}, "docker-compose": {"enabled": False}},
        "as in Renovate it turns off Dockerfiles and compose files only, not images in manifests",
    ),
    "docker:disableMajor": _rule("No major updates of images.", {"matchUpdateTypes": ["major"], "enabled": False}),
    "docker:enableMajor": _rule("Major updates of images too.", {"matchUpdateTypes": ["major"], "enabled": True}),
    # Schemes that some images need.
    "workarounds:bitnamiDockerImageVersioning": _rule(
        "Bitnami's tags: version, distribution, build.",
        {
            "matchPackageNames": [
                "bitnami/**",
                "docker.io/bitnami/**",
                "gcr.io/bitnami-containers/**",
                "*-docker.pkg.dev/vmw-app-catalog/**",
            ],
            "matchCurrentValue": "/^\\d+(?:\\.\\d+){0,2}-.+-\\d+(?:-r\\d+)?$/",
            "versioning": "regex:^(?<major>\\d+)(?:\\.(?<minor>\\d+))?(?:\\.(?<patch>\\d+))?"
            "-(?<compatibility>.+)-(?<build>\\d+)(?:-r(?<revision>\\d+))?$",
        },
    ),
    "workarounds:clamavDockerImageVersioning": _rule(
        "ClamAV's tags: version, build, variant.",
        {
            "matchPackageNames": ["/^(?:docker\\.io\\/)?clamav\\/clamav(?:-debian)?$/"],
            "matchCurrentValue": "/^\\d+\\.\\d+/",
            "versioning": "regex:^(?<major>\\d+)\\.(?<minor>\\d+)(?:\\.(?<patch>\\d+))?(?:-(?<build>\\d+))?"
            "(?:_(?<compatibility>.+))?$",
        },
    ),
    "workarounds:grafanaDockerImageVersioning": _rule(
        "Grafana's security releases.",
        {
            "matchPackageNames": ["/^(?:docker\\.io\\/)?grafana\\/grafana(?:-enterprise)?$/"],
            "matchCurrentValue": "/^\\d+\\.\\d+\\.\\d+/",
            "versioning": "regex:^(?<major>\\d+)\\.(?<minor>\\d+)\\.(?<patch>\\d+)(?:-security-(?<build>\\d+))?"
            "(?:-(?<compatibility>.+))?$",
        },
    ),
    "workarounds:libericaJdkDockerVersioning": _rule(
        "Liberica's tags: jdk-, jdk-all-, jre-.",
        *(
            {
                "matchPackageNames": ["/^(?:docker\\.io\\/)?bellsoft\\/(?:hardened-)?liberica-runtime-container$/"],
                "matchCurrentValue": f"/^{prefix}-\\d/",
                "versioning": f"regex:^{prefix}-(?<major>\\d+)(?:\\.(?<minor>\\d+))?(?:\\.(?<patch>\\d+))?"
                "(?:[._+](?<build>\\d+))?(?:-(?<compatibility>.+))?$",
            }
            for prefix in ("jdk", "jdk-all", "jre")
        ),
    ),
    "workarounds:javaLTSVersions": _rule(
        "Java from one LTS version to the next.",
        {"matchPackageNames": _JAVA, "matchCurrentValue": _JAVA_LTS, "allowedVersions": _JAVA_LTS},
    ),
    "workarounds:nodeDockerVersioning": _rule(
        "Node from one LTS version to the next.",
        {
            "matchPackageNames": [
                "/(?:^|\\/)node$/",
                "!/(?:^|\\/)(?:calico|kindest)\\/node$/",
                "!ghcr.io/devcontainers/features/node",
            ],
            "matchCurrentValue": "/^\\d*[02468](?:[.-]|$)/",
            "allowedVersions": "/^\\d*[02468](?:[.-]|$)/",
        },
    ),
    "workarounds:ubuntuDockerVersioning": _rule(
        "Ubuntu from one LTS version to the next.",
        {
            "matchPackageNames": ["/^(?:docker\\.io\\/)?(?:library\\/)?ubuntu$/"],
            "matchCurrentValue": "/^\\d[02468]\\.04/",
            "allowedVersions": "/^\\d[02468]\\.04/",
        },
    ),
    "workarounds:doNotUpgradeFromAlpineStableToEdge": _rule(
        "Alpine's releases, not its dated edge builds.",
        {
            "matchPackageNames": ["/^(?:docker\\.io\\/)?(?:library\\/)?alpine$/"],
            "matchCurrentVersion": "!/^\\d{8}$/",
            "allowedVersions": "!/^\\d{8}$/",
        },
    ),
    "workarounds:all": Preset(
        "All of workarounds: that concern images.",
        {
            "extends": [
                f"workarounds:{name}"
                for name in (
                    "bitnamiDockerImageVersioning",
                    "clamavDockerImageVersioning",
                    "grafanaDockerImageVersioning",
                    "libericaJdkDockerVersioning",
                    "javaLTSVersions",
                    "nodeDockerVersioning",
                    "ubuntuDockerVersioning",
                    "doNotUpgradeFromAlpineStableToEdge",
                )
            ]
        },
    ),
    # Images that moved.
    "replacements:k8s-registry-move": _rule(
        "k8s.gcr.io is registry.k8s.io now.",
        {
            "matchPackageNames": ["k8s.gcr.io/**"],
            "replacementNameTemplate": "{{{replace 'k8s\\.gcr\\.io/' 'registry.k8s.io/' packageName}}}",
        },
    ),
    "replacements:docker-compose": _rule(
        "docker/compose is part of docker now.",
        {
            "matchPackageNames": ["docker/compose"],
            "matchCurrentValue": "/^(?:debian-|alpine-)?1\\.29\\.2$/",
            "replacementName": "docker",
            "replacementVersion": "23.0.0-cli",
        },
    ),
    "replacements:grafana-oss-to-grafana": _rule(
        "grafana-oss is grafana from 12.1.1 on.",
        {
            "matchPackageNames": ["/^(?:docker\\.io\\/)?grafana\\/grafana-oss$/"],
            "matchCurrentVersion": "12.1.1",
            "replacementName": "grafana/grafana",
        },
    ),
    "replacements:opencost-registry-move": _rule(
        "OpenCost moved to ghcr.io.",
        *(
            {
                "matchPackageNames": [f"quay.io/kubecost1/{old}"],
                "matchCurrentVersion": "1.108.0",
                "replacementName": f"ghcr.io/opencost/{new}",
                "replacementVersion": "1.109.0",
            }
            for old, new in (("kubecost-cost-model", "opencost"), ("opencost-ui", "opencost-ui"))
        ),
    ),
    "replacements:pwpush-to-universal-container": _rule(
        "Password Pusher has one image.",
        {
            "matchPackageNames": ["/^(?:docker\\.io\\/)?pglombardo\\/pwpush-(?:ephemeral|mysql|postgres)$/"],
            "matchCurrentVersion": "1.35.0",
            "replacementName": "pglombardo/pwpush",
        },
    ),
    "replacements:scorecard-registry-move": _rule(
        "Scorecard moved to ghcr.io.",
        {"matchPackageNames": ["gcr.io/openssf/scorecard"], "replacementName": "ghcr.io/ossf/scorecard"},
    ),
    "replacements:zap": _rule(
        "ZAP moved to zaproxy.",
        *(
            {
                "matchPackageNames": [
                    f"/^(?:docker\\.io\\/)?(?:owasp\\/zap2docker|softwaresecurityproject\\/zap)-{variant}$/"
                ],
                "matchCurrentVersion": ">=2.0.0 <2.14.0",
                "replacementName": f"zaproxy/zap-{variant}",
                "replacementVersion": "2.14.0",
            }
            for variant in ("stable", "bare")
        ),
    ),
    "replacements:all": Preset(
        "All of replacements: that concern images.",
        {
            "extends": [
                f"replacements:{name}"
                for name in (
                    "k8s-registry-move",
                    "docker-compose",
                    "grafana-oss-to-grafana",
                    "opencost-registry-move",
                    "pwpush-to-universal-container",
                    "scorecard-registry-move",
                    "zap",
                )
            ]
        },
    ),
}
