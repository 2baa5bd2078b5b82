"""Any mutation of a valid configuration is either loaded or told, never a crash."""

import copy
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gitops_ci.config.decode import decode
from gitops_ci.config.reader import Tree
from gitops_ci.config.settings import Settings
from gitops_ci.errors import ConfigurationError

VALID: dict[str, Any] = {
    "environments": {
        "dev": None,
        "prod": {
            "after": ["dev"],
            "soak": "2h",
            "promote": "auto",
            "freeze": [{"from": "Fri 16:00", "to": "Mon 08:00", "timezone": "Europe/Berlin", "reason": "x"}],
            "analysis": [{"template": "a"}, "p99 < 1"],
            "rollback": {"auto": True, "after": "1s"},
        },
    },
    "updates": {"packageRules": [{"matchPackageNames": ["a"], "groupName": None}], "hostRules": [{"matchHost": "a"}]},
    "holds": [{"application": "a", "reason": "b", "until": "2027-01-15"}],
    "validate": {"kubernetes-version": "1.34", "suppress": [{"rule": "a", "reason": "b", "until": "2027-01-15"}]},
    "scan": {"fail-on": "high", "max-database-age": "2d"},
    "registries": {"hostRules": [{"matchHost": "a", "token": "${T}", "timeout": 3}], "map": {"a": "b"}},
    "metrics": {"production": ["prod"], "window": "90d"},
}
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(
        [
            "",
            "dev",
            "prod",
            "2h",
            "9" * 400 + "w",
            "2027-02-30",
            "9999-12-31",
            "0000-00-00",
            "Fri 16:00",
            "/",
            "..",
            "${T}",
        ]
    )
    | st.text(max_size=8)
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=6), inner, max_size=2),
    max_leaves=4,
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_mutated_configuration_is_loaded_or_told(data: st.DataObject) -> None:
    tree = copy.deepcopy(VALID)
    node: Any = tree
    while True:
        key = data.draw(st.sampled_from(sorted(node) if isinstance(node, dict) else range(len(node))))
        below = node[key]
        if not below or not isinstance(below, dict | list) or data.draw(st.booleans()):
            node[key] = data.draw(VALUES)
            break
        node = below
    try:
        assert isinstance(decode(Tree("c.yaml", tree, {}, {}), {"T": "x"}), Settings)
    except ConfigurationError as error:
        assert all(line.startswith("c.yaml:") for line in str(error).splitlines())


def test_the_unmutated_configuration_is_loaded() -> None:
    assert decode(Tree("c.yaml", VALID, {}, {}), {"T": "x"}).warnings == ()
