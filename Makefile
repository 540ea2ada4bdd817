# P-EL on one machine. `make` alone lists what it can do.

PYTHON ?= python3
SOURCE ?= wikidata
DATA ?=
FILMS ?= 100000
NIGHTS ?= 200
SOAK_HOME := $(CURDIR)/.pel-soak
# Look from a day that the films of the source reach well beyond; from today at what is live, or yours.
AS_OF_wikidata := 2014-01-01
AS_OF_kaggle := 2017-01-01
PEL_AS_OF ?= $(AS_OF_$(SOURCE))
AS_OF ?= $(PEL_AS_OF)
PEL_SOURCE ?= $(SOURCE)
# A path from here is none from where Airflow runs; a URL is the same everywhere.
PEL_DATA ?= $(or $(realpath $(DATA)),$(DATA))
# Which build of torch: auto, cpu, or a CUDA version such as cu130. With PIP_FIND_LINKS set, what lies there is used.
TORCH_BACKEND ?= auto

BIN := .venv/bin
UV := $(BIN)/uv
UV_VERSION := 0.13.9
PIP_AUDIT_VERSION := 2.10.1
TORCH := $(if $(PIP_FIND_LINKS),--find-links $(PIP_FIND_LINKS),--torch-backend=$(TORCH_BACKEND))
INSTALL = $(UV) pip install --quiet --compile-bytecode --python $(BIN)/python $(TORCH)
# The same on every machine. torch's CUDA libraries are left out: the chosen build of torch brings its own.
COMPILE = $(UV) pip compile --quiet --universal --python-version 3.11 --no-annotate \
	--custom-compile-command "make requirements" pyproject.toml
REQUIREMENTS := requirements.txt requirements-cluster.txt requirements-dev.txt
COMMON_TO_ALL_BUILDS := sed -E -i.bak -e '/^(cuda|nvidia|triton)[-=]/d' -e 's/^(torch==[0-9.]+)\+[^ ]*/\1/'

export PEL_AS_OF PEL_SOURCE PEL_DATA
.DELETE_ON_ERROR:
.PHONY: help run test test-faults docs bench-warehouse bench-forward bench-paper bench-peers bench-overhead soak stop clean \
	lint audit requirements check-requirements

help:  ## list the targets
	@sed -n -E 's/^([.a-z-]+):[^#]*## (.*)/make \1|\2/p' Makefile | while IFS='|' read -r name text; do \
		printf '%-26s%s\n' "$$name" "$$text"; done
	@echo 'Variables: AS_OF=2010-01-01 (date to look from), SOURCE=kaggle DATA=archive.zip (films to take in),'
	@echo '           PYTHON=python3.12, PEL_HOME=folder, PEL_UI_PORT=8081, TORCH_BACKEND=cpu'

run: .venv/.runtime  ## install, start Postgres and Airflow, run the pipeline once, print the forecasts
	@$(BIN)/pel up
	@$(BIN)/pel run $(if $(AS_OF),--as-of $(AS_OF))

test: .venv/.dev  ## run all tests
	OMP_WAIT_POLICY=passive $(BIN)/pytest -n auto --maxprocesses 4 --dist loadfile

test-faults: .venv/.dev  ## break everything that can break, and write docs/faults.md anew; takes up to an hour
	$(BIN)/pytest tests/faults -m 'faults or not faults' --junitxml=.venv/faults.xml -o junit_family=xunit1
	$(BIN)/python -m tests.faults.results .venv/faults.xml

bench-warehouse: .venv/.runtime  ## measure load, attributes and deltas at FILMS=1000000; DATA=archive.zip to grow from
	$(BIN)/python -m benchmarks.warehouse $(FILMS) $(PEL_DATA)

bench-forward: .venv/.runtime  ## measure how right P-EL is forward in time, on DATA=archive.zip
	$(BIN)/python -m benchmarks.forward $(PEL_DATA)

bench-paper: .venv/.runtime  ## compare P-EL with the paper's table 2 by its protocol, films at random, on DATA=archive.zip
	$(BIN)/python -m benchmarks.paper $(PEL_DATA)

bench-peers: .venv/.runtime .venv-peers/.installed  ## measure P-EL against AutoGluon, on DATA=archive.zip
	$(BIN)/python -m benchmarks.peers $(PEL_DATA) .venv-peers/bin/python

soak: .venv/.runtime  ## watch what grows over NIGHTS=200 nights on this machine; goes on where it stopped
	PEL_HOME=$(SOAK_HOME) $(BIN)/python -m benchmarks.soak $(NIGHTS)

bench-overhead: .venv/.runtime  ## measure what Airflow adds to the time of a chain
	$(BIN)/python -m benchmarks.overhead

docs: .venv/.dev  ## make the documentation site, in site/, and show it at http://127.0.0.1:8000
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict
	$(BIN)/python -m http.server --directory site --bind 127.0.0.1 8000

lint: .venv/.dev  ## check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/hadolint Dockerfile

audit: .venv/.uv  ## ask PyPI whether a pinned version has a known weakness; fails too if it was not told of each
	@$(UV) tool run pip-audit==$(PIP_AUDIT_VERSION) --strict --no-deps --disable-pip --progress-spinner off -r requirements.txt

stop:  ## stop what `make run` started; the database stays
	@if [ -x $(BIN)/pel ]; then $(BIN)/pel down; else echo 'Nothing is installed here, so nothing runs.'; fi

clean:  ## stop, and delete everything that make made: the database, the models, .venv
	@if [ -x $(BIN)/pel ]; then $(BIN)/pel clean; PEL_HOME=$(SOAK_HOME) $(BIN)/pel clean; fi
	rm -rf $(SOAK_HOME) site .venv .venv-peers .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Once, and never again: what is in there opens the databases.
.env:  ## make the secrets of docker-compose.yml
	@umask 077; while IFS= read -r line; do case "$$line" in \
		'#'*) echo "$$line";; \
		AIRFLOW_FERNET_KEY=) echo "$$line$$(openssl rand -base64 32 | tr +/ -_)";; \
		*=) echo "$$line$$(openssl rand -hex 32)";; \
		*) echo "$$line";; esac; done < .env.example > $@
	@echo "Made $@; keep it, and keep it to yourself."

requirements: .venv/.uv  ## pin the versions that pyproject.toml allows
	$(COMPILE) -o requirements.txt
	$(COMPILE) --extra cluster -o requirements-cluster.txt
	$(COMPILE) --extra dev -o requirements-dev.txt
	$(COMMON_TO_ALL_BUILDS) $(REQUIREMENTS)
	rm $(REQUIREMENTS:=.bak)

check-requirements: .venv/.uv  ## see whether the pinned versions are those of pyproject.toml
	@mkdir -p .venv/check && cp $(REQUIREMENTS) .venv/check
	@$(COMPILE) -o .venv/check/requirements.txt
	@$(COMPILE) --extra cluster -o .venv/check/requirements-cluster.txt
	@$(COMPILE) --extra dev -o .venv/check/requirements-dev.txt
	@$(COMMON_TO_ALL_BUILDS) $(addprefix .venv/check/,$(REQUIREMENTS))
	@for file in $(REQUIREMENTS); do diff -u $$file .venv/check/$$file \
		|| { echo "$$file does not follow from pyproject.toml; run: make requirements"; exit 1; }; done

.venv/.uv:
	@command -v $(PYTHON) >/dev/null || { echo 'There is no $(PYTHON); install Python 3.11 or 3.12,' \
		'or name one: make PYTHON=/path/to/python3.12'; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13))' || { \
		echo "$(PYTHON) is $$($(PYTHON) --version 2>&1); P-EL needs Python 3.11 or 3.12." \
		'Name one: make PYTHON=python3.12'; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo '$(PYTHON) cannot make virtual environments;' \
		'install its venv module (on Debian and Ubuntu: the package python3-venv).'; exit 1; }
	rm -rf .venv
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@

.venv/.runtime: requirements.txt pyproject.toml .venv/.uv
	$(INSTALL) -r requirements.txt -e .
	@touch $@

.venv/.dev: requirements-dev.txt pyproject.toml .venv/.runtime
	$(INSTALL) -r requirements-dev.txt -e .
	@touch $@

# An environment of its own: AutoGluon needs an older pandas.
.venv-peers/.installed: benchmarks/peers-requirements.txt .venv/.uv
	$(UV) venv --quiet --clear --python $(BIN)/python .venv-peers
	$(UV) pip install --quiet --python .venv-peers/bin/python $(TORCH) -r benchmarks/peers-requirements.txt
	@touch $@
