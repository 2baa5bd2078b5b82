"""Updates for tests, made without a registry."""

from datetime import UTC, datetime
from types import MappingProxyType

from gitops_ci.manifest.use import ImageUse, Place
from gitops_ci.update.model import Dependency, Options, Origin, Update
from gitops_ci.update.options import DEFAULTS

RULE = Origin("renovate.json", "packageRules[0]", 7)


def options(**values) -> Options:
    """Defaults, and these values as a configuration would have set them."""
    return Options(MappingProxyType({**DEFAULTS, **values}), dict.fromkeys(values, RULE))


def update(
    name="ghcr.io/acme/api",
    tag="1.4.2",
    new="1.4.3",
    *,
    kind="patch",
    application="api",
    environment="prod",
    file="apps/api.yaml",
    digest=None,
    new_digest=None,
    decided_by=(),
    source=None,
    released=None,
    new_name=None,
    **values,
) -> Update:
    """One update of one use."""
    place = Place("reference", 7, 20, b"x", "x", "plain", 3, 8)
    use = ImageUse(file, "spec.image", 0, name, tag, digest, "kubernetes", (place,), application, environment)
    dependency = Dependency(
        name,
        name,
        "docker",
        "kubernetes",
        file,
        tag,
        tag,
        digest,
        update_type=kind,
        new_value=new,
        new_version=new,
        application=application,
        environment=environment,
    )
    return Update(
        (use,),
        dependency,
        kind,
        tag,
        digest,
        new,
        new_digest,
        new_name,
        options(**values),
        tuple(decided_by),
        released or datetime(2026, 11, 20, tzinfo=UTC),
        None,
        source,
    )
