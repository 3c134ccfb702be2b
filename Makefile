# `make demo` and `make test` do all set-up on a machine with Python 3.11 or later; `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: demo test lint docs benchmark clean help

demo: $(VENV)/demo.stamp  ## extract corpus/ into out/ and show what was written
	$(BIN)/policyextract extract corpus -o out
	@ls -l out
	@head -n 4 out/targets.csv

test: $(VENV)/test.stamp .venv-label-studio/stamp lint  ## lint, types, import contracts, all tests and the gate
	$(BIN)/python scripts/eval_gate.py
	$(BIN)/python -m pytest

lint: $(VENV)/test.stamp  ## ruff, mypy and import-linter
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(VENV)/demo.stamp  ## write docs/cli.md anew from the commands' --help
	$(BIN)/python scripts/docs_cli.py

benchmark: $(VENV)/demo.stamp  ## measure documents a second and peak memory
	$(BIN)/python scripts/benchmark.py

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "policyextract needs Python 3.11 or later; set PYTHON")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/demo.stamp: $(VENV)/bin/python pyproject.toml constraints.txt
	$(PIP) --editable .
	@touch $@

$(VENV)/test.stamp: $(VENV)/demo.stamp
	$(PIP) --editable '.[test,train]'
	@touch $@

# label-studio-sdk needs an older NumPy than we do: the tests ask it in an environment of its own.
.venv-label-studio/stamp: tests/label_studio/requirements.txt
	$(PYTHON) -m venv .venv-label-studio
	.venv-label-studio/bin/python -m pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

clean:  ## remove the virtual environment, results and caches
	rm -rf $(VENV) .venv-label-studio out build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

help:  ## this list
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:[^#]*## */\t/'
