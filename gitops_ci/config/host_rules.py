"""``hostRules`` as written (ours or Renovate's) to HostRule values, with secrets from the environment.

A value may name environment variables, ``${NAME}``; Renovate's ``{{ secrets.NAME }}`` reads the same
variable. Only credentials are looked up, never hosts, and no secret appears in a message.
"""

import re
from collections.abc import Callable, Mapping, Sequence

from gitops_ci.config.hosts import HostRule
from gitops_ci.errors import ConfigurationError
from gitops_ci.finding import Finding

_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}|\{\{\s*secrets\.([A-Za-z_][A-Za-z0-9_]*)\s*\}\}")
_CREDENTIALS = ("token", "username", "password")

Where = Callable[[int, str], tuple[int, int] | None]
"""Line and column of a field of the rule with this index."""


def host_rules(
    raw: Sequence[Mapping[str, object]],
    environment: Mapping[str, str],
    *,
    file: str,
    where: Where,
    strict: bool = True,
) -> tuple[tuple[HostRule, ...], tuple[Finding, ...]]:
    """The rules, and what is worth knowing about them.

    A variable that is not set leaves its rule without credentials, and is named in a finding. A secret
    written into the file is used, and warned about.

    :raises ConfigurationError: credentials without ``matchHost``: they would be sent to every host. Without
        ``strict`` (Renovate's own files, which may be about other things than images) they are left out, and a
        finding says so.
    """
    rules: list[HostRule] = []
    findings: list[Finding] = []
    for index, entry in enumerate(raw):
        host = entry.get("matchHost")
        found: dict[str, str | None] = {}
        for name in _CREDENTIALS:
            value = entry.get(name)
            if not isinstance(value, str) or not value:
                continue
            line, column = where(index, name) or (None, None)
            if not isinstance(host, str) or not host:
                told = f"hostRules[{index}] has a {name} but no matchHost: it would be sent to every host"
                if strict:
                    raise ConfigurationError(told, file=file, line=line, column=column, remedy="add matchHost")
                told += ", and is not used"
                findings.append(Finding("host-rule-without-host", told, file, line, column, remedy="add matchHost"))
                continue
            found[name], missing = _resolve(value, environment)
            if missing:
                told = f"the environment variable {missing} is not set: {_shown(host)} is asked without {name}"
                findings.append(Finding("missing-variable", told, file, line, column, remedy=f"set {missing}"))
            elif name != "username" and not _REFERENCE.search(value):
                told = f"the {name} for {_shown(host)} stands in the file for all to read"
                remedy = "write ${NAME}, set that environment variable, and revoke this one"
                findings.append(Finding("secret-in-file", told, file, line, column, severity="high", remedy=remedy))
        if isinstance(entry.get("encrypted"), dict):
            line, column = where(index, "encrypted") or (None, None)
            told = f"the encrypted credentials for {_shown(str(host or 'all hosts'))} are readable for Renovate alone"
            remedy = "write ${NAME} and set that environment variable"
            findings.append(Finding("encrypted-credentials", told, file, line, column, remedy=remedy))
        if "password" in found and found["password"] is None:
            found["username"] = None
        rules.append(_rule(entry, found))
    return tuple(rules), tuple(findings)


def _shown(host: str) -> str:
    """A host or URL for a message: on one line, without a user's name and password."""
    return " ".join(re.sub(r"//[^/@]*@", "//", host).split())


def _resolve(value: str, environment: Mapping[str, str]) -> tuple[str | None, str | None]:
    """The value with its variables filled in, or None and the first variable that is not there."""
    for found in _REFERENCE.finditer(value):
        if not environment.get(found[1] or found[2]):
            return None, found[1] or found[2]
    return _REFERENCE.sub(lambda found: environment[found[1] or found[2]], value).strip(), None


def _rule(entry: Mapping[str, object], credentials: Mapping[str, str | None]) -> HostRule:
    host, kind = entry.get("matchHost"), entry.get("hostType")
    limit, timeout = entry.get("concurrentRequestLimit"), entry.get("timeout")
    return HostRule(
        match_host=host if isinstance(host, str) else None,
        host_type=kind if isinstance(kind, str) else None,
        token=credentials.get("token"),
        username=credentials.get("username"),
        password=credentials.get("password"),
        insecure_registry=entry.get("insecureRegistry") is True,
        concurrent_request_limit=limit if isinstance(limit, int) and limit > 0 else None,
        timeout=timeout / 1000 if isinstance(timeout, int | float) and timeout > 0 else None,
        enabled=entry.get("enabled") is not False,
    )
