"""Look-ups: from uses to updates. Each image is asked for once, however many files name it.

One failing image or host never stops the others: it becomes a :class:`Failure`, and its uses count as
neither updated nor up to date.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from gitops_ci.manifest.use import ImageUse
from gitops_ci.update.age import ages
from gitops_ci.update.answers import Remembered, answer
from gitops_ci.update.model import Candidate, Decision, Dependency, Options, Update
from gitops_ci.update.offers import Offers
from gitops_ci.update.question import Asked, Lookup, PolicyFor, Question, RuleSet, because, choice_key, refined

_UNVERSIONED = "the tag is no version to compare; pinDigests would follow its digest"


class Failure(NamedTuple):
    """Something that could not be looked up."""

    image: str
    reason: str
    """One line."""
    uses: tuple[ImageUse, ...]


class Skipped(NamedTuple):
    """A use that no look-up was made for."""

    use: ImageUse
    reason: str


@dataclass
class Found:
    """What the look-ups gave."""

    updates: list[Update] = field(default_factory=list)
    failures: tuple[Failure, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    decisions: tuple[Decision, ...] = ()
    images: int = 0
    up_to_date: int = 0


def look_up(
    uses: Sequence[ImageUse],
    *,
    rules: RuleSet,
    lookup: Lookup,
    now: datetime,
    base_branch: str | None = None,
    repository: str | None = None,
    policy_for: PolicyFor | None = None,
    explain: Callable[[str], bool] = lambda _: False,
    prepare: Callable[[int], None] = lambda _: None,
    advance: Callable[[int], None] = lambda _: None,
) -> Found:
    """Look up every use and say which updates the rules give it.

    Candidates are kept in the decisions only for images that ``explain`` asks for: a repository's images have
    hundreds of thousands of tags. Raises ConfigurationError for options that cannot be read.
    """
    found = Found()
    remembered = Remembered(lookup)
    skipped: list[Skipped] = []
    questions: dict[tuple[object, ...], Question] = {}
    by_image: dict[tuple[str, str], list[Question]] = {}
    dependencies = [_dependency(use, rules, base_branch, repository) for use in uses]
    aged = ages([one for one in dependencies if rules.needs_age(one)], remembered.info)
    for use, dependency in zip(uses, dependencies, strict=True):
        asked, reason = _ask(use, replace(dependency, current_age=aged.get(dependency)) if aged else dependency, rules)
        if asked is None:
            skipped.append(Skipped(use, reason))
            continue
        policy = policy_for(use) if policy_for is not None else None
        dependency = asked.dependency
        key = (
            dependency.datasource, dependency.package_name, dependency.current_value, dependency.current_digest,
            policy, *choice_key(asked.options),
        )  # fmt: skip
        question = questions.get(key)
        if question is None:
            question = questions[key] = Question([], policy)
            by_image.setdefault((dependency.datasource, dependency.package_name), []).append(question)
        question.asked.append(asked)
    prepare(len(by_image))
    found.images = len(by_image)
    answer(by_image, remembered, rules, now, advance)
    updates = Offers(rules, remembered)
    decisions, failures = [], []
    for (_, name), asked_of_image in by_image.items():
        for asked_alike, choice, error in (one for question in asked_of_image for one in question.answers):
            answered = tuple(asked.use for asked in asked_alike)
            error = error or (choice.error if choice is not None else None)
            if error is not None or choice is None:
                failures.append(Failure(name, error or "was not looked up", answered))
                decisions.append(Decision(answered, (), (), error=error))
                continue
            made, notes, current = updates.of(asked_alike, choice)
            if choice.unversioned:
                skipped += [Skipped(use, _UNVERSIONED) for use in answered]
            else:
                found.up_to_date += current
            candidates: tuple[Candidate, ...] = choice.candidates if explain(name) else ()
            decisions.append(Decision(answered, candidates, tuple(made), (*choice.notes, *notes)))
    found.updates = updates.merged()
    found.failures, found.skipped, found.decisions = tuple(failures), tuple(skipped), tuple(decisions)
    return found


def _dependency(use: ImageUse, rules: RuleSet, base_branch: str | None, repository: str | None) -> Dependency:
    """A use as rules see it."""
    dependency = Dependency(
        package_name=use.name,
        dep_name=use.name,
        datasource=use.datasource,
        manager=use.format,
        file=use.file,
        current_value=use.tag,
        current_version=use.tag,
        current_digest=use.digest,
        dep_type=use.dep_type,
        base_branch=base_branch,
        repository=repository,
        registry_url=f"https://{use.name.rpartition('/')[0]}" if use.datasource == "helm" else None,
        application=use.application,
        environment=use.environment,
    )
    return _renamed(dependency, rules.options(dependency))


def _ask(use: ImageUse, dependency: Dependency, rules: RuleSet) -> tuple[Asked | None, str]:
    """A use with its options; or None, and why it is not looked up."""
    options = rules.options(dependency)
    if options.values.get("enabled") is False:
        return None, because(options, "enabled", "disabled")
    ignored = options.values.get("ignoreDeps")
    if isinstance(ignored, (list, tuple)) and use.name in ignored:
        return None, because(options, "ignoreDeps", "ignored")
    if use.tag is None:
        return None, "has a digest and no tag to follow" if use.digest is not None else "has no tag"
    asked = Asked(use, dependency, options)
    # What the place itself says about its scheme counts for more than a default, less than a rule.
    return asked._replace(options=refined(asked, options)), ""


def _renamed(dependency: Dependency, options: Options) -> Dependency:
    """The same dependency after registryAliases and the override options."""
    name = options.values.get("overridePackageName")
    package = name if isinstance(name, str) and name else dependency.package_name
    aliases = options.values.get("registryAliases")
    if isinstance(aliases, Mapping):
        for alias in sorted(aliases, key=len, reverse=True):
            target = aliases[alias]
            if isinstance(target, str) and (package == alias or package.startswith(f"{alias}/")):
                package = target + package[len(alias) :]
                break
    if package == dependency.package_name:
        return dependency
    return replace(dependency, package_name=package)
