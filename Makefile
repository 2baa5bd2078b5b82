# Needs Python 3.11 or newer, git and make; the targets set up .venv themselves. PYTHON= names another Python.
PYTHON := $(shell sh scripts/python.sh)

.PHONY: demo test lint format bench lock clean

demo: ## A full update run on a small repository made up for it
	@$(PYTHON) scripts/setup.py update
	@.venv/bin/gitops-ci demo

test: ## Every check and every test; installs what they need
	@$(PYTHON) scripts/setup.py dev --system
	@sh scripts/check.sh

lint: ## The checks without the tests
	@$(PYTHON) scripts/setup.py dev
	@sh scripts/check.sh lint

format: ## Lay out the code
	@$(PYTHON) scripts/setup.py dev
	@.venv/bin/ruff check --quiet --no-cache --fix . ; .venv/bin/ruff format --no-cache .

bench: ## The figures of docs/benchmarks.md
	@$(PYTHON) scripts/setup.py dev --system
	@sh scripts/bench.sh

lock: ## Make lock/*.txt from pyproject.toml
	@$(PYTHON) scripts/setup.py dev
	@sh scripts/lock.sh

clean:
	rm -rf .venv dist build
