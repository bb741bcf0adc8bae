# Everything that a developer runs. `make help` lists it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN := $(BIN)/bfg-policy
STAMP := $(VENV)/.installed
# The instant at which the committed reports were judged; `make reports AT=…` moves it.
AT ?= 2026-11-23T10:00:00Z
SCENARIOS := $(sort $(wildcard scenarios/*))

.DEFAULT_GOAL := help
.PHONY: help install demo test lint format reports docs bench fuzz guards clean
# How long each target is fuzzed, in seconds.
FUZZ_SECONDS ?= 60
FUZZ_TARGETS := $(sort $(notdir $(wildcard fuzz/corpus/*)))

help: ## Show what can be made.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("bfg-policy needs Python 3.11 or later") if sys.version_info < (3, 11) else None'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

install: $(STAMP) ## Make the environment in .venv, with pinned versions.

demo: $(STAMP) ## Judge the reference scenario and render its report and packets.
	$(RUN) check --at $(AT)
	$(RUN) render --at $(AT)
	@echo "The report: reports/grant-demo-local/readiness.md; the packets lie beside it."

test: $(STAMP) ## Run all tests.
	$(BIN)/python -m pytest --numprocesses 2 --dist worksteal $(PYTEST_OPTIONS)

lint: $(STAMP) ## Check style, types, layers and dependencies.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .

format: $(STAMP) ## Format the code.
	$(BIN)/ruff check --fix --quiet . || true
	$(BIN)/ruff format .

reports: $(STAMP) ## Render the reports of all scenarios anew.
	@for scenario in $(SCENARIOS); do $(RUN) render $$scenario --at $(AT) || exit 1; done

docs: $(STAMP) ## Write the transcripts in README and docs anew.
	$(BIN)/python -m tests.docs.transcripts
	$(BIN)/python -m tests.docs.findings
	$(RUN) docs

bench: $(STAMP) ## Measure, as ratios of CPU time in one run.
	$(BIN)/python benchmarks/cold_check.py
	$(BIN)/python benchmarks/rules.py
	$(BIN)/python benchmarks/database.py
	$(BIN)/python benchmarks/scale.py

fuzz: $(STAMP) ## Fuzz each target for FUZZ_SECONDS.
	@for target in $(FUZZ_TARGETS); do \
	  echo "fuzzing $$target"; \
	  $(BIN)/python -m fuzz $$target -max_total_time=$(FUZZ_SECONDS) -timeout=20 -rss_limit_mb=1024 || exit 1; \
	done

guards: $(STAMP) ## Remove each guard in turn, and see that a test notices.
	$(BIN)/python -m tests.hardening.guards

clean: ## Remove the environment and all caches.
	rm -rf $(VENV) build dist .coverage .pytest_cache .mypy_cache .ruff_cache .hypothesis
