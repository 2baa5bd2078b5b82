"""hostRules of the configuration → values."""

from collections.abc import Callable, Mapping

from gitops_ci.config.hosts import HostRule

_TEMPLATE = "{{"


def host_rules(value: object) -> tuple[HostRule, ...]:
    """The rules in order. ``timeout`` is in milliseconds in Renovate's words, in seconds here.

    A secret that stands there as a template (``{{ secrets.TOKEN }}``) is not known here: the rule then has none.
    """
    return tuple(_rule(item) for item in value if isinstance(item, dict)) if isinstance(value, list) else ()


def _rule(item: Mapping[str, object]) -> HostRule:
    timeout = item.get("timeout")
    limit = item.get("concurrentRequestLimit")
    secret = _reader(item)
    return HostRule(
        match_host=_text(item.get("matchHost")),
        host_type=_text(item.get("hostType")),
        token=secret("token"),
        username=secret("username"),
        password=secret("password"),
        insecure_registry=item.get("insecureRegistry") is True,
        concurrent_request_limit=limit if isinstance(limit, int) and limit > 0 else None,
        timeout=timeout / 1000 if isinstance(timeout, int) and timeout > 0 else None,
        enabled=item.get("enabled") is not False,
    )


def _reader(item: Mapping[str, object]) -> Callable[[str], str | None]:
    def read(name: str) -> str | None:
        text = _text(item.get(name))
        return None if text is None or _TEMPLATE in text else text

    return read


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
