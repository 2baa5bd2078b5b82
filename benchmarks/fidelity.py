"""Every image of real repositories, bumped one by one: only its bytes may differ, and only its value.

    python benchmarks/fidelity.py DIRECTORY...

Each directory is a checkout (or holds checkouts). For every image use that a scan finds, the tag (or the
digest, or both) is replaced in memory; nothing is written. The judge is independent of the splice:

- the bytes outside of the edits are compared directly, and the edits must lie in the use's own places;
- PyYAML's C parser reads the touched document before and after: the two event streams must have the same
  shape, and their values must differ in the values of that use and nowhere else, each being what was asked for
  and a text by YAML 1.1 (PyYAML's resolver) and 1.2 (ruamel.yaml's). A document that PyYAML cannot read as it
  stands (a Helm template) is judged with its ``{{ }}`` masked, and counted.

Exits 1 if a single edit is wrong or more than 0.1% are refused.
"""

import os
import sys
import time
from collections import Counter

import yaml

from gitops_ci.errors import RefusedError
from gitops_ci.manifest import scan as scanner
from gitops_ci.manifest.splice import apply, is_encrypted, set_image
from gitops_ci.manifest.split import split
from gitops_ci.manifest.template import mask

TAGS = ("1.20", "v9.8.7-rc.1", "0123456", "12e4567", "2024-01-01", "null", "9.9.9")
DIGEST = "sha256:" + "0123456789abcdef" * 4
RESOLVER = yaml.resolver.Resolver()
TEXT = "tag:yaml.org,2002:str"


def events(text):
    return [
        (
            type(event).__name__,
            getattr(event, "value", None),
            getattr(event, "anchor", None),
            getattr(event, "tag", None),
            getattr(event, "implicit", None),
        )
        for event in yaml.parse(text, Loader=yaml.CLoader)
    ]


def text_in_12(value):
    from ruamel.yaml.resolver import VersionedResolver

    global _resolver_12
    try:
        resolver = _resolver_12
    except NameError:
        resolver = _resolver_12 = VersionedResolver(version=(1, 2))
    from ruamel.yaml.nodes import ScalarNode

    return str(resolver.resolve(ScalarNode, value, (True, False))) == TEXT


def judge(use, data, new, edits, expected):
    """None if the bump is right, else what is wrong."""
    position = shift = 0
    for edit in edits:
        if data[position : edit.start] != new[position + shift : edit.start + shift]:
            return "bytes outside of the edit changed"
        if not any(place.start <= edit.start and edit.end <= place.end for place in use.places):
            return "the edit is outside of the use's places"
        position, shift = edit.end, shift + len(edit.new) - len(edit.old)
    if data[position:] != new[position + shift :]:
        return "bytes behind the edit changed"
    before, after = split(data), split(new)
    if len(before) != len(after):
        return "another number of documents"
    masked = False
    changed = []
    for a, b in zip(before, after, strict=True):
        if not any(a.start <= edit.start < a.end for edit in edits):
            continue
        one, two = data[a.start : a.end], new[b.start : b.end]
        try:
            one, two = events(one), events(two)
        except yaml.YAMLError:
            masked = True
            try:
                one, two = events(mask(one)[0]), events(mask(two)[0])
            except yaml.YAMLError as error:
                return f"not readable: {error}"
        if len(one) != len(two):
            return "another number of events"
        for x, y in zip(one, two, strict=True):
            if x[0] != y[0] or x[2:4] != y[2:4]:
                return f"{x} became {y}"
            if x[1] != y[1]:
                changed.append((x, y))
                if (
                    y[4] is not None
                    and y[4][0]
                    and y[3] is None
                    and not (RESOLVER.resolve(yaml.ScalarNode, y[1], (True, False)) == TEXT and text_in_12(y[1]))
                ):
                    return f"{y[1]!r} is no text"
            elif x[4] != y[4]:
                return f"{x} became {y}"
    got = sorted(y[1].strip() for _, y in changed)
    if use.places[0].style == "raw" or any(
        place.value.strip() not in [x[1].strip() for x, _ in changed] for place in expected
    ):
        inside = len(changed) == 1 and "\n" in changed[0][0][1]  # YAML inside a text
        if not (inside and all(text in changed[0][1][1] for text in expected.values())):
            return f"changed {changed}"
    elif got != sorted(expected.values()):
        return f"{got} instead of {sorted(expected.values())}"
    return "masked" if masked else None


def wanted(use, tag, digest):
    """Place → the text that it must hold afterwards, reckoned from the use and not from the splice."""
    result = {}
    held = {place.holds: place for place in use.places}
    if "reference" in held:
        place = held["reference"]
        name = place.value.strip()[len(place.prefix) :]
        name = name.partition("@")[0]
        if ":" in name.rpartition("/")[2]:
            name = name.rpartition(":")[0]
        result[place] = place.prefix + name + (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")
        return result
    version = held.get("tag") or held.get("version")
    if version is not None and tag:
        result[version] = version.prefix + tag + (f"@{digest}" if digest and "digest" not in held else "")
    if "digest" in held and digest:
        result[held["digest"]] = digest
    return {place: text for place, text in result.items() if place.value.strip() != text}


def bump_all(root, counts, problems):
    found = scanner.scan(root)
    counts["files"] += found.files
    data, encrypted = {}, {}
    for number, use in enumerate(found.uses):
        if use.file not in data:
            with open(os.path.join(root, use.file), "rb") as stream:
                data[use.file] = stream.read()
            encrypted[use.file] = is_encrypted(data[use.file])
            counts["files with images"] += 1
        content = data[use.file]
        counts["images"] += 1
        if use.tag is None and use.digest is None:
            counts["without tag or digest"] += 1
            continue
        tag = TAGS[number % len(TAGS)] if use.tag is not None else None
        digest = DIGEST if use.digest is not None else None
        try:
            edits = set_image(use, tag=tag, digest=digest, data=content, shared=True)
            new = apply(use.file, content, edits)
        except RefusedError as error:
            if encrypted[use.file]:
                counts["encrypted"] += 1
            else:
                counts["refused"] += 1
                problems.append(f"refused: {error}")
            continue
        counts["bumped"] += 1
        if use.format == "dockerfile":
            counts["dockerfile (bytes only)"] += 1
            continue
        wrong = judge(use, content, new, edits, wanted(use, tag, digest))
        if wrong == "masked":
            counts["in templates"] += 1
        elif wrong is not None:
            counts["WRONG"] += 1
            problems.append(
                f"WRONG: {root}/{use.file}:{use.line} {use.path} {use.format} {use.reference}: {wrong[:300]}"
            )


def main(directories):
    total = Counter()
    problems = []
    start = time.process_time()
    columns = ("files", "files with images", "images", "bumped", "in templates", "encrypted", "refused", "WRONG")
    print("".join(f"{name:>18}" for name in columns), " repository")
    for directory in directories:
        counts = Counter()
        bump_all(directory, counts, problems)
        total += counts
        print(
            "".join(f"{counts[name]:>18,}" for name in columns),
            "",
            os.path.basename(os.path.normpath(directory)),
            flush=True,
        )
    print("".join(f"{total[name]:>18,}" for name in columns), " all")
    print("\n".join(problems))
    done = total["bumped"] or 1
    print(
        f"exact: {100 * (1 - total['WRONG'] / done):.2f}% of {total['bumped']:,} bumps"
        f" in {total['files with images']:,} files"
        f" ({total['files']:,} read); refused {100 * total['refused'] / (done + total['refused']):.3f}%;"
        f" {time.process_time() - start:.0f} s CPU"
    )
    return 1 if total["WRONG"] or total["refused"] > 0.001 * (done + total["refused"]) else 0


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1:]))
