"""The checkout a verb works on: its root, its configuration, and the way to its images and registries.

Slotted and lazy: most checkouts have no configuration file, and most calls ask no registry.
"""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gitops_ci.errors import UsageError
from gitops_ci.manifest.scan import Scan, ScanConfig, scan

if TYPE_CHECKING:
    from gitops_ci.config.settings import Settings
    from gitops_ci.image.registry.pool import Registries


class Checkout:
    """A directory of manifests, in git or not."""

    __slots__ = ("_config", "_settings", "root")

    def __init__(self, root: str, config: str | None = None) -> None:
        """``config`` is the file given with ``--config``. Raises UsageError where ``root`` is no directory."""
        if not os.path.isdir(root):
            raise UsageError(f"{root} is not a directory", remedy="check --root")
        self.root = os.path.abspath(root)
        self._config = config
        self._settings: Settings | None = None

    @property
    def settings(self) -> "Settings":
        """``.gitops-ci.yaml``, read once. Raises ConfigurationError."""
        if self._settings is None:
            from gitops_ci.config.load import load

            self._settings = load(self.root, self._config)
        return self._settings

    @property
    def configured(self) -> bool:
        """Whether there is any configuration: nothing is imported to find out."""
        if self._config is not None:
            return True
        with os.scandir(self.root) as entries:
            return any("gitops-ci" in entry.name for entry in entries)

    def scan(self, paths: Sequence[str] = (), *, image: str | None = None, embedded: bool = False) -> Scan:
        """Every image use below ``paths``, told apart as the configuration says."""
        environments = tuple(entry.name for entry in self.settings.environments) if self.configured else ()
        return scan(self.root, paths, image=image, config=ScanConfig(environments=environments, embedded=embedded))

    def registries(self, maps: Sequence[str] = (), *, offline: bool = False) -> "Registries":
        """The registries, with the configuration's host rules; ``maps`` are ``HOST=DIR`` texts of the command line."""
        from gitops_ci.image.registry.pool import Registries

        settings = self.settings
        mapping = {host: os.path.join(self.root, folder) for host, folder in settings.registries.map.items()}
        for text in maps:
            host, equals, folder = text.partition("=")
            if not (host and equals and folder):
                raise UsageError(f"--registry-map {text!r} is not HOST=DIR")
            if not os.path.isdir(folder):
                raise UsageError(f"--registry-map: {folder} is not a directory")
            mapping[host] = os.path.abspath(folder)
        return Registries(host_rules=settings.registries.host_rules, registry_map=mapping, offline=offline)
