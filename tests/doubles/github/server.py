"""The HTTP side: finds the operation, checks who asks and what is sent, and checks the answer too."""

import hashlib
import json
import time
import traceback
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import ThreadingMixIn, UnixStreamServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from tests.doubles.github import graphql, routes
from tests.doubles.github.bare import GitRefused
from tests.doubles.github.call import HANDLERS, Answer, Call
from tests.doubles.github.faults import Fault
from tests.doubles.github.refusals import Refusal, bad_credentials, not_accessible, not_found
from tests.doubles.github.state import Identity

if TYPE_CHECKING:
    from tests.doubles.github.double import GitHub

routes.register()
_OF_THE_APP = ("apps/get-authenticated", "apps/get-repo-installation", "apps/create-installation-access-token")
_LIMIT = 5000
_NOT_JSON = (".diff", ".patch", ".raw", ".html", ".sha")


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    github: "GitHub"


class UnixServer(ThreadingMixIn, UnixStreamServer):
    """The same on a socket in the file system, for clients that insist on the name api.github.com."""

    daemon_threads = True
    github: "GitHub"


class Handler(BaseHTTPRequestHandler):
    """One connection. Answers go out in one piece (``wbufsize``), so that nothing waits for an acknowledgement."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1
    server: Server | UnixServer

    def log_message(self, *arguments: object) -> None:
        """Nothing on the test's terminal."""

    def _serve(self) -> None:
        from tests.doubles.github.double import Request

        github = self.server.github
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        split = urlsplit(self.path)
        query = dict(parse_qsl(split.query, keep_blank_values=True))
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            body = json.loads(raw) if raw else None
        except ValueError:
            return self._send(
                400, {"message": "Problems parsing JSON", "documentation_url": "https://docs.github.com/rest"}, {}
            )
        name: str | None
        with github.lock:
            identity = _identity(github, headers)
            path = _plain_path(github, split.path)
            if path == "/graphql":
                name, work = graphql.prepare(github, body, identity)
            else:
                name, work = _prepare(github, self.command, path, query, body, identity, headers)
            fault = next((one for one in github.faults if one.strikes(name or "", path, query, body)), None)
            answer = self._answer(work, fault)
            status = None if fault is not None and fault.drop else answer.status
            github.requests.append(Request(self.command, path, name, query, body, identity, headers, status))
            remaining = max(_LIMIT - len(github.requests), 0)
        if fault is not None and fault.delay:
            time.sleep(fault.delay)
        if status is None:
            self.close_connection = True
            self.connection.close()
            return None
        limits = {
            "X-RateLimit-Limit": str(_LIMIT),
            "X-RateLimit-Remaining": str(remaining),
            "X-RateLimit-Used": str(_LIMIT - remaining),
            "X-RateLimit-Reset": str(int(time.time()) + 3600),
            "X-RateLimit-Resource": "graphql" if path == "/graphql" else "core",
        }
        if identity is not None and identity.kind == "pat":
            limits["X-OAuth-Scopes"] = "repo, workflow"
        return self._send(answer.status, answer.body, {**limits, **answer.headers})

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _serve

    def _answer(self, work: "Any", fault: Fault | None) -> Answer:
        if fault is not None and not fault.after_effect:
            return Answer(*fault.answer())
        answer: Answer = work()
        return Answer(*fault.answer()) if fault is not None else answer

    def _send(self, status: int, body: object, headers: dict[str, str]) -> None:
        text = "" if body is None else json.dumps(body)
        if isinstance(self.server, UnixServer):
            address, public = f"{self.server.github.url}/", "https://api.github.com/"
            text = text.replace(address, public)
            headers = {name: value.replace(address, public) for name, value in headers.items()}
        data = text.encode()
        if self.command in ("GET", "HEAD") and status == 200:
            tag = f'"{hashlib.sha256(data).hexdigest()}"'
            headers = {**headers, "ETag": tag}
            if self.headers.get("If-None-Match") in (tag, f"W/{tag}"):
                status, data = 304, b""
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("X-GitHub-Media-Type", "github.v3; format=json")
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)
        self.wfile.flush()

    def date_time_string(self, timestamp: float | None = None) -> str:
        return formatdate(timestamp, usegmt=True)


def _plain_path(github: "GitHub", path: str) -> str:
    """The path without an enterprise server's prefix, repositories named instead of numbered."""
    if path in ("/graphql", "/api/graphql"):
        return "/graphql"
    if github.prefix and path.startswith(github.prefix):
        path = path.removeprefix(github.prefix)
    if path.startswith("/repositories/"):
        _, _, number, *rest = path.split("/", 3)
        for repository in github.repositories.values():
            if str(repository.id) == number:
                return "/".join([f"/repos/{repository.full_name}", *rest])
    return path


def _identity(github: "GitHub", headers: dict[str, str]) -> Identity | None:
    """Who asks; None without a token. An unknown token makes an identity that is refused later."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        import base64

        token = base64.b64decode(token).decode(errors="replace").partition(":")[2]
    if not token:
        return None
    if token.count(".") == 2:
        return Identity("jwt", github.app.slug, token)
    return github.identities.get(token, Identity("unknown", "", token))


def _prepare(
    github: "GitHub",
    method: str,
    path: str,
    query: dict[str, str],
    body: Any,
    identity: Identity | None,
    headers: dict[str, str],
) -> tuple[str | None, "Any"]:
    """The operation's name, and what carries it out."""
    route = github.description.route(method, path)
    if route is None or route.operation.name not in HANDLERS:
        github.violations.append(f"{method} {path}: the double does not know it")
        return None, lambda: Answer(404, not_found().body)
    operation = route.operation
    accepted = headers.get("accept", "")
    if any(kind in accepted for kind in _NOT_JSON):
        github.violations.append(f"{method} {path}: the double answers only JSON, not {accepted}")
    where = f"{method} {path} ({operation.name})"

    def work() -> Answer:
        call = Call(github, operation, route.parameters, query, body, identity, path)
        problems = github.description.query_problems(operation, query)
        if method in ("POST", "PUT", "PATCH", "DELETE"):
            problems += github.description.request_problems(operation, {} if body is None else body)
        if problems:
            github.violations.extend(f"{where}: {problem}" for problem in problems)
            return Answer(422, Refusal(422, "Invalid request.\n\n" + "\n".join(problems)).body)
        try:
            _admit(call, identity, method, headers.get("user-agent"))
            if "owner" in route.parameters and "repo" in route.parameters:
                call.repository.look()
            answer = HANDLERS[operation.name](call)
            if method not in ("GET", "HEAD") and "repo" in route.parameters:
                call.repository.settle()
        except Refusal as refusal:
            answer = Answer(refusal.status, refusal.body, refusal.headers)
        except GitRefused as error:
            answer = Answer(422, Refusal(422, str(error)).body)
        except Exception:
            github.violations.append(f"{where}: {traceback.format_exc()}")
            answer = Answer(500, Refusal(500, "Server Error").body)
        if answer.body is not None:
            found = github.description.response_problems(operation, answer.status, answer.body)
            github.violations.extend(f"{where}: answer {problem}" for problem in found)
        return answer

    return operation.name, work


def _admit(call: Call, identity: Identity | None, method: str, user_agent: str | None) -> None:
    """Refuse who may not ask this."""
    if not user_agent:
        raise Refusal(
            403, "Request forbidden by administrative rules. Please make sure your request has a User-Agent header."
        )
    if identity is None:
        raise Refusal(401, "Requires authentication")
    if call.operation.name in _OF_THE_APP:
        problem = (
            call.github.app.problem(identity.token)
            if identity.kind == "jwt"
            else "A JSON web token could not be decoded"
        )
        if problem is not None:
            raise Refusal(401, problem)
        return
    if identity.kind in ("unknown", "expired", "jwt"):
        raise bad_credentials()
    if identity.kind == "read" and method not in ("GET", "HEAD"):
        raise not_accessible()
    if method not in ("GET", "HEAD") and "repo" in call.parameters and call.repository.settings.archived:
        raise Refusal(403, "Repository was archived so is read-only.")
