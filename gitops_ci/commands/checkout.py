"""The checkout a verb works on: its root, its configuration, and the way to its images and registries.

Slotted and lazy: most checkouts have no configuration file, and most calls ask no registry.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from gitops_ci.errors import UsageError
from gitops_ci.manifest.scan import Scan, ScanConfig, scan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gitops_ci.config.settings import Settings
    from gitops_ci.finding import Finding
    from gitops_ci.image.registry.pool import Registries
    from gitops_ci.update.rules import Rules

_CONFIGURATION = ("gitops-ci", "renovate", "package.json", ".github")
"""What the name of an entry of the root holds if there may be configuration in it."""


class Checkout:
    """A directory of manifests, in git or not."""

    __slots__ = ("_config", "_rules", "_settings", "noticed", "root")

    def __init__(self, root: str, config: str | None = None) -> None:
        """``config`` is the file given with ``--config``. Raises UsageError where ``root`` is no directory."""
        if not os.path.isdir(root):
            raise UsageError(f"{root} is not a directory", remedy="name the checkout with --root")
        self.root = os.path.abspath(root)
        self._config = config
        self._settings: Settings | None = None
        self._rules: Rules | None = None
        self.noticed: tuple[Finding, ...] = ()
        """Warnings about the configuration, once it has been read."""

    @property
    def settings(self) -> Settings:
        """``.gitops-ci.yaml``, read once. Raises ConfigurationError."""
        if self._settings is None:
            from gitops_ci.config.load import load

            self._settings = load(self.root, self._config)
        return self._settings

    @property
    def rules(self) -> Rules:
        """The rules of ``.gitops-ci.yaml`` and Renovate's files, read once. Raises ConfigurationError."""
        if self._rules is None:
            from datetime import UTC, datetime

            from gitops_ci.update.sources import rules_of

            self._rules, self.noticed = rules_of(self.root, self.settings, datetime.now(UTC))
        return self._rules

    @property
    def configured(self) -> bool:
        """Whether there may be any configuration: nothing is imported to find out."""
        if self._config is not None:
            return True
        with os.scandir(self.root) as entries:
            return any(part in entry.name for entry in entries for part in _CONFIGURATION)

    def scan(self, paths: Sequence[str] = (), *, image: str | None = None, embedded: bool = False) -> Scan:
        """Every image use below ``paths``. What the configuration adds: custom managers, further file patterns,
        names of environments; what was noticed while reading it is in ``noticed`` afterwards.

        Raises UsageError for paths that are not there, ConfigurationError.
        """
        config = ScanConfig(embedded=embedded)
        if self.configured:
            config = config._replace(environments=tuple(entry.name for entry in self.settings.environments))
            if self._has_rules():
                config = config._replace(
                    custom_managers=self.rules.custom_managers, file_patterns=self.rules.file_patterns
                )
        return scan(self.root, paths, image=image, config=config)

    def _has_rules(self) -> bool:
        """Whether any file has rules: without one they would cost more to build than most scans."""
        from gitops_ci.config.renovate import load

        return bool(self.settings.updates) or load(self.root) is not None

    def _max_pages(self) -> int | None:
        pages = self.rules.root.values.get("dockerMaxPages")
        return pages if isinstance(pages, int) else None

    def registries(self, maps: Sequence[str] = ()) -> Registries:
        """The registries, with the configuration's host rules; ``maps`` are ``HOST=DIR`` texts of the command line."""
        from gitops_ci.image.registry.pool import Registries, parse_registry_map

        configured = self.settings.registries
        mapped = {host: os.path.join(self.root, directory) for host, directory in configured.map.items()}
        return Registries(
            host_rules=(*self.rules.host_rules, *configured.host_rules),
            registry_map={**mapped, **parse_registry_map(maps)},
            max_pages=self._max_pages(),
        )
