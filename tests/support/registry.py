"""A real registry (Debian's ``docker-registry``) for tests and benchmarks, on a free port of this machine.

    with Registry.start() as registry:                  # auth=None | "basic" | "token"
        digest = registry.push("acme/api", "1.2.3")
        registry.host                                   # "127.0.0.1:41733"
        before = registry.requests()
        ...
        assert registry.requests() - before == 1

``basic`` and ``token`` know one user, USERNAME with PASSWORD. ``Registry.available()`` says in one line why
there is none, or returns None; it installs the package first where it may (root, apt-get).
"""

import base64
import contextlib
import functools
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import NamedTuple, Self

import urllib3

from gitops_ci.image import layout
from tests.doubles.token_server import TokenServer

USERNAME = "robot"
PASSWORD = "s3cret-pass"
# bcrypt (the only kind that the registry takes) of PASSWORD at the lowest cost, made once by crypt(3).
_HTPASSWD = f"{USERNAME}:$2y$04$abcdefghijklmnopqrstuuaUNpTaGyHErb7YklXKRt/SEtSLxPST6\n"
_LOG_LINE = re.compile(r'^\S+ - \S+ \[[^]]*\] "(\S+) (\S+) HTTP/[\d.]+" (\d+) ', re.MULTILINE)
_SENTINEL = "/v2/?sentinel="


class Request(NamedTuple):
    """One line of the access log."""

    method: str
    target: str
    """Path and query."""
    status: int


class Registry:
    """One running registry. Use it as a context manager, or call ``stop``."""

    def __init__(
        self,
        process: "subprocess.Popen[bytes]",
        directory: str,
        port: int,
        auth: str | None,
        stack: contextlib.ExitStack,
    ) -> None:
        self._process = process
        self._directory = directory
        self._stack = stack
        self._http = urllib3.PoolManager()
        self._probes = 0
        self.auth = auth
        self.token_server: TokenServer | None = None
        """With ``auth="token"``: what signs the tokens, and remembers what it was asked."""
        self.host = f"127.0.0.1:{port}"
        self.url = f"http://{self.host}"

    @staticmethod
    @functools.cache
    def available() -> str | None:
        """None when a registry can be started, else one line that says why not."""
        if shutil.which("docker-registry"):
            return None
        if shutil.which("apt-get") is None or os.geteuid() != 0:
            return "docker-registry is not installed: apt-get install docker-registry"
        command = ["apt-get", "install", "-y", "-q", "--no-install-recommends", "docker-registry"]
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for step in (command, ["apt-get", "update", "-q"], command):
            subprocess.run(step, env=environment, capture_output=True, timeout=300, check=False)
            if shutil.which("docker-registry"):
                return None
        return "docker-registry could not be installed with apt-get"

    @classmethod
    def start(cls, auth: str | None = None) -> Self:
        """Start one with an empty store, and wait until it answers. RuntimeError when it does not."""
        reason = cls.available()
        if reason:
            raise RuntimeError(reason)
        server: TokenServer | None = None
        with contextlib.ExitStack() as stack:
            directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="registry-"))
            port = _free_port()
            config = _config(directory, port)
            if auth == "basic":
                with open(os.path.join(directory, "htpasswd"), "w") as file:
                    file.write(_HTPASSWD)
                config += f"auth: {{htpasswd: {{realm: tests, path: {directory}/htpasswd}}}}\n"
            elif auth == "token":
                server = stack.enter_context(TokenServer.start({USERNAME: PASSWORD}, directory))
                config += (
                    f"auth: {{token: {{realm: {server.realm}, service: tests, issuer: tests,"
                    f" rootcertbundle: {server.certificate}}}}}\n"
                )
            elif auth is not None:
                raise ValueError(auth)
            path = os.path.join(directory, "config.yml")
            with open(path, "w") as file:
                file.write(config)
            with open(os.path.join(directory, "log"), "wb") as log:
                process = subprocess.Popen(["docker-registry", "serve", path], stdout=log, stderr=log, cwd=directory)
            registry = cls(process, directory, port, auth, stack.pop_all())
            registry.token_server = server
        try:
            registry._wait()
        except BaseException:
            registry.stop()
            raise
        return registry

    def stop(self) -> None:
        """End it and delete its store."""
        self._process.terminate()
        self._process.wait()
        self._http.clear()
        self._stack.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def push(
        self,
        repository: str,
        tag: str,
        *,
        platforms: Sequence[str] = ("linux/amd64",),
        created: datetime | None = None,
        labels: Mapping[str, str] | None = None,
        annotations: Mapping[str, str] | None = None,
        docker: bool = False,
        index: bool | None = None,
        attestations: bool = False,
    ) -> str:
        """Push an image without files and return the digest that the tag names. Arguments: ``layout.build``."""
        image = layout.build(
            platforms=platforms,
            created=created,
            labels={"org.opencontainers.image.version": tag, **(labels or {})},
            annotations=annotations,
            docker=docker,
            index=index,
            attestations=attestations,
        )
        self.push_image(repository, tag, image)
        return image.top.digest

    def push_image(self, repository: str, tag: str, image: layout.Image) -> None:
        """Push a built image: blobs as monolithic uploads, then manifests; the last one gets the tag."""
        for digest, data in image.blobs.items():
            answer = self._call("POST", repository, f"/v2/{repository}/blobs/uploads/")
            place = answer.headers["Location"]
            place = place.removeprefix(self.url)
            joint = "&" if "?" in place else "?"
            self._call("PUT", repository, f"{place}{joint}digest={digest}", data, "application/octet-stream")
        for manifest in image.manifests:
            name = tag if manifest is image.top else manifest.digest
            self._call("PUT", repository, f"/v2/{repository}/manifests/{name}", manifest.data, manifest.media_type)

    def requests(self) -> int:
        """How many requests it has answered so far, pushes included."""
        return len(self.log())

    def log(self) -> list[Request]:
        """Every request so far, from the access log, in the order of the answers."""
        self._probes += 1
        sentinel = f"{_SENTINEL}{self._probes}"
        self._http.request("GET", self.url + sentinel, redirect=False)
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            found = [
                Request(method, target, int(status)) for method, target, status in _LOG_LINE.findall(self._read_log())
            ]
            if any(request.target == sentinel for request in found):
                return [request for request in found if not request.target.startswith(_SENTINEL)]
            time.sleep(0.01)
        raise RuntimeError("the access log does not come")

    def _read_log(self) -> str:
        with open(os.path.join(self._directory, "log"), encoding="utf-8", errors="replace") as file:
            return file.read()

    def _wait(self) -> None:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and self._process.poll() is None:
            with contextlib.suppress(urllib3.exceptions.HTTPError):
                self._http.request("GET", f"{self.url}{_SENTINEL}start", retries=False, timeout=2)
                return
            time.sleep(0.02)
        raise RuntimeError(f"docker-registry does not start: {self._read_log()[-500:]}")

    def _call(
        self, method: str, repository: str, target: str, body: bytes | None = None, kind: str | None = None
    ) -> urllib3.BaseHTTPResponse:
        headers = {"Content-Type": kind} if kind else {}
        if self.auth == "basic":
            headers["Authorization"] = f"Basic {basic()}"
        elif self.auth == "token":
            headers["Authorization"] = f"Bearer {TokenServer.sign(self._directory, repository, ('pull', 'push'))}"
        answer = self._http.request(method, self.url + target, body=body, headers=headers, redirect=False)
        if answer.status >= 400:
            raise RuntimeError(f"{method} {target}: {answer.status} {answer.data[:300]!r}")
        return answer


def basic() -> str:
    """USERNAME and PASSWORD as a Docker config file and an Authorization header hold them."""
    return base64.b64encode(f"{USERNAME}:{PASSWORD}".encode()).decode()


def _config(directory: str, port: int) -> str:
    return (
        "version: 0.1\n"
        "log: {level: error, accesslog: {disabled: false}}\n"
        f"storage: {{filesystem: {{rootdirectory: {directory}/store}}, delete: {{enabled: true}},"
        " cache: {blobdescriptor: inmemory}, maintenance: {uploadpurging: {enabled: false}}}\n"
        f"http: {{addr: '127.0.0.1:{port}'}}\n"
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
