"""Holds: what they cover, and when they end."""

from datetime import UTC, datetime

import pytest

from gitops_ci.config.settings import Hold
from gitops_ci.manifest.use import ImageUse, Place
from gitops_ci.update.holds import describe, expired, find, find_for

NOW = datetime(2027, 1, 15, 12, tzinfo=UTC)


def use(name: str, application: str | None = None, environment: str | None = None) -> ImageUse:
    place = Place("reference", 0, 1, b"x", "x", "plain", 1, 1)
    return ImageUse("a.yaml", "image", 0, name, "1", None, "kubernetes", (place,), application, environment)


@pytest.mark.parametrize(
    ("hold", "application", "environment", "image", "held"),
    [
        ({"application": "pay"}, "pay", "prod", "a", True),
        ({"application": "pay"}, "pay-api", "prod", "a", False),
        ({"application": "pay*"}, "pay-api", "prod", "a", True),
        ({"application": "pay"}, None, "prod", "a", False),
        ({"environment": "prod"}, "pay", "prod", "a", True),
        ({"environment": "prod*"}, "pay", "prod-eu", "a", True),
        ({"environment": "prod"}, "pay", "dev", "a", False),
        ({"environment": "prod"}, "pay", None, "a", True),
        ({"application": "pay", "environment": "prod"}, "pay", None, "a", True),
        ({"application": "pay", "environment": "prod"}, "cart", None, "a", False),
        ({"image": "nginx"}, None, None, "docker.io/library/nginx", True),
        ({"image": "docker.io/library/nginx"}, None, None, "nginx", True),
        ({"image": "ghcr.io/acme/*"}, None, None, "ghcr.io/acme/api", True),
        ({"image": "ghcr.io/acme/*"}, None, None, "ghcr.io/acme/team/api", False),
        ({"image": "ghcr.io/acme/**"}, None, None, "ghcr.io/acme/team/api", True),
        ({"image": "**"}, None, None, "nginx", True),
        ({"image": "ghcr.io/acme/api", "environment": "prod"}, "pay", "dev", "ghcr.io/acme/api", False),
        ({"image": "[unclosed"}, None, None, "nginx", False),
    ],
)
def test_a_hold_covers_what_all_its_words_fit(
    hold: dict[str, str], application: str | None, environment: str | None, image: str, held: bool
) -> None:
    holds = [Hold("why", **hold)]
    assert (find_for(holds, use(image, application, environment), NOW) is not None) is held


def test_the_first_hold_in_force_is_found() -> None:
    over = Hold("over", application="pay", until=NOW)
    first, second = Hold("first", application="pay"), Hold("second", environment="prod")
    assert find([over, first, second], application="pay", environment="prod", now=NOW) is first


def test_an_expired_hold_holds_nothing_and_is_reported_with_its_line() -> None:
    hold = Hold("INC-142", application="pay", environment="prod", until=NOW, file=".gitops-ci.yaml", line=7)
    assert find([hold], application="pay", environment="prod", now=NOW) is None
    (finding,) = expired([hold, Hold("still", application="x")], NOW)
    assert (finding.rule, finding.file, finding.line) == ("expired-hold", ".gitops-ci.yaml", 7)
    assert "pay in prod" in finding.message and "INC-142" in finding.message
    assert expired([hold], NOW.replace(hour=11)) == ()


def test_a_hold_is_described_in_a_few_words() -> None:
    assert describe(Hold("w", application="pay", image="a/b", environment="prod")) == "pay with a/b in prod"
    assert describe(Hold("w", environment="prod")) == "prod"
