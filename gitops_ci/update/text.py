"""What people read of a change: title, commit message, Markdown body.

Names, tags and paths come from files and registries: they enter Markdown only through
:mod:`gitops_ci.report.markdown`, and titles only as one line of visible characters. The same change gives the
same text at any time: dates instead of ages, nothing about the run.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC

from gitops_ci.forge.change import MergePolicy
from gitops_ci.report import markdown
from gitops_ci.report.style import one_line
from gitops_ci.update.fields import fields, flag, given, group_fields, origin, target, text, texts
from gitops_ci.update.group import Group
from gitops_ci.update.model import Origin, Update
from gitops_ci.update.template import render

MAX_TITLE = 200
_PARTS = (
    "commitMessagePrefix",
    "commitMessageAction",
    "commitMessageTopic",
    "commitMessageExtra",
    "commitMessageSuffix",
)


def title(group: Group, *, semantic: bool = False) -> str:
    """One line: ``Update ghcr.io/acme/api to v1.4.3 in prod``, ``Update redis to 8.2 in prod/shop``,
    ``Update payment-api in prod (3 images)``, ``Update payment-api in prod (3 images, major)``.

    ``semantic`` is what ``semanticCommits: auto`` found in the repository's history.
    """
    first = group.updates[0].options
    values = group_fields(group.updates, branch=group.branch, group_name=group.name)
    whole = given(first, "commitMessage")
    if whole is not None:
        return _one(render(whole, values, option="commitMessage"))
    parts = dict(zip(_PARTS[1:], _own_words(group), strict=True))
    prefix = given(first, "commitMessagePrefix")
    for name in parts:
        templates = {given(update.options, name) for update in group.updates}
        # "Pin" must not stand above a change that updates something as well.
        template = templates.pop() if len(templates) == 1 else None
        if template is not None:
            parts[name] = render(template, values, option=name)
    if prefix is not None:
        before = render(prefix, values, option="commitMessagePrefix")
    else:
        before = _semantic_prefix(group, semantic)
    words = [part.strip() for part in parts.values() if part.strip()]
    # With a prefix such as "chore(deps):" the sentence goes on after a colon.
    if before and words and text(first, "commitMessageLowerCase", "auto") != "never":
        words[0] = words[0][:1].lower() + words[0][1:]
    return _one(" ".join([before.strip(), *words] if before.strip() else words))


def proposal_title(group: Group, commit_title: str, *, base: str | None = None) -> str:
    """The proposal's title: ``prTitle`` where it is set, else the commit's; with the base where there are several."""
    template = given(group.updates[0].options, "prTitle")
    if template is None:
        return _one(f"{commit_title} ({base})") if base is not None else commit_title
    values = group_fields(group.updates, branch=group.branch, group_name=group.name)
    return _one(render(template, {**values, "commitMessage": commit_title}, option="prTitle"))


def commit_message(group: Group, commit_title: str) -> str:
    """Title, one line per update, and what ``commitBody`` and ``commitTrailers`` add."""
    first = group.updates[0].options
    lines = [
        f"- {one_line(update.dependency.dep_name)}: {step(update)} ({update.kind}){_where(update)}"
        for update in group.updates
    ]
    paragraphs = [commit_title, "\n".join(dict.fromkeys(lines))]
    values = group_fields(group.updates, branch=group.branch, group_name=group.name)
    body = given(first, "commitBody")
    if body is not None:
        paragraphs.append(render(body, values, option="commitBody").strip())
    trailers = [_one(render(trailer, values, option="commitTrailers")) for trailer in texts(first, "commitTrailers")]
    paragraphs.append("\n".join(trailers))
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph) + "\n"


def body(group: Group, files: Mapping[str, Sequence[int]], merge: MergePolicy) -> str:
    """The proposal's text. ``files`` maps each changed file to its changed lines (1-based)."""
    first = group.updates[0].options
    notes = []
    values = group_fields(group.updates, branch=group.branch, group_name=group.name)
    for update in group.updates:
        each = fields(update)
        for note in texts(update.options, "prBodyNotes"):
            rendered = render(note, {**values, **each}, option="prBodyNotes").strip()
            if rendered:
                notes.append(rendered)
    sections = {
        "header": _rendered(first_text=given(first, "prHeader"), values=values, option="prHeader") or _lead(group),
        "table": _table(group.updates),
        "notes": "\n\n".join(dict.fromkeys(notes)),
        "warnings": "",
        "changelogs": _links(group.updates),
        "files": _files(files),
        "configDescription": _merging(merge) + "\n\n" + _deciders(group.updates),
        "controls": "Merge this branch to accept the change, delete it to decline it; push to it to take it over.",
        "footer": _rendered(first_text=given(first, "prFooter"), values=values, option="prFooter"),
    }
    template = given(first, "prBodyTemplate")
    if template is not None:
        shown = render(template, {**values, **sections}, option="prBodyTemplate")
    else:
        order = ("header", "table", "notes", "changelogs", "files", "configDescription", "controls", "footer")
        shown = "\n\n".join(sections[name].strip() for name in order if sections[name].strip())
    # A file's name need not be UTF-8; what is sent and stored must be.
    shown = shown.encode("utf-8", "backslashreplace").decode()
    return markdown.truncate(shown.strip() + "\n", 60_000, "The rest is left out here; the commit has all of it.")


def step(update: Update) -> str:
    """``1.4.2 → v1.4.3``, with short digests where only they change."""
    before, after = origin(update), target(update)
    if update.new_name is not None and update.new_name != update.dependency.dep_name:
        after = f"{update.new_name}:{after}" if after else update.new_name
    return one_line(f"{before} → {after}" if before else f"→ {after}")


def origin_text(source: Origin) -> str:
    """``renovate.json packageRules[3] (line 12)``."""
    line = f" (line {source.line})" if source.line is not None else ""
    return f"{source.source} {source.detail}".strip() + line


def _own_words(group: Group) -> tuple[str, str, str, str]:
    """Action, topic, extra and suffix where no configuration has words of its own."""
    updates = group.updates
    first = updates[0]
    action = (
        text(first.options, "commitMessageAction", "Update")
        if len({update.kind for update in updates}) == 1
        else "Update"
    )
    names = list(dict.fromkeys(update.dependency.dep_name for update in updates))
    targets = {target(update) for update in updates}
    where = f"in {group.environment}" if group.environment else ""
    if group.name is not None:
        level = f"({group.level})" if group.level and f"{group.level}" not in group.name.lower() else ""
        extra = f"to {targets.pop()}" if len(targets) == 1 else ""
        return action, group.name, extra, level
    if len(names) == 1:
        extra = f"to {targets.pop()}" if len(targets) == 1 else ""
        if first.kind in ("pin", "pinDigest"):
            extra = f"to {target(first)}" if target(first) and len(updates) == 1 else ""
        if first.kind == "replacement" and first.new_name:
            extra = f"by {first.new_name}" + (f" {target(first)}" if target(first) else "")
        # Two applications may have the same image: the title says which one, unless the image's name does.
        if group.application and group.application != names[0].rpartition("/")[2]:
            where = "in " + "/".join(part for part in (group.environment, group.application) if part)
        return action, names[0], extra, where
    topic = group.application or "images"
    level = f", {group.level}" if group.level else ""
    return action, topic, where, f"({len(names)} images{level})" if group.application else ""


def _semantic_prefix(group: Group, detected: bool) -> str:
    options = group.updates[0].options
    wish = text(options, "semanticCommits", "auto")
    if wish != "enabled" and not (wish == "auto" and detected):
        return ""
    scope = text(options, "semanticCommitScope", "deps")
    return text(options, "semanticCommitType", "chore") + (f"({scope})" if scope else "") + ":"


def _where(update: Update) -> str:
    place = [part for part in (update.dependency.application, update.dependency.environment) if part]
    return f" in {one_line('/'.join(reversed(place)))}" if place else ""


def _lead(group: Group) -> str:
    count = len({update.dependency.dep_name for update in group.updates})
    what = f"{count} image{'s' if count > 1 else ''}"
    if group.application:
        what += f" of **{markdown.escape(group.application)}**"
    if group.environment:
        what += f" in **{markdown.escape(group.environment)}**"
    if group.name:
        what += f" (group {markdown.escape(group.name)})"
    return f"This changes {what}."


def _table(updates: Sequence[Update]) -> str:
    placed = any(update.dependency.environment or update.dependency.application for update in updates)
    columns = ["Image", *(["Where"] if placed else []), "From", "To", "Kind", "Released", "Decided by"]
    rows = []
    for update in updates:
        where = "/".join(part for part in (update.dependency.environment, update.dependency.application) if part)
        after = target(update)
        if update.new_name is not None and update.new_name != update.dependency.dep_name:
            after = f"{update.new_name}:{after}" if after else update.new_name
        released = update.released.astimezone(UTC).strftime("%Y-%m-%d") if update.released else "unknown"
        deciders = "; ".join(markdown.escape(origin_text(source)) for source in update.decided_by[:3]) or "defaults"
        place = [markdown.escape(where)] if placed else []
        change = [markdown.code(origin(update)), markdown.code(after), update.kind]
        rows.append([markdown.code(update.dependency.dep_name), *place, *change, released, deciders])
    return markdown.table(columns, rows)


def _links(updates: Sequence[Update]) -> str:
    lines = []
    for update in updates:
        if update.source_url:
            lines.append(f"- {markdown.link(update.dependency.dep_name, release_url(update))}")
    return "### Release notes\n\n" + "\n".join(dict.fromkeys(lines)) if lines else ""


def release_url(update: Update) -> str | None:
    """Where the release notes are, from the image's OCI labels: the tag's own page where GitHub has the source."""
    from urllib.parse import quote

    source = (update.source_url or "").removesuffix(".git").rstrip("/")
    if not source.startswith(("https://", "http://")):
        return None
    if (
        source.startswith("https://github.com/")
        and source.count("/") == 4
        and update.new_tag
        and update.kind != "digest"
    ):
        return f"{source}/releases/tag/{quote(update.new_tag, safe='')}"
    return source


def _files(files: Mapping[str, Sequence[int]]) -> str:
    lines = []
    for file, changed in sorted(files.items()):
        places = sorted(set(changed))
        shown = ", ".join(str(line) for line in places[:10]) + (", …" if len(places) > 10 else "")
        lines.append(f"- {markdown.code(file)} line{'s' if len(places) > 1 else ''} {shown}")
    listing = "\n".join(lines)
    if len(lines) > 20:
        return markdown.details(f"{len(lines)} files", listing)
    return f"### Files\n\n{listing}" if lines else ""


def _merging(merge: MergePolicy) -> str:
    if not merge.automerge:
        return "**Merging:** by a person."
    when = "; ".join(markdown.escape(entry) for entry in merge.schedule if entry != "at any time")
    checks = "without waiting for checks" if merge.ignore_tests else "once the checks are green"
    return f"**Merging:** by itself, {checks}" + (f", {when}." if when else ".")


def _deciders(updates: Sequence[Update]) -> str:
    lines = [f"- {markdown.escape(origin_text(source))}" for update in updates for source in update.decided_by]
    unique = list(dict.fromkeys(lines))
    return "**Rules that decided:**\n\n" + "\n".join(unique) if unique else ""


def _rendered(*, first_text: str | None, values: Mapping[str, object], option: str) -> str:
    return render(first_text, values, option=option) if first_text is not None else ""


def _one(line: str) -> str:
    shown = one_line(" ".join(line.split()))
    return shown if len(shown) <= MAX_TITLE else shown[: MAX_TITLE - 1] + "…"


def automerges(group: Group) -> bool:
    """A group merges by itself only if every update in it may."""
    return all(flag(update.options, "automerge") for update in group.updates)
