"""Against the real registry: what it costs and what comes out."""

from datetime import UTC, datetime

import pytest

from gitops_ci.errors import RegistryError
from gitops_ci.image import layout
from gitops_ci.image.registry.pool import Registries
from tests.doubles.faulty_registry import Answer

MAY = datetime(2024, 5, 1, 12, 30, tzinfo=UTC)


def test_tags_of_an_image_cost_one_request(registry, registries):
    registry.push("one/request", "1.0.0")
    registry.push("one/request", "1.1.0")
    before = registry.requests()
    assert sorted(registries.tags(f"{registry.host}/one/request")) == ["1.0.0", "1.1.0"]
    assert registry.requests() - before == 1
    assert registries.stats == {registry.host: 1}


def test_the_same_question_is_asked_once(registry, registries):
    registry.push("asked/once", "1.0.0")
    before = registry.requests()
    for _ in range(3):
        registries.tags(f"{registry.host}/asked/once")
        registries.digest(f"{registry.host}/asked/once", "1.0.0")
    assert registry.requests() - before == 2


def test_a_digest_costs_one_head_request(registry, registries):
    pushed = registry.push("a/digest", "1.0.0")
    before = len(registry.log())
    assert registries.digest(f"{registry.host}/a/digest", "1.0.0") == pushed
    assert [(request.method, request.target) for request in registry.log()[before:]] == [
        ("HEAD", "/v2/a/digest/manifests/1.0.0")
    ]


@pytest.mark.parametrize("docker", [False, True])
def test_info_of_a_single_image(registry, registries, docker):
    name = f"info/single-{docker}".lower()
    pushed = registry.push(name, "1", created=MAY, labels={"team": "pay"}, platforms=["linux/arm/v7"], docker=docker)
    info = registries.info(f"{registry.host}/{name}", "1")
    assert info.digest == pushed
    assert info.created == MAY
    assert info.platforms == {"linux/arm/v7"}
    assert info.labels["team"] == "pay"


@pytest.mark.parametrize("docker", [False, True])
def test_info_of_an_index_without_its_attestations(registry, registries, docker):
    name = f"info/index-{docker}".lower()
    pushed = registry.push(
        name,
        "1",
        created=MAY,
        labels={"team": "pay"},
        platforms=["linux/amd64", "linux/arm64/v8", "windows/amd64"],
        attestations=not docker,
        docker=docker,
    )
    info = registries.info(f"{registry.host}/{name}", "1")
    assert info.digest == pushed
    assert info.created == MAY
    assert info.platforms == {"linux/amd64", "linux/arm64", "windows/amd64"}
    assert info.labels["team"] == "pay"


def test_annotations_go_over_labels(registry, registries):
    registry.push("info/annotated", "1", labels={"a": "label", "b": "label"}, annotations={"a": "annotation"})
    info = registries.info(f"{registry.host}/info/annotated", "1")
    assert (info.labels["a"], info.labels["b"]) == ("annotation", "label")


def test_info_is_kept_on_disk_and_only_the_tag_is_asked_again(registry):
    registry.push("info/kept", "1", created=MAY, platforms=["linux/amd64", "linux/arm64"])
    with Registries() as first:
        known = first.info(f"{registry.host}/info/kept", "1")
    before = registry.requests()
    with Registries() as second:
        assert second.info(f"{registry.host}/info/kept", "1") == known
    assert registry.requests() - before == 1


def test_a_moved_tag_is_seen_in_spite_of_the_cache(registry):
    registry.push("info/moved", "latest", created=MAY)
    with Registries() as first:
        first.info(f"{registry.host}/info/moved", "latest")
    moved = registry.push("info/moved", "latest", created=MAY.replace(year=2025))
    with Registries() as second:
        info = second.info(f"{registry.host}/info/moved", "latest")
    assert info.digest == moved
    assert info.created is not None
    assert info.created.year == 2025


def test_what_is_not_there_is_an_error_with_its_name(registry, registries):
    registry.push("there/is", "1")
    with pytest.raises(RegistryError, match="not/there") as caught:
        registries.tags(f"{registry.host}/not/there")
    assert caught.value.status == 404
    with pytest.raises(RegistryError, match="tag 2 not found"):
        registries.digest(f"{registry.host}/there/is", "2")


def test_a_helm_chart_has_tags_and_annotations_and_no_platform(registry, registries):
    config = layout.encode({"name": "web", "version": "1.2.3", "apiVersion": "v2"})
    manifest = layout.encode(
        {
            "schemaVersion": 2,
            "config": {
                "mediaType": "application/vnd.cncf.helm.config.v1+json",
                "digest": layout.digest_of(config),
                "size": len(config),
            },
            "layers": [],
            "annotations": {"org.opencontainers.image.created": "2024-05-01T12:30:00Z"},
        }
    )
    top = layout.Manifest(layout.OCI_MANIFEST, layout.digest_of(manifest), manifest)
    registry.push_image("charts/web", "1.2.3", layout.Image({layout.digest_of(config): config}, (top,)))
    info = registries.info(f"oci://{registry.host}/charts/web", "1.2.3")
    assert registries.tags(f"{registry.host}/charts/web") == ("1.2.3",)
    assert (info.created, info.platforms) == (MAY, frozenset())


def _pages(faulty, link):
    def script(asked):
        if "last=" not in asked.target:
            return Answer(200, b'{"tags": ["1", "2"]}', {"Link": link})
        return Answer(200, b'{"tags": ["2", "3"]}') if "last=2" in asked.target else None

    faulty.script = script


@pytest.mark.parametrize(
    "link",
    [
        '</v2/app/tags/list?last=2&n=2>; rel="next"',
        "</v2/app/tags/list?last=2&n=2>; rel=next",
        '<{url}/v2/app/tags/list?n=2&last=2>; rel="next"',
        '<?last=2>; rel="next"',
        '<https://elsewhere.example/other/path?n=2&last=2>;rel="next"',
        '</x>; rel="prev", </v2/app/tags/list?last=2>; rel="next"',
    ],
)
def test_pages_are_followed_on_the_registry_itself(faulty, registries, link):
    _pages(faulty, link.replace("{url}", faulty.url))
    assert registries.tags(f"{faulty.host}/app") == ("1", "2", "3")
    assert len(faulty.asked) == 2


def test_a_link_in_a_circle_ends(faulty, registries):
    faulty.on("/v2/app/tags/list", Answer(200, b'{"tags": ["1"]}', {"Link": '</v2/app/tags/list?last=1>; rel="next"'}))
    assert registries.tags(f"{faulty.host}/app") == ("1",)
    assert len(faulty.asked) == 2


@pytest.mark.parametrize("link", ["<http://[::1>; rel=next", "<https://elsewhere.example/>; rel=next"])
def test_half_a_list_is_never_taken_for_the_whole(faulty, registries, link):
    faulty.on("/v2/app/tags/list", Answer(200, b'{"tags": ["1"]}', {"Link": link}))
    with pytest.raises(RegistryError, match="next page"):
        registries.tags(f"{faulty.host}/app")


def test_pages_of_a_registry_that_redirects_elsewhere_are_asked_of_itself(faulty, foreign, registries):
    def script(asked):
        return Answer(307, headers={"Location": f"{foreign.url}/v2/project/{asked.target[4:]}"})

    faulty.script = script
    link = {"Link": "</v2/project/app/tags/list?last=1>; rel=next"}
    foreign.script = lambda asked: (
        Answer(200, b'{"tags": ["2"]}') if "last" in asked.target else Answer(200, b'{"tags": ["1"]}', link)
    )
    assert registries.tags(f"{faulty.host}/app") == ("1", "2")
    assert [asked.target.partition("?")[0] for asked in faulty.asked] == ["/v2/app/tags/list"] * 2


def test_endless_pages_end_with_a_warning(faulty):
    def script(asked):
        page = int(asked.target.rpartition("=")[2]) + 1 if "last=" in asked.target else 1
        return Answer(200, f'{{"tags": ["{page}"]}}'.encode(), {"Link": f'</v2/app/tags/list?last={page}>; rel="next"'})

    faulty.script = script
    with Registries(max_pages=3) as registries:
        assert registries.tags(f"{faulty.host}/app") == ("1", "2", "3")
        assert "dockerMaxPages" in registries.warnings[0]


def test_a_registry_that_dislikes_the_page_size_is_asked_without(faulty, registries):
    faulty.script = lambda asked: Answer(400) if "n=" in asked.target else Answer(200, b'{"tags": ["1"]}')
    assert registries.tags(f"{faulty.host}/app") == ("1",)


def test_an_unchanged_tag_list_is_not_sent_again(faulty):
    def script(asked):
        if asked.headers.get("if-none-match") == '"abc"':
            return Answer(304)
        return Answer(200, b'{"tags": ["1", "2"]}', {"ETag": '"abc"'})

    faulty.script = script
    for _ in range(2):
        with Registries() as registries:
            assert registries.tags(f"{faulty.host}/app") == ("1", "2")
    assert faulty.asked[1].headers["if-none-match"] == '"abc"'


def test_an_empty_repository_has_no_tags(faulty, registries):
    faulty.on("/v2/app/tags/list", Answer(200, b'{"name": "app", "tags": null}'))
    assert registries.tags(f"{faulty.host}/app") == ()


def test_what_cannot_be_a_tag_is_left_out(faulty, registries):
    faulty.on("/v2/app/tags/list", Answer(200, b'{"tags": ["1", "\\u001b[31m", "a b", 7, null, "-x", "2"]}'))
    assert registries.tags(f"{faulty.host}/app") == ("1", "2")


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"tags": "1"}', b"\xff\xfe", b"[" * 100_000])
def test_garbage_is_an_error(faulty, registries, body):
    faulty.on("/v2/app/tags/list", Answer(200, body))
    with pytest.raises(RegistryError, match="tag list"):
        registries.tags(f"{faulty.host}/app")


def test_a_digest_without_the_header_is_computed(faulty, registries):
    image = layout.build(created=MAY)
    faulty.on("/v2/app/manifests/1", Answer(200, image.top.data, {"Content-Type": image.top.media_type}))
    assert registries.digest(f"{faulty.host}/app", "1") == image.top.digest
    assert [asked.method for asked in faulty.asked] == ["HEAD", "GET"]


def _serve(faulty, image):
    top = image.top
    headers = {"Content-Type": top.media_type, "Docker-Content-Digest": top.digest}
    faulty.on("/v2/app/manifests/1", Answer(200, top.data, headers))
    for manifest in image.manifests:
        faulty.on(f"/v2/app/manifests/{manifest.digest}", Answer(200, manifest.data, headers))
    for digest, data in image.blobs.items():
        faulty.on(f"/v2/app/blobs/{digest}", Answer(200, data))


@pytest.mark.parametrize("what", ["manifest", "config"])
def test_content_with_another_digest_is_refused(faulty, registries, what):
    image = layout.build(created=MAY)
    _serve(faulty, image)
    if what == "manifest":
        other = layout.build(created=MAY.replace(year=2020))
        faulty.on(f"/v2/app/manifests/{image.top.digest}", Answer(200, other.top.data))
    else:
        for digest in image.blobs:
            faulty.on(f"/v2/app/blobs/{digest}", Answer(200, b'{"created": "2020-01-01T00:00:00Z"}'))
    with pytest.raises(RegistryError, match="does not have the digest"):
        registries.info(f"{faulty.host}/app", "1")


def test_schema_1_is_refused_by_name(faulty, registries):
    body = b'{"schemaVersion": 1, "name": "app", "fsLayers": []}'
    digest = layout.digest_of(body)
    headers = {
        "Content-Type": "application/vnd.docker.distribution.manifest.v1+prettyjws",
        "Docker-Content-Digest": digest,
    }
    faulty.on("/v2/app/manifests/1", Answer(200, body, headers))
    faulty.on(f"/v2/app/manifests/{digest}", Answer(200, body, headers))
    with pytest.raises(RegistryError, match="schema 1"):
        registries.info(f"{faulty.host}/app", "1")


def test_the_registrys_words_are_shown_in_one_harmless_line(faulty, registries):
    body = b'{"errors": [{"code": "DENIED", "message": "no\\n\\u001b[31m way' + b"x" * 500 + b'"}]}'
    faulty.on("/v2/app/tags/list", Answer(403, body))
    with pytest.raises(RegistryError, match="DENIED: no") as caught:
        registries.tags(f"{faulty.host}/app")
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 400
