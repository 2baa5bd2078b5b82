"""When the current version of an image was released, for the few dependencies whose rules ask for it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from gitops_ci.errors import OutsideError
from gitops_ci.image.registry import ImageInfo
from gitops_ci.update.gates import stated_time
from gitops_ci.update.model import Dependency

WORKERS = 16

_Key = tuple[str, str, str]


def ages(
    dependencies: Sequence[Dependency], info: Callable[[str, str, str], ImageInfo]
) -> Mapping[Dependency, datetime]:
    """The release times that are known, several asked for at once.

    ``info(datasource, package, reference)`` raises OutsideError; what it fails for has no known age, and no
    ``matchCurrentAge`` matches it.
    """
    wanted: dict[_Key, list[Dependency]] = {}
    for dependency in dependencies:
        reference = dependency.current_digest or dependency.current_value
        if reference is not None:
            wanted.setdefault((dependency.datasource, dependency.package_name, reference), []).append(dependency)
    if not wanted:
        return {}
    from concurrent.futures import ThreadPoolExecutor

    def ask(key: _Key) -> datetime | None:
        try:
            return stated_time(info(*key))
        except OutsideError:
            return None

    with ThreadPoolExecutor(min(WORKERS, len(wanted)), thread_name_prefix="age") as pool:
        found = dict(zip(wanted, pool.map(ask, wanted), strict=True))
    known = {key: created for key, created in found.items() if created is not None}
    return {dependency: created for key, created in known.items() for dependency in wanted[key]}
