# Every target sets up by itself all that it needs.
PYTHON ?= python3
BIN := .venv/bin
PORT ?= 8787
CAMPAIGN ?=

# What is compiled is kept: the tests start many processes.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: setup demo run test check bench drills messages screenshots lock

setup: .venv/ready

.venv/ready: requirements-dev.lock
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	touch $@

# Try it without Telegram: prints an address for the browser. CAMPAIGN=FILE plays another campaign.
demo: setup
	$(BIN)/python -m bot demo --port $(PORT) $(if $(CAMPAIGN),--campaign "$(CAMPAIGN)")

run: setup
	$(BIN)/python -m bot run

test: setup
	$(BIN)/python -m pytest

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m tools.messages --check

bench: .venv/bench
	$(BIN)/python -m benchmarks

# What goes wrong in the field, done on purpose. For hours: `.venv/bin/python -m drills.soak`.
drills: setup
	$(BIN)/python -m drills

# What others use, to be measured beside.
.venv/bench: .venv/ready requirements-bench.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.lock
	touch $@

# The pictures of README, by Debian's Chromium.
screenshots: setup
	$(BIN)/python -m tools.screenshots

# Brings new messages of the sources into the catalogues.
messages: setup
	$(BIN)/python -m tools.messages ru

# Pins every package with its hashes; needs pip-tools on the path. No index host is written down.
lock:
	pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header --output-file requirements.lock pyproject.toml
	pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header --extra dev --output-file requirements-dev.lock pyproject.toml
	pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header --extra dev --extra bench --constraint requirements-dev.lock --output-file requirements-bench.lock pyproject.toml
