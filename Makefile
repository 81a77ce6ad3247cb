# `make report` builds every edition into _build/site/, `make test` proves that it is right.
# Both set up .venv first, with any Python from 3.11 on and nothing else.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help
.PHONY: help setup browser report test test-fast bench lint clean

VENV := .venv
PYTHON := $(VENV)/bin/python
STAMP := $(VENV)/.installed
BILL := _build/sbom.cdx.json
ROUNDS := 5

help:
	@echo "make report     生成全部年度版，网站在 _build/site/"
	echo "make test       安装、检查、生成，并在真实浏览器中检验"
	echo "make test-fast  只运行不需要网站和浏览器的测试"
	echo "make bench      重算书中所写的速度和准确度"
	echo "make clean      删除 _build/"

$(STAMP): requirements.txt pyproject.toml
	@for candidate in python3.11 python3.12 python3.13 python3 python; do
	  if command -v "$$candidate" >/dev/null && "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
	    chosen="$$candidate"
	    break
	  fi
	done
	if [ -z "$${chosen:-}" ]; then
	  echo "需要 Python 3.11 或更高版本：请先安装，再运行 make" >&2
	  exit 1
	fi
	[ -x $(PYTHON) ] || "$$chosen" -m venv $(VENV)
	$(PYTHON) -m pip install -qq --disable-pip-version-check --require-hashes -r requirements.txt
	$(PYTHON) -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $(STAMP)

setup: $(STAMP)

# The browser tests drive a real Chromium, and print pages with a real Chinese font.
browser: setup
	@$(PYTHON) -m tests.browser.install

report: setup $(BILL)
	@$(VENV)/bin/popbook build

# Every package with its version and hashes, as CycloneDX; the same requirements give the same bytes.
$(BILL): requirements.txt $(STAMP)
	@mkdir -p $(@D)
	$(PYTHON) -m cyclonedx_py requirements --no-validate --output-reproducible --spec-version=1.6 \
	  --output-file=$@ requirements.txt 2>$(@D)/sbom.log || { cat $(@D)/sbom.log >&2; rm -f $@; exit 1; }

lint: setup
	@$(VENV)/bin/ruff check popbook tests
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

test-fast: lint
	@$(PYTHON) -m pytest -n auto --dist worksteal -m "not slow and not book and not browser"

test: lint browser $(BILL)
	@$(PYTHON) -m pytest -n auto --dist worksteal -m "not book and not browser"
	$(VENV)/bin/popbook check
	$(VENV)/bin/popbook build
	$(PYTHON) -m pytest -n auto --dist worksteal -m "book or browser"

# Figures of speed and accuracy that the book and the README state; never part of the tests. Building is measured in
# ROUNDS paired runs, minutes each; what was measured before a stop is kept. `make bench SERIES=FOLDER` also scores the
# trend engine on the public development series in FOLDER, beside statsforecast.
bench: setup
	@$(PYTHON) benchmarks/build_speed.py --rounds $(ROUNDS)
	$(PYTHON) benchmarks/cohort_speed.py
	$(PYTHON) benchmarks/city_backtests.py
	if [ -n "$(SERIES)" ]; then
	  [ -x .venv-bench/bin/python ] || "$$(command -v python3.11 || command -v python3)" -m venv .venv-bench
	  .venv-bench/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r benchmarks/requirements.txt
	  $(PYTHON) benchmarks/forecast_accuracy.py "$(SERIES)" --cross --peers .venv-bench/bin/python
	  $(PYTHON) benchmarks/forecast_speed.py "$(SERIES)" --peers .venv-bench/bin/python
	fi

clean:
	rm -rf _build
