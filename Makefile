# run: start everything · test: check everything · check: lint and types only · bench: figures
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: run test check bench faults docs clean

$(BIN)/python:
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip

# What running needs, and what testing needs beside it.
$(VENV)/.run: pyproject.toml | $(BIN)/python
	@echo "installing Ruhu into $(VENV) …"
	@PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[mongod]'
	@touch $@

$(VENV)/.dev: pyproject.toml | $(BIN)/python
	@echo "installing Ruhu and its tests' tools into $(VENV) …"
	@PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@ $(VENV)/.run

run: $(VENV)/.run
	@$(BIN)/ruhu serve --demo-if-empty

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: check
	$(BIN)/pytest -n 2

# Only the runs in which things go wrong, for longer than in `make test`: minutes of storm, a cut at every byte, five
# thousand households, and many more examples of the state machine: EXAMPLES=… SEED=…
faults: $(VENV)/.dev
	FAULTS_SECONDS=240 FAULTS_STRIDE=1 FAULTS_HOUSEHOLDS=5000 EXAMPLES=$${EXAMPLES:-1000} \
	SEED=$${SEED:-$$(date +%s)} $(BIN)/pytest -m faults -n 0 -s

bench: $(VENV)/.run
	$(BIN)/python -m bench

docs: $(VENV)/.run
	$(BIN)/ruhu docs

clean:
	rm -rf $(VENV) build *.egg-info
