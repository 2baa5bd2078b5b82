"""All registries of a run: each name goes to its host, each question is asked once."""

import os
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from gitops_ci.config.hosts import HostRule
from gitops_ci.errors import ConfigurationError, ReferenceError, RegistryError, UsageError
from gitops_ci.image import reference as references
from gitops_ci.image.registry import ImageInfo, Registry

if TYPE_CHECKING:
    from gitops_ci.image.registry.helm import ChartVersion, HelmRepositories

T = TypeVar("T")


class Registries:
    """What a run knows of registries. Safe to call from threads; a context manager.

    Every method takes names as they are written in files and raises RegistryError, the same one again when
    the same question is asked again.

        with Registries(registry_map={"ghcr.io": "layouts"}) as registries:
            registries.tags("ghcr.io/acme/api")
    """

    def __init__(
        self,
        *,
        host_rules: Sequence[HostRule] = (),
        registry_map: Mapping[str, str] | None = None,
        cache_dir: str | None = None,
        offline: bool = False,
        max_pages: int | None = None,
    ) -> None:
        """``registry_map``: host → directory of OCI image layouts. ``cache_dir``: None is the usual place, ""
        keeps nothing on disk. ``offline``: hosts that are not mapped are errors. ``max_pages``: Renovate's
        ``dockerMaxPages``. Raises ConfigurationError when a mapped directory is not there.
        """
        self._rules = tuple(host_rules)
        self._map = {_host(host): directory for host, directory in (registry_map or {}).items()}
        for host, directory in self._map.items():
            if not os.path.isdir(directory):
                raise ConfigurationError(f"registry map {host}={directory}: there is no such directory")
        self._cache_dir = cache_dir
        self._offline = offline
        self._max_pages = max_pages
        self._hosts: dict[str, Registry] = {}
        self._answers: dict[tuple[str, ...], Future[Any]] = {}
        self._lock = threading.Lock()
        self._shared: _Shared | None = None
        self._helm: HelmRepositories | None = None

    def tags(self, name: str) -> tuple[str, ...]:
        """All tags of an image, in the registry's order."""
        host, repository = _split(name)
        return self._once(("tags", host, repository), lambda: self._registry(host).tags(repository))

    def digest(self, name: str, tag: str) -> str:
        """The digest that a tag names now."""
        host, repository = _split(name)
        return self._once(("digest", host, repository, tag), lambda: self._registry(host).digest(repository, tag))

    def info(self, name: str, reference: str) -> ImageInfo:
        """Creation time, platforms, labels of a tag or digest."""
        host, repository = _split(name)
        if ":" not in reference:
            # A tag that was asked about before is not asked about again: its digest leads on.
            return self._once(
                ("info", host, repository, reference), lambda: self.info(name, self.digest(name, reference))
            )
        return self._once(
            ("info", host, repository, reference), lambda: self._registry(host).info(repository, reference)
        )

    def chart_versions(self, name: str) -> "tuple[ChartVersion, ...]":
        """Versions of a chart in an HTTP Helm repository: its URL without scheme, ``/``, the chart's name."""
        return self._once(("chart", name), lambda: self._charts().versions(name))

    def prefetch(
        self, names: Iterable[str], *, digests: Iterable[tuple[str, str]] = (), charts: Iterable[str] = ()
    ) -> dict[str, RegistryError]:
        """Ask for many images at once, hosts beside each other; afterwards ``tags`` and ``digest`` answer at once.

        ``digests`` are ``(name, tag)``. Returns the names that failed with their errors; no failure stops
        another image. A host that does not answer is not asked again, so it costs its time-out once.
        """
        tasks: dict[str, list[tuple[str, Callable[[], object]]]] = {}
        failed: dict[str, RegistryError] = {}

        def add(name: str, call: Callable[[], object], host: str | None = None) -> None:
            try:
                tasks.setdefault(host if host is not None else _split(name)[0], []).append((name, call))
            except RegistryError as error:
                failed[name] = error

        for name in dict.fromkeys(names):
            add(name, partial(self.tags, name))
        for name, tag in dict.fromkeys(digests):
            add(name, partial(self.digest, name, tag))
        for name in dict.fromkeys(charts):
            add(name, partial(self.chart_versions, name), host=name.partition("/")[0])
        pools: list[ThreadPoolExecutor] = []
        futures: list[tuple[str, Future[object]]] = []
        try:
            for host, calls in tasks.items():
                pool = ThreadPoolExecutor(min(self._threads(host), len(calls)), thread_name_prefix=host)
                pools.append(pool)
                futures += [(name, pool.submit(call)) for name, call in calls]
            for name, future in futures:
                try:
                    future.result()
                except RegistryError as error:
                    failed.setdefault(name, error)
        finally:
            for pool in pools:
                pool.shutdown(wait=False, cancel_futures=True)
        return failed

    @property
    def stats(self) -> dict[str, int]:
        """Requests sent so far to each host (and token server), repetitions included."""
        return self._shared.transport.stats if self._shared is not None else {}

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was noticed and did not stop anything: tag lists that were not read to their end, ignored rules."""
        notes = [
            f"the host rule for {rule.host_type or 'all'} hosts has credentials and no matchHost; they are not used"
            for rule in self._rules
            if not rule.match_host and (rule.token or rule.password) and rule.host_type in (None, "docker", "helm")
        ]
        for registry in tuple(self._hosts.values()):
            notes += getattr(registry, "warnings", ())
        return tuple(notes)

    def close(self) -> None:
        """Close connections and write what is worth keeping."""
        if self._shared is not None:
            self._shared.transport.close()
            self._shared.cache.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _once(self, key: tuple[str, ...], ask: Callable[[], T]) -> T:
        """Ask, or wait for whoever is asking the same already; answers and errors are kept for the run."""
        with self._lock:
            future = self._answers.get(key)
            mine = future is None
            if future is None:
                future = self._answers[key] = Future()
        if mine:
            try:
                future.set_result(ask())
            except RegistryError as error:
                future.set_exception(error)
            except BaseException as error:
                with self._lock:
                    del self._answers[key]  # an interruption is no answer
                future.set_exception(error)
                raise
        kept = future.exception()
        if isinstance(kept, RegistryError):
            # A copy: one exception raised by many threads would collect all their tracebacks.
            raise type(kept)(kept.what, status=kept.status, remedy=kept.remedy)
        answer: T = future.result()
        return answer

    def _registry(self, host: str) -> Registry:
        registry = self._hosts.get(host)
        if registry is None:
            with self._lock:
                registry = self._hosts.get(host)
                if registry is None:
                    registry = self._hosts[host] = self._make(host)
        return registry

    def _make(self, host: str) -> Registry:
        directory = self._map.get(host)
        if directory is not None:
            from gitops_ci.image.registry.layouts import LayoutRegistry

            return LayoutRegistry(host, directory)
        self._online(host)
        from gitops_ci.image.registry.client import MAX_PAGES, HttpRegistry

        shared = self._share()
        return HttpRegistry(
            host,
            transport=shared.transport,
            hosts=shared.hosts,
            keychain=shared.keychain,
            cache=shared.cache,
            max_pages=self._max_pages or MAX_PAGES,
        )

    def _charts(self) -> "HelmRepositories":
        with self._lock:
            if self._helm is None:
                from gitops_ci.image.registry.helm import HelmRepositories

                shared = self._share()
                self._helm = HelmRepositories(shared.transport, self._rules, shared.cache, self._online)
            return self._helm

    def _online(self, host: str) -> None:
        if self._offline:
            raise RegistryError(f"{host} is not asked: this run is offline", remedy=f"give --registry-map {host}=DIR")

    def _threads(self, host: str) -> int:
        if self._offline or host in self._map:
            return 1
        from gitops_ci.image.registry.transport import CONNECTIONS

        with self._lock:
            hosts = self._share().hosts
        try:
            return hosts.access(host, "").origin.connections
        except RegistryError:
            return CONNECTIONS

    def _share(self) -> "_Shared":
        """Only with the lock held, and only when a network is needed: a run on layouts imports no HTTP."""
        if self._shared is None:
            self._shared = _Shared(self._rules, self._cache_dir)
        return self._shared


class _Shared:
    """What all hosts of a run have in common."""

    def __init__(self, rules: Sequence[HostRule], cache_dir: str | None) -> None:
        from gitops_ci.image.registry.cache import Cache, default_directory
        from gitops_ci.image.registry.credentials import Keychain
        from gitops_ci.image.registry.hosts import Hosts
        from gitops_ci.image.registry.transport import Transport

        self.transport = Transport()
        self.hosts = Hosts(rules)
        self.keychain = Keychain()
        self.cache = Cache(default_directory() if cache_dir is None else cache_dir or None)


def parse_registry_map(values: Iterable[str]) -> dict[str, str]:
    """``HOST=DIR`` texts, as ``--registry-map`` takes them. Raises UsageError."""
    parsed = {}
    for value in values:
        host, equals, directory = value.partition("=")
        if not host or not equals or not directory or "/" in host:
            raise UsageError(f"--registry-map {value!r} is not HOST=DIR", remedy="for example ghcr.io=layouts")
        parsed[_host(host)] = directory
    return parsed


def _host(text: str) -> str:
    host = text.lower()
    return references.DOCKER_HUB if host in references.HUB_HOSTS else host


def _split(name: str) -> tuple[str, str]:
    try:
        parsed = references.parse(name.removeprefix("oci://"))
        if parsed.tag is not None or parsed.digest is not None:
            raise ReferenceError(f"{name!r} is more than a name")
    except ReferenceError as error:
        raise RegistryError(error.what, remedy=error.remedy) from None
    return references.split_name(parsed.name)
