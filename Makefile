# Two commands set everything up on a fresh machine: `make run` and `make test`.
PYTHON ?= python3
BIN := .venv/bin
RUN := .venv/.run-installed
DEV := .venv/.dev-installed
# Folders with Node packages that tests or builds need.
NODE := $(patsubst %/package-lock.json,%/node_modules/.installed,$(shell git ls-files '*package-lock.json' | grep -v '^benchmarks/'))

.PHONY: install run federation test check differential bench lock schema graphiql frontend tools

install: $(DEV) $(NODE)  ## everything that development needs

run: $(RUN)  ## serve the bundled sample
	$(BIN)/python server.py --upstream sample

federation: $(RUN) examples/federation/node_modules/.installed  ## the sample and a reviews subgraph, under two gateways
	PYTHON=$(BIN)/python node examples/federation/start.js

test: install tools check  ## everything that CI runs
	$(BIN)/coverage erase
	$(BIN)/python -m pytest -n auto --cov --cov-report=term

check: $(DEV)  ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .

differential: $(DEV)  ## compare the two executors on many operations; EXAMPLES sets how many a test
	DIFFERENTIAL_EXAMPLES=$(or $(EXAMPLES),20000) $(BIN)/python -m pytest -n auto tests/execution/test_differential.py

bench: $(DEV)  ## every measure in benchmarks/
	$(BIN)/python -m benchmarks.neighbours
	$(BIN)/python -m benchmarks.growth
	$(BIN)/python -m benchmarks.entities
	$(BIN)/python -m benchmarks.mirror
	$(BIN)/python -m benchmarks.peers
	$(BIN)/python -m benchmarks.hotpath

schema: $(DEV)  ## write schema/schema.graphql anew
	$(BIN)/python -c "from schema import build_schema; print(build_schema().as_str())" > schema/schema.graphql

graphiql: web/graphiql/node_modules/.installed  ## build web/static/graphiql anew
	cd web/graphiql && npm run build

frontend: examples/frontend/node_modules/.installed  ## build the example frontend anew
	cd examples/frontend && npm run build

lock: $(DEV)  ## resolve the dependencies anew
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header pyproject.toml --group dev -o requirements-dev.lock

# What the tests drive: a browser, a caching proxy. Left alone where they are there.
tools:
	@for tool in chromium nginx node; do command -v $$tool >/dev/null || missing="$$missing $$tool"; done; \
	missing=$$(echo $$missing | sed 's/\bnode\b/nodejs npm/'); \
	if [ -n "$$missing" ]; then sudo=$$([ $$(id -u) = 0 ] || echo sudo); \
	  $$sudo apt-get update -qq && $$sudo apt-get install -y -qq $$missing; fi

$(RUN): requirements.lock
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --require-hashes -r requirements.lock
	touch $@

$(DEV): requirements-dev.lock
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --require-hashes -r requirements-dev.lock
	touch $@ $(RUN)

%/node_modules/.installed: %/package-lock.json
	cd $* && npm ci --no-audit --no-fund --loglevel=error
	touch $@
