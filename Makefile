# The verbs of Intramuros. `make` alone lists them; each does all the set-up it needs, and only once.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-builtin-rules --no-print-directory
.DEFAULT_GOAL := help

VENV := .venv
PY := $(VENV)/bin/python -P
READY := $(VENV)/.ready
NEXT := deploy/dev

# Nothing that is started here calls home.
export FLWR_TELEMETRY_ENABLED := 0
export FLWR_DISABLE_UPDATE_CHECK := 1
export FLWR_DISABLE_RUNTIME_DEPENDENCY_INSTALLATION := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYTHON
export INTRAMUROS_SHORT := $(SHORT)
export INTRAMUROS_BENCH_ONLY := $(ONLY)

.PHONY: help setup page bundle browser demo test check e2e attacks bench screens clean lock

help:
	@echo 'make setup                        the environment in .venv, from requirements.lock'
	@echo 'make demo [IMAGES=DIR] [REPORT=FILE] [KEEP=1]   hospitals, a coordinator and a partner on this machine, the whole main job'
	@echo 'make test                         the tests: units, ports, simulation, architecture'
	@echo 'make check                        format, lint, types, imports, dependencies, licences, and the page: seconds'
	@echo 'make e2e [SHORT=1]                real processes, real browser, third-party clients'
	@echo 'make attacks [SHORT=1]            every attack of the threat table, with its figure'
	@echo 'make bench [ONLY=a,b] [SHORT=1]   measured against peers in the same run, results in var/bench'
	@echo 'make screens                      pictures of the pages'
	@echo 'make clean [ALL=1]                what runs and tools left behind; ALL=1 also .venv and node_modules'
	@echo
	@echo 'seldom: make page (build the web pages), make bundle (one file to install from without internet),'
	@echo '        make browser (find or install Chromium), make lock (pin anew)'

setup: $(READY)

$(READY): requirements.lock pyproject.toml $(NEXT)/setup.sh $(NEXT)/python.sh
	@$(NEXT)/setup.sh $(VENV)
	@touch $@

page: setup
	@$(NEXT)/page.sh build

bundle: page
	@$(PY) $(NEXT)/bundle.py var/bundle

browser:
	@$(NEXT)/browser.sh

demo: page
	@$(VENV)/bin/intramuros demo $(if $(IMAGES),--images '$(IMAGES)') $(if $(REPORT),--report '$(REPORT)') $(if $(KEEP),--keep)

test: page browser
	@$(PY) -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile $(PYTEST_ARGS)

check: setup
	@$(VENV)/bin/ruff format --check --output-format concise . || { echo 'make check: not formatted; run $(VENV)/bin/ruff format .'; exit 1; }
	@$(VENV)/bin/ruff check --output-format concise .
	@$(VENV)/bin/mypy
	@$(VENV)/bin/lint-imports
	@$(VENV)/bin/deptry .
	@$(PY) tests/architecture/licences.py requirements.lock
	@$(NEXT)/page.sh check

e2e: page browser
	@$(call marked,e2e)

attacks: page
	@$(call marked,attacks)

bench: page
	@$(call marked,bench)

screens: page browser
	@$(call marked,screens)

# pytest ends with 5 when nothing carries the marker: a verb with nothing behind it yet says so, and that is no failure.
define marked
status=0; $(PY) -m pytest -m $(1) $(PYTEST_ARGS) || status=$$?; \
if [ $$status -eq 5 ]; then echo 'make $@: nothing is behind this verb yet'; exit 0; fi; exit $$status
endef

clean:
	@rm -rf var build dist node/web/dist coordinator/web/dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -not -path './$(VENV)/*' -not -path '*/node_modules/*' -prune -exec rm -rf {} +
	@$(if $(ALL),rm -rf $(VENV) node/web/node_modules coordinator/web/node_modules,true)

# After a change of pyproject.toml: resolve in an environment of its own, then pin every part of it.
lock:
	@$(NEXT)/lock.sh
