# Everything runs in .venv, made when it is first needed, and again when the requirements or the Python change.

# The Python of .venv, as long as it runs, or python3; another one with make PYTHON=/path/to/python3.
ifndef PYTHON
PYTHON := $(firstword $(shell .venv/bin/python -c '' 2>/dev/null && echo .venv/bin/python) python3)
endif
# Python compiles what is imported; compiling all there is takes as long as the rest of the installation.
CONSTRAINED = .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-compile -c constraints.txt

# The Python behind it, also when that is the one of .venv: its version and its place.
FOUND := $(shell $(PYTHON) -c 'import os, sys; print("%d.%d:" % sys.version_info[:2] + os.path.realpath(sys.executable))' 2>/dev/null)
# Empty as long as that is the Python of .venv.
OTHER := $(if $(wildcard .venv),$(if $(filter $(FOUND),$(shell cat .venv/made-with 2>/dev/null)),,other-python))

# Recipes call what is installed in .venv by name.
export PATH := $(CURDIR)/.venv/bin:$(PATH)
# Where Jupyter finds the warm kernel.
export JUPYTER_PATH := $(CURDIR)/autograder/build
# Notebooks draw with the inline backend, whatever the shell prefers.
unexport MPLBACKEND

# One of the programs $(2) is there, or comes with Debian's package $(1), where that can be installed.
installed = { for name in $(2); do command -v $$name >/dev/null && exit 0; done; \
	[ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get -qq update \
	&& apt-get -qq install -y --no-install-recommends $(1) >/dev/null; }

.DEFAULT_GOAL := help
.PHONY: help demo quick test nbval lab bench term build site photos clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-7s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: .venv/installed ## Install, and grade a sample class
	autograder setup
	autograder sample --students 8
	autograder sample --students 16 05_adam
	autograder grade $(basename $(notdir $(wildcard solutions/[0-9]*_*.py)))

# Lint and types
CHECK = ruff check . && ruff format --check . && mypy
PYTEST = pytest -n 2 --dist loadscope -p no:cacheprovider
NBVAL = --nbval --nbval-kernel-name descent --nbval-cell-timeout 120 --nbval-sanitize-with solutions/pictures.cfg
QUICK = $(PYTEST) -m "not slow" tests

quick: .venv/installed-test ## Lint, types, and every test that takes less than a second
	$(CHECK)
	$(QUICK)

test: .venv/installed-test ## Run every check that CI runs
	$(CHECK)
	$(QUICK) --cov course --cov autograder --cov-report term:skip-covered
	$(PYTEST) -m slow --durations 15 tests solutions/*.ipynb $(NBVAL) --changed

nbval: .venv/installed-test ## Run every lesson, also where nothing has changed, and compare its outputs
	$(PYTEST) $(NBVAL) solutions/*.ipynb

lab: .venv/installed ## Open your own copies of the lessons, in work/, in JupyterLab (LAB="--no-browser")
	@# Without the kernel that lessons are built with.
	env -u JUPYTER_PATH python -m course lab $(LAB)

site: .venv/installed-site ## Make the book, in site/: open site/index.html
	python -m autograder.book site

bench: .venv/installed ## Grade the same submissions with stock nbgrader and with Descent
	autograder bench

term: .venv/installed-test ## Take a class of 300 through a term by the commands of docs/instructor.md (TERM="--platform moodle")
	PYTHONPATH=.:tests/support python -m term $(TERM)

build: .venv/installed ## Build the notebooks from solutions/NN_name.py
	autograder build

photos: .venv/installed-test ## Take the pages' pictures anew: a lesson, and what make demo wrote
	python tests/support/photographs.py

clean: ## Remove .venv and what tools left behind; gradebooks stay
	rm -rf .venv site .mypy_cache *.egg-info .build-* .hypothesis .ruff_cache .pytest_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: other-python
.venv/installed: pyproject.toml constraints.txt $(OTHER)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Descent needs Python 3.11 or newer: run make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	$(lastword $(subst :, ,$(FOUND))) -m venv $(if $(OTHER),--clear) .venv
	$(CONSTRAINED) -e .
	@# Student code is graded in bubblewrap's sandbox, under a filter of libseccomp's.
	@$(call installed,bubblewrap libseccomp2,bwrap) \
		|| echo "Install bubblewrap and libseccomp: grading runs student code in a sandbox that they make."
	@# What everything imports is compiled now; Matplotlib lists the fonts once, and would say so in a notebook.
	@.venv/bin/python -c 'import course, autograder.cli, matplotlib.font_manager'
	@echo '$(FOUND)' > .venv/made-with
	@touch $@

.venv/installed-site: .venv/installed
	$(CONSTRAINED) -e '.[site]'
	@touch $@

.venv/installed-test: .venv/installed
	$(CONSTRAINED) -e '.[test]'
	@# Pages are tested in a real browser.
	@$(call installed,chromium,chromium chromium-browser google-chrome) \
		|| echo "Install Chromium: the tests of pages need it."
	@touch $@
