"""A token server for a registry with token authentication (the distribution project's token specification).

It signs with a key made for the run; the registry trusts its certificate. It keeps what it was asked.
"""

import base64
import contextlib
import json
import os
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

IDENTITY_TOKEN = "identity-of-robot"


class Asked(NamedTuple):
    """One request to the token server."""

    method: str
    parameters: dict[str, list[str]]
    """Query of a GET, form of a POST."""
    authorization: str | None


class TokenServer:
    """Runs in a thread of the test. ``asked`` is what clients sent, in order."""

    def __init__(self, users: Mapping[str, str], directory: str) -> None:
        self.users = dict(users)
        self.directory = directory
        self.asked: list[Asked] = []
        self.expires_in = 60
        self.certificate = _make_key(directory)
        double = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                parameters = parse_qs(urlsplit(self.path).query)
                authorization = self.headers.get("Authorization")
                double.asked.append(Asked("GET", parameters, authorization))
                if authorization is not None:
                    user, _, password = base64.b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
                    if double.users.get(user) != password:
                        return self.answer(401, {"details": "incorrect username or password"})
                return self.grant(parameters, known=authorization is not None, name="token")

            def do_POST(self) -> None:
                form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                double.asked.append(Asked("POST", form, self.headers.get("Authorization")))
                if form.get("refresh_token") != [IDENTITY_TOKEN]:
                    return self.answer(401, {"details": "unknown identity"})
                return self.grant(form, known=True, name="access_token")

            def grant(self, parameters: Mapping[str, Sequence[str]], *, known: bool, name: str) -> None:
                repository = parameters.get("scope", ["repository::"])[0].split(":")[1]
                actions = ("pull",) if known or repository.startswith("public/") else ()
                token = TokenServer.sign(double.directory, repository, actions)
                self.answer(200, {name: token, "expires_in": double.expires_in})

            def answer(self, status: int, value: object) -> None:
                data = json.dumps(value).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.realm = f"http://127.0.0.1:{self._server.server_port}/token"

    @classmethod
    @contextlib.contextmanager
    def start(cls, users: Mapping[str, str], directory: str) -> "Iterator[TokenServer]":
        """Serve until the block ends. Key and certificate are made in ``directory``."""
        server = cls(users, directory)
        thread = threading.Thread(target=server._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server._server.shutdown()
            server._server.server_close()
            thread.join()

    @staticmethod
    def sign(directory: str, repository: str, actions: Sequence[str]) -> str:
        """A token that allows ``actions`` on ``repository`` for an hour."""
        with open(os.path.join(directory, "token.key"), "rb") as file:
            key = file.read()
        with open(os.path.join(directory, "token.pem"), "rb") as file:
            certificate = x509.load_pem_x509_certificate(file.read())
        now = int(time.time())
        access = [{"type": "repository", "name": repository, "actions": list(actions)}] if actions else []
        claims = {"iss": "tests", "aud": "tests", "sub": "", "nbf": now - 60, "exp": now + 3600, "access": access}
        chain = [base64.b64encode(certificate.public_bytes(serialization.Encoding.DER)).decode()]
        return jwt.encode(claims, key, algorithm="ES256", headers={"x5c": chain})


def _make_key(directory: str) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tests")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    with open(os.path.join(directory, "token.key"), "wb") as file:
        file.write(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
    path = os.path.join(directory, "token.pem")
    with open(path, "wb") as file:
        file.write(certificate.public_bytes(serialization.Encoding.PEM))
    return path
