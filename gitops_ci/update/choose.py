"""From the current tag and all tags of a registry to the updates that the rules allow.

Pure but for the callables it is given. The order of things: a replacement decides alone; else the version
scheme, or a foreign policy in its place, says which tags may follow; allowedVersions, ignoreUnstable and
maxMajorIncrement thin them out; the rest falls into buckets (major, minor …) of which the highest that passes
the registry's checks (platforms, age) is picked; then digests.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from gitops_ci.errors import ConfigurationError, RegistryError
from gitops_ci.image.registry import ImageInfo
from gitops_ci.image.version.value import Version
from gitops_ci.update import filters, preferences, readings
from gitops_ci.update.choice import Choice, Ledger, Pick
from gitops_ci.update.gates import Gates, Verdict
from gitops_ci.update.model import Dependency, Options, Origin, SelectionPolicy
from gitops_ci.update.preferences import Preferences

Refine = Callable[[Dependency], Options]
"""The options for a candidate, its update_type, new_value and new_version filled in: rules may match on them."""


def choose(
    dependency: Dependency,
    options: Options,
    tags: Sequence[str],
    *,
    policy: SelectionPolicy | None = None,
    now: datetime,
    info: Callable[[str], ImageInfo],
    digest: Callable[[str], str] | None = None,
    refine: Refine | None = None,
) -> Choice:
    """Choose the updates of one dependency.

    ``tags`` are all the registry's, in its order. ``info`` (of a tag or digest) is called only for tags that
    are about to be picked, newest first, and for the current image when there is something to compare it with;
    ``digest``, where given, is asked instead of ``info`` when only the digest matters. ``refine`` gives the
    options of one update type; a candidate whose type is disabled there makes room for the next.

    Raises ConfigurationError for options or policies that cannot be used, RegistryError from the callables
    (404 for a candidate only drops it).
    """
    return _Chooser(dependency, options, tuple(dict.fromkeys(tags)), policy, now, info, digest, refine).choice()


class _Chooser:
    """The state of one choice."""

    def __init__(
        self,
        dependency: Dependency,
        options: Options,
        tags: tuple[str, ...],
        policy: SelectionPolicy | None,
        now: datetime,
        info: Callable[[str], ImageInfo],
        digest: Callable[[str], str] | None,
        refine: Refine | None,
    ) -> None:
        self.dependency = dependency
        self.options = options
        self.policy = policy
        self.refine = refine
        self.wanted = preferences.read(options)
        reading = readings.read(dependency, options, self.wanted, tags)
        self.scheme = reading.scheme
        filters.check(self.scheme, options, self.wanted)
        self.ledger = Ledger(reading.tags)
        if reading.note:
            self.ledger.note(reading.note)
        if reading.originals:
            info, digest = reading.of_original(info), reading.of_original(digest) if digest is not None else None
        self.gates = Gates(dependency, now, info, digest, policy.platforms if policy else (), self.ledger)

    def choice(self) -> Choice:
        """Go through all kinds of updates."""
        replacement = self._replacement()
        if replacement is not None:
            self.ledger.note("a replacement is configured: the tags of the old name were not looked at")
            return self.ledger.choice([replacement])
        picks: list[Pick] = []
        problem: str | None = None
        current = self.dependency.current_value
        if self.policy is not None and self.policy.strategy == "digest":
            picks = self._followed(self.policy)
            return self.ledger.choice(picks)
        if self.policy is not None:
            picks, problem = self._by_policy(self.policy)
        elif current is not None:
            picks = self._by_version(current)
        picks += self._digests(current)
        return self.ledger.choice(picks, problem)

    # Versions

    def _by_version(self, current: str) -> list[Pick]:
        version = self.scheme.parse(current)
        if version is None:
            return self._unversioned(current)
        buckets: dict[str, list[tuple[str, Version]]] = {}
        for one in filters.newer(version, self.scheme, self.options, self.wanted, self.ledger):
            kind = self.scheme.kind_of(version, one)
            buckets.setdefault(filters.bucket(kind, one, self.wanted), []).append((kind, one))
        picks = [pick for members in buckets.values() if (pick := self._pick(members)) is not None]
        if current not in self.ledger.tags and not picks:
            return self._rollback(version)
        return picks

    def _pick(self, members: list[tuple[str, Version]]) -> Pick | None:
        """The highest of a bucket that passes; failing that the highest that is only too young, as pending."""
        pending: tuple[str, Version, Verdict, Preferences] | None = None
        for index, (kind, version) in enumerate(members):
            options, wanted = self._refined(kind, version.tag, version.text)
            if not wanted.enabled:
                self.ledger.drop(version.tag, preferences.origin(options, "enabled"), f"{kind} updates are disabled")
                continue
            verdict = self.gates.examine(version.tag, options, wanted)
            if not verdict.passed:
                continue
            if verdict.young and wanted.internal_checks_filter != "none":
                pending = pending or (kind, version, verdict, wanted)
                self.ledger.drop(version.tag, preferences.origin(options, "minimumReleaseAge"), verdict.young)
                continue
            self._hide(members[index + 1 :], version.tag)
            return self._made(kind, version, verdict, wanted)
        if pending is None:
            return None
        self.ledger.keep(pending[1].tag)
        return self._made(*pending)

    def _made(self, kind: str, version: Version, verdict: Verdict, wanted: Preferences) -> Pick:
        held = wanted.internal_checks_filter == "strict"
        pick = Pick(
            kind,
            version.tag,
            version.text,
            origins=self._origins(),
            released=self.gates.released(verdict.info),
            pending=verdict.young if held else None,
            unproven=None if held else verdict.young,
        )
        return pick if pick.pending else self._with_digest(pick)

    def _hide(self, rest: list[tuple[str, Version]], chosen: str) -> None:
        by = preferences.origin(self.options, "separateMinorPatch")
        for _, version in rest:
            self.ledger.drop(version.tag, by, f"{chosen} is higher and was chosen")

    def _refined(self, kind: str, tag: str, version: str) -> tuple[Options, Preferences]:
        if self.refine is None:
            return self.options, self.wanted
        options = self.refine(replace(self.dependency, update_type=kind, new_value=tag, new_version=version))
        return options, preferences.read(options)

    def _unversioned(self, current: str) -> list[Pick]:
        """The current tag is ``latest``, a name, a commit id, or a chart's range."""
        from gitops_ci.image.version import range as ranges

        by = Origin("versioning", self.scheme.name)
        for tag in self.ledger.tags:
            self.ledger.drop(tag, by, f"the current tag {current} is not a version, so nothing is above it")
        charts = self.dependency.datasource == "helm" or self.scheme.name == "semver"
        if charts and current not in self.ledger.tags and ranges.valid(current):
            return self._range(current)
        self.ledger.unversioned = not self._wants_digest()
        told = f"{current!r} is not a version of the scheme {self.scheme.name}"
        expression = _expression_for(current)
        if expression:
            self.ledger.note(f"{told}; if it is one in your eyes, set versioning to {expression!r}")
        else:
            self.ledger.note(f"{told}: only its digest can be followed (pinDigests)")
        return []

    def _range(self, current: str) -> list[Pick]:
        """A chart's version may be a range, which Helm or Flux resolves; ``rangeStrategy: pin`` writes it out."""
        inside = [
            one for tag in reversed(self.ledger.tags) if (one := self.scheme.parse(tag)) and self._in(tag, current)
        ]
        if not inside:
            self.ledger.note(f"no version is in the range {current!r}")
            return []
        best = max(inside, key=lambda one: one.key)
        if self.wanted.range_strategy != "pin":
            self.ledger.note(
                f"{current!r} is a range, which resolves to {best.tag} by itself; rangeStrategy 'pin' writes it out"
            )
            return []
        self.ledger.keep(best.tag)
        return [Pick("pin", best.tag, best.text, origins=preferences.origins(self.options, "rangeStrategy"))]

    def _in(self, tag: str, expression: str) -> bool:
        return self.scheme.matches(tag, expression)

    def _rollback(self, version: Version) -> list[Pick]:
        """The current tag is gone from the registry, and nothing is above it."""
        if not self.ledger.tags:
            self.ledger.note("the registry lists no tags")
            return []
        for one in filters.older(version, self.scheme, self.options, self.wanted, self.ledger):
            if not self.wanted.rollback_prs:
                self.ledger.note(
                    f"the registry has {version.tag} no more; with rollbackPrs {one.tag} would be proposed in its place"
                )
                return []
            options, _ = self._refined("rollback", one.tag, one.text)
            if self.gates.examine(one.tag, options, Preferences()).passed:
                self.ledger.keep(one.tag)
                origins = preferences.origins(self.options, "rollbackPrs")
                return [self._with_digest(Pick("rollback", one.tag, one.text, origins=origins))]
        self.ledger.note(f"the registry has {version.tag} no more, and nothing to go back to")
        return []

    # Foreign policies

    def _by_policy(self, policy: SelectionPolicy) -> tuple[list[Pick], str | None]:
        from gitops_ci.update.policies import rank

        current = self.dependency.current_value
        try:
            ranking = rank(policy, current, self.gates, self.ledger)
        except ConfigurationError as problem:  # a foreign policy's mistake concerns its image, not the whole run
            return [], str(problem)
        members: list[tuple[str, Version]] = []
        for tag in ranking.tags:
            if filters.permits(tag, current, self.scheme, self.options, self.wanted):
                members.append((self._kind(current, tag), self._as_version(tag)))
            else:
                by = preferences.origin(self.options, "allowedVersions")
                self.ledger.drop(tag, by, f"allowedVersions is {self.wanted.allowed_versions}")
        pick = self._pick(members)
        return ([replace(pick, origins=(policy.origin, *pick.origins))] if pick else []), ranking.error

    def _kind(self, current: str | None, tag: str) -> str:
        """A policy's order need not be one of versions: what is no version counts as minor."""
        before, after = (self.scheme.parse(current) if current else None), self.scheme.parse(tag)
        if before is None or after is None or before.shape.family != after.shape.family:
            return "minor"
        return self.scheme.kind_of(before, after)

    def _as_version(self, tag: str) -> Version:
        from gitops_ci.image.version.value import Shape

        return self.scheme.parse(tag) or Version(tag, tag, (), Shape(), ())

    def _followed(self, policy: SelectionPolicy) -> list[Pick]:
        """The strategy ``digest``: a mutable tag is followed by its digest."""
        tag = policy.constraint or self.dependency.current_value or "latest"
        for other in self.ledger.tags:
            if other != tag:
                self.ledger.drop(other, policy.origin, f"the policy follows the digest of {tag}")
        pick = self._digest_pick(tag, "digest" if self.dependency.current_digest else "pinDigest")
        return [replace(pick, origins=(policy.origin, *pick.origins))] if pick else []

    # Digests

    def _wants_digest(self) -> bool:
        if self.dependency.datasource != "docker" or (self.policy is not None and self.policy.digest == "never"):
            return False
        asked = self.policy is not None and self.policy.digest == "always"
        return self.dependency.current_digest is not None or self.wanted.pin_digests or asked

    def _with_digest(self, pick: Pick) -> Pick:
        return replace(pick, digest=self.gates.digest(pick.tag)) if self._wants_digest() else pick

    def _digests(self, current: str | None) -> list[Pick]:
        if not self._wants_digest():
            return []
        pinned = self.dependency.current_digest
        if current is None and pinned:
            self.ledger.note("the image is given by digest alone: there is no tag to follow")
            return []
        pick = self._digest_pick(current or "latest", "digest" if pinned else "pinDigest")
        return [pick] if pick else []

    def _digest_pick(self, tag: str, kind: str) -> Pick | None:
        """The digest that a tag names now, if it is not the one that is written."""
        pinned = self.dependency.current_digest
        options, wanted = self._refined(kind, tag, tag)
        if not wanted.enabled:
            return None
        try:
            found = self.gates.digest(tag)
        except RegistryError as problem:
            if problem.status != 404:
                raise
            self.ledger.note(f"the registry has {tag} no more: its digest cannot be followed")
            return None
        if found == pinned and tag == (self.dependency.current_value or "latest"):
            return None
        young: str | None = None
        released: datetime | None = None
        # A tag that is no version floats anyway: pinning it makes nothing younger than what runs already.
        ages = bool(wanted.minimum_release_age) and (kind == "digest" or self.scheme.parse(tag) is not None)
        if kind == "digest" or ages:
            details = self.gates.info(tag)
            found, released = details.digest, self.gates.released(details)
            if lacking := self.gates.lacking(details):
                self.ledger.note(f"{tag} names a new digest that is not offered: {lacking}")
                return None
            young = self.gates.young(details, options, wanted) if ages else None
        held = wanted.internal_checks_filter == "strict"
        return Pick(
            kind,
            tag,
            tag,
            found,
            origins=preferences.origins(self.options, "pinDigests") if kind == "pinDigest" else (),
            released=released,
            pending=young if held else None,
            unproven=None if held else young,
        )

    # Replacements

    def _replacement(self) -> Pick | None:
        """Another name, another version, or both, said outright by a rule."""
        name, tag = self.wanted.replacement_name or self._replacement_name(), self.wanted.replacement_version
        if name is None and tag is None:
            return None
        new_name = name or self.dependency.package_name
        new_tag = tag or self.dependency.current_value
        if new_tag is None:
            self.ledger.note(
                f"replacementName is {new_name}, but there is no tag to take along: give replacementVersion"
            )
            return None
        same_name = new_name in (self.dependency.package_name, self.dependency.dep_name)
        if same_name and new_tag == self.dependency.current_value:
            return None
        _, wanted = self._refined("replacement", new_tag, new_tag)
        if not wanted.enabled:
            return None
        origins = preferences.origins(self.options, "replacementName", "replacementNameTemplate", "replacementVersion")
        pick = Pick("replacement", new_tag, new_tag, name=None if same_name else new_name, origins=origins)
        return self._with_digest(pick) if same_name else pick

    def _replacement_name(self) -> str | None:
        template = self.wanted.replacement_name_template
        if template is None:
            return None
        from gitops_ci.update.template import render

        dependency = self.dependency
        values = {
            "packageName": dependency.package_name,
            "depName": dependency.dep_name,
            "currentValue": dependency.current_value or "",
        }
        return render(template, values, option="replacementNameTemplate").strip() or None

    def _origins(self) -> tuple[Origin, ...]:
        return preferences.origins(
            self.options, "versioning", "allowedVersions", "ignoreUnstable", "minimumReleaseAge", "separateMinorPatch"
        )


def _expression_for(tag: str) -> str | None:
    r"""A versioning that would read a tag: ``alpine-v16.6.0`` → ``regex:^alpine-v(?<major>\d+)\.…$``."""
    import re

    found = re.fullmatch(r"([A-Za-z][A-Za-z_-]{0,60})\d{1,9}(\.\d{1,9}){1,2}((?:-[A-Za-z][A-Za-z0-9.]{0,40})?)", tag)
    if found is None:
        return None
    numbers = [rf"(?<{name}>\d+)" for name in ("major", "minor", "patch")]
    count = 1 + tag[: found.start(3)][found.end(1) :].count(".")
    suffix = "(?<compatibility>.*)" if found[3] else ""
    return rf"regex:^{found[1]}" + r"\.".join(numbers[:count]) + suffix + "$"
