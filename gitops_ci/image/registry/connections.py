"""How connections are made: proxies, certificates, limits."""

import os
import ssl
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import HTTPError, InsecureRequestWarning

from gitops_ci.errors import RegistryError


def connect(
    url: str, limit: int, context: ssl.SSLContext | None
) -> tuple[Callable[..., urllib3.BaseHTTPResponse], str, Callable[[], None]]:
    """At most ``limit`` connections at once to ``url``, over the environment's proxy if it names one for it.

    Returns what opens a URL, what stands before a target to make that URL, and what closes everything.
    """
    proxy = _proxy(url)
    if proxy is not None:
        proxied = urllib3.ProxyManager(
            proxy.url, proxy_headers=proxy.headers, maxsize=limit, block=True, ssl_context=context
        )
        return proxied.urlopen, url, proxied.clear
    manager = urllib3.PoolManager(num_pools=1, maxsize=limit, block=True, ssl_context=context)
    try:
        parsed = urllib3.util.parse_url(url)
        pool = manager.connection_from_host(parsed.host, parsed.port, parsed.scheme)
    except HTTPError:
        raise RegistryError(f"{url} is not an address") from None
    return pool.urlopen, "", pool.close


class _Proxy(NamedTuple):
    url: str
    headers: dict[str, str]


def _proxy(url: str) -> _Proxy | None:
    if not any(name.lower() in ("http_proxy", "https_proxy", "all_proxy") for name in os.environ):
        return None
    from requests.utils import get_auth_from_url, get_environ_proxies, select_proxy

    found = select_proxy(url, get_environ_proxies(url))
    if not found:
        return None
    if "://" not in found:
        found = f"http://{found}"
    if not found.startswith(("http://", "https://")):
        raise RegistryError("the proxy in the environment is not an HTTP proxy", remedy="set HTTPS_PROXY to one")
    user, password = get_auth_from_url(found)
    headers = urllib3.make_headers(proxy_basic_auth=f"{user}:{password}") if user else {}
    parts = urlsplit(found)
    return _Proxy(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}", dict(headers))


def tls(verify: bool) -> ssl.SSLContext:
    """The system's certificates, or those that SSL_CERT_FILE, REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE name."""
    context = ssl.create_default_context()
    if not verify:
        # The user said so in a host rule, or it is this machine: urllib3 need not warn at every connection.
        urllib3.disable_warnings(InsecureRequestWarning)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context
    bundle = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
    if bundle:
        try:
            if os.path.isdir(bundle):
                context.load_verify_locations(capath=bundle)
            else:
                context.load_verify_locations(cafile=bundle)
        except OSError as error:
            raise RegistryError(f"{bundle}: cannot be read as certificates: {error.strerror or error}") from None
    elif os.name != "nt" and not any(ssl.get_default_verify_paths()[:2]):
        import certifi  # Python builds that bring no certificates of their own, such as python.org's for macOS

        context.load_verify_locations(certifi.where())
    return context
