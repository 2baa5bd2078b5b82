"""GitHub as a forge: pull requests, their merging, the dashboard issue. PyGithub is imported when a forge is opened."""
