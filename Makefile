# run: start everything · test: check everything · check: lint and types only · bench: figures
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: run test check bench faults docs clean

$(VENV)/.installed: pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	@echo "installing Ruhu into $(VENV) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@

run: $(VENV)/.installed
	@$(BIN)/ruhu serve --demo-if-empty

check: $(VENV)/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: check
	$(BIN)/pytest -n 2

bench: $(VENV)/.installed
	$(BIN)/python -m bench

docs: $(VENV)/.installed
	$(BIN)/ruhu docs

clean:
	rm -rf $(VENV) build *.egg-info
