# make demo   six stages for the demo client; says where the reports lie
# make test   the whole test suite
# make lab    JupyterLab on the notebooks
# make check  ruff and mypy
# make bench  measurements as a table of ratios, under ten minutes; bench-full: all of them
#
# Every target sets up what it needs in .venv first. Windows has no make; there
# the same is done by three lines in PowerShell or cmd:
#   py -m venv .venv
#   .venv\Scripts\python -m pip install -e ".[test]" -c constraints.txt
#   .venv\Scripts\ecperf demo

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.installed

.PHONY: demo test lab check bench bench-full

demo: $(READY)
	$(BIN)/ecperf demo

test: $(READY)
	$(BIN)/python -m pytest -n auto --dist loadfile

lab: $(READY)
	$(BIN)/ecperf lab

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: $(READY)
	$(BIN)/python -m benchmarks

bench-full: $(READY)
	$(BIN)/python -m benchmarks --full

$(READY): pyproject.toml setup.py constraints.txt
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'Python 3.11 or later is needed, this is ' + sys.version.split()[0])"
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[test]" -c constraints.txt
	touch $(READY)
