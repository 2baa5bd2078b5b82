"""Old names → current ones. Pure: a configuration in, a configuration out, with notes on what was changed.

What becomes what was found by giving the old words to Renovate 44 and looking at what it makes of them.
"""

from collections.abc import Mapping
from typing import NamedTuple

from gitops_ci.config.source import Path, render
from gitops_ci.update.merge import merge
from gitops_ci.update.old_names import (
    DEPENDENCY_TYPES,
    GONE_PRESETS,
    HOST_NAMES,
    LANGUAGES,
    MATCHER_FORMS,
    MATCHER_NAMES,
    PRESETS,
    REMOVED,
    RENAMED,
    TEMPLATE_WORDS,
)

MAX_DEPTH = 60

Config = dict[str, object]


class Note(NamedTuple):
    """One thing that has another name now."""

    path: Path
    """Where the old word stands."""
    message: str


class Migration(NamedTuple):
    """A configuration in today's words."""

    config: Config
    notes: tuple[Note, ...]
    rules: tuple[Path, ...]
    """For each of ``config["packageRules"]``: where it stood."""
    moved: Mapping[Path, Path]
    """For each option with a new name: where the old one stands."""

    def origin(self, path: Path) -> Path:
        """The path that the value of a migrated path came from."""
        if len(path) > 1 and path[0] == "packageRules" and isinstance(path[1], int) and path[1] < len(self.rules):
            path = (*self.rules[path[1]], *path[2:])
        for length in range(len(path), 0, -1):
            old = self.moved.get(path[:length])
            if old is not None:
                return (*old, *path[length:])
        return path


def migrate(config: Mapping[str, object]) -> Migration:
    """Write a whole configuration in today's words. What has a wrong shape is left for the check to refuse."""
    migrator = _Migrator()
    migrated = migrator.block(config, (), root=True)
    rules = migrated.get("packageRules")
    collected: list[tuple[Path, Config]] = []
    if isinstance(rules, list):
        for index, rule in enumerate(rules):
            collected += (
                migrator.rule(rule, ("packageRules", index))
                if isinstance(rule, dict)
                else [(("packageRules", index), rule)]
            )
    collected = migrator.before + collected + migrator.after
    if collected:
        migrated["packageRules"] = [rule for _, rule in collected]
    return Migration(migrated, tuple(migrator.notes), tuple(path for path, _ in collected), migrator.moved)


def migrate_rule(rule: Mapping[str, object]) -> list[Config]:
    """One rule in today's words: several where rules were nested in it."""
    return [flat for _, flat in _Migrator().rule(rule, ())]


class _Migrator:
    def __init__(self) -> None:
        self.notes: list[Note] = []
        self.moved: dict[Path, Path] = {}
        self.before: list[tuple[Path, Config]] = []
        """Rules that once were blocks of the root; those that the root's packageRules may overrule."""
        self.after: list[tuple[Path, Config]] = []

    def note(self, path: Path, message: str) -> None:
        self.notes.append(Note(path, f"{render(path)} {message}"))

    def block(self, config: Mapping[str, object], path: Path, *, root: bool = False) -> Config:
        """A root, or the block of an update type or manager. ``packageRules`` of a root are left for later."""
        result: Config = {}
        for name, value in config.items():
            here = (*path, name)
            if len(here) > MAX_DEPTH or (root and name == "packageRules"):
                result[name] = value
            elif root and self._became_rules(name, value, here):
                continue
            elif not self._special(name, value, here, result):
                self._plain(name, value, here, result)
        return result

    def rule(self, rule: Mapping[str, object], path: Path) -> list[tuple[Path, Config]]:
        """A rule, with the rules nested in it spread out: each is the outer one with its own words merged in."""
        lists: dict[str, list[object]] = {}
        rest: Config = {}
        for name, value in rule.items():
            here = (*path, name)
            if name in MATCHER_NAMES:
                target = MATCHER_NAMES[name]
                self.moved.setdefault((*path, target), here)
                self.note(here, f"is called {target} now")
                lists.setdefault(target, []).extend(_listed(value))
            elif name in MATCHER_FORMS:
                target, form = MATCHER_FORMS[name]
                self.moved.setdefault((*path, target), here)
                self.note(here, f"is written in {target} now")
                lists.setdefault(target, []).extend(_formed(item, form) for item in _listed(value))
            elif name.startswith("match") and isinstance(value, list):
                lists.setdefault(name, []).extend(value)
            elif name == "packageRules":
                rest[name] = value
            elif not self._special(name, value, here, rest):
                self._plain(name, value, here, rest)
        for target, values in lists.items():
            single = rest.pop(target, None)
            rest[target] = [*([single] if isinstance(single, str) else []), *values]
        self._managers(rest)
        nested = rest.get("packageRules")
        if not isinstance(nested, list) or len(path) > MAX_DEPTH or not all(isinstance(item, dict) for item in nested):
            return [(path, rest)]
        del rest["packageRules"]
        spread = []
        for index, inner in enumerate(nested):
            for inner_path, inner_rule in self.rule(inner, (*path, "packageRules", index)):
                spread.append((inner_path, merge(rest, inner_rule)))
        return spread

    def _managers(self, rule: Config) -> None:
        managers = rule.get("matchManagers")
        if isinstance(managers, str):
            managers = [managers]
        if isinstance(managers, list):
            rule["matchManagers"] = [_manager(item) for item in managers]

    def _plain(self, name: str, value: object, path: Path, result: Config) -> None:
        target = RENAMED.get(name, name)
        if name in REMOVED:
            self.note(path, "is no option any more and has no effect")
            return
        if target != name:
            self.note(path, f"is called {target} now")
            self.moved[(*path[:-1], target)] = path
            if target in ("baseBranchPatterns", "includePaths"):
                value = _listed(value)
        if target in result and target != name:
            return  # The current name stands beside the old one, and wins.
        if target == "hostRules" and isinstance(value, list):
            value = [self._host(item, (*path, index)) for index, item in enumerate(value)]
        elif target == "customManagers" and isinstance(value, list):
            value = [self._custom(item, (*path, index)) for index, item in enumerate(value)]
        elif target == "packageRules" and isinstance(value, list):
            rules = []
            for index, item in enumerate(value):
                rules += [flat for _, flat in self.rule(item, (*path, index))] if isinstance(item, dict) else [item]
            value = rules
        elif target == "extends":
            value = self._presets(value, path)
        elif target == "enabledManagers":
            value = [_manager(item) for item in _listed(value)]
        elif isinstance(value, dict) and target not in ("registryAliases", "prBodyDefinitions"):
            value = self.block(value, path)
        else:
            value = _template(value)
        result[target] = value

    def _special(self, name: str, value: object, path: Path, result: Config) -> bool:
        """Names whose value changes with them. True if the name was one."""
        made = _converted(name, value)
        if made is None:
            return False
        for target, new in made.items():
            old = result.get(target)
            self.moved[(*path[:-1], target)] = path
            result[target] = {**old, **new} if isinstance(old, dict) and isinstance(new, dict) else new
        now = ", ".join(made) or "nothing"
        self.note(path, f"is written as {now} now")
        return True

    def _became_rules(self, name: str, value: object, path: Path) -> bool:
        if name in ("packages", "pathRules", "depTypes") and isinstance(value, list):
            for index, item in enumerate(value):
                if isinstance(item, dict):
                    inner = dict(item)
                    if "depType" in inner:
                        inner["matchDepTypes"] = _listed(inner.pop("depType"))
                    self.after += self.rule(inner, (*path, index))
        elif name in LANGUAGES and isinstance(value, dict):
            self.before.append((path, {"matchCategories": [name], **self.block(value, path)}))
        elif name in DEPENDENCY_TYPES and isinstance(value, dict):
            self.before.append((path, {"matchDepTypes": [name], **self.block(value, path)}))
        else:
            return False
        self.note(path, "is written in packageRules now")
        return True

    def _presets(self, value: object, path: Path) -> object:
        presets: list[object] = []
        for index, item in enumerate(_listed(value)):
            new = item
            if isinstance(item, str):
                if item in GONE_PRESETS:
                    self.note((*path, index), f"names {item}, which does nothing any more")
                    continue
                new = PRESETS.get(item, item)
                if item.startswith("regexManagers:"):
                    new = f"customManagers:{item.partition(':')[2]}"
                if new != item:
                    self.note((*path, index), f"names {item}, which is called {new} now")
            if new not in presets:
                presets.append(new)
        return presets

    def _host(self, item: object, path: Path) -> object:
        if not isinstance(item, dict):
            return item
        rule: Config = {}
        for name, value in item.items():
            target = "matchHost" if name in HOST_NAMES else "hostType" if name == "platform" else name
            if target != name:
                self.note((*path, name), f"is called {target} now")
            rule[target] = value
        return rule

    def _custom(self, item: object, path: Path) -> object:
        if not isinstance(item, dict):
            return item
        manager = {"customType": "regex", **self.block(item, path)}
        strings = manager.get("matchStrings")
        if isinstance(strings, list):
            manager["matchStrings"] = [
                text.replace("(?<lookupName>", "(?<packageName>") if isinstance(text, str) else text for text in strings
            ]
        return manager


def _converted(name: str, value: object) -> Config | None:
    """The options that an old word stands for, or None if it is no old word."""
    if name in _SIMPLE:
        return _SIMPLE[name].get(value if isinstance(value, bool) else None)
    if name == "automerge" and isinstance(value, str):
        return _AUTOMERGE.get(value)
    if name in ("automergeMajor", "automergeMinor", "automergePatch") and isinstance(value, bool):
        return {name.removeprefix("automerge").lower(): {"automerge": value}}
    if name == "automergeType" and isinstance(value, str) and value.startswith("branch-"):
        return {"automergeType": "branch"}
    if name == "stabilityDays" and isinstance(value, int) and not isinstance(value, bool):
        age = None if value == 0 else f"{value} day{'s' if value > 1 else ''}"
        return {"minimumReleaseAge": age}
    if name == "fileMatch" and (isinstance(value, str | list)):
        return {"managerFilePatterns": [f"/{item}/" if isinstance(item, str) else item for item in _listed(value)]}
    if name == "semanticPrefix":
        return _semantic_prefix(value)
    if name == "requiredStatusChecks":
        return {"ignoreTests": True} if value is None else {}
    if name == "branchPrefix" and isinstance(value, str) and "{{" in value:
        fixed, braces, template = value.partition("{{")
        return {"branchPrefix": fixed, "additionalBranchPrefix": f"{braces}{template}"}
    if name == "platformCommit" and isinstance(value, bool):
        return {"platformCommit": "enabled" if value else "disabled"}
    if name == "lockFileMaintenance" and isinstance(value, bool):
        return {"lockFileMaintenance": {"enabled": value}}
    return None


_SIMPLE: Mapping[str, Mapping[bool | None, Config]] = {
    "fetchReleaseNotes": {True: {"fetchChangeLogs": "pr"}, False: {"fetchChangeLogs": "off"}},
    "ignoreNodeModules": {True: {"ignorePaths": ["node_modules/"]}, False: {"ignorePaths": []}},
    "ignoreNpmrcFile": {True: {}, False: {}},
    "includeForks": {True: {"forkProcessing": "enabled"}, False: {"forkProcessing": "disabled"}},
    "pinVersions": {True: {"rangeStrategy": "pin"}, False: {"rangeStrategy": "replace"}},
    "rebaseConflictedPrs": {True: {}, False: {"rebaseWhen": "never"}},
    "rebaseStalePrs": {
        True: {"rebaseWhen": "behind-base-branch"},
        False: {"rebaseWhen": "conflicted"},
        None: {"rebaseWhen": "auto"},
    },
    "recreateClosed": {True: {"recreateWhen": "always"}, False: {"recreateWhen": "auto"}},
    "renovateFork": {True: {"forkProcessing": "enabled"}, False: {"forkProcessing": "disabled"}},
    "semanticCommits": {True: {"semanticCommits": "enabled"}, False: {"semanticCommits": "disabled"}},
    "unpublishSafe": {True: {}, False: {}},
    "upgradeInRange": {True: {"rangeStrategy": "bump"}, False: {}},
}

_AUTOMERGE: Mapping[str, Config] = {
    "any": {"automerge": True},
    "none": {"automerge": False},
    "minor": {"minor": {"automerge": True}, "major": {"automerge": False}},
    "patch": {"patch": {"automerge": True}, "minor": {"automerge": False}, "major": {"automerge": False}},
}


def _semantic_prefix(value: object) -> Config:
    import re

    found = re.match(r"\s*(\w+)(?:\(([^)]*)\))?:?", value) if isinstance(value, str) else None
    return {"semanticCommitType": found[1], "semanticCommitScope": found[2]} if found else {}


def _listed(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else [] if value is None else [value]


def _formed(value: object, form: str) -> object:
    if not isinstance(value, str):
        return value
    if value == "*" and "/{}/" in form:
        # Never was a regular expression: the one pattern that always meant everything.
        return form.replace("/{}/", "*")
    return form.format(value)


def _manager(name: object) -> object:
    return (
        {"regex": "custom.regex", "yarn": "npm", "jsonata": "custom.jsonata"}.get(name, name)
        if isinstance(name, str)
        else name
    )


def _template(value: object) -> object:
    if isinstance(value, list):
        return [_template(item) for item in value]
    if not isinstance(value, str) or "{{" not in value:
        return value
    import re

    words = re.compile(rf"\b({'|'.join(TEMPLATE_WORDS)})\b")
    return re.sub(
        r"\{\{.*?\}\}",
        lambda braces: words.sub(lambda word: TEMPLATE_WORDS[word[0]], braces[0]),
        value,
        flags=re.DOTALL,
    )
