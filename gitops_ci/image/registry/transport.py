"""HTTP for registries, over urllib3: limits on everything, patience where it helps, no secret to a stranger.

urllib3 itself rather than requests: what requests adds (cookies, ~/.netrc, its own redirects) is what must
not happen here, and it costs half of the CPU time of a run. Proxies come from the environment as requests
reads it (HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY); requests is imported only when there is one.
"""

import ssl
import threading
import time
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    IncompleteRead,
    InvalidHeader,
    MaxRetryError,
    NameResolutionError,
    ProxyError,
    SSLError,
)
from urllib3.exceptions import TimeoutError as TimeoutFailure
from urllib3.util import Retry, Timeout

from gitops_ci import __version__
from gitops_ci.errors import RegistryError
from gitops_ci.image.registry.connections import connect, tls

TIMEOUT = 30.0
"""Seconds without a byte, unless a host rule says otherwise."""
CONNECT_TIMEOUT = 10.0
CONNECTIONS = 6
"""At once for each host, unless a host rule says otherwise."""
PATIENCE = 4
"""A request with all its repetitions takes at most this many times the time-out."""
RETRIES = 4
BACKOFF = 0.5
"""Seconds before the second repetition; doubled each time, plus up to as much by chance."""
BROKEN_AFTER = 3
"""Failed requests in a row after which a host is not asked again; one is enough when it never answered."""
REDIRECTS = 5
_PASSING = frozenset({429, 500, 502, 503, 504})
_CHUNK = 65536
_ERROR_BODY = 65536


class NotHttp(RegistryError):
    """Something listens there and breaks the connection off: perhaps it speaks another protocol."""


class Origin(NamedTuple):
    """Whom to speak to, and how."""

    scheme: str
    netloc: str
    """Host, with port where it is not the scheme's own."""
    verify: bool = True
    """False: any TLS certificate is taken."""
    timeout: float = TIMEOUT
    connections: int = CONNECTIONS

    @property
    def url(self) -> str:
        """Without a slash at the end."""
        return f"{self.scheme}://{self.netloc}"

    @property
    def hostname(self) -> str:
        """Without port, without the brackets of IPv6."""
        return urlsplit(self.url).hostname or ""


class Response(NamedTuple):
    """A whole answer."""

    status: int
    headers: Mapping[str, str]
    """Names in any case."""
    body: bytes
    elsewhere: bool = False
    """Whether another host gave it, after a redirect."""


class Transport:
    """Sends requests; one for a whole run, used by many threads."""

    def __init__(self) -> None:
        self._hosts: dict[tuple[str, str, bool], _Host] = {}
        self._lock = threading.Lock()
        self._contexts: dict[bool, ssl.SSLContext] = {}
        self._closed = threading.Event()

    @property
    def stats(self) -> dict[str, int]:
        """Requests sent so far to each host, repetitions included."""
        counts: dict[str, int] = {}
        for (_, netloc, _), host in tuple(self._hosts.items()):
            counts[netloc] = counts.get(netloc, 0) + host.sent
        return counts

    def send(
        self,
        origin: Origin,
        method: str,
        target: str,
        *,
        headers: Mapping[str, str],
        limit: int,
        body: bytes | None = None,
        secret_headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Send one request and read its whole answer, following redirects of GET and HEAD.

        ``target`` is path and query; ``limit`` the bytes of a body that are accepted; ``secret_headers`` are
        sent to ``origin`` alone, never to another host, port or scheme that it redirects to.
        Raises RegistryError when there is no answer, when it is too long, or when the host stays overloaded
        (429 and 5xx are tried again, see ``RETRIES``). Any other status is an answer.
        """
        here = origin
        for _ in range(REDIRECTS + 1):
            sent = {"User-Agent": f"gitops-ci/{__version__}", **headers}
            if here is not origin:
                secret_headers = None  # for good: not even when the other host sends us back
            sent.update(secret_headers or {})
            response = self._host(here).exchange(method, target, sent, body, limit)
            location = response.headers.get("Location")
            if response.status not in (301, 302, 303, 307, 308) or location is None or method not in ("GET", "HEAD"):
                return response._replace(elsewhere=here is not origin)
            here, target = _redirected(here, target, location)
        raise RegistryError(f"{origin.netloc} redirects more than {REDIRECTS} times")

    def close(self) -> None:
        """Close all connections; threads that wait to try again give up."""
        self._closed.set()
        for host in self._hosts.values():
            host.close()

    def _host(self, origin: Origin) -> "_Host":
        key = (origin.scheme, origin.netloc, origin.verify)
        host = self._hosts.get(key)
        if host is None:
            with self._lock:
                host = self._hosts.get(key)
                if host is None:
                    host = self._hosts[key] = _Host(origin, self._context(origin), self._closed)
        return host

    def _context(self, origin: Origin) -> ssl.SSLContext | None:
        if origin.scheme != "https":
            return None
        if origin.verify not in self._contexts:
            self._contexts[origin.verify] = tls(origin.verify)
        return self._contexts[origin.verify]


class _Host:
    """The connections to one origin, and what is known about its health."""

    def __init__(self, origin: Origin, context: ssl.SSLContext | None, closed: threading.Event) -> None:
        self.origin = origin
        self._closed = closed
        self.sent = 0
        self._counting = threading.Lock()
        self._failures = 0
        self._answered = False
        self._error: RegistryError | None = None
        self._not_before = 0.0
        self._open, self._prefix, self.close = connect(origin.url, origin.connections, context)

    def exchange(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes | None, limit: int
    ) -> Response:
        if self._error is not None:
            raise _again(self._error)
        deadline = time.monotonic() + self.origin.timeout * PATIENCE
        self._pause(self._not_before - time.monotonic(), deadline)
        patience = Retry(
            total=RETRIES,
            connect=2,
            read=3,
            other=0,
            redirect=False,
            status_forcelist=_PASSING,
            allowed_methods=None,
            backoff_factor=BACKOFF,
            backoff_jitter=BACKOFF,
        )
        while True:
            answer: Response | None = None
            failure: HTTPError | None = None
            try:
                answer = self._once(method, target, headers, body, limit, deadline)
            except HTTPError as error:
                failure = error
            except UnicodeError:
                raise RegistryError(f"{self.origin.netloc!r} is not a host") from None
            if answer is not None:
                self._answered = True
                if answer.status not in _PASSING:
                    self._failures = 0
                    return answer
            try:
                patience = patience.increment(method, target, error=failure)
            except (MaxRetryError, HTTPError):
                raise self._failed(answer, failure) from None
            wait, asked = self._wait(patience, answer)
            if time.monotonic() + wait > deadline:
                raise self._failed(answer, failure, for_good=asked)
            if asked:
                # It spoke to all threads.
                self._not_before = max(self._not_before, time.monotonic() + wait)
            self._pause(wait, deadline)

    def _once(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes | None, limit: int, deadline: float
    ) -> Response:
        left = max(0.1, deadline - time.monotonic())
        timeout = Timeout(connect=min(CONNECT_TIMEOUT, self.origin.timeout, left), read=min(self.origin.timeout, left))
        with self._counting:
            self.sent += 1
        answer = self._open(
            method,
            self._prefix + target,
            body=body,
            headers=headers,
            timeout=timeout,
            retries=False,
            redirect=False,
            preload_content=False,
        )
        done = False
        try:
            failed = answer.status >= 400 or method == "HEAD"  # which tells the length of what it does not send
            data = _read(answer, _ERROR_BODY if failed else limit, deadline, cut=failed, host=self.origin.netloc)
            # A body that was cut short leaves its rest on the connection.
            done = len(data) < _ERROR_BODY or not failed
        finally:
            if not done:
                answer.close()
            answer.release_conn()
        return Response(answer.status, answer.headers, data)

    def _wait(self, patience: Retry, answer: Response | None) -> tuple[float, bool]:
        """Seconds until the next attempt, and whether the host itself asked for them."""
        wait = patience.get_backoff_time()
        if answer is None:
            return wait, False
        asked = answer.headers.get("Retry-After")
        if asked is not None:
            try:
                return max(wait, patience.parse_retry_after(asked)), True
            except InvalidHeader:
                pass  # then as if it had said nothing
        return max(wait, BACKOFF), False

    def _pause(self, seconds: float, deadline: float) -> None:
        if seconds > 0 and self._closed.wait(min(seconds, max(0.0, deadline - time.monotonic()))):
            raise RegistryError(f"{self.origin.netloc} was not asked again: the run ended")

    def _failed(self, answer: Response | None, failure: HTTPError | None, *, for_good: bool = False) -> RegistryError:
        host = self.origin.netloc
        if answer is not None:
            asked = answer.headers.get("Retry-After", "")
            until = f" and asks to wait {asked} s" if asked.isdigit() else ""
            remedy = "log in to it for a higher limit, or run later" if answer.status == 429 else "run again later"
            name = " (too many requests)" if answer.status == 429 else ""
            error = RegistryError(f"{host} answers {answer.status}{name}{until}", status=answer.status, remedy=remedy)
        else:
            error = _explain(self.origin, failure)
        self._failures += 1
        if for_good or self._failures >= (BROKEN_AFTER if self._answered else 1):
            self._error = error
        return _again(error)


def _again(error: RegistryError) -> RegistryError:
    """A copy: one exception raised by many threads would collect all their tracebacks."""
    return type(error)(error.what, status=error.status, remedy=error.remedy)


def _read(answer: urllib3.BaseHTTPResponse, limit: int, deadline: float, *, cut: bool, host: str) -> bytes:
    length = answer.headers.get("Content-Length", "")
    if not cut and length.isdigit() and int(length) > limit:
        raise RegistryError(f"{host} sends {length} bytes, at most {limit} are accepted")
    chunks = []
    size = 0
    while chunk := answer.read1(_CHUNK):
        chunks.append(chunk)
        size += len(chunk)
        if size > limit:
            if cut:
                break
            raise RegistryError(f"{host} sends more than {limit} bytes")
        if time.monotonic() > deadline:
            raise RegistryError(f"{host} sends too slowly")
    return b"".join(chunks)


def _redirected(origin: Origin, target: str, location: str) -> tuple[Origin, str]:
    """Where a redirect leads. It may leave the host, never TLS."""
    try:
        parts = urlsplit(urljoin(origin.url + target, location))
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise RegistryError(f"{origin.netloc} redirects to something that is not HTTP")
    if origin.scheme == "https" and parts.scheme == "http":
        raise RegistryError(f"{origin.netloc} redirects from https to http, which is refused")
    netloc = parts.netloc.rpartition("@")[2]
    place = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    if (parts.scheme, netloc) == (origin.scheme, origin.netloc):
        return origin, place
    return Origin(parts.scheme, netloc, timeout=origin.timeout), place


def _explain(origin: Origin, failure: HTTPError | None) -> RegistryError:
    """One line for people. The exceptions themselves hold URLs, which may be signed; they are not shown."""
    host = origin.netloc
    if isinstance(failure, ProxyError):
        return RegistryError(f"the proxy for {host} does not answer", remedy="check HTTPS_PROXY and NO_PROXY")
    if isinstance(failure, SSLError):
        if "CERTIFICATE_VERIFY_FAILED" in str(failure) or "ertificate" in str(failure):
            return RegistryError(
                f"{host}: its TLS certificate is not trusted",
                remedy="set SSL_CERT_FILE to its authority, or insecureRegistry in a host rule",
            )
        return RegistryError(
            f"{host} does not speak TLS here", remedy="set insecureRegistry in a host rule for plain HTTP"
        )
    if isinstance(failure, NameResolutionError):
        return RegistryError(f"{host}: no such host")
    if isinstance(failure, (TimeoutFailure, ConnectTimeoutError)) and "refused" not in str(failure):
        return RegistryError(f"{host} does not answer in time")
    if isinstance(failure, IncompleteRead) or "IncompleteRead" in str(failure):
        return RegistryError(f"{host} breaks off in the middle of its answer")
    if "refused" in str(failure):
        return RegistryError(f"{host} refuses connections")
    return NotHttp(f"{host} does not answer: the connection broke")
