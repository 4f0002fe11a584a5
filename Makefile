# The commands of CONTRIBUTING.md. Each sets up what it needs first; `make demo` and `make test` are all a newcomer has to know.
.DEFAULT_GOAL := help
.PHONY: help setup demo test check format lock clean

help: ## list these commands
	@sed -n 's/^\([a-z]*\):.*## /  make \1|/p' $(MAKEFILE_LIST) | column -t -s '|'

setup: ## create .venv with the exact versions of constraints.txt
	@scripts/setup

demo: setup ## run the main job end to end; results in demo/
	@scripts/demo

test: setup ## run all tests
	@scripts/test

check: setup ## lint, format, types, import contracts
	@scripts/check

format: setup ## rewrite the code in the house format
	@.venv/bin/ruff check --quiet --fix-only . && .venv/bin/ruff format --quiet .

lock: ## rewrite constraints.txt from pyproject.toml (needs uv)
	@scripts/lock

clean: ## remove everything that these commands made
	@rm -rf .venv .prolong demo .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
