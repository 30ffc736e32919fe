# The verbs. `make help` lists them.

SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
export UV_PYTHON_DOWNLOADS := never
# Test files are shared out among so many workers, each with a PostgreSQL and a Valkey of its own.
JOBS ?= 2
# Sets are walked in another order each time, but in one by all workers of a run.
PYTEST = PYTHONHASHSEED=$$RANDOM $(BIN)/python -m pytest -n $(JOBS) --dist loadfile

.PHONY: help demo run test test-fast test-long check bench screenshots fmt lock sbom clean

help: ## list the verbs
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 12

demo: .venv/runtime ## set up everything, order one clip, stay up (DEMO_EXIT=1 leaves)
	@exec $(BIN)/python -m config.launch demo

run: .venv/runtime ## the same without ordering a clip
	@exec $(BIN)/python -m config.launch run

test: .venv/dev ## all tests
	$(PYTEST) -m "not long" $(TESTS)

test-fast: .venv/dev ## the tests that take no time
	$(PYTEST) -m "not long and not slow and not browser" $(TESTS)

test-long: .venv/dev ## the big counts
	$(BIN)/python -m pytest $(TESTS)

check: .venv/dev ## format, lint, types, import contracts, migrations, zero downtime, settings
	@BIN=$(BIN) bash .ci/check

bench: .venv/dev ## measure, with the budgets beside the figures (about 10 minutes)
	@mkdir -p var && $(BIN)/python -m bench

screenshots: .venv/dev ## pictures of every page, into docs/screenshots
	$(BIN)/python -m tests.site.screenshots

fmt: .venv/dev ## format everything
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: .venv/dev ## compile the lists of packages, with hashes
	$(BIN)/uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --custom-compile-command "make lock" requirements.in -o requirements.txt
	$(BIN)/uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --custom-compile-command "make lock" tests/requirements.in -o tests/requirements.txt

sbom: .venv/dev ## write what it is made of into var/sbom.json (CycloneDX)
	@mkdir -p var && $(BIN)/python .ci/sbom.py requirements.txt > var/sbom.json && echo var/sbom.json

clean: ## forget the virtual environment and everything Reelay stored
	rm -rf .venv var

# uv is quicker where it is at hand; pip does the same.
.venv/runtime: requirements.txt
	@bash .ci/install requirements.txt && touch $@

.venv/dev: .venv/runtime tests/requirements.txt
	@bash .ci/install requirements.txt tests/requirements.txt && touch $@
