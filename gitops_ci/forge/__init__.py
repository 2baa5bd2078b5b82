"""Where changes are proposed: a plain git remote (``local``), GitHub (``github``)."""
