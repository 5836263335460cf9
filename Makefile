# Every target sets up .venv first (scripts/environment.sh); `make help` lists them.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

export PYTHON ?= python3
export TORCH_BACKEND ?=
BIN := .venv/bin
AS_ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)

.PHONY: help
help:  ## what there is to do
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 30
	@echo
	@echo "  make TORCH_BACKEND=cpu ...  takes torch from PyTorch's own index (uv's --torch-backend), as cpu here"

.PHONY: environment
environment:  ## .venv with everything at pinned versions (the other targets do this by themselves)
	@scripts/environment.sh

.PHONY: demo
demo: environment  ## start Elasticsearch, index and search real documents, write a report
	@scripts/demo.sh

.PHONY: lab
lab: environment  ## JupyterLab with the notebooks
	@$(BIN)/jupyter lab --notebook-dir=notebooks $(AS_ROOT) $(ARGS)

.PHONY: notebooks
notebooks: environment  ## run every notebook unattended into output/, with miniature weights (ARGS="quickstart" for some)
	@$(BIN)/python scripts/run_notebooks.py $(ARGS)

.PHONY: docs
docs: environment  ## the documentation as a site in build/docs, with the executed notebooks of output/
	@$(BIN)/python scripts/build_docs.py $(ARGS)

.PHONY: check
check: environment  ## format, lint, types, notebooks: under a minute once warm
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/python scripts/lint_notebooks.py

.PHONY: test
test: environment front-end  ## every test, against a real Elasticsearch (ARGS="-k name" for some)
	@# one thread each: miniatures are too small to share, and servers, kernels and a browser run beside them
	@OMP_NUM_THREADS=$${OMP_NUM_THREADS:-1} $(BIN)/python -m pytest $(ARGS)

.PHONY: front-end
front-end:  ## Chromium and the npm packages that building and testing widgets need (test and widgets call it)
	@scripts/front_end.sh

.PHONY: widgets
widgets: front-end  ## build the widgets and the JupyterLab extension into jina_notebook/
	@npm --prefix widgets run --silent build

.PHONY: bench-models
bench-models: environment  ## the engine against its peers, real sizes, random weights (ARGS="encoder maxsim" for some)
	@$(BIN)/python -m benchmarks.models $(ARGS)

.PHONY: bench-elasticsearch
bench-elasticsearch: environment  ## indexing and searching against its peers, on a real Elasticsearch
	@$(BIN)/python -m benchmarks.elasticsearch $(ARGS)

.PHONY: bench-serve
bench-serve: environment  ## 32 concurrent clients against jn.serve, beside .embed directly
	@$(BIN)/python -m benchmarks.serving $(ARGS)

.PHONY: bench-binder
bench-binder: environment  ## memory of a Binder session: JupyterLab, kernel with a model, Elasticsearch (ARGS="stand-in" for some)
	@$(BIN)/python -m benchmarks.binder $(ARGS)

.PHONY: readme
readme: environment  ## write the README's tables anew, of models from the catalogue and of notebooks from their folder
	@$(BIN)/python scripts/readme_models.py
	@$(BIN)/python scripts/readme_notebooks.py

.PHONY: pins
pins: environment  ## write constraints.txt anew from what is installed in .venv
	@scripts/pin_versions.sh

.PHONY: clean
clean:  ## remove what was built and run (keeps .venv and the local Elasticsearch)
	@rm -rf build dist output .pytest_cache .ruff_cache .mypy_cache
	@find . -name __pycache__ -not -path './.venv/*' -not -path '*/node_modules/*' -type d -prune -exec rm -rf {} +
