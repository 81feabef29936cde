# Every target sets up .venv by itself; a stamp makes the next call skip that.
# Needs Python 3.11 or later and, for `make lock` only, uv. Uses uv where it is on the PATH.
# `PYTHON=python3.12 make test` asks for one interpreter, in a .venv-python3.12 of its own.

SHELL := /bin/sh
# Containers often forbid it: then each of the processes that tests and the demo start would compile
# every file again, a quarter of what their start takes.
unexport PYTHONDONTWRITEBYTECODE
VENV := .venv$(if $(PYTHON),-$(notdir $(PYTHON)))
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.ready-to-run
DEVELOP := $(VENV)/.ready-to-develop
LAKE := $(VENV)/.ready-for-a-lake

# A file's tests stay on one worker, so that what a module sets up is set up once. Sorted by the number
# of their tests, the dearest files, with few, would come last, on one worker.
PARALLEL ?= -n auto --dist loadfile --no-loadscope-reorder

# What takes minutes has targets of its own: worlds in which much happens (`make simulate`), processes
# that are killed (`make faults`), browsers (`make walk`). `make test ALL=1`, as CI does, leaves out none.
WORLDS := tests/simulation/test_mutants.py tests/recon/test_later_runs.py
KILLED := tests/upkeep/test_killed_commands.py tests/upkeep/test_starved_commands.py \
  tests/receiver/test_receiver_killed.py tests/warehouse/test_readers_under_load.py
WALKS := tests/dashboards/test_dashboard_walk.py tests/dashboards/test_dashboard_login.py \
  tests/dashboards/test_month_end_walk.py tests/dashboards/test_map_moves.py
without = $(if $(ALL),,$(patsubst %,--ignore=%,$(1)))

SQL := $(shell find models dashboards -name '*.sql' 2>/dev/null)
SQL_CLEAN := $(VENV)/.sql-clean

.PHONY: help demo test test-lake rules bench simulate faults walk coverage lint lint-sql format \
  format-sql docs lock clean

help:
	@echo "make demo    sandbox partners, the whole pipeline, the settlement (ARGS=... are passed on)"
	@echo "make test    linters, types and most tests, ALL=1 every one (ARGS=... are passed on to pytest)"
	@echo "make walk    the dashboards in a real Chromium"
	@echo "make test-lake  the warehouse as a lake, on a PostgreSQL of the tests' own"
	@echo "make rules   fetch the official rules that tests check e-invoices by (needs Maven)"
	@echo "make simulate  years of a simulated world with an auditor (SEED=0 YEARS=200, ARGS=--all), after"
	@echo "               each fault that it must find, what later runs must see, PAIRS=40000 charges"
	@echo "make faults  every command that writes killed at KILLS=50 points, READERS=20 of each kind"
	@echo "make bench   small versions of the benchmarks, in some minutes"
	@echo "make coverage  most tests, with the share of lines that they reach and its floor"
	@echo "make lint    linters and types only"
	@echo "make format  rewrite the Python in the house's format; make format-sql the SQL"
	@echo "make docs    write the pages of docs/ that are made from the code"
	@echo "make lock    resolve the dependencies again (needs uv)"
	@echo "make clean   remove the virtual environment and caches"

demo: $(RUNTIME)
	@$(BIN)/roamhouse demo $(ARGS)

test: lint
	$(BIN)/python -m pytest $(PARALLEL) $(call without,$(WORLDS) $(KILLED) $(WALKS)) $(ARGS)

# The warehouse as a lake: its own tests, then some of each stage with every warehouse a lake.
# Both are skipped, with the reason, where Debian's package postgresql is not installed.
LAKE_TESTS ?= tests/warehouse/test_load_cdrs.py tests/rating/test_rating_warehouse.py \
  tests/recon/test_recon_pushed.py tests/settle/test_settle_checks.py \
  tests/dashboards/test_pricing_marts.py
test-lake: $(DEVELOP) $(LAKE)
	ROAMHOUSE_TEST_WAREHOUSE=both $(BIN)/python -m pytest $(PARALLEL) tests/lake $(ARGS)
	ROAMHOUSE_TEST_WAREHOUSE=lake $(BIN)/python -m pytest $(PARALLEL) $(LAKE_TESTS) $(ARGS)

rules: $(DEVELOP)
	@$(BIN)/python tests/exports/official_rules.py

SEED ?= 0
YEARS ?= 200
PAIRS ?= 40000
simulate: $(DEVELOP)
	REFERENCE_PAIRS=$(PAIRS) $(BIN)/python -m pytest $(WORLDS) tests/rating/test_rating_reference.py
	PYTHONPATH=.:tests $(BIN)/python -m simulation --seed $(SEED) --years $(YEARS) $(ARGS)

KILLS ?= 50
READERS ?= 20
faults: $(DEVELOP)
	KILL_POINTS=$(KILLS) LOAD_READERS=$(READERS) $(BIN)/python -m pytest -q $(ARGS) \
	  -o log_cli=true --log-cli-level=INFO $(KILLED)

walk: $(DEVELOP)
	$(BIN)/python -m pytest $(PARALLEL) $(WALKS) $(ARGS)

# Small, so that each is seen to work; docs/performance.md says how the figures there were made.
POSTGRES := $(wildcard /usr/lib/postgresql/*/bin/postgres)
CHROMIUM := $(shell command -v chromium)
bench: $(DEVELOP) $(if $(POSTGRES),$(LAKE))
	$(BIN)/python -m benchmarks.price --cdrs 5000 --rounds 1
	$(BIN)/python -m benchmarks.decode --cdrs 10000
	$(BIN)/python -m benchmarks.rating --engine 100000 --warehouse 30000
	$(BIN)/python -m benchmarks.reconcile --cdrs 30000
	$(BIN)/python -m benchmarks.invoices --lines 10000
	$(BIN)/python -m benchmarks.ingest --cdrs 10000 --runs 1 --skip floor dlt "dlt nested"
	$(BIN)/python -m benchmarks.ten_million --cdrs 20000
	$(BIN)/python benchmarks/receive.py --seconds 2
	$(if $(POSTGRES),$(BIN)/python -m benchmarks.workers --cdrs 1000 --workers 2,@echo "workers: left out without PostgreSQL")
	$(if $(CHROMIUM),$(bench-screens),@echo "dashboards: left out without Chromium")

define bench-screens
@home=$$(mktemp -d)/home && \
  $(BIN)/python benchmarks/dashboards.py --cdrs 1 --evses 1 --home $$home --only overview && \
  $(BIN)/python benchmarks/push_to_screen.py --home $$home --pushes 2; \
  ended=$$?; rm -rf "$${home%/home}"; exit $$ended
endef

# Lines are counted by the interpreter itself where it can, from Python 3.12 on: tracing takes as long
# again as the tests. What is left out runs in processes that are killed, or goes over the same lines.
CORE = $(shell $(BIN)/python -c "import sys; print('sysmon' if sys.version_info >= (3, 12) else 'ctrace')")
coverage: $(DEVELOP)
	COVERAGE_CORE=$(CORE) $(BIN)/python -m pytest $(PARALLEL) $(call without,$(WORLDS) $(KILLED)) \
	  --cov --cov-report=term:skip-covered --cov-report=xml $(ARGS)

lint: $(DEVELOP) $(if $(SQL),lint-sql)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(DEVELOP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Only the files that changed since they were last clean: all of them take half a minute.
lint-sql: $(SQL_CLEAN)

$(SQL_CLEAN): $(SQL) pyproject.toml | $(DEVELOP)
	@echo "sqlfluff lint, of the files that changed"
	@$(BIN)/sqlfluff lint --disable-progress-bar --processes 0 $(if $(filter %.toml,$?),$(SQL),$?)
	@touch $@

format-sql: $(DEVELOP)
	@$(BIN)/sqlfluff fix --disable-progress-bar --processes 0 --quiet $(SQL)

docs: $(DEVELOP)
	$(BIN)/python -m pipelines.docs

clean:
	rm -rf .venv .venv-* .coverage .coverage.* coverage.xml .mypy_cache .ruff_cache .pytest_cache .hypothesis build *.egg-info

# A lock is complete and names every wheel by its hash; only roamhouse itself is built, by the locked
# setuptools, so that no step fetches anything that the lock does not name.
define set-up
	@sh -c '$(check-python)'
	@if command -v uv >/dev/null 2>&1; then \
	  test -x $(BIN)/python || uv venv --quiet --python "$$($(find-python))" $(VENV); \
	  install="uv pip install --quiet --python $(BIN)/python"; \
	else \
	  test -x $(BIN)/python || "$$($(find-python))" -m venv $(VENV); \
	  $(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip >/dev/null; \
	  install="$(BIN)/python -m pip install --quiet --disable-pip-version-check"; \
	fi; \
	echo "Setting up $(VENV) from $< (once)"; \
	$$install --require-hashes --no-deps --only-binary :all: -r $< && \
	$$install --no-deps --no-build-isolation -e .
	@touch $@
endef

find-python = for name in $(or $(PYTHON),python3.11 python3.12 python3.13 python3); do \
  if $$name -c "import sys; sys.exit(sys.version_info < (3, 11))" 2>/dev/null; then \
  command -v $$name; break; fi; done
check-python = test -n "$$($(find-python))" || \
  { echo "roamhouse needs Python 3.11 or later: install $(or $(PYTHON),python3.11)" >&2; exit 1; }

$(RUNTIME): requirements.lock pyproject.toml
	$(set-up)

$(DEVELOP): requirements-dev.lock pyproject.toml
	$(set-up)
	@touch $(RUNTIME)

$(LAKE): requirements-lake.lock | $(DEVELOP)
	$(set-up)

# `make lock LOCK_FLAGS=--upgrade` moves every version that constraints.txt does not hold.
lock:
	@command -v uv >/dev/null || { echo "make lock needs uv on the PATH" >&2; exit 1; }
	$(compile) -o requirements.lock pyproject.toml
	$(compile) -o requirements-dev.lock -c requirements.lock --extra dev pyproject.toml
	sed -n 's/^ *"\(duckdb-extension-[^"]*\|psycopg[^"]*\)",.*/\1/p' pyproject.toml | \
	  $(filter-out --group build,$(compile)) -c requirements.lock -o requirements-lake.lock -

compile = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --custom-compile-command "make lock" -c constraints.txt --group build \
  $(LOCK_FLAGS)
