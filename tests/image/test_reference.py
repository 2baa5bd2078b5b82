import pytest

from gitops_ci.errors import ReferenceError
from gitops_ci.image.reference import Reference, parse, split_name, valid_digest

SHA256 = "sha256:" + "a1" * 32


@pytest.mark.parametrize(
    ("text", "name", "tag", "digest"),
    [
        ("nginx", "nginx", None, None),
        ("nginx:1.25", "nginx", "1.25", None),
        ("acme/api:v1.2.3-rc.1_x", "acme/api", "v1.2.3-rc.1_x", None),
        ("ghcr.io/acme/api@" + SHA256, "ghcr.io/acme/api", None, SHA256),
        ("localhost:5000/api", "localhost:5000/api", None, None),
        ("localhost:5000/api:5000", "localhost:5000/api", "5000", None),
        ("nginx:5000", "nginx", "5000", None),
        ("[::1]:5000/acme/api:1@" + SHA256, "[::1]:5000/acme/api", "1", SHA256),
        ("[2001:db8::1]/api", "[2001:db8::1]/api", None, None),
        ("GHCR.io/acme/api:1", "GHCR.io/acme/api", "1", None),
        ("Registry/api", "Registry/api", None, None),
        ("a/b/c/d-e__f.g---h:x", "a/b/c/d-e__f.g---h", "x", None),
        ("x@sha512:" + "0" * 128, "x", None, "sha512:" + "0" * 128),
        ("x@sha384:" + "0" * 96, "x", None, "sha384:" + "0" * 96),
        ("x@md5+b64.u:" + "0A" * 16, "x", None, "md5+b64.u:" + "0A" * 16),
        ("xn--n3h.com/myimage:x", "xn--n3h.com/myimage", "x", None),
    ],
)
def test_parts_are_read_and_written_back(text, name, tag, digest):
    assert parse(text) == Reference(name, tag, digest)
    assert str(parse(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "nginx ",
        "nginx\n",
        "Nginx",
        "acme/API",
        "nginx:",
        "nginx:-1",
        "nginx:.1",
        "nginx:" + "a" * 129,
        "nginx@sha256:abc",
        "nginx@sha256:" + "a" * 63,
        "nginx@sha256:" + "a" * 65,
        "nginx@sha256:" + "A" * 64,
        "nginx@sha512:" + "a" * 64,
        "nginx@" + SHA256 + ":1",
        "/nginx",
        "nginx/",
        "a//b",
        "a/../b",
        "-a/b",
        "a_/b",
        "a___b",
        "a..b",
        "https://ghcr.io/a/b",
        "docker://a",
        "${IMAGE}",
        "{{ .Values.image }}",
        "ghcr.io:port/a",
        "[::1%eth0]:5000/a",
        "a" * 64,
        "ｎginx",
        "nginx:１",
        "ghcr.io/" + "a" * 256,
    ],
)
def test_anything_else_is_refused(text):
    with pytest.raises(ReferenceError):
        parse(text)


def test_the_path_may_have_255_characters_whatever_the_host_has():
    parse("registry.example.com/" + "a" * 255)
    parse("acme/" + "a" * 250)


def test_a_long_text_is_refused_quickly_and_shown_short():
    with pytest.raises(ReferenceError) as caught:
        parse("a-" * 1_000_000)
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize(
    ("name", "registry", "repository"),
    [
        ("nginx", "docker.io", "library/nginx"),
        ("docker.io/nginx", "docker.io", "library/nginx"),
        ("index.docker.io/library/nginx", "docker.io", "library/nginx"),
        ("acme/api", "docker.io", "acme/api"),
        ("registry-1.docker.io/acme/api", "docker.io", "acme/api"),
        ("ghcr.io/api", "ghcr.io", "api"),
        ("GHCR.IO/acme/api", "ghcr.io", "acme/api"),
        ("localhost/api", "localhost", "api"),
        ("Registry/api", "registry", "api"),
        ("registry:5000/api", "registry:5000", "api"),
        ("[::1]:5000/api", "[::1]:5000", "api"),
    ],
)
def test_short_and_long_names_of_one_image_are_the_same(name, registry, repository):
    assert split_name(name) == (registry, repository)
    assert parse(name).canonical == f"{registry}/{repository}"


def test_digests_have_the_length_of_their_algorithm():
    assert valid_digest(SHA256)
    assert not valid_digest("sha256:" + "0" * 128)
    assert not valid_digest("sha512:" + "0" * 64)
    assert not valid_digest("sha256:")
    assert not valid_digest("latest")
