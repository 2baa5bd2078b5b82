"""Look-ups: from uses to updates. Each image is asked for once, however many files name it.

One failing image or host never stops the others: it becomes a :class:`Failure`, and its uses count as
neither updated nor up to date.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple, Protocol

from gitops_ci.errors import ConfigurationError, GitopsError, OutsideError
from gitops_ci.image.registry import ImageInfo
from gitops_ci.manifest.use import ImageUse
from gitops_ci.update.choice import Choice, Pick
from gitops_ci.update.model import Candidate, Decision, Dependency, Options, Origin, SelectionPolicy, Update

WORKERS = 16
"""Look-ups at once; the registry client has a limit per host of its own."""

_CHOICE_OPTIONS = (
    "versioning", "versionCompatibility", "extractVersion", "allowedVersions", "ignoreUnstable", "respectLatest",
    "followTag", "maxMajorIncrement", "minimumReleaseAge", "minimumReleaseAgeBehaviour", "internalChecksFilter",
    "separateMajorMinor", "separateMinorPatch", "separateMultipleMajor", "separateMultipleMinor", "pinDigests",
    "rollbackPrs", "rangeStrategy", "replacementName", "replacementNameTemplate", "replacementVersion", "enabled",
)  # fmt: skip
_SOURCE_LABEL = "org.opencontainers.image.source"


class RuleSet(Protocol):
    """What decides about options: :class:`gitops_ci.update.rules.Rules`."""

    def options(self, dependency: Dependency) -> Options:
        """The options in force for one dependency."""


class Lookup(Protocol):
    """What answers about images and charts. Every method raises RegistryError; safe to call from threads."""

    def tags(self, datasource: str, name: str) -> tuple[str, ...]:
        """All tags, or all versions of a chart."""

    def digest(self, datasource: str, name: str, tag: str) -> str:
        """The digest that a tag names now."""

    def info(self, datasource: str, name: str, reference: str) -> ImageInfo:
        """Creation time, platforms, labels."""


PolicyFor = Callable[[ImageUse], SelectionPolicy | None]


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


class _Asked(NamedTuple):
    """One use with its dependency and the options that it is looked up with."""

    use: ImageUse
    dependency: Dependency
    options: Options


class _Answer(NamedTuple):
    """What came of a look-up, for the uses that share it."""

    asked: list[_Asked]
    choice: Choice | None
    error: str | None


@dataclass
class _Question:
    """All uses whose options are the same before the kind of update is known."""

    asked: list[_Asked]
    policy: SelectionPolicy | None
    answers: list[_Answer] = field(default_factory=list)


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
    skipped: list[Skipped] = []
    questions: dict[tuple[object, ...], _Question] = {}
    by_image: dict[tuple[str, str], list[_Question]] = {}
    for use in uses:
        asked, reason = _ask(use, rules, base_branch, repository)
        if asked is None:
            skipped.append(Skipped(use, reason))
            continue
        policy = policy_for(use) if policy_for is not None else None
        dependency = asked.dependency
        key = (
            dependency.datasource, dependency.package_name, dependency.current_value, dependency.current_digest,
            policy, *_choice_key(asked.options),
        )  # fmt: skip
        question = questions.get(key)
        if question is None:
            question = questions[key] = _Question([], policy)
            by_image.setdefault((dependency.datasource, dependency.package_name), []).append(question)
        question.asked.append(asked)
    prepare(len(by_image))
    found.images = len(by_image)
    remembered = _Remembered(lookup)
    _answer(by_image, remembered, rules, now, advance)
    updates = _Updates(rules, remembered)
    decisions, failures = [], []
    for (_, name), asked_of_image in by_image.items():
        for asked_alike, choice, error in (answer for question in asked_of_image for answer in question.answers):
            answered = tuple(asked.use for asked in asked_alike)
            error = error or (choice.error if choice is not None else None)
            if error is not None or choice is None:
                failures.append(Failure(name, error or "was not looked up", answered))
                decisions.append(Decision(answered, (), (), error=error))
                continue
            made, notes, current = updates.of(asked_alike, choice)
            found.up_to_date += current
            candidates: tuple[Candidate, ...] = choice.candidates if explain(name) else ()
            decisions.append(Decision(answered, candidates, tuple(made), (*choice.notes, *notes)))
    found.updates = updates.merged()
    found.failures, found.skipped, found.decisions = tuple(failures), tuple(skipped), tuple(decisions)
    return found


def _ask(use: ImageUse, rules: RuleSet, base_branch: str | None, repository: str | None) -> tuple[_Asked | None, str]:
    """A use as a dependency with its options; or None, and why it is not looked up."""
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
        application=use.application,
        environment=use.environment,
    )
    options = rules.options(dependency)
    renamed = _renamed(dependency, options)
    if renamed is not dependency:
        dependency = renamed
        options = rules.options(dependency)
    if options.values.get("enabled") is False:
        return None, _because(options, "enabled", "disabled")
    ignored = options.values.get("ignoreDeps")
    if isinstance(ignored, (list, tuple)) and use.name in ignored:
        return None, _because(options, "ignoreDeps", "ignored")
    if use.tag is None:
        return None, "has a digest and no tag to follow" if use.digest is not None else "has no tag"
    asked = _Asked(use, dependency, options)
    # What the place itself says about its scheme counts for more than a default, less than a rule.
    return asked._replace(options=_refined(asked, options)), ""


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


def _because(options: Options, name: str, word: str) -> str:
    origin = options.origins.get(name)
    return f"{word} by {origin.source} {origin.detail}" if origin is not None else word


def _choice_key(options: Options) -> tuple[object, ...]:
    values, origins = options.values, options.origins
    parts: list[object] = []
    for name in _CHOICE_OPTIONS:
        value = values.get(name)
        parts.append(value if value is None or isinstance(value, (str, int)) else repr(value))
        if name in origins:
            parts.append(origins[name])
    return tuple(parts)


class _Remembered:
    """The lookup, with what it said in this run remembered."""

    def __init__(self, lookup: Lookup) -> None:
        self.lookup = lookup
        self._infos: dict[tuple[str, str, str], ImageInfo | OutsideError] = {}

    def info(self, datasource: str, name: str, reference: str) -> ImageInfo:
        key = (datasource, name, reference)
        known = self._infos.get(key)
        if known is None:
            try:
                known = self.lookup.info(datasource, name, reference)
            except OutsideError as error:
                known = error
            self._infos[key] = known
        if isinstance(known, OutsideError):
            raise known
        return known

    def known_info(self, datasource: str, name: str, reference: str | None) -> ImageInfo | None:
        """What was asked already; no request is made for it."""
        known = self._infos.get((datasource, name, reference or ""))
        return known if isinstance(known, ImageInfo) else None


def _answer(
    by_image: Mapping[tuple[str, str], list[_Question]],
    remembered: _Remembered,
    rules: RuleSet,
    now: datetime,
    advance: Callable[[int], None],
) -> None:
    """Answer all questions, several images at once."""

    def work(image: tuple[str, str]) -> None:
        try:
            _answer_image(image, by_image[image], remembered, rules, now)
        finally:
            advance(1)

    if len(by_image) < 2:
        for image in by_image:
            work(image)
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(min(WORKERS, len(by_image)), thread_name_prefix="look-up") as pool:
        # Consumed, so that a configuration error comes out of its thread.
        for _ in pool.map(work, by_image):
            pass


def _answer_image(
    image: tuple[str, str], questions: Sequence[_Question], remembered: _Remembered, rules: RuleSet, now: datetime
) -> None:
    datasource, name = image
    try:
        tags = remembered.lookup.tags(datasource, name)
    except OutsideError as error:
        for question in questions:
            question.answers.append(_Answer(question.asked, None, str(error)))
        return
    for question in questions:
        left = question.asked
        while left:
            answer, left = _choose(left, question.policy, tags, remembered, rules, now)
            question.answers.append(answer)


def _choose(
    asked_alike: list[_Asked],
    policy: SelectionPolicy | None,
    tags: tuple[str, ...],
    remembered: _Remembered,
    rules: RuleSet,
    now: datetime,
) -> tuple[_Answer, list[_Asked]]:
    """Choose for the first of these uses; the answer holds for all that the rules treat alike in what was asked
    of them on the way. The others are given back."""
    from gitops_ci.update.choose import choose

    first = asked_alike[0]
    datasource, name = first.dependency.datasource, first.dependency.package_name
    consulted: dict[tuple[str | None, str | None, str | None], tuple[object, ...]] = {}

    def refine(dependency: Dependency) -> Options:
        options = _refined(first, rules.options(dependency))
        consulted[dependency.update_type, dependency.new_value, dependency.new_version] = _choice_key(options)
        return options

    def alike(asked: _Asked) -> bool:
        for (kind, value, version), wanted in consulted.items():
            dependency = replace(asked.dependency, update_type=kind, new_value=value, new_version=version)
            if _choice_key(_refined(asked, rules.options(dependency))) != wanted:
                return False
        return True

    choice, error = None, None
    try:
        choice = choose(
            first.dependency,
            first.options,
            tags,
            policy=policy,
            now=now,
            info=lambda reference: remembered.info(datasource, name, reference),
            digest=lambda tag: remembered.lookup.digest(datasource, name, tag),
            refine=refine,
        )
    except ConfigurationError:
        raise
    except GitopsError as problem:
        error = str(problem)
    same, others = [first], []
    for asked in asked_alike[1:]:
        (same if alike(asked) else others).append(asked)
    return _Answer(same, choice, error), others


def _refined(asked: _Asked, options: Options) -> Options:
    """Options of a later pass, with the scheme that the place itself asks for."""
    own = asked.use.versioning
    if own is None or "versioning" in options.origins:
        return options
    return replace(options, values={**options.values, "versioning": own})


class _Updates:
    """Turns picks into updates, uses of one place in the plan together."""

    def __init__(self, rules: RuleSet, remembered: _Remembered) -> None:
        self._rules = rules
        self._remembered = remembered
        self._merged: dict[tuple[object, ...], Update] = {}
        self._prints: dict[int, tuple[Options, str]] = {}

    def merged(self) -> list[Update]:
        return list(self._merged.values())

    def of(self, asked_alike: Sequence[_Asked], choice: Choice) -> tuple[list[Update], list[str], int]:
        """The updates for uses that were looked up together, remarks, and how many uses are up to date."""
        made: dict[tuple[object, ...], None] = {}
        notes: list[str] = []
        current = 0
        for asked in asked_alike:
            offered = 0
            for pick in choice.picks:
                update, note = self._update(asked, pick)
                if update is None:
                    notes.append(note)
                    continue
                offered += 1
                made[self._merge(update)] = None
            current += not offered
        return [self._merged[key] for key in made], list(dict.fromkeys(notes)), current

    def _update(self, asked: _Asked, pick: Pick) -> tuple[Update | None, str]:
        dependency = asked.dependency
        known = self._remembered.known_info(dependency.datasource, pick.name or dependency.package_name, pick.tag)
        source = known.labels.get(_SOURCE_LABEL) if known is not None else None
        dependency = replace(
            dependency,
            update_type=pick.kind,
            new_value=pick.tag,
            new_version=pick.version,
            is_breaking=pick.kind == "major",
            source_url=dependency.source_url or source,
        )
        options = self._rules.options(dependency)
        if options.values.get("enabled") is False:
            return None, f"{pick.kind} update to {pick.tag} is {_because(options, 'enabled', 'disabled')}"
        if pick.unproven is not None and options.values.get("automerge") is True:
            options = replace(options, values={**options.values, "automerge": False})
        stated = options.values.get("sourceUrl")
        use = asked.use
        return Update(
            uses=(use,),
            dependency=dependency,
            kind=pick.kind,
            current_tag=use.tag,
            current_digest=use.digest,
            new_tag=pick.tag,
            new_digest=pick.digest,
            new_name=pick.name,
            options=options,
            decided_by=_deciders(pick, options),
            released=pick.released or (known.created if known is not None else None),
            pending=pick.pending,
            source_url=stated if isinstance(stated, str) and stated else source,
        ), ""

    def _merge(self, update: Update) -> tuple[object, ...]:
        dependency = update.dependency
        key = (
            dependency.package_name, dependency.dep_name, dependency.application, dependency.environment,
            update.kind, update.current_tag, update.current_digest, update.new_tag, update.new_digest, update.new_name,
            update.pending, self._print(update.options),
        )  # fmt: skip
        known = self._merged.get(key)
        self._merged[key] = update if known is None else replace(known, uses=(*known.uses, *update.uses))
        return key

    def _print(self, options: Options) -> str:
        """Equal for options that say the same; rules may hand out the same object many times."""
        known = self._prints.get(id(options))
        if known is None:
            # The object is kept too, so that its id stays its own.
            known = self._prints[id(options)] = (options, repr(sorted(options.values.items(), key=lambda item: item[0])))
        return known[1]


def _deciders(pick: Pick, options: Options) -> tuple[Origin, ...]:
    """Who decided: what chose the version, then what said how it travels."""
    how = ("groupName", "automerge", "schedule", "branchName", "branchTopic", "dependencyDashboardApproval")
    return tuple(dict.fromkeys((*pick.origins, *(options.origins[name] for name in how if name in options.origins))))
