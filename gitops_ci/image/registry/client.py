"""One registry spoken to over HTTP: the reading half of the OCI distribution specification 1.1."""

import json
import re
import threading
from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit

from gitops_ci.errors import RegistryError
from gitops_ci.image.reference import TAG, valid_digest
from gitops_ci.image.registry import ImageInfo
from gitops_ci.image.registry.auth import Login
from gitops_ci.image.registry.cache import Cache
from gitops_ci.image.registry.credentials import Credentials, Keychain
from gitops_ci.image.registry.hosts import Access, Hosts
from gitops_ci.image.registry.manifests import ACCEPT, LARGEST_CONFIG, LARGEST_MANIFEST, Manifest, describe, verify
from gitops_ci.image.registry.record import info_from_text, info_to_text
from gitops_ci.image.registry.transport import NotHttp, Origin, Response, Transport

MAX_PAGES = 100
"""Of one tag list, unless told."""
_LARGEST_LIST = 32 * 1024 * 1024
_PAGE = 10_000
_PAGE_ECR = 1000
"""Amazon's limit; it refuses more."""
_NEXT = re.compile(r'<([^>]*)>\s*;[^<]*?\brel="?next"?', re.IGNORECASE)
_TAG = re.compile(TAG, re.ASCII)
_SPEAKS_TLS = re.compile(rb"HTTP request (?:to an HTTPS server|was sent to HTTPS port)")
"""What Go's servers and nginx answer to plain HTTP on their TLS port."""


class HttpRegistry:
    """One registry host. Safe to call from threads."""

    def __init__(
        self,
        host: str,
        *,
        transport: Transport,
        hosts: Hosts,
        keychain: Keychain,
        cache: Cache,
        max_pages: int = MAX_PAGES,
    ) -> None:
        """``host`` is normalised (``docker.io`` for Docker Hub)."""
        self._host = host
        self._transport = transport
        self._hosts = hosts
        self._keychain = keychain
        self._cache = cache
        self._max_pages = max_pages
        self._login = Login(host, transport, self._credentials, self._rule_credentials)
        self._first = threading.Lock()
        self._tls_found = False
        self._accesses: dict[str, Access] = {}
        self._opened: set[str] = set()
        self.warnings: list[str] = []

    def tags(self, repository: str) -> tuple[str, ...]:
        """All tags, in the registry's order: one request, and one more for each further page it makes."""
        path = f"/v2/{quote(repository)}/tags/list"
        size = _PAGE_ECR if ".dkr.ecr." in self._host else _PAGE
        key = f"tags {self._host}/{repository}"
        kept = _kept_list(self._cache.get(key))
        target = f"{path}?n={size}"
        tags: dict[str, None] = {}
        seen = set()
        for page in range(self._max_pages):
            seen.add(target)
            conditional = {"If-None-Match": kept[0]} if kept is not None and page == 0 else {}
            response = self._send(
                "GET", repository, target, {"Accept": "application/json", **conditional}, _LARGEST_LIST
            )
            if response.status == 304 and kept is not None and page == 0:
                return tuple(kept[1])
            if response.status == 400 and page == 0 and target != path:
                target = path  # it does not like the page size; its own will do
                response = self._send("GET", repository, target, {"Accept": "application/json"}, _LARGEST_LIST)
            self._expect(response, repository, "its tags")
            found = _tag_list(response.body, f"{self._host}/{repository}")
            tags.update(dict.fromkeys(found))
            following = _next_page(response, self._url(repository), target, path)
            if following is None:
                etag = response.headers.get("ETag")
                if etag and page == 0:
                    self._cache.put(key, json.dumps([etag, list(tags)]))
                return tuple(tags)
            if following in seen:
                self.warnings.append(f"{self._host}/{repository}: the pages of tags lead in a circle")
                return tuple(tags)
            target = following
        self.warnings.append(
            f"{self._host}/{repository} has more than {self._max_pages} pages of tags;"
            " the rest was not read (dockerMaxPages)"
        )
        return tuple(tags)

    def digest(self, repository: str, tag: str) -> str:
        """The digest that a tag names now: one HEAD request, or a GET where the registry does not tell it so."""
        target = self._manifest_target(repository, tag)
        response = self._send("HEAD", repository, target, {"Accept": ACCEPT}, 0)
        digest = response.headers.get("Docker-Content-Digest", "")
        if response.status == 200 and valid_digest(digest):
            return digest
        if response.status in (200, 405, 501):  # the header is optional, and some do not know HEAD
            return self._manifest(repository, tag).digest
        self._expect(response, repository, f"tag {tag}")
        raise RegistryError(f"{self._host}/{repository}: no digest for {tag}")

    def info(self, repository: str, reference: str) -> ImageInfo:
        """What is known of a tag or digest; kept on disk by digest for ever."""
        by_digest = ":" in reference
        digest = reference if by_digest else self.digest(repository, reference)
        key = f"info {self._host}/{repository}@{digest}"
        text = self._cache.get(key)
        if text is not None:
            if repository not in self._opened:
                # Kept from an earlier run: only for those who may read the repository now.
                self._expect(
                    self._send("HEAD", repository, self._manifest_target(repository, digest), {"Accept": ACCEPT}, 0),
                    repository,
                    digest,
                )
            info = info_from_text(text)
            if info is not None and info.digest == digest:
                return info
        info = describe(
            self._manifest(repository, digest),
            lambda other: self._manifest(repository, other),
            lambda other: self._blob(repository, other),
        )
        self._cache.put(key, info_to_text(info))
        return info

    def _manifest(self, repository: str, reference: str) -> Manifest:
        response = self._send(
            "GET", repository, self._manifest_target(repository, reference), {"Accept": ACCEPT}, LARGEST_MANIFEST
        )
        self._expect(response, repository, reference if ":" in reference else f"tag {reference}")
        what = f"{self._host}/{repository}"
        said = reference if ":" in reference else response.headers.get("Docker-Content-Digest", "")
        if valid_digest(said) and said.startswith(("sha256:", "sha384:", "sha512:")):
            verify(response.body, said, what)
            digest = said
        else:
            from gitops_ci.image.layout import digest_of

            digest = digest_of(response.body)
        media_type = response.headers.get("Content-Type", "").partition(";")[0].strip()
        return Manifest(digest, media_type, response.body)

    def _blob(self, repository: str, digest: str) -> bytes:
        response = self._send(
            "GET", repository, f"/v2/{quote(repository)}/blobs/{digest}", {"Accept": "*/*"}, LARGEST_CONFIG
        )
        self._expect(response, repository, digest)
        return verify(response.body, digest, f"{self._host}/{repository}")

    def _manifest_target(self, repository: str, reference: str) -> str:
        if not (valid_digest(reference) or _TAG.fullmatch(reference)):
            raise RegistryError(f"{reference!r} is neither a tag nor a digest")
        return f"/v2/{quote(repository)}/manifests/{reference}"

    def _send(self, method: str, repository: str, target: str, headers: Mapping[str, str], limit: int) -> Response:
        if self._login.known:
            response = self._attempt(method, repository, target, headers, limit)
        else:
            # The first request finds out whether a login is wanted; the others then bring it along.
            with self._first:
                response = self._attempt(method, repository, target, headers, limit)
                self._login.known = True
        if response.status in (200, 304):
            self._opened.add(repository)
        return response

    def _attempt(self, method: str, repository: str, target: str, headers: Mapping[str, str], limit: int) -> Response:
        access = self._access(repository)
        origin = self._origin(access)
        response = Response(0, {}, b"")
        authorization: str | None = None
        for _ in range(3):
            try:
                authorization = self._login.header(origin, repository)
                response = self._transport.send(
                    origin,
                    method,
                    target,
                    headers=headers,
                    limit=limit,
                    secret_headers={"Authorization": authorization} if authorization else None,
                )
            except NotHttp:
                if access.fallback is None or origin is access.fallback or self._login.known:
                    raise
                origin = access.fallback
                continue
            if (
                response.status == 400
                and access.fallback
                and origin is not access.fallback
                and _SPEAKS_TLS.search(response.body)
            ):
                origin = access.fallback
                continue
            if origin is access.fallback:
                self._tls_found = True
            if (
                response.status != 401
                or response.elsewhere
                or not self._login.refused(origin, repository, response, authorization)
            ):
                break
        return response

    def _expect(self, response: Response, repository: str, what: str) -> None:
        """RegistryError unless the answer is a good one."""
        status = response.status
        if status == 200:
            return
        name = f"{self._host}/{repository}"
        said = _error_text(self._login.hide(response.body.decode(errors="replace")))
        because = f" ({said})" if said else ""
        if status in (401, 403):
            raise RegistryError(
                f"{name}: access is denied{because}",
                status=status,
                remedy=f"log in to {self._host}, or check that the login may read it",
            )
        if status == 404:
            raise RegistryError(f"{name}: {what} not found{because}", status=status)
        raise RegistryError(f"{name}: asked for {what}, the registry answers {status}{because}", status=status)

    def _access(self, repository: str) -> Access:
        access = self._accesses.get(repository)
        if access is None:
            access = self._accesses[repository] = self._hosts.access(self._host, repository)
        return access

    def _origin(self, access: Access) -> Origin:
        return access.fallback if self._tls_found and access.fallback is not None else access.origin

    def _url(self, repository: str) -> str:
        return self._origin(self._access(repository)).url

    def _rule_credentials(self, repository: str) -> Credentials | None:
        return self._access(repository).credentials

    def _credentials(self, repository: str) -> Credentials | None:
        return self._rule_credentials(repository) or self._keychain.find(self._host, repository)


def _tag_list(body: bytes, name: str) -> list[str]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        value = None
    tags = value.get("tags", ()) if isinstance(value, dict) else ()
    if not isinstance(value, dict) or not isinstance(tags, list | None):
        raise RegistryError(f"{name}: the tag list is not what the specification says")
    # Anything else could be neither asked for nor written into a manifest.
    return [tag for tag in tags or () if isinstance(tag, str) and _TAG.fullmatch(tag)]


def _next_page(response: Response, url: str, target: str, path: str) -> str | None:
    """The target of the next page, always on the registry itself.

    A link to another host (which proxies make), or from one that the registry redirects to, only lends its query.
    """
    found = _NEXT.search(response.headers.get("Link", "")[:8192])
    if found is None:
        return None
    try:
        parts = urlsplit(urljoin(url + target, found[1].strip()))
    except ValueError:
        parts = urlsplit("")
    if not response.elsewhere and f"{parts.scheme}://{parts.netloc}" == url and parts.path.startswith("/"):
        return f"{parts.path}?{parts.query}" if parts.query else parts.path
    query = [(name, value) for name, value in parse_qsl(parts.query) if name in ("n", "last", "next_page")]
    if not query:
        # Half a list would make an old image look like the newest.
        raise RegistryError(f"{url}{path}: the link to the next page leads nowhere")
    return f"{path}?{urlencode(query)}"


def _kept_list(text: str | None) -> tuple[str, list[str]] | None:
    try:
        etag, tags = json.loads(text) if text is not None else (None, None)
    except (ValueError, TypeError):
        return None
    if not isinstance(etag, str) or not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        return None
    return (etag, tags) if etag.isprintable() and etag.isascii() else None


def _error_text(body: str) -> str:
    """The registry's own words for an error, in one short line that cannot do anything to a terminal."""
    try:
        first = json.loads(body)["errors"][0]
        code, message = first.get("code", ""), first.get("message", "")
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        return ""
    text = " ".join((f"{code}: {message}" if message else str(code)).split())
    text = "".join(character if character.isprintable() else " " for character in text)
    return text if len(text) <= 160 else f"{text[:160]}…"
