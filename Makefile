# Two commands set everything up on a fresh machine: `make run` and `make test`.
# PYTHON names the Python to make the virtual environment with; scripts/python.sh finds one unless it does.
VENV ?= .venv
BIN := $(VENV)/bin
RUN := $(VENV)/.run-installed
DEV := $(VENV)/.dev-installed
# Folders with Node packages that tests or builds need.
NODE := $(patsubst %/package-lock.json,%/node_modules/.installed,$(filter-out benchmarks/%,$(wildcard */*/package-lock.json */*/*/package-lock.json)))

# Tests start many Pythons: what one has compiled serves the next.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help install run federation test unit newest check differential fuzz bench lock dist sbom schema docs graphiql frontend tools node

help:  ## what there is to make
	@sed -n 's/^\([a-z]*\):.*##  *\(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

install: tools $(DEV) $(NODE)  ## everything that development needs

run: $(RUN)  ## serve the bundled sample
	$(BIN)/python server.py --upstream sample

federation: $(RUN) examples/federation/node_modules/.installed  ## the sample and a reviews subgraph, under two gateways
	PYTHON=$(BIN)/python node examples/federation/start.js

test: install check  ## every test, style and types
	$(BIN)/coverage erase
	$(BIN)/python -m pytest -n auto --cov --cov-report=term

unit: $(DEV)  ## the tests that need no browser, Node, nginx, apt or gateways beside them
	DIFFERENTIAL_EXAMPLES=50 FUZZ_EXAMPLES=200 $(BIN)/python -m pytest -n auto -m "not e2e"

newest:  ## the unit tests on the newest Strawberry and graphql-core that resolve
	rm -rf .venv-newest
	scripts/install.sh .venv-newest requirements-dev.lock
	.venv-newest/bin/python -m pip install -qq --upgrade strawberry-graphql graphql-core
	.venv-newest/bin/python -m pip list | grep -E '^(strawberry-graphql|graphql-core) '
	.venv-newest/bin/python -m pytest -n auto -m "not e2e"

check: $(DEV)  ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .

differential: $(DEV)  ## compare the two executors on many operations; EXAMPLES sets how many a test
	DIFFERENTIAL_EXAMPLES=$(or $(EXAMPLES),20000) $(BIN)/python -m pytest -n auto tests/execution/test_differential.py

fuzz: $(DEV)  ## 80,000 HTTP requests and 20,000 documents at random; EXAMPLES sets how many of each kind
	FUZZ_EXAMPLES=$(or $(EXAMPLES),20000) $(BIN)/python -m pytest -n auto tests/web/test_endpoint_fuzzed.py

bench: $(DEV)  ## the main measures in benchmarks/, whose README names the others
	$(BIN)/python -m benchmarks.neighbours
	$(BIN)/python -m benchmarks.growth
	$(BIN)/python -m benchmarks.entities
	$(BIN)/python -m benchmarks.mirror
	$(BIN)/python -m benchmarks.relevance
	$(BIN)/python -m benchmarks.peers
	$(BIN)/python -m benchmarks.hotpath
	$(BIN)/python -m benchmarks.hostile

schema: $(DEV)  ## write schema/schema.graphql anew
	$(BIN)/python -c "from schema import api_sdl, build_schema; print(api_sdl(build_schema()), end='')" > schema/schema.graphql

docs: $(DEV)  ## build the site of docs/ anew, into web/docs
	$(BIN)/python -m scripts.docs

graphiql: web/graphiql/node_modules/.installed  ## build web/static/graphiql anew
	cd web/graphiql && npm run build

frontend: examples/frontend/node_modules/.installed  ## build the example frontend anew
	cd examples/frontend && npm run build

# The extras stay in the lock: pip takes `x[y]` for another requirement than `x`, and would leave it unpinned.
COMPILE = $(BIN)/uv pip compile --quiet --universal --no-strip-extras --generate-hashes --no-annotate --no-header
lock: $(DEV)  ## resolve the dependencies anew
	$(BIN)/python -m pip install -qq uv
	$(COMPILE) pyproject.toml -o requirements.lock
	$(COMPILE) pyproject.toml --extra redis -c requirements.lock -o requirements-image.lock
	$(COMPILE) pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock
	$(COMPILE) --group build -c requirements-dev.lock -o requirements-build.lock

dist: $(DEV)  ## a wheel and a source distribution, in dist/
	$(BIN)/python -m hatchling build

sbom: $(DEV) node  ## what the gateway is made of, as CycloneDX, in dist/sbom/
	PYTHON=$(BIN)/python scripts/sbom.sh dist/sbom

tools:  ## what the end-to-end tests drive
	@scripts/tools.sh node chromium nginx curl jq promtool systemd-analyze redis-server

node:  ## Node, for clients and builds
	@scripts/tools.sh node

$(RUN): requirements.lock
	scripts/install.sh $(VENV) $<
	touch $@

$(DEV): requirements-dev.lock
	scripts/install.sh $(VENV) $<
	touch $@ $(RUN)

%/node_modules/.installed: %/package-lock.json | node
	cd $* && npm ci --no-audit --no-fund --loglevel=error
	touch $@
