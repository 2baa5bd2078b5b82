"""A host that misbehaves as it is told: a script of answers by path, and a memory of what was asked."""

import contextlib
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple


class Answer(NamedTuple):
    """What to send. ``length`` lies about the body's length; ``pause`` waits before each of its bytes."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = {}
    length: int | None = None
    pause: float = 0.0
    delay: float = 0.0
    endless: bool = False


class Asked(NamedTuple):
    """One request that arrived."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def authorization(self) -> str | None:
        return self.headers.get("authorization")


Script = Callable[[Asked], Answer | None]


class FaultyRegistry:
    """Runs in a thread of the test. Answers of a path are used up in order; the last one stays."""

    def __init__(self, certificate: tuple[str, str] | None = None) -> None:
        self.asked: list[Asked] = []
        self.answers: dict[str, list[Answer]] = {}
        self.script: Script | None = None
        self._lock = threading.Lock()
        double = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                asked = Asked(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body)
                answer = double._choose(asked)
                time.sleep(answer.delay)
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                if not answer.endless:
                    length = len(answer.body) if answer.length is None else answer.length
                    self.send_header("Content-Length", str(length))
                self.end_headers()
                if self.command == "HEAD":
                    return
                with contextlib.suppress(OSError):
                    if answer.pause:
                        for byte in answer.body:
                            self.wfile.write(bytes([byte]))
                            time.sleep(answer.pause)
                    else:
                        self.wfile.write(answer.body)
                    while answer.endless:
                        self.wfile.write(b" " * 65536)
                if answer.length is not None and answer.length != len(answer.body):
                    self.close_connection = True

            do_GET = do_HEAD = do_POST = answer

            def log_message(self, *args: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: object, client_address: object) -> None:
                pass  # a client that went away is what the test wanted

        self._server = Server(("127.0.0.1", 0), Handler)
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.host = f"127.0.0.1:{self._server.server_port}"
        self.url = f"{'https' if certificate else 'http'}://{self.host}"

    @classmethod
    @contextlib.contextmanager
    def start(cls, certificate: tuple[str, str] | None = None) -> "Iterator[FaultyRegistry]":
        """Serve until the block ends; over TLS with a certificate and key file."""
        double = cls(certificate)
        thread = threading.Thread(target=double._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield double
        finally:
            double._server.shutdown()
            double._server.server_close()
            thread.join()

    def on(self, path: str, *answers: Answer) -> None:
        """What to answer to a path (without its query)."""
        self.answers[path] = list(answers)

    def _choose(self, asked: Asked) -> Answer:
        with self._lock:
            self.asked.append(asked)
        scripted = self.script(asked) if self.script is not None else None
        if scripted is not None:
            return scripted
        with self._lock:
            answers = self.answers.get(asked.target.partition("?")[0])
            if not answers:
                return Answer(404, b'{"errors":[{"code":"NAME_UNKNOWN"}]}')
            return answers.pop(0) if len(answers) > 1 else answers[0]
