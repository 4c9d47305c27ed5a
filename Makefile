# Everything a person or CI runs. `make demo` first; `make check test` before a commit lands.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
MELTANO := .meltano/.installed
# Compiled bytecode halves every start of Meltano and of the plugins (docs/decisions/0004).
unexport PYTHONDONTWRITEBYTECODE
export UV_COMPILE_BYTECODE := 1
PLUGINS := tap-lightspeed-retail target-salesforce-retail

# The product's tests, what waits and what takes long first; the sandbox's have a lane of their own.
PRODUCT := tests/journeys tests/target tests/agreements tests/tap
# Twice as many as there are cores: a story often waits, for the vendors' clock or a process of its own.
PYTEST := $(BIN)/python -m pytest --numprocesses $$((2 * $$(nproc))) --maxschedchunk 2

.PHONY: setup demo sandbox test test-quick test-sandbox test-full browser check format docs lock coverage breaks mutants bench clean

setup: $(STAMP)  ## the virtual environment, with every version pinned by hash

$(STAMP): requirements.lock $(PLUGINS:%=%/pyproject.toml)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv==$$(sed -n 's/^uv==\([^ ]*\).*/\1/p' requirements.lock)"
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation $(PLUGINS:%=-e ./%)
	touch $(STAMP)

$(MELTANO): $(STAMP) meltano.yml  # each plugin in an environment of its own, as Meltano wants it
	$(BIN)/meltano --log-level warning install
	touch $(MELTANO)

demo: $(MELTANO)  ## two syncs on the sandbox, and what became of every record
	$(BIN)/python -m sandbox.demo

sandbox: setup  ## both vendors on loopback until interrupted
	$(BIN)/python -m sandbox serve --seed chain

test: $(MELTANO)  ## the product: unit, agreements, journeys, and the Singer SDK's standard suites; grids are sampled
	$(PYTEST) $(PRODUCT)

test-quick: setup  ## the inner loop: unit tests of tap and target, without a server or a process
	$(PYTEST) --quick tests/tap tests/target

test-sandbox: setup  ## the sandbox's own lane
	$(PYTEST) tests/sandbox

test-full: $(MELTANO)  ## the product with every generated case, each command started anew, each call over a socket
	CASES=full SHORTCUTS=none $(PYTEST) $(PRODUCT)

coverage: setup  ## branch coverage of both packages, with a floor
	$(PYTEST) tests/tap tests/target --cov=tap_lightspeed_retail --cov=target_salesforce_retail --cov-branch --cov-report=term-missing:skip-covered --cov-fail-under=97

breaks: setup  ## deliberate breaks, each of which must turn its test red
	$(BIN)/python -m tests.breaks

mutants: setup  ## small breaks by the hundred, of which nine in ten must turn a test red; SAMPLE=200 SEED=2 for others
	$(BIN)/python -m tests.mutants $(if $(SAMPLE),--sample $(SAMPLE)) $(if $(SEED),--seed $(SEED))

browser:  ## headless Chromium, with which the sandbox's page is tested; Debian, as root
	command -v chromium > /dev/null || { apt-get update --quiet && apt-get install --quiet --yes chromium; }

check: setup  ## format, lint, types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: setup  ## regenerate docs/reference and the settings in meltano.yml
	$(BIN)/python docs/generate.py

lock: setup  ## re-resolve requirements.lock; holds no index address
	$(BIN)/uv pip compile --universal --python-version 3.10 --generate-hashes --no-emit-index-url --no-header --no-annotate -o requirements.lock requirements.in

bench: setup  ## figures, printed and never asserted; PROFILES=2000 for a smaller messy chain
	$(BIN)/python -m benchmarks $(PROFILES)

clean:  ## what is made anew; the tokens, the ledgers and the STATE of production are not
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .meltano/.installed .meltano/extractors .meltano/loaders .meltano/run .meltano/sandbox
