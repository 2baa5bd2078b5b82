"""Offers: from what was chosen for an image to the updates of its uses, with the options of their kind."""

from collections.abc import Sequence
from dataclasses import replace

from gitops_ci.update.answers import Remembered
from gitops_ci.update.choice import Choice, Pick
from gitops_ci.update.gates import stated_time
from gitops_ci.update.model import Options, Origin, Update
from gitops_ci.update.question import Asked, RuleSet, because

_SOURCE_LABEL = "org.opencontainers.image.source"


class Offers:
    """Turns picks into updates, uses of one place in the plan together."""

    def __init__(self, rules: RuleSet, remembered: Remembered) -> None:
        self._rules = rules
        self._remembered = remembered
        self._merged: dict[tuple[object, ...], Update] = {}
        self._prints: dict[int, tuple[Options, str]] = {}

    def merged(self) -> list[Update]:
        """All updates made so far."""
        return list(self._merged.values())

    def of(self, asked_alike: Sequence[Asked], choice: Choice) -> tuple[list[Update], list[str], int]:
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

    def _update(self, asked: Asked, pick: Pick) -> tuple[Update | None, str]:
        dependency = asked.dependency
        known = self._remembered.known_info(dependency.datasource, pick.name or dependency.package_name, pick.tag)
        source = known.labels.get(_SOURCE_LABEL) if known is not None else None
        # Asked before, to compare platforms: matchCurrentAge costs no request.
        reference = dependency.current_digest or dependency.current_value
        current = self._remembered.known_info(dependency.datasource, dependency.package_name, reference)
        dependency = replace(
            dependency,
            current_age=dependency.current_age or stated_time(current),
            update_type=pick.kind,
            new_value=pick.tag,
            new_version=pick.version,
            is_breaking=pick.kind == "major",
            source_url=dependency.source_url or source,
        )
        options = self._rules.options(dependency)
        if options.values.get("enabled") is False:
            return None, f"{pick.kind} update to {pick.tag} is {because(options, 'enabled', 'disabled')}"
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
            known = self._prints[id(options)] = (
                options,
                repr(sorted(options.values.items(), key=lambda item: item[0])),
            )
        return known[1]


def _deciders(pick: Pick, options: Options) -> tuple[Origin, ...]:
    """Who decided: what chose the version, then what said how it travels."""
    how = ("groupName", "automerge", "schedule", "branchName", "branchTopic", "dependencyDashboardApproval")
    return tuple(dict.fromkeys((*pick.origins, *(options.origins[name] for name in how if name in options.origins))))
