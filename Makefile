# `make run` and `make test` set everything up by themselves: Python 3.11 and make are all they need.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 2
BENCHES := bench_feeds bench_review_pages bench_scan bench_push bench_score bench_render bench_send bench_survey_page

.PHONY: run test lint types layers bench format lock migration clean

run: $(VENV)/.ready
	$(BIN)/feedback-service demo

test: $(VENV)/.ready
	$(BIN)/pytest -n $(WORKERS) $(PYTEST_ARGS)

lint: $(VENV)/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.ready
	$(BIN)/mypy

layers: $(VENV)/.ready
	$(BIN)/lint-imports

bench: $(VENV)/.ready
	@for bench in $(BENCHES); do echo "== $$bench"; $(BIN)/python -m tests.bench.$$bench || exit 1; done

format: $(VENV)/.ready
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Needs uv. The lock file it works with names where packages come from, so only the hashed list is kept.
lock:
	uv lock
	uv export --no-emit-project --no-header --all-groups --quiet --output-file requirements.txt

migration: $(VENV)/.ready
	$(BIN)/python -m feedback_service.migrations "$(M)"

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

$(VENV)/.ready: requirements.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@
