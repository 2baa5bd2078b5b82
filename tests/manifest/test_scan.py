"""The walk over a checkout: what is read, what is not, and that nothing in it stops the rest."""

import os
import stat
import subprocess
import sys

import pytest

from gitops_ci.errors import UsageError
from gitops_ci.manifest.scan import ScanConfig, scan
from tests.support.checkout import images, look, write

POD = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - image: nginx:1.27\n"


def errors(result):
    return [(finding.file, finding.line, finding.rule) for finding in result.findings if finding.status == "error"]


@pytest.mark.parametrize(
    ("content", "rule", "line"),
    [
        (b"apiVersion: v1\nimage: \x00\x01\x02", "unreadable-file", 2),
        (bytes(range(256)) * 8, "unreadable-file", None),
        (b"\xff\xfei\x00m\x00a\x00g\x00e\x00", "unreadable-file", None),
        (b"image: nginx:1\n\tx: 1\n", "invalid-yaml", 2),
        (b"a: [1, 2\nimage: x\n", "invalid-yaml", None),
        (b"image: 'open\n", "invalid-yaml", None),
        (b"a: 1\nimage: \xe9\xe8:1\n", "invalid-yaml", 2),
        (b"image: *nowhere\n", "invalid-yaml", 1),
        (b"image: " + b"[" * 5000, "invalid-yaml", None),
        (b"plain: [unclosed\n", "invalid-yaml", None),
    ],
)
def test_a_broken_file_is_a_finding_and_the_others_are_read(tmp_path, content, rule, line):
    result = look(tmp_path, {"a/broken.yaml": content, "b/pod.yaml": POD})
    assert images(result) == ["nginx:1.27"]
    [(file, where, why)] = errors(result)
    assert (file, why) == ("a/broken.yaml", rule)
    assert isinstance(where, int)
    assert where == (line or where)


def test_one_broken_document_does_not_hide_the_others(tmp_path):
    result = look(tmp_path, {"x.yaml": POD + "---\nimage: [\n---\n" + POD.replace("1.27", "1.28")})
    assert images(result) == ["nginx:1.27", "nginx:1.28"]
    assert errors(result) == [("x.yaml", 8, "invalid-yaml")]


def test_duplicate_keys_are_read_as_yaml_loaders_do(tmp_path):
    assert set(
        images(look(tmp_path, {"pod.yaml": POD.replace("image: nginx:1.27", "image: a:1\n    image: b:2")}))
    ) == {"a:1", "b:2"}


def test_a_huge_file_is_a_finding(tmp_path):
    write(tmp_path, {"pod.yaml": POD})
    with (tmp_path / "huge.yaml").open("wb") as file:
        file.truncate(100 * 1024 * 1024)
    with (tmp_path / "huge.json").open("wb") as file:
        file.truncate(100 * 1024 * 1024)
    result = scan(str(tmp_path))
    assert errors(result) == [("huge.yaml", 1, "file-too-large")]
    assert images(result) == ["nginx:1.27"]


def test_files_larger_than_one_read_are_read_whole(tmp_path):
    filler = "# filler\n" * 700_000
    result = look(tmp_path, {"pod.yaml": POD + "---\n" + filler + POD.replace("nginx", "redis")})
    assert images(result) == ["nginx:1.27", "redis:1.27"]
    assert images(look(tmp_path, {}, image="redis")) == ["redis:1.27"]


def test_links_and_loops(tmp_path):
    outside = tmp_path / "outside"
    root = tmp_path / "root"
    write(root, {"a/pod.yaml": POD})
    write(outside, {"pod.yaml": POD, "deep/pod.yaml": POD})
    (root / "loop").symlink_to(root)
    (root / "a" / "up").symlink_to("..")
    (root / "twice.yaml").symlink_to("a/pod.yaml")
    (root / "away").symlink_to(outside / "deep")
    (root / "away.yaml").symlink_to(outside / "pod.yaml")
    (root / "dangling.yaml").symlink_to("nowhere")
    os.mkfifo(root / "pipe.yaml")
    result = scan(str(root))
    assert [use.file for use in result.uses] == ["a/pod.yaml"]
    assert [(finding.file, finding.rule, finding.status) for finding in result.findings] == [
        ("away.yaml", "link-leaves-root", "skip")
    ]


@pytest.mark.parametrize("kind", ["pipe", "device", "link to a device"])
def test_a_path_that_may_never_end_is_not_read(tmp_path, kind):
    special = tmp_path / "special.yaml"
    if kind == "pipe":
        os.mkfifo(special)
    elif kind == "device":
        try:
            os.mknod(special, stat.S_IFCHR | 0o644, os.makedev(1, 5))
        except PermissionError:
            pytest.skip("only root may make devices")
    else:
        special.symlink_to("/dev/zero")
    (finding,) = scan(str(tmp_path), ["special.yaml"]).findings
    assert finding.file == "special.yaml"
    assert finding.rule == ("link-leaves-root" if kind == "link to a device" else "unreadable-file")


def test_a_link_to_the_root_itself_stays_inside(tmp_path):
    write(tmp_path, {"pod.yaml": POD, "a/pod.yaml": POD})
    (tmp_path / "a" / "top").symlink_to(tmp_path)
    assert [use.file for use in scan(str(tmp_path), ["a/top"]).uses] == ["a/top/a/pod.yaml", "a/top/pod.yaml"]


def test_what_is_walked_and_what_is_not(tmp_path):
    read = ["overlays/test/pod.yaml", "test/pod.yml", ".hidden/pod.yaml", "examples/pod.yaml", "vendor/pod.yaml"]
    skipped = [".git/pod.yaml", "node_modules/x/pod.yaml", "a/.venv/pod.yaml", "pod.txt", "pod.yaml.bak"]
    result = look(tmp_path, dict.fromkeys([*read, *skipped], POD))
    assert [use.file for use in result.uses] == sorted(read)


def test_an_unreadable_file_and_directory(tmp_path):
    write(tmp_path, {"pod.yaml": POD, "secret.yaml": POD, "closed/pod.yaml": POD})
    (tmp_path / "secret.yaml").chmod(0)
    (tmp_path / "closed").chmod(0)
    program = (
        "import os, sys\n"
        "from gitops_ci.manifest.scan import scan\n"
        "if os.geteuid() == 0:\n    os.setgid(65534); os.setuid(65534)\n"
        "result = scan(sys.argv[1])\n"
        "print([use.file for use in result.uses], [(f.file, f.line, f.rule, f.status) for f in result.findings])\n"
    )
    for folder in (tmp_path, *tmp_path.parents):
        if os.geteuid() == 0 and folder != folder.parent and str(folder).count("/") > 1:
            folder.chmod(0o755)
    try:
        done = subprocess.run(
            [sys.executable, "-c", program, str(tmp_path)],
            capture_output=True,
            text=True,
            cwd=os.getcwd(),
            env={**os.environ, "PYTHONPATH": os.getcwd()},
        )
    finally:
        (tmp_path / "closed").chmod(0o755)
    if "PermissionError" in done.stderr:
        pytest.skip("another user may not read this project's directory")
    assert done.stdout.strip() == (
        "['pod.yaml'] [('closed', 1, 'unreadable-file', 'error'), ('secret.yaml', 1, 'unreadable-file', 'error')]"
    ), done.stderr


def test_paths_narrow_a_scan(tmp_path):
    write(tmp_path, dict.fromkeys(["a/pod.yaml", "a/b/pod.yaml", "c/pod.yaml"], POD))

    def files(*paths):
        return [use.file for use in scan(str(tmp_path), paths).uses]

    assert files("a") == files("./a/") == files(str(tmp_path / "a")) == ["a/b/pod.yaml", "a/pod.yaml"]
    assert files("a/pod.yaml", "c") == ["a/pod.yaml", "c/pod.yaml"]
    assert files("a/pod.yaml", "a/pod.yaml") == ["a/pod.yaml"]
    assert files("a/*.yaml") == ["a/pod.yaml"]
    assert files("**/b/**") == ["a/b/pod.yaml"]
    assert files("a/*") == ["a/b/pod.yaml", "a/pod.yaml"]
    assert files("{a,c}/*.yaml") == ["a/pod.yaml", "c/pod.yaml"]


@pytest.mark.parametrize("path", ["nowhere", "no/*.yaml", "../x", "/etc/hostname"])
def test_paths_that_are_not_there(tmp_path, path):
    with pytest.raises(UsageError) as caught:
        scan(str(tmp_path), [path])
    assert path in str(caught.value)


def test_include_and_ignore(tmp_path):
    write(tmp_path, dict.fromkeys(["a/pod.yaml", "b/pod.yaml", "b/c/pod.yaml"], POD))

    def files(**options):
        return [use.file for use in scan(str(tmp_path), config=ScanConfig(**options)).uses]

    assert files(include=("b/**",)) == ["b/c/pod.yaml", "b/pod.yaml"]
    assert files(ignore=("b/**",)) == ["a/pod.yaml"]


@pytest.mark.parametrize(
    ("image", "found"),
    [
        ("ghcr.io/acme/api", ["ghcr.io/acme/api"]),
        ("ghcr.io/acme/*", ["ghcr.io/acme/api"]),
        ("ghcr.io/acme/**", ["ghcr.io/acme/api", "ghcr.io/acme/team/web"]),
        ("**/web", ["ghcr.io/acme/team/web"]),
        ("*", ["ghcr.io/acme/api", "ghcr.io/acme/team/web", "nginx"]),
        ("{nginx,redis}", ["nginx"]),
        ("api", []),
        ("ghcr.io/acme", []),
    ],
)
def test_image_names_and_globs(tmp_path, image, found):
    pod = "apiVersion: v1\nkind: Pod\nspec: {{containers: [{{image: '{}:1'}}]}}\n"
    names = ["ghcr.io/acme/api", "ghcr.io/acme/team/web", "nginx"]
    result = look(tmp_path, {f"{n}.yaml": pod.format(name) for n, name in enumerate(names)}, image=image)
    assert [use.name for use in result.uses] == found


def test_names_that_are_cut_or_escaped_are_found_by_name(tmp_path):
    files = {
        "values.yaml": "image:\n  registry: ghcr.io\n  repository: acme\n  name: api\n  tag: 1\n",
        "Dockerfile": "ARG REGISTRY=ghcr.io\nFROM ${REGISTRY}/acme/api:1\n",
        "pod.json": b'{"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"image": "ghcr.io\\/acme\\/api:1"}]}}',
    }
    assert len(look(tmp_path, files, image="ghcr.io/acme/api").uses) == len(look(tmp_path, files).uses) == 3


def test_two_processes_find_the_same(tmp_path):
    files = {f"apps/a{n}/pod.yaml": POD.replace("1.27", f"1.{n}") for n in range(40)} | {"bad.yaml": b"image: [\n"}
    write(tmp_path, files)
    one, two = (scan(str(tmp_path), processes=count) for count in (1, 2))
    assert one == two
    assert len(one.uses) == 40
    assert [use.file for use in one.uses] == sorted(use.file for use in one.uses)


def test_the_same_twice(tmp_path):
    write(tmp_path, {f"{n}/pod.yaml": POD for n in range(5)})
    assert scan(str(tmp_path)) == scan(str(tmp_path))


def test_an_empty_checkout(tmp_path):
    assert scan(str(tmp_path)) == ((), (), 0)
