# Everything runs in .venv, which is made when it is first needed and again when the requirements change.

PYTHON ?= python3
CONSTRAINED = .venv/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

# The same numbers on every machine: one thread, the plainest instructions.
export ATEN_CPU_CAPABILITY := default
export OMP_NUM_THREADS := 1
export MKL_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1
export PYTHONHASHSEED := 0
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
.PHONY: help demo test lab bench build clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-7s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: .venv/installed ## Install, build, and grade a sample class
	autograder build
	autograder setup
	autograder sample --students 8
	autograder sample --students 16 05_adam
	autograder grade $(basename $(notdir $(wildcard solutions/*.py)))

test: .venv/installed-test ## Run every check that CI runs
	ruff check .
	ruff format --check .
	pytest -n 2 --dist loadscope -p no:cacheprovider tests \
		--nbval --nbval-kernel-name descent --nbval-cell-timeout 120 --ignore-glob '$(CURDIR)/tests/*.ipynb' solutions/*.ipynb

lab: .venv/installed ## Open the lessons in JupyterLab
	cd lessons && jupyter lab

bench: .venv/installed ## Grade the same submissions with stock nbgrader and with Descent
	autograder bench

build: .venv/installed ## Build the notebooks from solutions/NN_name.py
	autograder build

clean: ## Remove .venv and what tools left behind; gradebooks stay
	rm -rf .venv *.egg-info .build-* .hypothesis .ruff_cache .pytest_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Descent needs Python 3.11 or newer: run make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(CONSTRAINED) -e .
	@# Student code is graded in bubblewrap's sandbox.
	@$(call installed,bubblewrap,bwrap) || echo "Install bubblewrap: grading runs student code in its sandbox."
	@# Matplotlib lists the fonts once, and would say so in the first notebook.
	@.venv/bin/python -c 'import matplotlib.font_manager'
	@touch $@

.venv/installed-test: .venv/installed
	$(CONSTRAINED) -e '.[test]'
	@# The class report is tested in a real browser.
	@$(call installed,chromium,chromium chromium-browser google-chrome) \
		|| echo "Install Chromium: the tests of the class report need it."
	@touch $@
