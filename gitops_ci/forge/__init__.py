"""Where changes are proposed: a plain git remote (``local``), GitHub (``github``)."""

FORGES = {
    "local": "gitops_ci.forge.local:open_forge",
    "github": "gitops_ci.forge.github.forge:open_forge",
}
"""Name → what opens it: ``(Repository, remote, Opening) -> Forge``. A new forge is one new room and one line here."""
