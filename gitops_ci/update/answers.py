"""Answers: the registries asked, several images at once, and the choice made for all uses that share it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from gitops_ci.errors import ConfigurationError, GitopsError, OutsideError
from gitops_ci.image.registry import ImageInfo
from gitops_ci.update.model import Dependency, Options, SelectionPolicy
from gitops_ci.update.question import Answer, Asked, Lookup, Question, RuleSet, choice_key, refined

WORKERS = 16
"""Look-ups at once; the registry client has a limit per host of its own."""


class Remembered:
    """The lookup, with what it said in this run remembered."""

    def __init__(self, lookup: Lookup) -> None:
        self.lookup = lookup
        self._infos: dict[tuple[str, str, str], ImageInfo | OutsideError] = {}

    def info(self, datasource: str, name: str, reference: str) -> ImageInfo:
        """Ask, once for each; an error is remembered too."""
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


def answer(
    by_image: Mapping[tuple[str, str], list[Question]],
    remembered: Remembered,
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
    image: tuple[str, str], questions: Sequence[Question], remembered: Remembered, rules: RuleSet, now: datetime
) -> None:
    datasource, name = image
    try:
        tags = remembered.lookup.tags(datasource, name)
    except OutsideError as error:
        for question in questions:
            question.answers.append(Answer(question.asked, None, str(error)))
        return
    for question in questions:
        left = question.asked
        while left:
            answer, left = _choose(left, question.policy, tags, remembered, rules, now)
            question.answers.append(answer)


def _choose(
    asked_alike: list[Asked],
    policy: SelectionPolicy | None,
    tags: tuple[str, ...],
    remembered: Remembered,
    rules: RuleSet,
    now: datetime,
) -> tuple[Answer, list[Asked]]:
    """Choose for the first of these uses; the answer holds for all that the rules treat alike in what was asked
    of them on the way. The others are given back."""
    from gitops_ci.update.choose import choose

    first = asked_alike[0]
    datasource, name = first.dependency.datasource, first.dependency.package_name
    consulted: dict[tuple[str | None, str | None, str | None], tuple[object, ...]] = {}

    def refine(dependency: Dependency) -> Options:
        options = refined(first, rules.options(dependency))
        consulted[dependency.update_type, dependency.new_value, dependency.new_version] = choice_key(options)
        return options

    def alike(asked: Asked) -> bool:
        for (kind, value, version), wanted in consulted.items():
            dependency = replace(asked.dependency, update_type=kind, new_value=value, new_version=version)
            if choice_key(refined(asked, rules.options(dependency))) != wanted:
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
    except ConfigurationError as problem:
        use = first.use
        if (use.versioning or use.extract_version) is None:
            raise
        # What the place itself says about its versions concerns this image alone.
        error = f"{use.file}:{use.line}: {problem}"
    except GitopsError as problem:
        error = str(problem)
    same: list[Asked] = [first]
    others: list[Asked] = []
    for asked in asked_alike[1:]:
        (same if alike(asked) else others).append(asked)
    return Answer(same, choice, error), others
