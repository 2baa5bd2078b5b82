"""Tags as well-known images have them, and where each leads; ``*`` marks what differs from Renovate 44 on purpose."""

from datetime import UTC, datetime

import pytest

from gitops_ci.image.registry import ImageInfo
from gitops_ci.update.choose import choose
from gitops_ci.update.model import Dependency, Options

TAGS = {
    "bitnami/postgresql": "latest 16 16-debian-12 16.2.0 16.2.0-debian-11-r9 16.3.0 16.3.0-debian-12-r0"
    " 16.3.0-debian-12-r3 16.3.0-debian-12-r12 17.0.0-debian-12-r2 sha256-0a1b2c.sig",
    "linuxserver/sonarr": "latest develop 4.0.9.2457-ls210 4.0.10.2544-ls250 4.0.10.2600-ls9 4.0.10"
    " version-4.0.10.2544 amd64-4.0.10.2544-ls250 develop-4.0.10.2600-ls9",
    "linuxserver/plex": "1.32.5.7349-8f4248874-ls180 1.40.0.7998-c29d4c0c8-ls201 version-1.40.0.7998-c29d4c0c8 1.40.0",
    "postgres": "latest alpine 15 15.5 16 16.2 16.10 16.2-alpine 16.2-alpine3.18 16.10-alpine3.19 17beta1 17beta3"
    " 17rc1 17 17.0 17beta1-alpine 17-alpine 16-alpine",
    "node": "latest lts hydrogen 18-alpine 20 20-alpine 20.11.0-alpine3.18 20.11.1-alpine3.19 20.11.1-alpine3.18"
    " 21-alpine 22-alpine",
    "python": "3.12 3.12.2-slim 3.13.0a4-slim 3.13.0b1-slim 3.13.0rc1-slim 3.13.0-slim 3.13-rc-slim 3.13-slim 3.13",
    "eclipse-temurin": "8u392-b08-jdk 8u402-b06-jdk 11.0.21_9-jdk 11.0.22_7-jdk 17.0.10_7-jdk 17-jre 21-jre 21-jdk",
    "openjdk": "8 8u332-jdk 8u342-jdk 11 17-jdk 18-ea-11-jdk 18-ea-36-jdk 18-jdk 21-jdk",
    "nginx": "mainline stable 1.24.0 1.25.3 1.27.0 1.25.3-alpine 1.27.0-alpine 1.27.0-alpine-slim 1.25.3-perl 1 1.27",
    "redis": "7.2 7.4-rc1 7.4-rc2 7.4 8.0-M02 8.0-rc1 7.2-alpine 7.4-alpine",
    "traefik": "v2.10.7 v2.11.2 v3.0.0-rc1 v3.0.0-rc5 v3.0.1 v3.1.0 2.10.7 2.11.0 3.0.1 v2.11 v3.1 v2 v3 banon",
    "home-assistant": "stable dev 2023.12.4 2024.1.0b0 2024.1.0 2024.1.5 2024.2.0b3 2024.10.1 2024.10 0.118.5",
    "photoprism": "latest preview 221118 231128 240420 231021-ce 240420-ce",
    "ubuntu": "jammy-20240111 jammy-20240227 noble-20240429 22.04 23.10 24.04",
    "alpine": "3.18 3.19 3.19.1 20230901 20240315 edge",
    "golang": "1.21 1.22rc1 1.22rc2 1.22 1.22.0-alpine 1.22rc2-alpine",
    "k3s": "v1.28.5-k3s1 v1.28.6-k3s1 v1.28.6-k3s2 v1.29.1-k3s1 v1.29.2-rc1-k3s1 v1.28.6-k3s2-amd64",
    "minio": "RELEASE.2023-11-20T22-40-07Z RELEASE.2024-01-05T22-17-24Z RELEASE.2024-01-05T22-17-24Z.fips",
    "keycloak": "22.0.5-0 22.0.5-2 23.0.6-1 23.0.6 nightly",
    "ubi9": "9.3-1361 9.3-1552.1705420509 9.4-949.1714662671 9.3 9.3-1476-source",
    "prow": "v20231212-1a2b3c4d5e v20240110-abcdef0123 latest",
    "postgis": "15-3.4 16-3.4 16-3.5 16-3.4-alpine 16-master",
    "cnpg": "16.1-2 16.1-10 16.2-1 16.1-202311081255-standard-bookworm 16.2-202401081255-standard-bookworm",
    "envoy": "v1.28.0 v1.29.1 v1.29-latest distroless-v1.29.1 dev-1a2b3c4d",
    "eks": "v1.28.2-eksbuild.2 v1.28.2-eksbuild.10 v1.29.0-eksbuild.1",
    "haproxy": "2.9 3.0-dev3 3.0-dev12 3.0 lts-alpine",
    "mosquitto": "1.6-openssl 2.0.17-openssl 2.0.18-openssl 2.0.18 2.0",
    "fluentd": "3.8_1 3.8_2 3.9_1 1.5.2_v1 1.5.2_v2 1.6.0_v1",
    "jellyfin": "20240101.1 20240108.2 20240110-3 20240108.2-unstable",
    "cuda": "12.2.2-base-ubuntu22.04 12.3.1-base-ubuntu22.04 12.3.1-runtime-ubuntu22.04 12.3.1-base-ubuntu24.04",
    "commits": "main sha-1a2b3c4 sha-9f8e7d6 0123456 1234567 7654321 pr-12 pr-13 main-1a2b3c4-1700000000"
    " main-9f8e7d6-1700000100",
}  # fmt: skip


@pytest.mark.parametrize(
    ("image", "current", "expected"),
    [
        ("bitnami/postgresql", "16.2.0", "minor 16.3.0"),
        ("bitnami/postgresql", "16", "-"),
        ("bitnami/postgresql", "16-debian-12", "-"),
        ("bitnami/postgresql", "16.3.0-debian-12-r3", "major 17.0.0-debian-12-r2, patch 16.3.0-debian-12-r12"),  # *
        ("bitnami/postgresql", "16.2.0-debian-11-r9", "-"),
        ("linuxserver/sonarr", "4.0.9.2457-ls210", "patch 4.0.10.2600-ls9"),  # *
        ("linuxserver/sonarr", "develop", "-"),
        ("linuxserver/plex", "1.32.5.7349-8f4248874-ls180", "minor 1.40.0.7998-c29d4c0c8-ls201"),  # *
        ("postgres", "15", "major 17"),
        ("postgres", "15.5", "major 17.0"),
        ("postgres", "16.2", "major 17.0, minor 16.10"),
        ("postgres", "17beta1", "patch 17"),
        ("postgres", "17beta1-alpine", "patch 17-alpine"),
        ("postgres", "16.2-alpine3.18", "-"),
        ("postgres", "16-alpine", "major 17-alpine"),
        ("node", "18-alpine", "major 22-alpine"),
        ("node", "20.11.0-alpine3.18", "patch 20.11.1-alpine3.18"),
        ("node", "lts", "-"),
        ("python", "3.12.2-slim", "minor 3.13.0-slim"),
        ("python", "3.13.0b1-slim", "patch 3.13.0-slim"),
        ("python", "3.13-rc-slim", "patch 3.13-slim"),  # *
        ("eclipse-temurin", "8u392-b08-jdk", "patch 8u402-b06-jdk"),  # *
        ("eclipse-temurin", "8u402-b06-jdk", "-"),
        ("eclipse-temurin", "11.0.21_9-jdk", "major 17.0.10_7-jdk, patch 11.0.22_7-jdk"),  # *
        ("eclipse-temurin", "17-jre", "major 21-jre"),
        ("openjdk", "8u332-jdk", "patch 8u342-jdk"),  # *
        ("openjdk", "18-ea-11-jdk", "major 21-jdk, patch 18-jdk"),  # *
        ("nginx", "1.25.3", "minor 1.27.0"),
        ("nginx", "1.25.3-alpine", "minor 1.27.0-alpine"),
        ("nginx", "1.25.3-perl", "-"),
        ("redis", "7.2", "minor 7.4"),
        ("redis", "7.4-rc1", "patch 7.4"),  # *
        ("traefik", "v2.10.7", "major v3.1.0, minor v2.11.2"),
        ("traefik", "2.10.7", "major 3.0.1, minor 2.11.0"),  # *
        ("traefik", "v3.0.0-rc1", "minor v3.1.0"),  # *
        ("traefik", "v2", "major v3"),
        ("home-assistant", "2024.1.0", "minor 2024.10.1"),
        ("home-assistant", "2024.1.0b0", "minor 2024.10.1"),
        ("home-assistant", "0.118.5", "-"),
        ("photoprism", "221118", "minor 240420"),  # *
        ("photoprism", "231021-ce", "minor 240420-ce"),  # *
        ("ubuntu", "22.04", "major 24.04"),
        ("ubuntu", "jammy-20240111", "minor jammy-20240227"),  # *
        ("alpine", "3.18", "minor 3.19"),
        ("alpine", "20230901", "minor 20240315"),  # *
        ("golang", "1.21", "minor 1.22"),
        ("golang", "1.22rc1", "patch 1.22"),
        ("golang", "1.22rc2-alpine", "-"),
        ("k3s", "v1.28.5-k3s1", "minor v1.29.1-k3s1"),
        ("k3s", "v1.28.6-k3s2", "minor v1.29.1-k3s1"),  # *
        ("minio", "RELEASE.2023-11-20T22-40-07Z", "minor RELEASE.2024-01-05T22-17-24Z"),  # *
        ("keycloak", "22.0.5-0", "major 23.0.6-1, patch 22.0.5-2"),  # *
        ("ubi9", "9.3-1361", "minor 9.4-949.1714662671"),  # *
        ("prow", "v20231212-1a2b3c4d5e", "minor v20240110-abcdef0123"),  # *
        ("postgis", "15-3.4", "major 16-3.4"),
        ("cnpg", "16.1-2", "minor 16.2-1"),  # *
        ("cnpg", "16.1-202311081255-standard-bookworm", "minor 16.2-202401081255-standard-bookworm"),  # *
        ("envoy", "v1.28.0", "minor v1.29.1"),
        ("envoy", "distroless-v1.29.1", "-"),
        ("eks", "v1.28.2-eksbuild.2", "minor v1.29.0-eksbuild.1"),  # *
        ("haproxy", "3.0-dev3", "patch 3.0"),  # *
        ("mosquitto", "2.0.17-openssl", "patch 2.0.18-openssl"),
        ("mosquitto", "1.6-openssl", "-"),
        ("fluentd", "3.8_1", "minor 3.9_1"),  # *
        ("fluentd", "1.5.2_v1", "minor 1.6.0_v1"),  # *
        ("jellyfin", "20240101.1", "minor 20240108.2"),  # *
        ("cuda", "12.2.2-base-ubuntu22.04", "minor 12.3.1-base-ubuntu22.04"),
        ("commits", "sha-1a2b3c4", "-"),
        ("commits", "1234567", "-"),  # *
        ("commits", "main-1a2b3c4-1700000000", "minor main-9f8e7d6-1700000100"),  # *
    ],
)
def test_where_a_tag_leads(image, current, expected):
    dependency = Dependency(image, image, "docker", "kubernetes", "a.yaml", current_value=current)
    now = datetime(2026, 1, 1, tzinfo=UTC)

    def info(reference):
        return ImageInfo(f"sha256:{reference}", now, frozenset({"linux/amd64"}), {})

    choice = choose(dependency, Options({}), TAGS[image].split(), now=now, info=info)
    assert (", ".join(f"{pick.kind} {pick.tag}" for pick in choice.picks) or "-") == expected
