"""Which updates travel together: one branch per application and environment, unless a rule says otherwise.

A rule says otherwise with ``groupName`` (all updates with that name share a branch, across applications and
environments) or with ``branchName``/``branchTopic`` (all updates that render to the same name do). What
belongs to no application and no environment (a workflow, a Dockerfile) gets one branch per image.
Major updates stand apart (``separateMajorMinor``), in groups as well.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gitops_ci.git.names import branch_name, slug
from gitops_ci.update.fields import fields, flag, given, number, numbers, text
from gitops_ci.update.model import Update
from gitops_ci.update.template import render

if TYPE_CHECKING:
    from gitops_ci.manifest.use import ImageUse


@dataclass(frozen=True, slots=True)
class Group:
    """Updates that share a branch."""

    branch: str
    updates: tuple[Update, ...]
    name: str | None = None
    """The groupName, if that is why they are together."""
    application: str | None = None
    """The one application they belong to, if it is one."""
    environment: str | None = None
    level: str | None = None
    """``major`` or ``patch`` where the branch holds only those."""

    @property
    def option_limit(self) -> int:
        """minimumGroupSize: with fewer updates a named group waits. 1 for everything else."""
        if self.name is None:
            return 1
        return max((number(update.options, "minimumGroupSize") or 1 for update in self.updates), default=1)


def group(updates: Sequence[Update], *, several_bases: bool = False) -> tuple[Group, ...]:
    """Sort updates into groups, in a stable order. Raises ConfigurationError for a broken template.

    ``several_bases`` puts the base branch into the names, behind branchPrefix as Renovate does.
    """
    keyed: dict[tuple[str, ...], list[Update]] = {}
    wanted: dict[tuple[str, ...], str] = {}
    for update in updates:
        key, name = _place(update, several_bases)
        keyed.setdefault(key, []).append(update)
        wanted.setdefault(key, name)
    groups = []
    taken: dict[str, tuple[str, ...]] = {}
    for key in sorted(keyed):
        members = keyed[key]
        name = branch_name(wanted[key])
        if taken.setdefault(name, key) != key:
            # Two different groups must never end in one branch because their names look alike.
            name = branch_name(f"{wanted[key]}-{_hash(key)}")
            taken[name] = key
        groups.append(_group(name, key, members))
    return tuple(groups)


_RANK = ("replacement", "major", "minor", "patch", "rollback", "pin", "digest", "pinDigest")


def without_rivals(updates: Sequence[Update]) -> list[Update]:
    """The updates of one branch, each use in one of them only: a new version brings its own digest, so that the
    new digest of the old version is not wanted beside it."""
    taken: set[ImageUse] = set()
    kept: dict[int, Update] = {}
    for update in sorted(updates, key=lambda one: _RANK.index(one.kind) if one.kind in _RANK else len(_RANK)):
        uses = tuple(use for use in update.uses if use not in taken)
        taken.update(uses)
        if uses:
            kept[id(update)] = update if uses == update.uses else replace(update, uses=uses)
    return [kept[id(update)] for update in updates if id(update) in kept]


def group_name(update: Update) -> str | None:
    """The update's groupName, rendered; None where no rule groups it."""
    written = update.options.values.get("groupName")
    if not isinstance(written, str) or not written.strip():
        return None
    return " ".join(render(written, fields(update), option="groupName").split()) or None


def _group(branch: str, key: tuple[str, ...], updates: list[Update]) -> Group:
    applications = {update.dependency.application for update in updates}
    environments = {update.dependency.environment for update in updates}
    members = sorted(
        updates, key=lambda update: (update.dependency.dep_name, update.dependency.file, update.new_tag or "")
    )
    return Group(
        branch,
        tuple(members),
        name=group_name(members[0]) if key[0] == "group" else None,
        application=applications.pop() if len(applications) == 1 else None,
        environment=environments.pop() if len(environments) == 1 else None,
        level=_level(members[0]),
    )


def _level(update: Update) -> str | None:
    if update.kind == "major" and flag(update.options, "separateMajorMinor", True):
        return "major"
    if update.kind == "patch" and flag(update.options, "separateMinorPatch"):
        return "patch"
    return None


def _place(update: Update, several_bases: bool) -> tuple[tuple[str, ...], str]:
    """The key by which updates come together, and the branch that this gives."""
    options, dependency = update.options, update.dependency
    level = _level(update) or ""
    major, minor, _ = numbers(dependency.new_version or update.new_tag)
    if level == "major" and flag(options, "separateMultipleMajor"):
        level = f"major-{major}"
    before = text(options, "branchPrefix", "renovate/") + text(options, "additionalBranchPrefix")
    values = fields(update)
    before = render(before, values, option="branchPrefix")
    name = group_name(update)
    base = dependency.base_branch or ""
    if several_bases:
        before += f"{slug(base) or _hash((base,))}-"

    topic_template = given(options, "branchTopic")
    if name is not None:
        written = render(text(options, "groupSlug") or name, values, option="groupSlug")
        topic = "-".join(part for part in (level, slug(written) or _hash((written,))) if part)
        key: tuple[str, ...] = ("group", base, before, level, name)
    elif topic_template is not None:
        topic = render(topic_template, {**values, "branchPrefix": before}, option="branchTopic")
        key = ("topic", base, before, topic)
    elif dependency.application is not None:
        topic = _joined(level, dependency.application, dependency.environment)
        key = ("place", base, before, level, dependency.application, dependency.environment or "")
    elif dependency.environment is not None:
        topic = _joined(level, dependency.dep_name, dependency.environment)
        key = ("environment", base, before, level, dependency.environment, dependency.dep_name)
    else:
        # A new digest of 1.26 shares the branch of 1.27, which replaces it when it comes.
        kind = "digest" if update.kind == "pinDigest" else update.kind
        line = f"{major}.x" if major is not None else kind
        if line.endswith(".x") and update.kind == "patch" and flag(options, "separateMinorPatch") and minor is not None:
            line = f"{major}.{minor}.x"
        topic = f"{slug(dependency.dep_name)}-{line}"
        key = ("image", base, before, dependency.dep_name, line)
    template = given(options, "branchName")
    if template is not None:
        known = {**values, "branchPrefix": before, "additionalBranchPrefix": "", "branchTopic": topic}
        branch = branch_name(render(template, known, option="branchName"))
        if several_bases and slug(base) not in branch:
            branch = branch_name(f"{branch}-{base}")
        return ("name", base, branch), branch
    return key, before + topic


def _joined(*parts: str | None) -> str:
    return "-".join(slug(part) or _hash((part,)) for part in parts if part)


def _hash(parts: tuple[str, ...]) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:7]
