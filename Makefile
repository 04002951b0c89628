# run: start everything · test: check everything · check: lint and types only · bench: figures
# web: build the phone app · lock: pin what is installed · audit: ask for known vulnerabilities (both need an index that answers)
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := PYTHONWARNINGS=ignore $(BIN)/python -m pip --quiet --disable-pip-version-check
TOOLS  := $(VENV)/tools
COMPILE = $(TOOLS)/bin/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --all-build-deps \
  --no-header --no-annotate --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options

.PHONY: run test check bench faults docs clean lock audit web

$(BIN)/python:
	@$(PYTHON) -m venv $(VENV)

# The locks are made for this kind of machine; on another the ranges of pyproject.toml are installed, and it is said.
LOCKED = $(BIN)/python -c 'import platform, sys; sys.exit((sys.version_info[:2], sys.platform, platform.machine()) \
  != ((3, 11), "linux", "x86_64"))'
INSTALL = if $(LOCKED); then \
    $(PIP) install --require-hashes --no-deps -r $(1) && $(PIP) install --no-deps --no-build-isolation -e . && \
    $(PIP) check; \
  else \
    echo "no lock for this machine: installing the ranges of pyproject.toml, their files unchecked"; \
    $(PIP) install -e '.[$(2)]'; \
  fi

# What running needs, and what testing needs beside it.
$(VENV)/.run: pyproject.toml requirements.lock | $(BIN)/python
	@echo "installing Ruhu into $(VENV) …"
	@$(call INSTALL,requirements.lock,mongod)
	@touch $@

$(VENV)/.dev: pyproject.toml requirements-dev.lock | $(BIN)/python
	@echo "installing Ruhu and its tests' tools into $(VENV) …"
	@$(call INSTALL,requirements-dev.lock,dev)
	@touch $@ $(VENV)/.run

$(TOOLS)/bin/python: | $(BIN)/python
	@$(PYTHON) -m venv $(TOOLS)
	@$(TOOLS)/bin/python -m pip install --quiet --disable-pip-version-check 'pip-tools>=7.5,<8' 'pip-audit>=2.9,<3'

# Keeps what is pinned where pyproject.toml allows it; UPGRADE=--upgrade takes the newest.
lock: $(TOOLS)/bin/python
	$(COMPILE) $(UPGRADE) --extra mongod -o requirements.lock pyproject.toml
	$(COMPILE) $(UPGRADE) --all-extras -o requirements-dev.lock pyproject.toml
	@sed -i '/^#/d; /^ruhu @/d' requirements.lock requirements-dev.lock

# --strict: what the index knows nothing about is a failure, not a silent pass.
audit: $(TOOLS)/bin/python
	$(TOOLS)/bin/pip-audit --strict --disable-pip --require-hashes -r requirements-dev.lock

# The phone app, built again when a source of it is newer; --ignore-scripts: no package runs anything on installing.
NPM = web/build/npm.sh $(abspath $(VENV)) --prefix web
WEB_SOURCES = $(shell find web -path web/node_modules -prune -o -type f -print)

web/node_modules/.made: web/package.json web/package-lock.json web/.npmrc | $(BIN)/python
	@echo "installing what builds the phone app into web/node_modules …"
	@$(NPM) ci --ignore-scripts --silent
	@touch $@

api/web/dist/index.html: $(WEB_SOURCES) web/node_modules/.made
	@$(NPM) run --silent build
	@touch $@

web: api/web/dist/index.html

# Without the phone app the server serves all the same, and its page says what is missing.
run: $(VENV)/.run
	@$(MAKE) --silent web || echo "the phone app could not be built: serving without it"
	@$(BIN)/ruhu serve --demo-if-empty

check: $(VENV)/.dev web/node_modules/.made
	$(NPM) run --silent types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: check web
	$(NPM) run --silent size
	$(NPM) test --silent
	$(BIN)/pytest -n 2

# Only the runs in which things go wrong, for longer than in `make test`: minutes of storm, a cut at every byte, five
# thousand households, and many more examples of the state machine: EXAMPLES=… SEED=…
faults: $(VENV)/.dev
	FAULTS_SECONDS=240 FAULTS_STRIDE=1 FAULTS_HOUSEHOLDS=5000 EXAMPLES=$${EXAMPLES:-1000} \
	SEED=$${SEED:-$$(date +%s)} $(BIN)/pytest -m faults -n 0 -s

bench: $(VENV)/.run
	$(BIN)/python -m bench

docs: $(VENV)/.dev
	$(BIN)/ruhu docs
	$(BIN)/python -m tests.health.coverage

clean:
	rm -rf $(VENV) build *.egg-info web/node_modules api/web/dist
