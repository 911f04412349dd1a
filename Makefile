# Fengsui 烽燧. `make help` lists what can be made.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
APP := console/web/app
HOME_DEMO := $(CURDIR)/.demo
CAPTURE ?=
SERVE ?= 1
PORT ?= 8600

.PHONY: help demo test check bench fuzz fuzz-checked web clean licences servers servers-down test-stores

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: setup web ## a drill (and CAPTURE=path) through the whole pipeline, then the console; SERVE=0 ends after the table
	@FENGSUI_HOME=$(HOME_DEMO) FENGSUI_CONSOLE_PORT=$(PORT) $(BIN)/fengsui demo $(if $(CAPTURE),--capture "$(CAPTURE)") $(if $(filter 0,$(SERVE)),--no-serve)

test: setup-dev web ## everything that must hold, each part with one line of result
	@$(BIN)/python -m tests.run all

check: setup-dev ## the fast part: lint, types, layer contract, unit tests
	@$(BIN)/python -m tests.run fast

BENCH ?= $(if $(FENGSUI_BENCH),$(FENGSUI_BENCH),../shared/bench)

bench: setup-dev ## benchmarks over FENGSUI_BENCH (default ../shared/bench); SURICATA=script compares with it
	@export FENGSUI_BENCH=$(BENCH); set -e; \
	for words in "packet_speed.py --bench $(BENCH) $(if $(SURICATA),--suricata $(SURICATA))" packet_fidelity.py \
	    "live_speed.py $(BENCH)/captures/office.pcap.zst" packet_store.py \
	    store_speed.py sigma_speed.py sigma_hunt.py sigma_oracle.py detection_quality.py rules_on_attacks.py replay_all.py \
	    "correlation_surprise.py --bench $(BENCH) --held-out" sigma_correlations.py incidents_on_attacks.py \
	    "situation_levels.py --bench $(BENCH)" "situation_forecast.py --bench $(BENCH)" incident_open.py check_assets.py check_faults.py; do \
	  echo "== $$words"; $(BIN)/python benchmarks/$$words; \
	done

FUZZ_MINUTES ?= 10

fuzz: setup-dev ## FUZZ_MINUTES (10) of hostile input with new seeds; what breaks a law stays in .fuzz
	@$(BIN)/python -m pytest -q tests -k "fuzz or hostile" --hypothesis-profile=seeking -p no:cacheprovider
	@FENGSUI_BENCH=$(BENCH) $(BIN)/python -m tests.fuzz --minutes $(FUZZ_MINUTES)

fuzz-checked: setup-dev ## the same mutants with every index of compiled code checked (compiles apart)
	@$(BIN)/python -m tests.sensors.packet.checked --bench $(BENCH) --minutes $(FUZZ_MINUTES) --failures .fuzz/checked

SERVERS ?= # --nodes 3 --tls

servers: setup-dev ## real Elasticsearch and PostgreSQL on loopback for the tests of the stores (SERVERS="--nodes 3 --tls")
	@$(BIN)/python -m tests.servers up $(SERVERS)

servers-down: ## stop them
	@$(BIN)/python -m tests.servers down

test-stores: setup-dev ## the suite that every store passes, on real servers, which are stopped after it
	@$(BIN)/python -m tests.servers up $(SERVERS); status=0; \
	$(BIN)/python -m pytest -q tests/contract tests/fengsui/store || status=$$?; \
	$(BIN)/python -m tests.servers down; exit $$status

licences: setup ## third-party licences of what is installed
	@$(BIN)/fengsui licences

# Set-up: stamps say what is done; a changed pyproject.toml does it again.
.PHONY: setup setup-dev
setup: $(VENV)/.installed $(VENV)/.compiled ## virtual environment, packages, compiled code
setup-dev: $(VENV)/.installed-dev $(VENV)/.compiled

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Fengsui needs Python 3.11 or newer; set PYTHON=python3.11")'
	@echo "· virtual environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	@echo "· packages"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[papers]'
	@touch $@

$(VENV)/.installed-dev: pyproject.toml $(VENV)/.installed
	@echo "· packages for tests"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

$(VENV)/.compiled: $(VENV)/.installed $(wildcard sensors/packet/*.py sensors/keeping/*.py fengsui/jit.py fengsui/store/embedded/*.py)
	@echo "· compiling the packet decoder, the packet store and the event store (once)"
	@$(BIN)/python -m sensors.packet.compile
	@$(BIN)/python -m sensors.keeping.passes
	@$(BIN)/python -m fengsui.store.embedded.intake
	@touch $@

WEB_SOURCES := $(shell find $(APP)/src $(APP)/index.html $(APP)/package.json $(APP)/vite.config.ts fengsui/catalogue console/api/openapi.json -type f 2>/dev/null)

web: console/web/dist/index.html ## build the console's pages

console/web/dist/index.html: $(WEB_SOURCES) | $(VENV)/.installed
	@bash console/web/build.sh

clean: ## remove everything that was made
	rm -rf $(VENV) .demo .fuzz .checked console/web/dist $(APP)/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
