# Two commands on a fresh machine: `make run` and `make test`.
# Needs Python >= 3.11 with venv, and GNU make; nothing else.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HOST ?= 127.0.0.1
PORT ?= 8000
export MANYI_DATA ?= $(CURDIR)/data
STAMP := $(VENV)/.installed
TEST_STAMP := $(VENV)/.installed-dev

.PHONY: run install assets test test-long lint types tests screenshots clean

run: install
	@$(BIN)/python scripts/run.py --host $(HOST) --port $(PORT)

install: $(STAMP) assets

$(BIN)/uv: requirements-build.lock
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-build.lock
	@touch $(BIN)/uv

$(STAMP): $(BIN)/uv requirements.lock pyproject.toml
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $(STAMP)

$(TEST_STAMP): $(STAMP) requirements-dev.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.lock
	@touch $(TEST_STAMP)

assets: $(STAMP)
	@$(BIN)/python scripts/build_assets.py

test: $(TEST_STAMP) assets
	@$(BIN)/python scripts/test.py

test-long: $(TEST_STAMP) assets
	@TEST_LONG=1 $(BIN)/python scripts/test.py

lint: $(TEST_STAMP)
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/lint-imports --no-cache

types: $(TEST_STAMP)
	@$(BIN)/mypy manyi training

screenshots: $(TEST_STAMP) assets
	@$(BIN)/python scripts/screenshots.py

clean:
	rm -rf $(VENV) frontend/node_modules manyi/ui/static/ui/dist
