"""The splice, property-based: any style, any line ends, anything around; nothing but the value changes."""

from typing import NamedTuple

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from gitops_ci.errors import RefusedError
from gitops_ci.manifest.edit import Edit
from gitops_ci.manifest.parse import parse
from gitops_ci.manifest.splice import apply, plan, set_image
from gitops_ci.manifest.use import ImageUse, Place

D1 = "sha256:" + "a" * 64
D2 = "sha256:" + "b" * 64

_TAGS = st.sampled_from(
    ["1.20", "v1.2.3", "0123456", "1e5", "12e4567", "null", "true", "2024-01-01", "1_000", "7", "a-b_c.d", "on"]
)
_OLD_TAGS = st.sampled_from(["1.19", "v1.2.2", "latest", "3", "20230101", "no", "x"])
_NAMES = st.sampled_from(["nginx", "ghcr.io/acme/api", "localhost:5000/x", "a/b/c"])
_NOISE = st.sampled_from(
    [
        "",
        "# ümlaut: image: x:1\n",
        "other: 'ö'\n",
        "list: [1, {a: b}]\n",
        "text: |\n  image: nginx:1.19\n",
        "b: &anchor x\nc: *anchor\n",
        "\n\n",
    ]
)


class Sample(NamedTuple):
    text: str
    value: str


@st.composite
def scalars(draw: st.DrawFn, value: str) -> str:
    """One value in any style, with or without anchor and tag."""
    properties = draw(st.sampled_from(["", "&a ", "!!str ", "!custom ", "&a !!str ", "!!str &a "]))
    style = draw(st.sampled_from(["plain", "'", '"', "|", ">-", "|+", "next"]))
    if style == "plain":
        return properties + value
    if style in "'\"":
        return properties + style + value + style
    if style == "next":
        return f"{properties}\n    {value}"
    return f"{properties}{style}\n    {value}"


@st.composite
def files(draw: st.DrawFn, value: str, key: str) -> bytes:
    """A file that holds ``value`` under ``key``, somewhere."""
    before, after = draw(_NOISE), draw(_NOISE)
    if draw(st.booleans()):
        scalar = draw(scalars(value))
        written = draw(st.sampled_from([key, f'"{key}"', f"? {key}\n"]))
        comment = draw(st.sampled_from(["", " # c", "  \t"])) if "\n" not in scalar else ""
        body = f"{written}: {scalar}{comment}\n"
    else:
        quote = draw(st.sampled_from(["", "'", '"']))
        body = draw(st.sampled_from(["f: {%s: %s, z: 1}\n", "f: [{z: 1, %s: %s}]\n", "f: { %s : %s }\n"])) % (
            key,
            quote + value + quote,
        )
    text = (
        before
        + body
        + after.replace("b: &anchor", "d: &other")
        .replace("c: *anchor", "e: *other")
        .replace("other:", "more:")
        .replace("list:", "lost:")
        .replace("text:", "tixt:")
    )
    if not draw(st.booleans()):
        text = text.rstrip("\n")
    end = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    lead = draw(st.sampled_from(["", "\ufeff", "---\n", "%YAML 1.2\n---\n", "a: é\n---\n"]))
    tail = draw(st.sampled_from(["", "\n---\nz: 1\n", "\n...\n"]))
    return (lead + text + tail).replace("\n", end).encode()


def place_of(data: bytes, key: str, holds: str) -> tuple[Place, int]:
    for document in parse("f.yaml", data).documents:
        stack = [document.root]
        while stack:
            node = stack.pop()
            for name, value in getattr(node, "items", []) if type(node).__name__ == "Mapping" else []:
                if name.value == key:
                    place = document.place(value, holds)
                    assert place is not None
                    return place, document.index
                stack.append(value)
            if type(node).__name__ == "Sequence":
                stack += node.items
    raise AssertionError(f"no {key} in {data!r}")


def read(data: bytes) -> list[tuple[object, ...]]:
    """What PyYAML's pure parser, a reader other than ours, sees."""
    return [
        (
            type(event).__name__,
            getattr(event, "anchor", None),
            getattr(event, "tag", None),
            getattr(event, "value", None),
        )
        for event in yaml.parse(
            data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n"), Loader=yaml.SafeLoader
        )
    ]


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_style_any_line_end_only_the_value_differs(data: st.DataObject) -> None:
    whole = data.draw(st.booleans())
    name, old, new = data.draw(_NAMES), data.draw(_OLD_TAGS), data.draw(_TAGS)
    digests = data.draw(st.sampled_from([(None, None), (D1, D2), (None, D2)]))
    before = f"{name}:{old}" if whole else old
    after = f"{name}:{new}" if whole else new
    if digests[0]:
        before += f"@{D1}"
    if digests[1]:
        after += f"@{D2}"
    content = data.draw(files(before, "image" if whole else "tag"))
    try:
        events = read(content)
    except yaml.YAMLError:
        return  # our own sample is no YAML in that combination
    place, index = place_of(content, "image" if whole else "tag", "reference" if whole else "tag")
    use = ImageUse("f.yaml", "image", index, name, old, digests[0], "kubernetes", (place,))
    try:
        edits = set_image(use, tag=new, digest=digests[1])
    except RefusedError as error:
        assert "several lines" in str(error)
        return
    result = apply("f.yaml", content, edits)
    (edit,) = edits
    assert place.start <= edit.start and edit.end <= place.end
    assert result == content[: edit.start] + edit.new + content[edit.end :]
    changed = [(a, b) for a, b in zip(events, read(result), strict=True) if a != b]
    assert len(changed) == 1
    (a, b) = changed[0]
    assert a[:3] == b[:3] and a[3].strip() == before and b[3].strip() == after
    node, _ = place_of(result, "image" if whole else "tag", "tag")
    if not node.tagged:
        assert type(yaml.safe_load(node.raw.decode())) is str


def use_of(text: str, key: str = "image", holds: str = "reference", **fields: object) -> tuple[ImageUse, bytes]:
    data = text.encode()
    place, index = place_of(data, key, holds)
    values = {"name": "nginx", "tag": "1.19", "digest": None, "format": "kubernetes"} | fields
    return ImageUse(
        "f.yaml", key, index, values["name"], values["tag"], values["digest"], values["format"], (place,)
    ), data


def test_a_stale_digest_never_stays() -> None:
    use, data = use_of(f"image: nginx:1.19@{D1}\n", digest=D1)
    with pytest.raises(RefusedError, match="digest"):
        set_image(use, tag="1.20")
    with pytest.raises(RefusedError, match="digest"):
        set_image(use, name="other")
    assert apply("f.yaml", data, set_image(use, tag="1.20", digest=D2)) == f"image: nginx:1.20@{D2}\n".encode()
    assert apply("f.yaml", data, set_image(use, tag="1.20", drop_digest=True)) == b"image: nginx:1.20\n"
    assert apply("f.yaml", data, set_image(use, digest=D2)) == f"image: nginx:1.19@{D2}\n".encode()


def test_nothing_to_change_is_no_edit() -> None:
    use, _ = use_of(f"image: nginx:1.19@{D1}\n", digest=D1)
    assert set_image(use, tag="1.19") == ()
    assert set_image(use, tag="1.19", digest=D1) == ()


def test_a_name_and_a_tag_move_together() -> None:
    use, data = use_of("image: nginx:1.19 # x\n")
    assert apply("f.yaml", data, set_image(use, name="ghcr.io/a/b", tag="2")) == b"image: ghcr.io/a/b:2 # x\n"


def test_an_image_without_a_tag_gets_one_even_behind_a_port() -> None:
    use, data = use_of("image: localhost:5000/x\n", name="localhost:5000/x", tag=None)
    assert apply("f.yaml", data, set_image(use, tag="2")) == b"image: localhost:5000/x:2\n"


def test_a_helm_digest_without_a_key_goes_behind_the_tag() -> None:
    use, data = use_of("tag: 1.19\n", "tag", "tag", format="helm-values")
    result = apply("f.yaml", data, set_image(use, digest=D2))
    assert result == f"tag: 1.19@{D2}\n".encode()
    assert type(yaml.safe_load(result)["tag"]) is str


def test_tag_and_digest_keys_move_together() -> None:
    text = f"tag: '1.19'\ndigest: {D1}\n"
    use, data = use_of(text, "tag", "tag", format="helm-values", digest=D1)
    digest, _ = place_of(data, "digest", "digest")
    use = use._replace(places=(*use.places, digest))
    assert apply("f.yaml", data, set_image(use, tag="1.20", digest=D2)) == f"tag: '1.20'\ndigest: {D2}\n".encode()
    assert apply("f.yaml", data, set_image(use, tag="1.20", drop_digest=True)) == b"tag: '1.20'\ndigest: \"\"\n"


def test_a_tag_that_a_chart_decides_is_not_added() -> None:
    use, _ = use_of("repository: nginx\n", "repository", "repository", format="helm-values", tag=None)
    with pytest.raises(RefusedError, match="no tag here"):
        set_image(use, tag="1.20")


def test_a_name_spread_over_registry_and_repository() -> None:
    text = "registry: quay.io\nrepository: a/b\ntag: v1\n"
    use, data = use_of(text, "tag", "tag", name="quay.io/a/b", tag="v1", format="helm-values")
    registry, _ = place_of(data, "registry", "registry")
    repository, _ = place_of(data, "repository", "repository")
    use = use._replace(places=(registry, repository, *use.places))
    assert apply("f.yaml", data, set_image(use, name="ghcr.io/c/d")) == b"registry: ghcr.io\nrepository: c/d\ntag: v1\n"
    assert (
        apply("f.yaml", data, set_image(use, name="nginx", tag="v2"))
        == b"registry: docker.io\nrepository: library/nginx\ntag: v2\n"
    )


def test_a_prefix_stays() -> None:
    use, data = use_of("image: docker://nginx:1.19\n")
    use = use._replace(places=(use.places[0]._replace(prefix="docker://"),))
    assert apply("f.yaml", data, set_image(use, tag="1.20")) == b"image: docker://nginx:1.20\n"


def test_a_shared_value_changes_only_if_all_its_uses_are_meant() -> None:
    use, data = use_of("image: &i nginx:1.19\nother: *i\n")
    other = use._replace(path="other", name="nginx")
    planned = plan([use], [use, other], tag="1.20")
    assert planned.edits == () and "shares its value" in str(planned.refused[0][1])
    planned = plan([use, other], [use, other], tag="1.20")
    assert apply("f.yaml", data, planned.edits) == b"image: &i nginx:1.20\nother: *i\n"


def test_a_value_shared_with_an_image_of_another_name_is_refused_alone() -> None:
    use, _ = use_of("tag: &v 1.19\nx: *v\n", "tag", "tag", format="helm-values")
    use = use._replace(shared=("redis",))
    assert "redis" in str(plan([use], [use], tag="1.20").refused[0][1])
    with pytest.raises(RefusedError, match="redis"):
        set_image(use, tag="1.20")


def test_apply_refuses_when_the_file_has_changed() -> None:
    use, data = use_of("image: nginx:1.19\n")
    with pytest.raises(RefusedError, match="no longer"):
        apply("f.yaml", b"# moved\n" + data, set_image(use, tag="1.20"))


def test_apply_refuses_overlapping_edits() -> None:
    data = b"image: nginx:1.19\n"
    with pytest.raises(RefusedError, match="overlap"):
        apply("f.yaml", data, [Edit("f.yaml", 13, b"1.19", b"2"), Edit("f.yaml", 15, b"19", b"3")])


@pytest.mark.parametrize(
    ("data", "edit"),
    [
        (b"image: nginx:1.19\nb: 2\n", Edit("f.yaml", 12, b":", b": ")),  # a new mapping
        (b"tag: x\nb: 2\n", Edit("f.yaml", 5, b"x", b"1.20")),  # a number
        (b"tag: x\nb: 2\n", Edit("f.yaml", 5, b"x", b"x #")),  # hides what follows
        (b"tag: x\nb: 2\n", Edit("f.yaml", 5, b"x", b"&a x")),  # an anchor
        (b"tag: x\nb: 2\n", Edit("f.yaml", 0, b"tag", b"tog: 1\ntag")),  # a new entry out of nothing
        (b"tag: x\nb: 2\n", Edit("f.yaml", 6, b"\n", b"\n---\n")),  # a new document
        (b"tag: x\nb: 2\n", Edit("f.yaml", 5, b"x", b"[")),  # no YAML
        (b"a: &a x\nb: *a\nc: &c y\n", Edit("f.yaml", 12, b"a", b"c")),  # an alias to nothing
    ],
)
def test_an_edit_that_changes_anything_else_is_refused_after_reading_again(data: bytes, edit: Edit) -> None:
    with pytest.raises(RefusedError):
        apply("f.yaml", data, [edit])


@pytest.mark.parametrize(
    "text",
    [
        "a: ENC[AES256_GCM,data:x,iv:y,tag:z,type:str]\nimage: nginx:1.19\n",
        "image: nginx:1.19\nsops:\n  mac: abc\n  version: 3.8\n",
        '{"image": "nginx:1.19", "sops": {"mac": "x"}}',
    ],
)
def test_files_that_sops_guards_are_refused(text: str) -> None:
    use, data = use_of(text)
    with pytest.raises(RefusedError, match="SOPS"):
        apply("f.yaml", data, set_image(use, tag="1.20"))
