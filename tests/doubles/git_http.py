"""Git over HTTP as a forge serves it: git's own ``http-backend`` behind basic authentication, with faults on demand."""

import base64
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

BACKEND = (
    Path(subprocess.run(["git", "--exec-path"], capture_output=True, text=True).stdout.strip()) / "git-http-backend"
)


class GitServer:
    """Serves the bare repositories of a directory. ``address`` has no credentials in it."""

    def __init__(self, root: Path, port: int, user: str, password: str) -> None:
        self.root = root
        self.address = f"http://127.0.0.1:{port}"
        self.host = f"127.0.0.1:{port}"
        self.expected = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        self.faults: list[tuple[str, int, bool]] = []
        """(part of the path, status, after the work was done): each is used up by one request."""
        self.requests: list[str] = []

    def fault(self, path: str) -> tuple[str, int, bool] | None:
        for known in self.faults:
            if known[0] in path:
                self.faults.remove(known)
                return known
        return None


class _Handler(BaseHTTPRequestHandler):
    git: GitServer

    def log_message(self, *arguments: object) -> None:
        pass

    def do_GET(self) -> None:
        self._serve(b"")

    def do_POST(self) -> None:
        self._serve(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def _serve(self, body: bytes) -> None:
        server = self.git
        server.requests.append(f"{self.command} {self.path}")
        if self.headers.get("Authorization") != server.expected:
            self._answer(401, {"WWW-Authenticate": 'Basic realm="git"'}, b"")
            return
        fault = server.fault(self.path)
        if fault is not None and not fault[2]:
            self._answer(fault[1], {}, b"")
            return
        path, _, query = self.path.partition("?")
        environment = {
            "PATH": os.environ["PATH"], "GIT_PROJECT_ROOT": str(server.root), "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": path, "QUERY_STRING": query, "REQUEST_METHOD": self.command, "REMOTE_USER": "bot",
            "CONTENT_TYPE": self.headers.get("Content-Type", ""), "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*",
        }  # fmt: skip
        done = subprocess.run([BACKEND], input=body, env=environment, capture_output=True, check=True).stdout
        if fault is not None:
            self._answer(fault[1], {}, b"")
            return
        head, _, content = done.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        self._answer(int(headers.pop("Status", "200").split()[0]), headers, content)

    def _answer(self, status: int, headers: dict[str, str], content: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def serving(root: Path, *, user: str = "x-access-token", password: str = "ghs_secret") -> Iterator[GitServer]:
    """Serve ``root`` on a free port of this machine; its repositories take pushes."""
    handler = type("Handler", (_Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    handler.git = GitServer(root, server.server_address[1], user, password)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield handler.git
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
