"""The names that templates may use: Renovate's fields for one update, and ours for application and environment."""

import re
from collections.abc import Mapping, Sequence

from gitops_ci.git.names import slug
from gitops_ci.update.model import Options, Update

_NUMBERS = re.compile(r"[vV]?([0-9]{1,18})(?:\.([0-9]{1,18}))?(?:\.([0-9]{1,18}))?")
_SHORT_DIGEST = 7


def numbers(version: str | None) -> tuple[int | None, int | None, int | None]:
    """Major, minor and patch as far as a version says them."""
    found = _NUMBERS.match(version or "")
    if found is None:
        return (None, None, None)
    major, minor, patch = (int(text) if text is not None else None for text in found.groups())
    return (major, minor, patch)


def short(digest: str | None) -> str:
    """The first digits of a digest, for people."""
    return (digest or "").partition(":")[2][:_SHORT_DIGEST]


def target(update: Update) -> str:
    """What an update leads to, as it is really written: the tag, else the short digest, else the new name."""
    if update.new_tag is not None and update.new_tag != update.current_tag:
        return update.new_tag
    return short(update.new_digest) or update.new_tag or update.new_name or ""


def origin(update: Update) -> str:
    """What an update comes from, in the same form as :func:`target`."""
    if update.new_tag is not None and update.new_tag != update.current_tag:
        return update.current_tag or ""
    return short(update.current_digest) or update.current_tag or ""


def given(options: Options, name: str) -> str | None:
    """A text option that somebody's configuration sets; None where only a default speaks."""
    value = options.values.get(name)
    return value if name in options.origins and isinstance(value, str) else None


def text(options: Options, name: str, default: str = "") -> str:
    """A text option, whoever set it."""
    value = options.values.get(name)
    return value if isinstance(value, str) else default


def flag(options: Options, name: str, default: bool = False) -> bool:
    """A boolean option."""
    value = options.values.get(name, default)
    return value if isinstance(value, bool) else default


def texts(options: Options, name: str) -> tuple[str, ...]:
    """A list option."""
    value = options.values.get(name)
    if isinstance(value, str):
        return (value,)
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, Sequence) else ()


def number(options: Options, name: str) -> int | None:
    """An integer option; None where it is not set."""
    value = options.values.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def fields(update: Update) -> dict[str, object]:
    """Everything a template may ask of one update, under Renovate's names."""
    dependency, options = update.dependency, update.options
    new_version = dependency.new_version or update.new_tag
    major, minor, patch = numbers(new_version)
    values: dict[str, object] = {
        name: value for name, value in options.values.items() if isinstance(value, (str, bool, int, list, tuple))
    }
    values.update(
        application=dependency.application,
        baseBranch=dependency.base_branch,
        currentDigest=update.current_digest,
        currentDigestShort=short(update.current_digest),
        currentValue=update.current_tag,
        currentVersion=dependency.current_version or update.current_tag,
        datasource=dependency.datasource,
        depName=dependency.dep_name,
        depNameSanitized=slug(dependency.dep_name),
        depType=dependency.dep_type,
        displayFrom=origin(update),
        displayTo=target(update),
        environment=dependency.environment,
        isBreaking=bool(dependency.is_breaking),
        isDigest=update.kind == "digest",
        isMajor=update.kind == "major",
        isMinor=update.kind == "minor",
        isPatch=update.kind == "patch",
        isPin=update.kind in ("pin", "pinDigest"),
        isPinDigest=update.kind == "pinDigest",
        isReplacement=update.kind == "replacement",
        isRollback=update.kind == "rollback",
        isSingleVersion=True,
        manager=dependency.manager,
        newDigest=update.new_digest,
        newDigestShort=short(update.new_digest),
        newMajor=major,
        newMinor=minor,
        newName=update.new_name,
        newPatch=patch,
        newValue=update.new_tag,
        newVersion=new_version,
        packageFile=dependency.file,
        packageFileDir=dependency.file.rpartition("/")[0],
        packageName=dependency.package_name,
        parentDir=dependency.file.rpartition("/")[0].rpartition("/")[2],
        prettyDepType=dependency.dep_type or "dependency",
        # Renovate puts a "v" before every version here; this is the tag that is really written.
        prettyNewMajor=f"v{major}" if major is not None else None,
        prettyNewVersion=target(update),
        registryUrl=dependency.registry_url,
        releaseTimestamp=update.released.isoformat() if update.released else None,
        repository=dependency.repository,
        sourceRepo=(update.source_url or "").partition("://")[2].partition("/")[2],
        sourceUrl=update.source_url,
        updateType=update.kind,
    )
    return values


def group_fields(updates: Sequence[Update], *, branch: str, group_name: str | None) -> dict[str, object]:
    """The fields for a text about several updates: those of the first, and all of them as ``upgrades``."""
    each: list[Mapping[str, object]] = [fields(update) for update in updates]
    values = dict(each[0])
    values.update(
        branchName=branch,
        groupName=group_name,
        isGroup=len(updates) > 1,
        isSingleVersion=len({target(update) for update in updates}) == 1,
        upgrades=list(each),
    )
    return values
