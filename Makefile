# Everything sets itself up: Python 3.11+, make and git are all that a machine needs.
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
UV := $(BIN)/uv
CA := $(BIN)/communication-agent

.DEFAULT_GOAL := help
.PHONY: help demo run test check bench studio migrate expectations torture schemathesis screenshots messages

help: ## Show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(UV):
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv

.venv/runtime: $(UV) uv.lock pyproject.toml
	UV_PROJECT_ENVIRONMENT=.venv $(UV) sync --frozen --no-dev --inexact --compile-bytecode --quiet
	@touch $@

.venv/development: $(UV) uv.lock pyproject.toml
	UV_PROJECT_ENVIRONMENT=.venv $(UV) sync --frozen --all-extras --inexact --compile-bytecode --quiet
	@touch $@ .venv/runtime

demo: .venv/runtime ## A desk with a sample mailbox on http://127.0.0.1:8000 (PORT=, RESET=1 starts afresh)
	@$(CA) demo --port $(PORT) $(if $(RESET),--reset)

run: .venv/runtime ## The desk as configured by .env
	@$(CA) serve

migrate: .venv/runtime ## Bring the database up to date
	@$(CA) migrate

# Most tests wait for processes of their own, so three side by side keep two cores busy. A file stays in one process.
test: .venv/development ## All tests; what this machine lacks is skipped by name
	$(BIN)/pytest -n 3 --dist loadfile

check: .venv/development ## Lint, format, types, imports, lock file, house rules
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(UV) lock --check --quiet
	$(BIN)/pytest -q tests/test_house.py

bench: .venv/development ## Speed, as ratios measured in one run
	$(BIN)/python -m tests.bench

expectations: .venv/development ## What other projects' tests expect of their mails (DIR=)
	$(BIN)/python -m tests.expectations $(DIR)

torture: .venv/development ## Kill the service 500 times (KILLS=, SEED=) and count the mails that left (15 minutes)
	HYPOTHESIS_PROFILE=explore $(BIN)/pytest -q tests/agent/test_lifecycle.py
	$(BIN)/python -m tests.torture $(if $(KILLS),--kills $(KILLS)) $(if $(SEED),--seed $(SEED))

schemathesis: .venv/development ## Try every operation of the REST interface on a running desk (EXAMPLES=, PHASES=)
	$(BIN)/python -m tests.openapi $(if $(EXAMPLES),--examples $(EXAMPLES)) $(if $(PHASES),--phases $(PHASES))

studio: .venv/development ## LangGraph Studio on the same tickets as the boards
	$(BIN)/langgraph dev --no-browser --no-reload --n-jobs-per-worker 10

messages: .venv/development ## Collect the strings of all pages into the catalogs of translations
	@$(BIN)/python -m tests.messages

screenshots: .venv/development ## Pictures of every page from the running demo, for the README and docs/pages.md
	$(BIN)/python -m tests.screenshots
