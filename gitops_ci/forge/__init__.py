"""Where changes are proposed: a plain git remote (``local``), GitHub (``github``)."""

FORGES = {"local": "gitops_ci.forge.local:LocalForge"}
"""Name → where its class is. A new forge is one new file and one line here."""
